#include "ledger/tiles.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/unit/ledger/naive_tree.hpp"

namespace socai::ledger {
namespace {

// The tiles of a tree as tlog-tiles defines them: hash i of tile n at level l is the root over the 256^l
// leaves from (n * 256 + i) * 256^l on.
std::map<TileName, std::string> naive_tiles(naive::Leaves leaves) {
    std::map<TileName, std::string> tiles;
    std::size_t span = 1;
    for (std::uint32_t level = 0; leaves.size() / span > 0; ++level, span *= 256) {
        const std::size_t count = leaves.size() / span;
        for (std::size_t i = 0; i < count; i += 256) {
            const std::size_t width = std::min<std::size_t>(256, count - i);
            std::string& tile = tiles[{false, level, i / 256, static_cast<std::uint32_t>(width)}];
            for (std::size_t j = i; j < i + width; ++j) {
                const Hash hash = naive::root(leaves.subspan(j * span, span));
                tile.append(hash.begin(), hash.end());
            }
        }
    }
    return tiles;
}

// Serves exactly the tiles of one size: a request at another width finds nothing.
TileFetch fetch_from(const std::map<TileName, std::string>& tiles) {
    return [&tiles](const TileName& name) -> std::optional<std::string> {
        const auto tile = tiles.find(name);
        if (tile == tiles.end()) return std::nullopt;
        return tile->second;
    };
}

TEST(Tiles, PathsAreThoseOfTheSpecification) {
    EXPECT_EQ(tile_path({false, 0, 1'234'067, 256}), "tile/0/x001/x234/067");
    EXPECT_EQ(tile_path({false, 0, 0, 256}), "tile/0/000");
    EXPECT_EQ(tile_path({false, 1, 0, 17}), "tile/1/000.p/17");
    EXPECT_EQ(tile_path({true, 0, 0, 3}), "tile/entries/000.p/3");
    EXPECT_EQ(tile_path({true, 0, 273, 112}), "tile/entries/273.p/112");
    EXPECT_EQ(tile_path({false, 63, UINT64_MAX, 1}), "tile/63/x018/x446/x744/x073/x709/x551/615.p/1");
}

TEST(Tiles, WidthsAreThoseOfTheSpecification) {
    // 70,000 leaves: 273 full and one partial tile, one full and one partial, one partial.
    EXPECT_EQ(tile_width_at(0, 272, 70'000), 256U);
    EXPECT_EQ(tile_width_at(0, 273, 70'000), 112U);
    EXPECT_EQ(tile_width_at(0, 274, 70'000), 0U);
    EXPECT_EQ(tile_width_at(1, 0, 70'000), 256U);
    EXPECT_EQ(tile_width_at(1, 1, 70'000), 17U);
    EXPECT_EQ(tile_width_at(1, 2, 70'000), 0U);
    EXPECT_EQ(tile_width_at(2, 0, 70'000), 1U);
    EXPECT_EQ(tile_width_at(3, 0, 70'000), 0U);
    // 256 leaves: a full tile and the first hash above it.
    EXPECT_EQ(tile_width_at(0, 0, 256), 256U);
    EXPECT_EQ(tile_width_at(0, 1, 256), 0U);
    EXPECT_EQ(tile_width_at(1, 0, 256), 1U);
    EXPECT_EQ(tile_width_at(0, 0, 0), 0U);
    EXPECT_EQ(tile_width_at(7, 0, UINT64_MAX), 255U);
    EXPECT_EQ(tile_width_at(8, 0, UINT64_MAX), 0U);
    EXPECT_EQ(tile_width_at(63, 0, UINT64_MAX), 0U);
}

RC_GTEST_PROP(Tiles, ANameComesBackFromItsPath, ()) {
    TileName name;
    name.entries = *rc::gen::arbitrary<bool>();
    name.level = name.entries ? 0 : *rc::gen::inRange<std::uint32_t>(0, 64);
    name.index = *rc::gen::arbitrary<std::uint64_t>() >> *rc::gen::inRange(0, 64);
    name.width = *rc::gen::inRange<std::uint32_t>(1, 257);
    RC_ASSERT(parse_tile_path(tile_path(name)) == name);
}

TEST(Tiles, RefusesOtherPaths) {
    for (const char* path : {"",
                             "tile",
                             "tile/",
                             "tile/0",
                             "tile/0/",
                             "/tile/0/000",
                             "tile/0/0",
                             "tile/0/0000",
                             "tile/0/000/",
                             "tile/00/000",
                             "tile/64/000",
                             "tile/-1/000",
                             "tile/+1/000",
                             "tile/x/000",
                             "tile/0/x000/001",
                             "tile/0/x001",
                             "tile/0/001/002",
                             "tile/0/x001/x002",
                             "tile/0/x018/x446/x744/x073/x709/x551/616",
                             "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/999",
                             "tile/0/000.p/0",
                             "tile/0/000.p/256",
                             "tile/0/000.p/017",
                             "tile/0/000.p/",
                             "tile/0/000.p",
                             "tile/0/000.p/1.p/1",
                             "tile/0/000.p/1/",
                             "tile/entries/0",
                             "tile/entry/000",
                             "tile/data/000",
                             "tile/8/0/000",
                             "tile/0/../000",
                             "tile/0/00a"}) {
        EXPECT_FALSE(parse_tile_path(path)) << path;
    }
}

RC_GTEST_PROP(Tiles, GiveTheRootsAndProofsOfTheNaiveTree, ()) {
    const auto leaves = naive::leaves(*rc::gen::inRange<std::size_t>(1, 1'200));
    const auto tiles = naive_tiles(leaves);
    const TileNodeReader nodes(leaves.size(), fetch_from(tiles));
    RC_ASSERT(read_root(leaves.size(), nodes) == naive::root(leaves));
    const auto index = *rc::gen::inRange<std::size_t>(0, leaves.size());
    RC_ASSERT(inclusion_proof(index, leaves.size(), nodes) == naive::path(index, leaves));
    const auto from = *rc::gen::inRange<std::size_t>(0, leaves.size() + 1);
    RC_ASSERT(consistency_proof(from, leaves.size(), nodes) == naive::proof(from, leaves));
    // An earlier size, proven from the tiles of the later one.
    RC_ASSERT(read_root(from, nodes) == naive::root(naive::Leaves(leaves).first(from)));
}

TEST(Tiles, CarryATreeOfThreeTileLevels) {
    const auto leaves = naive::leaves(70'000);
    const auto tiles = naive_tiles(leaves);
    EXPECT_EQ(tiles.size(), 277U);
    const TileNodeReader nodes(leaves.size(), fetch_from(tiles));
    const Hash root = naive::root(leaves);
    EXPECT_EQ(read_root(leaves.size(), nodes), root);
    for (const std::size_t index : {0UL, 255UL, 256UL, 65'535UL, 65'536UL, 69'887UL, 69'888UL, 69'999UL}) {
        const auto proof = inclusion_proof(index, leaves.size(), nodes);
        ASSERT_TRUE(proof);
        EXPECT_TRUE(verify_inclusion(index, leaves.size(), leaves[index], *proof, root)) << index;
    }
}

TEST(Tiles, ReaderGivesNothingBeyondTheTreeOrFromDamagedTiles) {
    const auto leaves = naive::leaves(300);
    auto tiles = naive_tiles(leaves);
    const TileNodeReader nodes(leaves.size(), fetch_from(tiles));
    EXPECT_TRUE(nodes.node(0, 299));
    EXPECT_FALSE(nodes.node(0, 300));
    EXPECT_TRUE(nodes.node(8, 0));
    EXPECT_FALSE(nodes.node(8, 1));
    EXPECT_FALSE(nodes.node(9, 0));
    EXPECT_FALSE(nodes.node(63, 0));
    EXPECT_FALSE(nodes.node(64, 0));
    EXPECT_FALSE(nodes.node(UINT32_MAX, UINT64_MAX));

    tiles[{false, 0, 1, 44}].pop_back();
    EXPECT_FALSE(nodes.node(0, 299));
    EXPECT_FALSE(read_root(300, nodes));
    tiles[{false, 0, 1, 44}].append(256 * sizeof(Hash), '\0');
    EXPECT_FALSE(nodes.node(0, 299));
    tiles.erase({false, 0, 1, 44});
    EXPECT_FALSE(nodes.node(0, 299));
}

TEST(Tiles, ReaderTakesATileThatHasGrown) {
    const auto leaves = naive::leaves(300);
    const auto grown = naive_tiles(leaves);
    const TileNodeReader nodes(10, [&](const TileName& name) -> std::optional<std::string> {
        EXPECT_EQ(name, (TileName{false, 0, 0, 10}));
        return grown.at({false, 0, 0, 256});
    });
    EXPECT_EQ(read_root(10, nodes), naive::root(naive::Leaves(leaves).first(10)));
}

RC_GTEST_PROP(Tiles, AnEntryBundleComesApartAsItWasPut, (const std::vector<std::string>& entries)) {
    std::string bundle;
    for (const std::string& entry : entries) append_bundle_entry(bundle, entry);
    const auto split = split_bundle(bundle);
    RC_ASSERT(split.has_value());
    RC_ASSERT(std::vector<std::string>(split->begin(), split->end()) == entries);
}

TEST(Tiles, EntryBundlesHaveBounds) {
    std::string bundle;
    append_bundle_entry(bundle, std::string(65'535, 'x'));
    EXPECT_EQ(bundle.substr(0, 3), "\xff\xffx");
    ASSERT_TRUE(split_bundle(bundle));
    EXPECT_FALSE(split_bundle(bundle.substr(0, bundle.size() - 1)));
    EXPECT_FALSE(split_bundle(bundle + "\x01"));
    EXPECT_FALSE(split_bundle(bundle.substr(0, 1)));
    EXPECT_TRUE(split_bundle(std::string(256 * 2, '\0')));
    EXPECT_FALSE(split_bundle(std::string(257 * 2, '\0')));
}

}  // namespace
}  // namespace socai::ledger
