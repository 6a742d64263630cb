#include "node/voted_membership.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "ledger/node_list.hpp"
#include "tests/unit/ledger/consortium.hpp"
#include "tests/unit/ledger/small_ledger.hpp"

namespace socai::node {
namespace {

namespace json = boost::json;
namespace samples = ledger::samples;

json::object new_node(const std::string& name, std::string_view agency) {
    json::object object = ledger::nodes_json({samples::node_named(name, agency, 1)})[0].as_object();
    object.erase("raft_id");
    object["host"] = "10.0.0.7";
    object["port"] = 7'001;
    return object;
}

class VotedMembership : public ::testing::Test {
  protected:
    void vote_over(std::string_view id, json::array add, json::array remove) {
        ASSERT_EQ(
            ledger_.propose("customs", id, "nodes", {{"add", std::move(add)}, {"remove", std::move(remove)}}),
            "admitted")
            << ledger_.detail();
        for (const char* member : {"customs", "most", "mard"})
            ASSERT_EQ(ledger_.vote(member, id), "admitted");
    }
    std::optional<Step> step() const {
        return next_step(ledger_.genesis(), ledger_.facts(), current_, status_, policies_);
    }
    std::optional<std::string> judged(const consensus::ConfigurationEntry& after) const {
        return not_voted(ledger_.genesis(), ledger_.facts(), current_, after);
    }
    static consensus::ConfigurationEntry entry_of(const consensus::ChangeMembership& change) {
        consensus::ConfigurationEntry entry;
        entry.configuration = {.voters = change.voters, .outgoing = {}, .learners = change.learners};
        entry.note = change.note;
        return entry;
    }
    void hold_the_log(std::initializer_list<std::uint64_t> ids) {
        status_.peers.clear();
        for (const std::uint64_t id : ids) {
            consensus::PeerStatus peer;
            peer.id = {id};
            peer.match = status_.commit;
            status_.peers.push_back(peer);
        }
    }

    VotedMembership() {
        status_.self = {1};
        status_.role = consensus::Role::leader;
        status_.commit = {5'000};
        status_.configuration_committed = true;
        hold_the_log({2, 3, 4});
    }

    samples::Assembly ledger_;
    consensus::ConfigurationEntry current_ = genesis_configuration(ledger_.genesis());
    consensus::Status status_;
    std::vector<GoverningPolicyPtr> policies_;
};

TEST_F(VotedMembership, NothingIsDueBeforeAVote) {
    EXPECT_FALSE(step());
}

TEST_F(VotedMembership, NewNodesLearnTogetherThenVoteAndTheOldLeave) {
    vote_over("p-1", {new_node("customs-2", "customs"), new_node("most-2", "most")}, {"moit-1"});
    const auto learn = step();
    ASSERT_TRUE(learn && learn->change);
    EXPECT_EQ(learn->change->voters.size(), 4u);
    EXPECT_EQ(learn->change->learners, (std::vector<consensus::NodeId>{{1'001}, {1'002}}));
    EXPECT_FALSE(judged(entry_of(*learn->change)));
    current_ = entry_of(*learn->change);

    // One of them holds the log: it votes, and the node that was voted out leaves in the same change.
    hold_the_log({2, 3, 4, 1'001});
    const auto first = step();
    ASSERT_TRUE(first && first->change);
    EXPECT_EQ(first->change->voters, (std::vector<consensus::NodeId>{{1}, {2}, {3}, {1'001}}));
    EXPECT_EQ(first->change->learners, (std::vector<consensus::NodeId>{{1'002}}));
    EXPECT_FALSE(judged(entry_of(*first->change)));
    current_ = entry_of(*first->change);

    hold_the_log({2, 3, 1'001, 1'002});
    const auto second = step();
    ASSERT_TRUE(second && second->change);
    EXPECT_EQ(second->change->voters, (std::vector<consensus::NodeId>{{1}, {2}, {3}, {1'001}, {1'002}}));
    current_ = entry_of(*second->change);
    EXPECT_FALSE(step());
}

TEST_F(VotedMembership, NobodyLeavesWhileTheOthersAreAway) {
    vote_over("p-1", {}, {"moit-1"});
    hold_the_log({4});
    EXPECT_FALSE(step());
    hold_the_log({2, 4});
    ASSERT_TRUE(step());
}

GoverningPolicyPtr policy_of(const ledger::Genesis& genesis, std::vector<std::string_view> agencies) {
    std::vector<ledger::GenesisNode> nodes = genesis.nodes;
    std::erase_if(nodes, [&](const ledger::GenesisNode& node) { return std::ranges::find(agencies, node.agency) == agencies.end(); });
    GoverningPolicy policy;
    policy.value.policy = ledger::consortium_policy(genesis.origin, nodes);
    policy.value.nodes = std::move(nodes);
    return std::make_shared<const GoverningPolicy>(std::move(policy));
}

// Three of the four agencies must sign: of two that are voted out one can go, and the other when a policy needs it no more.
TEST_F(VotedMembership, WhoeverThePolicyNeedsStays) {
    policies_ = {policy_of(ledger_.genesis(), {"customs", "most", "mard", "moit"})};
    vote_over("p-1", {}, {"mard-1", "moit-1"});
    const auto first = step();
    ASSERT_TRUE(first && first->change);
    ASSERT_EQ(first->change->voters.size(), 3u);
    const MemberNote note = *decode_note(first->change->note);
    EXPECT_EQ(note.members.size(), 3u);
    EXPECT_NE(note.find("mard-1") == nullptr, note.find("moit-1") == nullptr);
    EXPECT_FALSE(judged(entry_of(*first->change)));
    current_ = entry_of(*first->change);
    EXPECT_FALSE(step());

    // The next head needs the old quorum and the new one.
    policies_.push_back(policy_of(ledger_.genesis(), {"customs", "most"}));
    EXPECT_FALSE(step());
    policies_.erase(policies_.begin());
    const auto second = step();
    ASSERT_TRUE(second && second->change);
    EXPECT_EQ(second->change->voters, (std::vector<consensus::NodeId>{{1}, {2}}));
    EXPECT_FALSE(judged(entry_of(*second->change)));
}

// Of two that are voted out the one that is not heard of goes: the other's signature is needed.
TEST_F(VotedMembership, WhoeverIsSilentIsNotCountedOn) {
    policies_ = {policy_of(ledger_.genesis(), {"customs", "most", "mard", "moit"})};
    vote_over("p-1", {}, {"mard-1", "moit-1"});
    for (const std::string gone : {"mard-1", "moit-1"}) {
        const MemberNote members = *decode_note(current_.note);
        for (consensus::PeerStatus& peer : status_.peers)
            peer.last_contact = peer.id == members.find(gone)->id ? 1'000'000 : 60'000'000;
        const auto due = step();
        ASSERT_TRUE(due && due->change) << gone;
        const MemberNote note = *decode_note(due->change->note);
        EXPECT_EQ(note.members.size(), 3u);
        EXPECT_EQ(note.find(gone), nullptr);
    }
    // A node that stays is silent: nobody who may sign goes before it is back.
    for (consensus::PeerStatus& peer : status_.peers) peer.last_contact = peer.id.value == 2 ? 1'000'000 : 60'000'000;
    const auto due = step();
    EXPECT_FALSE(due && due->change);
}

TEST_F(VotedMembership, ALeaderThatIsVotedOutHandsOver) {
    vote_over("p-1", {}, {"customs-1"});
    const auto due = step();
    ASSERT_TRUE(due);
    EXPECT_TRUE(due->hand_over);
    EXPECT_FALSE(due->change);
}

TEST_F(VotedMembership, NothingIsDueWhileAChangeIsUnderWayOrAnotherLeads) {
    vote_over("p-1", {}, {"moit-1"});
    ASSERT_TRUE(step());
    status_.configuration_committed = false;
    EXPECT_FALSE(step());
    status_.configuration_committed = true;
    status_.role = consensus::Role::follower;
    EXPECT_FALSE(step());
}

TEST_F(VotedMembership, WhatNoVoteCarriesIsRefused) {
    vote_over("p-1", {new_node("customs-2", "customs")}, {});
    const auto learn = step();
    ASSERT_TRUE(learn && learn->change);
    // Another node under the voted name; a node that nobody voted in; one that goes; one that loses its vote.
    MemberNote other = *decode_note(learn->change->note);
    other.members.back().node_key = samples::key_named("somebody else").key.public_key();
    consensus::ConfigurationEntry wrong = entry_of(*learn->change);
    wrong.note = encode_note(other);
    EXPECT_NE(judged(wrong).value_or("").find("customs-2 comes"), std::string::npos);

    MemberNote stranger = *decode_note(current_.note);
    stranger.members.push_back(stranger.members.back());
    stranger.members.back().id = {9};
    stranger.members.back().name = "x-1";
    stranger.last_id = 9;
    wrong = current_;
    wrong.configuration.learners = {{9}};
    wrong.note = encode_note(stranger);
    EXPECT_NE(judged(wrong).value_or("").find("x-1 comes"), std::string::npos);

    MemberNote fewer = *decode_note(current_.note);
    fewer.members.pop_back();
    wrong = current_;
    wrong.configuration.voters.pop_back();
    wrong.note = encode_note(fewer);
    EXPECT_NE(judged(wrong).value_or("").find("moit-1 goes"), std::string::npos);

    wrong = current_;
    wrong.configuration.learners = {wrong.configuration.voters.back()};
    wrong.configuration.voters.pop_back();
    EXPECT_NE(judged(wrong).value_or("").find("moit-1 loses its vote"), std::string::npos);
}

TEST(VotedMembershipOfOneHand, IsNotJudged) {
    ledger::Genesis genesis = samples::consortium();
    genesis.parameters.passage["nodes"] = "any";
    const ledger::FactMap facts;
    consensus::ConfigurationEntry before = genesis_configuration(genesis);
    consensus::ConfigurationEntry after = before;
    after.configuration.learners = {after.configuration.voters.back()};
    after.configuration.voters.pop_back();
    EXPECT_FALSE(not_voted(genesis, facts, before, after));
}

}  // namespace
}  // namespace socai::node
