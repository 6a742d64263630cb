// The periods that reports are made for, as people name them: 2021Q4, the phases of Decision 38/QĐ-TTg (reference/domain.md
// §3.4: the first phase is reviewed at the end of 2023), 2021-10-01..2021-12-31. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "inspection/statistics/tally.hpp"

namespace socai::inspection {

// "2021Q4", of the years 1970 to 9999.
std::optional<Period> parse_quarter(std::string_view text);
// "1": 2021 to 2023; "2": 2024 to 2026.
std::optional<Period> parse_phase(std::string_view text);
// "2021-10-01..2021-12-31", the first day not after the last; or a quarter.
std::optional<Period> parse_period(std::string_view text);

}  // namespace socai::inspection
