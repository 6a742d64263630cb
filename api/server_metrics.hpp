// What the server counts about itself, named by Prometheus conventions (socai_api_*). Safe from any thread.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "api/method.hpp"

namespace socai::api {

enum class Protocol { http, websocket };

class ServerMetrics {
  public:
    // `methods` must outlive this.
    explicit ServerMetrics(const MethodTable& methods);

    // One JSON-RPC call answered. No method: its name is unknown. No error: it went well.
    void called(const Method* method, std::optional<Code> error, std::chrono::steady_clock::duration took);
    // One HTTP request answered; `route` is one of a fixed few words.
    void requested(std::string_view route, unsigned status);
    void connected(Protocol protocol);
    void disconnected(Protocol protocol);
    void refused_connection() { refused_connections_.Increment(); }
    void refused_handshake() { refused_handshakes_.Increment(); }
    void subscribed(int change) { subscriptions_.Increment(change); }
    void notified() { notifications_.Increment(); }
    void received(std::size_t bytes) { received_bytes_.Increment(static_cast<double>(bytes)); }
    void sent(std::size_t bytes) { sent_bytes_.Increment(static_cast<double>(bytes)); }

    // The exposition format, text 0.0.4.
    std::string text() const;

  private:
    struct OfMethod {
        prometheus::Counter* succeeded;
        prometheus::Histogram* duration;
    };
    struct OfProtocol {
        prometheus::Gauge* open;
        prometheus::Counter* total;
    };
    OfProtocol& of(Protocol protocol) { return protocol == Protocol::http ? http_ : websocket_; }

    prometheus::Registry registry_;
    prometheus::Family<prometheus::Counter>& requests_;
    prometheus::Family<prometheus::Histogram>& durations_;
    prometheus::Family<prometheus::Counter>& http_requests_;
    prometheus::Family<prometheus::Gauge>& connections_;
    prometheus::Family<prometheus::Counter>& connections_total_;
    prometheus::Counter& refused_connections_;
    prometheus::Counter& refused_handshakes_;
    prometheus::Gauge& subscriptions_;
    prometheus::Counter& notifications_;
    prometheus::Counter& received_bytes_;
    prometheus::Counter& sent_bytes_;
    // Resolved once, so that a call that goes well takes no lock of a family; read-only after construction.
    std::map<const Method*, OfMethod> methods_;
    OfProtocol http_;
    OfProtocol websocket_;
};

}  // namespace socai::api
