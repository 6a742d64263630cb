// Which versions of the rules are in force (design/domain.md 4): of the set of schemas, and of the engine that takes records
// in. An `activation` record puts higher ones in force, from the leaf after its own. A program that has not got them cannot
// tell what the ledger says from there on, and must stop (upgrade_required) instead of going on differently.
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <compare>
#include <cstdint>

#include "ledger/admission.hpp"

namespace socai::inspection {

struct RuleVersions {
    std::uint32_t schema_set = 1;
    std::uint32_t rule_engine = 1;
    bool operator==(const RuleVersions&) const = default;
    // Has everything that `required` asks for.
    bool cover(const RuleVersions& required) const {
        return schema_set >= required.schema_set && rule_engine >= required.rule_engine;
    }
};

// Of this program: the latest that it knows; it knows all before.
inline constexpr RuleVersions program_versions{1, 2};
// What came with which rule engine. Until it is in force a ledger is as it was, for programs of before as for this one.
inline constexpr std::uint32_t confidential_engine = 2;  // confidential/commitments.hpp
inline constexpr std::uint32_t withdrawal_engine = 2;    // ledger/governance/withdrawal.hpp: what remains is voted for

// What a program must have to take in the next leaf; 1 and 1 before any activation.
RuleVersions required_versions(const ledger::Facts& facts);

// Takes `activation` records in. Errors, Fault::refused: activation_backwards (a version lower than the one in force).
ledger::Result<void> take_activation(const ledger::Coming& coming, ledger::FactDraft& facts);

}  // namespace socai::inspection
