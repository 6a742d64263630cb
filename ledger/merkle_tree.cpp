#include "ledger/merkle_tree.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <utility>

namespace socai::ledger {
namespace {

using namespace std::literals;

constexpr std::string_view leaf_prefix = "\x00"sv;
constexpr char node_prefix = '\x01';

// Where the tree over n >= 2 leaves splits: the largest power of two smaller than n (RFC 6962 §2.1).
std::uint64_t split_of(std::uint64_t n) {
    assert(n >= 2);
    return std::bit_floor(n - 1);
}

// The peaks of the leaves [begin, end), largest first. `begin` is a multiple of a power of two that is not
// smaller than end - begin, as every subtree's beginning is: so every peak is a node of the whole tree.
std::optional<std::vector<Hash>> read_peaks(std::uint64_t begin, std::uint64_t end, const NodeReader& nodes) {
    std::vector<Hash> peaks;
    peaks.reserve(static_cast<std::size_t>(std::popcount(end - begin)));
    while (begin < end) {
        const auto level = static_cast<std::uint32_t>(std::bit_width(end - begin) - 1);
        const std::optional<Hash> peak = nodes.node(level, begin >> level);
        if (!peak) return std::nullopt;
        peaks.push_back(*peak);
        begin += std::uint64_t{1} << level;
    }
    return peaks;
}

// The root over peaks, largest first: each holds more leaves than all to its right together, so it is the
// left child of a node whose right child is their root.
Hash root_of(std::span<const Hash> peaks) {
    if (peaks.empty()) return empty_root();
    Hash root = peaks.back();
    for (std::size_t i = peaks.size() - 1; i-- > 0;) root = node_hash(peaks[i], root);
    return root;
}

// MTH(D[begin:end]), with `begin` as in read_peaks.
std::optional<Hash> read_subtree(std::uint64_t begin, std::uint64_t end, const NodeReader& nodes) {
    const auto peaks = read_peaks(begin, end, nodes);
    if (!peaks) return std::nullopt;
    return root_of(*peaks);
}

// The climb that both verifiers of RFC 9162 share: `first` and `last` are the positions, on one level, of
// the node that is followed and of the last node; they move to their parents with each hash of the proof.
struct Climb {
    std::uint64_t first;
    std::uint64_t last;

    bool at_top() const { return last == 0; }
    // Is the next hash of the proof the left sibling? A last node without a sibling is lifted, unhashed, to
    // where it is a right child.
    bool sibling_is_left() const { return (first & 1) != 0 || first == last; }
    void up() {
        if (sibling_is_left()) {
            while ((first & 1) == 0 && first != 0) shift();
        }
        shift();
    }
    void shift() {
        first >>= 1;
        last >>= 1;
    }
};

}  // namespace

Hash leaf_hash(std::string_view entry) {
    return sha256(leaf_prefix, entry);
}

Hash node_hash(const Hash& left, const Hash& right) {
    std::array<char, 1 + 2 * sizeof(Hash)> bytes;
    bytes[0] = node_prefix;
    std::memcpy(bytes.data() + 1, left.data(), left.size());
    std::memcpy(bytes.data() + 1 + left.size(), right.data(), right.size());
    return sha256({bytes.data(), bytes.size()});
}

Hash empty_root() {
    return sha256({});
}

Frontier::Frontier(std::uint64_t size, std::vector<Hash> peaks) : size_(size), peaks_(std::move(peaks)) {
    assert(peaks_.size() == static_cast<std::size_t>(std::popcount(size_)));
}

void Frontier::append(const Hash& leaf) {
    assert(size_ < UINT64_MAX);
    Hash peak = leaf;
    // A perfect subtree for every trailing one bit of the old size is completed, as a binary counter carries.
    for (std::uint64_t rest = size_; (rest & 1) != 0; rest >>= 1) {
        peak = node_hash(peaks_.back(), peak);
        peaks_.pop_back();
    }
    peaks_.push_back(peak);
    ++size_;
    assert(peaks_.size() == static_cast<std::size_t>(std::popcount(size_)));
}

Hash Frontier::root() const {
    return root_of(peaks_);
}

std::optional<Frontier> read_frontier(std::uint64_t size, const NodeReader& nodes) {
    auto peaks = read_peaks(0, size, nodes);
    if (!peaks) return std::nullopt;
    return Frontier(size, std::move(*peaks));
}

std::optional<Hash> read_root(std::uint64_t size, const NodeReader& nodes) {
    return read_subtree(0, size, nodes);
}

std::optional<std::vector<Hash>> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                                 const NodeReader& nodes) {
    assert(index < size);
    // PATH(m, D[n]) descends from the root; the subtree that is not entered gives the hash of that level.
    std::vector<Hash> proof;
    std::uint64_t begin = 0;
    std::uint64_t end = size;
    while (end - begin > 1) {
        const std::uint64_t middle = begin + split_of(end - begin);
        const bool left = index < middle;
        const auto sibling = left ? read_subtree(middle, end, nodes) : read_subtree(begin, middle, nodes);
        if (!sibling) return std::nullopt;
        proof.push_back(*sibling);
        (left ? end : begin) = middle;
    }
    std::reverse(proof.begin(), proof.end());
    return proof;
}

std::optional<std::vector<Hash>> consistency_proof(std::uint64_t from, std::uint64_t to,
                                                   const NodeReader& nodes) {
    assert(from <= to);
    std::vector<Hash> proof;
    if (from == 0 || from == to) return proof;
    // SUBPROOF(m, D[n], b) descends until the subtree ends where the old tree ends.
    std::uint64_t begin = 0;
    std::uint64_t end = to;
    while (end != from) {
        const std::uint64_t middle = begin + split_of(end - begin);
        const bool left = from <= middle;
        const auto sibling = left ? read_subtree(middle, end, nodes) : read_subtree(begin, middle, nodes);
        if (!sibling) return std::nullopt;
        proof.push_back(*sibling);
        (left ? end : begin) = middle;
    }
    // b is false once the descent has turned right: then the verifier does not know this subtree's root.
    if (begin != 0) {
        const auto seed = read_subtree(begin, end, nodes);
        if (!seed) return std::nullopt;
        proof.push_back(*seed);
    }
    std::reverse(proof.begin(), proof.end());
    return proof;
}

bool verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf, std::span<const Hash> proof,
                      const Hash& root) {
    if (index >= size) return false;
    Climb climb{index, size - 1};
    Hash hash = leaf;
    for (const Hash& sibling : proof) {
        if (climb.at_top()) return false;
        hash = climb.sibling_is_left() ? node_hash(sibling, hash) : node_hash(hash, sibling);
        climb.up();
    }
    return climb.at_top() && hash == root;
}

bool verify_consistency(std::uint64_t from, std::uint64_t to, const Hash& from_root, const Hash& to_root,
                        std::span<const Hash> proof) {
    if (from > to) return false;
    if (from == 0) {
        return proof.empty() && from_root == empty_root() && (to != 0 || to_root == from_root);
    }
    if (from == to) return proof.empty() && from_root == to_root;

    Climb climb{from - 1, to - 1};
    while ((climb.first & 1) != 0) climb.shift();
    // The climb starts from the largest perfect subtree that ends where the old tree ends. Where that is the
    // whole old tree, its root is known and not part of the proof.
    Hash seed = from_root;
    if (!std::has_single_bit(from)) {
        if (proof.empty()) return false;
        seed = proof.front();
        proof = proof.subspan(1);
    }
    Hash old_hash = seed;
    Hash new_hash = seed;
    for (const Hash& sibling : proof) {
        if (climb.at_top()) return false;
        if (climb.sibling_is_left()) {
            old_hash = node_hash(sibling, old_hash);
            new_hash = node_hash(sibling, new_hash);
        } else {
            new_hash = node_hash(new_hash, sibling);
        }
        climb.up();
    }
    return climb.at_top() && old_hash == from_root && new_hash == to_root;
}

}  // namespace socai::ledger
