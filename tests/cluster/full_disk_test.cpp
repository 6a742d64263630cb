// Disks without room: a node takes no more writes, keeps reading, hands over when it leads, and goes on when there
// is room again; the cluster serves as long as a majority has some (quality.md, "Faults and bad input").
//
// Every node's data lies on a small tmpfs. Where this process may not mount one, the limit in the configuration is
// raised above what is free instead: the same refusals by another cause, without a change while a node runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>

#include "support/clients.hpp"
#include "support/local_cluster.hpp"
#include "support/node_config.hpp"
#include "support/small_disk.hpp"
#include "support/writers.hpp"

namespace socai::cluster_tests {
namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;
// RocksDB reserves some 40 MiB at once for its write-ahead log.
constexpr std::uint64_t disk_bytes = 192 * mebibyte;
constexpr std::uint64_t min_free_bytes = 32 * mebibyte;
constexpr std::uint64_t too_little = 8 * mebibyte;
// More than any disk has, and the most that the configuration takes.
constexpr std::uint64_t more_than_there_is = 1'048'576 * mebibyte;
constexpr std::uint64_t signs_of_life = 40;

class FullDisk : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
        cluster_.must("stop");
        for (const std::string& node : cluster_.nodes()) {
            if (auto disk = SmallDisk::under(cluster_.data(node), disk_bytes)) disks_[node] = std::move(disk);
        }
        if (disks_.size() == cluster_.nodes().size()) {
            for (const std::string& node : cluster_.nodes()) set_min_free(node, min_free_bytes);
        } else {
            std::cout << "full disk: no privilege to mount; the limit is raised instead" << std::endl;
        }
        cluster_.must("start");
        ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
    }
    bool mounted() const { return !disks_.empty(); }

    void set_min_free(const std::string& node, std::uint64_t bytes) const {
        set_in_config(cluster_.config(node), "node", "min_free_bytes", static_cast<std::int64_t>(bytes));
    }
    void restart_with(const std::string& node, std::uint64_t min_free) const {
        cluster_.must("stop", {node});
        set_min_free(node, min_free);
        cluster_.must("start", {node, "--no-wait"});
    }
    void fill(const std::string& node) {
        mounted() ? disks_.at(node)->fill(too_little) : restart_with(node, more_than_there_is);
    }
    void clear(const std::string& node) {
        mounted() ? disks_.at(node)->clear() : restart_with(node, min_free_bytes);
    }
    bool await_room(const std::string& node, bool room) const {
        return wait_until([&] {
            const NodeView view = cluster_.view(node);
            return view.reached && view.is_unfit("no_space") != room;
        });
    }
    SubmitOutcome submit(const std::string& node, const std::string& id, milliseconds timeout = 30s) const {
        return NodeClient(cluster_.endpoint(node))
            .submit(statement_of(cluster_, source_, risk_signal(source_, id)), timeout);
    }
    bool serves(const Writers& writers) const {
        const std::uint64_t before = writers.answered();
        return wait_until([&] { return writers.answered() >= before + signs_of_life; });
    }

    const std::string source_ = "mard";
    LocalCluster cluster_;
    std::map<std::string, std::unique_ptr<SmallDisk>> disks_;
};

TEST_F(FullDisk, OneAfterTheOtherRunsFullAndTheClusterGoesOn) {
    Writers writers(cluster_, 4, "full", 1, gentle);
    const std::string leader = cluster_.await_leader();
    // A follower first, then whoever leads.
    for (const std::string& node : {cluster_.others({leader}).front(), leader}) {
        SCOPED_TRACE(node);
        fill(node);
        ASSERT_TRUE(await_room(node, false)) << cluster_.describe();
        EXPECT_TRUE(wait_until([&] {
            const auto now = cluster_.leader();
            return now && *now != node;
        })) << cluster_.describe();
        EXPECT_TRUE(serves(writers)) << cluster_.describe();
        const auto old = NodeClient(cluster_.endpoint(node)).call("ledger.get", {{"index", 0}});
        EXPECT_TRUE(old) << old.error().reason << ": " << old.error().detail;
        clear(node);
        EXPECT_TRUE(cluster_.await_whole(node)) << cluster_.describe();
        if (HasFailure()) break;
    }
    for (const std::string& node : cluster_.nodes()) clear(node);
    expect_ledgers_keep(cluster_, writers.finish());
}

// No majority has room: whoever submits is told why, nothing that was said to be refused stands, and it all goes
// on by itself when there is room.
TEST_F(FullDisk, WithoutRoomAnywhereWritesAreRefusedAndReadsAnswered) {
    const auto before = submit(cluster_.await_leader(), "before");
    ASSERT_TRUE(before) << before.error().detail;
    for (const std::string& node : cluster_.nodes()) fill(node);
    for (const std::string& node : cluster_.nodes())
        ASSERT_TRUE(await_room(node, false)) << cluster_.describe();
    for (const std::string& node : cluster_.nodes()) {
        SCOPED_TRACE(node);
        const auto refused = submit(node, "refused-by-" + node, 1'000ms);
        ASSERT_FALSE(refused) << "acknowledged without room, at " << refused->index;
        EXPECT_TRUE(refused.error().retryable) << refused.error().detail;
        EXPECT_TRUE(refused.error().code == code::overloaded || refused.error().code == code::unavailable)
            << refused.error().reason << ": " << refused.error().detail;
        const auto read = NodeClient(cluster_.endpoint(node)).find(source_, "before");
        ASSERT_TRUE(read) << read.error().detail;
        EXPECT_EQ(number(*read, "index"), before->index);
    }
    // Whoever leads, once it has given up handing over, says why. A full node does not campaign: after a change of
    // leader there is none left to say so.
    EXPECT_TRUE(wait_until([&] {
        const auto leader = cluster_.leader();
        if (!leader) return true;
        const auto refused = submit(*leader, "refused-by-" + *leader, 1'000ms);
        return !refused && refused.error().code == code::overloaded && refused.error().reason == "no_space";
    })) << cluster_.describe();
    for (const std::string& node : cluster_.nodes()) clear(node);
    for (const std::string& node : cluster_.nodes())
        ASSERT_TRUE(await_room(node, true)) << cluster_.describe();
    ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
    for (const std::string& node : cluster_.nodes()) {
        const auto absent = NodeClient(cluster_.endpoint(node))
                                .find(source_, "refused-by-" + node, {{"read", "linearizable"}});
        EXPECT_FALSE(absent) << "refused, and stands";
        const auto taken = submit(node, "refused-by-" + node);
        ASSERT_TRUE(taken) << taken.error().detail;
        EXPECT_FALSE(taken->duplicate);
    }
}

// Not a byte left, at once and under load: the node may have to stop; it loses nothing.
TEST_F(FullDisk, ADiskThatIsFullToTheBrimLosesNothing) {
    if (!mounted()) GTEST_SKIP() << "needs the privilege to mount";
    Writers writers(cluster_, 4, "brim", 2, gentle);
    for (int round = 0; round < 2; ++round) {
        ASSERT_TRUE(serves(writers)) << cluster_.describe();
        const std::string node = cluster_.await_leader();
        SCOPED_TRACE(node);
        disks_.at(node)->fill(0);
        EXPECT_TRUE(wait_until([&] {
            const auto now = cluster_.leader();
            return now && *now != node;
        })) << cluster_.describe();
        EXPECT_TRUE(serves(writers)) << cluster_.describe();
        clear(node);
        const auto stops = cluster_.await_reviving(node, [&] {
            const NodeView view = cluster_.view(node);
            return view.ready && view.unfit.empty();
        });
        EXPECT_TRUE(stops && *stops <= 1) << stops.value_or(-1) << " stops\n" << cluster_.describe();
        EXPECT_TRUE(cluster_.await_whole(node)) << cluster_.describe();
        if (HasFailure()) break;
    }
    expect_ledgers_keep(cluster_, writers.finish());
}

}  // namespace
}  // namespace socai::cluster_tests
