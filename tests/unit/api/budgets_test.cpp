#include "api/limits/budgets.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace socai::api::testing {
namespace {

TEST(TokenBucket, GivesABurstAndThenSoMuchASecond) {
    TokenBucket bucket(10, 100);
    std::int64_t now_ms = 5'000;
    int given = 0;
    for (; bucket.wait_ms(now_ms) == 0; ++given) bucket.charge(1, now_ms);
    EXPECT_EQ(given, 100);
    EXPECT_EQ(bucket.wait_ms(now_ms), 1);
    now_ms += 1'000;
    for (given = 0; bucket.wait_ms(now_ms) == 0; ++given) bucket.charge(1, now_ms);
    EXPECT_EQ(given, 10);
    now_ms += 3'600'000;
    EXPECT_TRUE(bucket.is_full(now_ms));
}

TEST(TokenBucket, MayOweAndPaysInTime) {
    TokenBucket bucket(10, 100);
    bucket.charge(150, 1'000);
    EXPECT_EQ(bucket.wait_ms(1'000), 5'001);
    EXPECT_EQ(bucket.wait_ms(6'000), 1);
    EXPECT_EQ(bucket.wait_ms(6'001), 0);
    bucket.charge(1'000'000'000'000, 6'001);  // never more than a burst
    EXPECT_EQ(bucket.wait_ms(6'001), 10'001);
    EXPECT_EQ(bucket.wait_ms(5'000), 10'001);  // a clock that went back changes nothing
}

// Over any time nobody gets more than a burst and the rate.
RC_GTEST_PROP(TokenBucket, NeverGivesMoreThanItsRate, (const std::vector<std::uint8_t>& steps)) {
    TokenBucket bucket(50, 200);
    std::int64_t now_ms = 1'000;
    std::uint64_t given = 0;
    for (const std::uint8_t step : steps) {
        now_ms += step / 2;
        if (bucket.wait_ms(now_ms) > 0) continue;
        bucket.charge(step % 2 + 1, now_ms);
        given += step % 2 + 1;
    }
    RC_ASSERT(given <= 200U + static_cast<std::uint64_t>(now_ms - 1'000) * 50 / 1'000 + 2);
}

class BudgetsTest : public ::testing::Test {
  protected:
    BudgetsTest() {
        limits.calls_per_second = 10;
        limits.calls_burst = 20;
        limits.max_subscriptions_per_account = 2;
        limits.max_askers = 8;
    }
    // How many calls the payer gets now.
    int calls(Budgets& budgets, const Payer& payer) const {
        int given = 0;
        for (; given < 1'000 && budgets.wait_ms(payer, Budgets::Of::calls) == 0; ++given)
            budgets.charge(payer, Budgets::Of::calls, 1);
        return given;
    }
    Limits limits;
    std::int64_t now_ms = 1'000;
};

TEST_F(BudgetsTest, EachPaysForItself) {
    Budgets all(limits, [this] { return now_ms; });
    const Payer account{true, "most/record-1"};
    const Payer address{false, "192.0.2.1"};
    EXPECT_EQ(calls(all, address), 20);
    EXPECT_EQ(calls(all, account), 20);
    EXPECT_EQ(calls(all, {false, "192.0.2.2"}), 20);
    EXPECT_EQ(calls(all, {false, "most/record-1"}), 20);  // an address of that name is no account
    EXPECT_EQ(calls(all, account), 0);
    now_ms += 1'000;
    EXPECT_EQ(calls(all, account), 10);
    EXPECT_EQ(all.wait_ms(account, Budgets::Of::cost), 0);  // budgets are apart
}

TEST_F(BudgetsTest, AddressesWithoutEndDoNotMakeAnAccountForgotten) {
    Budgets all(limits, [this] { return now_ms; });
    const Payer account{true, "most/record-1"};
    EXPECT_EQ(calls(all, account), 20);
    for (int i = 0; i < 1'000; ++i) calls(all, {false, std::to_string(i)});
    EXPECT_LE(all.size(), 9U);
    EXPECT_EQ(calls(all, account), 0);
}

TEST_F(BudgetsTest, AKeyPaysOnlyForWhatItSigned) {
    limits.statements_per_second = 10;
    limits.statements_burst = 100;
    Budgets all(limits, [this] { return now_ms; });
    EXPECT_EQ(all.wait_ms_of_key("most/record-1"), 0);
    EXPECT_EQ(all.size(), 0U);  // asking remembers nothing
    all.charge_key("most/record-1", 150);
    EXPECT_EQ(all.wait_ms_of_key("most/record-1"), 5'001);
    EXPECT_EQ(all.wait_ms_of_key("mard/record-1"), 0);
    now_ms += 5'001;
    EXPECT_EQ(all.wait_ms_of_key("most/record-1"), 0);
}

TEST_F(BudgetsTest, CountsSubscriptions) {
    Budgets all(limits, [this] { return now_ms; });
    const Payer payer{true, "most/record-1"};
    EXPECT_TRUE(all.open_subscription(payer));
    EXPECT_TRUE(all.open_subscription(payer));
    EXPECT_FALSE(all.open_subscription(payer));
    EXPECT_TRUE(all.open_subscription({true, "mard/record-1"}));
    for (int i = 0; i < 100; ++i) all.wait_ms({true, std::to_string(i)}, Budgets::Of::calls);
    EXPECT_FALSE(all.open_subscription(payer));  // still remembered
    all.close_subscription(payer);
    EXPECT_TRUE(all.open_subscription(payer));
}

}  // namespace
}  // namespace socai::api::testing
