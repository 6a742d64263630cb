#include "node/clock_watch.hpp"

#include <gtest/gtest.h>

#include "node/fitness.hpp"
#include "node/forwarding.hpp"

namespace socai::node {
namespace {

using namespace std::chrono_literals;

TEST(MedianOffset, IsTheMiddleAndInDoubtTheNearer) {
    EXPECT_EQ(median_offset({7}), 7);
    EXPECT_EQ(median_offset({5'000, -3, 4}), 4);
    EXPECT_EQ(median_offset({2, 5'000}), 2) << "one of two peers is wrong: this node is not to blame";
    EXPECT_EQ(median_offset({-5'000, -4'000}), -4'000);
    EXPECT_EQ(median_offset({-9'000, -1, 6, 9'000}), -1);
}

// A node whose peers' clocks differ from its own by given amounts.
class ClockWatchTest : public ::testing::Test {
  protected:
    // Everybody in `offsets` answers at once.
    void round(const std::map<consensus::NodeId, std::int64_t>& offsets,
               std::chrono::milliseconds way = 0ms) {
        asked_.clear();
        watch_.ask({{2}, {3}, {4}}, now_);
        const auto asked = asked_;
        now_ += way;
        for (const auto& [peer, parcel] : asked) {
            const auto offset = offsets.find(peer);
            if (offset == offsets.end()) continue;
            const auto question = decode_clock_question(parcel);
            ASSERT_TRUE(question);
            const auto answer = encode_clock_answer({question->asked_at, wall_.now_ms() + offset->second});
            EXPECT_TRUE(watch_.on_parcel(peer, answer, now_));
        }
    }

    WallClock wall_{0};
    std::vector<std::pair<consensus::NodeId, network::Parcel>> asked_;
    ClockWatch watch_{wall_, [this](consensus::NodeId to, network::Parcel parcel) {
                          asked_.emplace_back(to, std::move(parcel));
                      }};
    ClockWatch::Clock::time_point now_ = ClockWatch::Clock::time_point(1'000s);
};

TEST_F(ClockWatchTest, OffBeyondASecondAndBackWithinHalf) {
    round({{{2}, 1'200}, {{3}, 1'300}, {{4}, 1'250}});
    EXPECT_TRUE(watch_.read(now_).off);
    EXPECT_NEAR(static_cast<double>(*watch_.read(now_).offset_ms), 1'250, 100);
    round({{{2}, 700}, {{3}, 700}, {{4}, 700}});
    EXPECT_TRUE(watch_.read(now_).off) << "not yet back";
    round({{{2}, 300}, {{3}, 300}, {{4}, 300}});
    EXPECT_FALSE(watch_.read(now_).off);
}

TEST_F(ClockWatchTest, OneWrongPeerProvesNothing) {
    round({{{2}, 60'000}, {{3}, 10}, {{4}, 20}});
    EXPECT_FALSE(watch_.read(now_).off);
}

TEST_F(ClockWatchTest, TooFewAnswersJudgeNothing) {
    round({{{2}, 60'000}});
    EXPECT_FALSE(watch_.read(now_).off) << "two of four are no majority";
    EXPECT_FALSE(watch_.read(now_).offset_ms);
    round({{{2}, 60'000}, {{3}, 60'000}});
    EXPECT_TRUE(watch_.read(now_).off);
    now_ += 1min;
    EXPECT_TRUE(watch_.read(now_).off) << "alone, it keeps its judgement";
    EXPECT_EQ(watch_.read(now_).peers, 0u);
}

TEST_F(ClockWatchTest, ASlowAnswerTellsNothing) {
    round({{{2}, 60'000}, {{3}, 60'000}, {{4}, 60'000}}, 2s);
    EXPECT_EQ(watch_.read(now_).peers, 0u);
}

TEST_F(ClockWatchTest, AQuestionIsAnsweredWithThisClock) {
    EXPECT_TRUE(watch_.on_parcel({3}, encode_clock_question({77}), now_));
    ASSERT_EQ(asked_.size(), 1u);
    const auto answer = decode_clock_answer(asked_.front().second);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->asked_at, 77u);
    EXPECT_FALSE(watch_.on_parcel({3}, network::Parcel{99, "x"}, now_));
}

TEST(FitnessKeeper, StopsBelowTheLimitAndGoesOnWithRoomToSpare) {
    std::vector<consensus::Fitness> told;
    FitnessKeeper fitness(1'000, [&](consensus::Fitness now) { told.push_back(now); });
    fitness.space(1'000);
    EXPECT_TRUE(told.empty());
    fitness.space(999);
    ASSERT_EQ(told.size(), 1u);
    EXPECT_FALSE(told.back().may_append);
    EXPECT_EQ(fitness.reasons(), (std::vector<std::string>{"no_space"}));
    fitness.space(1'499);
    EXPECT_EQ(told.size(), 1u);
    fitness.clock(true, 5'000);
    EXPECT_FALSE(told.back().may_lead);
    EXPECT_FALSE(told.back().may_append);
    fitness.space(1'500);
    EXPECT_TRUE(told.back().may_append);
    EXPECT_FALSE(told.back().may_lead);
    fitness.clock(false, 0);
    EXPECT_TRUE(told.back().may_lead);
    EXPECT_EQ(told.size(), 4u);
}

}  // namespace
}  // namespace socai::node
