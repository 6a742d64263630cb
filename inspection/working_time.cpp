#include "inspection/working_time.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace socai::inspection {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int32_t longest_pause_days = 3'660;

// Of one day, in ms since its midnight.
struct Span {
    std::int64_t from;
    std::int64_t to;
};
constexpr std::array<Span, 2> working_spans{{{8 * hour_ms, 12 * hour_ms}, {13 * hour_ms, 17 * hour_ms}}};

Date next(Date day) {
    return {day.days + 1};
}

// The first working day at or after `day`.
std::optional<Date> working_day_from(Date day, const WorkingCalendar& calendar) {
    for (std::int32_t i = 0; i < longest_pause_days; ++i, day = next(day))
        if (calendar.is_working(day)) return day;
    return std::nullopt;
}

std::optional<std::int64_t> end_of(std::optional<Date> day) {
    return day ? std::optional(start_of(next(*day))) : std::nullopt;
}

std::optional<std::int64_t> after_working_hours(std::int64_t start_ms, std::int64_t hours,
                                                const WorkingCalendar& calendar) {
    std::int64_t left = hours * hour_ms;
    std::optional<Date> day = working_day_from(date_of(start_ms), calendar);
    while (day) {
        for (const Span& span : working_spans) {
            const std::int64_t from = std::max(start_ms, start_of(*day) + span.from);
            const std::int64_t to = start_of(*day) + span.to;
            if (from > to || (from == to && left > 0)) continue;
            if (from + left <= to) return from + left;
            left -= to - from;
        }
        day = working_day_from(next(*day), calendar);
    }
    return std::nullopt;
}

std::optional<std::int64_t> after_working_days(std::int64_t start_ms, std::int64_t days,
                                               const WorkingCalendar& calendar) {
    std::optional<Date> day = date_of(start_ms);
    for (std::int64_t i = 0; i < days && day; ++i) day = working_day_from(next(*day), calendar);
    return end_of(day);
}

}  // namespace

bool WorkingCalendar::is_working(Date day) const {
    if (const auto known = working_.find(day); known != working_.end()) return known->second;
    // 1970-01-01 was a Thursday: Saturday and Sunday are the days 2 and 3 after it.
    const std::int32_t weekday = ((day.days % 7) + 7) % 7;
    return weekday != 2 && weekday != 3;
}

std::optional<std::int64_t> due(std::int64_t start_ms, std::int64_t amount, Unit unit,
                                const WorkingCalendar& calendar) {
    assert(amount >= 0 && amount <= 10'000);
    const Date day = date_of(start_ms);
    switch (unit) {
        case Unit::working_hours:
            return after_working_hours(start_ms, amount, calendar);
        case Unit::working_days:
            return after_working_days(start_ms, amount, calendar);
        case Unit::days:
            return end_of(working_day_from({day.days + static_cast<std::int32_t>(amount)}, calendar));
        case Unit::months:
            return end_of(
                working_day_from(last_day_of_term(day, static_cast<std::int32_t>(amount)), calendar));
        case Unit::years:
            return end_of(
                working_day_from(last_day_of_term(day, static_cast<std::int32_t>(12 * amount)), calendar));
    }
    return std::nullopt;
}

std::int64_t working_ms(std::int64_t from_ms, std::int64_t to_ms, const WorkingCalendar& calendar) {
    std::int64_t total = 0;
    for (Date day = date_of(from_ms); start_of(day) < to_ms; day = next(day)) {
        if (!calendar.is_working(day)) continue;
        for (const Span& span : working_spans) {
            const std::int64_t from = std::max(from_ms, start_of(day) + span.from);
            const std::int64_t to = std::min(to_ms, start_of(day) + span.to);
            total += std::max<std::int64_t>(0, to - from);
        }
    }
    return total;
}

}  // namespace socai::inspection
