#include "api/filter_parameters.hpp"

#include <string>

#include "ledger/syntax.hpp"

namespace socai::api {
namespace {

// No record carries a longer value in these fields.
constexpr std::int64_t longest_value = ledger::max_business_number_bytes;

Parameter text(std::string_view name, std::string_view summary) {
    return {.name = name, .summary = summary, .min = 1, .max = longest_value};
}

Parameter time(std::string_view name, std::string_view summary) {
    return {.name = name, .type = ParameterType::time, .summary = summary};
}

std::optional<std::string> owned(std::optional<std::string_view> value) {
    if (!value) return std::nullopt;
    return std::string(*value);
}

}  // namespace

std::vector<Parameter> filter_parameters() {
    return {
        text("type", "Record type, exact: vn.socai.<kind>.v<n>"),
        text("source", "Agency code of the record, exact"),
        text("subject", "Business number of the record, exact"),
        text("dossier_no", "data.dossier_no, exact"),
        text("declaration_no", "data.declaration_no, exact"),
        {.name = "hs_prefix",
         .type = ParameterType::digits,
         .summary = "Leading digits of an HS code of the record",
         .min = 1,
         .max = 8},
        text("tax_code", "Any tax code of the record, exact"),
        text("goods_key", "Any goods key of the record, exact"),
        time("from_time", "Earliest signed time, inclusive"),
        time("to_time", "Latest signed time, exclusive"),
    };
}

Result<inspection::Filter> parse_filter(const Arguments& arguments) {
    inspection::Filter filter;
    filter.type = owned(arguments.string("type"));
    filter.source = owned(arguments.string("source"));
    filter.subject = owned(arguments.string("subject"));
    filter.dossier_no = owned(arguments.string("dossier_no"));
    filter.declaration_no = owned(arguments.string("declaration_no"));
    filter.hs_prefix = owned(arguments.string("hs_prefix"));
    filter.tax_code = owned(arguments.string("tax_code"));
    filter.goods_key = owned(arguments.string("goods_key"));
    filter.from_time_ms = arguments.time_ms("from_time");
    filter.to_time_ms = arguments.time_ms("to_time");
    if (filter.from_time_ms && filter.to_time_ms && *filter.to_time_ms <= *filter.from_time_ms) {
        return invalid_params("out_of_range", "to_time must be later than from_time; it is exclusive");
    }
    return filter;
}

}  // namespace socai::api
