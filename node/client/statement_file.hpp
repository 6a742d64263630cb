// Files of statements: one a line, as `socai sign` prints them.
#pragma once

#include <string_view>
#include <vector>

#include "node/client/record_file.hpp"
#include "node/client/signing.hpp"

namespace socai::node::client {

struct StatementFile {
    std::vector<SignedStatement> statements;  // in the order of the file
    std::vector<InputFault> faults;           // not_a_statement, no_statements, entry_too_large
};

// Looks only at what would never reach the ledger as a statement; everything else is the ledger's to judge.
StatementFile parse_statement_file(std::string_view text);

}  // namespace socai::node::client
