// Running counts that remember every earlier state: what a figure was as of any leaf is one look-up, and nothing is replayed
// (design/domain.md 15). Amounts are of days in Vietnam; a change of a day's counts is a new fact that ends with the leaf's
// index and holds what the day has come to with it, so that the counts as of a leaf are the last fact not after it. Whole
// months are kept likewise: a period is its months and the days at its ends.
//
// What stands last is also kept by series in a small table that nodes hold in memory: records come about in the order of
// their days, so that most of them are counted without a read.
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

#include "inspection/calendar.hpp"
#include "inspection/statistics/figure.hpp"
#include "ledger/facts.hpp"

namespace socai::inspection {

// Figures that records of a kind change together lie on one sheet, so that they are written together.
enum class Sheet : char {
    alerts = 'a',
    certificates = 'c',  // conformity results
    declarations = 'd',
    exceptions = 'e',
    clearances = 'k',
    corrections = 'n',
    procedures = 'p',
    registrations = 'r',
    statuses = 's',
    results = 't',
    violations = 'v',
    single_window = 'w',  // what ASEAN's and others' single windows sent
};
inline constexpr std::array all_sheets{Sheet::alerts,     Sheet::certificates,  Sheet::declarations,
                                       Sheet::exceptions, Sheet::clearances,    Sheet::corrections,
                                       Sheet::procedures, Sheet::registrations, Sheet::statuses,
                                       Sheet::results,    Sheet::violations,    Sheet::single_window};

// Whose counts: texts without NUL, empty where it does not apply.
struct Series {
    Sheet sheet = Sheet::registrations;
    std::string regime;
    std::string agency;
    std::string detail;  // the kind of an exception
    auto operator<=>(const Series&) const = default;
};

// Amounts `differences` on `day` of the series with the leaf `index`, which is not before any counted so far.
void count(ledger::FactDraft& facts, const Series& series, Date day, std::uint64_t index,
           const Amounts& differences);

// What the day had come to with the leaf `as_of`: one look-up.
Amounts counts_on(const ledger::Facts& facts, const Series& series, Date day, std::uint64_t as_of);

struct Period {
    Date from;
    Date to;  // included
    bool operator==(const Period&) const = default;
};
// Months since January 1970.
std::uint32_t month_of(Date day);
Date first_day_of_month(std::uint32_t month);

// Visits what the sheet's series had come to with the leaf `as_of`: each month that the period holds whole and each other day
// of it, where anything was counted; `month` is the month of the row. Two seeks a row.
using VisitCounts = std::function<void(const Series&, std::uint32_t month, const Amounts&)>;
void visit_counts(const ledger::Facts& facts, Sheet sheet, const Period& period, std::uint64_t as_of,
                  const VisitCounts& visit);

}  // namespace socai::inspection
