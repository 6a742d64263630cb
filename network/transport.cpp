#include "network/transport.hpp"

#include <spdlog/spdlog.h>

#include <cassert>
#include <utility>

#include "network/delivery.hpp"
#include "network/listener.hpp"
#include "network/peer_link.hpp"

namespace socai::network {

struct Transport::Impl {
    Impl(boost::asio::io_context& context, const TransportOptions& options, Handlers handlers)
        : io(context), delivery(std::make_shared<Delivery>(std::move(handlers))) {
        assert(options.self != consensus::NodeId{});
        const auto logger = options.logger ? options.logger : spdlog::default_logger();
        listener = std::make_shared<Listener>(io, options, delivery, logger);
        for (const PeerAddress& peer : options.peers) {
            assert(peer.id != consensus::NodeId{} && peer.id != options.self);
            const bool distinct =
                links.emplace(peer.id, std::make_shared<PeerLink>(io, options, peer, delivery, logger))
                    .second;
            assert(distinct);
        }
    }

    boost::asio::io_context& io;
    const std::shared_ptr<Delivery> delivery;
    std::shared_ptr<Listener> listener;
    std::map<consensus::NodeId, std::shared_ptr<PeerLink>> links;
};

Transport::Transport(boost::asio::io_context& io, TransportOptions options, Handlers handlers)
    : impl_(std::make_shared<Impl>(io, options, std::move(handlers))) {}

Transport::~Transport() {
    stop();
}

std::optional<Transport::StartError> Transport::start() {
    if (auto failure = impl_->listener->start()) return StartError{std::move(*failure)};
    for (const auto& [id, link] : impl_->links) link->start();
    return std::nullopt;
}

void Transport::stop() {
    impl_->listener->stop();
    for (const auto& [id, link] : impl_->links) link->stop();
    // Waiting on one of the context's own threads could be waiting for the caller itself.
    const bool on_io_thread = impl_->io.get_executor().running_in_this_thread();
    impl_->delivery->shut(!on_io_thread);
}

std::uint16_t Transport::port() const {
    return impl_->listener->port();
}

void Transport::send(consensus::NodeId to, consensus::Message message) {
    const auto link = impl_->links.find(to);
    if (link != impl_->links.end()) link->second->send(std::move(message));
}

bool Transport::send_parcel(consensus::NodeId to, Parcel parcel) {
    const auto link = impl_->links.find(to);
    return link != impl_->links.end() && link->second->send_parcel(std::move(parcel));
}

std::map<consensus::NodeId, PeerMetrics> Transport::metrics() const {
    std::map<consensus::NodeId, PeerMetrics> metrics;
    for (const auto& [id, link] : impl_->links) {
        PeerMetrics& figures = metrics[id] = link->metrics();
        const Listener::Figures received = impl_->listener->received(id);
        figures.received_bytes = received.bytes;
        figures.received_messages = received.messages;
    }
    return metrics;
}

}  // namespace socai::network
