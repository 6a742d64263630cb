// Nodes that come and go while clients write: what `socai cluster add-node | remove-node | transfer` promise, and what
// a leader does that stops, has a wrong clock, or a disk that is nearly full.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "support/clients.hpp"
#include "support/local_cluster.hpp"
#include "support/writers.hpp"

namespace socai::cluster_tests {
namespace {

bool write_some(const Writers& writers, std::uint64_t count) {
    const std::uint64_t before = writers.answered();
    return wait_until([&] { return writers.answered() >= before + count; });
}

bool has(const Names& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string member_of(const LocalCluster& cluster, const std::string& asked, const std::string& node) {
    const auto answer = NodeClient(cluster.endpoint(asked)).call("cluster.members");
    if (!answer) return answer.error().reason;
    for (const auto& member : answer->as_object().at("nodes").as_array())
        if (member.as_object().at("node").as_string() == node)
            return std::string(member.as_object().at("role").as_string());
    return "none";
}

TEST(Membership, NodesComeAndGoUnderLoad) {
    LocalCluster cluster;
    Writers writers(cluster, 4, "members", 7);
    ASSERT_TRUE(write_some(writers, 100)) << cluster.describe();

    cluster.must("add-node", {"--agency", "most"});
    cluster.reread();
    ASSERT_TRUE(has(cluster.nodes(), "most-2"));
    ASSERT_TRUE(write_some(writers, 50)) << cluster.describe();
    EXPECT_EQ(member_of(cluster, "most-2", "most-2"), "voter");
    EXPECT_EQ(member_of(cluster, "customs-1", "most-2"), "voter");
    cluster.must("add-node", {"most-2"});  // a repeat

    // The new node counts: with the old leader and another dead, three of five decide.
    const std::string leader = cluster.await_leader();
    const Names doomed{leader, cluster.others({leader, "most-2"}).front()};
    cluster.must("kill", doomed);
    ASSERT_TRUE(write_some(writers, 50)) << cluster.describe();
    cluster.must("start", doomed);
    ASSERT_TRUE(cluster.await_ready()) << cluster.describe();

    cluster.must("transfer", {"most-2"});
    EXPECT_EQ(cluster.await_leader(), "most-2");
    ASSERT_TRUE(write_some(writers, 50)) << cluster.describe();

    // The leader itself is removed: another takes over first.
    cluster.must("remove-node", {"most-2"});
    cluster.must("remove-node", {"most-2"});  // a repeat
    cluster.reread();
    EXPECT_FALSE(has(cluster.nodes(), "most-2"));
    ASSERT_TRUE(write_some(writers, 50)) << cluster.describe();
    cluster.must("remove-node", {"mard-1"});  // a founder
    cluster.reread();
    ASSERT_TRUE(write_some(writers, 50)) << cluster.describe();
    EXPECT_EQ(cluster.verb("add-node", {"most-2"}).exit_status, 2) << "a name is not used twice";
    cluster.must("add-node", {"--agency", "most"});
    cluster.reread();
    EXPECT_TRUE(has(cluster.nodes(), "most-3"));

    // All of it is remembered across a restart of everything.
    cluster.must("stop");
    cluster.must("start");
    EXPECT_EQ(member_of(cluster, "customs-1", "most-3"), "voter");
    EXPECT_EQ(member_of(cluster, "customs-1", "mard-1"), "none");
    const Journal journal = writers.finish();
    const std::uint64_t size = expect_ledgers_keep(cluster, journal);
    std::cout << "membership: " << journal.promised.size() << " statements acknowledged, " << journal.retries
              << " retries, " << size << " leaves on " << cluster.nodes().size() << " nodes" << std::endl;
}

TEST(Membership, ANodeThatLostItsDiskComesBackUnderAnotherName) {
    LocalCluster cluster;
    Writers writers(cluster, 2, "disk", 8);
    ASSERT_TRUE(write_some(writers, 50)) << cluster.describe();
    cluster.must("kill", {"moit-1"});
    std::filesystem::remove_all(cluster.dir() + "/nodes/moit-1/data");
    cluster.must("remove-node", {"moit-1"});
    cluster.must("add-node", {"--agency", "moit"});
    cluster.reread();
    EXPECT_TRUE(has(cluster.nodes(), "moit-2"));
    const Journal journal = writers.finish();
    expect_ledgers_keep(cluster, journal);
}

TEST(Membership, ARemovalThatWouldLeaveNoMajorityIsRefused) {
    LocalCluster cluster;
    cluster.must("kill", {"moit-1"});
    const auto refused = cluster.verb("remove-node", {"mard-1"});
    EXPECT_EQ(refused.exit_status, 0) << "two of three left: " << refused.output;
    cluster.reread();
    const auto second = cluster.verb("remove-node", {"customs-1"});
    EXPECT_EQ(second.exit_status, 1) << second.output;
    EXPECT_NE(second.output.find("no_majority_left"), std::string::npos) << second.output;
    cluster.must("remove-node", {"moit-1"});  // the dead one may go
    EXPECT_EQ(cluster.verb("remove-node", {"nobody-1"}).exit_status, 2);
}

TEST(Membership, ALeaderThatStopsHandsOver) {
    LocalCluster cluster;
    Writers writers(cluster, 2, "hand-over", 9);
    for (int round = 0; round < 3; ++round) {
        ASSERT_TRUE(write_some(writers, 20)) << cluster.describe();
        const std::string leader = cluster.await_leader();
        cluster.must("stop", {leader});
        EXPECT_NE(last_lines(cluster.log(leader), 30).find("leads now"), std::string::npos) << leader;
        ASSERT_TRUE(write_some(writers, 20)) << cluster.describe();
        cluster.must("start", {leader});
    }
    const Journal journal = writers.finish();
    expect_ledgers_keep(cluster, journal);
}

TEST(Membership, ALeaderWithAWrongClockGivesWay) {
    LocalCluster cluster;
    Writers writers(cluster, 2, "clock", 10);
    for (const int offset : {30'000, -30'000}) {
        ASSERT_TRUE(write_some(writers, 20)) << cluster.describe();
        const std::string leader = cluster.await_leader();
        const auto shift = [&](int ms) {
            const auto shifted =
                NodeClient(cluster.endpoint(leader)).call("node.shift_clock", {{"offset_ms", ms}});
            EXPECT_TRUE(shifted) << shifted.error().detail;
        };
        shift(offset);
        EXPECT_TRUE(wait_until([&] {
            const auto now = cluster.leader();
            return now && *now != leader;
        })) << cluster.describe();
        ASSERT_TRUE(write_some(writers, 20)) << cluster.describe();
        shift(0);
        EXPECT_TRUE(cluster.await_ready()) << cluster.describe();
    }
    const Journal journal = writers.finish();
    expect_ledgers_keep(cluster, journal);
}

TEST(Membership, OnlyALocalClusterTakesChangesOverItsApi) {
    LocalCluster cluster;
    const std::string node = cluster.nodes().front();
    std::string config = read_text(cluster.config(node));
    const std::string allowed = "local_changes = true";
    ASSERT_NE(config.find(allowed), std::string::npos);
    write_text(cluster.config(node),
               config.replace(config.find(allowed), allowed.size(), "local_changes = false"));
    cluster.must("stop", {node});
    cluster.must("start", {node});
    const auto refused = NodeClient(cluster.endpoint(node))
                             .call("node.change_members", {{"change", "remove"}, {"node", "moit-1"}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, code::forbidden);
    EXPECT_EQ(refused.error().reason, "local_changes_off");
}

}  // namespace
}  // namespace socai::cluster_tests
