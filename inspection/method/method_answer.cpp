#include "inspection/method/method_answer.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <utility>

#include "inspection/alerts/alerts.hpp"
#include "inspection/alerts/alerts_answer.hpp"
#include "inspection/answer_text.hpp"
#include "inspection/guards/clearance_answer.hpp"
#include "inspection/method/determination.hpp"
#include "inspection/method/exemptions.hpp"
#include "inspection/record_data.hpp"
#include "ledger/goods_key.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

// As records/value_rules.cpp holds goods_key to.
constexpr std::array<std::string_view, 8> goods_fields{"goods_name",   "intended_use",  "hs_code",
                                                       "brand",        "model",         "technical_spec",
                                                       "manufacturer", "origin_country"};

json::value text_or_null(std::string_view text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
}

json::object told_goods(const KnownGoods& goods) {
    return {{"goods_key", goods.goods_key},
            {"name", text_or_null(goods.goods_name)},
            {"hs_code", text_or_null(goods.hs_code)},
            {"origin_country", text_or_null(goods.origin_country)},
            {"brand", text_or_null(goods.brand)},
            {"model", text_or_null(goods.model)},
            {"manufacturer", text_or_null(goods.manufacturer)}};
}

// What of alerts the viewer may see, and the addresses of those that are to stay unsaid.
struct SeenAlerts {
    json::array full, near;
    std::vector<ledger::Address> hidden;
};
SeenAlerts seen_alerts(const std::vector<MatchedAlert>& alerts, const std::vector<Alert>& ever,
                       const Viewer& viewer) {
    SeenAlerts seen;
    for (const MatchedAlert& each : alerts) {
        if (!may_see(viewer, each.alert)) continue;
        (each.match == AlertMatch::full ? seen.full : seen.near)
            .push_back(
                json::object{{"alert_no", each.alert.alert_no},
                             {"source", each.alert.source},
                             {"level", each.alert.level},
                             {"effect", json::array(each.alert.effect.begin(), each.alert.effect.end())},
                             {"valid_from", format_date(each.alert.valid_from)},
                             {"valid_to", told(each.alert.valid_to)},
                             {"at", ledger::to_string(each.alert.at)}});
    }
    seen.hidden = hidden_alerts(ever, viewer);
    return seen;
}

json::array without(std::vector<ledger::Address> evidence, const std::vector<ledger::Address>& hidden) {
    std::erase_if(evidence, [&](const ledger::Address& at) { return std::ranges::count(hidden, at) != 0; });
    return told(evidence);
}

json::object told_standing(const Standing& standing, const RuleSet& rules,
                           const std::vector<ledger::Address>& hidden) {
    const bool shown = !tells_of(standing, hidden);
    return {{"method", word(standing.method)},
            {"reason", shown ? json::value(word(standing.reason)) : json::value()},
            {"article", shown ? text_or_null(article_of(standing, rules)) : json::value()},
            {"since",
             shown && standing.since_ms > 0 ? json::value(vietnam_time(standing.since_ms)) : json::value()},
            {"last_day", shown ? told(standing.last_day) : json::value()},
            {"cause", shown ? told(standing.cause) : json::value()},
            {"evidence", without(standing.counted, hidden)}};
}

// --- what comes next

struct Step {
    std::string_view what, en, vi, article;
};
constexpr Step declare_exempt{"customs_declaration", "declare the goods and name the exemption",
                              "khai hải quan và nêu căn cứ miễn kiểm tra", "NĐ 85/2019/NĐ-CP Đ24.1.a"};
constexpr Step declare_unlisted{
    "customs_declaration", "declare the goods: no list names them under this regime",
    "khai hải quan: không danh mục nào có hàng hóa này theo chế độ kiểm tra này", "NĐ 85/2019/NĐ-CP Đ21.4"};
constexpr Step declare_reduced{
    "customs_declaration", "declare the goods: the draw says whether this shipment's dossier is checked",
    "khai hải quan: việc chọn ngẫu nhiên cho biết lô hàng có bị kiểm tra hồ sơ hay không",
    "QĐ 38/QĐ-TTg; NĐ 15/2018/NĐ-CP Đ16"};
constexpr Step register_goods{"inspection_registration", "register the shipment for inspection",
                              "đăng ký kiểm tra lô hàng",
                              "NĐ 85/2019/NĐ-CP Đ13; NĐ 132/2008/NĐ-CP Đ7.2; NĐ 15/2018/NĐ-CP Đ18"};
constexpr Step assess{"conformity_result", "have samples taken and assessed by a designated body",
                      "lấy mẫu và đánh giá sự phù hợp tại tổ chức được chỉ định",
                      "NĐ 85/2019/NĐ-CP Đ25.3; NĐ 15/2018/NĐ-CP Đ16"};
constexpr Step inspect_dossier{"inspection_result", "check the dossier and tell the result",
                               "kiểm tra hồ sơ và thông báo kết quả",
                               "Luật Hải quan 54/2014/QH13 Đ35.3; NĐ 85/2019/NĐ-CP Đ25.2"};
constexpr Step inspect_goods{"inspection_result", "check dossier and samples and tell the result",
                             "kiểm tra hồ sơ, mẫu và thông báo kết quả",
                             "Luật Hải quan 54/2014/QH13 Đ35.3; NĐ 85/2019/NĐ-CP Đ25.2"};
constexpr Step no_storage{
    "storage_release", "do not release the goods to the importer's storage while the alert stands",
    "không cho đưa hàng về bảo quản khi cảnh báo còn hiệu lực", "NĐ 85/2019/NĐ-CP Đ27.3"};

std::string_view word_vi(Method method) {
    switch (method) {
        case Method::exempt:
            return "miễn kiểm tra";
        case Method::reduced:
            return "kiểm tra giảm";
        case Method::normal:
            return "kiểm tra thông thường";
        case Method::strict:
            return "kiểm tra chặt";
    }
    return {};
}

class Steps {
  public:
    void add(std::string_view who, const Step& step) { add(who, step.what, step.en, step.vi, step.article); }
    void add(std::string_view who, std::string_view what, std::string_view en, std::string_view vi,
             std::string_view article) {
        steps_.push_back(json::object{
            {"who", who}, {"what", what}, {"en", en}, {"vi", vi}, {"due", nullptr}, {"article", article}});
    }
    json::array take() && { return std::move(steps_); }

  private:
    json::array steps_;
};

json::array next_steps(const Determination& made, const RuleSet* rules, const std::string& tax_code,
                       bool keep_from_storage) {
    const std::string importer = tax_code.empty() ? "importer" : "importer." + tax_code;
    Steps steps;
    if (!made.listed) {
        steps.add(importer, declare_unlisted);
        return std::move(steps).take();
    }
    if (rules == nullptr) {
        steps.add(importer, register_goods);
        return std::move(steps).take();
    }
    if (made.method == Method::exempt) {
        steps.add(importer, declare_exempt);
    } else if (made.method == Method::reduced) {
        steps.add(importer, declare_reduced);
    } else {
        const bool strict = made.method == Method::strict;
        steps.add(importer, register_goods);
        if (strict) steps.add(importer, assess);
        steps.add(made.agency, strict ? inspect_goods : inspect_dossier);
        if (made.streak < made.needed) {
            const std::string left = std::to_string(made.needed - made.streak);
            const Method next = strict ? Method::normal : rules->lightest;
            const Reason earned = strict ? Reason::passes_under_strict : Reason::passes_under_normal;
            steps.add(importer, "inspection_result",
                      left + " more consecutive passes lead to " + std::string(word(next)),
                      "thêm " + left + " lần đạt liên tiếp thì chuyển sang " + std::string(word_vi(next)),
                      rules->article(earned));
        }
    }
    if (keep_from_storage) steps.add("customs", no_storage);
    return std::move(steps).take();
}

}  // namespace

ledger::Result<KnownGoods> described_goods(const ledger::Facts& facts, const json::object& goods) {
    auto key = ledger::goods_key(goods, goods_fields);
    if (!key) return key.error();
    if (auto known = find_goods(facts, *key)) return *std::move(known);
    const Goods told_apart = goods_of(goods, *std::move(key));
    KnownGoods described;
    described.goods_key = told_apart.goods_key;
    described.hs_code = told_apart.hs_code;
    described.origin_country = told_apart.origin_country;
    described.manufacturer_site_id = told_apart.manufacturer_site_id;
    described.goods_name = text_at(goods, "goods_name");
    described.brand = text_at(goods, "brand");
    described.model = text_at(goods, "model");
    if (const auto* manufacturer = object_at(goods, "manufacturer"))
        described.manufacturer = text_at(*manufacturer, "name");
    return described;
}

json::object method_answer(const ledger::Facts& facts, const RuleBook& rules, const MethodQuestion& question,
                           const Viewer& viewer) {
    const Goods goods = question.goods.goods();
    const bool told_of_importer = !question.tax_code.empty() && sees_importer(viewer, question.tax_code);
    const std::string tax_code = told_of_importer ? question.tax_code : std::string();
    ShipmentGoods shipment;
    shipment.goods = goods;
    shipment.regime = question.regime;
    shipment.tax_code = tax_code;
    shipment.circumstances = question.circumstances;
    shipment.time_ms = question.at_ms;
    shipment.then = true;
    const Determination made = determine(facts, rules, shipment);
    const auto set = made.computed() ? rules.find(facts, made.rule_set) : nullptr;
    const auto matched = alerts_then(facts, goods, tax_code, question.at_ms);
    SeenAlerts alerts = seen_alerts(matched, alerts_ever(facts, goods, tax_code, {}), viewer);

    json::object answer{{"goods", told_goods(question.goods)},
                        {"regime", question.regime},
                        {"tax_code", text_or_null(tax_code)},
                        {"listed", made.listed},
                        {"list_code", text_or_null(made.list_code)},
                        {"agency", text_or_null(made.agency)},
                        {"rule_set", text_or_null(made.rule_set)},
                        {"method", made.listed && !set ? json::value() : json::value(word(made.method))},
                        {"reason", nullptr},
                        {"article", text_or_null(made.article)},
                        {"since", nullptr},
                        {"last_day", told(made.last_day)},
                        {"by_importer", set && set->scope == Scope::goods_importer},
                        {"streak", made.streak},
                        {"needed", made.needed},
                        {"exemption", nullptr},
                        {"notice", told(made.notice)},
                        {"evidence", without(made.evidence, alerts.hidden)}};
    json::array history;
    if (set) {
        if (made.exemption.empty()) {
            const Standing standing = standing_then(facts, *set, goods, tax_code, question.at_ms).standing;
            const json::object told_one = told_standing(standing, *set, alerts.hidden);
            for (const char* member : {"reason", "article", "since", "last_day"})
                answer[member] = told_one.at(member);
        } else {
            const ExemptCase* known = exempt_case(made.regime, made.exemption);
            json::object exemption{{"category", made.exemption},
                                   {"en", known != nullptr ? json::value(known->text_en) : json::value()},
                                   {"vi", known != nullptr ? json::value(known->text_vi) : json::value()}};
            answer["exemption"] = made.exemption;
            answer["exemption_case"] = std::move(exemption);
        }
        for (const Standing& standing : standings_of(facts, *set, goods, tax_code))
            if (standing.since_ms <= question.at_ms)
                history.push_back(told_standing(standing, *set, alerts.hidden));
    }
    const bool keep = std::ranges::any_of(matched, [&](const MatchedAlert& each) {
        return each.match == AlertMatch::full && each.alert.has_effect("no_storage_release") &&
               may_see(viewer, each.alert);
    });
    answer["history"] = std::move(history);
    answer["alerts"] = std::move(alerts.full);
    answer["near_alerts"] = std::move(alerts.near);
    answer["next_steps"] = next_steps(made, set.get(), tax_code, keep);
    return answer;
}

}  // namespace socai::inspection
