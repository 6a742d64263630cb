#include "node/submissions.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cassert>

#include "node/forwarding.hpp"

namespace socai::node {
namespace {

// How long a call waits before it asks again for a leader that was there but would not take it.
constexpr auto retry_pause = std::chrono::milliseconds(10);
// In one answer: each carries the genesis' bytes. Further ones are asked for with ledger.prove_inclusion.
constexpr std::size_t max_receipts = 16;

api::Error out_of_time(bool maybe_in_log) {
    if (maybe_in_log) {
        return {
            api::Code::outcome_unknown, "outcome_unknown",
            "An attempt reached a leader, and no answer came in time: the statement may or may not enter the "
            "ledger. Submit it again; a repeat is harmless.",
            true};
    }
    return {api::Code::unavailable, "no_leader",
            "No leader took the statement in time, so it is not in the ledger. Submit it again when a "
            "majority of nodes is reachable.",
            true};
}

api::Error no_room() {
    return {
        api::Code::overloaded, "no_space",
        "The leader's disk is nearly full, so it takes nothing; it reads on, and takes statements again by "
        "itself when there is room. Submit it again later.",
        true};
}

api::Error too_busy() {
    return {api::Code::overloaded, "too_many_submissions",
            "This node has as many submissions under way as it may. Wait for answers, then submit again.",
            true};
}

}  // namespace

Submissions::Submissions(boost::asio::io_context& io, Verifier& verifier, Limits limits, Hooks hooks)
    : io_(io), verifier_(verifier), limits_(limits), hooks_(std::move(hooks)), timer_(io), retry_(io) {}

Submissions::~Submissions() {
    stop();
}

void Submissions::submit(api::SubmitRequest request, std::function<void(api::SubmitResults)> done) {
    auto call = std::make_shared<Call>();
    call->results.resize(request.statements.size());
    call->done = std::move(done);
    call->wait = request.wait;
    call->disclosures_held = request.disclosures_held;
    call->deadline = Clock::now() + std::chrono::milliseconds(request.timeout_ms);
    for (const auto& text : request.statements) call->bytes += text.size();
    bool admitted = false;
    {
        const std::lock_guard lock(mutex_);
        if (!stopped_ && calls_.size() < limits_.calls && bytes_ + call->bytes <= limits_.bytes) {
            admitted = true;
            call->id = next_id_++;
            bytes_ += call->bytes;
            calls_.emplace(call->id, call);
            deadlines_.emplace(call->deadline, call->id);
            if (deadlines_.begin()->second == call->id) arm_timer();
        }
    }
    if (!admitted) {
        call->done(api::SubmitResults(request.statements.size(), too_busy()));
        return;
    }
    verifier_.verify(std::move(request.statements), [this, call](Verifier::Prepared prepared) mutable {
        begin(std::move(call), std::move(prepared));
    });
}

void Submissions::begin(CallPtr call, Verifier::Prepared prepared) {
    std::vector<std::optional<api::Error>> lacking(prepared.size());
    if (!call->disclosures_held && hooks_.lacking) {
        for (std::size_t i = 0; i < prepared.size(); ++i)
            if (prepared[i]) lacking[i] = hooks_.lacking(**prepared[i]);
    }
    {
        const std::lock_guard lock(mutex_);
        if (!calls_.contains(call->id)) return;  // out of time already
        for (std::size_t i = 0; i < prepared.size(); ++i) {
            if (lacking[i]) {
                call->results[i] = *std::move(lacking[i]);
            } else if (prepared[i]) {
                call->statements.push_back(std::move(*prepared[i]));
                call->positions.push_back(i);
            } else {
                call->results[i] = api::from_ledger(prepared[i].error());
            }
        }
    }
    if (!call->statements.empty()) {
        try_leader(call);
    } else if (claim(call->id)) {
        answer(call);
    }
}

void Submissions::try_leader(const CallPtr& call) {
    const consensus::Status status = hooks_.status();
    std::uint32_t attempt = 0;
    {
        const std::lock_guard lock(mutex_);
        if (!calls_.contains(call->id) || call->asked) return;
        if (status.leader.value == 0) return;  // leader_changed() will come back to it
        attempt = ++call->attempt;
        if (attempt > 1) ++metrics_.retried;
        call->asked = status.leader;
    }
    if (status.leader == status.self) {
        lead(call->statements,
             [this, id = call->id, attempt](Attempt ended) { attempt_ended(id, attempt, std::move(ended)); });
        return;
    }
    std::vector<std::string_view> texts;
    texts.reserve(call->statements.size());
    for (const auto& statement : call->statements) texts.push_back(statement->text);
    const bool sent = hooks_.send(status.leader, encode_forward(call->id, attempt, texts));
    if (!sent) {
        attempt_ended(call->id, attempt, {Attempt::End::not_leader, {}});
        return;
    }
    const std::lock_guard lock(mutex_);
    ++metrics_.forwarded;
}

// A duplicate's accepted time is that of its first leaf. The node that decided has applied that leaf; the one
// that forwarded the statement perhaps has not. A disk that cannot give the leaf back leaves the answer open:
// it is asked again, until the leaf is repaired or another node leads.
void Submissions::lead(std::vector<StatementPtr> statements, std::function<void(Attempt)> done) {
    hooks_.lead(std::move(statements), [this, done = std::move(done)](Attempt ended) {
        for (Decision& decision : ended.decisions) {
            if (!decision || !decision->duplicate) continue;
            const auto time_ms = hooks_.time_of(decision->address.index);
            if (!time_ms) {
                done({Attempt::End::lost, {}});
                return;
            }
            decision->time_ms = *time_ms;
        }
        done(std::move(ended));
    });
}

void Submissions::attempt_ended(std::uint64_t id, std::uint32_t attempt, Attempt ended) {
    CallPtr call;
    bool in_doubt = false;
    {
        const std::lock_guard lock(mutex_);
        const auto found = calls_.find(id);
        if (found == calls_.end() || found->second->attempt != attempt || !found->second->asked) return;
        call = found->second;
        in_doubt = call->maybe_in_log;
        if (ended.end == Attempt::End::not_leader || ended.end == Attempt::End::lost) {
            call->asked.reset();
            if (ended.end == Attempt::End::lost) call->maybe_in_log = true;
            retry_soon();
            return;
        }
        if (ended.end == Attempt::End::decided) settle(*call, ended);
        if (!call->final_at) forget(call);
    }
    if (ended.end == Attempt::End::overloaded || ended.end == Attempt::End::no_space) {
        // "Nothing of it is in the log" holds only when no earlier attempt is in doubt.
        const bool full = ended.end == Attempt::End::no_space;
        answer_missing(call, in_doubt ? out_of_time(true) : full ? no_room() : too_busy());
    } else if (call->final_at) {
        final_reached(hooks_.final_size());  // perhaps it was before the call was put on the list
    } else {
        answer(call);
    }
}

// Precondition: mutex_ is held.
void Submissions::settle(Call& call, const Attempt& ended) {
    std::uint64_t needed = 0;
    for (std::size_t i = 0; i < call.positions.size(); ++i) {
        const Decision& decision = ended.decisions[i];
        auto& result = call.results[call.positions[i]];
        if (decision) {
            needed = std::max(needed, decision->address.index + 1);
            result = api::Submitted{decision->address,   decision->time_ms, "committed",
                                    decision->duplicate, decision->late,    {}};
        } else {
            result = api::from_ledger(decision.error());
        }
    }
    if (call.wait != api::Wait::final || needed == 0) return;
    call.final_at = needed;
    finals_.emplace(needed, call.id);
}

void Submissions::final_reached(std::uint64_t size) {
    std::vector<CallPtr> reached;
    {
        const std::lock_guard lock(mutex_);
        while (!finals_.empty() && finals_.begin()->first <= size) {
            reached.push_back(calls_.at(finals_.begin()->second));
            forget(reached.back());
        }
    }
    for (CallPtr& call : reached) verifier_.run([this, call = std::move(call)] { answer_final(call); });
}

// Also when time ran out first: what is committed stays so, and the answer says how far each has come.
void Submissions::answer_final(const CallPtr& call) {
    const std::uint64_t size = hooks_.final_size();
    std::size_t receipts = 0;
    for (auto& result : call->results) {
        if (!result || !*result || (*result)->address.index >= size) continue;
        (*result)->status = "final";
        if (receipts++ < max_receipts) (*result)->receipt = hooks_.receipt((*result)->address.index);
    }
    answer(call);
}

void Submissions::on_parcel(consensus::NodeId from, network::Parcel parcel) {
    if (auto forward = decode_forward(parcel)) {
        lead_forwarded(from, forward->call, forward->attempt, std::move(forward->statements));
    } else if (auto answer = decode_forward_answer(parcel)) {
        {
            const std::lock_guard lock(mutex_);
            const auto found = calls_.find(answer->call);
            if (found == calls_.end() || found->second->asked != from) return;
            if (answer->ended.end == Attempt::End::decided &&
                answer->ended.decisions.size() != found->second->statements.size()) {
                return;  // not an answer to this call; its deadline ends it
            }
        }
        attempt_ended(answer->call, answer->attempt, std::move(answer->ended));
    }
}

void Submissions::lead_forwarded(consensus::NodeId from, std::uint64_t call, std::uint32_t attempt,
                                 std::vector<std::string> texts) {
    const auto answer = [this, from, call, attempt](const Attempt& ended) {
        hooks_.send(from, encode_forward_answer(call, attempt, ended));
    };
    const consensus::Status status = hooks_.status();
    if (status.role != consensus::Role::leader) {
        answer({Attempt::End::not_leader, {}});
        return;
    }
    if (verifier_.queued() > limits_.calls) {
        answer({Attempt::End::overloaded, {}});
        return;
    }
    // Checked here too, whatever the other node says: nobody's word stands for a signature.
    verifier_.verify(std::move(texts), [this, answer](Verifier::Prepared prepared) {
        auto decisions = std::make_shared<std::vector<std::optional<Decision>>>(prepared.size());
        std::vector<StatementPtr> statements;
        std::vector<std::size_t> positions;
        for (std::size_t i = 0; i < prepared.size(); ++i) {
            if (prepared[i]) {
                statements.push_back(std::move(*prepared[i]));
                positions.push_back(i);
            } else {
                (*decisions)[i] = Decision(prepared[i].error());
            }
        }
        const auto finish_answer = [answer, decisions, positions](Attempt ended) {
            if (ended.end == Attempt::End::decided) {
                for (std::size_t i = 0; i < positions.size(); ++i)
                    (*decisions)[positions[i]] = std::move(ended.decisions[i]);
                ended.decisions.clear();
                for (auto& decision : *decisions) ended.decisions.push_back(std::move(*decision));
            }
            answer(ended);
        };
        if (statements.empty()) {
            finish_answer({});
        } else {
            lead(std::move(statements), finish_answer);
        }
    });
}

void Submissions::leader_changed(const consensus::Status& status) {
    std::vector<CallPtr> waiting;
    {
        const std::lock_guard lock(mutex_);
        for (auto& [id, call] : calls_) {
            if (call->final_at) continue;  // decided
            if (call->asked && *call->asked != status.leader && *call->asked != status.self) {
                call->asked.reset();  // its answer can no longer be trusted to come
                call->maybe_in_log = true;
                ++call->attempt;
            }
            if (!call->asked && !call->statements.empty()) waiting.push_back(call);
        }
    }
    if (status.leader.value == 0 || waiting.empty()) return;
    boost::asio::post(io_, [this, waiting = std::move(waiting)] {
        for (const auto& call : waiting) try_leader(call);
    });
}

void Submissions::peer_lost(consensus::NodeId peer) {
    const std::lock_guard lock(mutex_);
    for (auto& [id, call] : calls_) {
        if (call->asked != peer || call->final_at) continue;
        call->asked.reset();
        call->maybe_in_log = true;
        ++call->attempt;
    }
    retry_soon();
}

// Precondition: mutex_ is held.
void Submissions::retry_soon() {
    if (retry_armed_ || stopped_) return;
    retry_armed_ = true;
    retry_.expires_after(retry_pause);
    retry_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        std::vector<CallPtr> waiting;
        {
            const std::lock_guard lock(mutex_);
            retry_armed_ = false;
            for (auto& [id, call] : calls_) {
                if (!call->asked && !call->final_at && !call->statements.empty()) waiting.push_back(call);
            }
        }
        for (const auto& call : waiting) try_leader(call);
    });
}

// Precondition: mutex_ is held. From here on the call belongs to the thread that forgot it, which answers it.
void Submissions::forget(const CallPtr& call) {
    calls_.erase(call->id);
    bytes_ -= call->bytes;
    const auto [begin, end] = deadlines_.equal_range(call->deadline);
    const auto found = std::find_if(begin, end, [&](const auto& item) { return item.second == call->id; });
    if (found != end) deadlines_.erase(found);
    if (!call->final_at) return;
    const auto [first, last] = finals_.equal_range(*call->final_at);
    const auto waits = std::find_if(first, last, [&](const auto& item) { return item.second == call->id; });
    if (waits != last) finals_.erase(waits);
}

bool Submissions::claim(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    const auto found = calls_.find(id);
    if (found == calls_.end()) return false;
    forget(CallPtr(found->second));
    return true;
}

void Submissions::answer(const CallPtr& call) {
    api::SubmitResults results;
    results.reserve(call->results.size());
    for (auto& result : call->results) {
        assert(result.has_value());
        results.push_back(std::move(*result));
    }
    call->done(std::move(results));
}

void Submissions::answer_missing(const CallPtr& call, const api::Error& error) {
    for (auto& result : call->results) {
        if (!result) result = error;
    }
    answer(call);
}

// Precondition: mutex_ is held and deadlines_ is not empty.
void Submissions::arm_timer() {
    timer_.expires_at(deadlines_.begin()->first);
    timer_.async_wait([this](boost::system::error_code error) {
        if (!error) expire();
    });
}

void Submissions::expire() {
    std::vector<CallPtr> late;
    {
        const std::lock_guard lock(mutex_);
        if (stopped_) return;
        const auto now = Clock::now();
        while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
            const CallPtr call = calls_.at(deadlines_.begin()->second);
            late.push_back(call);
            forget(call);
            ++metrics_.timed_out;
        }
        if (!deadlines_.empty()) arm_timer();
    }
    for (const auto& call : late) give_up(call);
}

void Submissions::give_up(const CallPtr& call) {
    if (call->final_at)
        answer_final(call);
    else
        answer_missing(call, out_of_time(call->maybe_in_log || call->asked));
}

void Submissions::stop() {
    std::vector<CallPtr> left;
    {
        const std::lock_guard lock(mutex_);
        if (stopped_) return;
        stopped_ = true;
        timer_.cancel();
        retry_.cancel();
        while (!calls_.empty()) {
            left.push_back(calls_.begin()->second);
            forget(left.back());
        }
    }
    for (const auto& call : left) give_up(call);
}

Submissions::Metrics Submissions::metrics() const {
    const std::lock_guard lock(mutex_);
    Metrics metrics = metrics_;
    metrics.calls = calls_.size();
    metrics.bytes = bytes_;
    return metrics;
}

}  // namespace socai::node
