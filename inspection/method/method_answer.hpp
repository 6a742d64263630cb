// Which method applies to goods, why, and what would change it: inspection.method (design/interfaces.md; design/domain.md 5-7).
// The method of goods is public; what it is for one importer, where a rule set counts by importer or an alert is about one,
// only agencies and that importer are told: for others the answer is as if no importer had been named.
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/alert_scope.hpp"
#include "inspection/method/goods_book.hpp"
#include "inspection/method/rule_book.hpp"
#include "inspection/viewer.hpp"

namespace socai::inspection {

struct MethodQuestion {
    KnownGoods goods;
    std::string regime;
    std::string tax_code;                    // of the importer; may be empty
    std::vector<std::string> circumstances;  // as in a registration
    std::int64_t at_ms = 0;                  // when a shipment would be registered
};
// Goods as a registration describes them (`data.goods`), whether the ledger knows them or not. Errors,
// Fault::invalid_statement: goods_field_missing and the others of ledger::goods_key.
ledger::Result<KnownGoods> described_goods(const ledger::Facts& facts, const boost::json::object& goods);

// { goods: {goods_key, name, hs_code, origin_country, brand, model, manufacturer}, regime, tax_code, listed, list_code, agency,
//   rule_set, method, reason, article, since, last_day, by_importer,
//   streak, needed, exemption, notice, evidence, alerts, near_alerts,
//   history: [{method, reason, article, since, last_day, cause, evidence}], next_steps: [{who, what, en, vi, article}] }
// Not listed: method is exempt, for want of a list; listed without a rule set in force: method is null, the regime is
// recorded only. As of at_ms: what took effect later is left out. by_importer: passes count by importer, so that without one
// (or for who may not ask about him) the answer is that of an importer without passes. Members that do not apply are null, and
// so are reason, article, since and last_day of what came about by an alert that the viewer may not see. `what` of a step is the kind of record that it is to write.
boost::json::object method_answer(const ledger::Facts& facts, const RuleBook& rules,
                                  const MethodQuestion& question, const Viewer& viewer);

}  // namespace socai::inspection
