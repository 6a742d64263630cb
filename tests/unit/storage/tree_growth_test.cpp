#include "storage/tree_growth.hpp"

#include <gtest/gtest.h>

#include <map>

namespace socai::storage {
namespace {

ledger::Hash leaf(std::uint64_t n) {
    return ledger::leaf_hash(std::to_string(n));
}

// Every row of a tree of `size` leaves, grown in batches of varying size, must be the naive tree's.
TEST(TreeGrowth, RowsAreTheTreesWhateverTheBatch) {
    constexpr std::uint64_t size = 256 * 256 + 700;
    std::map<std::pair<std::uint32_t, std::uint64_t>, std::string> rows;
    ledger::Frontier frontier;
    TreeGrowth growth(frontier);
    for (std::uint64_t n = 0, batch = 1; n < size; batch = batch % 999 + 1) {
        for (std::uint64_t i = 0; i < batch && n < size; ++i, ++n) {
            growth.append(leaf(n));
            frontier.append(leaf(n));
        }
        for (const TreeGrowth::Piece& piece : growth.take_pieces()) {
            EXPECT_FALSE(piece.bytes.empty());
            rows[{piece.level, piece.row}] += piece.bytes;
        }
        if (batch % 37 == 0) growth = TreeGrowth(frontier);  // as after a restart
    }
    EXPECT_TRUE(growth.take_pieces().empty());

    std::vector<ledger::Hash> level;
    for (std::uint64_t n = 0; n < size; ++n) level.push_back(leaf(n));
    std::size_t expected_rows = 0;
    for (std::uint32_t height = 0; !level.empty(); ++height) {
        for (std::size_t first = 0; first < level.size(); first += row_nodes, ++expected_rows) {
            std::string row;
            for (std::size_t i = first; i < std::min<std::size_t>(first + row_nodes, level.size()); ++i) {
                row.append(level[i].begin(), level[i].end());
            }
            EXPECT_EQ((rows[{height, first / row_nodes}]), row)
                << "level " << height << " row " << first / row_nodes;
        }
        std::vector<ledger::Hash> above;
        for (std::size_t i = 0; i + 1 < level.size(); i += 2) {
            above.push_back(ledger::node_hash(level[i], level[i + 1]));
        }
        level = std::move(above);
    }
    EXPECT_EQ(rows.size(), expected_rows);
}

}  // namespace
}  // namespace socai::storage
