// What a node does whose disk lost what it had acknowledged (protocol-aware recovery).
#include <gtest/gtest.h>

#include "consensus/chain.hpp"
#include "tests/unit/consensus/core_fixture.hpp"

namespace socai::consensus::test {
namespace {

DamagedEntry damaged_at(const std::vector<EntryPtr>& log, std::uint64_t index) {
    return {index == 1 ? EntryId{} : log[index - 2]->id, log[index - 1]->id};
}

struct Losses {
    Terms log;
    EntryId promised{};
    std::vector<std::uint64_t> damaged{};
    std::uint64_t commit = 0;
    std::uint64_t term = 5;
};

Core start_with(const Losses& losses) {
    const auto log = make_log(losses.log);
    LogSummary summary = summary_of(log);
    summary.promised = losses.promised;
    for (const std::uint64_t index : losses.damaged) summary.damaged.push_back(damaged_at(log, index));
    Core core(plain_options());
    core.step(0, Start{.self = {1},
                       .seed = 1,
                       .hard = {.term = {losses.term}, .vote = {}, .configuration = {}},
                       .log = summary,
                       .commit = {losses.commit},
                       .configurations = {{{}, voters(3), {}}}});
    return core;
}

struct VoteRow {
    EntryId promised;
    std::uint64_t last_term, last_index;
    bool granted;
};

// The log is 1(2) 2(2).
TEST(Recovery, VotesByWhatWasPromised) {
    const EntryId lost{{3}, {5}, {}};
    const std::vector<VoteRow> rows = {
        {{}, 2, 2, true},    {{}, 2, 1, false},    // nothing lost: by the log
        {lost, 2, 9, false}, {lost, 3, 4, false},  // below the promise
        {lost, 3, 5, true},  {lost, 3, 6, true},  {lost, 4, 1, true},
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        SCOPED_TRACE(i);
        const VoteRow& row = rows[i];
        const EntryId last{{row.last_term}, {row.last_index}, {}};
        Core voter = start_with({.log = {2, 2}, .promised = row.promised});
        const auto vote =
            sent<VoteReply>(voter.step(0, Receive{{2}, VoteRequest{.term = {6}, .last = last}}), {2});
        ASSERT_EQ(vote.size(), 1u);
        EXPECT_EQ(vote[0].granted, row.granted);
        Core asked = start_with({.log = {2, 2}, .promised = row.promised});
        const auto pre =
            sent<PreVoteReply>(asked.step(0, Receive{{2}, PreVoteRequest{.term = {6}, .last = last}}), {2});
        EXPECT_EQ(pre.at(0).granted, row.granted);
    }
}

TEST(Recovery, APromiseWithinTheLogIsNone) {
    for (const EntryId& promised :
         {EntryId{}, EntryId{{2}, {1}, {}}, EntryId{{2}, {2}, {}}, EntryId{{1}, {9}, {}}}) {
        Core core = start_with({.log = {2, 2}, .promised = promised});
        EXPECT_EQ(core.status().promised, EntryId{});
        core.step(0, Campaign{});
        EXPECT_EQ(core.status().role, Role::candidate);
    }
}

TEST(Recovery, TellsTheLeaderWhatIsLeftUntilItIsBack) {
    const auto log = make_log({2, 2, 2, 2});
    Core core = start_with({.log = {2, 2}, .promised = log[3]->id, .term = 2});
    core.step(0, Campaign{});
    EXPECT_EQ(core.status().role, Role::follower);
    auto replies = sent<AppendReply>(core.step(0, Receive{{2}, Heartbeat{.term = {2}, .commit = {4}}}), {2});
    ASSERT_EQ(replies.size(), 1u);
    EXPECT_TRUE(replies[0].lost);
    EXPECT_FALSE(replies[0].accepted);
    EXPECT_EQ(replies[0].index, Index{2});
    EXPECT_EQ(core.status().commit, Index{0});  // beyond the log: not for it to say

    AppendRequest request{.term = {2}, .previous = log[1]->id, .entries = {log[2]}, .commit = {4}};
    deliver(core, {2}, request);
    EXPECT_NE(core.status().promised, EntryId{});
    request = {.term = {2}, .previous = log[2]->id, .entries = {log[3]}, .commit = {4}};
    deliver(core, {2}, request);
    EXPECT_EQ(core.status().promised, EntryId{});
    replies = sent<AppendReply>(core.step(0, Receive{{2}, Heartbeat{.term = {2}, .commit = {4}}}), {2});
    EXPECT_TRUE(replies.empty());
}

TEST(Recovery, ALeaderSendsAgainWhatWasLost) {
    Core leader = start({.term = 1});
    const Output first = lead(leader);
    for (const StorageJob& job : first.storage) leader.step(0, Stored{job.ticket});
    leader.step(0, Receive{{2}, AppendReply{.term = {2}, .accepted = true, .index = {1}}});
    ASSERT_EQ(leader.status().commit, Index{1});
    const Output output = leader.step(0, Receive{{2}, AppendReply{.term = {2}, .index = {0}, .lost = true}});
    EXPECT_EQ(leader.status().peers.at(0).match, Index{0});
    EXPECT_EQ(leader.status().commit, Index{1});  // never falls
    ASSERT_EQ(sent<AppendRequest>(output, {2}).size(), 1u);
    EXPECT_EQ(sent<AppendRequest>(output, {2})[0].previous.index, Index{0});
    // Said again, it is no news.
    EXPECT_TRUE(
        leader.step(0, Receive{{2}, AppendReply{.term = {2}, .index = {0}, .lost = true}}).messages.empty());
}

TEST(Recovery, AppliesNothingBeyondAHole) {
    const auto log = make_log({2, 2, 2});
    Core core = start_with({.log = {2, 2, 2}, .damaged = {2}, .term = 2});
    EXPECT_EQ(core.status().damaged, 1u);
    const AppendRequest request{.term = {2}, .previous = log[2]->id, .entries = {}, .commit = {3}};
    const Output output = core.step(0, Receive{{2}, request});
    EXPECT_EQ(output.committed, Index{3});
    EXPECT_EQ(output.applicable, Index{1});
    EXPECT_TRUE(sent<AppendReply>(output, {2}).at(0).accepted);  // it still counts
    core.step(0, Campaign{});
    EXPECT_EQ(core.status().role, Role::follower);
    EXPECT_EQ(core.step(0, Repaired{{{2}}}).applicable, Index{3});
}

TEST(Recovery, AsksOneMemberAfterTheOther) {
    Core core = start_with({.log = {2, 2, 2}, .damaged = {2, 3}});
    std::vector<std::uint64_t> asked;
    Micros now = 0;
    for (int i = 0; i < 4; ++i) {
        now += plain_options().heartbeat_interval;
        const Output output = core.step(now, Tick{});
        EXPECT_LE(output.next_timeout, now + plain_options().heartbeat_interval);
        for (const std::uint64_t to : {2, 3}) {
            for (const FetchRequest& request : sent<FetchRequest>(output, {to})) {
                asked.push_back(to);
                EXPECT_EQ(request.ids.size(), 2u);
            }
        }
    }
    ASSERT_EQ(asked.size(), 4u);
    EXPECT_NE(asked[0], asked[1]);
    EXPECT_EQ(asked[0], asked[2]);
}

TEST(Recovery, ContentProvesItselfByTheId) {
    const auto log = make_log({2, 2, 2});
    Core core = start_with({.log = {2, 2, 2}, .damaged = {2}});
    const auto repair_of = [&](const EntryPtr& entry) {
        return core.step(0, Receive{{3}, FetchReply{.term = {}, .entries = {entry}}}).repair.size();
    };
    auto altered = std::make_shared<Entry>(*log[1]);
    altered->digest[0] ^= 1;
    EXPECT_EQ(repair_of(altered), 0u);
    EXPECT_EQ(repair_of(nullptr), 0u);
    EXPECT_EQ(repair_of(log[0]), 0u);               // not asked for
    EXPECT_EQ(repair_of(make_log({2, 3})[1]), 0u);  // another entry of this index
    EXPECT_EQ(core.status().damaged, 1u);
    EXPECT_EQ(repair_of(log[1]), 1u);
    EXPECT_EQ(core.status().damaged, 1u);  // until it is on the disk
    core.step(0, Repaired{{{2}}});
    EXPECT_EQ(core.status().damaged, 0u);
    EXPECT_EQ(repair_of(log[1]), 0u);
}

TEST(Recovery, ServesWhatItHoldsWholeByExactlyTheseIds) {
    const auto log = make_log({2, 2, 2});
    Core core = start_with({.log = {2, 2, 2}, .damaged = {2}});
    EntryId of_another_term = log[2]->id;
    of_another_term.term = {4};
    const FetchRequest request{.term = {}, .ids = {log[0]->id, log[1]->id, of_another_term, {{2}, {9}, {}}}};
    const Output output = core.step(0, Receive{{3}, request});
    ASSERT_EQ(output.serve.size(), 1u);
    EXPECT_EQ(output.serve[0].to, NodeId{3});
    EXPECT_EQ(output.serve[0].ids, std::vector<EntryId>{log[0]->id});
    EXPECT_TRUE(core.step(0, Receive{{3}, FetchRequest{.term = {}, .ids = {log[1]->id}}}).serve.empty());
}

TEST(Recovery, WhatIsReplacedIsDamagedNoLonger) {
    Core core = start_with({.log = {2, 2, 2}, .damaged = {1, 3}});
    const auto other = make_log({2, 2, 5});
    deliver(core, {2},
            AppendRequest{.term = {5}, .previous = other[1]->id, .entries = {other[2]}, .commit = {}});
    EXPECT_EQ(core.status().last.term, Term{5});
    EXPECT_EQ(core.status().damaged, 1u);
}

TEST(Recovery, DamageFoundLaterEndsACampaign) {
    const auto log = make_log({2, 2});
    Core core = start_with({.log = {2, 2}});
    core.step(0, Campaign{});
    ASSERT_EQ(core.status().role, Role::candidate);
    core.step(0, Damaged{{damaged_at(log, 2)}});
    EXPECT_EQ(core.status().role, Role::follower);
    EXPECT_EQ(core.status().vote, NodeId{1});
    // What the log no longer holds is not damaged.
    Core other = start_with({.log = {2, 2}});
    other.step(0, Damaged{{damaged_at(make_log({2, 3}), 2)}});
    EXPECT_EQ(other.status().damaged, 0u);
}

}  // namespace
}  // namespace socai::consensus::test
