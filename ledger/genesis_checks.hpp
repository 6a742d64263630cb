// What must hold of a registry that founds a ledger, or of one member's part of it: shared by the genesis and the parts. Pure;
// safe from any thread. Errors: Fault::invalid_statement with `reason`; the sentence names the agency or the key.
#pragma once

#include <string>
#include <vector>

#include "ledger/error.hpp"
#include "ledger/genesis.hpp"
#include "ledger/registry.hpp"

namespace socai::ledger {

// Members have no parent and every other agency stands below one; each member has a root and a registrar key that are valid at
// leaf 0; a trader holds no key and has a parent that may speak for it; whoever may speak for an agency stands below the same
// member; no public key is registered twice.
Result<void> check_founding_registry(const Registry& registry, const std::string& reason);

// As above, and the nodes: as node_list.hpp wants them, numbered 1, 2, 3 in their order.
Result<void> check_founders(const Registry& registry, const std::vector<GenesisNode>& nodes,
                            const std::string& reason);

// Adds `top` and every agency below it to `to`, parents first. Precondition: `to` knows the parent of `top` and none of them.
void copy_branch(const Registry& from, const std::string& top, Registry& to);

// A key of `agency` with this purpose that is valid at leaf 0; the first by kid, null when there is none.
const RegisteredKey* founding_key(const Registry& registry, std::string_view agency, KeyPurpose purpose);

}  // namespace socai::ledger
