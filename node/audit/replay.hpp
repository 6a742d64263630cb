// The part of an audit that goes leaf by leaf: the tree grows, and every statement is admitted again by the same
// function that admitted it (ledger/admission.hpp), over what the leaves before left behind. One thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ledger/admission.hpp"
#include "ledger/remains.hpp"
#include "node/audit/bundle_check.hpp"
#include "node/audit/bundle_tree.hpp"
#include "node/audit/derivation.hpp"
#include "node/audit/policy_history.hpp"
#include "node/audit/record_table.hpp"

namespace socai::node::audit {

class Replay : private ledger::View {
  public:
    // After `admitted` leaves that were judged before, the last accepted at `last_time_ms`; `tree` holds their full
    // bundles, `table` their records, `policies` their policies, `derivation` what followed from them. A new audit begins
    // with leaf 0, the genesis, which counts as admitted. References outlive the replay.
    Replay(const LedgerFacts& facts, BundleTree tree, RecordTable& table, PolicyHistory& policies,
           Derivation& derivation, std::uint64_t admitted, std::int64_t last_time_ms);

    // The next bundle: of index tree().bundles(). False: it is not worth going on, see findings().
    bool take(CheckedBundle bundle);

    const BundleTree& tree() const { return tree_; }
    // Hashes of the leaves after the tree's bundles: of the last bundle, when that is not full.
    const std::vector<ledger::Hash>& rest() const { return rest_; }
    std::uint64_t size() const override { return admitted_; }
    std::int64_t last_time_ms() const override { return time_ms_; }
    // Accepted time of the last leaf of tree(); of last_time_ms, when no bundle was added.
    std::int64_t tree_time_ms() const { return tree_time_ms_; }
    const Coverage& coverage() const { return coverage_; }
    const std::vector<Finding>& findings() const { return findings_; }
    // The source kept no tile for some bundle.
    bool lacks_tiles() const { return lacks_tiles_; }
    // Every leaf so far was there: the tree may be compared with heads.
    bool complete() const { return complete_; }
    // Leaves that were taken from what remained of them, with the SHA-256 of that, and of which no leaf so far holds the vote.
    std::vector<std::pair<std::uint64_t, ledger::Hash>> unproven() const;
    // Was the leaf taken from what has this SHA-256?
    bool judged(std::uint64_t leaf, const ledger::Hash& remains) const;
    // To be called before that leaf comes: what would remain of it, were its bytes withdrawn.
    void want_remains_of(std::uint64_t leaf) { wanted_ = leaf; }
    const std::optional<ledger::Result<ledger::Remains>>& remains() const { return remains_; }

  private:
    std::optional<ledger::KnownRecord> find(std::string_view source, std::string_view id) const override;
    std::optional<ledger::Hash> find_node(std::string_view name) const override;
    const ledger::Facts& facts() const override { return derivation_.facts(); }
    ledger::Hash root() const override;
    ledger::Hash root_with(const ledger::Hash& leaf) const override;
    std::shared_ptr<const ledger::Registry> registry() const override { return registry_; }
    void judge(std::uint64_t index, CheckedLeaf& leaf);
    std::vector<ledger::FactChange> changes_of(std::uint64_t index, CheckedLeaf& leaf);
    std::vector<ledger::FactChange> admit(std::uint64_t index, const CheckedLeaf& leaf);
    std::vector<ledger::FactChange> take_remains(std::uint64_t index, const CheckedLeaf& leaf);
    std::vector<ledger::FactChange> follow(std::uint64_t index, const CheckedLeaf& leaf);
    std::vector<ledger::FactChange> follow_opening(std::uint64_t index, const ledger::Statement& statement,
                                                   const ledger::Registry& registry);
    void read_opening(std::uint64_t index, const ledger::Statement& statement);
    bool stands_already(std::uint64_t index, const ledger::Statement& statement);
    void read_policies(std::uint64_t index, const ledger::Statement& statement);
    void add_records(std::uint64_t index, const ledger::Statement& statement);
    void report(Finding finding);

    const LedgerFacts& facts_;
    BundleTree tree_;
    RecordTable& table_;
    PolicyHistory& policies_;
    Derivation& derivation_;                            // of the leaves judged
    std::shared_ptr<const ledger::Registry> registry_;  // after them; null: as founded
    std::uint64_t admitted_;
    std::int64_t time_ms_;
    std::int64_t tree_time_ms_;
    std::vector<ledger::Hash> rest_;
    Coverage coverage_;
    std::vector<Finding> findings_;
    std::vector<std::pair<std::uint64_t, ledger::Hash>> withdrawn_;
    std::optional<std::uint64_t> wanted_;
    std::optional<ledger::Result<ledger::Remains>> remains_;
    bool complete_ = true;
    bool lacks_tiles_ = false;
};

}  // namespace socai::node::audit
