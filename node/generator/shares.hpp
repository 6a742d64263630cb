// What was generated, against what the volume model says (reference/domain.md §4.2). Whole numbers: parts per million.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/method/method.hpp"
#include "node/generator/goods.hpp"
#include "node/generator/trade_calendar.hpp"

namespace socai::node::generator {

// Method mix at equilibrium, in a hundred dossiers.
inline constexpr std::array<std::uint64_t, 4> method_percent{0, 70, 25, 5};  // by inspection::Method

// What a run counts as it goes. Of fixed size but for the few names of kinds.
struct Counts {
    std::uint64_t founding = 0;  // lists, procedures, bodies, rule sets, before any dossier
    std::uint64_t records = 0;   // without those
    std::uint64_t dossiers = 0;
    std::map<std::string, std::uint64_t, std::less<>> kinds;  // of records that supersede none
    std::uint64_t corrections = 0;                            // of those that do
    std::array<std::uint64_t, 4> methods{};
    std::vector<std::uint64_t> ministries = std::vector<std::uint64_t>(generator::ministries().size());
    std::vector<std::uint64_t> procedures = std::vector<std::uint64_t>(procedure_count);
    std::uint64_t top_enterprises = 0, many_enterprises = 0;  // of the largest 1 % and 10 % of firms
    std::uint64_t top_goods = 0, many_goods = 0;
    std::array<std::uint64_t, 24> hours{};
    std::uint64_t mondays = 0, before_tet = 0;
    std::uint64_t passes = 0, failures = 0;
    std::uint64_t late_results = 0;  // reached the ledger days after they were signed
    std::uint64_t certificates_of_type = 0;

    std::uint64_t of(std::string_view kind) const {
        const auto found = kinds.find(kind);
        return found == kinds.end() ? 0 : found->second;
    }
};

struct Share {
    std::string what;  // "agency mard", "records: clearance"
    std::string of;    // what it is a part of: "dossiers", "records", "results"
    std::uint64_t model_ppm = 0;
    std::uint64_t measured_ppm = 0;

    std::int64_t off_ppm() const {
        return static_cast<std::int64_t>(measured_ppm) - static_cast<std::int64_t>(model_ppm);
    }
};
// `fail_ppm`: as asked for.
std::vector<Share> shares_of(const Counts& counts, const Cast& cast, const GoodsTable& goods,
                             const TradeCalendar& calendar, std::uint64_t fail_ppm);

}  // namespace socai::node::generator
