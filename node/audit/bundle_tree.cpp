#include "node/audit/bundle_tree.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

#include "ledger/merkle_tree.hpp"
#include "ledger/tiles.hpp"

namespace socai::node::audit {

BundleTree::BundleTree(std::span<const ledger::Hash> roots) : levels_(1) {
    for (const ledger::Hash& root : roots) add(root);
}

void BundleTree::add(const ledger::Hash& root) {
    ledger::Hash node = root;
    for (std::size_t level = 0;; ++level) {
        if (level == levels_.size()) levels_.emplace_back();
        levels_[level].push_back(node);
        const std::size_t count = levels_[level].size();
        if (count % 2 != 0) return;
        node = ledger::node_hash(levels_[level][count - 2], levels_[level][count - 1]);
    }
}

ledger::Hash BundleTree::root(std::uint64_t bundles, std::span<const ledger::Hash> rest) const {
    assert(bundles <= this->bundles() && rest.size() < ledger::tile_width);
    std::vector<ledger::Hash> peaks;
    for (std::size_t level = levels_.size(); level-- > 0;) {
        if ((bundles >> level & 1U) == 0) continue;
        // The bundles that higher bits count stand before this peak.
        peaks.push_back(levels_[level][(bundles >> (level + 1)) * 2]);
    }
    ledger::Frontier frontier(bundles * ledger::tile_width, std::move(peaks));
    for (const ledger::Hash& leaf : rest) frontier.append(leaf);
    return frontier.root();
}

std::optional<ledger::Hash> BundleTree::node(std::uint32_t level, std::uint64_t index) const {
    if (level >= levels_.size() || index >= levels_[level].size()) return std::nullopt;
    return levels_[level][index];
}

std::span<const ledger::Hash> BundleTree::tile(std::uint32_t level, std::uint64_t index) const {
    assert(level >= 1);
    const std::size_t row = std::size_t{level - 1} * ledger::tile_height;
    if (row >= levels_.size()) return {};
    const auto& hashes = levels_[row];
    if (index > hashes.size() / ledger::tile_width) return {};
    const std::size_t first = index * ledger::tile_width;
    return std::span(hashes).subspan(first, std::min<std::size_t>(ledger::tile_width, hashes.size() - first));
}

ledger::Hash bundle_root(std::span<const ledger::Hash> leaves) {
    ledger::Frontier frontier;
    for (const ledger::Hash& leaf : leaves) frontier.append(leaf);
    return frontier.root();
}

}  // namespace socai::node::audit
