// Who may read and write what, written down a second time: by hand from reference/domain.md §2.2 and design/domain.md 2, so that
// it shares nothing with the tables of the code. Every test of the rights matrix holds a path to it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/record.hpp"
#include "ledger/registry.hpp"

namespace socai::api::testing {

// W all of it, p some members, - not there.
struct Rights {
    char everybody;
    char trader;         // whose tax code it concerns
    char body;           // a conformity body that it concerns
    char agency;         // agencies and offices but customs
    char customs;        // an office of customs
    const char* writer;  // roles
};

// By kind. Members of the ledger and auditors read everything; whoever wrote a record reads it; a gateway is one of everybody.
const std::map<std::string, Rights, std::less<>>& rights();

// Whom the examples are about, by kind and by what they say.
const std::map<std::string, std::string, std::less<>>& importer_of();

// `roles`: separated by blanks.
bool has_any(const ledger::Agency& agency, std::string_view roles);

// "" for whoever has no account, then every source of the registry.
std::vector<std::string> readers(const ledger::Registry& registry);

// What the reader sees of a record of MatrixLedger: W, p or -.
char expected_sight(const ledger::Registry& registry, std::string_view reader, const ledger::Record& record);

}  // namespace socai::api::testing
