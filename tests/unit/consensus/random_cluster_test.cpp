#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/unit/consensus/random_cluster.hpp"

namespace socai::consensus::test {
namespace {

// SOCAI_SEEDS=N runs more, SOCAI_SEED=S repeats one.
std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* value = std::getenv(name);
    return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

// The seeds are dealt to so many tests, which run side by side.
constexpr std::uint64_t hands = 8;
class RandomClusterSeeds : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomClusterSeeds, StaySafeUnderFaultsAndConvergeWhenHealed) {
    const std::uint64_t one = from_environment("SOCAI_SEED", 0);
    const std::uint64_t first = one != 0 ? one : 1;
    const std::uint64_t last = one != 0 ? one : from_environment("SOCAI_SEEDS", 400);
    std::uint64_t seeds = 0;
    RandomCluster::Counts sum;
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        if (seed % hands != GetParam()) continue;
        ++seeds;
        RandomCluster cluster(seed);
        const auto wrong = cluster.run(2'500);
        ASSERT_FALSE(wrong) << "SOCAI_SEED=" << seed << ": " << *wrong;
        sum.elections += cluster.counts().elections;
        sum.commits += cluster.counts().commits;
        sum.reads += cluster.counts().reads;
        sum.crashes += cluster.counts().crashes;
        sum.refused += cluster.counts().refused;
        sum.changes += cluster.counts().changes;
        sum.transfers += cluster.counts().transfers;
        sum.losses += cluster.counts().losses;
        sum.bases += cluster.counts().bases;
    }
    // A simulation in which nothing happens proves nothing.
    RecordProperty("terms", std::to_string(sum.elections));
    RecordProperty("commits", std::to_string(sum.commits));
    if (one == 0) {
        EXPECT_GT(sum.elections, 2 * seeds);
        EXPECT_GT(sum.commits, 20 * seeds);
        EXPECT_GT(sum.reads, seeds);
        EXPECT_GT(sum.crashes, seeds);
        EXPECT_GT(sum.changes, seeds / 4);
        EXPECT_GT(sum.transfers, seeds / 4);
        EXPECT_GT(sum.losses, seeds / 4);
        EXPECT_GT(sum.bases, seeds / 4);
    }
}
INSTANTIATE_TEST_SUITE_P(Hands, RandomClusterSeeds, ::testing::Range<std::uint64_t>(0, hands));

TEST(RandomCluster, TheSameSeedGivesTheSameRun) {
    for (std::uint64_t seed : {3, 17}) {
        RandomCluster a(seed);
        RandomCluster b(seed);
        ASSERT_EQ(a.run(1'000), b.run(1'000));
        EXPECT_EQ(a.counts().commits, b.counts().commits);
        EXPECT_EQ(a.counts().elections, b.counts().elections);
    }
}

}  // namespace
}  // namespace socai::consensus::test
