#include "inspection/engine.hpp"

#include "inspection/activation.hpp"
#include "inspection/alerts/alerts.hpp"
#include "inspection/catalog/bodies.hpp"
#include "inspection/catalog/catalog.hpp"
#include "inspection/catalog/procedures.hpp"
#include "inspection/catalog/working_days.hpp"
#include "inspection/clocks/clocks.hpp"
#include "inspection/confidential/commitments.hpp"
#include "inspection/guards/risk_table.hpp"
#include "inspection/method/exemptions.hpp"
#include "inspection/method/goods_book.hpp"
#include "inspection/oversight/compliance.hpp"
#include "inspection/oversight/enterprise.hpp"
#include "inspection/oversight/exceptions.hpp"
#include "inspection/oversight/signals.hpp"
#include "inspection/shipments/declaration.hpp"
#include "inspection/statistics/figures.hpp"

namespace socai::inspection {
namespace {

using ledger::Coming;
using ledger::FactDraft;
using ledger::Result;

using Part = Result<void> (*)(const Coming&, FactDraft&, const RuleBook&);

// Each looks at the record's kind first: what is not its business costs it nothing.
constexpr Part parts[] = {
    // What others look up: governed tables, lists, bodies, warnings.
    [](const Coming& coming, FactDraft& facts, const RuleBook&) { return take_activation(coming, facts); },
    [](const Coming& coming, FactDraft& facts, const RuleBook&) { return take_commitments(coming, facts); },
    [](const Coming& coming, FactDraft& facts, const RuleBook& rules) { return rules.take(coming, facts); },
    [](const Coming& coming, FactDraft& facts, const RuleBook&) { return take_catalog(coming, facts); },
    [](const Coming& coming, FactDraft& facts, const RuleBook&) { return take_body(coming, facts); },
    [](const Coming& coming, FactDraft& facts, const RuleBook&) { return take_procedure(coming, facts); },
    [](const Coming& coming, FactDraft& facts, const RuleBook&) {
        return take_working_calendar(coming, facts);
    },
    [](const Coming& coming, FactDraft& facts, const RuleBook&) { return take_risk_table(coming, facts); },
    [](const Coming& coming, FactDraft& facts, const RuleBook&) {
        return take_compliance_criteria(coming, facts);
    },
    [](const Coming& coming, FactDraft& facts, const RuleBook&) { return take_alert(coming, facts); },
    [](const Coming& coming, FactDraft& facts, const RuleBook&) { return take_exemption(coming, facts); },
    [](const Coming& coming, FactDraft& facts, const RuleBook&) { return take_risk_signal(coming, facts); },
    // What the goods' own history comes to, and the shipments that rest on it.
    take_goods,
    [](const Coming& coming, FactDraft& facts, const RuleBook& rules) {
        return take_shipment(coming, facts, rules, &compliance_level);
    },
    // What is read off the shipments as they have become.
    [](const Coming& coming, FactDraft& facts, const RuleBook&) { return take_clocks(coming, facts); },
    [](const Coming& coming, FactDraft& facts, const RuleBook&) { return take_enterprise(coming, facts); },
    take_exceptions,
    [](const Coming& coming, FactDraft& facts, const RuleBook&) -> Result<void> {
        take_statistics(coming, facts);
        return {};
    },
};

}  // namespace

Result<void> Engine::take(const Coming& coming, FactDraft& facts) const {
    for (const Part part : parts) {
        if (auto taken = part(coming, facts, rules_); !taken) return taken;
    }
    return {};
}

}  // namespace socai::inspection
