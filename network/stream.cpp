#include "network/stream.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>

namespace socai::network {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

void set_options(Stream& stream) {
    error_code ignored;  // a connection without them still works
    stream.set_option(tcp::no_delay(true), ignored);
    stream.set_option(asio::socket_base::keep_alive(true), ignored);
}

}  // namespace

asio::awaitable<Resolved> resolve(asio::any_io_executor executor, std::string host, std::uint16_t port) {
    Resolved resolved;
    error_code not_an_address;
    const auto address = asio::ip::make_address(host, not_an_address);
    if (!not_an_address) {
        resolved.endpoints.emplace_back(address, port);
        co_return resolved;
    }
    tcp::resolver resolver(executor);
    const auto [error, results] = co_await resolver.async_resolve(host, std::to_string(port), as_result);
    resolved.error = error;
    for (const auto& result : results) resolved.endpoints.push_back(result.endpoint());
    co_return resolved;
}

asio::awaitable<error_code> connect(Stream& stream, std::vector<tcp::endpoint> endpoints) {
    const auto [error, endpoint] = co_await asio::async_connect(stream, endpoints, as_result);
    if (!error) set_options(stream);
    co_return error;
}

asio::awaitable<error_code> handshake(Stream&, Side) {
    co_return error_code{};
}

void prepare_accepted(Stream& stream) {
    set_options(stream);
}

void close(Stream& stream) {
    error_code ignored;
    stream.shutdown(tcp::socket::shutdown_both, ignored);
    stream.close(ignored);
}

std::string remote_address(const Stream& stream) {
    error_code error;
    const auto endpoint = stream.remote_endpoint(error);
    if (error) return "an unknown address";
    return endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
}

std::optional<std::string> listen(Acceptor& acceptor, const std::string& host, std::uint16_t port,
                                  const std::string& what) {
    const std::string place = what + " " + host + ":" + std::to_string(port);
    error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (error) return place + " is not an IP address with a port: write one such as 127.0.0.1";
    const tcp::endpoint endpoint(address, port);
    acceptor.open(endpoint.protocol(), error);
    // A restarted node must not wait for the connections of the one before it to time out.
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) return std::nullopt;
    error_code ignored;
    acceptor.close(ignored);
    if (error == asio::error::address_in_use)
        return place + " is in use by another program: stop that program or choose another port";
    if (error == asio::error::access_denied)
        return place + " needs privileges that this program does not have: choose a port above 1023";
    return place + " cannot be listened on (" + error.message() + "): choose an address of this machine";
}

}  // namespace socai::network
