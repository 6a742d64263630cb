// Whole runs: the same seed is the same run, and every planted defect is found.
#include "tests/simulation/simulation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace socai::simulation {
namespace {

constexpr Micros length = 20'000'000;

FaultChoice no_liars() {
    FaultChoice choice;
    choice.forced_off.set(static_cast<std::size_t>(Fault::lying_leader));
    choice.forced_off.set(static_cast<std::size_t>(Fault::lying_follower));
    return choice;
}

TEST(Simulation, TheSameSeedIsTheSameRunByteForByte) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        std::ostringstream first, second;
        Statements fresh, used;
        run({.seed = seed + 1'000, .length = length}, used);  // another run before leaves nothing behind
        const RunResult a = run({.seed = seed, .length = length, .trace = &first}, fresh);
        const RunResult b = run({.seed = seed, .length = length, .trace = &second}, used);
        EXPECT_EQ(a.digest, b.digest) << seed;
        EXPECT_EQ(a.counts.events, b.counts.events) << seed;
        EXPECT_TRUE(first.str() == second.str()) << "the traces of seed " << seed << " differ";
    }
}

TEST(Simulation, AnotherSeedIsAnotherRun) {
    Statements statements;
    EXPECT_NE(run({.seed = 1, .length = length}, statements).digest,
              run({.seed = 2, .length = length}, statements).digest);
}

TEST(Simulation, ATraceChangesNothing) {
    Statements statements;
    std::ostringstream trace;
    EXPECT_EQ(run({.seed = 3, .length = length}, statements).digest,
              run({.seed = 3, .length = length, .trace = &trace}, statements).digest);
}

// The first failure of some seeds with this defect.
std::string found(Sabotage sabotage, FaultChoice faults) {
    Statements statements;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const RunResult result =
            run({.seed = seed, .length = length, .faults = faults, .sabotage = sabotage}, statements);
        if (result.failure) return *result.failure;
    }
    return "nothing was found";
}

using ::testing::HasSubstr;

TEST(PlantedDefect, APromiseThatIsNotDurable) {
    EXPECT_THAT(found(Sabotage::early_promise, no_liars()), HasSubstr("is not on its disk"));
}
TEST(PlantedDefect, AVoteThatIsForgotten) {
    EXPECT_THAT(found(Sabotage::forgotten_vote, no_liars()), HasSubstr("changed its vote on disk"));
}
TEST(PlantedDefect, AcknowledgedEntriesThatAreLost) {
    EXPECT_THAT(found(Sabotage::silent_loss, no_liars()),
                ::testing::AnyOf(HasSubstr("without the committed"), HasSubstr("was committed before"),
                                 HasSubstr("not on its disk"), HasSubstr("not on the disks")));
}
TEST(PlantedDefect, AnAnswerBeforeTheCommit) {
    EXPECT_THAT(found(Sabotage::early_answer, no_liars()),
                ::testing::AnyOf(HasSubstr("is lost"), HasSubstr("stands at"), HasSubstr("stale read"),
                                 HasSubstr("were known to stand")));
}
TEST(PlantedDefect, AReadThatAsksNobody) {
    EXPECT_THAT(found(Sabotage::stale_read, no_liars()), HasSubstr("stale read"));
}
TEST(PlantedDefect, AStateThatDiffers) {
    EXPECT_THAT(found(Sabotage::other_leaf, no_liars()), HasSubstr("derived another state"));
}
TEST(PlantedDefect, ASignatureThatNobodyChecks) {
    FaultChoice liar;
    liar.forced_on.set(static_cast<std::size_t>(Fault::lying_leader));
    EXPECT_THAT(found(Sabotage::unchecked_signature, liar), HasSubstr("nobody signed"));
    EXPECT_THAT(found(Sabotage::unchecked_signature, no_liars()), HasSubstr("nobody signed"));
}
TEST(PlantedDefect, AClusterThatDoesNotHeal) {
    EXPECT_THAT(found(Sabotage::deaf_node, no_liars()), HasSubstr("does not converge"));
}

}  // namespace
}  // namespace socai::simulation
