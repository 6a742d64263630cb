#include "node/ledger_loop.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cassert>
#include <chrono>

#include "ledger/entry.hpp"

namespace socai::node {
namespace {

using Clock = std::chrono::steady_clock;

// Leaves proposed as one batch: bounded so that a batch fits a few appends and the first of it need not wait
// for the last.
constexpr std::size_t max_batch_leaves = 1'000;
constexpr std::size_t max_batch_bytes = 512 * 1024;
// Entries applied as one atomic write.
constexpr std::size_t max_apply_entries = 2'048;
constexpr std::size_t replay_bytes = 8 * 1024 * 1024;

}  // namespace

const std::vector<double>& LedgerLoop::commit_bounds() {
    static const std::vector<double> bounds{0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05,
                                            0.1,    0.2,   0.5,   1,     2,     5,    10};
    return bounds;
}

LedgerLoop::LedgerLoop(const ledger::Context& context, storage::LogStore& log, storage::StateStore& state,
                       std::size_t max_uncommitted_bytes, Hooks hooks)
    : context_(context),
      log_(log),
      state_(state),
      hooks_(std::move(hooks)),
      max_uncommitted_bytes_(max_uncommitted_bytes) {
    metrics_.commit_buckets.resize(commit_bounds().size());
}

LedgerLoop::~LedgerLoop() {
    stop();
}

void LedgerLoop::start() {
    thread_ = std::thread([this] { run(); });
}

void LedgerLoop::stop() {
    queue_.close();
    if (thread_.joinable()) thread_.join();
    fail_waiting(Attempt::End::lost);
}

void LedgerLoop::submit(std::vector<StatementPtr> statements, std::function<void(Attempt)> done) {
    queue_.push(Submission{std::move(statements), std::move(done)});
}

void LedgerLoop::judge(consensus::ValidateJob job, Verifier::Prepared prepared) {
    queue_.push(Judgement{std::move(job), std::move(prepared)});
}

void LedgerLoop::log_changed(LogChange change) {
    queue_.push(std::move(change));
}

void LedgerLoop::run() {
    std::vector<Event> events;
    std::vector<Submission> submissions;
    while (queue_.wait(events)) {
        for (auto& event : events) {
            if (broken_) continue;
            // Submissions that stand together in the queue are admitted as one batch: one append, one fsync,
            // one root.
            if (auto* submission = std::get_if<Submission>(&event)) {
                submissions.push_back(std::move(*submission));
                continue;
            }
            admit(submissions);
            if (auto* judgement = std::get_if<Judgement>(&event)) {
                const consensus::Verdict result = verdict(*judgement);
                hooks_.post(consensus::Validated{judgement->job.job, judgement->job.term, result});
            } else if (auto* confirmed = std::get_if<Confirmed>(&event)) {
                if (confirmed->leads && leads_ == confirmed->term) {
                    decide(confirmed->pending, confirmed->position, std::move(confirmed->decision));
                } else {
                    fail(confirmed->pending, Attempt::End::lost);
                }
            } else {
                change(std::get<LogChange>(event));
            }
        }
        if (!broken_) admit(submissions);
        publish_metrics();
    }
}

// --- leader: admission
// --------------------------------------------------------------------------------------------

void LedgerLoop::admit(std::vector<Submission>& submissions) {
    if (submissions.empty()) return;
    std::vector<consensus::Propose::Item> items;
    std::size_t bytes = 0;
    const std::int64_t now = hooks_.wall_clock_ms();
    for (auto& submission : submissions) {
        if (!leads_) {
            submission.done({Attempt::End::not_leader, {}});
            continue;
        }
        std::size_t wanted = 0;
        for (const auto& statement : submission.statements) wanted += statement->text.size();
        if (uncommitted_bytes_ + wanted > max_uncommitted_bytes_) {
            submission.done({Attempt::End::overloaded, {}});
            continue;
        }
        admit_one(submission, now, items);
        bytes += wanted;
        if (items.size() >= max_batch_leaves || bytes >= max_batch_bytes) {
            propose(items);
            bytes = 0;
        }
    }
    propose(items);
    submissions.clear();
}

void LedgerLoop::admit_one(Submission& submission, std::int64_t now,
                           std::vector<consensus::Propose::Item>& items) {
    auto pending = std::make_shared<Pending>();
    pending->decisions.resize(submission.statements.size());
    pending->undecided = submission.statements.size();
    pending->done = std::move(submission.done);
    for (std::size_t i = 0; i < submission.statements.size(); ++i) {
        // Accepted times never fall (formats.md), whatever this node's clock does.
        const std::int64_t time_ms = std::max(now, tail_->last_time_ms());
        ledger::Verdict verdict = ledger::admit(context_, *tail_, submission.statements[i], time_ms, true);
        std::uint64_t rests_on = 0;
        Waiter waiter{pending, i, Accepted{}, std::nullopt, Clock::now(), false};
        if (auto* admitted = std::get_if<ledger::Admitted>(&verdict)) {
            rests_on = admitted->index + 1;
            waiter.decision = Accepted{{admitted->index, 0}, admitted->time_ms, false, admitted->late};
            waiter.timed = true;
            items.push_back({admitted->entry, admitted->leaf});
            uncommitted_bytes_ += admitted->entry.size();
            tail_->push(std::move(*admitted));
            ++metrics_.admitted;
        } else if (const auto* duplicate = std::get_if<ledger::Duplicate>(&verdict)) {
            // The accepted time is read when the answer is given: the first leaf may still be in the tail.
            rests_on = duplicate->addresses.front().index + 1;
            waiter.decision = Accepted{duplicate->addresses.front(), 0, true, false};
            ++metrics_.duplicates;
        } else {
            const auto& error = std::get<ledger::Error>(verdict);
            rests_on = tail_->size();
            waiter.decision = error;
            waiter.needs_leadership = leads_;
            ++metrics_.refused;
        }
        waiting_[rests_on].push_back(std::move(waiter));
        ++waiting_count_;
    }
    answer_applied();
}

void LedgerLoop::propose(std::vector<consensus::Propose::Item>& items) {
    if (items.empty()) return;
    consensus::Propose proposal;
    proposal.term = *leads_;
    proposal.first_position = tail_->size() - items.size();
    proposal.items = std::move(items);
    proposal.mark = tail_->root();
    hooks_.post(std::move(proposal));
    items.clear();
}

// --- followers: validation
// ----------------------------------------------------------------------------------------

// Admits an entry of our own log again: its signature was checked before it was appended.
bool LedgerLoop::push_trusted(const consensus::Entry& entry) {
    const auto split = ledger::split_entry(entry.payload);
    if (!split) return false;
    auto statement = ledger::parse_statement(split->statement);
    if (!statement) return false;
    auto verdict =
        ledger::admit(context_, *tail_, std::make_shared<const ledger::Statement>(std::move(*statement)),
                      split->time_ms, true);
    auto* admitted = std::get_if<ledger::Admitted>(&verdict);
    if (admitted == nullptr || admitted->leaf != entry.digest) return false;
    tail_->push(std::move(*admitted));
    return true;
}

// Makes the overlay hold exactly the leaves of the log up to `index`: drops what a refused or forgotten
// validation left behind, admits again what such a validation had dropped. False when the log holds what
// cannot be admitted.
bool LedgerLoop::align(consensus::Index index) {
    assert(index >= applied_);
    const std::size_t keep = index.value - applied_.value;
    assert(keep <= log_tail_.size());
    while (held_ > keep) {
        if (log_tail_[--held_]->kind == consensus::EntryKind::payload) --held_size_;
    }
    if (tail_->size() > held_size_) tail_->truncate(held_size_);
    for (; held_ < keep; ++held_) {
        if (log_tail_[held_]->kind != consensus::EntryKind::payload) continue;
        if (!push_trusted(*log_tail_[held_])) {
            stop_node("inadmissible_log", "Entry " + std::to_string(log_tail_[held_]->id.index.value) +
                                              " of this node's log is not admissible where it stands. Keep "
                                              "the data folder as evidence.");
            return false;
        }
        ++held_size_;
    }
    return true;
}

void LedgerLoop::stop_node(std::string reason, std::string detail) {
    broken_ = true;
    hooks_.fatal(std::move(reason), std::move(detail));
}

consensus::Verdict LedgerLoop::verdict(const Judgement& judgement) {
    const auto& job = judgement.job;
    // Jobs are given one at a time and end before the next, so the log cannot have moved below the job's
    // start.
    if (leads_ || job.previous.index < applied_ ||
        job.previous.index.value > applied_.value + log_tail_.size()) {
        return consensus::Verdict::not_yet;  // the core moved on; it ignores this verdict
    }
    if (!align(job.previous.index)) return consensus::Verdict::not_yet;
    const auto fault = fault_of(judgement);
    if (!fault) return consensus::Verdict::valid;
    if (job.term != wrong_term_) {
        wrong_term_ = job.term;
        spdlog::error("Node {} leads term {} and sent what no honest leader sends; it is not taken: {}",
                      job.from.value, job.term.value, *fault);
    }
    return consensus::Verdict::wrong;
}

// What is wrong with the entries of the job, which follow what the overlay holds; each good one is pushed onto it.
std::optional<std::string> LedgerLoop::fault_of(const Judgement& judgement) {
    std::size_t position = 0;
    for (const auto& entry : judgement.job.entries) {
        if (entry->kind == consensus::EntryKind::payload) {
            const auto& prepared = judgement.prepared[position++];
            if (!prepared) return prepared.error().reason + ": " + prepared.error().detail;
            const auto split = ledger::split_entry(entry->payload);
            if (!split) return split.error().detail;
            auto verdict = ledger::admit(context_, *tail_, *prepared, split->time_ms, true);
            if (const auto* error = std::get_if<ledger::Error>(&verdict))
                return error->reason + ": " + error->detail;
            auto* admitted = std::get_if<ledger::Admitted>(&verdict);
            if (admitted == nullptr) return "duplicate: the statement stands in the ledger already";
            if (admitted->leaf != entry->digest)
                return "wrong_digest: the entry's digest is not its leaf hash";
            tail_->push(std::move(*admitted));
        }
        // The root that the leader claims after this entry must be ours (architecture.md, "A record's way through").
        if (entry->mark && *entry->mark != tail_->root())
            return "wrong_root: the tree that ends with this batch has another root";
    }
    return std::nullopt;
}

// --- the log moves
// ------------------------------------------------------------------------------------------------

void LedgerLoop::change(LogChange& change) {
    for (const auto& refused : change.refused) {
        // Refused because leadership ended: that change came first and has answered those who wait. While
        // this node leads, the limits of admission are tighter than the core's; later proposals would rest on
        // the refused one, so there is no going on.
        if (leads_ == refused.term) {
            stop_node(
                "proposal_refused",
                "The consensus core refused a proposal of its own leader. This is a fault of the program.");
            return;
        }
    }
    if (change.truncated_from) truncate_log(*change.truncated_from);
    for (const auto& entry : change.appended) take_appended(entry);
    if (change.leadership) lead(change.leadership->leads);
    if (change.committed && !broken_) commit(*change.committed);
}

void LedgerLoop::take_appended(const consensus::EntryPtr& entry) {
    assert(entry->id.index.value == applied_.value + log_tail_.size() + 1);
    const bool all_held = held_ == log_tail_.size();
    log_tail_.push_back(entry);
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
    while (!log_tail_.empty() && log_tail_.back()->id.index >= from) {
        if (held_ == log_tail_.size()) {
            --held_;
            if (log_tail_.back()->kind == consensus::EntryKind::payload) --held_size_;
        }
        log_tail_.pop_back();
    }
}

void LedgerLoop::lead(std::optional<consensus::Term> term) {
    if (term == leads_) return;
    leads_.reset();
    fail_waiting(Attempt::End::lost);
    if (!align(consensus::Index{applied_.value + log_tail_.size()})) return;
    uncommitted_bytes_ = tail_->bytes();
    leads_ = term;
}

void LedgerLoop::commit(consensus::Index index) {
    committed_ = std::max(committed_, index);
    while (applied_ < committed_ && !log_tail_.empty()) {
        const std::size_t count = std::min({static_cast<std::size_t>(committed_.value - applied_.value),
                                            log_tail_.size(), max_apply_entries});
        if (held_ < count) {
            // Only a validation that was forgotten under way drops leaves of the log from the overlay;
            // leaders judge nothing.
            assert(!leads_);
            if (!align(consensus::Index{applied_.value + log_tail_.size()})) return;
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
        log_tail_.erase(log_tail_.begin(), log_tail_.begin() + static_cast<std::ptrdiff_t>(count));
        held_ -= count;
        metrics_.applied += count;
        hooks_.applied(applied_, size);
        answer_applied();
    }
}

storage::Result<void> LedgerLoop::replay(consensus::Index commit_to, consensus::Index last,
                                         const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    const storage::AppliedPosition position = state_.position();
    applied_ = position.raft_index;
    held_size_ = position.size;
    tail_.emplace(state_, state_.frontier());
    const std::uint64_t of = last.value - applied_.value;
    for (consensus::Index next = applied_ + 1; next <= last;) {
        const auto entries = log_.read(next, last, replay_bytes);
        if (!entries) return entries.error();
        if (entries->empty())
            return storage::Error{"corrupt_log",
                                  "The log ends before entry " + std::to_string(next.value) + "."};
        for (const auto& entry : *entries) log_tail_.push_back(entry);
        if (!align(entries->back()->id.index)) {
            return storage::Error{"inadmissible_log",
                                  "The log holds an entry that is not admissible where it stands."};
        }
        next = entries->back()->id.index + 1;
        commit(std::min(commit_to, entries->back()->id.index));
        if (broken_) return storage::Error{"io_error", "The state could not be brought up to the log."};
        progress(next.value - 1 - position.raft_index.value, of);
    }
    return {};
}

// --- answers
// ------------------------------------------------------------------------------------------------------

void LedgerLoop::count_commit(Clock::time_point since) {
    const double seconds = std::chrono::duration<double>(Clock::now() - since).count();
    metrics_.commit_seconds_sum += seconds;
    ++metrics_.commit_count;
    for (std::size_t i = 0; i < commit_bounds().size(); ++i) {
        if (seconds <= commit_bounds()[i]) ++metrics_.commit_buckets[i];
    }
}

void LedgerLoop::answer_applied() {
    const std::uint64_t size = tail_->base_size();
    while (!waiting_.empty() && waiting_.begin()->first <= size) {
        auto node = waiting_.extract(waiting_.begin());
        waiting_count_ -= node.mapped().size();
        for (Waiter& waiter : node.mapped()) {
            if (waiter.timed) count_commit(waiter.since);
            if (!waiter.needs_leadership) {
                decide(waiter.pending, waiter.position, std::move(waiter.decision));
                continue;
            }
            // "No such record" from a leader that was deposed without knowing could be untrue: first the
            // proof that it leads.
            hooks_.confirm_leadership([this, pending = std::move(waiter.pending), position = waiter.position,
                                       decision = std::move(waiter.decision),
                                       term = *waiter.needs_leadership](bool leads) mutable {
                queue_.push(Confirmed{std::move(pending), position, std::move(decision), term, leads});
            });
        }
    }
}

void LedgerLoop::decide(const PendingPtr& pending, std::size_t position, Decision decision) {
    if (pending->finished) return;
    assert(!pending->decisions[position]);
    pending->decisions[position] = std::move(decision);
    if (--pending->undecided > 0) return;
    pending->finished = true;
    Attempt attempt;
    for (auto& decided : pending->decisions) attempt.decisions.push_back(std::move(*decided));
    pending->done(std::move(attempt));
}

void LedgerLoop::fail(const PendingPtr& pending, Attempt::End end) {
    if (pending->finished) return;
    pending->finished = true;
    pending->done({end, {}});
}

void LedgerLoop::fail_waiting(Attempt::End end) {
    auto waiting = std::move(waiting_);
    waiting_.clear();
    waiting_count_ = 0;
    for (auto& [size, waiters] : waiting) {
        for (auto& waiter : waiters) fail(waiter.pending, end);
    }
}

void LedgerLoop::publish_metrics() {
    metrics_.tail_leaves = tail_->size() - tail_->base_size();
    metrics_.tail_bytes = tail_->bytes();
    metrics_.waiting = waiting_count_;
    const std::lock_guard lock(mutex_);
    published_ = metrics_;
}

LedgerLoop::Metrics LedgerLoop::metrics() const {
    const std::lock_guard lock(mutex_);
    Metrics metrics = published_;
    metrics.queue_depth = queue_.depth();
    return metrics;
}

}  // namespace socai::node
