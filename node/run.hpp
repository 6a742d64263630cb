// Runs one node until SIGINT or SIGTERM (`socai node run`).
#pragma once

#include "node/config.hpp"
#include "node/error.hpp"

namespace socai::node {

// Blocks. Exit::done after a clean stop; an error when the node could not start or had to stop. Prints one
// line `ready api=URL peer=HOST:PORT` to the log when it serves.
Result<void> run_node(const Config& config);

}  // namespace socai::node
