#include "inspection/method/goods_answer.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <utility>
#include <vector>

#include "inspection/alerts/alerts.hpp"
#include "inspection/alerts/alerts_answer.hpp"
#include "inspection/answer_text.hpp"
#include "inspection/method/determination.hpp"
#include "inspection/method/goods_book.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

constexpr std::string_view table = "g";
constexpr std::size_t most_determined = 300;  // goods of a page
constexpr std::size_t most_looked_at = 3000;  // and those that its HS prefix passes over

// "<goods key> <regime>": what the page before ended with.
struct Cursor {
    std::string goods_key, regime;
};
Cursor parse_cursor(const std::string& text) {
    const std::size_t space = text.find(' ');
    if (space == std::string::npos) return {text, {}};
    return {text.substr(0, space), text.substr(space + 1)};
}

struct Looked {
    std::vector<KnownGoods> goods;
    std::string last;  // key of the last one looked at
    bool more = false;
};
Looked look(const ledger::Facts& facts, const GoodsQuestion& question, const Cursor& after) {
    Looked looked;
    std::size_t seen = 0;
    const std::string from =
        after.goods_key.empty() ? std::string() : FactKey(table).text(after.goods_key).bytes();
    facts.scan(FactKey(table), from, [&](std::string_view, std::string_view value) {
        if (looked.goods.size() == most_determined || seen == most_looked_at) {
            looked.more = true;
            return false;
        }
        ++seen;
        auto goods = decode_fact<KnownGoods>(value);
        looked.last = goods.goods_key;
        if (goods.hs_code.starts_with(question.hs_prefix)) looked.goods.push_back(std::move(goods));
        return true;
    });
    return looked;
}

bool meets(const Determination& made, const GoodsQuestion& question, const Viewer& viewer) {
    return made.computed() && (viewer.agency || made.method != Method::strict) &&
           (!question.method || made.method == *question.method) &&
           (!question.exempt || (made.method == Method::exempt) == *question.exempt);
}

json::object told_item(const ledger::Facts& facts, const RuleBook& rules, const KnownGoods& goods,
                       const Determination& made, const Viewer& viewer) {
    std::vector<ledger::Address> evidence = made.evidence;
    const auto hidden = hidden_alerts(alerts_ever(facts, goods.goods(), {}, {}), viewer);
    std::erase_if(evidence, [&](const ledger::Address& at) { return std::ranges::count(hidden, at) != 0; });
    json::value for_some, reason, exemption, since, article = json::value(made.article),
                                                    last_day = told(made.last_day);
    if (made.exemption.empty()) {
        const auto set = rules.find(facts, made.rule_set);
        const auto lightest = lightest_for_some(facts, *set, goods.goods(), made.time_ms);
        if (lightest && lighter(*lightest, made.method)) for_some = word(*lightest);
        const Standing standing = standing_then(facts, *set, goods.goods(), {}, made.time_ms).standing;
        if (tells_of(standing, hidden))
            article = last_day = nullptr;
        else
            reason = word(made.reason);
        if (standing.since_ms > 0 && !tells_of(standing, hidden)) since = vietnam_time(standing.since_ms);
    } else {
        exemption = made.exemption;
    }
    return {{"goods_key", goods.goods_key},
            {"goods_name", goods.goods_name},
            {"hs_code", goods.hs_code},
            {"origin_country", goods.origin_country},
            {"brand", goods.brand},
            {"model", goods.model},
            {"manufacturer", goods.manufacturer},
            {"regime", made.regime},
            {"list_code", made.list_code},
            {"rule_set", made.rule_set},
            {"method", word(made.method)},
            {"method_for_some", std::move(for_some)},
            {"reason", std::move(reason)},
            {"exemption", std::move(exemption)},
            {"article", std::move(article)},
            {"since", std::move(since)},
            {"last_day", std::move(last_day)},
            {"evidence", told(evidence)}};
}

}  // namespace

json::object goods_answer(const ledger::Facts& facts, const RuleBook& rules, const GoodsQuestion& question,
                          const Viewer& viewer) {
    const Cursor after = parse_cursor(question.cursor);
    const Looked looked = look(facts, question, after);
    json::array items;
    std::string last = question.cursor;
    for (const KnownGoods& goods : looked.goods) {
        for (const std::string& regime : goods.regimes) {
            if (goods.goods_key == after.goods_key && regime <= after.regime) continue;
            if (items.size() == question.limit) {
                json::object answer{{"items", std::move(items)}};
                answer["next_cursor"] = last;
                return answer;
            }
            last = goods.goods_key + " " + regime;
            if (!question.regime.empty() && regime != question.regime) continue;
            ShipmentGoods shipment;
            shipment.goods = goods.goods();
            shipment.regime = regime;
            shipment.time_ms = question.at_ms;
            shipment.then = true;
            const Determination made = determine(facts, rules, shipment);
            if (meets(made, question, viewer)) items.push_back(told_item(facts, rules, goods, made, viewer));
        }
    }
    json::object answer{{"items", std::move(items)}};
    // No regime's word begins above a tilde: all of these goods is done.
    if (looked.more) answer["next_cursor"] = looked.last + " ~";
    return answer;
}

}  // namespace socai::inspection
