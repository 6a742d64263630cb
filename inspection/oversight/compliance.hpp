// How well an enterprise keeps the law, in five levels, 1 the best (design/domain.md 13; Circular 81/2019 Art 10-16). Criteria
// and thresholds are a `compliance_criteria` record; what they are held against are counts of the enterprise's events
// (enterprise.hpp) in a window of months that ends the day before: levels change at midnight, not during a day.
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/fact_codec.hpp"
#include "ledger/admission.hpp"

namespace socai::inspection {

// What is counted against an enterprise.
enum class Criterion : std::uint8_t {
    minor_violations,
    major_violations,
    safety_violations,
    fail_ppm,  // failed results among those that passed or failed, parts per million
    late_certificates,
    storage_violations,
};
inline constexpr std::size_t criterion_count = 6;
std::string_view word(Criterion criterion);

struct LevelBounds {
    std::int64_t level = 0;                            // 1 to 4
    std::vector<std::optional<std::int64_t>> at_most;  // by criterion; nothing: unbounded
    template <class Codec>
    void members(Codec& codec) {
        codec(level, at_most);
    }
};

struct ComplianceCriteria {
    ledger::Address at;
    std::string source, id;  // of the record
    std::string name;        // "tt81-2019@1"
    Date effective_from;
    std::optional<Date> effective_to;  // included
    std::int64_t window_months = 0;
    std::int64_t min_shipments = 0;   // fewer in the window: not rated
    std::vector<LevelBounds> levels;  // from the best
    bool superseded = false;

    bool in_force_on(Date day) const {
        return !superseded && effective_from <= day && (!effective_to || day <= *effective_to);
    }
    template <class Codec>
    void members(Codec& codec) {
        codec(at, source, id, name, effective_from, effective_to, window_months, min_shipments, levels,
              superseded);
    }
};
// In force on the day: of several the one that came last.
std::optional<ComplianceCriteria> criteria_on(const ledger::Facts& facts, Date day);

// The figures of one enterprise on a day.
struct ComplianceFigures {
    Date first, last;  // of the window, both included
    std::int64_t shipments = 0;
    std::array<std::int64_t, criterion_count> figures{};
};
ComplianceFigures compliance_figures(const ledger::Facts& facts, const ComplianceCriteria& criteria,
                                     std::string_view tax_code, Date day);
// The first level whose every bound the figures keep; 5: of none.
int level_of(const ComplianceCriteria& criteria, const ComplianceFigures& figures);

// 1 to 5. Nothing: no criteria are in force, or too few shipments.
std::optional<int> compliance_level(const ledger::Facts& facts, std::string_view tax_code, Date day);

// Takes `compliance_criteria` records in. Errors, Fault::refused: levels_out_of_order.
ledger::Result<void> take_compliance_criteria(const ledger::Coming& coming, ledger::FactDraft& facts);

}  // namespace socai::inspection
