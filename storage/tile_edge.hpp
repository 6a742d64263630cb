// The right edge of the tree, tile by tile (C2SP tlog-tiles, height 8): takes leaf hashes and says which
// hashes are to be appended to which tiles. A hash of tile level L stands for a full tile of level L-1. Pure;
// one owner.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/hash.hpp"
#include "ledger/tiles.hpp"

namespace socai::storage {

inline constexpr std::size_t hash_bytes = 32;

// Root of the perfect subtree over `hashes`: a power of two of them, 32 bytes each.
ledger::Hash subtree_root(std::string_view hashes);

class TileEdge {
  public:
    // Bytes to append to the tile (level, index).
    struct Growth {
        std::uint32_t level = 0;
        std::uint64_t index = 0;
        std::string bytes;
    };

    TileEdge() = default;
    // The edge of a tree of `size` leaves; `tile(level, index)` gives the bytes of each partial tile. Nothing
    // when one is missing or not of the length that `size` demands.
    static std::optional<TileEdge> load(std::uint64_t size, const ledger::TileFetch& tile);

    void append(const ledger::Hash& leaf);
    // What was appended since the last call, at most one growth a tile, in the order of first growth.
    std::vector<Growth> take_growth();

  private:
    void append(std::uint32_t level, const ledger::Hash& hash);

    struct Level {
        std::uint64_t index = 0;  // of the tile that is growing
        std::string bytes;        // its hashes so far, less than a full tile's
    };
    std::vector<Level> levels_;
    std::vector<Growth> growth_;
};

}  // namespace socai::storage
