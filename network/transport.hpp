// Peers over TCP. Each node dials every other and sends on the connection that it dialled; it receives on
// those it accepted, so that a direction can be cut alone. Reconnects with back-off; queues are bounded: when
// a peer's queue is full the oldest consensus messages may be dropped (Raft repeats them). The stream type is
// one alias (stream.hpp), where TLS comes in.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "network/frame.hpp"

namespace socai::network {

struct PeerAddress {
    consensus::NodeId id;
    std::string name;  // for logs
    std::string host;
    std::uint16_t port = 0;
};

struct TransportOptions {
    std::string listen_host = "127.0.0.1";
    std::uint16_t listen_port = 0;  // 0: chosen by the system
    std::string origin;
    std::string genesis_hash;
    consensus::NodeId self;
    std::vector<PeerAddress> peers;
    std::size_t max_queue_bytes = 64 * 1024 * 1024;  // per peer
    std::size_t max_connections = 256;               // accepted, all peers
};

struct PeerMetrics {
    bool connected = false;  // our dialled connection
    std::uint64_t sent_bytes = 0, received_bytes = 0, sent_messages = 0, received_messages = 0,
                  dropped_messages = 0, reconnects = 0;
    std::size_t queue_bytes = 0, queue_messages = 0;
};

class Transport {
  public:
    // Called on the transport's I/O thread(s); must not block. `connection lost` is told once per loss of the
    // dialled connection.
    struct Handlers {
        std::function<void(consensus::NodeId from, consensus::Message)> on_message;
        std::function<void(consensus::NodeId from, Parcel)> on_parcel;
        std::function<void(consensus::NodeId peer)> on_unreachable;
    };
    Transport(boost::asio::io_context& io, TransportOptions options, Handlers handlers);
    ~Transport();

    // Binds and starts dialling. The error is a sentence (port in use: says which, and what to change).
    struct StartError {
        std::string detail;
    };
    std::optional<StartError> start();
    void stop();
    std::uint16_t port() const;

    // Thread-safe; never blocks.
    void send(consensus::NodeId to, consensus::Message message);
    // False when the peer's queue is full or it is not connected: the caller answers its client.
    bool send_parcel(consensus::NodeId to, Parcel parcel);
    std::map<consensus::NodeId, PeerMetrics> metrics() const;

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace socai::network
