#include "node/ports.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cassert>
#include <fstream>
#include <random>

namespace socai::node {

namespace {

using boost::asio::ip::tcp;

// Binds and listens as the servers do, then lets go.
boost::system::error_code try_listen(const tcp::endpoint& endpoint) {
    boost::asio::io_context io;
    tcp::acceptor acceptor(io);
    boost::system::error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(boost::asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
    return error;
}

// First port that the system may give to outgoing connections; Linux's default when it cannot be read.
std::uint16_t first_ephemeral_port() {
    std::ifstream file("/proc/sys/net/ipv4/ip_local_port_range");
    std::uint16_t first = 0;
    return file >> first && first > 0 ? first : 32'768;
}

}  // namespace

Result<void> check_port(const std::string& host, std::uint16_t port, const std::string& what,
                        const std::string& otherwise) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(host, error);
    if (error)
        return Error{
            Exit::usage, "bad_address",
            "`" + host + "` for " + what + " is not an IP address; write one, such as 127.0.0.1 or 0.0.0.0"};
    error = try_listen({address, port});
    if (!error) return {};
    const std::string place = host + ":" + std::to_string(port);
    if (error == boost::asio::error::address_in_use)
        return Error{Exit::usage, "port_in_use",
                     what + " needs " + place +
                         ", which another program is using; stop that program (`ss -ltnp 'sport = :" +
                         std::to_string(port) + "'` shows it) or " + otherwise};
    return Error{
        Exit::usage, "bad_address",
        what + " cannot listen on " + place + ": " + error.message() + "; choose another address or port"};
}

Result<std::uint16_t> find_free_ports(std::size_t count) {
    assert(count > 0);
    constexpr std::uint16_t lowest = 10'240;  // above what services of the system use by name
    const std::uint16_t beyond = std::max<std::uint16_t>(first_ephemeral_port(), 20'000);
    if (count >= static_cast<std::size_t>(beyond - lowest))
        return Error{
            Exit::usage, "no_free_ports",
            std::to_string(count) + " ports are more than this machine has to give; ask for fewer nodes"};
    // A random start keeps clusters that are made at the same moment apart.
    std::random_device entropy;
    std::uniform_int_distribution<std::size_t> start(lowest, beyond - count);
    const auto loopback = boost::asio::ip::address_v4::loopback();
    for (int attempt = 0; attempt < 200; ++attempt) {
        const auto first = static_cast<std::uint16_t>(start(entropy));
        std::size_t free = 0;
        while (free < count && !try_listen({loopback, static_cast<std::uint16_t>(first + free)})) ++free;
        if (free == count) return first;
    }
    return Error{Exit::unreachable, "no_free_ports",
                 "found no " + std::to_string(count) +
                     " free ports in a row on 127.0.0.1; stop something, or give --base-port"};
}

}  // namespace socai::node
