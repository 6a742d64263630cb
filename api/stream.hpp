// The byte stream under every connection, and the only place that knows what carries it: TCP, or TLS 1.3 over it. Both
// the server's sessions and the program's own clients (node/client) use it.
//
// As Beast's tcp_stream, it has a deadline for whatever is under way. Used on one strand: its executor. Moves only while
// nothing is under way.
#pragma once

#include <array>
#include <boost/asio/async_result.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

namespace socai::api {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

class Stream {
  public:
    using executor_type = boost::beast::tcp_stream::executor_type;
    using Done = std::function<void(boost::beast::error_code)>;

    // Without a context: TCP alone. With one, handshake() comes before anything is read or written.
    explicit Stream(boost::asio::ip::tcp::socket&& socket, TlsContext tls = nullptr);
    explicit Stream(const executor_type& executor, TlsContext tls = nullptr);

    executor_type get_executor() { return tcp().get_executor(); }
    boost::beast::tcp_stream& tcp();
    bool is_secure() const { return std::holds_alternative<Secure>(carrier_); }
    SSL* native() { return std::get<Secure>(carrier_).native_handle(); }  // of a secure stream

    // Of every operation that follows; an operation that it ends fails with beast::error::timeout.
    void expires_after(std::chrono::nanoseconds duration) { tcp().expires_after(duration); }
    void expires_at(std::chrono::steady_clock::time_point when) { tcp().expires_at(when); }
    void expires_never() { tcp().expires_never(); }
    // At once, with what is under way; harmless when closed.
    void close() { tcp().close(); }

    // The handshake as a server. `plain`, with an error: the other side began an HTTP request instead, and tcp() may be
    // used to tell it so.
    void async_accept_tls(std::function<void(boost::beast::error_code, bool plain)> done);
    // After it: the Ed25519 key of the certificate that the client showed, which it has proven to hold. Nothing: it showed
    // none, or one of another kind. Who issued the certificate is not looked at; the key is what is registered or not.
    std::optional<std::array<std::uint8_t, 32>> client_key();
    void async_connect_tls(Done done);
    // Says that nothing more comes (over TLS by close_notify, RFC 8446 §6.1), then takes and drops what the other side
    // still sends, until it closes or the deadline ends: a close with bytes unread would reset the connection and may
    // destroy what is on its way. Does not wait for the other side's close_notify.
    void async_end(Done done);

    // As Asio's AsyncReadStream and AsyncWriteStream.
    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        return boost::asio::async_initiate<Token, void(boost::beast::error_code, std::size_t)>(
            [this](auto handler, const Buffers& into) {
                if (auto* secure = std::get_if<Secure>(&carrier_))
                    secure->async_read_some(into, std::move(handler));
                else
                    tcp().async_read_some(into, std::move(handler));
            },
            token, buffers);
    }
    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        return boost::asio::async_initiate<Token, void(boost::beast::error_code, std::size_t)>(
            [this](auto handler, const Buffers& from) {
                if (auto* secure = std::get_if<Secure>(&carrier_))
                    secure->async_write_some(from, std::move(handler));
                else
                    tcp().async_write_some(from, std::move(handler));
            },
            token, buffers);
    }

  private:
    // Beast's: it joins small buffers, so that a frame's header and its payload are one TLS record.
    using Secure = boost::beast::ssl_stream<boost::beast::tcp_stream>;

    void drain(Done done);

    TlsContext tls_;  // the connection's own hold on it
    std::variant<boost::beast::tcp_stream, Secure> carrier_;
};

// Found by Beast's WebSocket: the end of a connection, and its end at once.
template <class Handler>
void async_teardown(boost::beast::role_type, Stream& stream, Handler&& handler) {
    // std::function copies; Beast's operations only move.
    auto shared = std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler));
    stream.async_end([shared](boost::beast::error_code error) { std::move (*shared)(error); });
}
void teardown(boost::beast::role_type role, Stream& stream, boost::beast::error_code& error);
void beast_close_socket(Stream& stream);

// What a server's TLS is: 1.3 alone, "http/1.1" where the client names protocols (RFC 7301), session tickets on; a client
// may show a certificate, and need not. The server's own is the caller's to add.
TlsContext make_server_tls();

}  // namespace socai::api
