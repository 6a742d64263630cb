#include "inspection/statistics/tally.hpp"

#include <cassert>
#include <limits>
#include <optional>

#include "inspection/fact_codec.hpp"
#include "ledger/time.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view rows_table = "st";
constexpr std::string_view latest_table = "!st";
constexpr std::size_t span_bytes = 3;  // days and months of the years up to 9999

// The length of time that a row is about.
enum class Length : char { day = 'd', month = 'm' };

// Rows sort by length, sheet, day or month, series, and the leaf that ended them.
FactKey span_key(Length length, Sheet sheet, std::uint32_t span) {
    std::string part{static_cast<char>(length), static_cast<char>(sheet)};
    for (int shift = 16; shift >= 0; shift -= 8) part.push_back(static_cast<char>(span >> shift & 0xff));
    FactKey key(rows_table);
    key.beginning(part);
    return key;
}

FactKey row_key(Length length, const Series& series, std::uint32_t span) {
    FactKey key = span_key(length, series.sheet, span);
    key.text(series.regime).text(series.agency).text(series.detail);
    return key;
}

Amounts counts_at(const ledger::Facts& facts, const FactKey& row, std::uint64_t as_of) {
    constexpr std::uint64_t last_index = std::numeric_limits<std::uint64_t>::max();
    FactKey end = row;
    end.number(as_of == last_index ? last_index : as_of + 1);
    const auto found = facts.last(row, end);
    return found ? decode_fact<Amounts>(found->value) : Amounts();
}

// Of a series, the latest day and the latest month on which anything was counted, and what they have come to.
struct Latest {
    std::uint32_t day = 0;
    Amounts of_day;
    std::uint32_t month = 0;
    Amounts of_month;
    template <class Codec>
    void members(Codec& codec) {
        codec(day, of_day, month, of_month);
    }
};

// Amounts on a row, and brings the latest one up to it. Nothing stands yet on rows after the latest.
void count_row(ledger::FactDraft& facts, const FactKey& row, std::uint32_t span, std::uint64_t index,
               const Amounts& differences, std::uint32_t& latest, Amounts& of_latest) {
    Amounts counts;
    if (span == latest)
        counts = std::move(of_latest);
    else if (span < latest)
        counts = counts_at(facts, row, index);
    gather(counts, differences);
    FactKey key = row;
    facts.put(key.number(index), encode_fact(counts));
    if (span < latest) return;
    latest = span;
    of_latest = std::move(counts);
}

// Visits the rows of the spans from `first` to `last`, skipping from one to the next over the leaves of each.
void visit_rows(const ledger::Facts& facts, Length length, Sheet sheet, std::uint32_t first,
                std::uint32_t last, std::uint64_t as_of,
                const std::function<void(const Series&, std::uint32_t span, const Amounts&)>& visit) {
    const std::string prefix = span_key(length, sheet, 0).bytes().substr(0, rows_table.size() + 3);
    std::string from = span_key(length, sheet, first).bytes();
    while (true) {
        std::string found;
        facts.scan(prefix, from, [&](std::string_view key, std::string_view) {
            found = key;
            return false;
        });
        if (found.empty()) return;
        std::uint32_t span = 0;
        for (std::size_t i = 0; i < span_bytes; ++i)
            span = span << 8 | static_cast<std::uint8_t>(found[prefix.size() + i]);
        if (span > last) return;
        // The reader leaves out a table's name and one byte more.
        FactKeyReader parts(found, std::string_view(found).substr(0, prefix.size() + span_bytes - 1));
        Series series{sheet, parts.text(), parts.text(), parts.text()};
        FactKey row = row_key(length, series, span);
        if (const Amounts counts = counts_at(facts, row, as_of); !counts.empty()) visit(series, span, counts);
        from = row.number(std::numeric_limits<std::uint64_t>::max()).text({}).bytes();
    }
}

}  // namespace

void count(ledger::FactDraft& facts, const Series& series, Date day, std::uint64_t index,
           const Amounts& differences) {
    assert(day.days >= 0);
    if (differences.empty()) return;
    FactKey latest_key(latest_table);
    latest_key.beginning({reinterpret_cast<const char*>(&series.sheet), 1});
    latest_key.text(series.regime).text(series.agency).text(series.detail);
    Latest latest;
    if (const auto stands = facts.get(latest_key)) latest = decode_fact<Latest>(*stands);

    const auto days = static_cast<std::uint32_t>(day.days);
    const std::uint32_t month = month_of(day);
    const bool moves = days >= latest.day || month >= latest.month;
    count_row(facts, row_key(Length::day, series, days), days, index, differences, latest.day, latest.of_day);
    count_row(facts, row_key(Length::month, series, month), month, index, differences, latest.month,
              latest.of_month);
    if (moves) facts.put(latest_key, encode_fact(latest));
}

Amounts counts_on(const ledger::Facts& facts, const Series& series, Date day, std::uint64_t as_of) {
    return counts_at(facts, row_key(Length::day, series, static_cast<std::uint32_t>(day.days)), as_of);
}

std::uint32_t month_of(Date day) {
    const ledger::CivilDay civil = ledger::civil_day(day.days);
    return static_cast<std::uint32_t>((civil.year - 1970) * 12 + civil.month - 1);
}

Date first_day_of_month(std::uint32_t month) {
    return {static_cast<std::int32_t>(ledger::days_since_epoch({1970 + month / 12, month % 12 + 1, 1}))};
}

void visit_counts(const ledger::Facts& facts, Sheet sheet, const Period& period, std::uint64_t as_of,
                  const VisitCounts& visit) {
    if (period.to < period.from || period.to.days < 0) return;
    const Date from{std::max(period.from.days, 0)};
    const auto days = [&](std::int32_t first, std::int32_t last) {
        if (first > last) return;
        visit_rows(facts, Length::day, sheet, static_cast<std::uint32_t>(first),
                   static_cast<std::uint32_t>(last), as_of,
                   [&](const Series& series, std::uint32_t day, const Amounts& counts) {
                       visit(series, month_of({static_cast<std::int32_t>(day)}), counts);
                   });
    };
    // The months from `first` up to `end`, that not included, lie in the period with all their days.
    const bool begins_whole = first_day_of_month(month_of(from)) == from;
    const std::uint32_t first = month_of(from) + (begins_whole ? 0 : 1);
    const std::uint32_t end = month_of({period.to.days + 1});
    if (first >= end) {
        days(from.days, period.to.days);
        return;
    }
    days(from.days, first_day_of_month(first).days - 1);
    visit_rows(facts, Length::month, sheet, first, end - 1, as_of, visit);
    days(first_day_of_month(end).days, period.to.days);
}

}  // namespace socai::inspection
