// What the border officer asks in one call (inspection.clearance, design/interfaces.md): may the declaration be cleared, on
// which basis or for want of what, with method, draw, channel, risk, alerts, storage, evidence and what to do next.
// For agencies, and for the trader whose tax code the declaration has; anybody else is told nothing (design/domain.md 2).
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "inspection/guards/risk_table.hpp"
#include "inspection/viewer.hpp"

namespace socai::inspection {

struct ClearanceQuestion {
    std::string declaration_no;  // with any amendment digit
    std::int64_t at_ms = 0;      // on which day: alerts and tables in force then
};
// `compliance` as in take_shipment. Nothing: no such declaration, or not for the viewer; callers answer both alike.
std::optional<boost::json::object> clearance_answer(const ledger::Facts& facts, const RuleBook& rules,
                                                    const ClearanceQuestion& question, const Viewer& viewer,
                                                    ComplianceLevel compliance);

// May the viewer see what concerns the importer: an agency, or the importer himself with all dependent units.
bool sees_importer(const Viewer& viewer, std::string_view tax_code);

}  // namespace socai::inspection
