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

// A ledger that lost its majority goes on under another name: each side is told what it is to do.
TEST(Hello, NodesOfTwoEpochsDoNotTalk) {
    const Identity before{"socai.example/ledger", "5eed", {1}};
    const Identity after{"socai.example/ledger/epoch-2", "1eaf", {2}};
    const auto ended = refuse_hello(make_hello(after, before.self), before);
    ASSERT_TRUE(ended);
    EXPECT_NE(ended->find("goes on as 'socai.example/ledger/epoch-2'"), std::string::npos) << *ended;
    const auto late = refuse_hello(make_hello(before, after.self), after);
    ASSERT_TRUE(late);
    EXPECT_NE(late->find("has ended"), std::string::npos) << *late;
    const Identity third{"socai.example/ledger/epoch-3", "1eaf", {3}};
    EXPECT_NE(refuse_hello(make_hello(after, third.self), third)->find("has ended"), std::string::npos);
    for (const auto* refused : {&*ended, &*late}) EXPECT_LE(refused->size(), max_refusal_bytes);
    // Two recoveries of one epoch are two ledgers; and a name that only looks like an epoch is another ledger's.
    EXPECT_TRUE(refuse_hello(make_hello({after.origin, "other", {1}}, after.self), after));
    EXPECT_NE(refuse_hello(make_hello({"socai.example/other/epoch-2", "1eaf", {1}}, after.self), after)
                  ->find("belongs to"),
              std::string::npos);
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
