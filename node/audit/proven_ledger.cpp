#include "node/audit/proven_ledger.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <optional>
#include <span>

#include "ledger/evidence.hpp"
#include "ledger/merkle_tree.hpp"
#include "ledger/remains.hpp"
#include "ledger/tiles.hpp"
#include "node/audit/bundle_check.hpp"

namespace socai::node::audit {

std::uint64_t ProvenLedger::size() const {
    return tree_.bundles() * ledger::tile_width + rest_.size();
}

Result<ledger::Hash> ProvenLedger::root(std::uint64_t size) {
    assert(size <= this->size());
    const std::uint64_t bundles = size / ledger::tile_width;
    const std::size_t beyond = size % ledger::tile_width;
    if (beyond == 0) return tree_.root(bundles, {});
    if (bundles == tree_.bundles()) return tree_.root(bundles, std::span(rest_).first(beyond));
    if (auto loaded = load(bundles); !loaded) return loaded.error();
    return tree_.root(bundles, std::span(hashes_).first(beyond));
}

// Perfect subtrees: of bundles from the tree, within a bundle from its leaves.
class ProvenLedger::Nodes : public ledger::NodeReader {
  public:
    explicit Nodes(ProvenLedger& ledger) : ledger_(ledger) {}
    std::optional<ledger::Hash> node(std::uint32_t level, std::uint64_t index) const override {
        if (level >= ledger::tile_height) return ledger_.tree_.node(level - ledger::tile_height, index);
        const std::uint64_t first = index << level;
        if (auto loaded = ledger_.load(first / ledger::tile_width); !loaded) {
            fault = loaded.error();
            return std::nullopt;
        }
        return bundle_root(
            std::span(ledger_.hashes_).subspan(first % ledger::tile_width, std::size_t{1} << level));
    }
    mutable std::optional<Error> fault;

  private:
    ProvenLedger& ledger_;
};

Result<std::vector<ledger::Hash>> ProvenLedger::fork_path(std::uint64_t from, std::uint64_t to) {
    assert(from > 0 && from < to && to <= size());
    const Nodes nodes(*this);
    const auto level = static_cast<std::uint32_t>(std::countr_zero(from));
    const auto seed = nodes.node(level, (from >> level) - 1);
    const auto proof = ledger::consistency_proof(from, to, nodes);
    if (nodes.fault) return *nodes.fault;
    assert(seed && proof && "the tree is whole");
    return ledger::fork_path(from, *seed, *proof);
}

Result<std::vector<ledger::Hash>> ProvenLedger::inclusion(std::uint64_t index, std::uint64_t size) {
    assert(index < size && size <= this->size());
    const Nodes nodes(*this);
    auto proof = ledger::inclusion_proof(index, size, nodes);
    if (nodes.fault) return *nodes.fault;
    assert(proof && "the tree is whole");
    return *std::move(proof);
}

Result<std::string> ProvenLedger::entry(std::uint64_t index) {
    assert(index < size());
    if (auto loaded = load(index / ledger::tile_width); !loaded) return loaded.error();
    return std::string(ledger::split_bundle(bytes_)->at(index % ledger::tile_width));
}

Result<void> ProvenLedger::load(std::uint64_t bundle) {
    if (loaded_ == bundle) return {};
    loaded_.reset();
    const std::uint32_t width = ledger::tile_width_at(0, bundle, size());
    auto read = source_.entries(bundle, width);
    if (!read) return read.error();
    const auto hashes = leaf_hashes(read->bundle, width);
    const bool full = width == ledger::tile_width;
    const bool same = hashes && (full ? bundle_root(*hashes) == tree_.roots()[bundle] : *hashes == rest_);
    if (!same) {
        return Error{Exit::no, "changed_source",
                     "leaves " + std::to_string(bundle * ledger::tile_width) + " to " +
                         std::to_string(bundle * ledger::tile_width + width - 1) +
                         " were read again, and are not what this audit or an earlier one saw there"};
    }
    // What remains of a leaf names its hash itself: the tree does not show that it is what was judged.
    const auto entries = ledger::split_bundle(read->bundle);
    for (std::uint32_t i = 0; i < width; ++i)
        if (ledger::is_remains((*entries)[i]) && !known_(bundle * ledger::tile_width + i, (*entries)[i]))
            return Error{Exit::no, "changed_source",
                         "leaf " + std::to_string(bundle * ledger::tile_width + i) +
                             " was read again, and what remains of it is another text than this audit or an earlier one saw"};
    bytes_ = std::move(read->bundle);
    hashes_ = *hashes;
    loaded_ = bundle;
    return {};
}

}  // namespace socai::node::audit
