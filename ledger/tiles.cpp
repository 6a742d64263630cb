#include "ledger/tiles.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <span>

namespace socai::ledger {
namespace {

constexpr std::string_view root_folder = "tile/";
constexpr std::string_view entries_level = "entries";
constexpr std::string_view partial_mark = ".p/";
constexpr std::size_t max_path_bytes = 64;  // the longest canonical one has 46
constexpr std::size_t max_bundle_entry_bytes = 65'535;

// Three digits a group, every group but the last after an "x": a file system then never needs one name for a
// file and a folder.
std::string index_path(std::uint64_t index) {
    std::string digits = std::to_string(index);
    digits.insert(0, (3 - digits.size() % 3) % 3, '0');
    std::string path;
    for (std::size_t i = 0; i < digits.size(); i += 3) {
        const bool last = i + 3 == digits.size();
        path += (last ? "" : "x") + digits.substr(i, 3) + (last ? "" : "/");
    }
    return path;
}

// A decimal number, leading zeros and all; nothing when it is something else or does not fit.
template <class Number>
std::optional<Number> parse_number(std::string_view digits) {
    Number number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return number;
}

// What index_path wrote; more lenient than it, as the caller compares the spelling afterwards.
std::optional<std::uint64_t> parse_index_path(std::string_view path) {
    std::string digits;
    for (const char c : path) {
        if (c != 'x' && c != '/') digits += c;
    }
    return parse_number<std::uint64_t>(digits);
}

// The root over 2^n hashes, by folding neighbours in place.
Hash fold(std::span<Hash> hashes) {
    for (std::size_t width = hashes.size(); width > 1; width /= 2) {
        for (std::size_t i = 0; i < width / 2; ++i) hashes[i] = node_hash(hashes[2 * i], hashes[2 * i + 1]);
    }
    return hashes.front();
}

}  // namespace

std::string tile_path(const TileName& name) {
    assert(name.width >= 1 && name.width <= tile_width);
    assert(name.level <= max_tile_level && (!name.entries || name.level == 0));
    std::string path(root_folder);
    path += name.entries ? std::string(entries_level) : std::to_string(name.level);
    path += "/" + index_path(name.index);
    if (name.width < tile_width) path += std::string(partial_mark) + std::to_string(name.width);
    return path;
}

std::optional<TileName> parse_tile_path(std::string_view path) {
    if (path.size() > max_path_bytes || !path.starts_with(root_folder)) return std::nullopt;
    std::string_view rest = path.substr(root_folder.size());
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const std::string_view level = rest.substr(0, slash);
    rest.remove_prefix(slash + 1);

    TileName name;
    name.entries = level == entries_level;
    if (!name.entries) {
        const auto number = parse_number<std::uint32_t>(level);
        if (!number || *number > max_tile_level) return std::nullopt;
        name.level = *number;
    }
    if (const std::size_t mark = rest.find(partial_mark); mark != std::string_view::npos) {
        const auto width = parse_number<std::uint32_t>(rest.substr(mark + partial_mark.size()));
        if (!width || *width < 1 || *width >= tile_width) return std::nullopt;
        name.width = *width;
        rest = rest.substr(0, mark);
    }
    const auto index = parse_index_path(rest);
    if (!index) return std::nullopt;
    name.index = *index;
    // One name has one spelling: caches and stores in between compare paths, not names.
    if (tile_path(name) != path) return std::nullopt;
    return name;
}

std::uint32_t tile_width_at(std::uint32_t level, std::uint64_t index, std::uint64_t size) {
    if (level >= 64 / tile_height) return 0;  // 256^8 leaves do not fit a size
    const std::uint64_t hashes = size >> (tile_height * level);
    const std::uint64_t full_tiles = hashes / tile_width;
    if (index > full_tiles) return 0;
    return static_cast<std::uint32_t>(index < full_tiles ? tile_width : hashes % tile_width);
}

void append_bundle_entry(std::string& bundle, std::string_view entry) {
    assert(entry.size() <= max_bundle_entry_bytes);
    bundle += static_cast<char>(entry.size() >> 8);
    bundle += static_cast<char>(entry.size() & 0xff);
    bundle += entry;
}

std::optional<std::vector<std::string_view>> split_bundle(std::string_view bundle) {
    std::vector<std::string_view> entries;
    while (!bundle.empty()) {
        if (bundle.size() < 2 || entries.size() == tile_width) return std::nullopt;
        const std::size_t size =
            std::size_t{static_cast<unsigned char>(bundle[0])} << 8 | static_cast<unsigned char>(bundle[1]);
        if (bundle.size() - 2 < size) return std::nullopt;
        entries.push_back(bundle.substr(2, size));
        bundle.remove_prefix(2 + size);
    }
    return entries;
}

std::optional<Hash> TileNodeReader::node(std::uint32_t level, std::uint64_t index) const {
    if (level >= 64 || index >= size_ >> level) return std::nullopt;
    // The node spans 2^inner hashes of one tile: tiles hold every eighth level, and inner is below eight.
    const std::uint32_t inner = level % tile_height;
    const std::uint64_t first = index << inner;
    TileName name;
    name.level = level / tile_height;
    name.index = first / tile_width;
    name.width = tile_width_at(name.level, name.index, size_);
    const std::size_t offset = first % tile_width;
    const std::size_t count = std::size_t{1} << inner;
    assert(offset + count <= name.width);

    const std::optional<std::string> bytes = fetch_(name);
    if (!bytes || bytes->size() < name.width * sizeof(Hash) || bytes->size() > tile_width * sizeof(Hash)) {
        return std::nullopt;
    }
    std::array<Hash, tile_width / 2> hashes;
    std::memcpy(hashes.data(), bytes->data() + offset * sizeof(Hash), count * sizeof(Hash));
    return fold(std::span(hashes).first(count));
}

}  // namespace socai::ledger
