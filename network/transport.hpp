// Peers over TCP. Each node dials every other and sends on the connection that it dialled; it receives on
// those it accepted, so that a direction can be cut alone. Reconnects with back-off; queues are bounded: when
// a peer's queue is full the oldest consensus messages are dropped (Raft repeats them) and parcels are
// refused. Over TLS both sides show certificates and are known by pinned keys (pinned_chain.hpp).
//
// The io_context may be run by any number of threads: each connection works on a strand of its own.
#pragma once

#include <spdlog/fwd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "network/frame.hpp"
#include "network/pinned_chain.hpp"
#include "network/stream.hpp"

namespace socai::network {

struct PeerAddress {
    consensus::NodeId id;
    std::string name;  // for logs
    std::string host;
    std::uint16_t port = 0;
    bool operator==(const PeerAddress&) const = default;
};

// How connections are secured. The functions are called on any of the io_context's threads, at each handshake.
struct TransportTls {
    // The certificate that this node shows from now on, with require_pins(); never null.
    std::function<std::shared_ptr<boost::asio::ssl::context>(Side)> context;
    // The TLS key of a node, as the membership has it at this moment; nothing: nobody says, and so it is refused.
    std::function<std::optional<AnchorKey>(consensus::NodeId)> pin;
    // A node was let in, or has let this one in, by this certificate. Null: nobody asks.
    std::function<void(consensus::NodeId, const PeerCertificate&)> seen;
    // Is this the TLS key of a node that is no peer any more and should be told why? It may greet, and is refused. Null: of none.
    std::function<bool(const AnchorKey&)> former{};
};

struct TransportOptions {
    std::string listen_host = "127.0.0.1";
    std::uint16_t listen_port = 0;  // 0: chosen by the system
    std::string origin;
    std::string genesis_hash;
    consensus::NodeId self;
    std::vector<PeerAddress> peers;                  // the first ones; see set_peers()
    std::optional<TransportTls> tls;                 // nothing: TCP alone
    std::size_t max_queue_bytes = 64 * 1024 * 1024;  // per peer
    std::size_t max_connections = 256;               // accepted, all peers
    std::chrono::milliseconds connect_timeout{2'000};
    std::chrono::milliseconds hello_timeout{5'000};  // either side's greeting, once connected
    std::chrono::milliseconds write_timeout{5'000};  // a peer that takes no bytes for so long is lost
    std::chrono::milliseconds retry_first{50};       // before dialling again: doubles, with jitter …
    std::chrono::milliseconds retry_most{1'000};     // … to this
    // Of the largest head that this node has cosigned, and of the largest of which it has seen `peer`'s
    // co-signature; any thread. Null: 0.
    std::function<std::uint64_t()> signed_size;
    std::function<std::uint64_t(consensus::NodeId peer)> signed_by;
    // The signature of a message that needs one (frame.hpp), as it is sent; called on the link's thread. Null: zeros.
    std::function<WireSignature(consensus::NodeId to, const consensus::Message&)> sign;
    // Did `from` sign this message? False ends the connection. Called on the connection's thread, before the message is
    // handed on, for messages that need a signature. Null: none is looked at.
    std::function<bool(consensus::NodeId from, const consensus::Message&, const WireSignature&)> verify;
    std::shared_ptr<spdlog::logger> logger;  // null: spdlog's default logger
};

struct PeerMetrics {
    bool connected = false;        // our dialled connection, greeted by the peer
    std::uint64_t sent_bytes = 0;  // handed to the system, frames after the greeting
    std::uint64_t received_bytes = 0;
    std::uint64_t sent_messages = 0;  // parcels included
    std::uint64_t received_messages = 0;
    std::uint64_t dropped_messages = 0;  // consensus messages that gave way to newer ones
    std::uint64_t reconnects = 0;        // greeted connections after the first
    std::size_t queue_bytes = 0;         // waiting, what is being written not included
    std::size_t queue_messages = 0;
};

class Transport {
  public:
    // Called on the io_context's threads; must not block or throw. Calls for one peer's messages come one
    // after the other in the order sent, those for different peers may run at once. on_unreachable is told
    // once per loss of a dialled connection that had been greeted, never for one that did not come about. An
    // empty function is allowed.
    struct Handlers {
        std::function<void(consensus::NodeId from, consensus::Message)> on_message;
        std::function<void(consensus::NodeId from, Parcel)> on_parcel;
        std::function<void(consensus::NodeId peer)> on_unreachable;
    };
    // `io` outlives the transport. Preconditions (asserted): options.self is not 0, and the peers' ids are
    // distinct, not 0 and not options.self.
    Transport(boost::asio::io_context& io, TransportOptions options, Handlers handlers);
    ~Transport();  // as stop()
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    // Binds and starts dialling. Once; again only after an error. The error is a sentence (port in use: says
    // which, and what to change).
    struct StartError {
        std::string detail;
    };
    std::optional<StartError> start();
    // Idempotent, from any thread, also from a handler. Called from outside the io_context's threads it
    // returns when no handler runs any more, and none runs after (so do not hold a lock that a handler waits
    // for); called from one of them, handlers on other threads may still be ending. Connections close, unsent
    // messages are lost, and the transport's work on the io_context ends soon after.
    void stop();
    // The port listened on, after start().
    std::uint16_t port() const;
    // Who the peers are from now on: those that are new are dialled and listened to, connections with those that
    // are gone end, and one whose address is another now is dialled anew. Thread-safe; same preconditions as for
    // options.peers. Has no effect once stopped.
    void set_peers(const std::vector<PeerAddress>& peers);

    // Thread-safe; never blocks. A message to a node that is no peer, or that is beyond the limits of
    // frame.hpp, is dropped.
    void send(consensus::NodeId to, consensus::Message message);
    // False when the peer's queue is full, it is not connected or the parcel is too large: the caller answers
    // its client. True is no promise that it arrives.
    bool send_parcel(consensus::NodeId to, Parcel parcel);
    // One element a peer. What a peer that was removed had sent is forgotten with it.
    std::map<consensus::NodeId, PeerMetrics> metrics() const;

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace socai::network
