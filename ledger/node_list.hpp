// The list of a ledger's nodes and their keys, as the genesis and the policy leaves spell and check it:
//   nodes [{name, agency, raft_id, log_key, cosigner_key, node_key, tls_key}], raft ids ascending
// Pure; safe from any thread.
#pragma once

#include <boost/json/array.hpp>
#include <string>
#include <vector>

#include "ledger/error.hpp"
#include "ledger/genesis.hpp"
#include "ledger/policy.hpp"

namespace socai::ledger {

boost::json::array nodes_json(const std::vector<GenesisNode>& nodes);
// Reads one element; `reason` and `place` are those of a fault.
Result<GenesisNode> read_node(const boost::json::value& value, const std::string& reason, std::string place);

// 1 to max_genesis_nodes nodes, names unique and well spelt, raft ids ascending from 1 on, keys that are valid points,
// none used twice. Errors: Fault::invalid_statement with `reason`.
Result<void> check_node_list(const std::vector<GenesisNode>& nodes, const std::string& reason);
// The nodes' agencies are members, and no node key is a record key. Errors: Fault::invalid_statement with `reason`.
Result<void> check_nodes_against(const Registry& registry, const std::vector<GenesisNode>& nodes,
                                 const std::string& reason);
// Who a node is, for comparing: SHA-256 of its element in the list. Two of one name are the same node only with one digest.
Hash node_digest(const GenesisNode& node);
// The policy believes exactly the nodes' log keys, under the ledger's own name. Errors: as above.
Result<void> check_policy_logs(const Policy& policy, const std::vector<GenesisNode>& nodes,
                               std::string_view origin, const std::string& reason);

}  // namespace socai::ledger
