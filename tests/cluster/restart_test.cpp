// Clusters that stop and come back, in good order or all at once without warning.
#include <gtest/gtest.h>

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

TEST(Restart, AfterAStopInGoodOrderEverythingIsThere) {
    LocalCluster cluster;
    Writers writers(cluster, 4, "orderly", 1);
    ASSERT_TRUE(write_some(writers, 500)) << cluster.describe();
    const Journal journal = writers.finish();
    const std::uint64_t size = expect_ledgers_keep(cluster, journal);
    const std::string root = cluster.view(cluster.nodes().front()).root;

    for (int round = 0; round < 3; ++round) {
        SCOPED_TRACE("restart " + std::to_string(round));
        cluster.must("stop");
        for (const auto& [name, view] : cluster.views()) EXPECT_FALSE(view.reached) << name;
        cluster.must("start");
        EXPECT_EQ(expect_ledgers_keep(cluster, journal), size);
        EXPECT_EQ(cluster.view(cluster.nodes().back()).root, root);
    }
}

// SIGTERM while clients write: what was acknowledged stays, and a node that stops owes nobody an answer.
TEST(Restart, AStopUnderLoadLosesNothing) {
    LocalCluster cluster;
    Writers writers(cluster, 4, "loaded", 2);
    for (int round = 0; round < 3; ++round) {
        ASSERT_TRUE(write_some(writers, 200)) << cluster.describe();
        cluster.must("stop");
        cluster.must("start");
    }
    const Journal journal = writers.finish();
    expect_ledgers_keep(cluster, journal);
}

// The power goes: every node dies at the same moment, whatever it was writing.
TEST(Restart, AfterTheDeathOfAllAtOnceNothingAcknowledgedIsLost) {
    LocalCluster cluster;
    Writers writers(cluster, 4, "power", 3);
    for (int round = 0; round < 5; ++round) {
        ASSERT_TRUE(write_some(writers, 150)) << cluster.describe();
        cluster.must("kill", cluster.nodes());
        cluster.must("start");
    }
    ASSERT_TRUE(write_some(writers, 50)) << cluster.describe();
    const Journal journal = writers.finish();
    const std::uint64_t size = expect_ledgers_keep(cluster, journal);
    std::cout << "restart: " << journal.promised.size() << " statements acknowledged, " << journal.retries
              << " retries, " << size << " leaves" << std::endl;
}

TEST(Restart, UpIsSafeToRepeat) {
    LocalCluster cluster;
    const auto answer = NodeClient(cluster.endpoint(cluster.nodes().front()))
                            .submit(statement_of(cluster, "moit", risk_signal("moit", "kept")));
    ASSERT_TRUE(answer) << answer.error().detail;
    const std::string before = read_text(cluster.dir() + "/cluster.json");
    cluster.must("up");
    EXPECT_EQ(read_text(cluster.dir() + "/cluster.json"), before);
    cluster.must("down");
    cluster.must("up");
    EXPECT_TRUE(cluster.await_agreement()) << cluster.describe();
    for (const std::string& node : cluster.nodes()) {
        const auto found = NodeClient(cluster.endpoint(node)).find("moit", "kept");
        ASSERT_TRUE(found) << node << ": " << found.error().detail;
        EXPECT_EQ(number(*found, "index"), answer->index);
    }
    const ProgramResult other = cluster.verb("up", {"--nodes", "5"});
    EXPECT_EQ(other.exit_status, 2) << other.output;
    EXPECT_NE(other.output.find("different_options"), std::string::npos) << other.output;
}

}  // namespace
}  // namespace socai::cluster_tests
