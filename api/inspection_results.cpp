// inspection.results: the public list of inspection results (reference/domain.md §2.2 row 12; Decree 85/2019 Art 25.2, 26.1).
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "api/inspection_groups.hpp"
#include "api/inspection_question.hpp"
#include "api/methods.hpp"
#include "api/views.hpp"
#include "inspection/calendar.hpp"
#include "inspection/method/goods_book.hpp"
#include "inspection/shipments/dossier.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

constexpr std::string_view result_type = "vn.socai.inspection_result.v1";
// Pages of the ledger that one call looks at: a filter that few meet answers with a short page and a cursor, not late.
constexpr int max_pages = 32;

// What the ledger knows beside the record itself.
struct Known {
    std::optional<inspection::KnownGoods> goods;
    std::shared_ptr<const inspection::Dossier> dossier;
    bool superseded = false;
};

std::string_view text_member(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return {};
    return {value->get_string().data(), value->get_string().size()};
}

const json::object& data_of(const RecordView& view) {
    static const json::object none;
    const json::value* data = view.record->json.if_contains("data");
    return data != nullptr && data->is_object() ? data->get_object() : none;
}

Known known_of(const ledger::Facts& facts, const RecordView& view) {
    const json::object& data = data_of(view);
    Known known{inspection::find_goods(facts, text_member(data, "goods_key")),
                inspection::find_dossier(facts, text_member(data, "dossier_no"))};
    if (known.dossier) {
        const auto& results = known.dossier->results;
        const auto own =
            std::ranges::find(results, view.address, [](const auto& each) { return each.act.at; });
        known.superseded = own != results.end() && own->superseded;
    }
    return known;
}

// Conditions that no index of the ledger answers.
bool meets(const Arguments& arguments, const RecordView& view, const Known& known) {
    const json::object& data = data_of(view);
    const auto same = [&](std::string_view parameter, std::string_view value) {
        const auto wanted = arguments.string(parameter);
        return !wanted || *wanted == value;
    };
    const auto prefix = arguments.string("hs_prefix");
    return same("outcome", text_member(data, "outcome")) && same("method", text_member(data, "method")) &&
           same("regime", known.dossier ? std::string_view(known.dossier->regime()) : std::string_view()) &&
           (!prefix || (known.goods && known.goods->hs_code.starts_with(*prefix)));
}

json::object goods_json(std::string_view goods_key, const std::optional<inspection::KnownGoods>& known,
                        const json::storage_ptr& storage) {
    json::object goods(storage);
    goods["goods_key"] = goods_key;
    if (!known) return goods;
    goods["name"] = known->goods_name;
    goods["hs_code"] = known->hs_code;
    goods["brand"] = known->brand;
    goods["model"] = known->model;
    goods["origin_country"] = known->origin_country;
    goods["manufacturer"] = known->manufacturer;
    return goods;
}

json::object result_json(const inspection::Viewer& viewer, const RecordView& view, const Known& known,
                         const json::storage_ptr& storage) {
    const json::object& data = data_of(view);
    json::object item(storage);
    item["notice_no"] = text_member(data, "notice_no");
    item["agency"] = view.record->source;
    item["date"] = inspection::format_date(inspection::date_of(view.record->time_ms));
    if (known.dossier) item["regime"] = known.dossier->regime();
    item["method"] = text_member(data, "method");
    item["outcome"] = text_member(data, "outcome");
    item["superseded"] = known.superseded;
    item["goods"] = goods_json(text_member(data, "goods_key"), known.goods, storage);
    // Whose goods they were the law does not publish: the dossier's number leads there.
    const bool own = known.dossier && !viewer.tax_code.empty() && viewer.tax_code == known.dossier->tax_code;
    if (viewer.agency || own) item["dossier_no"] = text_member(data, "dossier_no");
    item["evidence"] = json::array({ledger::to_string(view.address)}, storage);
    return item;
}

Answer results(Reading& reading, const Arguments& arguments, json::storage_ptr storage) {
    const auto viewer = viewer_of(reading, arguments);
    if (!viewer) return viewer.error();
    QueryRequest request;
    request.filter.type = result_type;
    if (const auto agency = arguments.string("agency")) request.filter.source = *agency;
    if (const auto goods_key = arguments.string("goods_key")) request.filter.goods_key = *goods_key;
    request.filter.from_time_ms = arguments.begin_ms("from");
    request.filter.to_time_ms = arguments.until_ms("to");
    if (request.filter.from_time_ms && request.filter.to_time_ms &&
        *request.filter.to_time_ms <= *request.filter.from_time_ms)
        return invalid_params("out_of_range", "to must not be before from");
    request.descending = arguments.string("order") == "desc";
    if (const auto cursor = arguments.string("cursor")) request.cursor = std::string(*cursor);

    const Derived derived = counted_derived(reading);
    const auto limit = static_cast<std::size_t>(*arguments.integer("limit"));
    json::array items(storage);
    // Pages never hold more than is still wanted, so that the last one's cursor goes on where this answer ends.
    for (int pages = 0; items.size() < limit && pages < max_pages && !reading.tired(); ++pages) {
        request.limit = limit - items.size();
        const auto page = reading.backend.query(request);
        if (!page) return page.error();
        reading.work.rows += page->looked_at;
        for (const RecordView& view : page->items) {
            const Known known = known_of(*derived.facts, view);
            if (meets(arguments, view, known)) items.emplace_back(result_json(*viewer, view, known, storage));
        }
        request.cursor = page->next_cursor;
        if (!request.cursor) break;
    }
    json::object answer(storage);
    answer["items"] = std::move(items);
    if (request.cursor) answer["next_cursor"] = *request.cursor;
    return answer;
}

}  // namespace

std::vector<Method> result_methods(const Limits& limits) {
    return {
        {"inspection.results",
         "The public list of inspection results: goods, outcome, method, date, notice and agency",
         with_inspection_parameters(
             {{.name = "regime", .summary = "Of this regime: quality, food_safety, …", .min = 1, .max = 64},
              {.name = "outcome",
               .type = ParameterType::choice,
               .summary = "With this outcome",
               .choices = {"pass", "fail", "label_fail", "incomplete", "annulled"}},
              method_parameter("Found under this method"),
              hs_prefix_parameter(),
              goods_key_parameter(),
              {.name = "agency", .summary = "Of this agency, exact", .min = 1, .max = 64},
              {.name = "from",
               .type = ParameterType::moment,
               .summary = "Signed at or after: a time, or a date in Vietnam"},
              {.name = "to",
               .type = ParameterType::moment,
               .summary = "Signed before that time, or until the end of that date"},
              {.name = "order",
               .type = ParameterType::choice,
               .summary = "By place in the ledger: \"asc\" from the oldest, \"desc\" from the newest",
               .choices = {"asc", "desc"},
               .standard = "asc"},
              limit_parameter(),
              cursor_parameter()},
             limits),
         "ResultPage",
         {Code::invalid_params, Code::forbidden, Code::unavailable},
         &results},
    };
}

}  // namespace socai::api
