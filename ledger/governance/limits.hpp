// The ledger's own limits as they stand at a position: what the genesis founded, and what passed proposals over the matter
// "limits" made of it. Pure; threads as ledger/facts.hpp.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "ledger/facts.hpp"
#include "ledger/genesis.hpp"

namespace socai::ledger {

struct LimitRange {
    std::string_view name;
    std::int64_t least = 0, most = 0;
    std::string_view unit;
};
// max_backdate_ms, max_future_ms; sorted by name.
std::span<const LimitRange> limit_ranges();

// The genesis' parameters with the times that are in force.
struct TimeLimits {
    std::int64_t max_future_ms = 0;
    std::int64_t max_backdate_ms = 0;
};
TimeLimits time_limits(const Genesis& genesis, const Facts& facts);
// Errors: Fault::refused: unknown_limit, limit_out_of_range.
Result<void> set_limit(FactDraft& facts, std::string_view name, std::int64_t value);

}  // namespace socai::ledger
