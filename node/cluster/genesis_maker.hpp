// What a local cluster rests on: keys, leaf 0, the policy, and a configuration for each node. Made once; a
// folder that was left half made is completed, and nothing that is there is ever replaced.
#pragma once

#include <map>
#include <string>

#include "ledger/genesis.hpp"
#include "node/cluster/folder.hpp"
#include "node/cluster/settings.hpp"
#include "node/error.hpp"

namespace socai::node::cluster {

// What `make_materials` found or made.
struct Materials {
    std::string genesis_hash;                        // hex SHA-256 of D/genesis
    std::map<std::string, std::string> record_keys;  // kid -> path
};

// `now_ms`: accepted and signed time of a genesis that is made now. Errors: key_lost (a key of the genesis is
// not in the folder any more), key_mismatch, invalid_genesis, registry_changed, and those of files and keys.
Result<Materials> make_materials(const Folder& folder, const Settings& settings, std::int64_t now_ms);

// The policy that lists every node's log key and asks for no co-signatures (design/interfaces.md: until heads
// are co-signed).
std::string policy_without_quorum(const std::string& origin, const std::vector<ledger::GenesisNode>& nodes);

}  // namespace socai::node::cluster
