// Clients that keep submitting through all nodes while a cluster is being disturbed, and remember every word
// they were given: what a ledger must be held to afterwards (design/consensus.md, "Real nodes").
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "ledger/entry.hpp"
#include "ledger_dump.hpp"
#include "local_cluster.hpp"

namespace socai::cluster_tests {

// A record that a node acknowledged.
struct PromisedRecord {
    std::string source;
    std::string id;
    std::string bytes;  // as signed
    ledger::Address address;
};

// A statement that a node acknowledged as a new leaf, with its records.
struct PromisedStatement {
    std::string text;
    std::uint64_t index = 0;
    std::int64_t time_ms = 0;
    std::vector<PromisedRecord> records;
};

// A record that a node refused for good.
struct RefusedRecord {
    std::string source;
    std::string id;
    std::string bytes;
};

// What all writers were told, and what they found wrong on the way.
struct Journal {
    std::vector<PromisedStatement> promised;
    std::vector<RefusedRecord> refused;
    std::vector<std::string> complaints;
    std::uint64_t repeats = 0;  // known records submitted again, and answered with their first place
    std::uint64_t reads = 0;    // linearizable reads of what was acknowledged, answered with it
    std::uint64_t retries = 0;  // calls without a definite answer
};

inline constexpr milliseconds gentle{20};

class Writers {
  public:
    // Starts `count` clients, one thread each. `run` is part of every record id; `seed` fixes what they
    // choose, though not when. Each client submits as fast as it is answered, or once in `pace`: enough to have
    // something under way all the time, where a test is not about load and a long ledger would only cost time.
    Writers(const LocalCluster& cluster, unsigned count, std::string run, std::uint64_t seed,
            milliseconds pace = 0ms);
    ~Writers();

    // Statements answered for good so far.
    std::uint64_t answered() const { return answered_; }
    // Lets every client end what it is at, and gives all that they were told. Called once. With a cluster
    // that serves, nothing stays in doubt: a statement that gets no answer is a complaint.
    Journal finish();
    // The same for a cluster that may be gone: statements without an answer are let go.
    Journal abandon();

  private:
    class Client;

    Journal join();

    const milliseconds pace_;
    std::atomic<std::uint64_t> answered_{0};
    std::atomic<bool> ending_{false};
    std::atomic<bool> abandoned_{false};
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<std::thread> threads_;
};

// Holds `content` to `journal`: every promise kept, nothing refused that stands. Returns what is wrong.
std::vector<std::string> broken_promises(const Journal& journal, const LedgerContent& content);

// Reads the ledgers of all nodes and checks them: each in itself, all equal, and against `journal`. Failures
// are the running test's. Returns the size.
std::uint64_t expect_ledgers_keep(const LocalCluster& cluster, const Journal& journal);

}  // namespace socai::cluster_tests
