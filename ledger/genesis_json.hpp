// The body of the genesis record as JSON (ledger/genesis.hpp lists its members). Pure; safe from any thread.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "ledger/error.hpp"
#include "ledger/genesis.hpp"

namespace socai::ledger {

boost::json::object genesis_data(const Genesis& genesis);
// Strict both ways: every member must be there, with its type, and no other. Checks each item by itself and
// against the registry; what holds between items is parse_genesis's. Errors: malformed_genesis with the
// place, and the registry's.
Result<Genesis> parse_genesis_data(const boost::json::value& data);

}  // namespace socai::ledger
