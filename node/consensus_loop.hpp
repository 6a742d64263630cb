// The consensus thread: the only one that touches the core. Takes events from everyone, hands every output to
// the part that carries it out, and sleeps until the next event or timeout. Nothing here blocks.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <variant>
#include <vector>

#include "consensus/core.hpp"
#include "node/event_queue.hpp"

namespace socai::node {

// What happened to the log in one step, in the order in which the ledger thread must take it.
struct LogChange {
    std::vector<consensus::ProposalRefused> refused;
    std::optional<consensus::Index> truncated_from;
    std::vector<consensus::EntryPtr> appended;
    // Set when role, term or leader changed: the term this node leads, or nothing.
    struct Leadership {
        std::optional<consensus::Term> leads;
    };
    std::optional<Leadership> leadership;
    // Committed, and on this node's disk: from where those who read what was applied will read it.
    std::optional<consensus::Index> committed;
    bool empty() const {
        return refused.empty() && !truncated_from && appended.empty() && !leadership && !committed;
    }
};

class ConsensusLoop {
  public:
    // Each is called on the consensus thread and must not block.
    struct Hooks {
        std::function<void(consensus::NodeId to, consensus::Message)> send;
        std::function<void(consensus::StorageJob)> store;
        std::function<void(consensus::ValidateJob)> validate;
        std::function<void(consensus::ReadEntries)> read_entries;
        std::function<void(consensus::ReadAnswer)> read_answer;
        std::function<void(consensus::MembershipAnswer)> membership_answer;
        std::function<void(consensus::TransferEnded)> transfer_ended;
        std::function<void(consensus::ServeFetch)> serve;                  // read by id, send a FetchReply
        std::function<void(std::vector<consensus::EntryPtr>)> repair;      // check, write, say Repaired
        std::function<void(consensus::ConfigurationEntry)> configuration;  // in force at the log's end now
        std::function<void(LogChange)> log_changed;
        std::function<void(const consensus::Accusation&)> accused;   // a peer broke the protocol, provably
        std::function<void(const consensus::Status&)> role_changed;  // after log_changed of the same step
    };

    ConsensusLoop(consensus::Options options, Hooks hooks);
    ~ConsensusLoop();

    void start(consensus::Start start);
    // A proposal's first_position numbers its batch (LedgerLoop): once one was refused, those of its number and
    // earlier, which may rest on it, are refused too.
    void post(consensus::Event event) { queue_.push(std::move(event)); }
    // Ends the thread; events queued are dropped.
    void stop();

    // As of the last step. Any thread.
    consensus::Status status() const;
    // The clock that the core's times are read from, now.
    static consensus::Micros now();
    std::size_t queue_depth() const { return queue_.depth(); }

  private:
    void run(consensus::Start start);
    void step(consensus::Event event);
    void carry_out(consensus::Output output);
    void publish();

    consensus::Core core_;
    Hooks hooks_;
    EventQueue<consensus::Event> queue_;
    consensus::Micros next_timeout_ = 0;  // consensus thread only
    std::uint64_t refused_batch_ = 0;     // consensus thread only: the highest that was refused
    mutable std::mutex mutex_;            // guards status_
    consensus::Status status_;
    std::thread thread_;
};

}  // namespace socai::node
