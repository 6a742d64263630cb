// The body of the genesis record as JSON (ledger/genesis.hpp lists its members), and the lists that a member's part of it
// has too (genesis_part.hpp). Pure; safe from any thread.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "ledger/error.hpp"
#include "ledger/genesis.hpp"
#include "ledger/json_members.hpp"

namespace socai::ledger {

boost::json::object genesis_data(const Genesis& genesis);
// Strict both ways: every member must be there, with its type, and no other. Checks each item by itself and
// against the registry; what holds between items is parse_genesis's. Errors: malformed_genesis with the
// place, and the registry's.
Result<Genesis> parse_genesis_data(const boost::json::value& data);

// One registry has one text: agencies parents first, then by code; keys by kid; delegations by delegate and source.
boost::json::array agencies_json(const Registry& registry);
boost::json::array keys_json(const Registry& registry);
boost::json::array delegations_json(const Registry& registry);
boost::json::object addresses_json(const Consent::Addresses& addresses);
// Read `agencies`, `keys` and `delegations`; `nodes`; an object of addresses, which stands at `place`. Errors: `reason`, and the
// registry's.
Result<void> read_registry(JsonMembers& members, const std::string& reason, Registry& registry);
Result<void> read_nodes(JsonMembers& members, const std::string& reason, std::vector<GenesisNode>& nodes);
Result<Consent::Addresses> read_addresses(const boost::json::value& value, const std::string& reason,
                                          const std::string& place);

}  // namespace socai::ledger
