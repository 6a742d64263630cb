#include "storage/tree_check.hpp"

#include <algorithm>

namespace socai::storage {

TreeCheck::TreeCheck(ledger::Frontier from, ReadRow read_row)
    : frontier_(std::move(from)),
      growth_(frontier_),
      compared_(frontier_.size()),
      read_row_(std::move(read_row)) {}

void TreeCheck::append(const ledger::Hash& leaf) {
    frontier_.append(leaf);
    growth_.append(leaf);
}

Result<void> TreeCheck::compare() {
    for (const TreeGrowth::Piece& piece : growth_.take_pieces()) {
        const std::uint64_t first = std::max(compared_ >> piece.level, piece.row * row_nodes);
        const std::size_t offset = static_cast<std::size_t>(first - piece.row * row_nodes) * hash_bytes;
        const std::pair place{piece.level, piece.row};
        auto row = read_row_(piece.level, piece.row);
        if (!row) return row.error();
        std::string held = *row ? std::move(**row) : std::string();
        const auto known = wrong_.find(place);
        const bool right =
            held.size() >= offset && std::string_view(held).substr(offset).starts_with(piece.bytes);
        if (right && known == wrong_.end()) continue;
        if (known == wrong_.end() && wrong_.size() >= max_wrong) {
            too_many_ = true;
            continue;
        }
        std::string& should = known != wrong_.end() ? known->second : wrong_[place];
        if (should.empty()) should = std::move(held);
        should.resize(std::max(should.size(), offset + piece.bytes.size()));
        should.replace(offset, piece.bytes.size(), piece.bytes);
    }
    compared_ = frontier_.size();
    return {};
}

}  // namespace socai::storage
