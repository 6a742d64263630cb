// The receiving half: accepts connections, checks who dials (hello.hpp), hands on what they send.
//
// At most `max_connections` are held; when they are used up the oldest that has not yet greeted gives way, so
// that silent strangers cannot keep a peer out. Of two connections of one peer the newer stays: the older is
// one that the peer has lost and this side has not yet noticed.
//
// Thread-safe; kept in a shared_ptr.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "network/connection.hpp"
#include "network/delivery.hpp"
#include "network/hello.hpp"
#include "network/log_limit.hpp"
#include "network/transport.hpp"

namespace socai::network {

class Listener : public std::enable_shared_from_this<Listener> {
  public:
    struct Figures {
        std::uint64_t bytes = 0;
        std::uint64_t messages = 0;
    };

    // `logger` is never null.
    Listener(boost::asio::io_context& io, const TransportOptions& options, std::shared_ptr<Delivery> delivery,
             std::shared_ptr<spdlog::logger> logger);

    // Binds, then accepts until stop(). The error is a sentence.
    std::optional<std::string> start();
    void stop();
    std::uint16_t port() const { return port_; }
    Figures received(consensus::NodeId peer) const;
    // Who is welcome from now on; connections of those who are not any more are closed.
    void set_peers(const std::vector<PeerAddress>& peers);

  private:
    struct Peer {
        explicit Peer(std::string called) : name(std::move(called)) {}
        const std::string name;
        std::atomic<std::uint64_t> bytes = 0;
        std::atomic<std::uint64_t> messages = 0;
    };
    struct Accepted {
        std::shared_ptr<Connection> connection;
        consensus::NodeId peer;  // 0: has not greeted yet
    };

    boost::asio::awaitable<void> accept_all();
    boost::asio::awaitable<void> serve(std::uint64_t number, std::shared_ptr<Connection> connection);
    // The peer that greeted and was welcomed; 0: the connection is closed.
    boost::asio::awaitable<consensus::NodeId> greet(std::uint64_t number,
                                                    std::shared_ptr<Connection> connection);
    boost::asio::awaitable<void> receive(std::shared_ptr<Connection> connection, consensus::NodeId from,
                                         std::shared_ptr<Peer> peer);
    // Nothing, or why the other side is none of the peers.
    boost::asio::awaitable<std::optional<std::string>> secure(std::shared_ptr<Connection> connection);
    // Whether `from` is who its certificate says; nothing to be refused for without TLS.
    std::optional<std::string> refuse_key(const Connection& connection, consensus::NodeId from) const;
    boost::asio::awaitable<void> refuse(std::shared_ptr<Connection> connection, std::string why);
    // Nothing when stopping, or when every place is taken by a peer.
    std::optional<std::uint64_t> admit(const std::shared_ptr<Connection>& connection);
    // Null: a stranger.
    std::shared_ptr<Peer> peer(consensus::NodeId id) const;
    // The connection is `peer`'s; closes all of the peer's but the newest, and every one of a peer that is none
    // any more.
    void adopt(std::uint64_t number, consensus::NodeId peer);
    void forget(std::uint64_t number);
    void report(const std::string& who, const std::string& why);

    const Identity identity_;
    const std::string host_;
    const std::uint16_t wanted_port_;
    const std::size_t max_connections_;
    const std::chrono::milliseconds hello_timeout_;
    const std::chrono::milliseconds write_timeout_;
    const std::function<std::uint64_t()> signed_size_;
    const std::function<std::uint64_t(consensus::NodeId)> signed_by_;
    const std::shared_ptr<Delivery> delivery_;
    const std::shared_ptr<spdlog::logger> logger_;
    const std::function<bool(consensus::NodeId from, const consensus::Message&, const WireSignature&)>
        verify_;
    const std::optional<TransportTls> tls_;
    LogLimit log_limit_;
    boost::asio::io_context& io_;

    // On the strand only, but for start().
    const boost::asio::any_io_executor strand_;
    Acceptor acceptor_;
    boost::asio::steady_timer pause_;
    std::atomic<std::uint16_t> port_ = 0;

    mutable std::mutex mutex_;  // guards all below
    std::map<consensus::NodeId, std::shared_ptr<Peer>> peers_;
    bool stopping_ = false;
    std::uint64_t next_number_ = 0;
    std::map<std::uint64_t, Accepted> accepted_;  // in the order of their coming
};

}  // namespace socai::network
