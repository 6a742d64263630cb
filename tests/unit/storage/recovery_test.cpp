#include "storage/recovery.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace socai::storage {
namespace {

consensus::EntryId id(std::uint64_t term, std::uint64_t index, std::uint8_t hash = 1) {
    return {{term}, {index}, {hash}};
}

LogMark mark(std::uint64_t write, const consensus::EntryId& last, std::uint64_t truncated_from = 0) {
    return {write, {truncated_from}, last, {}};
}

// Write 7 took the log from index 20 to index 25.
SideState under_way() {
    SideState side;
    side.durable_write = 6;
    side.durable = id(3, 20);
    side.intended_write = 7;
    side.intended = id(3, 25);
    return side;
}

SideState settled() {
    SideState side = under_way();
    side.durable_write = 7;
    side.durable = side.intended;
    return side;
}

TEST(Recovery, TheWriteArrived) {
    EXPECT_EQ(*judge_end(under_way(), mark(7, id(3, 25)), "d"), LogEnd::complete);
    EXPECT_EQ(*judge_end(settled(), mark(7, id(3, 25)), "d"), LogEnd::complete);
}

TEST(Recovery, TheWriteUnderWayIsATornTail) {
    EXPECT_EQ(*judge_end(under_way(), mark(6, id(3, 20)), "d"), LogEnd::torn);
    EXPECT_EQ(promised_after(under_way(), LogEnd::torn), id(3, 20));
}

TEST(Recovery, AWriteWhoseSlotWasLostIsKept) {
    EXPECT_EQ(*judge_end(under_way(), mark(8, id(4, 30)), "d"), LogEnd::ahead);
    EXPECT_EQ(*judge_end(settled(), mark(8, id(4, 12), 12), "d"), LogEnd::ahead);
}

TEST(Recovery, AnAcknowledgedWriteThatIsMissingIsLostAndPromised) {
    EXPECT_EQ(*judge_end(under_way(), mark(5, id(3, 14)), "d"), LogEnd::lost);
    // What was under way may have been acknowledged too, since the loss is not the crash's.
    EXPECT_EQ(promised_after(under_way(), LogEnd::lost), id(3, 25));
    // A settled side file knows the last write too.
    EXPECT_EQ(*judge_end(settled(), mark(6, id(3, 20)), "d"), LogEnd::lost);
    EXPECT_EQ(promised_after(settled(), LogEnd::lost), id(3, 25));
}

TEST(Recovery, ATruncationThatWasAcknowledgedMayNotComeUndone) {
    // Write 7 truncated from 25 to 20: losing it leaves a longer log, and is still a loss.
    SideState side = settled();
    side.durable = side.intended = id(4, 20);
    EXPECT_EQ(*judge_end(side, mark(6, id(3, 25)), "d"), LogEnd::lost);
    EXPECT_EQ(promised_after(side, LogEnd::lost), id(4, 20));
    EXPECT_TRUE(is_behind(id(3, 25), id(4, 20)));
}

TEST(Recovery, AnEarlierPromiseStands) {
    SideState side = settled();
    side.promised = id(3, 40);
    EXPECT_EQ(promised_after(side, LogEnd::complete), id(3, 40));
    EXPECT_EQ(promised_after(side, LogEnd::lost), id(3, 40));
    side.intended = side.durable = id(4, 12);
    EXPECT_EQ(promised_after(side, LogEnd::lost), id(4, 12));
}

TEST(Recovery, ASideFileOlderThanTheLogIsRefused) {
    const auto verdict = judge_end(under_way(), mark(9, id(3, 40)), "/d");
    ASSERT_EQ(test::reason_of(verdict), "corrupt_side_file");
    EXPECT_NE(verdict.error().detail.find("/d/acknowledged"), std::string::npos);
    EXPECT_NE(verdict.error().detail.find("add-node"), std::string::npos);
}

TEST(Recovery, AnotherEndThanTheWriteLeftIsALoss) {
    EXPECT_EQ(*judge_end(under_way(), mark(7, id(3, 24)), "d"), LogEnd::lost);
    EXPECT_EQ(*judge_end(under_way(), mark(7, id(3, 25, 2)), "d"), LogEnd::lost);
    EXPECT_EQ(*judge_end(under_way(), mark(6, id(3, 21)), "d"), LogEnd::lost);
}

}  // namespace
}  // namespace socai::storage
