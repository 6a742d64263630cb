// The proxy behind `socai cluster cut | slow | heal`: one listening port for each directed link A->B,
// forwarding to B's peer port. A cut link swallows bytes (as a network that drops them would) until healed,
// when its connections are closed so that they start afresh; a slowed link delays bytes. Needs no privileges.
//
// A cut link still accepts connections, which lead nowhere until they are closed by the healing. Only the
// bytes from A to B are delayed; what B answers on the same connection is cut with it, but not delayed.
//
// Everything runs on one strand of the io_context. The proxy's methods may be called from any thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace socai::network {

struct ProxyLink {
    std::string from;  // node name
    std::string to;
    std::uint16_t listen_port = 0;  // on 127.0.0.1; 0: chosen by the system, `list` tells it
    std::string target_host;
    std::uint16_t target_port = 0;
    bool cut = false;
    std::uint32_t delay_ms = 0;
};

// Control protocol: one JSON object a line over TCP on loopback, of at most 4 KiB:
// {"do":"cut","from":"customs-1","to":"most-1"}, {"do":"slow",…,"ms":50},
// {"do":"heal"} (all) or with from/to, {"do":"list"}, {"do":"add","from","to","listen_port","target_port"} (a new
// link, to 127.0.0.1), {"do":"remove","from","to"}; each answered by one line {"ok":true,…} or
// {"ok":false,"detail":…}. cut, slow, heal, add and remove answer with "links", the number of links they changed; heal
// ends slowness too; list answers with "links":
// [{"from","to","listen_port","target_host","target_port","cut",
// "delay_ms","connections","forwarded_bytes","swallowed_bytes"}]. A line that is no JSON object closes the
// connection after its answer (a browser must not be talked into cutting links).
class Proxy {
  public:
    // `io` outlives the proxy.
    Proxy(boost::asio::io_context& io, std::uint16_t control_port, std::vector<ProxyLink> links);
    ~Proxy();  // as stop()
    Proxy(const Proxy&) = delete;
    Proxy& operator=(const Proxy&) = delete;

    // Nothing on success, else a sentence (port in use …). Once.
    std::optional<std::string> start();
    // Idempotent. The ports are closed by the io_context's threads, soon after.
    void stop();
    // The port listened on, after start().
    std::uint16_t control_port() const;

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace socai::network
