#include "node/generator/trade_calendar.hpp"

#include <algorithm>
#include <cassert>

#include "ledger/time.hpp"

namespace socai::node::generator {
namespace {

using inspection::Date;

struct Days {
    std::int32_t year, month, first, last;
    bool tet = false;
};
// Tết, Hùng Kings, Reunification and Labour Day, National Day, New Year: as the Government gave them off, without weekends
// that are no holidays themselves.
constexpr std::array<Days, 13> holidays{{{2021, 1, 1, 1},
                                         {2021, 2, 10, 16, true},
                                         {2021, 4, 21, 21},
                                         {2021, 4, 30, 30},
                                         {2021, 5, 1, 3},
                                         {2021, 9, 2, 3},
                                         {2022, 1, 1, 3},
                                         {2022, 1, 31, 31, true},
                                         {2022, 2, 1, 4},
                                         {2022, 4, 11, 11},
                                         {2022, 4, 30, 30},
                                         {2022, 5, 1, 3},
                                         {2022, 9, 1, 2}}};
constexpr std::int32_t days_of_rush = 14;

Date date(std::int32_t year, std::int32_t month, std::int32_t day) {
    return {static_cast<std::int32_t>(ledger::days_since_epoch({year, month, day}))};
}
std::int32_t weekday(Date day) {
    return (day.days + 3) % 7;  // 1970-01-01 was a Thursday; 0 is Monday
}

constexpr std::uint64_t ordinary_day = 100;
constexpr std::uint64_t monday = 130;
constexpr std::uint64_t saturday = 12;
constexpr std::uint64_t quiet_day = 6;

// Of a whole day, in hundredths of an ordinary one, times ten.
std::uint64_t day_weight(Date day) {
    const std::int32_t place = weekday(day);
    if (is_holiday(day) || place == 6) return quiet_day * 10;
    if (place == 5) return saturday * 10;
    const std::uint64_t weight = place == 0 ? monday : ordinary_day;
    return is_before_tet(day) ? weight * 25 : weight * 10;
}

std::vector<std::uint64_t> hours_of(Date from, Date to) {
    assert(from <= to);
    std::vector<std::uint64_t> weights;
    for (Date day = from; day <= to; ++day.days)
        for (const std::uint64_t hour : hour_weights) weights.push_back(day_weight(day) * hour);
    return weights;
}

constexpr std::int64_t morning_ms = 8 * hour_ms, noon_ms = 12 * hour_ms, after_noon_ms = 13 * hour_ms,
                       evening_ms = 17 * hour_ms;

}  // namespace

bool is_holiday(Date day) {
    return std::ranges::any_of(holidays, [&](const Days& days) {
        return date(days.year, days.month, days.first) <= day &&
               day <= date(days.year, days.month, days.last);
    });
}

bool is_before_tet(Date day) {
    return std::ranges::any_of(holidays, [&](const Days& days) {
        const Date first = date(days.year, days.month, days.first);
        return days.tet && day < first && day.days >= first.days - days_of_rush;
    });
}

bool is_monday(Date day) {
    return weekday(day) == 0;
}

bool is_working_day(Date day) {
    return weekday(day) < 5 && !is_holiday(day);
}

TradeCalendar::TradeCalendar(Date from, Date to) : from_(from), to_(to), hours_(hours_of(from, to)) {}

std::int64_t TradeCalendar::time_of(std::uint64_t number, std::uint64_t count, Dice& dice) const {
    assert(number < count);
    const std::uint64_t total = hours_.total();
    const auto first = static_cast<std::uint64_t>(static_cast<Wide>(total) * number / count);
    const auto end = static_cast<std::uint64_t>(static_cast<Wide>(total) * (number + 1) / count);
    const std::uint64_t point = first + (end > first ? dice.below(end - first) : 0);
    const std::size_t hour = hours_.find(point);
    // The same stretch of curve is the same stretch of its hour.
    const auto within = static_cast<std::int64_t>(static_cast<Wide>(point - hours_.before(hour)) * 3'600 /
                                                  hours_.weight(hour));
    return inspection::start_of(from_) + static_cast<std::int64_t>(hour) * hour_ms + within * second_ms;
}

std::uint64_t TradeCalendar::share_ppm(bool (*counts)(Date)) const {
    std::uint64_t counted = 0;
    for (std::size_t hour = 0; hour < hours_.count(); ++hour)
        if (counts({from_.days + static_cast<std::int32_t>(hour / 24)})) counted += hours_.weight(hour);
    return static_cast<std::uint64_t>(static_cast<Wide>(counted) * 1'000'000 / hours_.total());
}
std::uint64_t TradeCalendar::share_of_mondays_ppm() const {
    return share_ppm(is_monday);
}
std::uint64_t TradeCalendar::share_before_tet_ppm() const {
    return share_ppm(is_before_tet);
}

std::int64_t after_working_minutes(std::int64_t time_ms, std::int64_t minutes) {
    std::int64_t left = minutes * minute_ms;
    Date day = inspection::date_of(time_ms);
    std::int64_t place = time_ms - inspection::start_of(day);
    for (;; ++day.days, place = 0) {
        if (!is_working_day(day)) continue;
        for (const auto& [open, close] :
             {std::pair(morning_ms, noon_ms), std::pair(after_noon_ms, evening_ms)}) {
            place = std::max(place, open);
            if (place >= close) continue;
            if (left < close - place) return inspection::start_of(day) + place + left;
            left -= close - place;
            place = close;
        }
    }
}

std::string time_text(std::int64_t time_ms) {
    const Date day = inspection::date_of(time_ms);
    const std::int64_t seconds = (time_ms - inspection::start_of(day)) / second_ms;
    std::string text = inspection::format_date(day) + "T00:00:00+07:00";
    const auto put = [&](std::size_t place, std::int64_t number) {
        text[place] = static_cast<char>('0' + number / 10);
        text[place + 1] = static_cast<char>('0' + number % 10);
    };
    put(11, seconds / 3'600);
    put(14, seconds / 60 % 60);
    put(17, seconds % 60);
    return text;
}

}  // namespace socai::node::generator
