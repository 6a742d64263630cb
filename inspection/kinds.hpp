// The record kinds that the ledger knows (design/domain.md 1) and the rules that admission asks of them.
// Pure; safe from any thread.
#pragma once

#include <span>
#include <string_view>

#include "ledger/admission.hpp"

namespace socai::inspection {

// Every kind, e.g. "catalog_item"; sorted. The genesis is none of them: it can only be leaf 0. What a "policy" must be is
// admission's (ledger/policy_leaf.hpp).
std::span<const std::string_view> kinds();
bool is_known_kind(std::string_view kind);

// ledger::Rules: for now, the kind is known and its version is 1.
class KindRules : public ledger::Rules {
  public:
    // Errors: Fault::invalid_statement, unknown_kind or unknown_version.
    ledger::Result<void> check(const ledger::Record& record) const override;
};

}  // namespace socai::inspection
