// The policy that counts a ledger's nodes as they stand now, drafted from what a node answers: what the members then vote on
// ("quorum_policy") and one of them writes as a policy leaf (ledger/policy_leaf.hpp). Pure; safe from any thread.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ledger/policy_leaf.hpp"
#include "node/error.hpp"

namespace socai::node::client {

// The consortium's usual policy for `nodes`, after `before`: whose witnesses from outside stay what they were, needed (group
// `outside`) or only named. `threshold`: how many agencies must sign, as consortium_policy() takes it. Precondition: nodes not
// empty.
ledger::Policy policy_for(const std::string& origin, const std::vector<ledger::GenesisNode>& nodes,
                          const ledger::Policy& before, std::optional<std::uint32_t> threshold = std::nullopt);

struct PolicyDraft {
    ledger::PolicyLeaf leaf;
    bool differs = false;  // from the policy in force
};
// From an answer to cluster.members: of its voters those that `counts` says yes to. Errors: bad_answer, no_nodes,
// wrong_use (a threshold that the agencies of the nodes cannot meet).
Result<PolicyDraft> draft_policy(const boost::json::object& members, const std::string& origin,
                                 const std::function<bool(const std::string& node)>& counts,
                                 std::optional<std::uint32_t> threshold = std::nullopt);

}  // namespace socai::node::client
