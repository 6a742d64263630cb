#include "inspection/catalog/working_days.hpp"

#include <algorithm>

#include "inspection/record_data.hpp"
#include "inspection/records/breach.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view table = "!wd";

const Rule other_year{"calendar.year",
                      "Bộ luật Lao động 45/2019/QH14 Đ112",
                      "a calendar speaks of the days of its own year only",
                      "lịch chỉ nêu các ngày của chính năm đó",
                      ledger::Fault::refused,
                      "day_of_another_year"};
const Rule said_twice{"calendar.day",
                      "Bộ luật Lao động 45/2019/QH14 Đ112",
                      "a day stands once in a calendar: off, or worked instead",
                      "mỗi ngày chỉ ghi một lần trong lịch: nghỉ, hoặc làm bù",
                      ledger::Fault::refused,
                      "day_said_twice"};

struct NamedDay {
    Date day;
    bool works = false;
    std::string source, id;  // of the record that says so
    template <class Codec>
    void members(Codec& codec) {
        codec(day, works, source, id);
    }
};
// Of one year, each day once, in order.
struct YearDays {
    std::vector<NamedDay> days;
    template <class Codec>
    void members(Codec& codec) {
        codec(days);
    }
};

std::string key_of(std::int32_t year) {
    return FactKey(table).number(static_cast<std::uint64_t>(year)).bytes();
}

void lay(const YearDays& year, WorkingCalendar& calendar) {
    for (const NamedDay& each : year.days)
        each.works ? calendar.set_worked(each.day) : calendar.set_off(each.day);
}

ledger::Error refused(const Rule& rule, std::string_view place, std::string_view found) {
    return Breach{&rule, std::string(rule.article), std::string(place), std::string(found), {}}.error();
}

}  // namespace

WorkingCalendar working_calendar(const ledger::Facts& facts) {
    WorkingCalendar calendar;
    facts.scan(FactKey(table), {}, [&](std::string_view, std::string_view value) {
        lay(decode_fact<YearDays>(value), calendar);
        return true;
    });
    return calendar;
}

WorkingCalendar working_calendar(const ledger::Facts& facts, Date from, Date to) {
    WorkingCalendar calendar;
    for (std::int32_t year = year_of(from); year <= year_of(to); ++year)
        if (const auto value = facts.get(key_of(year))) lay(decode_fact<YearDays>(*value), calendar);
    return calendar;
}

ledger::Result<void> take_working_calendar(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const ledger::Record& record = coming.record;
    if (record.kind() != "working_calendar") return {};
    const auto& data = record.data();
    const auto year = static_cast<std::int32_t>(data.at("year").as_int64());
    const auto value = facts.get(key_of(year));
    YearDays known = value ? decode_fact<YearDays>(*value) : YearDays{};
    if (const ledger::Reference* superseded = reference_of(record, "supersedes"))
        std::erase_if(known.days, [&](const NamedDay& each) {
            return each.source == superseded->source && each.id == superseded->id;
        });

    std::vector<NamedDay> said;
    for (const std::string_view list : {"days_off", "worked_instead"}) {
        for (const auto& each : *array_at(data, list)) {
            const Date day = date_at(each.as_object(), "date").value();
            const std::string place = "/data/" + std::string(list);
            if (year_of(day) != year) return refused(other_year, place, format_date(day));
            if (std::ranges::find(said, day, &NamedDay::day) != said.end())
                return refused(said_twice, place, format_date(day));
            said.push_back({day, list == "worked_instead", record.source, record.id});
        }
    }
    for (NamedDay& day : said) {
        std::erase_if(known.days, [&](const NamedDay& each) { return each.day == day.day; });
        known.days.push_back(std::move(day));
    }
    std::ranges::sort(known.days, {}, &NamedDay::day);
    facts.put(key_of(year), encode_fact(known));
    return {};
}

}  // namespace socai::inspection
