#include "node/outbox/outbox.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

namespace socai::node {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t batch_items = 256;
constexpr std::size_t batch_bytes = 512 * 1024;
constexpr std::int64_t call_timeout_ms = 30'000;  // Submissions itself looks for leaders meanwhile
constexpr std::int64_t believed_ms = 30'000;      // a leader's word that something stands, unseen
constexpr auto shortest_pause = 100ms;
constexpr auto longest_pause = 2'000ms;
constexpr auto round = 1s;  // of looking at the clock
constexpr std::size_t max_verifying_bytes = std::size_t{64} << 20;
constexpr std::uint64_t nobody_waits = std::numeric_limits<std::uint64_t>::max();

api::Error stopping() {
    return {api::Code::unavailable, "no_leader",
            "This node is stopping and promised nothing. Submit the statement again, or to another node.",
            true};
}
api::Error not_written(const std::string& detail) {
    return {api::Code::internal_error, "storage_fault",
            "The outbox could not be written, and nothing was promised: " + detail, true};
}

api::Error not_promised() {
    return {api::Code::invalid_statement, "not_promised",
            "What the members decide over is not promised, for a leader whose program does not know it may refuse it: "
            "submit it with wait \"committed\".",
            false};
}

// Only what stands before a statement decides about these: it may be admissible once it gets there.
bool may_pass_later(const ledger::Error& error) {
    return error.reason == "unknown_reference" || error.fault == ledger::Fault::refused;
}

// The call ended without the ledger's word on this statement.
bool is_open(const api::Error& error) {
    switch (error.code) {
        case api::Code::invalid_statement:
        case api::Code::forbidden:
        case api::Code::conflict:
        case api::Code::too_large:
        case api::Code::refused:
            return false;
        default:
            return true;
    }
}

}  // namespace

Outbox::Outbox(std::unique_ptr<storage::OutboxStore> store, Verifier& verifier, PromiseMaker maker,
               OutboxOptions options, Hooks hooks)
    : store_(std::move(store)),
      verifier_(verifier),
      maker_(std::move(maker)),
      options_(options),
      hooks_(std::move(hooks)),
      next_number_(store_->next_number()),
      pause_(shortest_pause),
      late_size_(store_->late_size()),
      awaited_(nobody_waits) {
    for (auto& item : store_->take_waiting()) queue_.add(std::move(item));
    if (queue_.size() > 0) spdlog::info("outbox: {} statements wait to enter the ledger", queue_.size());
    publish();
}

Outbox::~Outbox() {
    stop();
}

void Outbox::start() {
    thread_ = std::thread([this] { run(); });
}

void Outbox::stop() {
    {
        const std::lock_guard lock(mutex_);
        if (stopped_) return;
        stopped_ = true;
    }
    events_.close();
    if (thread_.joinable()) thread_.join();
}

void Outbox::accept(api::SubmitRequest request, std::function<void(api::SubmitResults)> done) {
    Take take;
    take.results.resize(request.statements.size());
    take.done = std::move(done);
    for (const auto& text : request.statements) take.bytes += text.size();
    if (verifying_bytes_.fetch_add(take.bytes) > max_verifying_bytes) {
        verifying_bytes_ -= take.bytes;
        const api::Error busy{
            api::Code::overloaded, "too_many_submissions",
            "This node has as many submissions under way as it may. Wait for answers, then submit "
            "again.",
            true};
        take.done(api::SubmitResults(request.statements.size(), busy));
        return;
    }
    auto shared = std::make_shared<Take>(std::move(take));
    verifier_.verify(std::move(request.statements), [this, shared, held = request.disclosures_held](
                                                        Verifier::Prepared prepared) {
        verifying_bytes_ -= shared->bytes;
        for (std::size_t i = 0; i < prepared.size(); ++i) {
            auto lacking = prepared[i] && !held && hooks_.lacking ? hooks_.lacking(**prepared[i]) : std::nullopt;
            if (lacking) {
                shared->results[i] = *std::move(lacking);
            } else if (prepared[i] && hooks_.never_promised && hooks_.never_promised(**prepared[i])) {
                shared->results[i] = not_promised();
            } else if (prepared[i]) {
                shared->statements.push_back(std::move(*prepared[i]));
                shared->positions.push_back(i);
            } else {
                shared->results[i] = api::from_ledger(prepared[i].error());
            }
        }
        {
            // A pushed event is handled, even after the queue was closed; one that comes later is not.
            const std::lock_guard lock(mutex_);
            if (!stopped_ && !shared->statements.empty()) {
                events_.push(std::move(*shared));
                return;
            }
        }
        for (const std::size_t position : shared->positions) shared->results[position] = stopping();
        answer(*shared);
    });
}

void Outbox::applied(std::uint64_t size) {
    if (size > awaited_.load()) events_.push(Applied{});
}

void Outbox::answer(Take& take) {
    api::SubmitResults results;
    results.reserve(take.results.size());
    for (auto& result : take.results) results.push_back(std::move(*result));
    take.done(std::move(results));
}

void Outbox::run() {
    std::vector<Event> events;
    const auto deadline = [this] {
        const auto now = Clock::now();
        return forward_at_ > now ? std::min<Clock::time_point>(forward_at_, now + round) : now + round;
    };
    while (events_.wait_until(events, deadline())) {
        std::vector<Take> takes;
        for (Event& event : events) {
            if (auto* taken = std::get_if<Take>(&event)) takes.push_back(std::move(*taken));
        }
        take(takes);
        for (Event& event : events) {
            if (auto* end = std::get_if<Ended>(&event)) ended(*end);
        }
        settle_applied();
        // Where a leader says it stands, this node may never come: another leader is asked then, or this one again.
        if (queue_.doubt(hooks_.wall_clock_ms() - believed_ms)) settle_applied();
        forward();
        publish();
    }
}

// --- taking

// What the submissions that came together hold is made durable together, then all are answered.
void Outbox::take(std::vector<Take>& takes) {
    std::vector<storage::OutboxItem> items;
    for (Take& submission : takes) {
        for (std::size_t i = 0; i < submission.statements.size(); ++i)
            submission.results[submission.positions[i]] = take_one(submission.statements[i], items);
    }
    fresh_.clear();
    fresh_bytes_ = 0;
    std::optional<api::Error> lost;
    if (broken_) lost = not_written("the node is stopping.");
    if (!items.empty() && !lost) {
        if (auto added = store_->add(items); !added) {
            fail(added.error());
            lost = not_written(added.error().detail);
        }
    }
    if (!lost) {
        for (auto& item : items) {
            const std::size_t bytes = item.statement.size();
            queue_.add({item.number, std::move(item.promise), bytes});
        }
        counts_.promised += items.size();
        publish();  // may_cosign() knows of a promise before anybody else does
    }
    for (Take& submission : takes) {
        for (auto& result : submission.results) {
            if (lost && *result && (*result)->status == "accepted") result = *lost;
        }
        answer(submission);
    }
}

api::Result<api::Submitted> Outbox::take_one(const StatementPtr& statement,
                                             std::vector<storage::OutboxItem>& items) {
    const auto accepted = [](std::string promise, bool duplicate) {
        return api::Submitted{.status = "accepted", .duplicate = duplicate, .promise = std::move(promise)};
    };
    const ledger::Hash digest = ledger::sha256(statement->text);
    if (const auto known = fresh_.find(digest); known != fresh_.end()) return accepted(known->second, true);
    const auto found = store_->find(digest);
    if (!found) {
        fail(found.error());
        return not_written(found.error().detail);
    }
    if (*found && !(*found)->fate) return accepted((*found)->note, true);

    const Judgement judgement = hooks_.judge(statement, true);
    if (const auto* stands = std::get_if<Stands>(&judgement))
        return api::Submitted{
            .address = stands->address, .time_ms = stands->time_ms, .status = "committed", .duplicate = true};
    if (const auto* inadmissible = std::get_if<Inadmissible>(&judgement)) {
        if (!may_pass_later(inadmissible->error)) return api::from_ledger(inadmissible->error);
    }
    const std::int64_t now_ms = hooks_.wall_clock_ms();
    if (auto why = closed(statement->text.size(), now_ms)) return *std::move(why);

    ledger::Promise promise = promise_of(*statement, now_ms, options_.include_within_ms);
    std::string note = maker_.note(promise);
    items.push_back({next_number_++, std::move(promise), note, statement->text});
    fresh_.emplace(digest, note);
    fresh_bytes_ += statement->text.size();
    return accepted(std::move(note), false);
}

std::optional<api::Error> Outbox::closed(std::size_t bytes, std::int64_t now_ms) const {
    if (!hooks_.has_space())
        return api::Error{
            api::Code::overloaded, "no_space",
            "This node's disk is nearly full, so it promises nothing; it does again by itself when there "
            "is room. Submit the statement later, or to another node.",
            true};
    if (queue_.size() + fresh_.size() >= options_.max_entries ||
        queue_.bytes() + fresh_bytes_ + bytes > options_.max_bytes)
        return api::Error{
            api::Code::overloaded, "outbox_full",
            "As many statements wait in this node's outbox as may ([outbox] max_entries, max_bytes). "
            "Submit this one later, or to another node.",
            true};
    const auto* oldest = queue_.oldest();
    if (oldest != nullptr && now_ms - oldest->promise.received_ms > options_.max_age_ms)
        return api::Error{
            api::Code::overloaded, "outbox_stale",
            "Statements have waited in this node's outbox for longer than [outbox] max_age_ms, so it "
            "promises no more until it has kept its word. Submit this one to another node.",
            true};
    return std::nullopt;
}

// --- forwarding

void Outbox::forward() {
    if (broken_ || Clock::now() < forward_at_) return;
    {
        const std::lock_guard lock(mutex_);
        if (stopped_) return;
    }
    auto numbers = queue_.start_batch(batch_items, batch_bytes);
    if (numbers.empty()) return;
    api::SubmitRequest request;
    request.timeout_ms = call_timeout_ms;
    request.disclosures_held = true;  // or it would not have been taken
    for (const std::uint64_t number : numbers) {
        auto statement = store_->statement(number);
        if (!statement) return fail(statement.error());
        request.statements.push_back(*std::move(statement));
    }
    ++counts_.calls;
    hooks_.submit(std::move(request),
                  [this, numbers = std::move(numbers)](api::SubmitResults results) mutable {
                      events_.push(Ended{std::move(numbers), std::move(results)});
                  });
}

void Outbox::try_later() {
    forward_at_ = Clock::now() + pause_;
    pause_ = std::min<std::chrono::milliseconds>(2 * pause_, longest_pause);
}

void Outbox::ended(Ended& ended) {
    assert(ended.results.size() == ended.numbers.size());
    queue_.end_batch();
    if (broken_) return;
    std::vector<storage::OutboxFate> fates;
    bool open = false;
    for (std::size_t i = 0; i < ended.numbers.size(); ++i) {
        const std::uint64_t number = ended.numbers[i];
        const auto& result = ended.results[i];
        if (result) {
            queue_.stood_at(number, result->address.index, result->time_ms, hooks_.wall_clock_ms());
        } else if (open || is_open(result.error())) {
            // After one whose fate is open, a refusal may only mean that what it refers to is not there yet.
            open = true;
        } else if (!refuse(number, fates)) {
            open = true;
        }
    }
    settle(fates);
    if (open) return try_later();
    pause_ = shortest_pause;
}

// The leader will not have it. True when this node's own ledger shows why, or that it stands: only then is anything
// signed.
bool Outbox::refuse(std::uint64_t number, std::vector<storage::OutboxFate>& fates) {
    const auto text = store_->statement(number);
    if (!text) {
        fail(text.error());
        return false;
    }
    auto parsed = ledger::parse_statement(*text);
    Judgement judgement = Admissible{};
    if (!parsed) {
        judgement = Inadmissible{parsed.error(), hooks_.size()};
    } else {
        judgement = hooks_.judge(std::make_shared<const ledger::Statement>(*std::move(parsed)), false);
    }
    if (const auto* stands = std::get_if<Stands>(&judgement)) {
        queue_.stood_at(number, stands->address.index, stands->time_ms, hooks_.wall_clock_ms());
        return true;
    }
    const auto* inadmissible = std::get_if<Inadmissible>(&judgement);
    if (inadmissible == nullptr) return false;
    const std::int64_t now_ms = hooks_.wall_clock_ms();
    const ledger::Promise& promise = queue_.item(number).promise;
    storage::OutboxFate fate;
    fate.number = number;
    fate.decided_ms = now_ms;
    fate.detail = inadmissible->error.detail;
    fate.refusal = maker_.note(
        ledger::Refusal{promise.statement, now_ms, inadmissible->error.reason, inadmissible->size});
    spdlog::warn("outbox: a statement that was promised is refused: {} ({}, {})", inadmissible->error.reason,
                 promise.records.front().source, promise.records.front().id);
    fates.push_back(std::move(fate));
    return true;
}

// --- settling

void Outbox::settle_applied() {
    while (!broken_) {
        const auto awaited = queue_.awaited();
        awaited_ = awaited.value_or(nobody_waits);
        const std::uint64_t size = hooks_.size();
        if (!awaited || size <= *awaited) return;
        std::vector<storage::OutboxFate> fates;
        for (const std::uint64_t number : queue_.applied_below(size)) {
            std::optional<ledger::Address> first;
            bool all = true;
            for (const auto& record : queue_.item(number).promise.records) {
                const auto known = hooks_.find(record.source, record.id);
                all = all && known && known->digest == record.digest;
                if (all && !first) first = known->address;
            }
            if (!all) {  // whoever led said what is not so, or the rest of a bundle is not applied yet
                queue_.send_again(number);
                try_later();
                continue;
            }
            storage::OutboxFate fate;
            fate.number = number;
            fate.decided_ms = hooks_.wall_clock_ms();
            fate.address = first;
            fate.time_ms = queue_.time_ms(number);
            if (fate.decided_ms > queue_.item(number).promise.include_by_ms)
                late_size_ = std::max(late_size_, size);
            fates.push_back(std::move(fate));
        }
        settle(fates);
    }
}

void Outbox::settle(const std::vector<storage::OutboxFate>& fates) {
    if (fates.empty()) return;
    if (const auto settled = store_->settle(fates, late_size_); !settled) return fail(settled.error());
    for (const auto& fate : fates) {
        queue_.remove(fate.number);
        ++(fate.address ? counts_.included : counts_.refused);
    }
    const std::int64_t since_ms = hooks_.wall_clock_ms() - options_.keep_fates_ms;
    if (const auto trimmed = store_->trim(options_.keep_fates, since_ms); !trimmed) fail(trimmed.error());
}

void Outbox::fail(const storage::Error& error) {
    if (broken_) return;
    broken_ = true;
    hooks_.fatal(error.reason, error.detail);
}

}  // namespace socai::node
