// What an audit can show to others of what it found: each piece of evidence holds under the pinned policy, or is not made.
#include <algorithm>
#include <utility>

#include "node/audit/audit_run.hpp"

namespace socai::node::audit {

// The audited head stands on the leaves that were read; `other`, no larger, does not.
void Audit::prove_fork(const ledger::Head& other) {
    const std::uint64_t size = head_.checkpoint.size;
    std::vector<ledger::Hash> path;
    if (other.checkpoint.size == 0 || report_.evidence.size() >= max_findings) return;
    if (other.checkpoint.size < size) {
        auto found = reached(proven_->fork_path(other.checkpoint.size, size));
        if (!found) return;
        path = std::move(*found);
    }
    ledger::Evidence evidence{ledger::Fork{other, head_, std::move(path)}, std::nullopt, {}};
    const auto finding = ledger::verify_evidence(evidence, pinned_);
    if (!finding) return report_.notes.push_back("no evidence was written: " + finding.error().detail);
    report_.evidence.push_back(std::move(evidence));
}

// Against a node that keeps its word there is nothing to make it of: such a node cosigns no head after the time that it
// promised while the record is not under it, whoever else is late. A refusal that nobody showed here defeats the evidence
// wherever it is shown; and who verifies reads all leaves, should the promise name other records than its statement has.
void Audit::prove_broken(const NotKept& promise) {
    if (report_.evidence.size() >= max_findings) return;
    std::string why = "no head at hand follows from the pinned policy";
    for (const ledger::Head* head : promise.shown_by) {
        const std::uint64_t size = head->checkpoint.size;
        const auto policies = policy_chain(*head);
        if (report_.stopped) return;
        if (!policies) continue;
        for (const PolicyHistory::Entry& entry : policies_->entries()) {
            const auto& nodes = entry.policy.nodes;
            if (entry.leaf >= size ||
                std::ranges::find(nodes, promise.node, &ledger::GenesisNode::name) == nodes.end())
                continue;
            auto introduction = proven_leaf(entry.leaf, *head);
            if (!introduction) return;
            ledger::Evidence evidence{ledger::BrokenPromise{promise.note, *head}, *std::move(introduction),
                                      *policies};
            const auto finding = ledger::verify_evidence(evidence, pinned_);
            if (finding) return report_.evidence.push_back(std::move(evidence));
            why = finding.error().detail;
        }
    }
    report_.notes.push_back("no evidence of " + promise.file + " was written: " + why);
}

// From the pinned policy to the one that governs `head`. Nothing: a link is not at hand (a finding says so), a recovery lies in
// between, over which no chain leads, or the source failed.
std::optional<std::vector<ledger::ProvenEntry>> Audit::policy_chain(const ledger::Head& head) {
    std::vector<ledger::ProvenEntry> chain;
    const std::uint64_t size = head.checkpoint.size;
    const auto from = policies_->find(pinned_, size);
    if (!from) return chain;  // the pinned policy speaks for itself
    for (std::size_t position = *from + 1; position <= policies_->governing(size); ++position) {
        const ledger::Head* link = link_to(*policies_, position, head_, known_);
        if (link == nullptr) return std::nullopt;
        auto proven = proven_leaf(policies_->entries()[position].leaf, *link);
        if (!proven) return std::nullopt;
        chain.push_back(*std::move(proven));
    }
    return chain;
}

// Precondition: `head` is of the ledger that was read.
std::optional<ledger::ProvenEntry> Audit::proven_leaf(std::uint64_t index, const ledger::Head& head) {
    auto entry = reached(proven_->entry(index));
    if (!entry) return std::nullopt;
    auto path = reached(proven_->inclusion(index, head.checkpoint.size));
    if (!path) return std::nullopt;
    return ledger::ProvenEntry{*std::move(entry), {index, *std::move(path), head}};
}

}  // namespace socai::node::audit
