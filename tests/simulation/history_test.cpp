// The history of commits must refuse what cannot be.
#include "tests/simulation/history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulation/plant.hpp"

namespace socai::simulation {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

class HistoryTest : public ::testing::Test {
  protected:
    Statements statements_;
    Plant plant_{statements_};
};

TEST_F(HistoryTest, TakesWhatChainsAndKnowsItAgain) {
    const auto entry = plant_.leaf(statements_.good(0));
    EXPECT_EQ(plant_.commit(entry), std::nullopt);
    EXPECT_EQ(plant_.commit(entry), std::nullopt);  // another node commits the same
    EXPECT_EQ(plant_.commit(consensus::make_noop(plant_.last(), {3})), std::nullopt);
    EXPECT_EQ(plant_.history().last(), consensus::Index{3});
    EXPECT_EQ(plant_.history().size_at({3}), 2u);
}

TEST_F(HistoryTest, FindsAnotherEntryAtOneIndex) {
    const auto other = plant_.leaf(statements_.good(1));
    EXPECT_EQ(plant_.commit(statements_.good(0)), std::nullopt);
    EXPECT_THAT(plant_.commit(other), Optional(HasSubstr("was committed before")));
}

TEST_F(HistoryTest, FindsAGapAndABrokenChain) {
    const auto second = consensus::make_noop(plant_.leaf(statements_.good(0))->id, {2});
    EXPECT_THAT(plant_.commit(second), Optional(HasSubstr("gap")));
    auto broken = std::make_shared<consensus::Entry>(*plant_.leaf(statements_.good(0)));
    broken->id.hash[3] ^= 1;
    EXPECT_THAT(plant_.commit(broken), Optional(HasSubstr("does not chain")));
}

TEST_F(HistoryTest, FindsWhatNobodySigned) {
    for (std::size_t i = 0; i < forgery_count; ++i) {
        EXPECT_THAT(plant_.commit(statements_.forged(static_cast<Forgery>(i), 0)),
                    Optional(HasSubstr("nobody signed")));
    }
}

TEST_F(HistoryTest, FindsARecordThatStands) {
    EXPECT_EQ(plant_.commit(statements_.good(0)), std::nullopt);
    EXPECT_THAT(plant_.commit(plant_.leaf(statements_.good(0), 5)), Optional(HasSubstr("a second time")));
}

TEST_F(HistoryTest, FindsATimeThatFalls) {
    EXPECT_EQ(plant_.commit(plant_.leaf(statements_.good(0), 10)), std::nullopt);
    EXPECT_THAT(plant_.commit(plant_.leaf(statements_.good(1), -1)), Optional(HasSubstr("went back")));
}

TEST_F(HistoryTest, FindsAWrongRoot) {
    EXPECT_THAT(plant_.commit(plant_.leaf(statements_.good(0), 0, consensus::Digest{})),
                Optional(HasSubstr("another root")));
}

TEST_F(HistoryTest, FindsAStateThatDiffers) {
    EXPECT_EQ(plant_.commit(statements_.good(0)), std::nullopt);
    const Leaf right = plant_.history().state().leaves().back();
    const auto apply = [&](const Leaf& leaf) {
        State state(statements_);
        state.apply(plant_.last(), &leaf);
        return plant_.history().compare({2}, state, true);
    };
    EXPECT_EQ(apply(right), std::nullopt);
    Leaf other_time = right;
    ++other_time.time_ms;
    EXPECT_THAT(apply(other_time), Optional(HasSubstr("another state")));
    Leaf other_hash = right;
    other_hash.hash[0] ^= 1;
    EXPECT_THAT(apply(other_hash), Optional(HasSubstr("another state")));
}

}  // namespace
}  // namespace socai::simulation
