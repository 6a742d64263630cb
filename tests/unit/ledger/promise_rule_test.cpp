// The one rule about promises, at its edges.
#include "ledger/promise_rule.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace socai::ledger {
namespace {

// Received at 10.5 s, to stand by 20.5 s.
const Promise promise{10'500, 20'500, {}, {}};

TEST(PromiseRule, OnlyTheNextSecondIsPastDue) {
    EXPECT_FALSE(past_due(promise, 0));
    EXPECT_FALSE(past_due(promise, 20));
    EXPECT_TRUE(past_due(promise, 21));
    EXPECT_TRUE(past_due(promise, std::numeric_limits<std::uint64_t>::max()));
}

TEST(PromiseRule, ARefusalIsInTimeUpToThePromisedOneAndUpToTheHead) {
    EXPECT_FALSE(refused_in_time(promise, 10'499, std::nullopt));  // of an earlier promise
    EXPECT_TRUE(refused_in_time(promise, 10'500, std::nullopt));
    EXPECT_TRUE(refused_in_time(promise, 20'500, std::nullopt));
    EXPECT_FALSE(refused_in_time(promise, 20'501, std::nullopt));
    EXPECT_FALSE(refused_in_time(promise, 10'499, 30));
    EXPECT_TRUE(refused_in_time(promise, 30'999, 30));
    EXPECT_FALSE(refused_in_time(promise, 31'000, 30));
    EXPECT_TRUE(refused_in_time(promise, std::numeric_limits<std::int64_t>::max(),
                                std::numeric_limits<std::uint64_t>::max()));
}

}  // namespace
}  // namespace socai::ledger
