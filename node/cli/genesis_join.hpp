// socai genesis join: what one member does on its own machine.
#pragma once

#include "node/cli/command.hpp"

namespace socai::node::cli {

void register_genesis_join(CLI::App& genesis, Chosen& chosen);

}  // namespace socai::node::cli
