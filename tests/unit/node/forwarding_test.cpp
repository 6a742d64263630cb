#include "node/forwarding.hpp"

#include <gtest/gtest.h>

namespace socai::node {
namespace {

TEST(Forwarding, ASubmissionSurvivesTheWay) {
    const std::vector<std::string_view> texts{"first.statement.text", "", "third"};
    const auto forward = decode_forward(encode_forward(7, 3, texts));
    ASSERT_TRUE(forward);
    EXPECT_EQ(forward->call, 7u);
    EXPECT_EQ(forward->attempt, 3u);
    EXPECT_EQ(forward->statements, (std::vector<std::string>{"first.statement.text", "", "third"}));
}

TEST(Forwarding, AnAnswerSurvivesTheWay) {
    Attempt ended;
    ended.decisions.push_back(Accepted{{12, 3}, 1'700'000'000'123, true, true});
    ended.decisions.push_back(ledger::Error{ledger::Fault::forbidden, "source_not_allowed", "Sign for your own agency."});
    const auto answer = decode_forward_answer(encode_forward_answer(9, 2, ended));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->call, 9u);
    EXPECT_EQ(answer->attempt, 2u);
    EXPECT_EQ(answer->ended.end, Attempt::End::decided);
    ASSERT_EQ(answer->ended.decisions.size(), 2u);
    EXPECT_EQ(answer->ended.decisions[0]->address, (ledger::Address{12, 3}));
    EXPECT_EQ(answer->ended.decisions[0]->time_ms, 1'700'000'000'123);
    EXPECT_TRUE(answer->ended.decisions[0]->duplicate);
    EXPECT_TRUE(answer->ended.decisions[0]->late);
    EXPECT_EQ(answer->ended.decisions[1].error().fault, ledger::Fault::forbidden);
    EXPECT_EQ(answer->ended.decisions[1].error().reason, "source_not_allowed");
}

TEST(Forwarding, AnAttemptWithoutDecisionsSurvivesTheWay) {
    for (const auto end : {Attempt::End::not_leader, Attempt::End::lost, Attempt::End::overloaded}) {
        const auto answer = decode_forward_answer(encode_forward_answer(1, 1, {end, {}}));
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->ended.end, end);
    }
}

TEST(Forwarding, WhatIsCutOrOfAnotherKindIsNothing) {
    const std::vector<std::string_view> texts{"a statement"};
    const auto parcel = encode_forward(1, 1, texts);
    EXPECT_FALSE(decode_forward_answer(parcel));
    for (std::size_t size = 0; size < parcel.body.size(); ++size) {
        EXPECT_FALSE(decode_forward({parcel.kind, parcel.body.substr(0, size)})) << size;
    }
    EXPECT_FALSE(decode_forward({parcel.kind, parcel.body + "x"})) << "bytes left over";
    EXPECT_FALSE(decode_forward({99, parcel.body}));
}

TEST(Forwarding, AHostileCountAllocatesNothing) {
    network::Parcel parcel = encode_forward(1, 1, {});
    // The count of statements is the last four bytes.
    parcel.body.replace(parcel.body.size() - 4, 4, "\xff\xff\xff\xff");
    EXPECT_FALSE(decode_forward(parcel));
}

}  // namespace
}  // namespace socai::node
