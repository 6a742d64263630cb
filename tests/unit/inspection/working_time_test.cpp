#include "inspection/working_time.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ledger/time.hpp"

namespace socai::inspection {
namespace {

std::int64_t at(std::string_view local) {
    return ledger::parse_rfc3339(std::string(local) + ":00+07:00").value();
}
std::string due_at(std::string_view start, std::int64_t amount, Unit unit,
                   const WorkingCalendar& calendar = {}) {
    const auto due_ms = due(at(start), amount, unit, calendar);
    if (!due_ms) return "never";
    const std::string utc = ledger::format_rfc3339(*due_ms + 7 * 3'600'000);
    return utc.substr(0, 16);
}
// Tết of the year of the Ox: off from 10 to 16 February 2021.
WorkingCalendar with_tet() {
    WorkingCalendar calendar;
    for (int day = 10; day <= 16; ++day)
        calendar.set_off(parse_date("2021-02-" + std::to_string(day)).value());
    return calendar;
}

TEST(WorkingTime, HoursStopForLunchAndForTheNight) {
    // 27 September 2021 was a Monday.
    EXPECT_EQ(due_at("2021-09-27T09:00", 2, Unit::working_hours), "2021-09-27T11:00");
    EXPECT_EQ(due_at("2021-09-27T11:00", 2, Unit::working_hours), "2021-09-27T14:00");
    EXPECT_EQ(due_at("2021-09-27T12:30", 2, Unit::working_hours), "2021-09-27T15:00");
    EXPECT_EQ(due_at("2021-09-27T16:00", 2, Unit::working_hours), "2021-09-28T09:00");
    EXPECT_EQ(due_at("2021-09-27T20:00", 2, Unit::working_hours), "2021-09-28T10:00");
    EXPECT_EQ(due_at("2021-09-27T08:00", 4, Unit::working_hours), "2021-09-27T12:00");
    EXPECT_EQ(due_at("2021-09-27T08:00", 8, Unit::working_hours), "2021-09-27T17:00");
    EXPECT_EQ(due_at("2021-09-27T17:00", 1, Unit::working_hours), "2021-09-28T09:00");
    EXPECT_EQ(due_at("2021-09-27T10:00", 24, Unit::working_hours), "2021-09-30T10:00");
}

TEST(WorkingTime, WeekendsAreSkipped) {
    EXPECT_EQ(due_at("2021-10-01T16:00", 2, Unit::working_hours), "2021-10-04T09:00");
    EXPECT_EQ(due_at("2021-10-02T10:00", 2, Unit::working_hours), "2021-10-04T10:00");
    EXPECT_EQ(due_at("2021-10-01T09:00", 1, Unit::working_days), "2021-10-05T00:00");
    EXPECT_EQ(due_at("2021-10-02T09:00", 1, Unit::working_days), "2021-10-05T00:00");
    EXPECT_EQ(due_at("2021-09-27T09:00", 2, Unit::working_days), "2021-09-30T00:00");
}

TEST(WorkingTime, TetIsSkippedAndADayMayBeWorkedInstead) {
    WorkingCalendar calendar = with_tet();
    EXPECT_EQ(due_at("2021-02-09T15:00", 4, Unit::working_hours, calendar), "2021-02-17T10:00");
    EXPECT_EQ(due_at("2021-02-09T15:00", 2, Unit::working_days, calendar), "2021-02-19T00:00");
    calendar.set_worked(parse_date("2021-02-06").value());  // a Saturday
    EXPECT_EQ(due_at("2021-02-05T15:00", 1, Unit::working_days, calendar), "2021-02-07T00:00");
    EXPECT_EQ(due_at("2021-02-05T16:00", 2, Unit::working_hours, calendar), "2021-02-06T09:00");
}

TEST(WorkingTime, DaysOfTheCalendarEndOnAWorkingDay) {
    EXPECT_EQ(due_at("2021-09-27T09:00", 3, Unit::days), "2021-10-01T00:00");
    EXPECT_EQ(due_at("2021-09-27T09:00", 5, Unit::days), "2021-10-05T00:00") << "a Saturday: Monday instead";
    EXPECT_EQ(due_at("2021-01-11T09:00", 30, Unit::days, with_tet()), "2021-02-18T00:00");
    EXPECT_EQ(due_at("2021-08-31T09:00", 6, Unit::months), "2022-03-01T00:00");
    EXPECT_EQ(due_at("2024-02-29T09:00", 5, Unit::years), "2029-03-01T00:00");
}

TEST(WorkingTime, ACalendarWithoutWorkNeverComesToAnEnd) {
    WorkingCalendar calendar;
    for (std::int32_t day = 18'000; day < 26'000; ++day) calendar.set_off({day});
    EXPECT_EQ(due_at("2021-09-27T09:00", 1, Unit::working_days, calendar), "never");
    EXPECT_EQ(due_at("2021-09-27T09:00", 1, Unit::working_hours, calendar), "never");
    EXPECT_EQ(due_at("2021-09-27T09:00", 1, Unit::days, calendar), "never");
}

TEST(WorkingTime, CountsWhatLiesBetween) {
    EXPECT_EQ(working_ms(at("2021-09-27T09:00"), at("2021-09-27T14:00"), {}), 4 * 3'600'000);
    EXPECT_EQ(working_ms(at("2021-10-01T16:30"), at("2021-10-04T08:15"), {}), 45 * 60'000);
    EXPECT_EQ(working_ms(at("2021-10-02T00:00"), at("2021-10-03T23:59"), {}), 0);
    EXPECT_EQ(working_ms(at("2021-09-27T14:00"), at("2021-09-27T09:00"), {}), 0);
}

// The limit is where just as much working time has passed.
RC_GTEST_PROP(WorkingTimes, ALimitInHoursIsThatMuchWorkingTime, ()) {
    WorkingCalendar calendar = with_tet();
    const std::int64_t start = at("2021-01-25T00:00") + *rc::gen::inRange<std::int64_t>(0, 40LL * 86'400'000);
    const std::int64_t hours = *rc::gen::inRange<std::int64_t>(1, 60);
    const auto due_ms = due(start, hours, Unit::working_hours, calendar);
    RC_ASSERT(due_ms.has_value());
    RC_ASSERT(working_ms(start, *due_ms, calendar) == hours * 3'600'000);
    RC_ASSERT(working_ms(start, *due_ms - 1, calendar) < hours * 3'600'000);
}

}  // namespace
}  // namespace socai::inspection
