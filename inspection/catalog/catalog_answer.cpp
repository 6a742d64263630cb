#include "inspection/catalog/catalog_answer.hpp"

#include <boost/json/array.hpp>
#include <optional>
#include <utility>

#include "inspection/answer_text.hpp"
#include "inspection/catalog/catalog.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

constexpr std::string_view table = "!cat";
constexpr std::size_t most_looked_at = 4000;

std::string_view word(Stage stage) {
    return stage == Stage::before_clearance ? "before_clearance" : "after_clearance";
}

json::value told_level(ManagementLevel level) {
    switch (level) {
        case ManagementLevel::none:
            return nullptr;
        case ManagementLevel::level_1:
            return "level_1";
        case ManagementLevel::level_2:
            return "level_2";
        case ManagementLevel::level_3:
            return "level_3";
    }
    return nullptr;
}

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
}

json::object told_item(const CatalogItem& item) {
    return {{"list_code", item.list_code},
            {"hs_code", item.hs_code},
            {"description", item.description},
            {"regimes", json::array(item.regimes.begin(), item.regimes.end())},
            {"agency", item.agency},
            {"procedure_code", text_or_null(item.procedure_code)},
            {"technical_regulation", text_or_null(item.technical_regulation)},
            {"stage", word(item.stage)},
            {"level", told_level(item.level)},
            {"valid_from", format_date(item.valid_from)},
            {"valid_to", told(item.valid_to)},
            {"source", item.source},
            {"evidence", told(std::vector{item.at})}};
}

bool meets(const CatalogItem& item, const CatalogQuestion& question) {
    return (question.list_code.empty() || item.list_code == question.list_code) &&
           (question.agency.empty() || item.agency == question.agency) &&
           (question.regime.empty() || item.has_regime(question.regime)) &&
           item.hs_code.starts_with(question.hs_prefix);
}

// "95030021@12.3"
std::string cursor_of(const CatalogItem& item) {
    return item.hs_code + "@" + ledger::to_string(item.at);
}
// Where the page after it begins.
std::string key_after(std::string_view cursor) {
    const std::size_t at = cursor.find('@');
    if (at == std::string_view::npos) return {};
    const auto address = ledger::parse_address(cursor.substr(at + 1));
    if (!address) return {};
    return FactKey(table).text(cursor.substr(0, at)).address(*address).bytes() + '\0';
}

}  // namespace

json::object catalog_answer(const ledger::Facts& facts, const CatalogQuestion& question, const Viewer&) {
    const Date day = date_of(question.at_ms);
    json::object answer;
    json::array items;
    if (!question.hs_code.empty()) {
        for (const CatalogItem& item : catalog_items(facts, question.hs_code, day))
            if (meets(item, question)) items.push_back(told_item(item));
        answer["items"] = std::move(items);
        return answer;
    }
    std::optional<std::string> next;
    std::string looked_at_last;
    std::size_t looked_at = 0;
    facts.scan(FactKey(table).beginning(question.hs_prefix), key_after(question.cursor),
               [&](std::string_view, std::string_view value) {
                   if (looked_at == most_looked_at || items.size() == question.limit) {
                       next = looked_at_last;
                       return false;
                   }
                   ++looked_at;
                   const auto item = decode_fact<CatalogItem>(value);
                   looked_at_last = cursor_of(item);
                   if (item.in_force_on(day) && meets(item, question)) items.push_back(told_item(item));
                   return true;
               });
    answer["items"] = std::move(items);
    if (next) answer["next_cursor"] = *next;
    return answer;
}

}  // namespace socai::inspection
