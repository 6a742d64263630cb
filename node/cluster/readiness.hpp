// Waiting until a cluster that was just started serves.
#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include "node/cluster/supervisor.hpp"
#include "node/error.hpp"

namespace socai::node::cluster {

// How a command may be watched and stopped from outside.
struct Surroundings {
    Tell tell;                          // progress, for a person
    std::function<bool()> interrupted;  // asked often; true ends the command early
    std::chrono::milliseconds patience{60'000};
};

// Waits until each of `nodes` (those that are not paused) is ready and one node of the cluster leads. When
// fewer nodes run than make a majority none can be ready: then it waits only until they answer, and tells.
// Errors: node_ended (the end of its log is told), not_ready (why, for each), interrupted.
Result<void> await_ready(const Supervisor& supervisor, const std::vector<NodeProcess>& nodes,
                         const Surroundings& around);

}  // namespace socai::node::cluster
