// The two small clocks-and-numbers classes: how often to dial, how often to log.
#include <gtest/gtest.h>

#include "network/backoff.hpp"
#include "network/log_limit.hpp"

namespace socai::network {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesToTheMostWithJitterBelow) {
    Backoff backoff(50ms, 1000ms, 7);
    for (const auto longest : {50ms, 100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
        const auto delay = backoff.next();
        EXPECT_LE(delay, longest);
        EXPECT_GE(delay, longest / 2);
    }
    backoff.reset();
    EXPECT_LE(backoff.next(), 50ms);
}

TEST(Backoff, NodesDoNotKeepStep) {
    Backoff one(50ms, 1000ms, 1), other(50ms, 1000ms, 2);
    bool differs = false;
    for (int i = 0; i < 10; ++i) differs = one.next() != other.next() || differs;
    EXPECT_TRUE(differs);
}

TEST(LogLimit, PassesTheFirstLinesOfASecondAndCountsTheRest) {
    LogLimit limit(2);
    const LogLimit::Clock::time_point start{100s};
    EXPECT_EQ(limit.admit(start), 0U);
    EXPECT_EQ(limit.admit(start + 10ms), 0U);
    EXPECT_EQ(limit.admit(start + 20ms), std::nullopt);
    EXPECT_EQ(limit.admit(start + 999ms), std::nullopt);
    EXPECT_EQ(limit.admit(start + 1000ms), 2U);
    EXPECT_EQ(limit.admit(start + 1001ms), 0U);
}

}  // namespace
}  // namespace socai::network
