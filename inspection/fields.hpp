// The business fields of a record that queries, indexes and subscriptions use (design/interfaces.md, "Query
// fields read"). Pure; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/record.hpp"

namespace socai::inspection {

// Values are strings of 1-256 bytes without control characters, and HS codes 1-10 digits; what a record
// holds beyond that cannot be queried for.
struct Fields {
    std::string type;
    std::string source;
    std::string subject;
    std::optional<std::string> dossier_no;      // data.dossier_no
    std::optional<std::string> declaration_no;  // data.declaration_no
    // data.importer.tax_code, importer_tax_code, consignee_tax_code, tax_code; each once, sorted
    std::vector<std::string> tax_codes;
    // data.goods_key, items[].goods_key, scope.goods_key; each once, sorted
    std::vector<std::string> goods_keys;
    // data.hs_code, goods.hs_code, items[].hs_code, scope.hs_prefix; each once, sorted; digits only
    std::vector<std::string> hs_codes;
    std::int64_t time_ms = 0;  // signed time
};
Fields fields_of(const ledger::Record& record);

// The filter of ledger.query and ledger.subscribe. Absent members match everything; present ones must all
// match.
struct Filter {
    std::optional<std::string> type;
    std::optional<std::string> source;
    std::optional<std::string> subject;
    std::optional<std::string> dossier_no;
    std::optional<std::string> declaration_no;
    std::optional<std::string> hs_prefix;  // 1-8 digits, matches the leading digits
    std::optional<std::string> tax_code;
    std::optional<std::string> goods_key;
    std::optional<std::int64_t> from_time_ms;  // signed time, inclusive
    std::optional<std::int64_t> to_time_ms;    // exclusive
    bool empty() const;
};
bool matches(const Filter& filter, const Fields& fields);

}  // namespace socai::inspection
