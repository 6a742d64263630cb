// Links that carry one way only, not at all, or late, through the proxy between the nodes: who may lead, and that
// the cluster serves again whenever a majority can talk.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/clients.hpp"
#include "support/local_cluster.hpp"
#include "support/writers.hpp"

namespace socai::cluster_tests {
namespace {

// How many answers show that the cluster serves.
constexpr std::uint64_t signs_of_life = 25;

class Links : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
        leader_ = cluster_.await_leader();
        followers_ = cluster_.others({leader_});
    }
    // What `from` sends to each of `to` is lost.
    void mute(const std::string& from, const Names& to) const {
        for (const std::string& name : to) cluster_.must("cut", {from, name, "--one-way"});
    }
    void cut(const std::string& one, const std::string& other) const { cluster_.must("cut", {one, other}); }
    static bool serves(const Writers& writers) {
        const std::uint64_t before = writers.answered();
        return wait_until([&] { return writers.answered() >= before + signs_of_life; });
    }
    bool await_another_leader(const std::string& than) const {
        return wait_until([&] {
            const auto now = cluster_.leader();
            return now && *now != than;
        });
    }
    // At once when it has never led.
    bool await_not_leading(const std::string& node) const {
        return wait_until([&] { return cluster_.view(node).role != "leader"; });
    }
    SubmitOutcome submit(const std::string& node, const std::string& id, milliseconds timeout = 30s) const {
        return NodeClient(cluster_.endpoint(node))
            .submit(statement_of(cluster_, source_, risk_signal(source_, id)), timeout);
    }
    void end(Writers& writers) const {
        cluster_.must("heal");
        EXPECT_TRUE(cluster_.await_ready()) << cluster_.describe();
        const Journal journal = writers.finish();
        EXPECT_FALSE(journal.promised.empty());
        expect_ledgers_keep(cluster_, journal);
    }

    const std::string source_ = "mard";
    LocalCluster cluster_;
    std::string leader_;
    Names followers_;
};

// Its heartbeats arrive and silence the others; only CheckQuorum ends it (raft.md §3.4).
TEST_F(Links, ALeaderThatSendsButDoesNotReceiveIsReplaced) {
    Writers writers(cluster_, 4, "deaf-leader", 1, gentle);
    ASSERT_TRUE(serves(writers)) << cluster_.describe();
    for (const std::string& follower : followers_) mute(follower, {leader_});
    EXPECT_TRUE(await_another_leader(leader_)) << cluster_.describe();
    EXPECT_TRUE(serves(writers)) << cluster_.describe();
    // No vote can reach it.
    EXPECT_TRUE(await_not_leading(leader_)) << cluster_.describe();
    end(writers);
}

TEST_F(Links, ALeaderThatReceivesButDoesNotSendIsReplaced) {
    Writers writers(cluster_, 4, "mute-leader", 2, gentle);
    ASSERT_TRUE(serves(writers)) << cluster_.describe();
    mute(leader_, followers_);
    EXPECT_TRUE(await_another_leader(leader_)) << cluster_.describe();
    EXPECT_TRUE(serves(writers)) << cluster_.describe();
    EXPECT_TRUE(await_not_leading(leader_)) << cluster_.describe();
    end(writers);
}

// It hears everything and is heard by nobody: it cannot lead, and disturbs nobody who does.
TEST_F(Links, AFollowerThatCannotAnswerIsCarriedAlong) {
    const std::string& silent = followers_[0];
    Writers writers(cluster_, 4, "silent-follower", 3, gentle);
    mute(silent, cluster_.others({silent}));
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(serves(writers)) << cluster_.describe();
        EXPECT_TRUE(await_not_leading(silent)) << cluster_.describe();
    }
    end(writers);
}

// It hears nothing, and its wish to lead reaches all: PreVote keeps it from raising their term (thesis §9.6).
TEST_F(Links, AFollowerThatHearsNothingDeposesNobody) {
    const std::string& deaf = followers_[0];
    Writers writers(cluster_, 4, "deaf-follower", 4, gentle);
    for (const std::string& other : cluster_.others({deaf})) mute(other, {deaf});
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(serves(writers)) << cluster_.describe();
        EXPECT_TRUE(await_not_leading(deaf)) << cluster_.describe();
    }
    // Terms that it made up alone would stand above those of the rest.
    const auto views = cluster_.views();
    std::uint64_t highest = 0;
    for (const std::string& other : cluster_.others({deaf}))
        highest = std::max(highest, views.at(other).term);
    EXPECT_LE(views.at(deaf).term, highest) << cluster_.describe();
    end(writers);
}

// All links lead to one node, which holds what the others hold: it alone can lead.
TEST_F(Links, TheMiddleOfAStarLeads) {
    const std::string& middle = followers_[1];
    const auto before = submit(leader_, "before-the-star");
    ASSERT_TRUE(before) << before.error().detail;
    ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
    const Names rays = cluster_.others({middle});
    for (std::size_t i = 0; i < rays.size(); ++i)
        for (std::size_t j = i + 1; j < rays.size(); ++j) cut(rays[i], rays[j]);
    ASSERT_TRUE(wait_until([&] { return cluster_.leader() == middle; })) << cluster_.describe();
    Writers writers(cluster_, 4, "star", 5, gentle);
    EXPECT_TRUE(serves(writers)) << cluster_.describe();
    EXPECT_EQ(cluster_.await_leader(), middle) << cluster_.describe();
    end(writers);
}

// docs/consensus.md, "the constrained case": the middle of the star lacks entries, and those that have them reach
// no majority. Nobody can lead, nothing is taken, nothing is lost; one link mended is enough.
TEST_F(Links, AStarAroundANodeThatIsBehindWaitsForALink) {
    const std::string& middle = followers_[2];
    cluster_.must("kill", {middle});
    const auto before = submit(leader_, "behind-the-star");
    ASSERT_TRUE(before) << before.error().detail;
    const Names rays = cluster_.others({middle});
    for (std::size_t i = 0; i < rays.size(); ++i)
        for (std::size_t j = i + 1; j < rays.size(); ++j) cut(rays[i], rays[j]);
    ASSERT_TRUE(cluster_.await_not_ready(rays)) << cluster_.describe();
    cluster_.must("start", {middle, "--no-wait"});
    ASSERT_TRUE(wait_until([&] { return cluster_.view(middle).reached; })) << cluster_.describe();
    for (const std::string& node : cluster_.nodes()) {
        const auto refused = submit(node, "during-the-star", 500ms);
        ASSERT_FALSE(refused) << "acknowledged by " << node << " without a majority";
        EXPECT_EQ(refused.error().code, code::unavailable) << refused.error().detail;
    }
    EXPECT_EQ(cluster_.leader(), std::nullopt) << cluster_.describe();

    cluster_.must("heal", {rays[0], rays[1]});
    const auto after = submit(cluster_.await_leader(), "after-the-star");
    ASSERT_TRUE(after) << after.error().detail;
    cluster_.must("heal");
    ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
    for (const std::string& node : cluster_.nodes()) {
        const auto found = NodeClient(cluster_.endpoint(node)).find(source_, "behind-the-star");
        ASSERT_TRUE(found) << node << ": " << found.error().detail;
        EXPECT_EQ(number(*found, "index"), before->index) << node;
    }
}

// Far slower than an election timeout: heartbeats come late, but they come.
TEST_F(Links, ASlowWayToAMajorityStillServes) {
    Writers writers(cluster_, 4, "slow", 6, gentle);
    ASSERT_TRUE(serves(writers)) << cluster_.describe();
    for (const std::string& follower : {followers_[0], followers_[1]})
        cluster_.must("slow", {leader_, follower, "400"});
    EXPECT_TRUE(serves(writers)) << cluster_.describe();
    // Then all of them, so that no majority is fast.
    for (std::size_t i = 0; i < cluster_.nodes().size(); ++i)
        for (std::size_t j = i + 1; j < cluster_.nodes().size(); ++j)
            cluster_.must("slow", {cluster_.nodes()[i], cluster_.nodes()[j], "60"});
    EXPECT_TRUE(serves(writers)) << cluster_.describe();
    end(writers);
}

}  // namespace
}  // namespace socai::cluster_tests
