#include "tests/simulation/ledger.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "ledger/entry.hpp"

namespace socai::simulation {

using consensus::EntryKind;
using consensus::Index;

namespace {

// A follower holds back what its own clock calls the future by more than this.
constexpr std::int64_t max_ahead_ms = 1'000;
// Overlay entries beyond which a leader takes no more.
constexpr std::size_t max_tail_bytes = 256 * 1024;

}  // namespace

Ledger::Ledger(Statements& statements, State& state, bool early_answers, Hooks hooks)
    : statements_(statements), state_(state), early_answers_(early_answers), hooks_(std::move(hooks)) {
    installed();
}

void Ledger::installed() {
    log_tail_.clear();
    held_ = 0;
    held_size_ = state_.size();
    tail_.emplace(state_, state_.frontier());
    fail_waiting();
}

void Ledger::submit(const std::vector<std::pair<StatementPtr, Done>>& batch, std::int64_t wall_ms) {
    if (!leads_ || tail_->bytes() > max_tail_bytes) {
        const auto end = leads_ ? Attempt::End::overloaded : Attempt::End::not_leader;
        for (const auto& [statement, done] : batch) done({end, 0});
        return;
    }
    consensus::Propose proposal;
    for (const auto& [statement, done] : batch) {
        const std::int64_t time_ms = std::max(wall_ms, tail_->last_time_ms());
        ledger::Verdict verdict = ledger::Error{};
        // As at the edge of a node: a bad signature is refused before it reaches the ledger.
        if (!statements_.judged(statement->text)) {
            done({Attempt::End::refused, 0});
            continue;
        }
        verdict = ledger::admit(statements_.context(), *tail_, statement, time_ms, true);
        Waiter waiter{done, {Attempt::End::accepted, 0}, std::nullopt};
        std::uint64_t rests_on = tail_->size();
        if (auto* admitted = std::get_if<ledger::Admitted>(&verdict)) {
            rests_on = admitted->index + 1;
            waiter.attempt.leaf = admitted->index;
            proposal.items.push_back({admitted->entry, admitted->leaf});
            tail_->push(std::move(*admitted));
        } else if (const auto* duplicate = std::get_if<ledger::Duplicate>(&verdict)) {
            waiter.attempt.leaf = duplicate->addresses.front().index;
            rests_on = waiter.attempt.leaf + 1;
        } else {
            waiter.attempt.end = Attempt::End::refused;
            waiter.needs_leadership = leads_;
        }
        waiting_.emplace(early_answers_ ? 0 : rests_on, std::move(waiter));
    }
    if (!proposal.items.empty()) {
        proposal.term = *leads_;
        proposal.first_position = tail_->size() - proposal.items.size();
        proposal.mark = tail_->root();
        hooks_.propose(std::move(proposal));
    }
    answer_applied();
}

bool Ledger::push_trusted(const consensus::Entry& entry) {
    const auto split = ledger::split_entry(entry.payload);
    if (!split) return false;
    const auto& statement = statements_.judged(split->statement);
    if (!statement) return false;
    auto verdict = ledger::admit(statements_.context(), *tail_, *statement, split->time_ms, true);
    auto* admitted = std::get_if<ledger::Admitted>(&verdict);
    if (admitted == nullptr || admitted->leaf != entry.digest) return false;
    tail_->push(std::move(*admitted));
    return true;
}

// Makes the overlay hold exactly the leaves of the log up to `index`. False when it cannot: content is missing, or
// (fatal) inadmissible.
bool Ledger::align(Index index) {
    assert(index >= state_.applied());
    const std::size_t keep = index.value - state_.applied().value;
    assert(keep <= log_tail_.size());
    while (held_ > keep) {
        if (log_tail_[--held_].entry->kind == EntryKind::payload) --held_size_;
    }
    if (tail_->size() > held_size_) tail_->truncate(held_size_);
    for (; held_ < keep; ++held_) {
        const Held& next = log_tail_[held_];
        if (next.entry->kind != EntryKind::payload) continue;
        if (next.hollow) return false;
        if (!push_trusted(*next.entry)) {
            hooks_.fatal("entry " + std::to_string(next.entry->id.index.value) +
                         " of its own log is not admissible where it stands");
            return false;
        }
        ++held_size_;
    }
    return true;
}

consensus::Verdict Ledger::judge(const consensus::ValidateJob& job, std::int64_t wall_ms) {
    if (leads_ || job.previous.index < state_.applied() ||
        job.previous.index.value > state_.applied().value + log_tail_.size()) {
        return consensus::Verdict::not_yet;  // the core moved on; it ignores this verdict
    }
    if (job.previous.index > state_.applied() &&
        log_tail_[job.previous.index.value - state_.applied().value - 1].entry->id.hash !=
            job.previous.hash) {
        return consensus::Verdict::not_yet;  // replaced since; the core ignores this verdict too
    }
    if (!align(job.previous.index)) return consensus::Verdict::not_yet;
    bool early = false;
    const auto fault = fault_of(job, wall_ms, early);
    if (early) return consensus::Verdict::not_yet;
    return fault ? consensus::Verdict::wrong : consensus::Verdict::valid;
}

std::optional<std::string> Ledger::fault_of(const consensus::ValidateJob& job, std::int64_t wall_ms,
                                            bool& early) {
    const consensus::Digest& ours =
        job.previous.index == state_.applied()
            ? state_.applied_id().hash
            : log_tail_[job.previous.index.value - state_.applied().value - 1].entry->id.hash;
    if (ours != job.previous.hash) return "the entries follow another history than this log's";
    for (const auto& entry : job.entries) {
        if (entry->kind == EntryKind::payload) {
            const auto split = ledger::split_entry(entry->payload);
            if (!split) return split.error().detail;
            const auto& statement = statements_.judged(split->statement);
            if (!statement) return statement.error().reason;
            auto verdict = ledger::admit(statements_.context(), *tail_, *statement, split->time_ms, true);
            if (const auto* error = std::get_if<ledger::Error>(&verdict)) return error->reason;
            auto* admitted = std::get_if<ledger::Admitted>(&verdict);
            if (admitted == nullptr) return "duplicate";
            if (admitted->leaf != entry->digest) return "wrong_digest";
            if (split->time_ms > wall_ms + max_ahead_ms) {
                early = true;
                return std::nullopt;
            }
            tail_->push(std::move(*admitted));
        }
        if (entry->mark && *entry->mark != tail_->root()) return "wrong_root";
    }
    return std::nullopt;
}

void Ledger::appended(consensus::EntryPtr entry, bool hollow) {
    assert(entry->id.index.value == state_.applied().value + log_tail_.size() + 1);
    const bool all_held = held_ == log_tail_.size();
    log_tail_.push_back({std::move(entry), hollow});
    if (!all_held) return;
    const consensus::Entry& last = *log_tail_.back().entry;
    if (last.kind != EntryKind::payload) {
        ++held_;
        return;
    }
    const ledger::Admitted* leaf = tail_->at(held_size_);
    if (leaf == nullptr || leaf->leaf != last.digest) return;
    ++held_;
    ++held_size_;
}

void Ledger::truncated(Index from) {
    assert(from > state_.applied() && "what is applied is never truncated");
    while (!log_tail_.empty() && log_tail_.back().entry->id.index >= from) {
        if (held_ == log_tail_.size()) {
            --held_;
            if (log_tail_.back().entry->kind == EntryKind::payload) --held_size_;
        }
        log_tail_.pop_back();
    }
}

void Ledger::mended(Index index) {
    if (index <= state_.applied() || index.value > state_.applied().value + log_tail_.size()) return;
    log_tail_[index.value - state_.applied().value - 1].hollow = false;
    if (wanted_ && !leads_) lead(wanted_);
}

void Ledger::lead(std::optional<consensus::Term> term) {
    wanted_ = term;
    if (term == leads_) return;
    leads_.reset();
    fail_waiting();
    if (!term) return;
    if (!align(state_.applied() + log_tail_.size())) return;
    leads_ = term;
}

void Ledger::refused(consensus::Term term) {
    // What was admitted for a proposal that was not taken must go from the overlay, and all that rests on it.
    if (leads_ != term) return;
    leads_.reset();
    fail_waiting();
    lead(wanted_);
}

void Ledger::apply(Index index, const std::function<void(const consensus::Entry&)>& each) {
    const Index last = state_.applied() + log_tail_.size();
    const std::size_t count = std::min(index, last).value - std::min(index, state_.applied()).value;
    if (held_ < count && !leads_) align(last);
    std::uint64_t size = state_.size();
    for (std::size_t i = 0; i < count && held_ > 0; ++i) {
        const consensus::EntryPtr entry = log_tail_.front().entry;
        if (entry->kind == EntryKind::payload) {
            const ledger::Admitted* admitted = tail_->at(size++);
            assert(admitted != nullptr && admitted->leaf == entry->digest);
            const Leaf leaf{admitted->time_ms, admitted->leaf, admitted->statement};
            state_.apply(entry->id, &leaf);
            tail_->applied(size);
        } else {
            state_.apply(entry->id, nullptr);
        }
        log_tail_.pop_front();
        --held_;
        each(*entry);
    }
    answer_applied();
}

void Ledger::answer_applied() {
    while (!waiting_.empty() && waiting_.begin()->first <= state_.size()) {
        Waiter waiter = std::move(waiting_.extract(waiting_.begin()).mapped());
        if (!waiter.needs_leadership) {
            waiter.done(waiter.attempt);
            continue;
        }
        hooks_.confirm_leadership([this, waiter = std::move(waiter)](bool leads) {
            waiter.done(leads && leads_ == waiter.needs_leadership ? waiter.attempt : Attempt{});
        });
    }
}

void Ledger::fail_waiting() {
    auto waiting = std::exchange(waiting_, {});
    for (auto& [size, waiter] : waiting) waiter.done({});
}

}  // namespace socai::simulation
