// RFC 3339 times to milliseconds and back. Pure: no clock, no locale, no time-zone database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace socai::ledger {

// "2021-09-27T10:05:11+07:00" or "...Z", optional fraction up to 9 digits (truncated to ms). Nothing if
// malformed, if the date does not exist, or if outside years 1970-9999.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);
// "2021-09-27T03:05:11.000Z".
std::string format_rfc3339(std::int64_t time_ms);

}  // namespace socai::ledger
