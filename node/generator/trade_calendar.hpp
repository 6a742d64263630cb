// When trade happens (reference/domain.md §4.2): which days and hours dossiers come on, and which are working time. Times
// are milliseconds since the Unix epoch, whole seconds; days and hours are Vietnam's. Pure; safe from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "inspection/calendar.hpp"
#include "node/generator/zipf.hpp"

namespace socai::node::generator {

inline constexpr std::int64_t second_ms = 1'000;
inline constexpr std::int64_t minute_ms = 60 * second_ms;
inline constexpr std::int64_t hour_ms = 60 * minute_ms;
inline constexpr std::int64_t day_ms = 24 * hour_ms;

// Parts of 1,000 that come in each hour of a day: peaks from 9 to 11 and from 14 to 16.
inline constexpr std::array<std::uint64_t, 24> hour_weights{
    2, 1, 1, 1, 1, 2, 8, 20, 85, 150, 150, 75, 30, 75, 140, 140, 70, 20, 10, 6, 5, 4, 2, 2};

// Public holidays of 2021 and 2022, with the days off in their stead. Other years have weekends only.
bool is_holiday(inspection::Date day);
// The fortnight before the first day off of Tết.
bool is_before_tet(inspection::Date day);
bool is_monday(inspection::Date day);
bool is_working_day(inspection::Date day);

// Dossiers spread over a period. Precondition: from <= to.
class TradeCalendar {
  public:
    TradeCalendar(inspection::Date from, inspection::Date to);

    inspection::Date from() const { return from_; }
    inspection::Date to() const { return to_; }
    // When the `number`th of `count` dossiers comes: they come in order, each in a stretch of the curve of its own.
    std::int64_t time_of(std::uint64_t number, std::uint64_t count, Dice& dice) const;
    // What the curve says, in parts per million of all dossiers.
    std::uint64_t share_of_mondays_ppm() const;
    std::uint64_t share_before_tet_ppm() const;

  private:
    std::uint64_t share_ppm(bool (*counts)(inspection::Date)) const;

    inspection::Date from_, to_;
    Weights hours_;  // of every hour of the period
};

// `minutes` of working time (8 to 12, 13 to 17 on working days) after `time_ms`.
std::int64_t after_working_minutes(std::int64_t time_ms, std::int64_t minutes);

// "2021-09-27T10:05:11+07:00"
std::string time_text(std::int64_t time_ms);

}  // namespace socai::node::generator
