// Follows a ledger: every entry that matches, in order, none twice, none missed, also across lost connections
// and from node to node. Blocks in run(); everything happens on the calling thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "node/client/backoff.hpp"
#include "node/client/connection.hpp"

namespace socai::node::client {

struct SubscribeOptions {
    std::vector<Endpoint> endpoints{};  // not empty
    Timeouts timeouts{};
    std::optional<std::uint64_t> from_index{};    // nothing: the next one to be appended
    boost::json::object filter{};                 // of ledger.subscribe; may be empty
    std::chrono::milliseconds retry_for{60'000};  // without a subscription, before giving up
};

class Subscriber {
  public:
    // `params` of one ledger.entry; false ends the run.
    using Entry = std::function<bool(const boost::json::object& params)>;
    // Told of each lost connection.
    using Trouble = std::function<void(const RpcError& why)>;

    Subscriber(SubscribeOptions options, Entry entry, Trouble trouble);

    // Returns after SIGINT, SIGTERM or a false from `entry`; else with the fault that could not be overcome.
    RpcResult<void> run();

  private:
    void connect();
    void subscribe();
    void subscribed(const boost::json::value& answer);
    void take(std::string_view method, const boost::json::object& params);
    void retry_later(const RpcError& why);
    void stop(RpcResult<void> outcome);

    SubscribeOptions options_;
    Entry entry_;
    Trouble trouble_;
    boost::asio::io_context io_{1};
    boost::asio::signal_set signals_{io_};
    boost::asio::steady_timer pause_{io_};
    Backoff backoff_{std::chrono::milliseconds(50), std::chrono::milliseconds(2'000)};
    std::shared_ptr<Connection> connection_;  // null while pausing
    std::size_t distrusted_ = 0;              // nodes in a row that TLS does not come about with
    std::size_t endpoint_ = 0;
    std::optional<std::uint64_t> next_index_;             // everything before has been handed out
    bool subscribed_ = false;                             // on connection_
    std::chrono::steady_clock::time_point last_contact_;  // when a subscription last stood
    std::optional<RpcResult<void>> outcome_;
};

}  // namespace socai::node::client
