// Files of disclosures (ledger/disclosure.hpp): one a line. They are secrets until they are submitted, and confidential after:
// written with mode 0600.
#pragma once

#include <string>
#include <vector>

#include "ledger/disclosure.hpp"
#include "node/error.hpp"

namespace socai::node::client {

// Empty lines are passed over. Errors: read_text_file's; malformed_disclosure, with the line.
Result<std::vector<ledger::Disclosure>> read_disclosure_file(const std::string& path);
// Replaces what is there. Error: file_unwritable.
Result<void> write_disclosure_file(const std::string& path, const std::vector<ledger::Disclosure>& disclosures);

}  // namespace socai::node::client
