// Working hours and working days of Vietnamese agencies, for the time limits of the law (design/domain.md 12;
// reference/domain.md §3.3). A working day is 8:00 to 12:00 and 13:00 to 17:00 in Vietnam, Monday to Friday, unless the
// calendar says otherwise. Days off and days worked instead are governed data: nothing of a year is built in, for Tết
// follows the moon and the Government moves days off each year. Pure; safe from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "inspection/calendar.hpp"

namespace socai::inspection {

// What differs from Monday to Friday.
class WorkingCalendar {
  public:
    void set_off(Date day) { working_[day] = false; }
    void set_worked(Date day) { working_[day] = true; }
    bool is_working(Date day) const;

  private:
    std::map<Date, bool> working_;
};

enum class Unit : std::uint8_t {
    working_hours,  // of the hours above; a working day has 8
    working_days,  // counted from the day after the event; the limit is the end of the last one (Civil Code 2015, Art 147.2)
    days,    // of the calendar, likewise; where the last is no working day it is the next that is (Art 148.5)
    months,  // likewise
    years,   // likewise
};

// The first instant at which a limit of `amount` units that began at `start_ms` is missed, in ms since the Unix epoch.
// Nothing when the calendar knows no end of it within ten years of days off. Precondition: 0 <= amount <= 10,000, and at
// most 100 years.
std::optional<std::int64_t> due(std::int64_t start_ms, std::int64_t amount, Unit unit,
                                const WorkingCalendar& calendar);

// Working time that lies in [from_ms, to_ms), in ms. At most a hundred years apart.
std::int64_t working_ms(std::int64_t from_ms, std::int64_t to_ms, const WorkingCalendar& calendar);

}  // namespace socai::inspection
