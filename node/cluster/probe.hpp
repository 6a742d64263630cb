// Asks the nodes of a cluster how they are, all at once, so that a node that is paused or dead costs one
// waiting time and not one each.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "node/client/endpoint.hpp"

namespace socai::node::cluster {

struct NodeAnswer {
    bool reached = false;                       // its API answered
    bool ready = false;                         // GET /readyz is 200
    std::string why;                            // when not ready: its own words, or why it was not reached
    std::optional<boost::json::object> status;  // node.status
};

// One answer for each endpoint, an address of this machine, in order. Blocks for `patience` at most.
std::vector<NodeAnswer> probe(const std::vector<client::Endpoint>& endpoints,
                              std::chrono::milliseconds patience);

// Members of a node.status; empty or zero when it does not tell.
std::string role_of(const NodeAnswer& answer);
std::uint64_t figure_of(const NodeAnswer& answer, std::string_view name);

}  // namespace socai::node::cluster
