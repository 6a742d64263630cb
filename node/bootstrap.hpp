// What a node needs before it opens: the genesis file, checked against the pinned hash, and entry 1 of every
// Raft log, which is the genesis leaf.
#pragma once

#include <string>

#include "consensus/types.hpp"
#include "ledger/admission.hpp"
#include "ledger/genesis.hpp"
#include "node/config.hpp"
#include "node/error.hpp"
#include "node/member.hpp"

namespace socai::node {

struct GenesisFile {
    std::string entry;  // leaf 0's bytes
    ledger::Genesis genesis;
};
// Errors: file_unreadable, genesis_mismatch (another hash than the pinned one), and what parse_genesis
// finds.
Result<GenesisFile> read_genesis(const Config& config);

// Entry 1, the same on every node by construction: term 1, the genesis leaf, and the root of the tree of one
// leaf. Elections start at term 2.
consensus::EntryPtr genesis_log_entry(const std::string& entry);
// Who this node is: from the genesis, or, for one that joined later, from its configuration and its key files.
// Errors: unknown_node, key_mismatch, read_key_file's.
Result<Member> own_membership(const Config& config, const ledger::Genesis& genesis);
// Whom the configuration names that are not in the genesis.
std::vector<Member> contacts_of(const Config& config);

// The genesis as an admitted leaf. Precondition: it was parsed by parse_genesis.
ledger::Admitted admitted_genesis(const std::string& entry);

}  // namespace socai::node
