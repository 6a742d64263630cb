// The follower's part of the ledger thread: may what a leader sends follow this node's log?
#include <spdlog/spdlog.h>

#include "consensus/membership.hpp"
#include "ledger/entry.hpp"
#include "ledger/remains.hpp"
#include "node/ledger_loop.hpp"
#include "node/member.hpp"
#include "node/voted_membership.hpp"
#include "node/withdrawals.hpp"

namespace socai::node {
namespace {

// How far ahead of this node's clock an accepted time may be.
constexpr std::int64_t clock_tolerance_ms = 1'000;

}  // namespace

consensus::Verdict LedgerLoop::verdict(const Judgement& judgement) {
    const auto& job = judgement.job;
    // Jobs are given one at a time and end before the next, so the log cannot have moved below the job's
    // start.
    if (leads_ || job.previous.index < applied_ ||
        job.previous.index.value > applied_.value + log_tail_.size()) {
        return consensus::Verdict::not_yet;  // the core moved on; it ignores this verdict
    }
    // Above what is applied the core has compared the hashes: another one means that a later leader has replaced the
    // log since this job was given. Nobody is to blame, and the core ignores this verdict too.
    if (job.previous.index > applied_ &&
        log_tail_[job.previous.index.value - applied_.value - 1]->id.hash != job.previous.hash) {
        return consensus::Verdict::not_yet;
    }
    if (!align(job.previous.index)) return consensus::Verdict::not_yet;
    if (is_from_the_future(job)) return consensus::Verdict::not_yet;
    const auto fault = fault_of(judgement);
    if (broken_) return consensus::Verdict::not_yet;
    if (!fault) return consensus::Verdict::valid;
    if (job.term != wrong_term_) {
        wrong_term_ = job.term;
        spdlog::error("Node {} leads term {} and sent what no honest leader sends; it is not taken: {}",
                      job.from.value, job.term.value, *fault);
        if (hooks_.judged_wrong) hooks_.judged_wrong(job, *fault);
    }
    return consensus::Verdict::wrong;
}

// Clock skew is no proof (architecture.md 9): what this node's clock has not reached yet is held. The leader sends it
// again. Accepted times never fall, so the last one is the latest; that they do not is judged elsewhere.
bool LedgerLoop::is_from_the_future(const consensus::ValidateJob& job) const {
    for (auto entry = job.entries.rbegin(); entry != job.entries.rend(); ++entry) {
        if ((*entry)->kind != consensus::EntryKind::payload) continue;
        const auto time_ms = ledger::time_of_leaf((*entry)->payload);
        return time_ms && *time_ms > hooks_.wall_clock_ms() + clock_tolerance_ms;
    }
    return false;
}

// What is wrong with the entries of the job, which follow what the overlay holds; each good one is pushed onto it.
// When the node has to stop there, the rest is not looked at.
std::optional<std::string> LedgerLoop::fault_of(const Judgement& judgement) {
    // The core compares the leader's claim with our own hash only where it still holds it in memory.
    const consensus::EntryId& previous = judgement.job.previous;
    const auto& ours = previous.index == applied_
                           ? applied_hash_
                           : log_tail_[previous.index.value - applied_.value - 1]->id.hash;
    if (ours != previous.hash) return "broken_chain: the entries follow another history than this log's";
    std::size_t position = 0;
    std::optional<consensus::ConfigurationEntry> standing;  // of the members, before the next change
    for (const auto& entry : judgement.job.entries) {
        if (entry->kind == consensus::EntryKind::configuration) {
            const auto decoded = consensus::decode_configuration(entry->payload);
            const auto note = decoded ? decode_note(decoded->note) : std::nullopt;
            if (!note || !describes(*note, decoded->configuration))
                return "bad_configuration: the note does not say who the members are";
            if (!standing && hooks_.configuration) standing = hooks_.configuration(previous.index);
            if (standing) {
                if (auto why = not_voted(context_.genesis, tail_->facts(), *standing, *decoded))
                    return "not_voted: " + *std::move(why);
                standing = *decoded;
            }
        }
        if (entry->kind == consensus::EntryKind::payload) {
            const auto& prepared = judgement.prepared[position++];
            // First: what it does not know it cannot judge, not even by its form.
            if (outgrown(tail_->facts())) return std::nullopt;
            const bool bare = ledger::is_remains(entry->payload);
            if (bare && is_too_young(*entry)) return "withdrawn_too_soon: no leaf so young has lost its bytes by a vote";
            if (auto fault = bare ? fault_of_remains(*entry) : fault_of_leaf(*entry, prepared)) return fault;
        }
        // The root that the leader claims after this entry must be ours (architecture.md, "A record's way through").
        if (entry->mark && *entry->mark != tail_->root())
            return "wrong_root: the tree that ends with this batch has another root";
    }
    return std::nullopt;
}

// Nothing is wrong with it: pushed.
std::optional<std::string> LedgerLoop::fault_of_leaf(const consensus::Entry& entry,
                                                     const ledger::Result<StatementPtr>& prepared) {
    if (!prepared) return prepared.error().reason + ": " + prepared.error().detail;
    const auto split = ledger::split_entry(entry.payload);
    if (!split) return split.error().detail;
    auto verdict = ledger::admit(context_, *tail_, *prepared, split->time_ms, (*prepared)->signature_checked);
    if (const auto* error = std::get_if<ledger::Error>(&verdict)) return error->reason + ": " + error->detail;
    auto* admitted = std::get_if<ledger::Admitted>(&verdict);
    if (admitted == nullptr) return "duplicate: the statement stands in the ledger already";
    if (admitted->leaf != entry.digest) return "wrong_digest: the entry's digest is not its leaf hash";
    if (const auto foreign = foreign_epoch(*admitted)) return "wrong_epoch: " + *foreign;
    tail_->push(std::move(*admitted));
    return std::nullopt;
}

// A vote takes its time. A leader that makes up what remains of a leaf that never was can do so only where none stands that
// is younger.
bool LedgerLoop::is_too_young(const consensus::Entry& entry) const {
    const auto time_ms = ledger::time_of_leaf(entry.payload);
    return time_ms && *time_ms > hooks_.wall_clock_ms() - remains_taken_after_ms;
}

// That the members voted for it is seen once the vote stands here (withdrawals.hpp).
std::optional<std::string> LedgerLoop::fault_of_remains(const consensus::Entry& entry) {
    auto admitted = ledger::admit_remains(context_, *tail_, entry.payload);
    if (!admitted) return admitted.error().reason + ": " + admitted.error().detail;
    if (admitted->leaf != entry.digest) return "wrong_digest: the entry's digest is not the hash that its remains name";
    tail_->push(*std::move(admitted));
    return std::nullopt;
}

}  // namespace socai::node
