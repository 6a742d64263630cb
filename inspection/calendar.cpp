#include "inspection/calendar.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <chrono>

namespace socai::inspection {
namespace {

namespace chrono = std::chrono;

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t utc_offset_ms = 7 * 3'600'000;
constexpr std::int32_t last_year = 9999;

chrono::year_month_day civil(Date date) {
    return chrono::year_month_day{chrono::sys_days{chrono::days{date.days}}};
}
Date day_number(const chrono::year_month_day& civil) {
    return {static_cast<std::int32_t>(chrono::sys_days{civil}.time_since_epoch().count())};
}

// Exactly `text`, digits only.
std::optional<unsigned> number(std::string_view text) {
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
    return static_cast<int>(civil(date).year());
}

std::optional<Date> parse_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto year = number(text.substr(0, 4));
    const auto month = number(text.substr(5, 2));
    const auto day = number(text.substr(8, 2));
    if (!year || !month || !day || *year < 1970) return std::nullopt;
    const chrono::year_month_day date{chrono::year(static_cast<int>(*year)), chrono::month(*month),
                                      chrono::day(*day)};
    if (!date.ok()) return std::nullopt;
    return day_number(date);
}

std::string format_date(Date date) {
    const chrono::year_month_day parts = civil(date);
    const auto padded = [](unsigned value, std::size_t width) {
        const std::string digits = std::to_string(value);
        return std::string(width - std::min(width, digits.size()), '0') + digits;
    };
    return padded(static_cast<unsigned>(static_cast<int>(parts.year())), 4) + "-" +
           padded(static_cast<unsigned>(parts.month()), 2) + "-" +
           padded(static_cast<unsigned>(parts.day()), 2);
}

Date last_day_of_term(Date date, std::int32_t months) {
    assert(months >= 0 && months <= 1200);
    chrono::year_month_day end = civil(date) + chrono::months(months);
    if (!end.ok()) end = chrono::year_month_day_last{end.year(), chrono::month_day_last{end.month()}};
    if (end.year() > chrono::year(last_year)) end = chrono::year(last_year) / chrono::December / 31;
    return day_number(end);
}

}  // namespace socai::inspection
