#include "node/read_barriers.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace socai::node {
namespace {

// The test plays the consensus thread; timers run on an io_context that it drives itself.
class ReadBarriersTest : public ::testing::Test {
  protected:
    ReadBarriersTest()
        : barriers_(io_, [this](consensus::Event event) { asked_.push_back(std::get<consensus::Read>(event).context); }) {}

    void await(api::ReadBarrier barrier) {
        barriers_.await(barrier, [this](bool reached) { results_.push_back(reached); });
    }
    // Runs timers until `count` results are there, or 20 s have passed.
    void run_until_results(std::size_t count) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (results_.size() < count && std::chrono::steady_clock::now() < deadline) {
            io_.restart();
            io_.run_one_for(std::chrono::milliseconds(100));
        }
        ASSERT_EQ(results_.size(), count);
    }

    boost::asio::io_context io_;
    std::vector<std::uint64_t> asked_;
    std::vector<bool> results_;
    ReadBarriers barriers_;
};

TEST_F(ReadBarriersTest, ALocalReadNeedNotWait) {
    await({});
    EXPECT_EQ(results_, std::vector<bool>{true});
    EXPECT_TRUE(asked_.empty());
}

TEST_F(ReadBarriersTest, MinSizeWaitsForApply) {
    await({false, 5, 10'000});
    EXPECT_TRUE(results_.empty());
    barriers_.applied({10}, 4);
    EXPECT_TRUE(results_.empty());
    barriers_.applied({11}, 5);
    EXPECT_EQ(results_, std::vector<bool>{true});
}

TEST_F(ReadBarriersTest, ALinearizableReadWaitsForItsIndex) {
    await({true, 0, 10'000});
    ASSERT_EQ(asked_.size(), 1u);
    barriers_.applied({9}, 3);
    EXPECT_TRUE(results_.empty()) << "the leader has not confirmed yet";
    barriers_.answered({asked_[0], consensus::Index{10}});
    EXPECT_TRUE(results_.empty()) << "applied is behind the read index";
    barriers_.applied({10}, 4);
    EXPECT_EQ(results_, std::vector<bool>{true});
}

TEST_F(ReadBarriersTest, AReadThatFoundNoLeaderIsAskedAgain) {
    await({true, 0, 10'000});
    barriers_.answered({asked_.at(0), std::nullopt});
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (asked_.size() < 2 && std::chrono::steady_clock::now() < deadline) io_.run_one_for(std::chrono::milliseconds(100));
    ASSERT_GE(asked_.size(), 2u);
    barriers_.answered({asked_[1], consensus::Index{}});
    EXPECT_EQ(results_, std::vector<bool>{true});
}

TEST_F(ReadBarriersTest, TimeRunsOut) {
    await({true, 0, 1});
    await({false, 100, 1});
    run_until_results(2);
    EXPECT_EQ(results_, (std::vector<bool>{false, false}));
    barriers_.answered({asked_.at(0), consensus::Index{}});
    EXPECT_EQ(results_.size(), 2u) << "an answer too late is dropped";
}

TEST_F(ReadBarriersTest, LeadershipIsConfirmedOrNotAtOnce) {
    barriers_.confirm_leadership([this](bool leads) { results_.push_back(leads); });
    barriers_.answered({asked_.at(0), std::nullopt});
    EXPECT_EQ(results_, std::vector<bool>{false});
    barriers_.confirm_leadership([this](bool leads) { results_.push_back(leads); });
    barriers_.answered({asked_.at(1), consensus::Index{}});
    EXPECT_EQ(results_, (std::vector<bool>{false, true}));
}

TEST_F(ReadBarriersTest, StopAnswersWhoWaits) {
    await({false, 100, 60'000});
    barriers_.stop();
    EXPECT_EQ(results_, std::vector<bool>{false});
    await({});
    EXPECT_EQ(results_, (std::vector<bool>{false, false}));
}

}  // namespace
}  // namespace socai::node
