// Puts members of records out of the leaf: salted commitments in their place, and what they stand for beside (RFC 9901 §4.2).
#pragma once

#include <string>
#include <vector>

#include "inspection/records/record_rules.hpp"
#include "ledger/disclosure.hpp"
#include "node/client/record_file.hpp"

namespace socai::node::client {

struct Concealed {
    std::vector<std::string> records;  // in the order given; unchanged where they had none of the members
    std::vector<ledger::Disclosure> disclosures;
    std::size_t changed = 0;  // records
    std::vector<InputFault> faults;
};
// `fields`: members of data; each must be one that the kind of a record with it may keep confidential. Salts are random: a
// record that was concealed twice has two spellings, of which a ledger takes one.
Concealed conceal(const std::vector<InputRecord>& records, const std::vector<std::string>& fields,
                  const inspection::RecordRules& rules);

}  // namespace socai::node::client
