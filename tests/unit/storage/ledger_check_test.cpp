#include "storage/ledger_check.hpp"

#include <gtest/gtest.h>

#include "small_node.hpp"

namespace socai::storage {
namespace {

using test::SmallNode;
using test::TempFolder;

class LedgerCheckTest : public testing::Test {
  protected:
    LedgerCheckTest() : node(folder / "data") {
        node.open();
        node.grow(700);
    }
    TreeCheck::ReadRow rows() {
        return [this](std::uint32_t level, std::uint64_t row) {
            return node.state().database().row_once(level, row);
        };
    }
    void run(LedgerCheck& check) {
        while (true) {
            const auto stretch = check.advance(node.entries().back()->id.index, node.tree().size());
            ASSERT_TRUE(stretch) << stretch.error().detail;
            ASSERT_FALSE(stretch->unreadable);
            if (stretch->ended) return;
        }
    }

    TempFolder folder;
    SmallNode node;
};

TEST_F(LedgerCheckTest, ASoundLedgerLeadsToItsRoot) {
    LedgerCheck check(node.log().database(), {}, rows());
    run(check);
    EXPECT_EQ(check.place().tree.root(), node.state().frontier().root());
    EXPECT_TRUE(check.tree().wrong().empty());
    EXPECT_FALSE(check.contradiction());
    EXPECT_EQ(check.entries(), 700);
}

TEST_F(LedgerCheckTest, GoesOnFromAnyPlace) {
    for (const std::uint64_t first : {1U, 255U, 256U, 257U, 699U}) {
        LedgerCheck half(node.log().database(), {}, rows());
        while (half.tree().size() < first) ASSERT_TRUE(half.advance({first}, first));
        LedgerCheck rest(node.log().database(), half.place(), rows());
        run(rest);
        EXPECT_TRUE(rest.tree().wrong().empty()) << first;
        EXPECT_EQ(rest.place().tree.root(), node.state().frontier().root());
    }
}

TEST_F(LedgerCheckTest, ARowThatHoldsSomethingElseIsFoundAndMadeRight) {
    struct Place {
        std::uint32_t level;
        std::uint64_t row;
    };
    for (const Place place : {Place{0, 0}, Place{0, 1}, Place{1, 0}}) {
        const std::string right = **node.state().database().row_once(place.level, place.row);
        std::string wrong = right;
        wrong[77] ^= 1;
        ASSERT_TRUE(node.state().rewrite_row(place.level, place.row, wrong));
        LedgerCheck check(node.log().database(), {}, rows());
        run(check);
        ASSERT_EQ(check.tree().wrong().size(), 1U);
        const auto& [where, bytes] = *check.tree().wrong().begin();
        EXPECT_EQ(where, std::pair(place.level, place.row));
        EXPECT_EQ(bytes, right);
        EXPECT_EQ(check.place().tree.root(), node.state().frontier().root());
        ASSERT_TRUE(node.state().rewrite_row(place.level, place.row, bytes));
    }
}

TEST_F(LedgerCheckTest, MoreWrongRowsThanAreKept) {
    TreeCheck check(ledger::Frontier(),
                    [](std::uint32_t, std::uint64_t) { return std::optional<std::string>(); });
    for (std::uint64_t leaf = 0; leaf < 256 * (TreeCheck::max_wrong + 10); ++leaf) check.append({});
    ASSERT_TRUE(check.compare());
    EXPECT_TRUE(check.too_many());
    EXPECT_EQ(check.wrong().size(), TreeCheck::max_wrong);
}

// A statement that was rewritten together with its id and everything after it: only the leaders' roots remain, and
// the tree.
TEST_F(LedgerCheckTest, AnotherHistoryContradictsTheRootsInTheLog) {
    consensus::StorageJob job;
    job.truncate_from = consensus::Index{400};
    consensus::EntryId previous = node.entries()[398]->id;
    for (std::size_t i = 399; i < node.entries().size(); ++i) {
        const auto& old = *node.entries()[i];
        job.append.push_back(
            test::next_entry(previous, 1, i == 399 ? old.payload + "!" : old.payload, old.kind, old.mark));
        previous = job.append.back()->id;
    }
    ASSERT_TRUE(node.log().write({&job, 1}));
    LedgerCheck check(node.log().database(), {}, rows());
    while (true) {
        const auto stretch = check.advance({700}, 700);
        ASSERT_TRUE(stretch);
        if (stretch->ended) break;
    }
    ASSERT_TRUE(check.contradiction());
    EXPECT_NE(check.contradiction()->find("400"), std::string::npos) << *check.contradiction();
    EXPECT_NE(check.place().tree.root(), node.state().frontier().root());
}

TEST_F(LedgerCheckTest, AnUnreadableEntryIsNamedAndStepped) {
    node.reopen();
    for (const TableFile& table : table_files(node.log_files()))
        if (table.family == "entries") test::flip(table.path, 60);
    node.log().database().files().forget_cached();
    LedgerCheck check(node.log().database(), {}, rows());
    bool met = false;
    while (true) {
        const auto stretch = check.advance({700}, 700);
        ASSERT_TRUE(stretch) << stretch.error().detail;
        if (stretch->ended) break;
        if (!stretch->unreadable) continue;
        met = true;
        const std::uint64_t at = stretch->unreadable->value - 1;
        check.skip(node.entries()[at]->id, node.entries()[at]->digest);
    }
    EXPECT_TRUE(met);
    EXPECT_TRUE(check.skipped());
    EXPECT_EQ(check.place().tree.root(), node.state().frontier().root());
}

}  // namespace
}  // namespace socai::storage
