// Each rule of operations.hpp, broken once.
#include "tests/simulation/operations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulation/plant.hpp"

namespace socai::simulation {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;
using Outcome = Operations::Outcome;

class OperationsTest : public ::testing::Test {
  protected:
    Statements statements_;
    Plant plant_{statements_};  // a ledger that grows as the test says
    Operations operations_;
};

TEST_F(OperationsTest, WhatIsRightPasses) {
    const auto a = operations_.invoke_append(statements_.good(0));
    plant_.commit(statements_.good(0));
    EXPECT_EQ(operations_.acknowledge(a, 1), std::nullopt);
    const auto b = operations_.invoke_append(statements_.good(1));
    operations_.give_up(b, Outcome::unknown);
    plant_.commit(statements_.good(1));
    const auto c = operations_.invoke_append(statements_.good(4));
    operations_.give_up(c, Outcome::failed);
    const History& history = plant_.history();
    EXPECT_EQ(
        operations_.read(operations_.floor(), 3, history.root_at(history.last()), history.last(), history),
        std::nullopt);
    EXPECT_EQ(operations_.check(history.state().leaves()), std::nullopt);
    EXPECT_EQ(operations_.pending(), 0u);
}

TEST_F(OperationsTest, FindsAnAcknowledgedStatementThatIsLost) {
    const auto a = operations_.invoke_append(statements_.good(0));
    EXPECT_EQ(operations_.acknowledge(a, 1), std::nullopt);
    EXPECT_THAT(operations_.check(plant_.history().state().leaves()), Optional(HasSubstr("is lost")));
}

TEST_F(OperationsTest, FindsAnAcknowledgedStatementElsewhere) {
    const auto a = operations_.invoke_append(statements_.good(0));
    plant_.commit(statements_.good(1));
    plant_.commit(statements_.good(0));
    EXPECT_EQ(operations_.acknowledge(a, 1), std::nullopt);
    EXPECT_THAT(operations_.check(plant_.history().state().leaves()), Optional(HasSubstr("stands at 2")));
}

TEST_F(OperationsTest, FindsAnOrderThatTimeContradicts) {
    const auto first = operations_.invoke_append(statements_.good(0));
    EXPECT_EQ(operations_.acknowledge(first, 5), std::nullopt);
    const auto later = operations_.invoke_append(statements_.good(1));
    EXPECT_THAT(operations_.acknowledge(later, 4), Optional(HasSubstr("were known to stand")));
}

TEST_F(OperationsTest, FindsAStaleRead) {
    const auto a = operations_.invoke_append(statements_.good(0));
    plant_.commit(statements_.good(0));
    EXPECT_EQ(operations_.acknowledge(a, 1), std::nullopt);
    const History& history = plant_.history();
    EXPECT_THAT(operations_.read(operations_.floor(), 1, history.root_at({1}), {1}, history),
                Optional(HasSubstr("stale read")));
}

TEST_F(OperationsTest, FindsAReadOfAnotherRoot) {
    plant_.commit(statements_.good(0));
    EXPECT_THAT(operations_.read(0, 2, ledger::Hash{}, {2}, plant_.history()),
                Optional(HasSubstr("not in the history")));
}

TEST_F(OperationsTest, FindsAFailedStatementThatStands) {
    const auto a = operations_.invoke_append(statements_.good(0));
    operations_.give_up(a, Outcome::failed);
    plant_.commit(statements_.good(0));
    EXPECT_THAT(operations_.check(plant_.history().state().leaves()),
                Optional(HasSubstr("definitely failed")));
}

TEST_F(OperationsTest, FindsAStatementThatStandsTwice) {
    const auto a = operations_.invoke_append(statements_.good(0));
    operations_.give_up(a, Outcome::unknown);
    plant_.commit(statements_.good(0));
    std::vector<Leaf> leaves = plant_.history().state().leaves();
    leaves.push_back(leaves.back());
    EXPECT_THAT(operations_.check(leaves), Optional(HasSubstr("stands twice")));
}

}  // namespace
}  // namespace socai::simulation
