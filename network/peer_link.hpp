// The sending half towards one peer: dials it, says hello, sends what is queued, dials again when the
// connection ends.
//
// Constructed and destroyed on any thread, kept in a shared_ptr. send(), send_parcel(), metrics(),
// peer() and stop() are thread-safe; the rest is private to the link's strand.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "network/backoff.hpp"
#include "network/connection.hpp"
#include "network/delivery.hpp"
#include "network/hello.hpp"
#include "network/send_queue.hpp"
#include "network/transport.hpp"

namespace socai::network {

class PeerLink : public std::enable_shared_from_this<PeerLink> {
  public:
    // `options` are the transport's; `logger` is never null.
    PeerLink(boost::asio::io_context& io, const TransportOptions& options, PeerAddress peer,
             std::shared_ptr<Delivery> delivery, std::shared_ptr<spdlog::logger> logger);

    void start();
    void stop(const std::string& why);
    const PeerAddress& peer() const { return peer_; }

    void send(consensus::Message message);
    bool send_parcel(Parcel parcel);
    // The sending half of the figures.
    PeerMetrics metrics() const;

  private:
    boost::asio::awaitable<void> run();
    // One connection, from dialling to its end, which connection_->why_closed() explains. True: it was
    // welcome.
    boost::asio::awaitable<bool> connect_and_send();
    boost::asio::awaitable<bool> greet();
    // Nothing, or why the other side is not who it must be.
    boost::asio::awaitable<std::optional<std::string>> secure();
    boost::asio::awaitable<void> send_queued();
    boost::asio::awaitable<void> await_end(std::shared_ptr<Connection> connection);
    void append_frame_of(const SendQueue::Item& item);
    void wake();
    void report_failure(const std::string& why);

    const PeerAddress peer_;
    const Identity identity_;
    const std::chrono::milliseconds connect_timeout_;
    const std::chrono::milliseconds hello_timeout_;
    const std::chrono::milliseconds write_timeout_;
    const std::chrono::milliseconds settled_after_;
    const std::function<std::uint64_t()> signed_size_;
    const std::function<std::uint64_t(consensus::NodeId)> signed_by_;
    const std::shared_ptr<Delivery> delivery_;
    const std::shared_ptr<spdlog::logger> logger_;
    const std::function<WireSignature(consensus::NodeId to, const consensus::Message&)> sign_;
    const std::optional<TransportTls> tls_;
    SendQueue queue_;

    // On the strand only.
    const boost::asio::any_io_executor strand_;
    boost::asio::steady_timer timer_;  // the pause before dialling again, or the wait for something to send
    Backoff backoff_;
    bool stopping_ = false;
    std::shared_ptr<Connection> connection_;
    std::string reported_;  // the last failure logged at warning level: said once, until it changes
    std::vector<SendQueue::Item> batch_;
    std::string bytes_;

    std::atomic<bool> connected_ = false;
    std::atomic<std::uint64_t> sent_bytes_ = 0;
    std::atomic<std::uint64_t> sent_messages_ = 0;
    std::atomic<std::uint64_t> connections_ = 0;
};

}  // namespace socai::network
