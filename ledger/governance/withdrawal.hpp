// The members' votes that the bytes of a leaf go (ledger/remains.hpp). In the facts, of each vote that passed:
//   withdrawal/<index, 20 digits>/<SHA-256 of what remains, hexadecimal>     {legal_basis, at, remains}, as JSON
// Before the rules knew what remains, a vote put `withdrawal/<index>` there; that is carried out only once the members vote
// again, and say what remains.
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/entry.hpp"
#include "ledger/facts.hpp"
#include "ledger/governance/matters.hpp"

namespace socai::ledger {

struct VotedWithdrawal {
    std::uint64_t index = 0;  // of the leaf
    std::string remains;      // the text of what remains
    std::vector<std::string> legal_basis;
    Address at;  // of the record that decided
};

// By leaf, until `visit` answers false. A leaf has more than one where the members voted again because the first vote named
// what does not remain of it: nodes carry out the one that does.
void each_withdrawal(const Facts& facts, const std::function<bool(const VotedWithdrawal&)>& visit);
// The vote that what remains of the leaf has this SHA-256; nothing: there was none.
std::optional<VotedWithdrawal> voted_withdrawal(const Facts& facts, std::uint64_t index, const Hash& remains);
// The first vote by which the leaf's bytes go, whatever is to remain of it; nothing: they stay.
std::optional<VotedWithdrawal> voted_withdrawal(const Facts& facts, std::uint64_t index);
bool is_voted_to_go(const Facts& facts, std::uint64_t index);

// The matter "withdrawal": {index, legal_basis, remains}; without `remains` where Rules::withdraw_bytes says so. Errors:
// malformed_act, malformed_remains; Fault::refused: no_such_leaf, not_withdrawable, no_effect.
Result<void> approve_withdrawal(const Enactment& enactment, RegistryDraft& draft);

}  // namespace socai::ledger
