// The ledger thread and the log: its end moves, the overlay follows, what is committed is applied. What of the log is
// not in memory, after a start, is read from the disk as there is room.
#include <algorithm>
#include <cassert>
#include <exception>

#include "ledger/entry.hpp"
#include "ledger/remains.hpp"
#include "node/ledger_loop.hpp"

namespace socai::node {
namespace {

// Entries applied as one atomic write.
constexpr std::size_t max_apply_entries = 2'048;
constexpr std::size_t replay_bytes = 8 * 1024 * 1024;

}  // namespace

void LedgerLoop::change(LogChange& change) {
    for (const auto& refused : change.refused) proposal_refused(refused);
    if (change.truncated_from) truncate_log(*change.truncated_from);
    for (const auto& entry : change.appended) take_appended(entry);
    if (change.leadership) lead(change.leadership->leads);
    if (change.committed && !broken_) commit(*change.committed);
}

// A refusal because leadership ended needs nothing here: that change came first and has answered those who wait.
// Otherwise this node leads on, and what it admitted beyond its log is dropped; later proposals that rest on it do
// not reach the core (ConsensusLoop::post). None who waits for more than the log holds has any statement in it:
// the statements of one submission are proposed together.
void LedgerLoop::proposal_refused(const consensus::ProposalRefused& refused) {
    using Why = consensus::ProposalRefused::Why;
    if (refused.first_position != batch_) return;
    ++batch_;
    if (leads_ != refused.term) return;
    if (!align(log_last_)) return;
    uncommitted_bytes_ = tail_->bytes();
    const Attempt::End end = refused.why == Why::overloaded ? Attempt::End::overloaded
                             : refused.why == Why::no_space ? Attempt::End::no_space
                                                            : Attempt::End::not_leader;
    const auto first = waiting_.upper_bound(held_size_);
    for (auto waiting = first; waiting != waiting_.end(); ++waiting) {
        waiting_count_ -= waiting->second.size();
        for (const Waiter& waiter : waiting->second) fail(waiter.pending, end);
    }
    waiting_.erase(first, waiting_.end());
}

void LedgerLoop::take_appended(const consensus::EntryPtr& entry) {
    assert(entry->id.index == log_last_ + 1);
    const bool room = leads_ || log_tail_bytes_ < max_tail_bytes();
    const bool follows = loaded() == log_last_;
    log_last_ = entry->id.index;
    if (!follows || !room) return;  // comes from the disk once it is committed
    const bool all_held = held_ == log_tail_.size();
    push_loaded(entry);
    if (!all_held) return;
    if (entry->kind != consensus::EntryKind::payload) {
        ++held_;
        return;
    }
    // Admitted a moment ago, by validation here or by this node as leader.
    const ledger::Admitted* leaf = tail_->at(held_size_);
    if (leaf == nullptr || leaf->leaf != entry->digest) return;
    ++held_;
    ++held_size_;
}

void LedgerLoop::truncate_log(consensus::Index from) {
    // What is applied was committed, and what is committed is never truncated (Raft §5.4, Leader
    // Completeness).
    assert(from > applied_);
    log_last_ = from - 1;
    while (!log_tail_.empty() && log_tail_.back()->id.index >= from) {
        if (held_ == log_tail_.size()) {
            --held_;
            if (log_tail_.back()->kind == consensus::EntryKind::payload) --held_size_;
        }
        missing_.erase(log_tail_.back()->id.index);
        log_tail_bytes_ -= log_tail_.back()->payload.size();
        log_tail_.pop_back();
    }
}

void LedgerLoop::lead(std::optional<consensus::Term> term) {
    if (term == elected_) return;
    leads_.reset();
    fail_waiting(Attempt::End::lost);
    elected_ = term;
    take_the_lead();
}

// Admission begins once the overlay holds the whole log: at once, unless more of it is uncommitted than fits in
// memory. Then the leader's first commit brings the rest.
void LedgerLoop::take_the_lead() {
    if (leads_ || !elected_ || loaded() != log_last_ || !align(log_last_)) return;
    uncommitted_bytes_ = tail_->bytes();
    leads_ = elected_;
}

void LedgerLoop::commit(consensus::Index index) {
    committed_ = std::max(committed_, index);
    while (applied_ < committed_) {
        if (!load()) return;
        const std::size_t count = std::min(
            {static_cast<std::size_t>(committed_.value - applied_.value), intact(), max_apply_entries});
        if (count == 0) break;  // not on disk yet, or damaged
        if (held_ < count) {
            // Only a validation that was forgotten under way drops leaves of the log from the overlay;
            // leaders judge nothing.
            assert(!leads_);
            if (!align(applied_ + count)) return;
        }
        std::vector<storage::Apply> batch;
        batch.reserve(count);
        std::uint64_t size = tail_->base_size();
        for (std::size_t i = 0; i < count; ++i) {
            storage::Apply apply{log_tail_[i]->id, nullptr};
            if (log_tail_[i]->kind == consensus::EntryKind::payload) {
                apply.leaf = tail_->at(size++);
                assert(apply.leaf != nullptr && apply.leaf->leaf == log_tail_[i]->digest);
                uncommitted_bytes_ -= std::min(uncommitted_bytes_, apply.leaf->entry.size());
            }
            batch.push_back(apply);
        }
        if (const auto result = state_.apply(batch); !result) {
            stop_node(result.error().reason, result.error().detail);
            return;
        }
        tail_->applied(size);
        applied_ = log_tail_[count - 1]->id.index;
        applied_hash_ = log_tail_[count - 1]->id.hash;
        for (std::size_t i = 0; i < count; ++i) log_tail_bytes_ -= log_tail_[i]->payload.size();
        log_tail_.erase(log_tail_.begin(), log_tail_.begin() + static_cast<std::ptrdiff_t>(count));
        held_ -= count;
        metrics_.applied += count;
        hooks_.applied(applied_, size);
        answer_applied();
        if (outgrown(state_.facts())) return;
    }
    take_the_lead();
}

// Admits an entry of our own log again: its signature was checked before it was appended.
bool LedgerLoop::push_trusted(const consensus::Entry& entry) {
    if (ledger::is_remains(entry.payload)) return !fault_of_remains(entry);
    const auto split = ledger::split_entry(entry.payload);
    if (!split) return false;
    auto statement = ledger::parse_statement(split->statement);
    if (!statement) return false;
    auto verdict =
        ledger::admit(context_, *tail_, std::make_shared<const ledger::Statement>(std::move(*statement)),
                      split->time_ms, true);
    auto* admitted = std::get_if<ledger::Admitted>(&verdict);
    if (admitted == nullptr || admitted->leaf != entry.digest) return false;
    if (const auto foreign = foreign_epoch(*admitted)) {
        stop_node("recovery_unfinished", *foreign);
        return false;
    }
    tail_->push(std::move(*admitted));
    return true;
}

// Makes the overlay hold exactly the leaves of the log up to `index`: drops what a refused or forgotten
// validation left behind, admits again what such a validation had dropped. False when the log holds what
// cannot be admitted, or when not all of it up to `index` is in memory (load(), missing_).
bool LedgerLoop::align(consensus::Index index) {
    assert(index >= applied_);
    const std::size_t keep = index.value - applied_.value;
    if (keep > intact()) return false;
    while (held_ > keep) {
        if (log_tail_[--held_]->kind == consensus::EntryKind::payload) --held_size_;
    }
    if (tail_->size() > held_size_) tail_->truncate(held_size_);
    for (; held_ < keep; ++held_) {
        if (log_tail_[held_]->kind != consensus::EntryKind::payload) continue;
        if (outgrown(tail_->facts())) return false;
        if (!push_trusted(*log_tail_[held_])) {
            if (broken_) return false;
            stop_node("inadmissible_log", "Entry " + std::to_string(log_tail_[held_]->id.index.value) +
                                              " of this node's log is not admissible where it stands. Keep "
                                              "the data folder as evidence.");
            return false;
        }
        ++held_size_;
    }
    return true;
}

// How many leading entries of log_tail_ are there with their content.
std::size_t LedgerLoop::intact() const {
    return missing_.empty() ? log_tail_.size() : missing_.begin()->first.value - applied_.value - 1;
}

storage::Result<std::vector<consensus::DamagedEntry>> LedgerLoop::replay(
    consensus::Index commit_to, consensus::Index last,
    const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    if (outgrown(state_.facts())) return *stopped_;
    const storage::AppliedPosition position = state_.position();
    applied_ = position.raft_index;
    const auto applied_id = log_.id_at(applied_);
    if (!applied_id) return applied_id.error();
    applied_hash_ = applied_id->hash;
    held_size_ = position.size;
    tail_.emplace(state_, state_.frontier());
    log_last_ = last;
    committed_ = commit_to;
    const std::uint64_t of = last.value - applied_.value;
    while (true) {
        const consensus::Index before = loaded();
        if (!load()) return *load_fault_;
        try {
            if (!align(applied_ + intact())) return *stopped_;
            commit(commit_to);
        } catch (const std::exception& fault) {
            stop_on(fault);
        }
        if (load_fault_) return *load_fault_;
        if (broken_) return *stopped_;
        if (of > 0) progress(loaded().value - position.raft_index.value, of);
        if (loaded() == before) break;
    }
    std::vector<consensus::DamagedEntry> damaged;
    for (const auto& [index, entry] : missing_) damaged.push_back(entry);
    return damaged;
}

void LedgerLoop::push_loaded(consensus::EntryPtr entry) {
    log_tail_bytes_ += entry->payload.size();
    log_tail_.push_back(std::move(entry));
}

// Reads on from the disk what of the log is not in memory, as far as there is room. False: the disk is at fault, and
// the node stops.
bool LedgerLoop::load() {
    while (loaded() < log_last_ && log_tail_bytes_ < max_tail_bytes()) {
        const consensus::Index next = loaded() + 1;
        const auto entries = log_.read(next, log_last_, replay_bytes);
        if (entries && entries->empty()) return true;  // not written yet
        if (entries) {
            for (const auto& entry : *entries) push_loaded(entry);
            continue;
        }
        auto fault = entries.error();
        if (fault.reason == "corrupt_log") {
            const auto damaged = log_.damage_in(next, next);
            if (damaged && damaged->size() == 1) {
                stand_in(damaged->front());
                continue;
            }
            if (!damaged) fault = damaged.error();
        }
        load_fault_ = fault;
        stop_node(fault.reason, fault.detail);
        return false;
    }
    return true;
}

// The entry's place is kept by its id until its content is back.
void LedgerLoop::stand_in(const consensus::DamagedEntry& damaged) {
    auto entry = std::make_shared<consensus::Entry>();
    entry->id = damaged.id;
    missing_.emplace(damaged.id.index, damaged);
    push_loaded(std::move(entry));
    if (thread_.joinable()) hooks_.post(consensus::Damaged{{damaged}});  // else replay() tells
}

// What was missing is whole on disk again. What follows it is admitted when it is next needed.
void LedgerLoop::reload(const std::vector<consensus::Index>& indices) {
    for (const consensus::Index index : indices) {
        const auto missing = missing_.find(index);
        if (missing == missing_.end()) continue;
        const auto entries = log_.read(index, index, 1);
        if (!entries || entries->empty()) continue;  // the core is told of this damage by who meets it
        log_tail_[index.value - applied_.value - 1] = entries->front();
        log_tail_bytes_ += entries->front()->payload.size();
        missing_.erase(missing);
    }
    commit(committed_);
}

}  // namespace socai::node
