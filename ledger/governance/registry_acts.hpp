// The acts of a registrar over its own agency and those below it (acts.hpp): agencies, keys, delegations. Pure.
#pragma once

#include "ledger/governance/acts.hpp"
#include "ledger/governance/registry_facts.hpp"

namespace socai::ledger {

Result<void> take_agency_registration(const Act& act, RegistryDraft& draft);
Result<void> take_agency_key(const Act& act, RegistryDraft& draft);
Result<void> take_key_revocation(const Act& act, RegistryDraft& draft);
Result<void> take_delegation(const Act& act, RegistryDraft& draft);

inline constexpr std::size_t max_keys_of_agency = 64;  // that are not ended

// A key as an act or a proposal brings it: {kid, purpose, kty "OKP", crv "Ed25519", x, valid_from, valid_to}; valid_from null:
// from the next leaf on. `index` is that of the leaf. Errors: malformed_act.
Result<RegisteredKey> read_new_key(const boost::json::value& value, std::string place, std::uint64_t index);
// Adds it. Errors: the registry's; Fault::refused: key_in_use (these bytes stand under another kid, or are a node's),
// too_many_keys, trader_key.
Result<void> register_key(const Genesis& genesis, RegisteredKey key, RegistryDraft& draft);
// Does the agency keep a root key that does not end?
bool has_lasting_root(const Registry& registry, std::string_view agency);

}  // namespace socai::ledger
