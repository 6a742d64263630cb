// inspection.statistics: the figures of a period as of a leaf: counts of agencies' work and of trade as a whole, never of one
// enterprise (design/domain.md 15, interfaces.md). Pure; threads as ledger/facts.hpp.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "inspection/statistics/tally.hpp"
#include "inspection/viewer.hpp"
#include "ledger/error.hpp"

namespace socai::inspection {

enum class Grouping : std::uint8_t { month, quarter, agency, regime };
std::string_view word(Grouping grouping);

struct StatisticsQuestion {
    Period period;                   // days in Vietnam of signed times, both ends included
    std::uint64_t as_of = 0;         // a leaf's index: what stood once that leaf was there
    std::optional<Period> compared;  // another period, as of the same leaf
    std::vector<Grouping> groupings;
};
// From `from`, `to`, `compare_from`, `compare_to` (dates) and `group_by` (none, a grouping, or an array of groupings) of
// `params`; other members are left alone. `last_index` is as_of where `params` name none.
// Errors, Fault::invalid_statement: malformed_period.
ledger::Result<StatisticsQuestion> parse_statistics_question(const boost::json::object& params,
                                                             std::uint64_t last_index);

// {
//   "question": as asked, so that asking it again answers the same,
//   "total": figures,
//   "groups": {"<grouping>": [{"group": "most.qlcl" | "quality" | "2021-09" | "2021Q3", "figures"}]}, sorted,
//   "compared": {"total", "groups"}, where asked for
// }
// Figures are integers by stable name: those of figure.hpp;
// - method.total, result.total and, of their shares and of the passes, "<name>.share_ppm"; method.drawn_of_reduced_ppm
// - exceptions.<kind>
// - time.<step>.count, .total_minutes, .mean_minutes, .within_2h … .within_160h, .over_160h (how many took how long; a
//   length counts in one bucket), .median_within_hours: the bound of the bucket in which the middle one lies; null where
//   there is none, also beyond 160 hours
// - agencies.active, ministries.active: of which anything was counted; single_window.partners: of what they sent
// - stock.*: what there is at the end of the period, counted from the beginning of the ledger: dossiers, enterprises,
//   procedures_testing, _live, _retired, co_form_d_received, _sent, agencies_connected, ministries_connected,
//   single_window_partners
// Those of alerts, violations and exceptions are for agencies, those of ACDD for customs.
// A total names every figure that the viewer may see (of exceptions those that there were). A group names those that are not 0;
// what belongs to no agency or no regime stands in the group "". Groups of time have no stock.
boost::json::object statistics_answer(const ledger::Facts& facts, const StatisticsQuestion& question,
                                      const Viewer& viewer);

}  // namespace socai::inspection
