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

// Every one has a row in docs/operations.md, with its default; a test holds that.
struct Limits {
    std::size_t max_connections = 1'024;
    std::size_t max_connections_per_address = 256;
    std::size_t max_message_bytes = 1024 * 1024;  // a text frame; more closes with 1009
    std::size_t max_batch = 1'000;                // JSON-RPC batch, and statements[] of one submit
    std::size_t max_pending_per_connection =
        1'024;  // requests under way; more are read later (back-pressure)
    std::size_t max_send_queue_bytes = 16 * 1024 * 1024;
    std::size_t max_subscriptions = 16;               // a connection
    std::size_t max_subscriptions_per_account = 128;  // an account; without account, an address
    std::int64_t max_timeout_ms = 60'000;
    std::int64_t http_idle_ms = 30'000;        // slow-loris: header must arrive, keep-alive idle
    std::int64_t websocket_idle_ms = 120'000;  // pings in between

    // What an account may ask for, wherever it asks from, and an address without account. A burst is what may come at once
    // after a pause; then so much a second.
    std::uint64_t calls_per_second = 2'000;  // calls of JSON-RPC and requests of HTTP
    std::uint64_t calls_burst = 20'000;
    std::uint64_t bytes_per_second = 32 * 1024 * 1024;  // of messages and bodies that come in
    std::uint64_t bytes_burst = 128 * 1024 * 1024;
    std::uint64_t statements_per_second =
        10'000;  // signed with one key, whoever brings them; and brought by one asker
    std::uint64_t statements_burst = 100'000;
    // Of reads. One unit is a row looked at, or 1 KiB of leaves read or answered.
    std::uint64_t cost_per_second = 50'000;
    std::uint64_t cost_burst = 500'000;
    std::uint64_t max_rows_per_read = 5'000;        // a list ends early, with a cursor, at so many
    std::uint32_t read_threads = 2;                 // for reads that may take long
    std::size_t max_waiting_reads = 4'096;          // for those threads, of all askers …
    std::size_t max_waiting_reads_per_asker = 256;  // … and of one
    std::size_t max_askers = 16'384;                // whose budgets are remembered
    std::size_t max_tokens = 65'536;                // access tokens that are remembered until they are over
};

struct ServerOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    bool open_bundles =
        true;             // entry bundles without credential (demos; formats.md, "Who may read the bytes")
    bool open_metrics = false;  // /metrics, and all of node.status, for callers from other machines that are not signed in
    std::string version;  // of the program, for openrpc and Server header
    std::string origin;   // of the ledger: what access tokens must be made for
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
