// The load generator behind `socai bench`: statements signed beforehand, sent by many connections at once.
//
// Closed loop (rate 0): every connection keeps `window` calls under way; a latency runs from the sending.
// Open loop (rate > 0): statements fall due at a fixed rate whether or not earlier ones were answered; a
// latency runs from the moment the statement was due, so that a slow ledger cannot slow down the measure
// (no coordinated omission).
//
// Everything happens on the thread that calls run_load.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/jwk.hpp"
#include "node/client/connection.hpp"
#include "node/client/latency.hpp"

namespace socai::node::client {

struct LoadOptions {
    std::vector<Endpoint> endpoints{};  // not empty; connections are dealt over them in turn
    Timeouts timeouts{};
    std::uint64_t records = 10'000;      // to send; all are signed before the clock starts
    std::chrono::milliseconds limit{0};  // stop sending after this; 0: when all are sent
    std::size_t clients = 8;             // connections
    std::size_t window = 32;             // calls under way on each
    std::size_t bundle = 1;              // records in a statement
    std::size_t batch = 1;               // statements in a call
    double rate = 0;                     // records a second; 0: as fast as answers come
    std::string wait = "committed";
    std::int64_t timeout_ms = 10'000;
};

// How the records are made. The same values give the same bytes.
struct SampleOptions {
    std::vector<ledger::Jwk> keys{};  // not empty; statement i is signed by key i mod size, as its own agency
    std::string audience{};
    std::string run_id{};              // part of every id
    std::int64_t time_ms = 0;        // the records' signed time
    std::size_t record_bytes = 600;  // of JSON; never below what a record needs
};

// The JSON of one `risk_signal` record of about `bytes` bytes: a kind that refers to nothing.
std::string sample_record(std::string_view source, std::string_view id, std::string_view time,
                          std::size_t bytes);
// The signed statements for `load.records` records. `progress` is told how many records are done.
std::vector<std::string> sample_statements(const LoadOptions& load, const SampleOptions& sample,
                                           const std::function<void(std::uint64_t)>& progress);

struct LoadReport {
    double seconds = 0;          // from the first sending to the last answer
    std::uint64_t accepted = 0;  // records
    std::uint64_t statements = 0;
    std::uint64_t duplicates = 0;                 // records
    std::map<std::string, std::uint64_t> errors;  // reason -> records
    Latencies latencies;                          // of accepted statements
    std::optional<RpcError> stopped;              // why not everything was sent

    // Members records, records_per_s, statements_per_s, latency_ms, errors, duplicates, seconds.
    boost::json::object json();
};

// Blocks until everything is sent and answered, or the limit passed, or no node was reachable for 10 s.
LoadReport run_load(const LoadOptions& options, const std::vector<std::string>& statements,
                    const std::function<void(std::uint64_t)>& progress);

}  // namespace socai::node::client
