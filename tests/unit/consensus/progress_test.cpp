#include "consensus/progress.hpp"

#include <gtest/gtest.h>

namespace socai::consensus {
namespace {

EntryId id(std::uint64_t index) {
    return {{1}, {index}, {}};
}

Progress replicating(std::uint64_t match, Progress::Window window = {.appends = 3, .bytes = 100}) {
    Progress progress({match + 1}, window, 0);
    progress.accepted({match}, 0);
    return progress;
}

TEST(Progress, ProbesOneAtATimeUntilAnswered) {
    Progress progress({5}, {.appends = 3, .bytes = 100}, 0);
    ASSERT_TRUE(progress.probing());
    ASSERT_TRUE(progress.may_send());
    progress.sent(id(7), 10, 0);
    EXPECT_FALSE(progress.may_send());
    EXPECT_EQ(progress.next(), Index{5});  // a probe does not run ahead
    EXPECT_FALSE(progress.heartbeat_answered(0, 10));
    EXPECT_TRUE(progress.may_send());  // it may have been lost
    progress.sent(id(7), 10, 0);
    EXPECT_TRUE(progress.accepted({7}, 0));
    EXPECT_FALSE(progress.probing());
    EXPECT_EQ(progress.next(), Index{8});
}

TEST(Progress, PipelinesWithinCountAndBytes) {
    Progress by_count = replicating(4);
    for (std::uint64_t i = 5; i < 8; ++i) {
        ASSERT_TRUE(by_count.may_send());
        by_count.sent(id(i), 1, 0);
    }
    EXPECT_FALSE(by_count.may_send());
    EXPECT_TRUE(by_count.accepted({6}, 0));
    EXPECT_EQ(by_count.inflight_appends(), 1u);
    EXPECT_TRUE(by_count.may_send());

    Progress by_bytes = replicating(4);
    by_bytes.sent(id(5), 500, 0);  // one may exceed the window, nothing follows it
    EXPECT_FALSE(by_bytes.may_send());
    EXPECT_EQ(by_bytes.inflight_bytes(), 500u);
    by_bytes.accepted({5}, 0);
    EXPECT_EQ(by_bytes.inflight_bytes(), 0u);
    EXPECT_TRUE(by_bytes.may_send());
}

TEST(Progress, MatchNeverFallsAndStaleAnswersTeachNothing) {
    Progress progress = replicating(4);
    progress.sent(id(5), 1, 0);
    progress.sent(id(6), 1, 0);
    ASSERT_TRUE(progress.accepted({6}, 0));
    EXPECT_FALSE(progress.accepted({5}, 0));
    EXPECT_EQ(progress.match(), Index{6});
    EXPECT_FALSE(progress.refused({6}, {2}, 0));  // at match: old, or the peer forgot
    EXPECT_FALSE(progress.refused({4}, {2}, 0));
    EXPECT_FALSE(progress.probing());
    EXPECT_EQ(progress.match(), Index{6});
}

TEST(Progress, ARefusalFallsBackToMatchThenToTheHint) {
    Progress progress = replicating(4);
    progress.sent(id(5), 1, 0);
    progress.sent(id(6), 1, 0);
    ASSERT_TRUE(progress.refused({5}, {5}, 0));
    EXPECT_TRUE(progress.probing());
    EXPECT_EQ(progress.next(), Index{5});
    EXPECT_EQ(progress.inflight_appends(), 0u);

    Progress probing({100}, {.appends = 3, .bytes = 100}, 0);
    probing.sent(id(100), 1, 0);
    EXPECT_FALSE(probing.refused({50}, {10}, 0));  // answers another probe
    ASSERT_TRUE(probing.refused({99}, {40}, 0));
    EXPECT_EQ(probing.next(), Index{41});
    ASSERT_TRUE(probing.refused({40}, {80}, 0));  // the hint is never above the refusal
    EXPECT_EQ(probing.next(), Index{40});
}

TEST(Progress, SuspectsLossWhenNothingIsAcknowledgedForAWhile) {
    Progress progress = replicating(4);
    EXPECT_FALSE(progress.heartbeat_answered(1'000, 10));  // nothing is under way
    progress.sent(id(5), 1, 1'000);
    EXPECT_FALSE(progress.heartbeat_answered(1'009, 10));
    EXPECT_TRUE(progress.heartbeat_answered(1'010, 10));
    EXPECT_FALSE(progress.heartbeat_answered(1'011, 10));  // once a while, however many heartbeats
    EXPECT_TRUE(progress.heartbeat_answered(1'020, 10));
    progress.sent(id(6), 1, 1'025);
    EXPECT_TRUE(progress.heartbeat_answered(1'030, 10));  // sending more is no acknowledgement
    progress.accepted({5}, 1'035);
    EXPECT_FALSE(progress.heartbeat_answered(1'044, 10));
    EXPECT_TRUE(progress.heartbeat_answered(1'045, 10));
}

TEST(Progress, WaitsForAnUnreachablePeer) {
    Progress progress = replicating(4);
    progress.sent(id(5), 1, 0);
    progress.unreachable();
    EXPECT_TRUE(progress.probing());
    EXPECT_EQ(progress.next(), Index{5});
    EXPECT_FALSE(progress.may_send());
    progress.heartbeat_answered(0, 10);
    EXPECT_TRUE(progress.may_send());
}

TEST(Progress, SendsNothingWhileItReads) {
    Progress progress = replicating(4);
    progress.reading = Index{5};
    EXPECT_FALSE(progress.may_send());
}

TEST(Progress, RemembersTheIdBeforeNextOnlyWhileItIsThat) {
    Progress progress = replicating(4);
    EXPECT_FALSE(progress.previous());
    progress.sent(id(6), 1, 0);
    ASSERT_TRUE(progress.previous());
    EXPECT_EQ(progress.previous()->index, Index{6});
    progress.refused({6}, {5}, 0);
    EXPECT_FALSE(progress.previous());
}

// Each restart may cost a window again, while the last one is still under way.
TEST(Progress, APeerThatLosesAgainAndAgainIsFedOneAppendAtATime) {
    Progress progress({10}, {.appends = 3, .bytes = 100, .restart_interval = 50}, 0);
    progress.accepted({9}, 0);
    for (unsigned i = 0; i < Progress::restarts; ++i) {
        ASSERT_TRUE(progress.lost({4}, 1'000));
        EXPECT_TRUE(progress.may_send());
        ASSERT_TRUE(progress.accepted({9}, 1'000));
        EXPECT_FALSE(progress.probing());
    }
    ASSERT_TRUE(progress.lost({4}, 1'001));
    EXPECT_EQ(progress.match(), Index{4});  // it does not count for what it says it lost
    EXPECT_FALSE(progress.may_send());
    progress.accepted({9}, 1'002);  // an answer to what was sent before
    EXPECT_EQ(progress.match(), Index{9});
    EXPECT_FALSE(progress.may_send());
    progress.heartbeat_answered(1'010, 10);
    EXPECT_TRUE(progress.may_send());
    progress.sent(id(10), 1, 1'010);
    EXPECT_FALSE(progress.may_send());
    progress.accepted({10}, 1'060);  // the interval is over
    EXPECT_FALSE(progress.probing());
    // A refusal too many in replicate is as if lost.
    progress.sent(id(11), 1, 1'060);
    for (unsigned i = 0; i < Progress::restarts; ++i) {
        ASSERT_TRUE(progress.lost({4}, 1'060));
        progress.accepted({10}, 1'060);
        progress.sent(id(11), 1, 1'060);
    }
    EXPECT_FALSE(progress.refused({11}, {10}, 1'061));
    EXPECT_FALSE(progress.probing());
}

TEST(Progress, APeerThatLostEntriesIsCountedForWhatIsLeft) {
    Progress progress = replicating(9);
    progress.sent(id(10), 1, 0);
    ASSERT_TRUE(progress.lost({4}, 0));
    EXPECT_EQ(progress.match(), Index{4});
    EXPECT_EQ(progress.next(), Index{5});
    EXPECT_TRUE(progress.probing());
    EXPECT_EQ(progress.inflight_appends(), 0u);
    EXPECT_FALSE(progress.lost({4}, 0));  // no news
    EXPECT_FALSE(progress.lost({7}, 0));  // nor may it raise what is counted
    EXPECT_EQ(progress.match(), Index{4});
    EXPECT_TRUE(progress.accepted({9}, 0));
    EXPECT_EQ(progress.match(), Index{9});
}

TEST(Progress, APeerThatNeedsTheBaseIsSentItAloneUntilItAnswers) {
    Progress progress({20}, {.appends = 3, .bytes = 100}, 0);
    progress.sent(id(19), 0, 0);
    ASSERT_TRUE(progress.require_base());
    EXPECT_TRUE(progress.needs_base());
    EXPECT_FALSE(progress.require_base());  // asked for already
    EXPECT_TRUE(progress.may_send());
    progress.base_sent();
    EXPECT_FALSE(progress.may_send());
    progress.heartbeat_answered(0, 10);
    EXPECT_TRUE(progress.may_send());  // it may have been lost
    EXPECT_TRUE(progress.needs_base());
    progress.base_sent();
    EXPECT_TRUE(progress.accepted({15}, 0));
    EXPECT_FALSE(progress.needs_base());
    EXPECT_EQ(progress.next(), Index{16});
    EXPECT_FALSE(progress.probing());
}

}  // namespace
}  // namespace socai::consensus
