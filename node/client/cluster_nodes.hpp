// The nodes of a running ledger, from an answer to cluster.members (`socai governance nodes --json` prints one). Pure; safe from
// any thread.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "ledger/genesis.hpp"
#include "node/error.hpp"

namespace socai::node::client {

struct ClusterNode {
    ledger::GenesisNode node;
    std::string role;  // "voter", "learner"; "removed" of one that is still told that it may go
};
// In the answer's order. Errors: bad_answer.
Result<std::vector<ClusterNode>> nodes_in(const boost::json::object& members);

}  // namespace socai::node::client
