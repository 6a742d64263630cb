// Which goods an alert is about (design/domain.md 11; reference/domain.md §2.2 row 17). Pure values; safe from any thread.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "ledger/error.hpp"

namespace socai::inspection {

// What alerts can tell goods apart by.
struct Goods {
    std::string goods_key;
    std::string hs_code;               // 4 to 8 digits
    std::string origin_country;        // ISO 3166-1 alpha-2
    std::string manufacturer_site_id;  // empty when not known
};
// From a record's `data.goods` and its goods key. What is missing stays empty.
Goods goods_of(const boost::json::object& goods, std::string goods_key);

// Of an alert record, `data.scope`. Whoever meets every member that stands is meant.
struct AlertScope {
    std::optional<std::string> goods_key;
    std::optional<std::string> hs_prefix;
    std::optional<std::string> origin_country;
    std::optional<std::string> manufacturer_site_id;
    std::optional<std::string>
        tax_code;  // of the importer; such an alert is never public (design/domain.md 2)

    bool concerns_an_importer() const { return tax_code.has_value(); }
};
// Errors, Fault::invalid_statement: malformed_alert_scope; a scope that names nothing, or has a member that is not a text
// of its form, is none.
ledger::Result<AlertScope> parse_alert_scope(const boost::json::object& scope);

enum class AlertMatch {
    none,
    // Not the goods alerted on, but the same HS code, establishment and origin: flagged for people, changes no method.
    near,
    full,
};
// `alerted`: what is known of the goods whose key the scope names, for near matches; without it there are none.
AlertMatch match(const AlertScope& scope, const Goods& goods, std::string_view importer_tax_code,
                 const Goods* alerted = nullptr);

}  // namespace socai::inspection
