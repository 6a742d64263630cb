#include "node/client/latency.hpp"

#include <gtest/gtest.h>

namespace socai::node::client {
namespace {

using std::chrono::milliseconds;

TEST(Latencies, PercentilesAreOfNearestRank) {
    Latencies latencies;
    for (int i = 1'000; i >= 1; --i) latencies.add(milliseconds(i));
    EXPECT_DOUBLE_EQ(latencies.percentile_ms(50), 500);
    EXPECT_DOUBLE_EQ(latencies.percentile_ms(90), 900);
    EXPECT_DOUBLE_EQ(latencies.percentile_ms(99), 990);
    EXPECT_DOUBLE_EQ(latencies.percentile_ms(99.9), 999);
    EXPECT_DOUBLE_EQ(latencies.percentile_ms(100), 1'000);
    EXPECT_DOUBLE_EQ(latencies.percentile_ms(0.01), 1);
    EXPECT_DOUBLE_EQ(latencies.mean_ms(), 500.5);
}

TEST(Latencies, OfOneValueAllPercentilesAreThatValue) {
    Latencies latencies;
    latencies.add(std::chrono::microseconds(1'500));
    for (const double percent : {50.0, 99.9, 100.0}) EXPECT_DOUBLE_EQ(latencies.percentile_ms(percent), 1.5);
}

TEST(Latencies, AreZeroWhenThereAreNone) {
    Latencies latencies;
    EXPECT_DOUBLE_EQ(latencies.percentile_ms(99), 0);
    EXPECT_DOUBLE_EQ(latencies.mean_ms(), 0);
    EXPECT_EQ(latencies.summary().at("max").as_double(), 0);
}

TEST(Latencies, MayBeAddedToAfterAPercentileWasAsked) {
    Latencies latencies;
    latencies.add(milliseconds(5));
    EXPECT_DOUBLE_EQ(latencies.percentile_ms(100), 5);
    latencies.add(milliseconds(3));
    EXPECT_DOUBLE_EQ(latencies.percentile_ms(50), 3);
    latencies.add(milliseconds(-1));
    EXPECT_DOUBLE_EQ(latencies.percentile_ms(1), 0);
}

}  // namespace
}  // namespace socai::node::client
