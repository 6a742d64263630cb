// Submits many statements and keeps at it through lost connections, changes of leader and overload: what got
// no definite answer is submitted again, which is harmless because a ledger answers a known record with its
// first index (design/formats.md, "Identity").
//
// Order: with one batch under way (the default) statements reach the ledger in the order given, so that later
// ones may refer to earlier ones. With more, only statements of one batch keep their order.
//
// Blocks in run(); everything happens on the calling thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "node/client/backoff.hpp"
#include "node/client/connection.hpp"

namespace socai::node::client {

struct SubmitOptions {
    std::vector<Endpoint> endpoints{};  // not empty; the next one is tried when one fails
    Timeouts timeouts{};
    std::string wait = "committed";               // or "accepted", "final"
    std::int64_t timeout_ms = 10'000;             // asked of the node; timeouts.answer should be longer
    std::size_t batch = 256;                      // most statements in one call
    std::size_t batch_bytes = 512 * 1024;         // and most bytes: a message may have 1 MiB
    // Of each statement what its commitments stand for (ledger/disclosure.hpp); empty: of none.
    std::vector<std::vector<std::string>> disclosures{};
    std::size_t parallel = 1;                     // calls under way at once
    std::chrono::milliseconds retry_for{60'000};  // without any progress, before giving up
};

// The ledger's word on one statement.
struct Acknowledgement {
    std::uint64_t index = 0;           // not when only accepted
    std::optional<std::uint32_t> n{};  // within a bundle, when the answer names it
    std::int64_t time_ms = 0;          // accepted time; not when only accepted
    std::string status{};              // "accepted", "committed" or "final"
    bool duplicate = false;
    bool late = false;
    std::string promise{};  // accepted: the node's signed note
};
using SubmitOutcome = RpcResult<Acknowledgement>;

// One element of `results` of ledger.submit. Error: bad_answer, or the node's.
SubmitOutcome parse_submit_result(const boost::json::value& result);

class Submitter {
  public:
    // Called once for each statement that the ledger answered for good, in the order of the answers.
    using Report = std::function<void(std::size_t position, const SubmitOutcome& outcome)>;

    // `statements` outlives the submitter.
    Submitter(SubmitOptions options, std::span<const std::string_view> statements, Report report);

    // Returns when every statement has its answer. Errors: the last fault, once nothing has moved for
    // retry_for; interrupted, after SIGINT or SIGTERM.
    RpcResult<void> run();

    std::uint64_t retries() const { return retries_; }  // calls that had to be repeated

  private:
    using Batch = std::vector<std::size_t>;  // positions, ascending

    void connect();
    void pump();
    Batch take_batch();
    void send(Batch batch);
    void answered(const Batch& batch, const RpcResult<boost::json::value>& answer);
    void finish(std::size_t position, const SubmitOutcome& outcome);
    void refused_call(const Batch& batch, const RpcError& error);
    void retry_later(const RpcError& why);
    void stop(RpcResult<void> outcome);

    SubmitOptions options_;
    std::span<const std::string_view> statements_;
    Report report_;
    boost::asio::io_context io_{1};
    boost::asio::signal_set signals_{io_};
    boost::asio::steady_timer pause_{io_};
    Backoff backoff_{std::chrono::milliseconds(50), std::chrono::milliseconds(2'000)};
    std::shared_ptr<Connection> connection_;  // null while pausing
    std::size_t distrusted_ = 0;              // nodes in a row that TLS does not come about with
    std::size_t endpoint_ = 0;
    std::size_t next_ = 0;                      // never sent so far: next_ and later
    std::set<std::size_t> again_;               // sent, without a definite answer
    std::map<std::uint64_t, Batch> under_way_;  // calls on connection_, by a number of our own
    std::uint64_t last_call_ = 0;
    std::size_t done_ = 0;         // statements answered for good
    std::size_t batch_limit_ = 0;  // options_.batch, less after a node found a call too large
    std::uint64_t retries_ = 0;
    std::chrono::steady_clock::time_point last_progress_;
    std::optional<RpcResult<void>> outcome_;
};

}  // namespace socai::node::client
