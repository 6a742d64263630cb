// What carries bytes between two nodes, and the only place that knows what it is: TCP, or TLS 1.3 over it.
//
// A stream is used on one strand: its executor. Functions that fail return the error, they do not throw.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "network/pinned_chain.hpp"

namespace socai::network {

using Socket = boost::asio::ip::tcp::socket;
using Acceptor = boost::asio::ip::tcp::acceptor;

// Completion token: `auto [error, …] = co_await stream.async_…(…, as_result)`.
inline constexpr auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable);

enum class Side { dialler, listener };

// What both sides offer and must have agreed on: no other program's TLS is taken for ours (RFC 7301).
inline constexpr std::string_view peer_protocol = "socai-peer";

class Stream {
  public:
    using executor_type = boost::asio::any_io_executor;

    explicit Stream(const executor_type& executor) : socket_(executor) {}
    explicit Stream(Socket socket) : socket_(std::move(socket)) {}
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    executor_type get_executor() { return socket_.get_executor(); }
    Socket& socket() { return socket_; }
    const Socket& socket() const { return socket_; }

    // As Asio's AsyncReadStream and AsyncWriteStream.
    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [this](auto handler, const Buffers& into) {
                if (secure_)
                    secure_->stream.async_read_some(into, std::move(handler));
                else
                    socket_.async_read_some(into, std::move(handler));
            },
            token, buffers);
    }
    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [this](auto handler, const Buffers& from) {
                if (secure_)
                    secure_->stream.async_write_some(from, std::move(handler));
                else
                    socket_.async_write_some(from, std::move(handler));
            },
            token, buffers);
    }

    // TLS from here on: checks the other side by `trusts` (pinned_chain.hpp). Nothing: it is who it must be; else why not,
    // a sentence without its end. Once, when connected.
    boost::asio::awaitable<std::optional<std::string>> secure(
        std::shared_ptr<boost::asio::ssl::context> context, Side side,
        std::function<bool(const AnchorKey&)> trusts);
    // Who the other side is; nothing on a stream without TLS.
    const std::optional<PeerCertificate>& certificate() const;
    // Was it refused because of the key that it rests on?
    bool shows_wrong_key() const { return secure_ && secure_->check.wrong_key; }

  private:
    struct Secure {
        Secure(Socket& socket, std::shared_ptr<boost::asio::ssl::context> given)
            : context(std::move(given)), stream(socket, *context) {}
        std::shared_ptr<boost::asio::ssl::context> context;
        PinCheck check;
        boost::asio::ssl::stream<Socket&> stream;
    };

    Socket socket_;
    std::unique_ptr<Secure> secure_;  // null: TCP alone
};

// The addresses of `host`, a name or an address. Cannot be cut short: a caller with a deadline looks at it
// after.
struct Resolved {
    boost::system::error_code error;
    std::vector<boost::asio::ip::tcp::endpoint> endpoints;
};
boost::asio::awaitable<Resolved> resolve(boost::asio::any_io_executor executor, std::string host,
                                         std::uint16_t port);
// Connects to the first that answers; no delay for small writes, keep-alive on.
boost::asio::awaitable<boost::system::error_code> connect(
    Socket& socket, std::vector<boost::asio::ip::tcp::endpoint> endpoints);
// The options of a connection that was accepted.
void prepare_accepted(Socket& socket);
// At once, without waiting for what is unsent, and without TLS's farewell: frames have lengths, so nobody takes a cut for
// an end. Harmless on a closed socket.
void close(Socket& socket);
// What TLS between nodes is: 1.3 alone, our own protocol (RFC 7301), certificates from both sides and pins for them, no
// tickets, so that every connection shows a certificate anew. For both sides; the certificate is the caller's to add.
std::shared_ptr<boost::asio::ssl::context> make_peer_tls();
// What an error of a stream's operation means, for a log line.
std::string describe(const boost::system::error_code& error);
// "127.0.0.1:50123", or "an unknown address" once disconnected.
std::string remote_address(const Socket& socket);

// Opens, binds and listens. Nothing on success, else a sentence that begins with `what` ("the peer port").
std::optional<std::string> listen(Acceptor& acceptor, const std::string& host, std::uint16_t port,
                                  const std::string& what);

}  // namespace socai::network
