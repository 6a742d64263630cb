#include "api/server_metrics.hpp"

#include <prometheus/text_serializer.h>

#include <sstream>

namespace socai::api {
namespace {

// From a cached read (20 µs) to the longest wait a caller may ask for.
const prometheus::Histogram::BucketBoundaries& duration_buckets() {
    static const prometheus::Histogram::BucketBoundaries seconds{
        0.00002, 0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 10, 60};
    return seconds;
}

prometheus::Family<prometheus::Counter>& counters(prometheus::Registry& registry, const char* name,
                                                  const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Gauge>& gauges(prometheus::Registry& registry, const char* name,
                                              const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

}  // namespace

ServerMetrics::ServerMetrics(const MethodTable& methods)
    : requests_(counters(registry_, "socai_api_requests_total",
                         "JSON-RPC calls answered, by method and outcome (ok, or the error's class)")),
      durations_(prometheus::BuildHistogram()
                     .Name("socai_api_request_duration_seconds")
                     .Help("Time from a JSON-RPC call's arrival to its answer, by method")
                     .Register(registry_)),
      http_requests_(counters(registry_, "socai_api_http_requests_total",
                              "HTTP requests answered, by route and status code")),
      connections_(gauges(registry_, "socai_api_connections", "Open connections, by protocol")),
      connections_total_(
          counters(registry_, "socai_api_connections_total", "Connections ever opened, by protocol")),
      refused_connections_(counters(registry_, "socai_api_refused_connections_total",
                                    "Connections refused because max_connections were open, or as many of "
                                    "one address as it may have")
                               .Add({})),
      refused_handshakes_(counters(registry_, "socai_api_refused_handshakes_total",
                                    "TLS handshakes that failed: wrong version, no trust, no TLS")
                               .Add({})),
      refused_(counters(registry_, "socai_api_refused_total",
                        "Calls, requests and statements refused because they were over a limit, by reason")),
      subscriptions_(gauges(registry_, "socai_api_subscriptions", "Subscriptions that are followed").Add({})),
      notifications_(
          counters(registry_, "socai_api_notifications_total", "Leaves sent to subscribers").Add({})),
      received_bytes_(counters(registry_, "socai_api_received_bytes_total",
                               "Bytes of WebSocket messages received from clients")
                          .Add({})),
      sent_bytes_(counters(registry_, "socai_api_sent_bytes_total",
                           "Bytes of WebSocket messages and HTTP bodies sent to clients")
                      .Add({})),
      http_{&connections_.Add({{"protocol", "http"}}), &connections_total_.Add({{"protocol", "http"}})},
      websocket_{&connections_.Add({{"protocol", "websocket"}}),
                 &connections_total_.Add({{"protocol", "websocket"}})} {
    for (const Method& method : methods.all()) {
        const std::string name(method.name);
        methods_.emplace(&method, OfMethod{&requests_.Add({{"method", name}, {"outcome", "ok"}}),
                                           &durations_.Add({{"method", name}}, duration_buckets())});
    }
}

void ServerMetrics::called(const Method* method, std::optional<Code> error,
                           std::chrono::steady_clock::duration took) {
    const auto known = methods_.find(method);
    if (known != methods_.end()) {
        known->second.duration->Observe(std::chrono::duration<double>(took).count());
        if (!error) {
            known->second.succeeded->Increment();
            return;
        }
    }
    requests_
        .Add({{"method", method == nullptr ? std::string("unknown") : std::string(method->name)},
              {"outcome", error ? std::string(label_of(*error)) : std::string("ok")}})
        .Increment();
}

void ServerMetrics::refused(std::string_view reason) {
    refused_.Add({{"reason", std::string(reason)}}).Increment();
}

void ServerMetrics::requested(std::string_view route, unsigned status) {
    http_requests_.Add({{"route", std::string(route)}, {"code", std::to_string(status)}}).Increment();
}

void ServerMetrics::connected(Protocol protocol) {
    of(protocol).open->Increment();
    of(protocol).total->Increment();
}

void ServerMetrics::disconnected(Protocol protocol) {
    of(protocol).open->Decrement();
}

std::string ServerMetrics::text() const {
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, registry_.Collect());
    return std::move(out).str();
}

}  // namespace socai::api
