#include "network/proxy.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
#include <list>
#include <utility>

#include "network/proxy_control.hpp"
#include "network/proxy_link.hpp"
#include "network/spawn.hpp"

namespace socai::network {

namespace asio = boost::asio;

namespace {

constexpr std::size_t max_control_connections = 16;
constexpr std::size_t max_drained_bytes = 1024 * 1024;
constexpr std::chrono::milliseconds pause_after_failure{100};

}  // namespace

struct Proxy::Impl : std::enable_shared_from_this<Impl> {
    Impl(asio::io_context& io, std::uint16_t wanted, std::vector<ProxyLink> wanted_links)
        : strand(asio::make_strand(io)), wanted_port(wanted), acceptor(strand), pause(strand) {
        for (ProxyLink& link : wanted_links)
            links.push_back(std::make_shared<ProxiedLink>(strand, std::move(link)));
    }

    std::optional<std::string> start();
    void close();
    asio::awaitable<void> accept_controls();
    asio::awaitable<void> serve_control(std::shared_ptr<Socket> stream);

    const asio::any_io_executor strand;
    const std::uint16_t wanted_port;
    std::uint16_t port = 0;  // set by start()
    // On the strand only, but for start().
    Acceptor acceptor;
    asio::steady_timer pause;
    std::vector<std::shared_ptr<ProxiedLink>> links;
    std::list<std::shared_ptr<Socket>> controls;  // in the order of their coming
};

std::optional<std::string> Proxy::Impl::start() {
    for (auto link = links.begin(); link != links.end(); ++link)
        for (auto other = links.begin(); other != link; ++other)
            if ((*link)->from() == (*other)->from() && (*link)->to() == (*other)->to())
                return "the link from " + (*link)->from() + " to " + (*link)->to() + " is given twice";

    std::optional<std::string> failure =
        listen(acceptor, "127.0.0.1", wanted_port, "the proxy's control port");
    for (auto link = links.begin(); link != links.end() && !failure; ++link)
        failure = (*link)->listen_on_port();
    if (failure) {
        close();
        return failure;
    }
    port = acceptor.local_endpoint().port();
    for (const auto& link : links) link->start();
    spawn(strand, [self = shared_from_this()] { return self->accept_controls(); });
    return std::nullopt;
}

void Proxy::Impl::close() {
    boost::system::error_code ignored;
    acceptor.close(ignored);
    pause.cancel();
    for (const auto& link : links) link->stop();
    for (const auto& stream : controls) network::close(*stream);
}

asio::awaitable<void> Proxy::Impl::accept_controls() {
    while (acceptor.is_open()) {
        auto [error, stream] = co_await acceptor.async_accept(strand, as_result);
        if (!acceptor.is_open()) break;
        if (error) {
            pause.expires_after(pause_after_failure);
            co_await pause.async_wait(as_result);
            continue;
        }
        // The longest connected gives way: it is the likeliest to have been forgotten.
        if (controls.size() >= max_control_connections) {
            network::close(*controls.front());
            controls.pop_front();
        }
        auto control = std::make_shared<Socket>(std::move(stream));
        controls.push_back(control);
        spawn(strand, [self = shared_from_this(), control] { return self->serve_control(control); });
    }
}

asio::awaitable<void> Proxy::Impl::serve_control(std::shared_ptr<Socket> stream) {
    std::string received;
    bool serving = true;
    while (serving) {
        const auto [error, size] = co_await asio::async_read_until(
            *stream, asio::dynamic_buffer(received, max_control_line_bytes), '\n', as_result);
        ControlAnswer answer;
        if (error == asio::error::not_found)
            answer.line = control_error("the line is longer than " + std::to_string(max_control_line_bytes) +
                                        " bytes: write one command a line");
        else if (error)
            break;
        else
            answer = control(std::string_view(received).substr(0, size - 1), links, strand);
        received.erase(0, size);
        answer.line += '\n';
        const auto [unsent, sent] = co_await asio::async_write(*stream, asio::buffer(answer.line), as_result);
        serving = answer.understood && !unsent;
    }
    // Closing with bytes unread would reset the connection, and the answer with it.
    boost::system::error_code ignored;
    stream->shutdown(Socket::shutdown_send, ignored);
    for (std::size_t drained = 0; drained < max_drained_bytes;) {
        received.resize(max_control_line_bytes);
        const auto [error, size] = co_await stream->async_read_some(asio::buffer(received), as_result);
        if (error) break;
        drained += size;
    }
    network::close(*stream);
    controls.remove(stream);
}

Proxy::Proxy(asio::io_context& io, std::uint16_t control_port, std::vector<ProxyLink> links)
    : impl_(std::make_shared<Impl>(io, control_port, std::move(links))) {}

Proxy::~Proxy() {
    stop();
}

std::optional<std::string> Proxy::start() {
    return impl_->start();
}

void Proxy::stop() {
    asio::post(impl_->strand, [impl = impl_] { impl->close(); });
}

std::uint16_t Proxy::control_port() const {
    return impl_->port;
}

}  // namespace socai::network
