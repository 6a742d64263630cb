// Finds the node that leads a running cluster, and asks it.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "node/cluster/readiness.hpp"
#include "node/cluster/supervisor.hpp"
#include "node/error.hpp"

namespace socai::node::cluster {

// Among the nodes that say so, the one of the highest term; nothing when none does.
std::optional<NodeProcess> find_leader(const Supervisor& supervisor);

// Calls `method` at the leader, again and again while there is none or it is busy, within the patience of `around`.
// Only for calls that may be made twice. Errors: no_leader, interrupted, the method's own.
Result<boost::json::object> ask_leader(const Supervisor& supervisor, std::string_view method,
                                       const boost::json::object& params, const Surroundings& around);

}  // namespace socai::node::cluster
