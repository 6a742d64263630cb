#include "node/witness/witness_server.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <csignal>

namespace socai::node {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::size_t max_connections = 256;
constexpr std::uint32_t max_header_bytes = 16 * 1024;
constexpr std::chrono::seconds patience{10};  // for a request to arrive, and for its answer to be taken
constexpr std::chrono::milliseconds pause_after_failure{100};

WitnessAnswer answer(Witness& witness, const http::request<http::string_body>& request) {
    const std::string_view path(request.target().data(), request.target().size());
    constexpr std::string_view checkpoint = "/checkpoint";
    constexpr std::size_t hash_digits = 64;
    const bool get = request.method() == http::verb::get;
    if (path == "/add-checkpoint")
        return request.method() == http::verb::post
                   ? witness.add_checkpoint(request.body())
                   : WitnessAnswer{405, "text/plain; charset=utf-8", "POST it.\n"};
    if (get && path == "/healthz") return {200, "text/plain; charset=utf-8", "ok\n"};
    if (get && path.size() == 1 + hash_digits + checkpoint.size() && path.ends_with(checkpoint))
        return witness.checkpoint(path.substr(1, hash_digits));
    return {404, "text/plain; charset=utf-8",
            "There are /add-checkpoint and /<hex SHA-256 of an origin>/checkpoint.\n"};
}

class Server {
  public:
    Server(Witness& witness, asio::io_context& io) : witness_(witness), acceptor_(io), pause_(io) {}

    Result<void> listen(const WitnessListener& where) {
        boost::system::error_code error;
        const auto address = asio::ip::make_address(where.host, error);
        const asio::ip::tcp::endpoint endpoint(address, where.port);
        if (!error) acceptor_.open(endpoint.protocol(), error);
        if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
        if (!error) acceptor_.bind(endpoint, error);
        if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
        if (error)
            return Error{Exit::unreachable, "port_in_use",
                         where.host + ":" + std::to_string(where.port) + " cannot be listened on: " +
                             error.message() + "; choose another address with --listen"};
        return {};
    }
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

    asio::awaitable<void> accept_all() {
        while (true) {
            boost::system::error_code error;
            auto socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
            if (error) {
                // Out of files, most likely: trying again at once would only burn a core.
                pause_.expires_after(pause_after_failure);
                co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, error));
                continue;
            }
            if (open_ >= max_connections) continue;  // closes it
            ++open_;
            asio::co_spawn(acceptor_.get_executor(), serve(beast::tcp_stream(std::move(socket))),
                           [this](std::exception_ptr) { --open_; });
        }
    }

  private:
    asio::awaitable<void> serve(beast::tcp_stream stream) {
        beast::flat_buffer buffer(max_header_bytes + 2 * ledger::max_add_checkpoint_bytes);
        while (true) {
            http::request_parser<http::string_body> parser;
            parser.header_limit(max_header_bytes);
            parser.body_limit(ledger::max_add_checkpoint_bytes);
            stream.expires_after(patience);
            boost::system::error_code error;
            co_await http::async_read(stream, buffer, parser,
                                      asio::redirect_error(asio::use_awaitable, error));
            if (error && error != http::error::body_limit) co_return;
            const bool too_long = error == http::error::body_limit;
            const WitnessAnswer answered =
                too_long ? WitnessAnswer{413, "text/plain; charset=utf-8", "The body is too long.\n"}
                         : answer(witness_, parser.get());
            http::response<http::string_body> response(static_cast<http::status>(answered.status), 11);
            response.set(http::field::content_type, answered.content_type);
            response.set(http::field::cache_control, "no-cache");
            response.keep_alive(!too_long && parser.get().keep_alive());
            response.body() = answered.body;
            response.prepare_payload();
            stream.expires_after(patience);
            co_await http::async_write(stream, response, asio::redirect_error(asio::use_awaitable, error));
            if (error || !response.keep_alive()) break;
        }
        boost::system::error_code ignored;
        stream.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    }

    Witness& witness_;
    asio::ip::tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    std::size_t open_ = 0;  // one thread runs all of it
};

}  // namespace

Result<void> serve_witness(Witness& witness, const WitnessListener& listener) {
    asio::io_context io(1);
    Server server(witness, io);
    if (auto listening = server.listen(listener); !listening) return listening.error();
    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&io](boost::system::error_code error, int signal) {
        if (error) return;
        spdlog::info("signal {}: stopping", signal);
        io.stop();
    });
    asio::co_spawn(io, server.accept_all(), asio::detached);
    spdlog::info("ready http://{}:{}", listener.host, server.port());
    io.run();
    return {};
}

}  // namespace socai::node
