// Nodes that come and go while a local cluster runs: add, remove, transfer. Each can be interrupted at any point and
// given again: it goes on where it was. Callers hold the folder's lock.
#pragma once

#include <functional>
#include <string>

#include "node/cluster/readiness.hpp"
#include "node/cluster/supervisor.hpp"
#include "node/error.hpp"

namespace socai::node::cluster {

struct AddedNode {
    NodeSettings node;
    bool was_there = false;  // it voted already
};
struct AddManner {
    // Called when the node has its keys, id and configuration, before it starts for the first time, and again by a
    // call that goes on.
    std::function<Result<void>(const NodeSettings&)> prepare = {};
    bool promote = true;  // false: it stays a learner
};
// Makes a node (keys, ports, links), has the cluster take it as a learner, starts it, waits until it has caught up,
// and has it vote. `name` empty: goes on with a node that was begun and does not vote yet, else the next free name of
// `agency`. Errors: those of plan_node (settings.hpp), node_removed, node_ended, not_caught_up, no_leader, the cluster's.
Result<AddedNode> add_node(Supervisor& supervisor, const std::string& agency, const std::string& name,
                           const Surroundings& around, const AddManner& manner = {});

// Has the cluster go on without the node: another leads first if it leads, it is removed from the membership, and
// stopped once nobody needs it any more. Errors: unknown_node, no_majority_left (unless `insist`), last_voter.
Result<void> remove_node(Supervisor& supervisor, const std::string& name, bool insist,
                         const Surroundings& around);

// Has `to`, or whoever is furthest when empty, lead. Gives the leader's name.
Result<std::string> transfer(const Supervisor& supervisor, const std::string& to, const Surroundings& around);

}  // namespace socai::node::cluster
