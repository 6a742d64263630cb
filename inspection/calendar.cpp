#include "inspection/calendar.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>

#include "ledger/time.hpp"

namespace socai::inspection {
namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t utc_offset_ms = 7 * 3'600'000;
constexpr std::int64_t last_year = 9999;

Date day_number(const ledger::CivilDay& day) {
    return {static_cast<std::int32_t>(ledger::days_since_epoch(day))};
}

// Exactly `text`, digits only.
std::optional<std::int64_t> number(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

Date date_of(std::int64_t time_ms) {
    assert(time_ms >= 0);
    return {static_cast<std::int32_t>((time_ms + utc_offset_ms) / day_ms)};
}

std::int64_t start_of(Date date) {
    return date.days * day_ms - utc_offset_ms;
}

std::int32_t year_of(Date date) {
    return static_cast<std::int32_t>(ledger::civil_day(date.days).year);
}

std::optional<Date> parse_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto year = number(text.substr(0, 4));
    const auto month = number(text.substr(5, 2));
    const auto day = number(text.substr(8, 2));
    if (!year || !month || !day || *year < 1970 || *month < 1 || *month > 12) return std::nullopt;
    if (*day < 1 || *day > ledger::days_in_month(*year, *month)) return std::nullopt;
    return day_number({*year, *month, *day});
}

std::string format_date(Date date) {
    // Days before 1970, as that before the first, are told as the first.
    const ledger::CivilDay parts = ledger::civil_day(std::max(date.days, 0));
    const auto padded = [](std::int64_t value, std::size_t width) {
        const std::string digits = std::to_string(value);
        return std::string(width - std::min(width, digits.size()), '0') + digits;
    };
    return padded(parts.year, 4) + "-" + padded(parts.month, 2) + "-" + padded(parts.day, 2);
}

Date last_day_of_term(Date date, std::int32_t months) {
    assert(months >= 0 && months <= 1200);
    const ledger::CivilDay begin = ledger::civil_day(date.days);
    const std::int64_t total = begin.month - 1 + months;
    ledger::CivilDay end{begin.year + total / 12, total % 12 + 1, begin.day};
    if (end.year > last_year) return day_number({last_year, 12, 31});
    end.day = std::min(end.day, ledger::days_in_month(end.year, end.month));
    return day_number(end);
}

}  // namespace socai::inspection
