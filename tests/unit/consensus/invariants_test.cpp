// The checker must see what it is there to see.
#include "consensus/invariants.hpp"

#include <gtest/gtest.h>

#include "tests/unit/consensus/core_fixture.hpp"

namespace socai::consensus::test {
namespace {

// Three nodes, each with the same short log on disk and in memory, node 1 leading.
class InvariantsTest : public ::testing::Test {
  protected:
    void SetUp() override {
        for (std::uint64_t i = 1; i <= 3; ++i) {
            logs_[i - 1] = make_log({1, 2, 2});
            disks_[i - 1] = logs_[i - 1];
            NodeSnapshot node{.id = {i},
                              .running = true,
                              .life = 1,
                              .status = {},
                              .base = {},
                              .log = &logs_[i - 1],
                              .disk_hard = {.term = {2}, .vote = {1}, .configuration = {}},
                              .disk_log = &disks_[i - 1],
                              .disk_lost = false};
            node.status.self = {i};
            node.status.term = {2};
            node.status.vote = {1};
            node.status.last = last_id(logs_[i - 1]);
            node.status.commit = {2};
            node.status.configuration = voters(3);
            nodes_.push_back(node);
        }
        nodes_[0].status.role = Role::leader;
        nodes_[0].status.peers = {PeerStatus{}, PeerStatus{}};
        for (std::uint64_t i = 0; i < 2; ++i) {
            nodes_[0].status.peers[i].id = {i + 2};
            nodes_[0].status.peers[i].match = {3};
        }
        ASSERT_EQ(invariants_.check(nodes_), std::nullopt);
    }

    void expect_breach(const std::string& part) {
        const auto breach = invariants_.check(nodes_);
        ASSERT_TRUE(breach);
        EXPECT_NE(breach->find(part), std::string::npos) << *breach;
    }

    std::vector<EntryPtr> logs_[3];
    std::vector<EntryPtr> disks_[3];
    std::vector<NodeSnapshot> nodes_;
    Invariants invariants_;
};

TEST_F(InvariantsTest, TwoLeaders) {
    nodes_[1].status.role = Role::leader;
    expect_breach("two leaders in term 2");
}

TEST_F(InvariantsTest, FallingTermAndCommit) {
    nodes_[1].status.commit = {1};
    expect_breach("commit index fell");
}

TEST_F(InvariantsTest, FallingTermOnDisk) {
    nodes_[1].disk_hard.term = {1};
    expect_breach("term on disk fell");
}

TEST_F(InvariantsTest, TwoVotes) {
    nodes_[1].status.vote = {3};
    expect_breach("voted twice");
}

TEST_F(InvariantsTest, AChangedVoteOnDisk) {
    nodes_[1].disk_hard.vote = {2};
    expect_breach("vote on disk changed");
}

TEST_F(InvariantsTest, DifferentEntriesOfOneTermAndIndex) {
    logs_[1][2] = make_entry(logs_[1][1]->id, {2}, EntryKind::payload, {}, {}, "other");
    expect_breach("log matching");
}

TEST_F(InvariantsTest, ALieMayStandAtOneNodeButMustNotBeCommittedThere) {
    logs_[1][2] = make_entry(logs_[1][1]->id, {2}, EntryKind::payload, {}, {}, "lie");
    invariants_.note_lie(logs_[1][2]->id);
    EXPECT_EQ(invariants_.check(nodes_), std::nullopt);
    nodes_[0].status.commit = nodes_[1].status.commit = {3};
    expect_breach("was committed before");
}

TEST_F(InvariantsTest, AnotherHistoryBehindAnEntry) {
    logs_[1][2] = make_noop(make_log({1, 1})[1]->id, {3});
    expect_breach("broken chain");
}

TEST_F(InvariantsTest, DifferentCommits) {
    logs_[1] = make_log({1, 2, 3});
    nodes_[0].status.commit = {3};
    nodes_[1].status.commit = {3};
    nodes_[1].status.term = {3};
    expect_breach("was committed before");
}

TEST_F(InvariantsTest, AReplacedCommit) {
    logs_[1] = make_log({1, 1});
    expect_breach("replaced the committed");
}

TEST_F(InvariantsTest, ALeaderWithoutWhatIsCommitted) {
    nodes_[0].status.role = Role::follower;
    nodes_[2].status.role = Role::leader;
    nodes_[2].status.term = {3};
    nodes_[2].disk_hard = {.term = {3}, .vote = {3}, .configuration = {}};
    nodes_[2].status.vote = {3};
    nodes_[2].life = 2;
    nodes_[2].status.commit = {1};
    logs_[2] = disks_[2] = make_log({1});
    expect_breach("without the committed");
}

TEST_F(InvariantsTest, ACommitOnTooFewDisks) {
    nodes_[0].status.peers.clear();
    disks_[1] = disks_[2] = make_log({1});
    expect_breach("not on the disks of a majority");
}

TEST_F(InvariantsTest, ACountedEntryThatIsNotThere) {
    disks_[1] = make_log({1, 2});
    expect_breach("which is not on its disk");
}

TEST_F(InvariantsTest, DeparturesBeforeTheDisk) {
    const auto leaves = [&](Message message) {
        return Invariants::check_departure(nodes_[0], {{2}, std::move(message)}).has_value();
    };
    EXPECT_FALSE(leaves(AppendReply{.term = {2}, .accepted = true, .index = {3}}));
    EXPECT_TRUE(leaves(AppendReply{.term = {2}, .accepted = true, .index = {4}}));
    EXPECT_TRUE(leaves(AppendReply{.term = {3}, .accepted = true, .index = {3}}));
    EXPECT_FALSE(leaves(AppendReply{.term = {3}, .accepted = false, .index = {9}}));
    EXPECT_TRUE(leaves(VoteReply{.term = {3}, .granted = true}));
    EXPECT_TRUE(leaves(VoteReply{.term = {2}, .granted = true}));  // the disk says 1, the vote goes to 2
    EXPECT_FALSE(leaves(VoteReply{.term = {3}, .granted = false}));
    EXPECT_TRUE(leaves(VoteRequest{.term = {3}, .last = {}}));
    EXPECT_FALSE(leaves(VoteRequest{.term = {2}, .last = {}}));
}

}  // namespace
}  // namespace socai::consensus::test
