#include "api/access/replay_cache.hpp"

#include <gtest/gtest.h>

namespace socai::api::testing {
namespace {

using Verdict = ReplayCache::Verdict;

TEST(ReplayCache, BindsATokenToItsFirstConnection) {
    ReplayCache cache(10);
    EXPECT_EQ(cache.use("a/k", "t1", 1, 1'000, 0), Verdict::accepted);
    EXPECT_EQ(cache.use("a/k", "t1", 1, 1'000, 500), Verdict::accepted);
    EXPECT_EQ(cache.use("a/k", "t1", 2, 1'000, 500), Verdict::replayed);
    EXPECT_EQ(cache.use("b/k", "t1", 2, 1'000, 500), Verdict::accepted);  // ids are each key's own
    EXPECT_EQ(cache.size(), 2U);
}

TEST(ReplayCache, ForgetsWhatIsOver) {
    ReplayCache cache(10);
    for (int i = 0; i < 1'000; ++i)
        EXPECT_EQ(cache.use("a/k", "t" + std::to_string(i), 1, i + 5, i), Verdict::accepted);
    EXPECT_LE(cache.size(), 5U);
}

TEST(ReplayCache, AGreedyKeyMakesRoomForOthersAndIsNotRepeated) {
    ReplayCache cache(100);
    for (int i = 0; i < 100; ++i)
        ASSERT_EQ(cache.use("greedy/k", "t" + std::to_string(i), 1, 10'000 + i, 0), Verdict::accepted);
    EXPECT_EQ(cache.use("greedy/k", "one more", 1, 20'000, 0), Verdict::full);
    for (int i = 0; i < 40; ++i)
        EXPECT_EQ(cache.use("modest/k", "t" + std::to_string(i), 2, 10'000, 0), Verdict::accepted);
    EXPECT_EQ(cache.size(), 100U);
    // Those that were forgotten cannot be used again, on whatever connection.
    for (int i = 0; i < 40; ++i)
        EXPECT_EQ(cache.use("greedy/k", "t" + std::to_string(i), 3, 10'000 + i, 0), Verdict::replayed) << i;
    for (int i = 40; i < 100; ++i)
        EXPECT_EQ(cache.use("greedy/k", "t" + std::to_string(i), 1, 10'000 + i, 0), Verdict::accepted) << i;
    // When all is over there is room for everybody.
    EXPECT_EQ(cache.use("greedy/k", "later", 1, 40'000, 30'000), Verdict::accepted);
}

}  // namespace
}  // namespace socai::api::testing
