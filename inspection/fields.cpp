#include "inspection/fields.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string_view>

#include "ledger/syntax.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

constexpr std::size_t max_hs_digits = 10;

using Values = std::vector<std::string>;

std::optional<std::string> text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    const std::string_view text = value->get_string();
    if (!ledger::is_business_number(text)) return std::nullopt;
    return std::string(text);
}

const json::object* object_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value == nullptr ? nullptr : value->if_object();
}

void add_text(const json::object* object, std::string_view name, Values& values) {
    if (object == nullptr) return;
    if (auto text = text_of(*object, name)) values.push_back(*std::move(text));
}

void add_hs_code(const json::object* object, std::string_view name, Values& values) {
    if (object == nullptr) return;
    auto text = text_of(*object, name);
    if (!text || text->size() > max_hs_digits) return;
    if (std::ranges::all_of(*text, [](char c) { return c >= '0' && c <= '9'; })) {
        values.push_back(*std::move(text));
    }
}

void sort_each_once(Values& values) {
    std::ranges::sort(values);
    const auto repeated = std::ranges::unique(values);
    values.erase(repeated.begin(), repeated.end());
}

bool equals(const std::optional<std::string>& wanted, const std::optional<std::string>& value) {
    return !wanted || wanted == value;
}

bool contains(const std::optional<std::string>& wanted, const Values& values) {
    return !wanted || std::ranges::binary_search(values, *wanted);
}

}  // namespace

Fields fields_of(const ledger::Record& record) {
    const json::object& data = record.data();
    Fields fields;
    fields.type = record.type;
    fields.source = record.source;
    fields.subject = record.subject;
    fields.time_ms = record.time_ms;
    fields.dossier_no = text_of(data, "dossier_no");
    fields.declaration_no = text_of(data, "declaration_no");

    add_text(object_of(data, "importer"), "tax_code", fields.tax_codes);
    add_text(&data, "importer_tax_code", fields.tax_codes);
    add_text(&data, "consignee_tax_code", fields.tax_codes);
    add_text(&data, "tax_code", fields.tax_codes);

    const json::object* scope = object_of(data, "scope");
    add_text(&data, "goods_key", fields.goods_keys);
    add_text(scope, "goods_key", fields.goods_keys);
    add_hs_code(&data, "hs_code", fields.hs_codes);
    add_hs_code(object_of(data, "goods"), "hs_code", fields.hs_codes);
    add_hs_code(scope, "hs_prefix", fields.hs_codes);

    const json::value* items = data.if_contains("items");
    if (items != nullptr && items->is_array()) {
        for (const json::value& item : items->get_array()) {
            add_text(item.if_object(), "goods_key", fields.goods_keys);
            add_hs_code(item.if_object(), "hs_code", fields.hs_codes);
        }
    }
    sort_each_once(fields.tax_codes);
    sort_each_once(fields.goods_keys);
    sort_each_once(fields.hs_codes);
    return fields;
}

bool Filter::empty() const {
    return !type && !source && !subject && !dossier_no && !declaration_no && !hs_prefix && !tax_code &&
           !goods_key && !from_time_ms && !to_time_ms;
}

bool matches(const Filter& filter, const Fields& fields) {
    if (filter.from_time_ms && fields.time_ms < *filter.from_time_ms) return false;
    if (filter.to_time_ms && fields.time_ms >= *filter.to_time_ms) return false;
    if (!equals(filter.type, fields.type) || !equals(filter.source, fields.source)) return false;
    if (!equals(filter.subject, fields.subject) || !equals(filter.dossier_no, fields.dossier_no))
        return false;
    if (!equals(filter.declaration_no, fields.declaration_no)) return false;
    if (!contains(filter.tax_code, fields.tax_codes)) return false;
    if (!contains(filter.goods_key, fields.goods_keys)) return false;
    return !filter.hs_prefix || std::ranges::any_of(fields.hs_codes, [&](const std::string& code) {
        return code.starts_with(*filter.hs_prefix);
    });
}

}  // namespace socai::inspection
