#include "storage/tile_edge.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

#include "ledger/merkle_tree.hpp"

namespace socai::storage {
namespace {

constexpr std::size_t full_tile_bytes = ledger::tile_width * hash_bytes;

ledger::Hash hash_at(std::string_view hashes, std::size_t position) {
    ledger::Hash hash;
    const std::string_view bytes = hashes.substr(position * hash_bytes, hash_bytes);
    std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(hash.data()));
    return hash;
}

void append_hash(std::string& bytes, const ledger::Hash& hash) {
    bytes.append(reinterpret_cast<const char*>(hash.data()), hash.size());
}

}  // namespace

ledger::Hash subtree_root(std::string_view hashes) {
    const std::size_t count = hashes.size() / hash_bytes;
    assert(std::has_single_bit(count) && hashes.size() % hash_bytes == 0);
    if (count == 1) return hash_at(hashes, 0);
    std::vector<ledger::Hash> row(count / 2);
    for (std::size_t i = 0; i < row.size(); ++i) {
        row[i] = ledger::node_hash(hash_at(hashes, 2 * i), hash_at(hashes, 2 * i + 1));
    }
    for (std::size_t width = row.size(); width > 1; width /= 2) {
        for (std::size_t i = 0; i < width / 2; ++i) row[i] = ledger::node_hash(row[2 * i], row[2 * i + 1]);
    }
    return row.front();
}

std::optional<TileEdge> TileEdge::load(std::uint64_t size, const ledger::TileFetch& tile) {
    TileEdge edge;
    std::uint32_t level = 0;
    for (std::uint64_t hashes = size; hashes > 0; hashes /= ledger::tile_width, ++level) {
        Level& current = edge.levels_.emplace_back();
        current.index = hashes / ledger::tile_width;
        const auto width = static_cast<std::uint32_t>(hashes % ledger::tile_width);
        if (width == 0) continue;
        std::optional<std::string> bytes =
            tile({.entries = false, .level = level, .index = current.index, .width = width});
        if (!bytes || bytes->size() != width * hash_bytes) return std::nullopt;
        current.bytes = *std::move(bytes);
    }
    return edge;
}

void TileEdge::append(const ledger::Hash& leaf) {
    append(0, leaf);
}

void TileEdge::append(std::uint32_t level, const ledger::Hash& hash) {
    if (level == levels_.size()) levels_.emplace_back();
    Level& current = levels_[level];
    auto growth = std::find_if(growth_.begin(), growth_.end(), [&](const Growth& known) {
        return known.level == level && known.index == current.index;
    });
    if (growth == growth_.end()) growth = growth_.insert(growth_.end(), {level, current.index, {}});
    append_hash(growth->bytes, hash);
    append_hash(current.bytes, hash);
    if (current.bytes.size() < full_tile_bytes) return;
    const ledger::Hash root = subtree_root(current.bytes);
    current.bytes.clear();
    ++current.index;
    append(level + 1, root);
}

std::vector<TileEdge::Growth> TileEdge::take_growth() {
    return std::exchange(growth_, {});
}

}  // namespace socai::storage
