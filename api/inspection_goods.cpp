// inspection.method, goods, catalog, procedures, alerts: how goods are inspected, and what is known against them (design/domain.md 2, 5 to 7,
// 11).
#include <string>
#include <utility>

#include "api/inspection_groups.hpp"
#include "api/inspection_question.hpp"
#include "inspection/alerts/alerts_answer.hpp"
#include "inspection/catalog/catalog_answer.hpp"
#include "inspection/catalog/procedures.hpp"
#include "inspection/method/goods_answer.hpp"
#include "inspection/method/method_answer.hpp"
#include "inspection/shipments/under_way.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

// Shipments told of one alert; an alert about a whole chapter may touch many more.
constexpr std::size_t max_touched = 100;
constexpr std::int64_t longest_text = 2'000;

std::string text(const Arguments& arguments, std::string_view name) {
    return std::string(arguments.string(name).value_or(std::string_view()));
}

// data.goods of a registration, from parameters that were checked.
json::object described(const Arguments& goods) {
    json::object object;
    for (const std::string_view name :
         {"goods_name", "intended_use", "hs_code", "brand", "model", "technical_spec", "origin_country"})
        if (const auto value = goods.string(name)) object[name] = *value;
    if (!goods.has("manufacturer")) return object;
    const Arguments manufacturer = goods.object("manufacturer");
    json::object maker;
    for (const std::string_view name : {"name", "country", "site_id"})
        if (const auto value = manufacturer.string(name)) maker[name] = *value;
    object["manufacturer"] = std::move(maker);
    return object;
}

Result<inspection::KnownGoods> goods_asked(const Question& question, const Arguments& arguments) {
    const auto key = arguments.string("goods_key");
    if (key && arguments.has("goods"))
        return invalid_params("exclusive_parameters", "give goods_key or goods, not both");
    if (key) {
        auto known = inspection::find_goods(question.facts(), *key);
        if (known) return *std::move(known);
        return Error{
            Code::not_found, "no_such_goods",
            "no record has described goods with that key; give goods, as a registration describes them"};
    }
    if (!arguments.has("goods")) return invalid_params("missing_parameter", "goods_key or goods is required");
    auto goods = inspection::described_goods(question.facts(), described(arguments.object("goods")));
    if (!goods) return invalid_params(goods.error().reason, goods.error().detail);
    return *std::move(goods);
}

Answer method(Reading& reading, const Arguments& arguments, json::storage_ptr storage) {
    const auto question = question_of(reading, arguments);
    if (!question) return question.error();
    auto goods = goods_asked(*question, arguments);
    if (!goods) return goods.error();
    const inspection::MethodQuestion asked{std::move(*goods), text(arguments, "regime"),
                                           text(arguments, "tax_code"), arguments.strings("circumstances"),
                                           question->at_ms};
    return finished(inspection::method_answer(question->facts(), question->rules(), asked, question->viewer),
                    *question, std::move(storage));
}

Answer goods(Reading& reading, const Arguments& arguments, json::storage_ptr storage) {
    const auto question = question_of(reading, arguments);
    if (!question) return question.error();
    inspection::GoodsQuestion asked;
    asked.regime = text(arguments, "regime");
    if (const auto word = arguments.string("method")) asked.method = inspection::parse_method(*word);
    asked.exempt = arguments.boolean("exempt");
    asked.hs_prefix = text(arguments, "hs_prefix");
    asked.at_ms = question->at_ms;
    asked.cursor = text(arguments, "cursor");
    asked.limit = static_cast<std::size_t>(*arguments.integer("limit"));
    return finished(inspection::goods_answer(question->facts(), question->rules(), asked, question->viewer),
                    *question, std::move(storage));
}

Answer catalog(Reading& reading, const Arguments& arguments, json::storage_ptr storage) {
    const auto question = question_of(reading, arguments);
    if (!question) return question.error();
    const inspection::CatalogQuestion asked{
        text(arguments, "hs_code"),   text(arguments, "hs_prefix"),
        text(arguments, "list_code"), text(arguments, "agency"),
        text(arguments, "regime"),    question->at_ms,
        text(arguments, "cursor"),    static_cast<std::size_t>(*arguments.integer("limit"))};
    return finished(inspection::catalog_answer(question->facts(), asked, question->viewer), *question,
                    std::move(storage));
}

Answer procedures(Reading& reading, const Arguments& arguments, json::storage_ptr storage) {
    const auto question = question_of(reading, arguments);
    if (!question) return question.error();
    const inspection::ProceduresQuestion asked{
        text(arguments, "agency"), inspection::date_of(question->at_ms), text(arguments, "cursor"),
        static_cast<std::size_t>(*arguments.integer("limit"))};
    return finished(inspection::procedures_answer(question->facts(), asked), *question, std::move(storage));
}

// What is under way and meets the alert, fully or nearly.
json::array shipments_of(const ledger::Facts& facts, const inspection::Alert& alert) {
    json::array shipments;
    if (alert.status != inspection::AlertStatus::in_force) return shipments;
    for (const inspection::ShipmentUnderWay& each : inspection::touched_by(facts, alert, max_touched)) {
        const bool declared = !each.declaration_no.empty();
        shipments.push_back(
            {{declared ? "declaration_no" : "dossier_no", declared ? each.declaration_no : each.dossier_no},
             {"match", each.match == inspection::AlertMatch::full ? "full" : "near"},
             {"goods_key", each.goods.goods_key},
             {"hs_code", each.goods.hs_code},
             {"importer_tax_code", each.tax_code},
             {"evidence", json::array{ledger::to_string(each.at)}}});
    }
    return shipments;
}

Answer alerts(Reading& reading, const Arguments& arguments, json::storage_ptr storage) {
    const auto question = question_of(reading, arguments);
    if (!question) return question.error();
    const inspection::AlertsQuestion asked{text(arguments, "alert_no"),
                                           text(arguments, "goods_key"),
                                           text(arguments, "hs_prefix"),
                                           text(arguments, "tax_code"),
                                           question->at_ms,
                                           text(arguments, "cursor"),
                                           static_cast<std::size_t>(*arguments.integer("limit"))};
    const auto touched = [&](const inspection::Alert& alert) {
        return shipments_of(question->facts(), alert);
    };
    return finished(inspection::alerts_answer(question->facts(), asked, question->viewer, touched), *question,
                    std::move(storage));
}

Parameter word(std::string_view name, std::string_view summary, bool required = false) {
    return {.name = name, .summary = summary, .required = required, .min = 1, .max = 256};
}

Parameter described_by(std::string_view name) {
    return {.name = name, .summary = "As in a registration", .min = 1, .max = longest_text};
}

std::vector<Parameter> method_parameters() {
    return {
        goods_key_parameter(),
        {.name = "goods",
         .type = ParameterType::object,
         .summary = "Instead of goods_key: the goods as data.goods of a registration describes them",
         .members = {described_by("goods_name"),
                     described_by("intended_use"),
                     described_by("hs_code"),
                     described_by("brand"),
                     described_by("model"),
                     described_by("technical_spec"),
                     described_by("origin_country"),
                     {.name = "manufacturer",
                      .type = ParameterType::object,
                      .summary = "As in a registration",
                      .members = {described_by("name"), described_by("country"), described_by("site_id")}}}},
        word("regime", "quality, food_safety, or another that a list names", true),
        {.name = "tax_code",
         .type = ParameterType::digits,
         .summary = "The importer; matters where a rule set counts by importer, and to alerts about one",
         .min = 10,
         .max = 13},
        {.name = "circumstances",
         .type = ParameterType::string_list,
         .summary = "Of the import, as a registration names them: they may exempt it",
         .min = 0,
         .max = 16}};
}

std::vector<Parameter> paged(std::vector<Parameter> own) {
    own.push_back(limit_parameter());
    own.push_back(cursor_parameter());
    return own;
}

}  // namespace

std::vector<Method> goods_methods(const Limits& limits) {
    const std::vector<Code> errors{Code::invalid_params, Code::forbidden, Code::unavailable};
    return {
        {"inspection.method",
         "Which method applies to goods that are registered at `at`: exempt, reduced, normal or strict; why, "
         "by which article "
         "and rule set, on which records, what it was before, and what comes next",
         with_dated_inspection_parameters(method_parameters(), limits),
         "MethodOfGoods",
         {Code::invalid_params, Code::forbidden, Code::unavailable, Code::not_found},
         &method},
        {"inspection.goods",
         "Goods and their inspection method, whoever brings them in; those under strict inspection for "
         "agencies only",
         with_dated_inspection_parameters(paged({word("regime", "Under this regime"),
                                                 method_parameter("Under this method"),
                                                 {.name = "exempt",
                                                  .type = ParameterType::boolean,
                                                  .summary = "true: exempt goods alone; false: the others"},
                                                 hs_prefix_parameter()}),
                                          limits),
         "GoodsPage", errors, &goods},
        {"inspection.catalog",
         "The lists of goods under inspection that are in force: by which agency, under which regimes, at "
         "which stage",
         with_dated_inspection_parameters(
             paged({{.name = "hs_code",
                     .type = ParameterType::digits,
                     .summary = "What is about goods of this code, the longest code first",
                     .min = 4,
                     .max = 8},
                    hs_prefix_parameter(),
                    word("list_code", "Of this list, exact"),
                    word("agency", "Inspected by this agency, exact"),
                    word("regime", "Under this regime")}),
             limits),
         "CatalogPage", errors, &catalog},
        {"inspection.procedures",
         "The administrative procedures on the National Single Window, and how far each has come",
         with_dated_inspection_parameters(paged({word("agency", "Of this agency, exact")}), limits),
         "ProcedurePage", errors, &procedures},
        {"inspection.alerts",
         "Alerts in force, and for agencies the shipments under way that they touch; others see what its "
         "issuer published",
         with_dated_inspection_parameters(paged({word("alert_no", "This alert, whatever has become of it"),
                                                 goods_key_parameter(),
                                                 hs_prefix_parameter(),
                                                 {.name = "tax_code",
                                                  .type = ParameterType::digits,
                                                  .summary = "About this importer",
                                                  .min = 10,
                                                  .max = 13}}),
                                          limits),
         "AlertPage", errors, &alerts},
    };
}

}  // namespace socai::api
