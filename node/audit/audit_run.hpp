// One audit under way: what audit.cpp (from the files that the auditor gave to the last leaf), audit_head.cpp (the head), audit_checks.cpp
// (what is held against the ledger then), audit_derived.cpp (what follows from the records) and audit_evidence.cpp (what can be shown of it) share. Not for others: they call run_audit (audit.hpp).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "inspection/activation.hpp"
#include "inspection/confidential/commitments.hpp"
#include "inspection/kinds.hpp"
#include "inspection/records/record_rules.hpp"
#include "ledger/disclosure.hpp"
#include "ledger/genesis.hpp"
#include "node/audit/audit.hpp"
#include "node/audit/pipeline.hpp"
#include "node/audit/policy_history.hpp"
#include "node/audit/promises.hpp"
#include "node/audit/proven_ledger.hpp"
#include "node/audit/receipts.hpp"
#include "node/audit/replay.hpp"
#include "node/audit/state_file.hpp"

namespace socai::node::audit {

class Audit {
  public:
    // `part` of the state is what the audit goes on from.
    Audit(const AuditOptions& options, StateFile::Part part,
          const std::function<void(std::uint64_t, std::uint64_t)>& progress,
          const std::function<bool()>& stop)
        : options_(options),
          part_(part),
          progress_(progress),
          stop_(stop),
          rules_(options.rules ? options.rules : std::make_shared<const inspection::KindRules>()) {}

    Result<AuditReport> run();
    bool rests_on_the_unvouched() const;

  private:
    Result<void> open();
    void know(const std::string& label, const ledger::Head& head);
    Result<void> choose_head();
    const KnownHead* largest_given(const std::optional<ledger::Head>& own);
    void look_at_signatures();
    Result<bool> read_genesis();
    bool resume(const AuditState& state);
    void replay_leaves();
    bool judge(CheckedBundle bundle);
    void count();
    void hold_against();
    // The version of the rules that derive.
    static std::string engine() { return std::to_string(inspection::program_versions.rule_engine); }
    void compare_derived();
    void compare_facts();
    std::string facts_not_compared() const;
    std::optional<std::uint64_t> shown_size(std::uint64_t size);
    std::optional<std::uint64_t> parted_at(std::uint64_t shown);
    std::optional<std::optional<std::uint64_t>> derived_mark(std::uint64_t size);
    std::optional<bool> same_derived(std::uint64_t size);
    std::optional<std::string> records_of(std::uint64_t leaf);
    std::string derived_not_compared() const;
    void count_beyond();
    void compare_upper_tiles();
    void compare_with_last();
    void hold_heads();
    void compare_clocks(const Trust& trust);
    void join_lines(Trust& trust);
    void hold_others();
    bool is_of_this_ledger(const ledger::Checkpoint& other) const;
    void hold_ended(const KnownHead& known);
    void prove_fork(const ledger::Head& other);
    void prove_broken(const NotKept& promise);
    std::optional<std::vector<ledger::ProvenEntry>> policy_chain(const ledger::Head& head);
    std::optional<ledger::ProvenEntry> proven_leaf(std::uint64_t index, const ledger::Head& head);
    void hold_receipts();
    void hold_promises();
    bool knows_remains(std::uint64_t leaf, std::string_view text) const;
    void hold_withdrawals();
    void take_remains();
    void hold_disclosures();
    std::optional<ledger::Error> judge_disclosed(const inspection::Committing& record,
                                                 const std::vector<ledger::Disclosure>& told,
                                                 const inspection::RecordRules& rules);
    void say_what_was_not_checked();
    void narrow_down();
    void save(bool ended);
    void find(Finding finding);
    void fail(const Error& error);
    void stop_at(const std::string& where);
    bool ended_early(const char* step);
    bool keeps_state() const { return state_file_ != nullptr; }
    // Of a call that reads from the source. Nothing: the error is told in the report; one of reaching the source ends
    // the audit.
    template <class T>
    std::optional<T> reached(Result<T> result) {
        if (result) return *std::move(result);
        fail(result.error());
        return std::nullopt;
    }

    const AuditOptions& options_;
    const StateFile::Part part_;
    const std::function<void(std::uint64_t, std::uint64_t)>& progress_;
    const std::function<bool()>& stop_;
    std::unique_ptr<StateFile> state_file_;  // null: none is kept
    AuditReport report_;

    ledger::Policy pinned_;
    std::unique_ptr<Source> source_;
    ledger::Head head_;
    std::vector<KnownHead> known_;  // every other head, each once; first those given as such
    std::set<std::string> seen_;    // their texts
    std::size_t given_heads_ = 0;
    Receipts receipts_;
    std::vector<ledger::Disclosure> disclosures_;
    std::optional<AuditState> state_;
    std::string genesis_entry_;
    ledger::Genesis genesis_;
    const std::shared_ptr<const ledger::Rules> rules_;
    std::optional<LedgerFacts> facts_;
    std::optional<RecordTable> table_;
    Derivation derivation_;
    std::optional<PolicyHistory> policies_;
    std::vector<std::pair<std::uint64_t, std::string>> policy_entries_;
    std::optional<Replay> replay_;
    std::optional<ProvenLedger> proven_;  // once every leaf was read
    std::optional<bool> fits_;            // the tree has the audited head's root
    std::set<std::uint64_t> gone_;        // leaves that the members withdrew, and the source has no more
    std::uint64_t beyond_ = 0;            // leaves that the source holds after the audited head
    bool lacks_tiles_ = false;            // the source keeps not all tiles
    std::chrono::steady_clock::time_point saved_ = std::chrono::steady_clock::now();
};

}  // namespace socai::node::audit
