#include "node/ledger_loop.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <exception>

#include "ledger/entry.hpp"
#include "ledger/recovery_leaf.hpp"
#include "node/leader_refusals.hpp"
#include "node/member.hpp"

namespace socai::node {
namespace {

using Clock = std::chrono::steady_clock;

// Leaves proposed as one batch: bounded so that a batch fits a few appends and the first of it need not wait
// for the last.
constexpr std::size_t max_batch_leaves = 1'000;
constexpr std::size_t max_batch_bytes = 512 * 1024;

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

void LedgerLoop::repaired(std::vector<consensus::Index> indices) {
    queue_.push(Repair{std::move(indices)});
}

void LedgerLoop::run() {
    std::vector<Event> events;
    while (queue_.wait(events)) {
        try {
            handle(events);
        } catch (const std::exception& fault) {
            stop_on(fault);
        }
        publish_metrics();
    }
}

// What a leaf that came without its bytes left behind, and no vote vouched for, may be anything.
void LedgerLoop::stop_on(const std::exception& fault) {
    stop_node("bad_fact", std::string("What this node has derived cannot be read: ") + fault.what() +
                              ". Where it holds leaves that came without their bytes, a leader lied to it: keep the data folder as "
                              "evidence, and make this node anew, from a backup or the other nodes.");
}

void LedgerLoop::handle(std::vector<Event>& events) {
    std::vector<Submission> submissions;
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
        } else if (const auto* repair = std::get_if<Repair>(&event)) {
            reload(repair->indices);
        } else {
            change(std::get<LogChange>(event));
        }
    }
    if (!broken_) admit(submissions);
}

// --- leader: admission
// --------------------------------------------------------------------------------------------

void LedgerLoop::admit(std::vector<Submission>& submissions) {
    if (submissions.empty()) return;
    std::vector<consensus::Propose::Item> items;
    std::size_t bytes = 0;
    const std::int64_t now = hooks_.wall_clock_ms();
    const std::optional<Attempt::End> closed = leads_ ? hooks_.closed() : Attempt::End::not_leader;
    for (auto& submission : submissions) {
        if (closed || broken_) {
            submission.done({broken_ ? Attempt::End::lost : *closed, {}});
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
        if (outgrown(tail_->facts())) return fail(pending, Attempt::End::lost);
        // Accepted times never fall (formats.md), whatever this node's clock does.
        const std::int64_t time_ms = std::max(now, tail_->last_time_ms());
        const StatementPtr& statement = submission.statements[i];
        ledger::Verdict verdict =
            as_leader(context_, tail_->facts(), *statement,
                      ledger::admit(context_, *tail_, statement, time_ms, statement->signature_checked));
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
    proposal.first_position = batch_;
    proposal.items = std::move(items);
    proposal.mark = tail_->root();
    hooks_.post(std::move(proposal));
    items.clear();
}

void LedgerLoop::stop_node(std::string reason, std::string detail) {
    broken_ = true;
    stopped_ = storage::Error{reason, detail};
    hooks_.fatal(std::move(reason), std::move(detail));
}

// A program that does not know the rules in force would go on to another ledger than the others: it stops instead
// (design/domain.md 4). Asked before each leaf is judged, and after each is applied.
bool LedgerLoop::outgrown(const ledger::Facts& facts) {
    auto why = context_.rules.outgrown(facts);
    if (!why) return false;
    stop_node("upgrade_required", std::move(*why));
    return true;
}

std::optional<std::string> LedgerLoop::foreign_epoch(const ledger::Admitted& leaf) const {
    if (leaf.statement->records.front().type != ledger::recovery_type || !hooks_.foreign_epoch)
        return std::nullopt;
    return hooks_.foreign_epoch(leaf);
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
