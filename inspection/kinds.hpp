// The record kinds that the ledger knows (design/domain.md 1) and the rules that admission asks of them.
// Pure.
#pragma once

#include <span>
#include <string_view>

#include "ledger/admission.hpp"

namespace socai::inspection {

// Every kind, e.g. "catalog_item"; sorted.
std::span<const std::string_view> kinds();
bool is_known_kind(std::string_view kind);

// ledger::Rules: for now, the kind is known and its version is 1.
class KindRules : public ledger::Rules {
  public:
    ledger::Result<void> check(const ledger::Record& record) const override;
};

}  // namespace socai::inspection
