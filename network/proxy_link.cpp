#include "network/proxy_link.hpp"

#include <utility>

#include "network/spawn.hpp"

namespace socai::network {

namespace asio = boost::asio;

namespace {

constexpr std::size_t max_connections = 64;  // a link needs one, and a few while it reconnects
constexpr std::chrono::milliseconds pause_after_failure{100};

}  // namespace

ProxiedLink::ProxiedLink(asio::any_io_executor strand, ProxyLink link)
    : strand_(std::move(strand)),
      link_(std::move(link)),
      condition_(std::make_shared<LinkCondition>()),
      acceptor_(strand_),
      pause_(strand_) {
    condition_->cut = link_.cut;
    condition_->delay_ms = link_.delay_ms;
}

std::optional<std::string> ProxiedLink::listen_on_port() {
    const std::string what = "the proxy's port for " + link_.from + " to " + link_.to + ",";
    if (auto failure = listen(acceptor_, "127.0.0.1", link_.listen_port, what)) return failure;
    link_.listen_port = acceptor_.local_endpoint().port();
    return std::nullopt;
}

void ProxiedLink::start() {
    spawn(strand_, [self = shared_from_this()] { return self->accept_all(); });
}

void ProxiedLink::stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    for (const auto& relay : relays_) relay->close();
}

void ProxiedLink::cut() {
    condition_->cut = true;
    for (const auto& relay : relays_) relay->cut();
}

void ProxiedLink::heal() {
    condition_->cut = false;
    condition_->delay_ms = 0;
    for (const auto& relay : relays_)
        if (relay->was_cut()) relay->close();
}

asio::awaitable<void> ProxiedLink::accept_all() {
    while (acceptor_.is_open()) {
        auto [error, stream] = co_await acceptor_.async_accept(strand_, as_result);
        if (!acceptor_.is_open()) break;
        if (error) {
            pause_.expires_after(pause_after_failure);
            co_await pause_.async_wait(as_result);
            continue;
        }
        if (relays_.size() >= max_connections) continue;  // the stream closes itself
        prepare_accepted(stream);
        auto relay = std::make_shared<ProxyRelay>(std::move(stream), condition_);
        relays_.insert(relay);
        spawn(strand_, [self = shared_from_this(), relay] { return self->relay(relay); });
    }
}

asio::awaitable<void> ProxiedLink::relay(std::shared_ptr<ProxyRelay> relay) {
    co_await relay->run(link_.target_host, link_.target_port);
    relays_.erase(relay);
}

}  // namespace socai::network
