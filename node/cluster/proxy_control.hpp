// Talking to a cluster's proxy process, and the disturbances that outlive it (D/run/links.json).
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "network/proxy.hpp"
#include "node/cluster/folder.hpp"
#include "node/cluster/settings.hpp"
#include "node/error.hpp"

namespace socai::node::cluster {

// One directed link that is not as it should be.
struct Disturbance {
    std::string from;
    std::string to;
    bool cut = false;
    std::uint32_t delay_ms = 0;
    bool operator==(const Disturbance&) const = default;
};

// What is to be done to one directed link.
struct LinkOrder {
    enum class What { cut, slow, heal };
    What what = What::heal;
    std::string from;
    std::string to;
    std::uint32_t delay_ms = 0;  // slow: added to every byte's way; 0 ends it

    boost::json::object to_json() const;  // as network/proxy.hpp has it
};
// Notes an order that was carried out: a link may be cut and slowed at once, healing ends both.
void remember(std::vector<Disturbance>& disturbances, const LinkOrder& order);

// Sends one order to the proxy that listens on `port` and gives its answer (network/proxy.hpp). Errors:
// proxy_unreachable, proxy_refused.
Result<boost::json::object> ask_proxy(std::uint16_t port, const boost::json::object& order);

// An absent file: none. A damaged one is an error, links_damaged.
Result<std::vector<Disturbance>> load_disturbances(const Folder& folder);
Result<void> save_disturbances(const Folder& folder, const std::vector<Disturbance>& disturbances);

// What the proxy is to do: every link of the settings, disturbed as remembered.
std::vector<network::ProxyLink> proxy_links(const Settings& settings,
                                            const std::vector<Disturbance>& disturbances);

}  // namespace socai::node::cluster
