// Single leaves and earlier roots of a ledger that an audit has been through: read from the source again, and believed
// only when they are what the audit saw. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "node/audit/bundle_tree.hpp"
#include "node/audit/source.hpp"

namespace socai::node::audit {

class ProvenLedger {
  public:
    // Is this what remains of the leaf, as it was judged?
    using KnownRemains = std::function<bool(std::uint64_t leaf, std::string_view text)>;
    // `tree` and `rest`, the hashes of the leaves after its full bundles, are the whole ledger. References outlive it.
    ProvenLedger(Source& source, const BundleTree& tree, const std::vector<ledger::Hash>& rest, KnownRemains known)
        : source_(source), tree_(tree), rest_(rest), known_(std::move(known)) {}

    std::uint64_t size() const;
    // MTH of the first `size` leaves. Precondition: size <= this->size(). Errors: changed_source (Exit::no), the
    // source's.
    Result<ledger::Hash> root(std::uint64_t size);
    // The nodes of the consistency path from `from` to `to` leaves, its seed always written out, as evidence of a fork needs
    // them (ledger/evidence.hpp). Precondition: 0 < from < to <= size(). Errors as root.
    Result<std::vector<ledger::Hash>> fork_path(std::uint64_t from, std::uint64_t to);
    // The audit path of leaf `index` in the tree of `size` leaves (RFC 9162 §2.1.3). Precondition: index < size <= size().
    // Errors as root.
    Result<std::vector<ledger::Hash>> inclusion(std::uint64_t index, std::uint64_t size);
    // The entry at leaf `index` < size(). Errors as root.
    Result<std::string> entry(std::uint64_t index);

  private:
    class Nodes;
    Result<void> load(std::uint64_t bundle);

    Source& source_;
    const BundleTree& tree_;
    const std::vector<ledger::Hash>& rest_;
    const KnownRemains known_;
    std::optional<std::uint64_t> loaded_;  // the bundle that is at hand
    std::string bytes_;
    std::vector<ledger::Hash> hashes_;
};

}  // namespace socai::node::audit
