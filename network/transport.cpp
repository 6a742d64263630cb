#include "network/transport.hpp"

#include <spdlog/spdlog.h>

#include <cassert>
#include <mutex>
#include <utility>

#include "network/delivery.hpp"
#include "network/listener.hpp"
#include "network/peer_link.hpp"

namespace socai::network {

struct Transport::Impl {
    using Links = std::map<consensus::NodeId, std::shared_ptr<PeerLink>>;

    Impl(boost::asio::io_context& context, TransportOptions given, Handlers handlers)
        : io(context),
          options(std::move(given)),
          logger(options.logger ? options.logger : spdlog::default_logger()),
          delivery(std::make_shared<Delivery>(std::move(handlers))),
          listener(std::make_shared<Listener>(io, options, delivery, logger)) {
        assert(options.self != consensus::NodeId{});
        set_peers(options.peers);
    }

    void set_peers(const std::vector<PeerAddress>& peers) {
        const std::lock_guard lock(mutex);
        if (stopped) return;
        listener->set_peers(peers);
        Links wanted;
        for (const PeerAddress& peer : peers) {
            assert(peer.id != consensus::NodeId{} && peer.id != options.self);
            const auto known = links.find(peer.id);
            const bool kept = known != links.end() && known->second->peer() == peer;
            auto link =
                kept ? known->second : std::make_shared<PeerLink>(io, options, peer, delivery, logger);
            if (started && !kept) link->start();
            const bool distinct = wanted.emplace(peer.id, std::move(link)).second;
            assert(distinct);
        }
        for (const auto& [id, link] : links) {
            const auto kept = wanted.find(id);
            if (kept == wanted.end())
                link->stop("it is no peer any more");
            else if (kept->second != link)
                link->stop("it listens elsewhere now");
        }
        links = std::move(wanted);
    }

    std::shared_ptr<PeerLink> link(consensus::NodeId peer) const {
        const std::lock_guard lock(mutex);
        const auto found = links.find(peer);
        return found == links.end() ? nullptr : found->second;
    }

    boost::asio::io_context& io;
    const TransportOptions options;
    const std::shared_ptr<spdlog::logger> logger;
    const std::shared_ptr<Delivery> delivery;
    const std::shared_ptr<Listener> listener;
    mutable std::mutex mutex;  // guards all below
    Links links;
    bool started = false;
    bool stopped = false;
};

Transport::Transport(boost::asio::io_context& io, TransportOptions options, Handlers handlers)
    : impl_(std::make_shared<Impl>(io, std::move(options), std::move(handlers))) {}

Transport::~Transport() {
    stop();
}

std::optional<Transport::StartError> Transport::start() {
    if (auto failure = impl_->listener->start()) return StartError{std::move(*failure)};
    const std::lock_guard lock(impl_->mutex);
    impl_->started = true;
    for (const auto& [id, link] : impl_->links) link->start();
    return std::nullopt;
}

void Transport::stop() {
    impl_->listener->stop();
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->stopped = true;
        for (const auto& [id, link] : impl_->links) link->stop("this node stops");
    }
    // Waiting on one of the context's own threads could be waiting for the caller itself.
    const bool on_io_thread = impl_->io.get_executor().running_in_this_thread();
    impl_->delivery->shut(!on_io_thread);
}

std::uint16_t Transport::port() const {
    return impl_->listener->port();
}

void Transport::set_peers(const std::vector<PeerAddress>& peers) {
    impl_->set_peers(peers);
}

void Transport::send(consensus::NodeId to, consensus::Message message) {
    if (const auto link = impl_->link(to)) link->send(std::move(message));
}

bool Transport::send_parcel(consensus::NodeId to, Parcel parcel) {
    const auto link = impl_->link(to);
    return link && link->send_parcel(std::move(parcel));
}

std::map<consensus::NodeId, PeerMetrics> Transport::metrics() const {
    const std::lock_guard lock(impl_->mutex);
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
