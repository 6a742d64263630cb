#include "storage/recovery.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace socai::storage {
namespace {

consensus::EntryId id(std::uint64_t term, std::uint64_t index, std::uint8_t hash = 1) {
    return {{term}, {index}, {hash}};
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
    EXPECT_EQ(*judge_end(under_way(), {7, {}, id(3, 25)}, "d"), LogEnd::complete);
    EXPECT_EQ(*judge_end(settled(), {7, {}, id(3, 25)}, "d"), LogEnd::complete);
}

TEST(Recovery, TheWriteUnderWayIsATornTail) {
    EXPECT_EQ(*judge_end(under_way(), {6, {}, id(3, 20)}, "d"), LogEnd::torn);
}

TEST(Recovery, AWriteWhoseSlotWasLostIsKept) {
    EXPECT_EQ(*judge_end(under_way(), {8, {}, id(4, 30)}, "d"), LogEnd::ahead);
    EXPECT_EQ(*judge_end(settled(), {8, {12}, id(4, 12)}, "d"), LogEnd::ahead);
}

TEST(Recovery, AnAcknowledgedWriteThatIsMissingIsNamed) {
    const auto verdict = judge_end(under_way(), {5, {}, id(3, 14)}, "/d");
    ASSERT_EQ(test::reason_of(verdict), "log_cut_short");
    EXPECT_NE(verdict.error().detail.find("15 to 20"), std::string::npos) << verdict.error().detail;
    EXPECT_NE(verdict.error().detail.find("/d/log"), std::string::npos);
    // A settled side file knows the last write too.
    EXPECT_EQ(test::reason_of(judge_end(settled(), {6, {}, id(3, 20)}, "d")), "log_cut_short");
}

TEST(Recovery, ATruncationThatWasAcknowledgedMayNotComeUndone) {
    // Write 7 truncated from 25 to 20: losing it leaves a longer log, and is still a loss.
    SideState side = settled();
    side.durable = side.intended = id(4, 20);
    EXPECT_EQ(test::reason_of(judge_end(side, {6, {}, id(3, 25)}, "d")), "log_cut_short");
}

TEST(Recovery, ASideFileOlderThanTheLogIsRefused) {
    EXPECT_EQ(test::reason_of(judge_end(under_way(), {9, {}, id(3, 40)}, "d")), "corrupt_side_file");
}

TEST(Recovery, AnotherEndThanTheWriteLeftIsCorrupt) {
    EXPECT_EQ(test::reason_of(judge_end(under_way(), {7, {}, id(3, 24)}, "d")), "corrupt_log");
    EXPECT_EQ(test::reason_of(judge_end(under_way(), {7, {}, id(3, 25, 2)}, "d")), "corrupt_log");
    EXPECT_EQ(test::reason_of(judge_end(under_way(), {6, {}, id(3, 21)}, "d")), "corrupt_log");
}

}  // namespace
}  // namespace socai::storage
