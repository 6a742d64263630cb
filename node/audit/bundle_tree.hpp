// The ledger's tree from the level of whole bundles upwards: 32 bytes for 256 leaves, so that it fits into memory at
// any size, and with one bundle read again gives the root at any size, past ones included. Value; one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ledger/hash.hpp"

namespace socai::node::audit {

class BundleTree {
  public:
    // `roots`: of the first bundles, all full (256 leaves).
    explicit BundleTree(std::span<const ledger::Hash> roots = {});

    // The root of the next full bundle.
    void add(const ledger::Hash& root);
    std::uint64_t bundles() const { return levels_.empty() ? 0 : levels_.front().size(); }
    const std::vector<ledger::Hash>& roots() const { return levels_.front(); }
    // MTH of the first `bundles` bundles and `rest` leaves (fewer than 256) after them. Precondition: bundles <=
    // this->bundles().
    ledger::Hash root(std::uint64_t bundles, std::span<const ledger::Hash> rest) const;
    // The root of 2^level bundles, the index-th such; nothing beyond this tree.
    std::optional<ledger::Hash> node(std::uint32_t level, std::uint64_t index) const;
    // The hashes of tile (level, index), level >= 1: as many as this tree has, at most 256.
    std::span<const ledger::Hash> tile(std::uint32_t level, std::uint64_t index) const;

  private:
    // levels_[l][i]: the node at level 8 + l of the ledger's tree, over 2^l bundles.
    std::vector<std::vector<ledger::Hash>> levels_;
};

// MTH of a bundle's leaves; of a full one, its place in the tree above.
ledger::Hash bundle_root(std::span<const ledger::Hash> leaves);

}  // namespace socai::node::audit
