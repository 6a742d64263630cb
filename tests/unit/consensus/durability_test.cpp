#include "consensus/durability.hpp"

#include <gtest/gtest.h>

namespace socai::consensus {
namespace {

TEST(Durability, FollowsTheJobsInOrder) {
    Durability durability(Index{10});
    durability.issued(durability.next_ticket(), {12});
    durability.issued(durability.next_ticket(), {15});
    EXPECT_EQ(durability.durable(), Index{10});
    durability.stored(1);
    EXPECT_EQ(durability.durable(), Index{12});
    EXPECT_FALSE(durability.idle());
    durability.stored(2);
    EXPECT_EQ(durability.durable(), Index{15});
    EXPECT_TRUE(durability.idle());
}

TEST(Durability, AnOldCompletionDoesNotVouchForWhatReplacedIt) {
    Durability durability(Index{10});
    durability.issued(durability.next_ticket(), {13});  // 11..13 of an old term
    durability.truncated({12});
    durability.issued(durability.next_ticket(), {14});  // 12..14 of a new one
    durability.stored(1);
    EXPECT_EQ(durability.durable(), Index{11});
    durability.stored(2);
    EXPECT_EQ(durability.durable(), Index{14});
}

TEST(Durability, TruncationTakesBackWhatWasDurable) {
    Durability durability(Index{10});
    durability.truncated({8});
    EXPECT_EQ(durability.durable(), Index{7});
}

TEST(DurabilityDeathTest, RefusesJobsOutOfOrder) {
    Durability durability(Index{10});
    durability.issued(durability.next_ticket(), {11});
    durability.issued(durability.next_ticket(), {12});
    EXPECT_DEATH(durability.stored(2), "in order");
}

TEST(Durability, ANewBaseTakesBackWhatTheLogsDoNotShare) {
    Durability durability(Index{10});
    durability.issued(durability.next_ticket(), {13});
    durability.replaced({9});  // up to there the old log and what comes instead agree
    EXPECT_EQ(durability.durable(), Index{9});
    durability.issued(durability.next_ticket(), {50});
    durability.stored(1);
    EXPECT_EQ(durability.durable(), Index{9});
    durability.stored(2);
    EXPECT_EQ(durability.durable(), Index{50});
}

// The rows of etcd's TestUnstableTruncateAndAppend: three entries 5..7 are being written or written, then others are
// appended from `first` on; what is durable when the earlier write ends, and when the later one does.
struct OverwriteRow {
    bool written_before;
    std::uint64_t first, last;
    std::uint64_t after_earlier, after_later;
};

TEST(Durability, AppendsThatReplace) {
    const OverwriteRow rows[] = {
        {false, 8, 8, 7, 8},  // to the end
        {false, 5, 6, 4, 6},  // all of it
        {false, 4, 6, 3, 6},  // and more
        {false, 6, 6, 5, 6},  // part of it
        {false, 7, 8, 6, 8},  //
        {true, 8, 8, 7, 8},  {true, 5, 6, 4, 6}, {true, 7, 7, 6, 7},
    };
    for (const OverwriteRow& row : rows) {
        SCOPED_TRACE(row.first);
        Durability durability(Index{4});
        durability.issued(durability.next_ticket(), {7});
        if (row.written_before) durability.stored(1);
        if (row.first <= 7) durability.truncated({row.first});
        durability.issued(durability.next_ticket(), {row.last});
        if (!row.written_before) durability.stored(1);
        EXPECT_EQ(durability.durable().value, row.after_earlier);
        durability.stored(2);
        EXPECT_EQ(durability.durable().value, row.after_later);
    }
}

}  // namespace
}  // namespace socai::consensus
