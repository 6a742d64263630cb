// From an account to what it sees: by the roles of its source in the registry, never by the string of a code (design/domain.md
// 2). Pure; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "inspection/viewer.hpp"
#include "ledger/registry.hpp"

namespace socai::inspection {

// Who signed in: by a token, or by something that the connection knows (a client certificate).
struct Account {
    std::string kid;     // the key that vouches for it: it is asked for again at every call
    std::string source;  // whom it speaks for: the key's agency, or a source that has delegated to it
};

// The one place that looks at what a key is for. May its holder sign in with it? With every kind of key of an agency; none adds
// to what the agency sees, for an agency registers its keys itself. Who audits for all has the role "auditor", by vote.
bool may_sign_in(const ledger::RegisteredKey& key);

// The tax code in the code of a trader's source, "importer.9900000016"; nothing: it names none.
std::optional<std::string_view> trader_tax_code(std::string_view source);

// What `source` sees. Of a code that is not registered, and of roles that are not known: what everybody sees, and its own.
Viewer viewer_for(const ledger::Registry& registry, std::string_view source);

// "whole", "agency", "customs", "trader:9900000016", "conformity_body", "own", "public": for people, joined by blanks.
std::string described(const Viewer& viewer);

}  // namespace socai::inspection
