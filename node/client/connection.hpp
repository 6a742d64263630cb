// One WebSocket connection to a node, speaking JSON-RPC 2.0 (design/interfaces.md): event-driven, any number
// of calls under way at once, notifications of subscriptions, nothing that waits for ever.
//
// Threads: everything, callbacks included, happens on the one thread that runs the io_context. Callbacks are
// never invoked from inside connect() or call(). A connection is used once: after it was closed, make
// another.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/stream.hpp"
#include "node/client/endpoint.hpp"
#include "node/client/rpc_error.hpp"

namespace socai::node::client {

struct Timeouts {
    std::chrono::milliseconds connect{3'000};  // name look-up, TCP and WebSocket handshake together
    std::chrono::milliseconds answer{15'000};  // from call() to its answer
    std::chrono::milliseconds idle{30'000};    // silence, pings included, after which the node counts as gone
};

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    using Answer = std::function<void(RpcResult<boost::json::value>)>;

    static std::shared_ptr<Connection> create(boost::asio::io_context& io, Endpoint endpoint,
                                              Timeouts timeouts);

    // Both may be set before connect(); each is dropped when the connection closes.
    std::function<void(std::string_view method, const boost::json::object& params)> on_notification;
    std::function<void(const RpcError& why)>
        on_closed;  // once, only if it was open and close() was not called

    // `done` is called once. Errors: cannot_connect, tls_untrusted, tls_refused, tls_required.
    void connect(std::function<void(RpcResult<void>)> done);
    // `params` is JSON text, so that a caller can prepare it beforehand. `done` is called once. Errors: the
    // node's, connection_lost, no_answer.
    void call(std::string_view method, std::string_view params, Answer done);
    // Says goodbye when nothing is being written, else just closes. Calls under way are dropped unanswered.
    void close();

    bool is_open() const { return state_ == State::open; }
    const Endpoint& endpoint() const { return endpoint_; }

  private:
    using Stream = boost::beast::websocket::stream<api::Stream>;
    using Clock = std::chrono::steady_clock;
    enum class State { fresh, connecting, open, closing, closed };
    struct Pending {
        Answer done;
        Clock::time_point deadline;
    };

    Connection(boost::asio::io_context& io, Endpoint endpoint, Timeouts timeouts);
    void secure();
    void handshake();
    void connected();
    void cannot_connect(const std::string& why);
    void cannot_trust(const Error& why);
    void read();
    void write();
    void take(std::string_view text);
    void watch_deadlines();
    void fail(RpcError why);
    void shut();

    Endpoint endpoint_;
    Timeouts timeouts_;
    State state_ = State::fresh;
    boost::asio::ip::tcp::resolver resolver_;
    std::optional<ServerCheck> check_;  // over TLS
    Stream stream_;
    boost::asio::steady_timer timer_;  // the connect deadline, then the sweep over pending_
    bool sweeping_ = false;
    std::function<void(RpcResult<void>)> on_connected_;
    boost::beast::websocket::response_type greeting_;  // the answer to the WebSocket handshake
    boost::beast::flat_buffer input_;
    std::deque<std::string> output_;  // front is being written when writing_
    bool writing_ = false;
    std::uint64_t last_id_ = 0;
    std::map<std::uint64_t, Pending> pending_;  // by id, in the order of the calls
};

}  // namespace socai::node::client
