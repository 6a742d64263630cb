// The definitions of RFC 6962 §2.1 written down as they stand there: recursive, slow, and without anything in
// common with ledger/merkle_tree.cpp but the two hash functions. What the real tree is compared with.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ledger/merkle_tree.hpp"

namespace socai::ledger::naive {

using Leaves = std::span<const Hash>;  // leaf hashes

inline std::size_t split(std::size_t n) {
    std::size_t k = 1;
    while (k * 2 < n) k *= 2;
    return k;
}

inline Hash root(Leaves leaves) {
    if (leaves.empty()) return sha256("");
    if (leaves.size() == 1) return leaves[0];
    const std::size_t k = split(leaves.size());
    return node_hash(root(leaves.first(k)), root(leaves.subspan(k)));
}

// PATH(m, D[n])
inline std::vector<Hash> path(std::size_t m, Leaves leaves) {
    if (leaves.size() == 1) return {};
    const std::size_t k = split(leaves.size());
    std::vector<Hash> hashes = m < k ? path(m, leaves.first(k)) : path(m - k, leaves.subspan(k));
    hashes.push_back(m < k ? root(leaves.subspan(k)) : root(leaves.first(k)));
    return hashes;
}

// SUBPROOF(m, D[n], b)
inline std::vector<Hash> subproof(std::size_t m, Leaves leaves, bool b) {
    if (m == leaves.size()) return b ? std::vector<Hash>{} : std::vector<Hash>{root(leaves)};
    const std::size_t k = split(leaves.size());
    std::vector<Hash> hashes;
    if (m <= k) {
        hashes = subproof(m, leaves.first(k), b);
        hashes.push_back(root(leaves.subspan(k)));
    } else {
        hashes = subproof(m - k, leaves.subspan(k), false);
        hashes.push_back(root(leaves.first(k)));
    }
    return hashes;
}

// PROOF(m, D[n])
inline std::vector<Hash> proof(std::size_t m, Leaves leaves) {
    if (m == 0) return {};
    return subproof(m, leaves, true);
}

class Nodes : public NodeReader {
  public:
    explicit Nodes(Leaves leaves) : leaves_(leaves) {}
    std::optional<Hash> node(std::uint32_t level, std::uint64_t index) const override {
        const std::uint64_t width = std::uint64_t{1} << level;
        if ((index + 1) * width > leaves_.size()) return std::nullopt;
        return root(leaves_.subspan(index * width, width));
    }

  private:
    Leaves leaves_;
};

// The hashes of `count` leaves "leaf 0", "leaf 1", ...
inline std::vector<Hash> leaves(std::size_t count) {
    std::vector<Hash> hashes;
    hashes.reserve(count);
    for (std::size_t i = 0; i < count; ++i) hashes.push_back(leaf_hash("leaf " + std::to_string(i)));
    return hashes;
}

}  // namespace socai::ledger::naive
