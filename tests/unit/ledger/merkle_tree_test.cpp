#include "ledger/merkle_tree.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base64.hpp"
#include "tests/unit/ledger/hex.hpp"
#include "tests/unit/ledger/naive_tree.hpp"

namespace socai::ledger {
namespace {

constexpr std::size_t max_leaves = 300;

// The reference tree of the Certificate Transparency test suites: entries, and the root at every size.
constexpr std::array<std::string_view, 8> reference_entries = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
constexpr std::array<std::string_view, 9> reference_roots = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

TEST(MerkleTree, HasTheRootsOfTheReferenceTree) {
    Frontier frontier;
    EXPECT_EQ(to_hex(frontier.root()), reference_roots[0]);
    for (std::size_t i = 0; i < reference_entries.size(); ++i) {
        frontier.append(leaf_hash(from_hex(reference_entries[i])));
        EXPECT_EQ(frontier.size(), i + 1);
        EXPECT_EQ(to_hex(frontier.root()), reference_roots[i + 1]) << "at size " << i + 1;
    }
}

TEST(MerkleTree, HasTheRootOfTesserasSmallLog) {
    Frontier frontier;
    for (const char* entry : {"one", "two", "three", "four", "five", "six", "seven", "eit", "nain", "ten",
                              "ileven", "twelf", "threeten", "fourten", "fivten"}) {
        frontier.append(leaf_hash(entry));
    }
    const Hash root = frontier.root();
    EXPECT_EQ(base64(std::string(root.begin(), root.end())), "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=");
}

RC_GTEST_PROP(MerkleTree, FrontierAndNodesGiveTheNaiveRoot, ()) {
    const auto leaves = naive::leaves(*rc::gen::inRange<std::size_t>(0, max_leaves));
    const naive::Nodes nodes(leaves);
    Frontier frontier;
    for (const Hash& leaf : leaves) frontier.append(leaf);
    const auto read = read_frontier(leaves.size(), nodes);
    RC_ASSERT(read.has_value());
    RC_ASSERT(read->peaks() == frontier.peaks());
    RC_ASSERT(read->size() == leaves.size());
    RC_ASSERT(frontier.root() == naive::root(leaves));
    RC_ASSERT(read_root(leaves.size(), nodes) == naive::root(leaves));
}

TEST(MerkleTree, EveryInclusionProofOfSmallTreesIsTheNaiveOneAndVerifies) {
    const auto all = naive::leaves(40);
    for (std::size_t size = 1; size <= all.size(); ++size) {
        const naive::Leaves leaves = naive::Leaves(all).first(size);
        const Hash root = naive::root(leaves);
        for (std::size_t index = 0; index < size; ++index) {
            const auto proof = inclusion_proof(index, size, naive::Nodes(leaves));
            ASSERT_EQ(proof, naive::path(index, leaves)) << index << " in " << size;
            ASSERT_TRUE(verify_inclusion(index, size, leaves[index], *proof, root))
                << index << " in " << size;
        }
    }
}

TEST(MerkleTree, EveryConsistencyProofOfSmallTreesIsTheNaiveOneAndVerifies) {
    const auto all = naive::leaves(40);
    for (std::size_t to = 0; to <= all.size(); ++to) {
        const naive::Leaves leaves = naive::Leaves(all).first(to);
        const Hash to_root = naive::root(leaves);
        for (std::size_t from = 0; from <= to; ++from) {
            const auto proof = consistency_proof(from, to, naive::Nodes(leaves));
            ASSERT_EQ(proof, naive::proof(from, leaves)) << from << " to " << to;
            ASSERT_TRUE(verify_consistency(from, to, naive::root(leaves.first(from)), to_root, *proof))
                << from << " to " << to;
        }
    }
}

RC_GTEST_PROP(MerkleTree, ProofsAreTheNaiveOnes, ()) {
    const auto leaves = naive::leaves(*rc::gen::inRange<std::size_t>(1, max_leaves));
    const naive::Nodes nodes(leaves);
    const Hash root = naive::root(leaves);
    const auto index = *rc::gen::inRange<std::size_t>(0, leaves.size());
    const auto inclusion = inclusion_proof(index, leaves.size(), nodes);
    RC_ASSERT(inclusion == naive::path(index, leaves));
    RC_ASSERT(verify_inclusion(index, leaves.size(), leaves[index], *inclusion, root));

    const auto from = *rc::gen::inRange<std::size_t>(0, leaves.size() + 1);
    const auto consistency = consistency_proof(from, leaves.size(), nodes);
    RC_ASSERT(consistency == naive::proof(from, leaves));
    RC_ASSERT(verify_consistency(from, leaves.size(), naive::root(naive::Leaves(leaves).first(from)), root,
                                 *consistency));
}

// Changes one bit of one hash, or the number or order of the hashes. Always changes something.
std::vector<Hash> altered(std::vector<Hash> proof) {
    const int way = proof.empty() ? 0 : *rc::gen::inRange(0, 4);
    const std::size_t place = proof.empty() ? 0 : *rc::gen::inRange<std::size_t>(0, proof.size());
    if (way == 0) {
        const Hash extra = *rc::gen::arbitrary<bool>() && !proof.empty() ? proof[place] : sha256("extra");
        proof.insert(proof.begin() + static_cast<std::ptrdiff_t>(place), extra);
    } else if (way == 1) {
        proof.erase(proof.begin() + static_cast<std::ptrdiff_t>(place));
    } else if (way == 2 && proof.size() > 1) {
        std::swap(proof[place], proof[(place + 1) % proof.size()]);
    } else {
        proof[place][*rc::gen::inRange<std::size_t>(0, 32)] ^=
            static_cast<std::uint8_t>(1U << *rc::gen::inRange(0, 8));
    }
    return proof;
}

RC_GTEST_PROP(MerkleTree, AnAlteredInclusionProofNeverVerifies, ()) {
    const auto leaves = naive::leaves(*rc::gen::inRange<std::size_t>(1, max_leaves));
    const auto index = *rc::gen::inRange<std::size_t>(0, leaves.size());
    const auto proof = naive::path(index, leaves);
    const Hash root = naive::root(leaves);
    RC_ASSERT(!verify_inclusion(index, leaves.size(), leaves[index], altered(proof), root));
    RC_ASSERT(!verify_inclusion(index, leaves.size(), leaf_hash("other"), proof, root));
    RC_ASSERT(!verify_inclusion(index, leaves.size(), leaves[index], proof, sha256("other")));
    // Another place in the same tree has other directions on its way up, or another number of them.
    const auto other = *rc::gen::inRange<std::size_t>(0, leaves.size() + 5);
    if (other != index) RC_ASSERT(!verify_inclusion(other, leaves.size(), leaves[index], proof, root));
}

RC_GTEST_PROP(MerkleTree, AnAlteredConsistencyProofNeverVerifies, ()) {
    const auto leaves = naive::leaves(*rc::gen::inRange<std::size_t>(2, max_leaves));
    const std::size_t to = leaves.size();
    const auto from = *rc::gen::inRange<std::size_t>(1, to);
    const auto proof = naive::proof(from, leaves);
    const Hash from_root = naive::root(naive::Leaves(leaves).first(from));
    const Hash to_root = naive::root(leaves);
    RC_ASSERT(!verify_consistency(from, to, from_root, to_root, altered(proof)));
    RC_ASSERT(!verify_consistency(from, to, sha256("other"), to_root, proof));
    RC_ASSERT(!verify_consistency(from, to, from_root, sha256("other"), proof));
}

TEST(MerkleTree, RefusesProofsAtTheEdges) {
    const Hash root = leaf_hash("only");
    const Hash other = leaf_hash("other");
    EXPECT_TRUE(verify_inclusion(0, 1, root, {}, root));
    EXPECT_FALSE(verify_inclusion(0, 0, root, {}, root));
    EXPECT_FALSE(verify_inclusion(1, 1, root, {}, root));
    EXPECT_FALSE(verify_inclusion(UINT64_MAX, UINT64_MAX, root, {}, root));

    EXPECT_TRUE(verify_consistency(0, 0, empty_root(), empty_root(), {}));
    EXPECT_FALSE(verify_consistency(0, 0, empty_root(), root, {}));
    EXPECT_TRUE(verify_consistency(0, 1, empty_root(), root, {}));
    EXPECT_FALSE(verify_consistency(0, 1, root, root, {}));
    EXPECT_FALSE(verify_consistency(0, 1, empty_root(), root, std::vector{other}));
    EXPECT_TRUE(verify_consistency(1, 1, root, root, {}));
    EXPECT_FALSE(verify_consistency(1, 1, root, other, {}));
    EXPECT_FALSE(verify_consistency(1, 1, root, root, std::vector{other}));
    EXPECT_FALSE(verify_consistency(2, 1, root, root, {}));
    EXPECT_FALSE(verify_consistency(1, 2, root, root, {}));
    EXPECT_FALSE(verify_consistency(3, 5, root, root, {}));
}

// A proof of a tree of nearly 2^64 leaves, followed hash by hash: sizes of that order must not overflow.
TEST(MerkleTree, VerifiesAtTheLargestSize) {
    const std::uint64_t size = UINT64_MAX;
    const std::vector<Hash> peaks(64, leaf_hash("peak"));
    const Hash root = Frontier(size, peaks).root();
    // The last leaf is the smallest peak; every other peak stands to its left.
    const std::vector<Hash> proof(63, leaf_hash("peak"));
    EXPECT_TRUE(verify_inclusion(size - 1, size, peaks.back(), proof, root));
    EXPECT_FALSE(verify_inclusion(size - 2, size, peaks.back(), proof, root));
}

// Lacks one node.
class DamagedNodes : public NodeReader {
  public:
    DamagedNodes(naive::Leaves leaves, std::uint32_t level, std::uint64_t index)
        : nodes_(leaves), level_(level), index_(index) {}
    std::optional<Hash> node(std::uint32_t level, std::uint64_t index) const override {
        if (level == level_ && index == index_) return std::nullopt;
        return nodes_.node(level, index);
    }

  private:
    naive::Nodes nodes_;
    std::uint32_t level_;
    std::uint64_t index_;
};

TEST(MerkleTree, SaysThatANodeIsMissing) {
    const auto leaves = naive::leaves(7);
    const DamagedNodes without_peak(leaves, 1, 2);  // leaves 4 and 5
    EXPECT_FALSE(read_frontier(7, without_peak));
    EXPECT_FALSE(read_root(7, without_peak));
    EXPECT_FALSE(inclusion_proof(0, 7, without_peak));
    EXPECT_FALSE(consistency_proof(4, 7, without_peak));
    EXPECT_TRUE(inclusion_proof(4, 7, without_peak));  // needs leaf 5, not the pair
    const DamagedNodes without_seed(leaves, 0, 2);
    EXPECT_FALSE(consistency_proof(3, 7, without_seed));
}

}  // namespace
}  // namespace socai::ledger
