// Submissions at the node that took them: checked here, then admitted by the leader - this node or,
// forwarded, another - and tried again across changes of leader until decided or out of time. Trying again is
// harmless: a statement that stands already answers as a duplicate.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "api/backend.hpp"
#include "consensus/core.hpp"
#include "network/frame.hpp"
#include "node/ledger_loop.hpp"
#include "node/verifier.hpp"

namespace socai::node {

class Submissions {
  public:
    struct Hooks {
        std::function<consensus::Status()> status;
        std::function<bool(consensus::NodeId to, network::Parcel)>
            send;  // false: not connected, or its queue is full
        std::function<void(std::vector<StatementPtr>, std::function<void(Attempt)>)>
            lead;  // LedgerLoop::submit
        std::function<std::optional<std::int64_t>(std::uint64_t leaf)>
            time_of;                                // accepted time, from the log
        std::function<std::uint64_t()> final_size;  // leaves that are final
        std::function<std::optional<boost::json::object>(std::uint64_t leaf)>
            receipt;  // of what is final; on the verify pool
        // Why a statement may not go on without its disclosures; nothing where it may.
        std::function<std::optional<api::Error>(const ledger::Statement&)> lacking;
    };
    struct Limits {
        std::size_t calls = 100'000;
        std::size_t bytes = 256 * 1024 * 1024;
    };
    struct Metrics {
        std::size_t calls = 0, bytes = 0;
        std::uint64_t forwarded = 0, retried = 0, timed_out = 0;
    };

    Submissions(boost::asio::io_context& io, Verifier& verifier, Limits limits, Hooks hooks);
    ~Submissions();

    // Any thread. `done` exactly once, any thread.
    void submit(api::SubmitRequest request, std::function<void(api::SubmitResults)> done);
    // A forwarded submission, or the answer to one of ours.
    void on_parcel(consensus::NodeId from, network::Parcel parcel);
    // Leader or role changed: what waits for a leader, or for an answer of another one, goes to the new one.
    void leader_changed(const consensus::Status& status);
    void peer_lost(consensus::NodeId peer);
    // So many leaves are final now: who waited for that is answered.
    void final_reached(std::uint64_t size);
    // Answers everything that waits; later submissions are `unavailable`.
    void stop();
    Metrics metrics() const;

  private:
    using Clock = std::chrono::steady_clock;
    struct Call {
        std::uint64_t id = 0;
        std::vector<StatementPtr> statements;  // those that passed here
        std::vector<std::size_t> positions;    // where each stands in `results`
        std::vector<std::optional<api::Result<api::Submitted>>> results;
        std::function<void(api::SubmitResults)> done;
        std::size_t bytes = 0;
        Clock::time_point deadline;
        api::Wait wait = api::Wait::committed;
        bool disclosures_held = false;
        std::optional<std::uint64_t> final_at;   // decided; the size that must be final before the answer
        std::uint32_t attempt = 0;               // answers to earlier attempts are stale
        std::optional<consensus::NodeId> asked;  // the leader that has it now; nothing while waiting for one
        bool maybe_in_log = false;               // some attempt ended without an answer
    };
    using CallPtr = std::shared_ptr<Call>;

    void begin(CallPtr call, Verifier::Prepared prepared);
    void try_leader(const CallPtr& call);
    void lead(std::vector<StatementPtr> statements, std::function<void(Attempt)> done);
    void attempt_ended(std::uint64_t id, std::uint32_t attempt, Attempt ended);
    void settle(Call& call, const Attempt& ended);
    void retry_soon();
    void forget(const CallPtr& call);
    bool claim(std::uint64_t id);
    void answer(const CallPtr& call);
    void answer_final(const CallPtr& call);
    void give_up(const CallPtr& call);
    void answer_missing(const CallPtr& call, const api::Error& error);
    void expire();
    void arm_timer();
    void lead_forwarded(consensus::NodeId from, std::uint64_t call, std::uint32_t attempt,
                        std::vector<std::string> texts);

    boost::asio::io_context& io_;
    Verifier& verifier_;
    const Limits limits_;
    Hooks hooks_;

    mutable std::mutex mutex_;  // guards all below; never held while a hook or `done` is called
    std::map<std::uint64_t, CallPtr> calls_;
    std::multimap<Clock::time_point, std::uint64_t> deadlines_;
    std::multimap<std::uint64_t, std::uint64_t> finals_;  // size that must be final -> call
    boost::asio::steady_timer timer_;                     // the earliest deadline
    boost::asio::steady_timer retry_;                     // another look for a leader
    bool retry_armed_ = false;
    std::uint64_t next_id_ = 1;
    std::size_t bytes_ = 0;
    bool stopped_ = false;
    Metrics metrics_;
};

}  // namespace socai::node
