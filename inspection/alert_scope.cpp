#include "inspection/alert_scope.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "inspection/records/tax_code.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

constexpr std::size_t max_member_bytes = 256;

std::string text(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool digits(std::string_view text, std::size_t least, std::size_t most) {
    return text.size() >= least && text.size() <= most &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

ledger::Error malformed(std::string_view name, const std::string& what) {
    return {
        ledger::Fault::invalid_statement, "malformed_alert_scope",
        "data.scope" + (name.empty() ? std::string() : "." + std::string(name.substr(0, 64))) + " " + what};
}

}  // namespace

Goods goods_of(const json::object& goods, std::string goods_key) {
    Goods known{std::move(goods_key), text(goods, "hs_code"), text(goods, "origin_country"), {}};
    const json::value* manufacturer = goods.if_contains("manufacturer");
    if (manufacturer != nullptr && manufacturer->is_object())
        known.manufacturer_site_id = text(manufacturer->get_object(), "site_id");
    return known;
}

ledger::Result<AlertScope> parse_alert_scope(const json::object& scope) {
    AlertScope parsed;
    const std::pair<std::string_view, std::optional<std::string>*> members[] = {
        {"goods_key", &parsed.goods_key},
        {"hs_prefix", &parsed.hs_prefix},
        {"origin_country", &parsed.origin_country},
        {"manufacturer_site_id", &parsed.manufacturer_site_id},
        {"tax_code", &parsed.tax_code},
    };
    if (scope.empty())
        return malformed({}, "names nothing: say which goods, origin, establishment or importer");
    for (const auto& member : scope) {
        const auto* known =
            std::ranges::find(members, std::string_view(member.key()),
                              &std::pair<std::string_view, std::optional<std::string>*>::first);
        if (known == std::end(members))
            return malformed(member.key(), "is nothing that an alert can be about");
        const json::value& value = member.value();
        if (!value.is_string() || value.get_string().empty() || value.get_string().size() > max_member_bytes)
            return malformed(member.key(), "must be a text of 1 to 256 bytes");
        *known->second = std::string(value.get_string());
    }
    if (parsed.hs_prefix && !digits(*parsed.hs_prefix, 2, 8))
        return malformed("hs_prefix", "must be 2 to 8 digits");
    return parsed;
}

AlertMatch match(const AlertScope& scope, const Goods& goods, std::string_view importer_tax_code,
                 const Goods* alerted) {
    const auto meets = [](const std::optional<std::string>& wanted, std::string_view actual) {
        return !wanted || *wanted == actual;
    };
    const bool others = (!scope.hs_prefix || goods.hs_code.starts_with(*scope.hs_prefix)) &&
                        meets(scope.origin_country, goods.origin_country) &&
                        meets(scope.manufacturer_site_id, goods.manufacturer_site_id) &&
                        (!scope.tax_code || said_of(*scope.tax_code, importer_tax_code));
    if (!others) return AlertMatch::none;
    if (meets(scope.goods_key, goods.goods_key)) return AlertMatch::full;
    const bool near = alerted != nullptr && alerted->goods_key == *scope.goods_key &&
                      !alerted->hs_code.empty() && !alerted->manufacturer_site_id.empty() &&
                      alerted->hs_code == goods.hs_code &&
                      alerted->manufacturer_site_id == goods.manufacturer_site_id &&
                      alerted->origin_country == goods.origin_country;
    return near ? AlertMatch::near : AlertMatch::none;
}

}  // namespace socai::inspection
