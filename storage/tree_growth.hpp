// The tree as it is stored: every node of every level, in rows of 256 (a row of a level that is a multiple of
// eight is a C2SP tile). Takes leaf hashes and says what is to be appended to which row. Storing the levels
// between tiles costs 32 bytes a leaf and saves some 500 hashes a proof. Pure; one owner.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "ledger/hash.hpp"
#include "ledger/merkle_tree.hpp"

namespace socai::storage {

inline constexpr std::size_t hash_bytes = 32;
inline constexpr std::uint64_t row_nodes = 256;

class TreeGrowth {
  public:
    // Bytes to append to row `row` of level `level`: nodes (level, row * 256 + …).
    struct Piece {
        std::uint32_t level = 0;
        std::uint64_t row = 0;
        std::string bytes;
    };

    // Goes on from the tree that `frontier` is the right edge of.
    explicit TreeGrowth(const ledger::Frontier& frontier);

    void append(const ledger::Hash& leaf);
    // What has grown since the last call, at most one piece a row.
    std::vector<Piece> take_pieces();

  private:
    void grow(std::uint32_t level, std::uint64_t index, const ledger::Hash& hash);

    std::uint64_t size_;
    // The last node of each level that has no right sibling yet: of level L when bit L of size_ is set.
    std::array<ledger::Hash, 64> left_{};
    std::vector<Piece> pieces_;
};

}  // namespace socai::storage
