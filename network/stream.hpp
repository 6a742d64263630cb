// What carries bytes between two nodes, and the only place that knows what it is: TCP now. TLS changes the
// alias, handshake() and close() here, and nothing elsewhere in network/.
//
// A stream is used on one strand: its executor. Functions that fail return the error, they do not throw.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace socai::network {

using Stream = boost::asio::ip::tcp::socket;
using Acceptor = boost::asio::ip::tcp::acceptor;

// Completion token: `auto [error, …] = co_await stream.async_…(…, as_result)`.
inline constexpr auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable);

enum class Side { dialler, listener };

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
    Stream& stream, std::vector<boost::asio::ip::tcp::endpoint> endpoints);
// What comes between the connection and the first byte of ours: nothing over TCP.
boost::asio::awaitable<boost::system::error_code> handshake(Stream& stream, Side side);
// The options of a connection that was accepted.
void prepare_accepted(Stream& stream);
// At once, without waiting for what is unsent. Harmless on a closed stream.
void close(Stream& stream);
// "127.0.0.1:50123", or "an unknown address" once disconnected.
std::string remote_address(const Stream& stream);

// Opens, binds and listens. Nothing on success, else a sentence that begins with `what` ("the peer port").
std::optional<std::string> listen(Acceptor& acceptor, const std::string& host, std::uint16_t port,
                                  const std::string& what);

}  // namespace socai::network
