// Handing leadership over, and what a node does that its host finds unfit.
#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "tests/unit/consensus/core_fixture.hpp"

namespace socai::consensus::test {
namespace {

using Ended = TransferEnded::Outcome;

// Leads term 2 of `nodes`, its no-op committed by all; their last answers came at time 0.
Core settled_leader(std::uint64_t nodes = 3) {
    Core leader = start({.term = 1, .nodes = nodes});
    Output output = leader.step(0, Campaign{});
    output = leader.step(0, Stored{output.storage.at(0).ticket});
    for (std::uint64_t id = 2; id <= nodes / 2 + 1; ++id) {
        output = leader.step(0, Receive{{id}, VoteReply{.term = {2}, .granted = true}});
    }
    for (const StorageJob& job : output.storage) leader.step(0, Stored{job.ticket});
    for (std::uint64_t id = 2; id <= nodes; ++id) {
        leader.step(0, Receive{{id}, AppendReply{.term = {2}, .accepted = true, .index = {1}}});
    }
    return leader;
}

Propose one_proposal() {
    return {.term = {2}, .first_position = 5, .items = {{"x", {}}}, .mark = {}};
}

std::size_t calls(const Output& output, std::uint64_t to) {
    return sent<TimeoutNow>(output, {to}).size();
}

TEST(Transfer, CallsATargetThatHoldsEverythingAtOnce) {
    Core leader = settled_leader();
    const Output output = leader.step(0, Transfer{{3}});
    EXPECT_EQ(calls(output, 3), 1u);
    EXPECT_TRUE(output.transfers_ended.empty());
    EXPECT_EQ(leader.status().transfer_to, NodeId{3});
    EXPECT_EQ(leader.status().role, Role::leader);
}

TEST(Transfer, WaitsForATargetThatLags) {
    Core leader = settled_leader();
    leader.step(0, one_proposal());
    EXPECT_EQ(calls(leader.step(0, Transfer{{3}}), 3), 0u);
    EXPECT_EQ(calls(leader.step(0, Receive{{3}, HeartbeatReply{.term = {2}}}), 3), 0u);
    const AppendReply has{.term = {2}, .accepted = true, .index = {2}};
    EXPECT_EQ(calls(leader.step(0, Receive{{2}, has}), 3), 0u);
    EXPECT_EQ(calls(leader.step(0, Receive{{3}, has}), 3), 1u);
    // Lost perhaps: again with the next answer, never to another.
    const Output again = leader.step(0, Receive{{3}, HeartbeatReply{.term = {2}}});
    EXPECT_EQ(calls(again, 3), 1u);
    EXPECT_EQ(calls(again, 2), 0u);
}

TEST(Transfer, RefusesProposalsMeanwhileAndEndsInTime) {
    Core leader = settled_leader();
    leader.step(0, Transfer{{3}});
    const Output refused = leader.step(0, one_proposal());
    ASSERT_EQ(refused.refused.size(), 1u);
    EXPECT_EQ(refused.refused[0].why, ProposalRefused::Why::transferring);
    EXPECT_EQ(refused.refused[0].first_position, 5u);
    EXPECT_EQ(leader.step(0, Transfer{{2}}).transfers_ended.at(0).outcome, Ended::busy);

    const Micros deadline = plain_options().election_timeout;
    Output output = leader.step(deadline - 1, Tick{});
    EXPECT_TRUE(output.transfers_ended.empty());
    EXPECT_LE(output.next_timeout, deadline);
    output = leader.step(deadline, Tick{});
    ASSERT_EQ(output.transfers_ended.size(), 1u);
    EXPECT_EQ(output.transfers_ended[0].outcome, Ended::timed_out);
    EXPECT_EQ(output.transfers_ended[0].to, NodeId{3});
    EXPECT_TRUE(leader.step(deadline, one_proposal()).refused.empty());
}

TEST(Transfer, EndsWithTheLeadership) {
    Core leader = settled_leader();
    leader.step(0, Transfer{{3}});
    const Output output = leader.step(
        0, Receive{{3}, VoteRequest{.term = {3}, .last = leader.status().last, .transfer = true}});
    ASSERT_EQ(output.transfers_ended.size(), 1u);
    EXPECT_EQ(output.transfers_ended[0].outcome, Ended::handed_over);
    EXPECT_EQ(leader.status().role, Role::follower);
    EXPECT_EQ(leader.status().vote, NodeId{3});
}

TEST(Transfer, NamesTheReasonWhenItCannotBegin) {
    Core follower = start({.term = 1});
    EXPECT_EQ(follower.step(0, Transfer{{2}}).transfers_ended.at(0).outcome, Ended::not_leader);
    Core leader = settled_leader();
    for (const std::uint64_t nobody : {1, 9}) {
        EXPECT_EQ(leader.step(0, Transfer{{nobody}}).transfers_ended.at(0).outcome, Ended::no_target);
    }
    Core alone = settled_leader(1);
    EXPECT_EQ(alone.step(0, Transfer{{0}}).transfers_ended.at(0).outcome, Ended::no_target);
}

TEST(Transfer, TheBestHoldsMostOfThoseLatelyHeardFrom) {
    Core leader = settled_leader(5);
    leader.step(0, one_proposal());
    leader.step(0, Receive{{4}, AppendReply{.term = {2}, .accepted = true, .index = {2}}});
    Core other = settled_leader(5);
    other.step(0, one_proposal());
    other.step(0, Receive{{4}, AppendReply{.term = {2}, .accepted = true, .index = {2}}});
    leader.step(10, Transfer{{0}});
    EXPECT_EQ(leader.status().transfer_to, NodeId{4});
    // 4 fell silent.
    const Micros later = plain_options().election_timeout;
    other.step(later - 1, Receive{{5}, HeartbeatReply{.term = {2}}});
    other.step(later, Transfer{{0}});
    EXPECT_EQ(other.status().transfer_to, NodeId{5});
}

TEST(Transfer, WhoLetAHandoverGoByIsAskedLast) {
    Core leader = settled_leader(4);
    Micros now = 10;
    std::vector<NodeId> asked;
    for (int round = 0; round < 4; ++round) {
        for (const std::uint64_t peer : {2, 3, 4})
            leader.step(now, Receive{{peer}, HeartbeatReply{.term = {2}}});
        leader.step(now, Transfer{{0}});
        asked.push_back(leader.status().transfer_to);
        now += plain_options().election_timeout;
        EXPECT_EQ(leader.step(now, Tick{}).transfers_ended.at(0).outcome, Ended::timed_out);
        now += 1;
    }
    EXPECT_EQ((std::set<NodeId>{asked.begin(), asked.begin() + 3}.size()), 3u);
    EXPECT_EQ(asked[3], asked[0]);
}

TEST(Transfer, OnlyTheLeaderOfThisTermMayCall) {
    const auto called = [](NodeId from, Term term) {
        Options options = plain_options();
        options.prevote = true;
        Core core = start({.term = 3, .self = 3}, options);
        core.step(0, Receive{{2}, Heartbeat{.term = {3}}});
        core.step(0, Receive{from, TimeoutNow{.term = term}});
        return core.status().role;
    };
    EXPECT_EQ(called({2}, {3}), Role::candidate);  // without PreVote
    EXPECT_EQ(called({1}, {3}), Role::follower);
    EXPECT_EQ(called({2}, {2}), Role::follower);
}

TEST(Fitness, AnUnfitLeaderHandsOverAndStepsDownIfThatFails) {
    Core leader = settled_leader();
    leader.step(0, Fitness{.may_lead = false});
    EXPECT_NE(leader.status().transfer_to, NodeId{});
    const Output output = leader.step(plain_options().election_timeout, Tick{});
    EXPECT_EQ(output.transfers_ended.at(0).outcome, Ended::timed_out);
    EXPECT_EQ(leader.status().role, Role::follower);

    Core alone = settled_leader();
    alone.step(plain_options().election_timeout, Fitness{.may_lead = false});
    EXPECT_EQ(alone.status().role, Role::follower);
}

TEST(Fitness, AFullLeaderLeadsOnWhereNobodyTakesOver) {
    Core leader = settled_leader();
    leader.step(0, Fitness{.may_append = false});
    EXPECT_NE(leader.status().transfer_to, NodeId{});
    Micros now = plain_options().election_timeout;
    leader.step(now, Tick{});
    EXPECT_EQ(leader.status().role, Role::leader);
    EXPECT_EQ(leader.step(now, one_proposal()).refused.at(0).why, ProposalRefused::Why::no_space);
    leader.step(now, Fitness{.may_append = false});  // said again
    EXPECT_EQ(leader.status().transfer_to, NodeId{});
    leader.step(now, Fitness{});
    EXPECT_TRUE(leader.step(now, one_proposal()).refused.empty());
}

TEST(Fitness, AnUnfitNodeDoesNotCampaignButVotes) {
    for (const Fitness& fitness : {Fitness{.may_lead = false}, Fitness{.may_append = false}}) {
        Core core = start({.term = 3});
        core.step(0, fitness);
        Output output = core.step(0, Campaign{});
        EXPECT_EQ(core.status().role, Role::follower);
        output = core.step(output.next_timeout, Tick{});
        EXPECT_EQ(core.status().role, Role::follower);
        EXPECT_TRUE(output.messages.empty());
        core.step(output.next_timeout, Receive{{2}, VoteRequest{.term = {4}, .last = {}}});
        EXPECT_EQ(core.status().vote, NodeId{2});
        core.step(output.next_timeout, Receive{{2}, Heartbeat{.term = {4}}});
        core.step(output.next_timeout, Receive{{2}, TimeoutNow{.term = {4}}});
        EXPECT_EQ(core.status().role, Role::follower);
    }
}

TEST(Fitness, WhoMayNotCampaignFollowsNobodyAfterItsTimeout) {
    Core core = start({.term = 3});
    core.step(0, Fitness{.may_lead = false});
    Output output = core.step(5, Receive{{2}, Heartbeat{.term = {3}}});
    EXPECT_EQ(core.status().leader, NodeId{2});
    output = core.step(output.next_timeout, Tick{});
    EXPECT_TRUE(output.role_changed);
    EXPECT_EQ(core.status().leader, NodeId{});
    EXPECT_EQ(core.status().leader_contact, 5);  // how old what it shows may be
    core.step(output.next_timeout, Receive{{2}, Heartbeat{.term = {3}}});
    EXPECT_EQ(core.status().leader, NodeId{2});
}

TEST(Fitness, AFullFollowerIsSilentAboutEntriesAndFollows) {
    Core core = start({.term = 3, .log = {1}});
    core.step(0, Fitness{.may_append = false});
    const auto log = make_log({1, 3});
    const AppendRequest request{.term = {3}, .previous = log[0]->id, .entries = {log[1]}, .commit = {1}};
    const Output output = core.step(5, Receive{{2}, request});
    EXPECT_TRUE(output.validate.empty());
    EXPECT_TRUE(sent<AppendReply>(output, {2}).empty());
    EXPECT_EQ(core.status().leader, NodeId{2});
    EXPECT_EQ(core.status().leader_contact, 5);
    // What it holds already it acknowledges.
    const AppendRequest probe{.term = {3}, .previous = log[0]->id, .entries = {}, .commit = {1}};
    EXPECT_EQ(sent<AppendReply>(core.step(5, Receive{{2}, probe}), {2}).size(), 1u);
    EXPECT_EQ(core.status().commit, Index{1});
    core.step(6, Fitness{});
    EXPECT_EQ(core.step(6, Receive{{2}, request}).validate.size(), 1u);
}

}  // namespace
}  // namespace socai::consensus::test
