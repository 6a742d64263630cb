// Does what was told fit what a statement commits to? Pure; safe from any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "inspection/kinds.hpp"
#include "ledger/disclosure.hpp"
#include "ledger/statement.hpp"
#include "storage/disclosure_store.hpp"

namespace socai::node {

using DisclosuresByCommitment = std::map<ledger::Hash, ledger::Disclosure>;

// Errors: malformed_disclosure.
ledger::Result<DisclosuresByCommitment> parse_disclosures(const std::vector<std::string>& texts);

bool commits(const ledger::Statement& statement);

// The disclosures of all the commitments of the statement, with the records that they are for: each is told, and the record with
// what they tell in its place keeps schema and rules, as if it had been written in clear. Errors: disclosure_missing,
// malformed_disclosure, the rules' own; Fault::conflict: commitment_known (two records, or one, commit to the same).
ledger::Result<std::vector<storage::ToldFor>> matching(const ledger::Statement& statement,
                                                         const DisclosuresByCommitment& told,
                                                         const inspection::KindRules& rules,
                                                         const ledger::Registry& registry);

}  // namespace socai::node
