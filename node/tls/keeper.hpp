// The TLS of one running node: the certificate that it makes for itself, the operator's for the API where there is one,
// and what the other nodes' certificates said. Here they are renewed, reloaded, shown in status and metrics, and warned of
// in time.
//
// look() on one thread; the rest on any. Secrets are in no message.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/jwk.hpp"
#include "network/transport.hpp"
#include "node/config.hpp"
#include "node/error.hpp"
#include "node/tls/operator_certificate.hpp"
#include "node/tls/own_certificate.hpp"
#include "node/tls/peer_watch.hpp"

namespace socai::node::tls {

// Operators are warned of their own certificates from so long before the end.
inline constexpr std::int64_t warned_days = 30;

class Keeper {
  public:
    // Errors: those of OperatorCertificate::load.
    static Result<std::unique_ptr<Keeper>> open(const Config& config, const std::string& origin,
                                                ledger::KeyPair tls_key, std::int64_t now_ms);

    // Every second or so: renews and reloads what is due, and tells of it in the log.
    void look(std::int64_t now_ms);

    // For api::ServerOptions; empty without TLS.
    std::function<Context()> api() const;
    // For network::TransportOptions, without pins; nothing without TLS.
    std::function<Context(network::Side)> peer() const;
    void seen(consensus::NodeId peer, const std::string& name, const network::PeerCertificate& shown,
              std::int64_t now_ms);

    struct Port {
        const char* port;  // "api", "peer"
        bool on = false;
        std::int64_t not_after_s = 0;
        std::string warning;  // empty: none
    };
    std::vector<Port> ports(std::int64_t now_ms) const;
    std::vector<PeerWatch::Shown> peers() const { return peers_.all(); }
    // node.status.tls
    boost::json::object json(std::int64_t now_ms,
                             const std::function<std::string(consensus::NodeId)>& name) const;
    const X509& anchor() const { return own_.anchor(); }

  private:
    Keeper(const Config& config, const std::string& origin, ledger::KeyPair tls_key, std::int64_t now_ms);

    const bool api_on_;
    const bool peer_on_;
    OwnCertificate own_;
    std::unique_ptr<OperatorCertificate> operators_;  // null: the API shows the node's own
    PeerWatch peers_;
    std::string warned_;  // look()'s thread: what was warned of last
};

}  // namespace socai::node::tls
