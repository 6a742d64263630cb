// RFC 3339 times to milliseconds and back. Pure: no clock, no locale, no time-zone database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace socai::ledger {

// The last instant that the ledger knows: 9999-12-31T23:59:59.999Z, in ms since the Unix epoch. The first
// is 0.
inline constexpr std::int64_t max_time_ms = 253'402'300'799'999;

// "2021-09-27T10:05:11+07:00" or "...Z" (capital T and Z), optional fraction of 1 to 9 digits (truncated to
// ms). Nothing if malformed, if the date does not exist, at a leap second (:60), or if outside
// 0..max_time_ms.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);
// "2021-09-27T03:05:11.000Z". Precondition: 0 <= time_ms <= max_time_ms.
std::string format_rfc3339(std::int64_t time_ms);

// A day of the Gregorian calendar.
struct CivilDay {
    std::int64_t year = 0;
    std::int64_t month = 0;  // 1 to 12
    std::int64_t day = 0;    // 1 to days_in_month
};
std::int64_t days_in_month(std::int64_t year, std::int64_t month);
// Days from 1970-01-01. Precondition: year >= 0, and there is such a day.
std::int64_t days_since_epoch(const CivilDay& day);
// The reverse. Precondition: days >= 0.
CivilDay civil_day(std::int64_t days);

}  // namespace socai::ledger
