// The server of one node: WebSocket JSON-RPC on /rpc and HTTP reads on the same port (design/interfaces.md).
// Runs on the io_context it is given, one strand a connection. Everything that comes from outside is bounded
// by Limits.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/backend.hpp"

namespace socai::api {

struct Limits {
    std::size_t max_connections = 1'024;
    std::size_t max_message_bytes = 1024 * 1024;  // a text frame; more closes with 1009
    std::size_t max_batch = 1'000;                // JSON-RPC batch, and statements[] of one submit
    std::size_t max_pending_per_connection =
        1'024;  // requests under way; more are read later (back-pressure)
    std::size_t max_send_queue_bytes = 16 * 1024 * 1024;
    std::size_t max_subscriptions = 16;  // a connection
    std::int64_t max_timeout_ms = 60'000;
    std::int64_t http_idle_ms = 30'000;        // slow-loris: header must arrive, keep-alive idle
    std::int64_t websocket_idle_ms = 120'000;  // pings in between
};

struct ServerOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    bool open_bundles =
        true;             // entry bundles without credential (demos; formats.md, "Who may read the bytes")
    std::string version;  // of the program, for openrpc and Server header
    Limits limits;
    // The certificate that the next connection is shown; any thread, never null. Empty: no TLS.
    std::function<std::shared_ptr<boost::asio::ssl::context>()> tls;
};

// The io_context must outlive the server; the backend must outlive both the server and the last handler that
// the io_context runs: stop(), then end the io_context's threads, then let the backend go.
class Server {
  public:
    Server(boost::asio::io_context& io, ServerOptions options, Backend& backend);
    ~Server();
    // Once. Nothing on success, else a sentence (port in use: which, and what to change).
    std::optional<std::string> start();
    // Stops accepting, closes WebSockets with 1001 and HTTP connections after the answer that is being
    // written. Idempotent; any thread, after start. Returns at once: the io_context runs until all is closed,
    // for peers that do not answer a few seconds.
    void stop();
    std::uint16_t port() const;  // the one it listens on, after start

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace socai::api
