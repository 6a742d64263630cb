// What a local cluster rests on: keys, leaf 0, the policy, and a configuration for each node. The genesis is put together
// from a part of every member, as across machines (node/founding); here one machine plays all of them. Made once; a
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
    std::string genesis_hash;                 // hex SHA-256 of D/genesis
    std::map<std::string, std::string> keys;  // of agencies, every purpose: kid -> path
};

// `now_ms`: accepted and signed time of a genesis that is made now. Errors: key_lost (a key of the genesis is
// not in the folder any more), key_mismatch, invalid_genesis, registry_changed, and those of files and keys.
Result<Materials> make_materials(const Folder& folder, const Settings& settings, std::int64_t now_ms);

// The keys of a node that joins, made unless they are there; `raft_id` is that of the settings.
Result<ledger::GenesisNode> make_node_keys(const Folder& folder, const NodeSettings& node);
// Its configuration, made unless it is there. Precondition: it has its raft_id.
Result<void> make_node_config(const Folder& folder, const Settings& settings, const NodeSettings& node);
// Lists the log key in D/policy, so that verifiers take the heads that its node signs.
Result<void> trust_log_key(const Folder& folder, const std::string& origin, const ledger::PublicKey& log_key);
// Tells the configuration of `node` how it reaches `peer`, which joins; and forgets that again, where nobody changed
// what was written. A running node reads it when the membership changes.
Result<void> add_peer_table(const Folder& folder, const std::string& node, const std::string& peer,
                            std::uint16_t port);
Result<void> remove_peer_table(const Folder& folder, const std::string& node, const std::string& peer,
                               std::uint16_t port);

}  // namespace socai::node::cluster
