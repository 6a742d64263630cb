#include "ledger/time.hpp"

#include <array>
#include <cassert>

namespace socai::ledger {
namespace {

constexpr std::int64_t ms_per_second = 1000;
constexpr std::int64_t seconds_per_minute = 60;
constexpr std::int64_t seconds_per_hour = 3600;
constexpr std::int64_t seconds_per_day = 86'400;
constexpr std::size_t max_fraction_digits = 9;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_leap_year(std::int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

// Days from 1 January of year 0 (proleptic Gregorian calendar) to 1 January of `year`.
std::int64_t days_before_year(std::int64_t year) {
    const std::int64_t last = year - 1;  // leap days of the years 0..last; year 0 is one
    return year == 0 ? 0 : year * 365 + last / 4 - last / 100 + last / 400 + 1;
}

// Reads fixed fields from the left; once a field does not match, `ok` stays false.
struct Reader {
    std::string_view rest;
    bool ok = true;

    std::int64_t number(std::size_t digits) {
        std::int64_t value = 0;
        if (rest.size() < digits) return fail();
        for (std::size_t i = 0; i < digits; ++i) {
            if (!is_digit(rest[i])) return fail();
            value = value * 10 + (rest[i] - '0');
        }
        rest.remove_prefix(digits);
        return value;
    }

    void literal(char expected) {
        if (rest.empty() || rest.front() != expected) {
            fail();
            return;
        }
        rest.remove_prefix(1);
    }

    // "." and 1 to 9 digits, if a "." is next: milliseconds, truncated.
    std::int64_t fraction_ms() {
        if (rest.empty() || rest.front() != '.') return 0;
        rest.remove_prefix(1);
        std::size_t digits = 0;
        std::int64_t ms = 0;
        for (; digits < rest.size() && is_digit(rest[digits]); ++digits) {
            if (digits < 3) ms = ms * 10 + (rest[digits] - '0');
        }
        if (digits == 0 || digits > max_fraction_digits) return fail();
        for (std::size_t i = digits; i < 3; ++i) ms *= 10;
        rest.remove_prefix(digits);
        return ms;
    }

    // "Z" or "+hh:mm" / "-hh:mm": seconds east of UTC.
    std::int64_t offset_seconds() {
        if (rest.empty()) return fail();
        const char sign = rest.front();
        rest.remove_prefix(1);
        if (sign == 'Z') return 0;
        if (sign != '+' && sign != '-') return fail();
        const std::int64_t hours = number(2);
        literal(':');
        const std::int64_t minutes = number(2);
        if (hours > 23 || minutes > 59) return fail();
        const std::int64_t seconds = hours * seconds_per_hour + minutes * seconds_per_minute;
        return sign == '+' ? seconds : -seconds;
    }

    std::int64_t fail() {
        ok = false;
        return 0;
    }
};

void put_digits(char* at, std::size_t count, std::int64_t value) {
    for (std::size_t i = count; i > 0; --i) {
        at[i - 1] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
}

}  // namespace

std::int64_t days_in_month(std::int64_t year, std::int64_t month) {
    constexpr std::array<std::int64_t, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap_year(year) ? 29 : days[static_cast<std::size_t>(month - 1)];
}

std::int64_t days_since_epoch(const CivilDay& day) {
    std::int64_t days = days_before_year(day.year) - days_before_year(1970) + day.day - 1;
    for (std::int64_t m = 1; m < day.month; ++m) days += days_in_month(day.year, m);
    return days;
}

CivilDay civil_day(std::int64_t days) {
    assert(days >= 0);
    // A year is at most 366 days long, so this never starts too late; a few steps reach the year itself.
    CivilDay civil{1970 + days / 366, 1, 0};
    while (days >= days_since_epoch({civil.year + 1, 1, 1})) ++civil.year;
    days -= days_since_epoch({civil.year, 1, 1});
    for (; days >= days_in_month(civil.year, civil.month); ++civil.month)
        days -= days_in_month(civil.year, civil.month);
    civil.day = days + 1;
    return civil;
}

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
    Reader reader{text};
    const std::int64_t year = reader.number(4);
    reader.literal('-');
    const std::int64_t month = reader.number(2);
    reader.literal('-');
    const std::int64_t day = reader.number(2);
    reader.literal('T');
    const std::int64_t hour = reader.number(2);
    reader.literal(':');
    const std::int64_t minute = reader.number(2);
    reader.literal(':');
    const std::int64_t second = reader.number(2);
    const std::int64_t fraction = reader.fraction_ms();
    const std::int64_t offset = reader.offset_seconds();
    if (!reader.ok || !reader.rest.empty()) return std::nullopt;
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return std::nullopt;
    // Second 60 is refused: milliseconds since the epoch have no leap seconds to map it to.
    if (hour > 23 || minute > 59 || second > 59) return std::nullopt;

    const std::int64_t seconds = days_since_epoch({year, month, day}) * seconds_per_day +
                                 hour * seconds_per_hour + minute * seconds_per_minute + second - offset;
    const std::int64_t time_ms = seconds * ms_per_second + fraction;
    if (time_ms < 0 || time_ms > max_time_ms) return std::nullopt;
    return time_ms;
}

std::string format_rfc3339(std::int64_t time_ms) {
    assert(time_ms >= 0 && time_ms <= max_time_ms);
    std::int64_t rest = time_ms / ms_per_second;
    const CivilDay date = civil_day(rest / seconds_per_day);
    rest %= seconds_per_day;

    std::string text = "0000-00-00T00:00:00.000Z";
    put_digits(&text[0], 4, date.year);
    put_digits(&text[5], 2, date.month);
    put_digits(&text[8], 2, date.day);
    put_digits(&text[11], 2, rest / seconds_per_hour);
    put_digits(&text[14], 2, rest / seconds_per_minute % 60);
    put_digits(&text[17], 2, rest % 60);
    put_digits(&text[20], 3, time_ms % ms_per_second);
    return text;
}

}  // namespace socai::ledger
