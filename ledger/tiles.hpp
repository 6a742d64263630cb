// C2SP tlog-tiles, height 8: names of tiles and entry bundles, their widths, and a NodeReader over them
// (reference/transparency_log.md §1.5). Pure; safe from any thread, TileNodeReader as its fetch allows.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/merkle_tree.hpp"

namespace socai::ledger {

inline constexpr std::uint32_t tile_height = 8;
inline constexpr std::uint64_t tile_width = 256;
inline constexpr std::uint32_t max_tile_level = 63;

// A tile of hashes, or (entries = true, level 0) a bundle of entries.
struct TileName {
    bool entries = false;
    std::uint32_t level = 0;  // 0..63
    std::uint64_t index = 0;
    std::uint32_t width = 256;  // 1..256; 256 is a full tile
    auto operator<=>(const TileName&) const = default;
};

// "tile/0/x001/x234/067", "tile/1/000.p/17", "tile/entries/000.p/3". Precondition: the ranges above.
std::string tile_path(const TileName& name);
// The inverse; `path` without leading slash. Nothing unless canonical.
std::optional<TileName> parse_tile_path(std::string_view path);
// Width of tile (level, index) in a tree of `size` leaves: 0 (does not exist) .. 256. An entry bundle has the
// width of the tile of level 0.
std::uint32_t tile_width_at(std::uint32_t level, std::uint64_t index, std::uint64_t size);

// Appends one element of an entry bundle: u16 big-endian length, then the entry. Precondition: it fits.
void append_bundle_entry(std::string& bundle, std::string_view entry);
// The entries of a bundle, as views into it. Nothing when it is cut short or holds more than 256.
std::optional<std::vector<std::string_view>> split_bundle(std::string_view bundle);

// Fetches the bytes (width * 32) of at least `name.width` hashes of a tile; nothing when absent.
using TileFetch = std::function<std::optional<std::string>(const TileName& name)>;

// NodeReader for a tree of `size` leaves on top of hash tiles. Asks for each tile at its width in that size;
// what the fetch gives may be wider (a tile that has grown since). Nothing for nodes beyond `size`.
class TileNodeReader : public NodeReader {
  public:
    TileNodeReader(std::uint64_t size, TileFetch fetch) : size_(size), fetch_(std::move(fetch)) {}
    std::optional<Hash> node(std::uint32_t level, std::uint64_t index) const override;

  private:
    std::uint64_t size_;
    TileFetch fetch_;
};

}  // namespace socai::ledger
