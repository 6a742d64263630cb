#include "storage/tile_edge.hpp"

#include <gtest/gtest.h>

#include <map>

#include "ledger/merkle_tree.hpp"

namespace socai::storage {
namespace {

ledger::Hash leaf(std::uint64_t n) {
    return ledger::leaf_hash(std::to_string(n));
}

std::string bytes_of(const ledger::Hash& hash) {
    return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

TEST(TileEdge, TheRootOfASubtreeIsTheTreesHash) {
    std::string hashes;
    ledger::Frontier frontier;
    for (std::uint64_t n = 0; n < 256; ++n) {
        hashes += bytes_of(leaf(n));
        frontier.append(leaf(n));
        const std::uint64_t size = n + 1;
        if ((size & (size - 1)) != 0) continue;
        EXPECT_EQ(subtree_root(hashes), frontier.root()) << size;
    }
}

TEST(TileEdge, GrowthIsTheTilesWhateverTheBatch) {
    constexpr std::uint64_t size = 256 * 256 + 700;
    std::map<std::pair<std::uint32_t, std::uint64_t>, std::string> tiles;
    TileEdge edge;
    for (std::uint64_t n = 0, batch = 1; n < size; batch = batch % 999 + 1) {
        for (std::uint64_t i = 0; i < batch && n < size; ++i) edge.append(leaf(n++));
        for (const TileEdge::Growth& growth : edge.take_growth())
            tiles[{growth.level, growth.index}] += growth.bytes;
        // A loaded edge goes on as this one does.
        if (batch % 37 != 0) continue;
        auto loaded = TileEdge::load(n, [&](const ledger::TileName& name) -> std::optional<std::string> {
            return tiles.at({name.level, name.index});
        });
        ASSERT_TRUE(loaded);
        edge = *std::move(loaded);
    }
    EXPECT_TRUE(edge.take_growth().empty());

    std::vector<std::string> level;
    for (std::uint64_t n = 0; n < size; ++n) level.push_back(bytes_of(leaf(n)));
    std::size_t expected = 0;
    for (std::uint32_t l = 0; !level.empty(); ++l) {
        std::vector<std::string> above;
        for (std::size_t first = 0; first < level.size(); first += 256, ++expected) {
            std::string tile;
            for (std::size_t i = first; i < std::min(first + 256, level.size()); ++i) tile += level[i];
            EXPECT_EQ((tiles[{l, first / 256}]), tile) << "level " << l << " tile " << first / 256;
            if (tile.size() == 256 * hash_bytes) above.push_back(bytes_of(subtree_root(tile)));
        }
        level = std::move(above);
    }
    EXPECT_EQ(tiles.size(), expected);
}

TEST(TileEdge, AMissingOrShortTileIsNoticed) {
    EXPECT_TRUE(TileEdge::load(0, [](const auto&) { return std::nullopt; }));
    EXPECT_TRUE(TileEdge::load(256, [](const ledger::TileName& name) {
        return name.level == 1 ? std::optional(std::string(32, 'x')) : std::nullopt;
    }));
    EXPECT_FALSE(TileEdge::load(3, [](const auto&) { return std::nullopt; }));
    EXPECT_FALSE(TileEdge::load(3, [](const auto&) { return std::optional(std::string(64, 'x')); }));
}

}  // namespace
}  // namespace socai::storage
