// The RFC 6962 §2.1 SHA-256 tree: hashes, the growing frontier, proofs at any size and their verification.
// Leaves are counted from 0; a size is a number of leaves; a level counts from the leaves (0) upwards.
// Pure; safe from any thread (values), or as the NodeReader allows (proofs).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ledger/hash.hpp"

namespace socai::ledger {

// The prefixes 0x00 and 0x01 keep a leaf from being passed off as an inner node (RFC 6962 §2.1).
Hash leaf_hash(std::string_view entry);               // SHA-256(0x00 || entry)
Hash node_hash(const Hash& left, const Hash& right);  // SHA-256(0x01 || left || right)
Hash empty_root();                                    // SHA-256("")

// The right edge of a tree: enough to append and to know the root. Holds one hash per set bit of size.
class Frontier {
  public:
    Frontier() = default;
    // `peaks`: roots of the perfect subtrees of a tree of `size` leaves, largest first; popcount(size) of
    // them.
    Frontier(std::uint64_t size, std::vector<Hash> peaks);

    // Amortised one node hash. Precondition: size() < 2^64 - 1.
    void append(const Hash& leaf);
    std::uint64_t size() const { return size_; }
    // MTH of all leaves: popcount(size) - 1 node hashes.
    Hash root() const;
    const std::vector<Hash>& peaks() const { return peaks_; }

  private:
    std::uint64_t size_ = 0;
    std::vector<Hash> peaks_;
};

// Gives the roots of perfect subtrees: node(level, index) covers leaves [index << level, (index+1) << level),
// all of which exist. Nothing means that the store lacks it: the caller reports damage.
class NodeReader {
  public:
    virtual ~NodeReader() = default;
    virtual std::optional<Hash> node(std::uint32_t level, std::uint64_t index) const = 0;
};

// The four functions below read O(log size) nodes, and give nothing when `nodes` lacks one of them.

// The frontier of the first `size` leaves.
std::optional<Frontier> read_frontier(std::uint64_t size, const NodeReader& nodes);
// MTH(D[0:size]).
std::optional<Hash> read_root(std::uint64_t size, const NodeReader& nodes);
// RFC 6962 §2.1.1: leaf sibling first. Precondition: index < size.
std::optional<std::vector<Hash>> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                                 const NodeReader& nodes);
// RFC 6962 §2.1.2. Precondition: from <= to. Empty when from is 0 or equals to.
std::optional<std::vector<Hash>> consistency_proof(std::uint64_t from, std::uint64_t to,
                                                   const NodeReader& nodes);

// RFC 9162 §2.1.3.2. Any input is allowed; false unless `proof` is exactly right, its length included.
bool verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf, std::span<const Hash> proof,
                      const Hash& root);
// RFC 9162 §2.1.4.2; from == 0 accepts only the empty proof and the empty root.
bool verify_consistency(std::uint64_t from, std::uint64_t to, const Hash& from_root, const Hash& to_root,
                        std::span<const Hash> proof);

}  // namespace socai::ledger
