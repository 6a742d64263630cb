// What happens if a proposal passes: the same change that its last ballot would make, made on a copy and put into sentences.
// For people who vote. Pure; threads as ledger/facts.hpp.
#pragma once

#include <string>
#include <vector>

#include "ledger/governance/matters.hpp"
#include "ledger/governance/proposals.hpp"

namespace socai::ledger {

// As the ledger stands after `size` leaves. In English, one thing a sentence. Errors: why it could not be carried out now.
Result<std::vector<std::string>> consequences(const Context& context, const Registry& registry,
                                              const Facts& facts, const Proposal& proposal,
                                              std::uint64_t size);

}  // namespace socai::ledger
