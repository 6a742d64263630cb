// The list of goods and their inspection method as of a day, whoever brings them in: inspection.goods (design/interfaces.md).
// Public are goods under exemption, reduced and normal inspection; those under strict inspection are for agencies
// (design/domain.md 2). Pure; threads as ledger/facts.hpp.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "inspection/method/method.hpp"
#include "inspection/method/rule_book.hpp"
#include "inspection/viewer.hpp"

namespace socai::inspection {

// Members that are empty match everything.
struct GoodsQuestion {
    std::string regime;
    std::optional<Method> method;
    std::optional<bool> exempt;
    std::string hs_prefix;
    std::int64_t at_ms = 0;
    std::string cursor;  // next_cursor of the page before; what is none begins anew
    std::size_t limit = 100;
};
// { "items": [{goods_key, goods_name, hs_code, origin_country, brand, model, manufacturer, regime, list_code, rule_set, method,
//   method_for_some, reason, exemption, article, since, last_day, evidence}], "next_cursor": absent on the last page }
// method_for_some: a lighter one that passes have earned for some importers, where the rule set counts by importer; who they
// are is not told. By goods key and regime; of each goods the regimes under which they were registered, that have a rule set in force. A page
// looks at some hundreds of goods at most, so that it may be short, even empty, and go on.
boost::json::object goods_answer(const ledger::Facts& facts, const RuleBook& rules,
                                 const GoodsQuestion& question, const Viewer& viewer);

}  // namespace socai::inspection
