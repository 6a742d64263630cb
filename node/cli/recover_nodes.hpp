// socai recover survey | plan | entries | open: what is done at a stopped node, on its own machine.
#pragma once

#include "node/cli/command.hpp"

namespace socai::node::cli {

void register_recover_nodes(CLI::App& recover, Chosen& chosen);

}  // namespace socai::node::cli
