#include "node/disclosures/offers.hpp"

#include <algorithm>

#include "inspection/access/visibility.hpp"

namespace socai::node {
namespace {

constexpr std::size_t max_calls = 10'000;
constexpr auto shortest_pause = std::chrono::milliseconds(500);
constexpr auto longest_pause = std::chrono::seconds(8);
constexpr std::size_t max_bytes = 64U << 20U;

api::Error busy() {
    return {api::Code::overloaded, "too_many_submissions",
            "This node has as many submissions under way as it may. Wait for answers, then submit again.", true};
}

api::Error not_safe_yet() {
    return {api::Code::unavailable, "disclosures_not_safe",
            "The confidential members are durable at this node, and no other node that may hold them has said so in "
            "time; the statement was not passed on. Submit it again, with its disclosures, when another such node is "
            "reachable; a repeat is harmless.",
            true};
}

api::Error told_twice() {
    return {api::Code::conflict, "commitment_known",
            "Two statements of the call commit to the same disclosure: make one of its own, with a new salt, for each.",
            false};
}

api::Error nobody_else(const ledger::Record& record) {
    return {api::Code::refused, "no_second_holder",
            "No other node may hold what " + record.id + " of " + record.source +
                " keeps confidential, so one disk would have the only copy. An agency that may read it needs a node "
                "more, or the members are written in clear.",
            false};
}

api::Error not_at_this_node(const ledger::Record& record) {
    return {api::Code::forbidden, "node_may_not_hold",
            "The agency of this node may not read what " + record.id + " of " + record.source +
                " keeps confidential, so the node keeps none of it. Submit it at a node of an agency that may.",
            false};
}

bool may_hold_all(const ledger::Registry& registry, const Member& member, const ledger::Statement& statement) {
    return std::ranges::all_of(statement.records, [&](const ledger::Record& record) {
        return record.commitments.empty() ||
               inspection::may_hold(registry, member.agency, record.source, record.type);
    });
}

std::size_t bytes_of(const api::SubmitRequest& request) {
    std::size_t bytes = 0;
    for (const auto& text : request.statements) bytes += text.size();
    for (const auto& text : request.disclosures) bytes += text.size();
    return bytes;
}

}  // namespace

DisclosureOffers::DisclosureOffers(Verifier& verifier, const inspection::KindRules& rules, Hooks hooks)
    : verifier_(verifier), rules_(rules), hooks_(std::move(hooks)) {}

void DisclosureOffers::submit(api::SubmitRequest request, Done done) {
    auto call = std::make_shared<Call>();
    call->results.resize(request.statements.size());
    call->done = std::move(done);
    call->bytes = bytes_of(request);
    call->deadline = Clock::now() + std::chrono::milliseconds(request.timeout_ms);
    call->request = std::move(request);
    bool admitted = false;
    {
        const std::lock_guard lock(mutex_);
        if (!stopped_ && calls_.size() < max_calls && bytes_ + call->bytes <= max_bytes) {
            admitted = true;
            call->id = next_id_++;
            bytes_ += call->bytes;
            calls_.emplace(call->id, call);
        }
    }
    if (!admitted) {
        refuse_all(*call, busy());
        return answer(*call);
    }
    verifier_.verify(call->request.statements, [this, call](Verifier::Prepared prepared) {
        auto told = parse_disclosures(call->request.disclosures);
        if (told) return prepare(call, *std::move(told), std::move(prepared));
        if (!claim(call->id)) return;
        refuse_all(*call, api::from_ledger(told.error()));
        answer(*call);
    });
}

// On the verifier's pool. The call may be answered meanwhile, out of time: nothing of it is touched until it is published.
void DisclosureOffers::prepare(const CallPtr& call, DisclosuresByCommitment told, Verifier::Prepared prepared) {
    const auto registry = hooks_.registry();
    const auto others = hooks_.others();
    Sorted sorted;
    sorted.results.resize(prepared.size());
    std::vector<storage::ToldFor> all;
    std::set<ledger::Hash> used;
    for (std::size_t i = 0; i < prepared.size(); ++i) {
        if (!prepared[i])
            sorted.results[i] = api::from_ledger(prepared[i].error());
        else if (!commits(**prepared[i]))
            sorted.clear.push_back(i);
        else if (hooks_.stands(**prepared[i])) {
            sorted.clear.push_back(i);
            for (const ledger::Record& record : (*prepared[i])->records)
                used.insert(record.commitments.begin(), record.commitments.end());
        } else if (auto item = take(*prepared[i], i, told, *registry, others)) {
            const bool twice = std::ranges::any_of(
                item->told, [&](const storage::ToldFor& each) { return used.contains(each.commitment); });
            if (twice) {
                sorted.results[i] = told_twice();
                continue;
            }
            for (const storage::ToldFor& each : item->told) used.insert(each.commitment);
            all.insert(all.end(), item->told.begin(), item->told.end());
            sorted.items.push_back(*std::move(item));
        } else
            sorted.results[i] = item.error();
    }
    std::optional<api::Error> why;
    // What belongs to a statement that failed is no stray.
    const bool all_passed =
        std::ranges::none_of(sorted.results, [](const auto& result) { return result.has_value(); });
    for (const ledger::Hash& each : used) told.erase(each);
    if (all_passed && !told.empty())
        why = api::Error{api::Code::invalid_params, "stray_disclosure",
                         "No statement of the call commits to " + ledger::commitment_text(told.begin()->first) +
                             ": leave its disclosure out.",
                         false};
    else if (!all.empty())
        why = hooks_.keep(std::move(all));
    {
        const std::lock_guard lock(mutex_);
        if (!calls_.contains(call->id)) return;
        call->results = std::move(sorted.results);
        call->items = std::move(sorted.items);
        call->clear = std::move(sorted.clear);
    }
    if (why) {
        if (!claim(call->id)) return;
        refuse_all(*call, *why);
        return answer(*call);
    }
    if (wait_for_others(call)) return offer(call);
    pass_on(call);
}

// A statement that commits, with what it commits to, or why it may not go on.
api::Result<DisclosureOffers::Item> DisclosureOffers::take(const StatementPtr& statement, std::size_t position,
                                                           const DisclosuresByCommitment& told,
                                                           const ledger::Registry& registry,
                                                           const std::vector<Member>& others) const {
    // Whose key is not known here yet may be admitted later; kept is only what somebody known has signed.
    if (!statement->signature_checked)
        return api::Error{api::Code::invalid_statement, "unknown_kid",
                          "The key " + statement->kid + " is not registered, as far as this node has come.", true};
    if (!hooks_.may_hold(*statement)) return not_at_this_node(statement->records.front());
    auto matched = matching(*statement, told, rules_, registry);
    if (!matched) return api::from_ledger(matched.error());
    Item item{statement, position, *std::move(matched), {}};
    // A ledger of one node has nobody else, and nothing else of it is safer.
    if (others.empty()) return item;
    const bool somebody = std::ranges::any_of(
        others, [&](const Member& member) { return may_hold_all(registry, member, *statement); });
    if (!somebody) return nobody_else(statement->records.front());
    for (const storage::ToldFor& each : item.told) item.unsafe.insert(each.commitment);
    return item;
}

bool DisclosureOffers::wait_for_others(const CallPtr& call) {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(call->items, [](const Item& item) { return !item.unsafe.empty(); });
}

void DisclosureOffers::offer(const CallPtr& call) {
    const auto registry = hooks_.registry();
    for (const Member& member : hooks_.others()) {
        DisclosuresOffered offered{call->id, {}};
        {
            const std::lock_guard lock(mutex_);
            for (const Item& item : call->items) {
                if (item.unsafe.empty() || !may_hold_all(*registry, member, *item.statement)) continue;
                auto& told = offered.items.emplace_back();
                told.statement = item.statement->text;
                for (const storage::ToldFor& each : item.told) told.disclosures.push_back(each.disclosure);
            }
        }
        if (!offered.items.empty()) hooks_.send(member.id, encode_offered(offered));
    }
}

void DisclosureOffers::held(consensus::NodeId by, const DisclosuresHeld& held) {
    const auto others = hooks_.others();
    const auto member = std::ranges::find(others, by, &Member::id);
    if (member == others.end()) return;
    const auto registry = hooks_.registry();
    CallPtr call;
    {
        const std::lock_guard lock(mutex_);
        const auto found = calls_.find(held.call);
        if (found == calls_.end()) return;
        call = found->second;
        bool safe = true;
        for (Item& item : call->items) {
            if (may_hold_all(*registry, *member, *item.statement))
                for (const ledger::Hash& commitment : held.commitments) item.unsafe.erase(commitment);
            safe = safe && item.unsafe.empty();
        }
        if (!safe) return;
    }
    pass_on(call);
}

// What is safe goes on; the rest of the call was answered already.
void DisclosureOffers::pass_on(const CallPtr& call) {
    if (!claim(call->id)) return;
    api::SubmitRequest request;
    request.wait = call->request.wait;
    request.disclosures_held = true;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(call->deadline - Clock::now());
    request.timeout_ms = std::max<std::int64_t>(1, left.count());
    std::vector<std::size_t> positions = std::move(call->clear);
    for (const Item& item : call->items) positions.push_back(item.position);
    std::ranges::sort(positions);
    if (positions.empty()) return answer(*call);
    for (const std::size_t position : positions)
        request.statements.push_back(std::move(call->request.statements[position]));
    hooks_.submit(std::move(request), [call, positions = std::move(positions)](api::SubmitResults results) {
        for (std::size_t i = 0; i < positions.size(); ++i)
            call->results[positions[i]] = std::move(results[i]);
        answer(*call);
    });
}

void DisclosureOffers::look() {
    std::vector<CallPtr> late, waiting;
    {
        const std::lock_guard lock(mutex_);
        const auto now = Clock::now();
        for (const auto& [id, call] : calls_) {
            if (call->deadline <= now) {
                late.push_back(call);
            } else if (call->offer_at <= now) {
                call->pause = std::clamp<Clock::duration>(2 * call->pause, shortest_pause, longest_pause);
                call->offer_at = now + call->pause;
                waiting.push_back(call);
            }
        }
    }
    for (const CallPtr& call : waiting) offer(call);
    for (const CallPtr& call : late) {
        if (!claim(call->id)) continue;
        refuse_all(*call, not_safe_yet());
        answer(*call);
    }
}

void DisclosureOffers::stop() {
    std::vector<CallPtr> waiting;
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        for (const auto& [id, call] : calls_) waiting.push_back(call);
    }
    for (const CallPtr& call : waiting) {
        if (!claim(call->id)) continue;
        refuse_all(*call, not_safe_yet());
        answer(*call);
    }
}

std::size_t DisclosureOffers::waiting() const {
    const std::lock_guard lock(mutex_);
    return calls_.size();
}

// The call, for whoever is first: to pass it on, or to answer it.
DisclosureOffers::CallPtr DisclosureOffers::claim(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    const auto found = calls_.find(id);
    if (found == calls_.end()) return nullptr;
    CallPtr call = std::move(found->second);
    calls_.erase(found);
    bytes_ -= call->bytes;
    return call;
}

void DisclosureOffers::refuse_all(Call& call, const api::Error& error) {
    for (auto& result : call.results)
        if (!result) result = error;
}

void DisclosureOffers::answer(Call& call) {
    api::SubmitResults results;
    results.reserve(call.results.size());
    for (auto& result : call.results) results.push_back(std::move(*result));
    call.done(std::move(results));
}

}  // namespace socai::node
