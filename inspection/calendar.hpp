// Days and months of the civil calendar in Vietnam, for windows, terms and periods. A term in months begins the day after
// the event and ends with the end of the same day of its last month, or of that month's last day where it has no such day
// (Civil Code 2015, Art 147.2, 148.3). Vietnam keeps UTC+7 all year. Pure; no clock, no locale, no time-zone database.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace socai::inspection {

// A day in Vietnam: days since 1970-01-01.
struct Date {
    std::int32_t days = 0;
    auto operator<=>(const Date&) const = default;
};

// The day in Vietnam on which the instant lies. Precondition: 0 <= time_ms <= ledger::max_time_ms.
Date date_of(std::int64_t time_ms);
// The first instant of the day, in ms since the Unix epoch; before the epoch for the first of January 1970.
std::int64_t start_of(Date date);
// The calendar year in Vietnam.
std::int32_t year_of(Date date);

// "2021-09-27" of the years 1970 to 9999; nothing if malformed, or if there is no such day.
std::optional<Date> parse_date(std::string_view text);
std::string format_date(Date date);

// The last day of a term of `months` that an event on `date` starts. Precondition: 0 <= months <= 1200.
Date last_day_of_term(Date date, std::int32_t months);

}  // namespace socai::inspection
