// Accepts connections and starts an HTTP session on each, within the limit on their number.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <optional>
#include <string>

#include "api/server_context.hpp"

namespace socai::api {

// Owned by its pending accept.
class Listener : public std::enable_shared_from_this<Listener> {
  public:
    Listener(boost::asio::io_context& io, std::shared_ptr<ServerContext> context);

    // Nothing on success, else a sentence.
    std::optional<std::string> open();
    void run();    // after open
    void close();  // any thread
    std::uint16_t port() const { return port_; }

  private:
    void accept();
    void on_accept(boost::system::error_code error, boost::asio::ip::tcp::socket&& socket);

    boost::asio::io_context& io_;
    std::shared_ptr<ServerContext> context_;
    boost::asio::ip::tcp::acceptor acceptor_;  // on a strand of its own
    boost::asio::steady_timer pause_;          // on the same strand
    std::uint16_t port_ = 0;
};

}  // namespace socai::api
