// The proxy behind `socai cluster cut | slow | heal`: one listening port for each directed link A->B,
// forwarding to B's peer port. A cut link swallows bytes (as a network that drops them would) until healed,
// when its connections are closed so that they start afresh; a slowed link delays bytes. Needs no privileges.
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
    std::uint16_t listen_port = 0;
    std::string target_host;
    std::uint16_t target_port = 0;
    bool cut = false;
    std::uint32_t delay_ms = 0;
};

// Control protocol: one JSON object a line over TCP on loopback:
// {"do":"cut","from":"customs-1","to":"most-1"}, {"do":"slow",…,"ms":50},
// {"do":"heal"} (all) or with from/to, {"do":"list"}; each answered by one line {"ok":true,…} or
// {"ok":false,"detail":…}.
class Proxy {
  public:
    Proxy(boost::asio::io_context& io, std::uint16_t control_port, std::vector<ProxyLink> links);
    ~Proxy();
    // Nothing on success, else a sentence (port in use …).
    std::optional<std::string> start();
    void stop();
    std::uint16_t control_port() const;

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace socai::network
