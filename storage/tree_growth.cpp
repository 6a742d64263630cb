#include "storage/tree_growth.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace socai::storage {

TreeGrowth::TreeGrowth(const ledger::Frontier& frontier) : size_(frontier.size()) {
    auto peak = frontier.peaks().rbegin();  // smallest first
    for (std::uint32_t level = 0; level < left_.size(); ++level) {
        if ((size_ >> level & 1U) == 0) continue;
        assert(peak != frontier.peaks().rend());
        left_[level] = *peak++;
    }
    assert(peak == frontier.peaks().rend());
}

void TreeGrowth::append(const ledger::Hash& leaf) {
    ledger::Hash hash = leaf;
    std::uint32_t level = 0;
    grow(level, size_, hash);
    // A node that is a right sibling completes its parent.
    while ((size_ >> level & 1U) != 0) {
        hash = ledger::node_hash(left_[level], hash);
        ++level;
        grow(level, size_ >> level, hash);
    }
    left_[level] = hash;
    ++size_;
}

void TreeGrowth::grow(std::uint32_t level, std::uint64_t index, const ledger::Hash& hash) {
    const std::uint64_t row = index / row_nodes;
    // The latest pieces are the likeliest; there are few, one a level and row of the batch.
    auto piece = std::find_if(pieces_.rbegin(), pieces_.rend(),
                              [&](const Piece& known) { return known.level == level && known.row == row; });
    Piece& grown = piece != pieces_.rend() ? *piece : pieces_.emplace_back(Piece{level, row, {}});
    grown.bytes.append(reinterpret_cast<const char*>(hash.data()), hash.size());
}

std::vector<TreeGrowth::Piece> TreeGrowth::take_pieces() {
    return std::exchange(pieces_, {});
}

}  // namespace socai::storage
