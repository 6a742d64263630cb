#include "api/server.hpp"

#include <atomic>
#include <utility>

#include "api/listener.hpp"
#include "api/server_context.hpp"

namespace socai::api {

struct Server::Impl {
    Impl(boost::asio::io_context& io, ServerOptions options, Backend& backend)
        : context(std::make_shared<ServerContext>(std::move(options), backend)),
          listener(std::make_shared<Listener>(io, context)) {}

    std::shared_ptr<ServerContext> context;
    std::shared_ptr<Listener> listener;
    std::shared_ptr<void> applied;  // the backend calls the feed while this lives
    std::atomic<bool> stopped = false;
};

Server::Server(boost::asio::io_context& io, ServerOptions options, Backend& backend)
    : impl_(std::make_shared<Impl>(io, std::move(options), backend)) {}

Server::~Server() {
    stop();
    // Nothing reads from the backend any more, which may go after this.
    impl_->context->reads.shut_down();
}

std::optional<std::string> Server::start() {
    if (auto fault = impl_->listener->open()) return fault;
    impl_->applied = impl_->context->backend.on_applied(
        [weak = std::weak_ptr<ServerContext>(impl_->context)](std::uint64_t) {
            if (const auto context = weak.lock()) context->feed.publish();
        });
    impl_->listener->run();
    return std::nullopt;
}

void Server::stop() {
    if (impl_->stopped.exchange(true)) return;
    impl_->applied.reset();
    impl_->listener->close();
    impl_->context->connections.shut_down();
}

std::uint16_t Server::port() const {
    return impl_->listener->port();
}

}  // namespace socai::api
