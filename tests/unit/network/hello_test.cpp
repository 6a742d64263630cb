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

TEST(Hello, WhoSaysLessThanItIsKnownToHaveSignedIsAnOldCopy) {
    const Identity there{here.origin, here.genesis_hash, {2}};
    const Hello hello = make_hello(there, here.self, 7);
    EXPECT_EQ(hello.signed_size, 7U);
    EXPECT_FALSE(refuse_old_copy(hello, 0));
    EXPECT_FALSE(refuse_old_copy(hello, 7));
    const auto refused = refuse_old_copy(hello, 8);
    ASSERT_TRUE(refused);
    EXPECT_NE(refused->find("an old copy"), std::string::npos) << *refused;
    EXPECT_LE(refused->size(), max_refusal_bytes);
}

TEST(Hello, AStrangersWordsCannotForgeLogLines) {
    EXPECT_EQ(printable("a\nWARN b\x1b[31m\xc3\xa9"), "a?WARN b?[31m??");
    EXPECT_EQ(printable(std::string(200, 'x')), std::string(100, 'x') + "...");
}

}  // namespace
}  // namespace socai::network
