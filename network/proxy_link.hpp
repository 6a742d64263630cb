// One directed link of the proxy: its listening port and the connections through it.
//
// Used on the proxy's strand only, but for construction and listen_on_port(), which come before it runs. Kept
// in a shared_ptr.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "network/proxy.hpp"
#include "network/proxy_relay.hpp"
#include "network/stream.hpp"

namespace socai::network {

class ProxiedLink : public std::enable_shared_from_this<ProxiedLink> {
  public:
    ProxiedLink(boost::asio::any_io_executor strand, ProxyLink link);

    // Nothing on success, else a sentence.
    std::optional<std::string> listen_on_port();
    void start();
    void stop();

    const std::string& from() const { return link_.from; }
    const std::string& to() const { return link_.to; }
    void cut();
    void slow(std::uint32_t delay_ms) { condition_->delay_ms = delay_ms; }
    // Neither cut nor slow. Connections that were cut are closed: their bytes are lost, they have to start
    // afresh.
    void heal();

    const ProxyLink& link() const { return link_; }  // listen_port is the real one
    const LinkCondition& condition() const { return *condition_; }
    std::size_t connections() const { return relays_.size(); }

  private:
    boost::asio::awaitable<void> accept_all();
    boost::asio::awaitable<void> relay(std::shared_ptr<ProxyRelay> relay);

    const boost::asio::any_io_executor strand_;
    ProxyLink link_;
    const std::shared_ptr<LinkCondition> condition_;
    Acceptor acceptor_;
    boost::asio::steady_timer pause_;
    std::set<std::shared_ptr<ProxyRelay>> relays_;
};

}  // namespace socai::network
