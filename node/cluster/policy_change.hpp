// The policy follows the membership of a local cluster: a policy leaf that counts exactly the nodes that vote
// (ledger/policy_leaf.hpp), signed by the founder's record key.
#pragma once

#include "node/cluster/readiness.hpp"
#include "node/cluster/supervisor.hpp"
#include "node/error.hpp"

namespace socai::node::cluster {

// Writes the leaf, unless the policy in force says so already, waits until it is final, and writes D/policy anew. A
// ledger whose genesis gives nobody the right `policy` keeps the policy that it has. Errors: those of keys, files and
// ledger.submit.
Result<void> renew_policy(const Supervisor& supervisor, const Surroundings& around);

}  // namespace socai::node::cluster
