// Files of disclosures (ledger/disclosure.hpp): one a line, alone or, as `socai disclosures export` writes it, after source and id
// of its record. They are secrets until they are submitted, and confidential after: written with mode 0600.
#pragma once

#include <string>
#include <vector>

#include "ledger/disclosure.hpp"
#include "node/error.hpp"

namespace socai::node::client {

struct FiledDisclosure {
    std::string source, id;  // empty: the file does not say
    ledger::Disclosure disclosure;
};

// Empty lines are passed over. Errors: read_text_file's; malformed_disclosure, with the line.
Result<std::vector<FiledDisclosure>> read_disclosure_file(const std::string& path);
// Replaces what is there. Error: file_unwritable.
Result<void> write_disclosure_file(const std::string& path, const std::vector<FiledDisclosure>& disclosures);

}  // namespace socai::node::client
