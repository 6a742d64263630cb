// Between two who talk over TCP: passes everything on and keeps it, as whoever captures packets on the way would have it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace socai::cluster_tests {

class WireTap {
  public:
    // Listens on a free port of the loopback for connections to `target` there. Throws when it cannot.
    explicit WireTap(std::uint16_t target);
    ~WireTap();
    WireTap(const WireTap&) = delete;
    WireTap& operator=(const WireTap&) = delete;

    std::uint16_t port() const;
    // Everything so far, of all connections: from those who connected, and back to them.
    std::string sent() const;
    std::string answered() const;

  private:
    class Relay;
    std::shared_ptr<Relay> relay_;
};

}  // namespace socai::cluster_tests
