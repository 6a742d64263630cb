// The pool that parses statements and checks their signatures, many at a time, off every other thread
// (architecture.md, "Threads"). What was verified is remembered for a while by its exact bytes: a statement
// that a follower took from a client comes back to it in the leader's append, and is not verified twice.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "consensus/types.hpp"
#include "ledger/admission.hpp"

namespace socai::node {

using StatementPtr = std::shared_ptr<const ledger::Statement>;

class Verifier {
  public:
    using Registry = std::function<std::shared_ptr<const ledger::Registry>()>;
    // `registry`: what is applied; called on pool threads.
    Verifier(const ledger::Genesis& genesis, Registry registry, std::uint32_t threads);
    ~Verifier();

    using Prepared = std::vector<ledger::Result<StatementPtr>>;
    // Parses and checks each text; calls `done` once, on a pool thread, with results in the order given. A key that is not
    // registered yet, as far as this node has come, decides nothing: the statement comes back with its signature unchecked,
    // and admission judges it.
    void verify(std::vector<std::string> texts, std::function<void(Prepared)> done);
    // The same for log entries: results for payload entries only, in order; the entry's time is not looked
    // at.
    void verify_entries(std::vector<consensus::EntryPtr> entries, std::function<void(Prepared)> done);
    // One, on the calling thread.
    ledger::Result<StatementPtr> verify_one(std::string_view text);
    // Any other work off the main threads (reading old log entries).
    void run(std::function<void()> work);

    void stop();  // finishes what runs, drops what is queued
    std::size_t queued() const { return queued_.load(std::memory_order_relaxed); }
    std::uint64_t signatures_checked() const { return checked_.load(std::memory_order_relaxed); }

  private:
    struct Batch;
    void dispatch(std::shared_ptr<Batch> batch);
    StatementPtr recall(std::string_view text) const;
    void remember(StatementPtr statement);

    const ledger::Genesis& genesis_;
    const Registry registry_;
    boost::asio::thread_pool pool_;
    std::atomic<std::size_t> queued_{0};
    std::atomic<std::uint64_t> checked_{0};

    // Guards the two below: verified statements, two generations; when the young one is full it becomes the
    // old one.
    mutable std::mutex mutex_;
    std::unordered_map<std::string_view, StatementPtr> young_, old_;  // looked up only, never iterated
};

}  // namespace socai::node
