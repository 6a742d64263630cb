#include "api/listener.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "api/http_session.hpp"
#include "ledger/syntax.hpp"

namespace asio = boost::asio;
using asio::ip::tcp;

namespace socai::api {
namespace {

// Connections beyond the limit that are still told so; more are closed without a word.
constexpr std::size_t told_over_limit = 64;
constexpr std::size_t told_of_one_address = 4;
// After a failed accept (no file descriptors left), so that the failure does not spin.
constexpr std::chrono::milliseconds accept_pause{100};

// Of the client, without port; empty: it is gone already. Of IPv6 the first 64 bits, which one customer has to himself.
std::string address_of(const tcp::socket& socket) {
    boost::system::error_code error;
    const asio::ip::address address = socket.remote_endpoint(error).address();
    if (error) return {};
    if (address.is_v4()) return address.to_string();
    if (address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    asio::ip::address_v6::bytes_type bytes = address.to_v6().to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), 0);
    return asio::ip::address_v6(bytes).to_string() + "/64";
}

asio::ip::address unmapped(const asio::ip::address& address) {
    if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

// By the loopback, or by an address of its own.
bool is_from_this_machine(const tcp::socket& socket) {
    boost::system::error_code gone;
    const asio::ip::address client = unmapped(socket.remote_endpoint(gone).address());
    if (gone) return false;
    const asio::ip::address here = unmapped(socket.local_endpoint(gone).address());
    return !gone && (client.is_loopback() || client == here);
}

}  // namespace

Listener::Listener(asio::io_context& io, std::shared_ptr<ServerContext> context)
    : io_(io),
      context_(std::move(context)),
      acceptor_(asio::make_strand(io)),
      pause_(acceptor_.get_executor()) {}

std::optional<std::string> Listener::open() {
    const ServerOptions& options = context_->options;
    const std::string place = options.host + ":" + std::to_string(options.port);
    boost::system::error_code error;
    const asio::ip::address address = asio::ip::make_address(options.host, error);
    if (error) {
        return "the API cannot listen on " + place + ": " + ledger::quote(options.host) +
               " is not an IP address; give one such as 127.0.0.1";
    }
    const tcp::endpoint endpoint(address, options.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
    if (error) {
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        return "the API cannot listen on " + place + ": " + error.message() +
               "; stop what uses that port, or configure another API port";
    }
    port_ = acceptor_.local_endpoint(error).port();
    return std::nullopt;
}

void Listener::run() {
    asio::post(acceptor_.get_executor(), [self = shared_from_this()] { self->accept(); });
}

void Listener::close() {
    asio::post(acceptor_.get_executor(), [self = shared_from_this()] {
        boost::system::error_code ignored;
        self->acceptor_.close(ignored);
        self->pause_.cancel();
    });
}

void Listener::accept() {
    if (!acceptor_.is_open()) return;
    acceptor_.async_accept(asio::make_strand(io_),
                           [self = shared_from_this()](boost::system::error_code error, tcp::socket socket) {
                               self->on_accept(error, std::move(socket));
                           });
}

void Listener::on_accept(boost::system::error_code error, tcp::socket&& socket) {
    if (!acceptor_.is_open()) return;
    if (error) {
        spdlog::warn("api: a connection could not be accepted: {}", error.message());
        pause_.expires_after(accept_pause);
        pause_.async_wait([self = shared_from_this()](boost::system::error_code) { self->accept(); });
        return;
    }
    const Limits& limits = context_->options.limits;
    const std::string address = address_of(socket);
    const std::size_t open = context_->connections.size();
    const std::size_t of_address = context_->connections.from(address);
    const bool over = open >= limits.max_connections || of_address >= limits.max_connections_per_address;
    if (over) context_->metrics.refused_connection();
    if (open < limits.max_connections + told_over_limit &&
        of_address < limits.max_connections_per_address + told_of_one_address) {
        const auto& tls = context_->options.tls;
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);  // answers are small and awaited
        ConnectionSlot slot = context_->connections.enter(address);
        Session session(context_->sign_ins, slot.id(), address, context_->options.open_metrics || is_from_this_machine(socket));
        std::make_shared<HttpSession>(Stream(std::move(socket), tls ? tls() : nullptr), context_,
                                      std::move(slot), std::move(session), over)
            ->run();
    }
    accept();
}

}  // namespace socai::api
