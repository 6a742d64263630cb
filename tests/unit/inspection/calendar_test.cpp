#include "inspection/calendar.hpp"

#include <gtest/gtest.h>

#include "ledger/time.hpp"

namespace socai::inspection {
namespace {

Date day(std::string_view text) {
    return parse_date(text).value();
}
std::int64_t ms(std::string_view text) {
    return ledger::parse_rfc3339(text).value();
}

TEST(Calendar, ADayBeginsAtMidnightInVietnam) {
    EXPECT_EQ(format_date(date_of(ms("2021-10-06T16:59:59.999Z"))), "2021-10-06");
    EXPECT_EQ(format_date(date_of(ms("2021-10-06T17:00:00Z"))), "2021-10-07");
    EXPECT_EQ(start_of(day("2021-10-07")), ms("2021-10-07T00:00:00+07:00"));
    EXPECT_EQ(format_date(date_of(0)), "1970-01-01");
    EXPECT_EQ(format_date(date_of(ledger::max_time_ms)).substr(0, 5), "10000");
}

TEST(Calendar, TakesOnlyDaysThatThereAre) {
    EXPECT_EQ(format_date(day("2024-02-29")), "2024-02-29");
    for (const char* text : {"2023-02-29", "2021-13-01", "2021-00-10", "2021-1-01", "2021-01-1", "1969-12-31",
                             "", "2021-01-01T", "2021/01/01", "+021-01-01", "2021-01- 1", "2100-02-29"})
        EXPECT_FALSE(parse_date(text)) << text;
}

TEST(Calendar, ATermEndsWithTheSameDayOfItsLastMonth) {
    EXPECT_EQ(format_date(last_day_of_term(day("2021-10-07"), 12)), "2022-10-07");
    EXPECT_EQ(format_date(last_day_of_term(day("2021-01-31"), 1)), "2021-02-28");
    EXPECT_EQ(format_date(last_day_of_term(day("2024-02-29"), 12)), "2025-02-28");
    EXPECT_EQ(format_date(last_day_of_term(day("2024-02-29"), 48)), "2028-02-29");
    EXPECT_EQ(format_date(last_day_of_term(day("2023-02-28"), 12)), "2024-02-28");
    EXPECT_EQ(format_date(last_day_of_term(day("2021-12-31"), 2)), "2022-02-28");
    EXPECT_EQ(format_date(last_day_of_term(day("9999-06-01"), 12)), "9999-12-31");
}

TEST(Calendar, KnowsTheYear) {
    EXPECT_EQ(year_of(date_of(ms("2021-12-31T16:59:59Z"))), 2021);
    EXPECT_EQ(year_of(date_of(ms("2021-12-31T17:00:00Z"))), 2022);
}

}  // namespace
}  // namespace socai::inspection
