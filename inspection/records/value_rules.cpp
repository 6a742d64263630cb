#include "inspection/records/value_rules.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <utility>

#include "inspection/method/rule_set.hpp"
#include "inspection/records/rules.hpp"
#include "inspection/records/tax_code.hpp"
#include "ledger/goods_key.hpp"
#include "ledger/syntax.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

// What makes goods identical: of every rule set so far (data/rule_sets*.jsonl). A rule set that lists others would need a
// version of the kinds that names its keys.
constexpr std::array<std::string_view, 8> goods_fields{"goods_name",   "intended_use",  "hs_code",
                                                       "brand",        "model",         "technical_spec",
                                                       "manufacturer", "origin_country"};

// Terms, written as dates of equal form: the order of the texts is that of the days.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> terms{
    {{"valid_from", "valid_to"},
     {"effective_from", "effective_to"},
     {"effective_from", "expires_at"},
     {"period_from", "period_to"}}};

// One record and what is found wrong with it.
class Values {
  public:
    Values(const ledger::Record& record, std::string_view article, Breaches& breaches)
        : record_(record), data_(record.data()), article_(article), breaches_(breaches) {}

    void check(std::string_view subject) {
        check_subject(subject);
        check_terms();
        check_goods_key();
        check_item_order();
        const std::string_view kind = record_.kind();
        for (const auto& [name, rule] : of_kinds)
            if (name == kind) (this->*rule)();
    }

  private:
    using Check = void (Values::*)();
    static const std::array<std::pair<std::string_view, Check>, 10> of_kinds;

    void add(const Rule& rule, std::string place, std::string_view found = {}, std::string wanted = {}) {
        breaches_.add({&rule, std::string(rule.article.empty() ? article_ : rule.article), std::move(place),
                       found.empty() ? std::string() : ledger::quote(found), std::move(wanted)});
    }

    // Empty when absent or null.
    std::string_view text(std::string_view name) const {
        const json::value* value = data_.if_contains(name);
        return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                      : std::string_view();
    }
    bool has_reference(std::string_view rel) const {
        return std::ranges::find(record_.refs, rel, &ledger::Reference::rel) != record_.refs.end();
    }

    void check_subject(std::string_view name) {
        if (name.empty() || text(name).empty() || record_.subject == text(name)) return;
        add(rules::subject_number, "/subject", record_.subject,
            "data." + std::string(name) + ", " + ledger::quote(text(name)));
    }

    void check_terms() {
        for (const auto& [from, to] : terms)
            if (!text(from).empty() && !text(to).empty() && text(to) < text(from))
                add(rules::term_order, "/data/" + std::string(to), text(to),
                    std::string(text(from)) + " or later");
    }

    void check_goods_key() {
        const json::value* goods = data_.if_contains("goods");
        if (goods == nullptr || !goods->is_object() || text("goods_key").empty()) return;
        const auto key = ledger::goods_key(goods->get_object(), goods_fields);
        if (!key)
            add(rules::goods_key_of_goods, "/data/goods", {}, key.error().detail);
        else if (*key != text("goods_key"))
            add(rules::goods_key_of_goods, "/data/goods_key", text("goods_key"), *key);
    }

    void check_item_order() {
        const json::value* items = data_.if_contains("items");
        if (items == nullptr || !items->is_array()) return;
        std::int64_t last = 0;
        const json::array& list = items->get_array();
        for (std::size_t i = 0; i < list.size(); ++i) {
            const json::object* item = list[i].if_object();
            const json::value* line = item == nullptr ? nullptr : item->if_contains("line");
            if (line == nullptr || !line->is_int64()) continue;
            if (line->get_int64() <= last)
                add(rules::item_order, "/data/items/" + std::to_string(i) + "/line",
                    std::to_string(line->get_int64()), "more than " + std::to_string(last));
            last = std::max(last, line->get_int64());
        }
    }

    void declaration() {
        const std::int64_t version = data_.at("version").get_int64();
        const std::string_view number = text("declaration_no");
        if (number.back() - '0' != version)
            add(rules::declaration_amendment, "/data/version", std::to_string(version),
                std::string(1, number.back()) + ", as " + std::string(number) + " ends");
        else if ((version > 0) != has_reference("supersedes"))
            add(rules::declaration_amendment, "/data/refs", {},
                version > 0 ? "a reference supersedes" : "no reference supersedes");
    }

    // Traders register for themselves; a broker, by whoever's delegation it speaks, names the importer.
    void registration() {
        constexpr std::string_view trader = "importer.";
        const std::string_view source = record_.source;
        const json::object& importer = data_.at("importer").get_object();
        const std::string_view tax_code = importer.at("tax_code").get_string();
        if (source.starts_with(trader) &&
            enterprise_of(source.substr(trader.size())) != enterprise_of(tax_code))
            add(rules::importer_own, "/data/importer/tax_code", tax_code,
                std::string(enterprise_of(source.substr(trader.size()))) + ", as the source");
    }

    void transition() {
        if (text("from") == text("to")) add(rules::transition_change, "/data/to", text("to"));
    }

    void determination() {
        const json::value* drawn = data_.if_contains("random_selected");
        if (drawn != nullptr && drawn->is_bool() && text("method") != "reduced")
            add(rules::draw_only_reduced, "/data/random_selected", drawn->get_bool() ? "true" : "false",
                "null");
    }

    void conformity() {
        if (const json::value* tests = data_.if_contains("tests")) {
            const bool failed = std::ranges::any_of(tests->get_array(), [](const json::value& test) {
                return test.get_object().at("result") == json::value("fail");
            });
            if (failed && text("conclusion") == "conforming")
                add(rules::conclusion_of_tests, "/data/conclusion", text("conclusion"), "non_conforming");
        }
        const bool of_a_lot = text("scheme") == "lot_certification" || text("scheme") == "test_report";
        if (of_a_lot && !has_reference("for"))
            add(rules::certificate_of_lot, "/data/refs", {}, "a reference for an inspection_registration");
        if (text("scheme") == "type_certification" && text("goods_key").empty())
            add(rules::certificate_of_type, "/data/goods_key");
    }

    void result() {
        const bool supersedes = has_reference("supersedes");
        if (supersedes && text("correction_reason").empty())
            add(rules::correction_reason, "/data/correction_reason");
        if (!supersedes && (!text("correction_reason").empty() || text("outcome") == "annulled"))
            add(rules::correction_supersedes, "/data/refs");
    }

    void alert() {
        const std::string_view status = text("status");
        if (status == "lifted" && !has_reference("closes"))
            add(rules::alert_lifting, "/data/refs", {}, "a reference closes an alert");
        if (status == "amended" && !has_reference("supersedes"))
            add(rules::alert_lifting, "/data/refs", {}, "a reference supersedes an alert");
        if (status != "lifted" && has_reference("closes"))
            add(rules::alert_lifting, "/data/status", status, "lifted");
    }

    void clearance() {
        const bool out = text("decision") == "cleared" || text("decision") == "released";
        if (out == text("cleared_at").empty())
            add(rules::clearance_time, "/data/cleared_at", text("cleared_at"),
                out ? "a time" : "null, or nothing");
    }

    void key() {
        const std::string_view kid = text("kid");
        if (kid.substr(0, kid.find('/')) != text("holder"))
            add(rules::key_of_holder, "/data/kid", kid, std::string(text("holder")) + "/…");
    }

    void rule_set() {
        if (!breaches_.empty()) return;  // the same, told already
        if (const auto parsed = parse_rule_set(data_); !parsed)
            add(rules::rule_set_parameters, "/data", {}, parsed.error().detail);
    }

    const ledger::Record& record_;
    const json::object& data_;
    std::string_view article_;
    Breaches& breaches_;
};

const std::array<std::pair<std::string_view, Values::Check>, 10> Values::of_kinds{{
    {"alert", &Values::alert},
    {"clearance_decision", &Values::clearance},
    {"conformity_result", &Values::conformity},
    {"customs_declaration", &Values::declaration},
    {"inspection_registration", &Values::registration},
    {"inspection_result", &Values::result},
    {"key_registration", &Values::key},
    {"method_determination", &Values::determination},
    {"method_transition", &Values::transition},
    {"ruleset", &Values::rule_set},
}};

}  // namespace

void check_values(const ledger::Record& record, std::string_view subject, std::string_view article,
                  Breaches& breaches) {
    Values(record, article, breaches).check(subject);
}

}  // namespace socai::inspection
