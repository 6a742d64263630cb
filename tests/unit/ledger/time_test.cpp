#include "ledger/time.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdio>

namespace socai::ledger {
namespace {

constexpr std::int64_t ms_per_day = 86'400'000;

struct Date {
    int year = 1970;
    int month = 1;
    int day = 1;
};

// The naive counter: one day after another from the epoch.
class DayCounter {
  public:
    const Date& date() const { return date_; }
    std::int64_t days() const { return days_; }
    void next() {
        ++days_;
        if (++date_.day <= length()) return;
        date_.day = 1;
        if (++date_.month <= 12) return;
        date_.month = 1;
        ++date_.year;
    }

  private:
    int length() const {
        switch (date_.month) {
            case 4:
            case 6:
            case 9:
            case 11:
                return 30;
            case 2: {
                const bool leap = (date_.year % 4 == 0 && date_.year % 100 != 0) || date_.year % 400 == 0;
                return leap ? 29 : 28;
            }
            default:
                return 31;
        }
    }
    Date date_;
    std::int64_t days_ = 0;
};

TEST(Time, AgreesWithADayCounterOverFourCenturies) {
    char expected[64];
    for (DayCounter counter; counter.date().year < 2401; counter.next()) {
        const Date& date = counter.date();
        std::snprintf(expected, sizeof expected, "%04d-%02d-%02dT12:34:56.789Z", date.year, date.month,
                      date.day);
        const std::int64_t time_ms = counter.days() * ms_per_day + 45'296'789;
        ASSERT_EQ(format_rfc3339(time_ms), expected);
        ASSERT_EQ(parse_rfc3339(expected), time_ms);
    }
}

TEST(Time, ReadsOffsetsAndFractions) {
    const std::int64_t instant = *parse_rfc3339("2021-09-27T03:05:11Z");
    EXPECT_EQ(instant, 1'632'711'911'000);
    EXPECT_EQ(parse_rfc3339("2021-09-27T10:05:11+07:00"), instant);
    EXPECT_EQ(parse_rfc3339("2021-09-26T21:35:11-05:30"), instant);
    EXPECT_EQ(parse_rfc3339("2021-09-27T03:05:11-00:00"), instant);
    EXPECT_EQ(parse_rfc3339("2021-09-27T03:05:11.5Z"), instant + 500);
    EXPECT_EQ(parse_rfc3339("2021-09-27T03:05:11.0429Z"), instant + 42);
    EXPECT_EQ(parse_rfc3339("2021-09-27T03:05:11.999999999Z"), instant + 999);
}

TEST(Time, KnowsItsBounds) {
    EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(parse_rfc3339("1970-01-01T07:00:00+07:00"), 0);
    EXPECT_FALSE(parse_rfc3339("1970-01-01T06:59:59+07:00"));
    EXPECT_FALSE(parse_rfc3339("1969-12-31T23:59:59Z"));
    EXPECT_FALSE(parse_rfc3339("0000-01-01T00:00:00Z"));
    EXPECT_EQ(parse_rfc3339("9999-12-31T23:59:59.999Z"), max_time_ms);
    EXPECT_FALSE(parse_rfc3339("9999-12-31T23:59:59-00:01"));
    EXPECT_EQ(format_rfc3339(max_time_ms), "9999-12-31T23:59:59.999Z");
}

TEST(Time, RefusesWhatIsNotATime) {
    for (const char* text : {"",
                             "2021-09-27",
                             "2021-09-27T10:05:11",
                             "2021-09-27t10:05:11Z",
                             "2021-09-27T10:05:11z",
                             "2021-09-27 10:05:11Z",
                             "2021-9-27T10:05:11Z",
                             "2021-09-27T10:05Z",
                             "2021-09-27T10:05:11+0700",
                             "2021-09-27T10:05:11+07",
                             "2021-09-27T10:05:11+24:00",
                             "2021-09-27T10:05:11+07:60",
                             "2021-09-27T10:05:11.Z",
                             "2021-09-27T10:05:11.1234567890Z",
                             "2021-09-27T10:05:11Z ",
                             " 2021-09-27T10:05:11Z",
                             "2021-02-29T00:00:00Z",
                             "2100-02-29T00:00:00Z",
                             "2021-04-31T00:00:00Z",
                             "2021-00-10T00:00:00Z",
                             "2021-13-10T00:00:00Z",
                             "2021-01-00T00:00:00Z",
                             "2021-01-32T00:00:00Z",
                             "2021-01-01T24:00:00Z",
                             "2021-01-01T00:60:00Z",
                             "2016-12-31T23:59:60Z",
                             "+021-01-01T00:00:00Z",
                             "2021-09-27T10:05:11+-7:00"}) {
        EXPECT_FALSE(parse_rfc3339(text)) << text;
    }
    EXPECT_TRUE(parse_rfc3339("2000-02-29T00:00:00Z"));
}

RC_GTEST_PROP(Time, ComesBackFromItsText, ()) {
    const auto time_ms = *rc::gen::inRange<std::int64_t>(0, max_time_ms + 1);
    RC_ASSERT(parse_rfc3339(format_rfc3339(time_ms)) == time_ms);
}

RC_GTEST_PROP(Time, TakesAnyBytes, (const std::string& bytes)) {
    const auto time_ms = parse_rfc3339(bytes);
    RC_ASSERT(!time_ms || (*time_ms >= 0 && *time_ms <= max_time_ms));
}

}  // namespace
}  // namespace socai::ledger
