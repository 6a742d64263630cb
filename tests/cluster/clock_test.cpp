// Clocks that are off, through node.shift_clock: who is ahead of the others does not lead for long, accepted
// times never fall, and no clock harms what was promised (architecture.md 9: clock skew is no proof, and no clock
// decides safety).
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "support/clients.hpp"
#include "support/local_cluster.hpp"
#include "support/seed.hpp"
#include "support/writers.hpp"

namespace socai::cluster_tests {
namespace {

constexpr std::uint64_t signs_of_life = 40;

class Clocks : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
        ASSERT_TRUE(serves()) << cluster_.describe();
    }
    // Also: no accepted time falls (ledger_dump.hpp).
    void end() { expect_ledgers_keep(cluster_, writers_.finish()); }
    bool serves() const {
        const std::uint64_t before = writers_.answered();
        return wait_until([&] { return writers_.answered() >= before + signs_of_life; });
    }
    void set_clock(const std::string& node, std::int64_t offset_ms) const {
        const auto done =
            NodeClient(cluster_.endpoint(node)).call("node.shift_clock", {{"offset_ms", offset_ms}});
        EXPECT_TRUE(done) << node << ": " << done.error().detail;
    }
    bool await_fitness(const std::string& node, bool fit) const {
        return wait_until([&] {
            const NodeView view = cluster_.view(node);
            return view.reached && view.is_unfit("clock_off") != fit;
        });
    }
    bool await_leader_among(const Names& nodes) const {
        return wait_until([&] {
            const auto now = cluster_.leader();
            return now && std::find(nodes.begin(), nodes.end(), *now) != nodes.end();
        });
    }

    LocalCluster cluster_;
    Writers writers_{cluster_, 4, "clock", 1, gentle};
};

// What it accepts lies in the future of all others. It notices, leads no longer, and they go on; when its clock is
// mended it may lead again.
TEST_F(Clocks, ALeaderAheadOfTheOthersHandsOver) {
    const std::string ahead = cluster_.await_leader();
    set_clock(ahead, 5'000);
    EXPECT_TRUE(await_fitness(ahead, false)) << cluster_.describe();
    EXPECT_TRUE(await_leader_among(cluster_.others({ahead}))) << cluster_.describe();
    EXPECT_TRUE(serves()) << cluster_.describe();
    set_clock(ahead, 0);
    EXPECT_TRUE(await_fitness(ahead, true)) << cluster_.describe();
    EXPECT_TRUE(wait_until([&] {
        cluster_.verb("transfer", {ahead});
        return cluster_.leader() == ahead;
    })) << cluster_.describe();
    EXPECT_TRUE(serves()) << cluster_.describe();
    end();
}

TEST_F(Clocks, ALeaderBehindTheOthersHandsOver) {
    const std::string behind = cluster_.await_leader();
    set_clock(behind, -5'000);
    EXPECT_TRUE(await_fitness(behind, false)) << cluster_.describe();
    EXPECT_TRUE(await_leader_among(cluster_.others({behind}))) << cluster_.describe();
    EXPECT_TRUE(serves()) << cluster_.describe();
    set_clock(behind, 0);
    EXPECT_TRUE(await_fitness(behind, true)) << cluster_.describe();
    end();
}

// One is early, one is late, and their votes are needed: one with a right clock leads.
TEST_F(Clocks, FollowersWhoseClocksAreOffCarryTheCluster) {
    const std::string leader = cluster_.await_leader();
    const Names others = cluster_.others({leader});
    set_clock(others[0], 3'000);
    set_clock(others[1], -3'000);
    for (const std::string& off : {others[0], others[1]})
        EXPECT_TRUE(await_fitness(off, false)) << cluster_.describe();
    EXPECT_TRUE(serves()) << cluster_.describe();
    EXPECT_TRUE(await_leader_among({leader, others[2]})) << cluster_.describe();
    // With another one away, the right ones must still be more than the wrong ones.
    set_clock(others[1], 0);
    EXPECT_TRUE(await_fitness(others[1], true)) << cluster_.describe();
    cluster_.must("kill", {leader});
    EXPECT_TRUE(await_leader_among({others[1], others[2]})) << cluster_.describe();
    EXPECT_TRUE(serves()) << cluster_.describe();
    cluster_.must("start", {leader});
    set_clock(others[0], 0);
    end();
}

// The leader's clock jumps to and fro, again and again, before anybody has noticed.
TEST_F(Clocks, JumpsTakeNothingBack) {
    std::mt19937_64 random(seed_from("SOCAI_CLOCK_SEED"));
    for (int jump = 0; jump < 8; ++jump) {
        const std::string node = cluster_.await_leader();
        const auto offset_ms = static_cast<std::int64_t>(random() % 8'001) - 4'000;
        SCOPED_TRACE(node + " by " + std::to_string(offset_ms) + " ms");
        set_clock(node, offset_ms);
        EXPECT_TRUE(serves()) << cluster_.describe();
        set_clock(node, 0);
        if (HasFailure()) break;
    }
    end();
}

}  // namespace
}  // namespace socai::cluster_tests
