// socai policy draft | propose | write: the policy of cosignatures follows the nodes that the members voted in and out.
#pragma once

#include <CLI/CLI.hpp>

#include "node/cli/command.hpp"

namespace socai::node::cli {

void register_policy_acts(CLI::App& policy, Chosen& chosen);

}  // namespace socai::node::cli
