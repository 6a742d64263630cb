#include "network/hello.hpp"

#include <gtest/gtest.h>

namespace socai::network {
namespace {

const Identity here{"socai.example/ledger", "5eed", {1}};

TEST(Hello, WhatOneNodeSaysTheOtherAccepts) {
    const Identity there{here.origin, here.genesis_hash, {2}};
    EXPECT_FALSE(refuse_hello(make_hello(there, here.self), here));
    EXPECT_FALSE(refuse_hello(make_hello(here, there.self), there));
}

TEST(Hello, EveryDifferenceIsRefused) {
    const Hello right{here.origin, here.genesis_hash, {2}, {1}};
    EXPECT_FALSE(refuse_hello(right, here));
    auto wrong = right;
    wrong.origin = "";
    EXPECT_TRUE(refuse_hello(wrong, here));
    wrong = right;
    wrong.genesis_hash += "0";
    EXPECT_TRUE(refuse_hello(wrong, here));
    wrong = right;
    wrong.from = here.self;
    EXPECT_TRUE(refuse_hello(wrong, here));
    wrong = right;
    wrong.to = {2};
    EXPECT_TRUE(refuse_hello(wrong, here));
}

TEST(Hello, AStrangersWordsCannotForgeLogLines) {
    EXPECT_EQ(printable("a\nWARN b\x1b[31m\xc3\xa9"), "a?WARN b?[31m??");
    EXPECT_EQ(printable(std::string(200, 'x')), std::string(100, 'x') + "...");
}

}  // namespace
}  // namespace socai::network
