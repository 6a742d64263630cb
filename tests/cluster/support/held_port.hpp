// A port of this machine that another program has taken: this one.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>

namespace socai::cluster_tests {

class HeldPort {
  public:
    // Throws when it is taken already.
    explicit HeldPort(std::uint16_t port)
        : acceptor_(io_, {boost::asio::ip::address_v4::loopback(), port}, true) {}

  private:
    boost::asio::io_context io_{1};
    boost::asio::ip::tcp::acceptor acceptor_;
};

}  // namespace socai::cluster_tests
