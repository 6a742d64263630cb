#include "api/inspection_question.hpp"

#include <string>
#include <utility>

#include "api/counted_facts.hpp"
#include "api/methods.hpp"
#include "inspection/answer_text.hpp"
#include "inspection/records/tax_code.hpp"
#include "ledger/syntax.hpp"

namespace socai::api {
namespace {

constexpr std::string_view trader_prefix = "trader:";
// 10000-01-01 in Vietnam: answers tell times in its hours, and years have four digits (RFC 3339).
constexpr std::int64_t first_untold_ms = 253'402'275'600'000;

}  // namespace

Parameter audience_parameter() {
    return {.name = "audience",
            .summary =
                "Show only what these may see: \"public\", or \"trader:<tax code>\"; never more than the "
                "caller may",
            .min = 1,
            .max = 64};
}

std::vector<Parameter> with_inspection_parameters(std::vector<Parameter> own, const Limits& limits) {
    own.push_back(audience_parameter());
    return with_read_parameters(std::move(own), limits);
}

std::vector<Parameter> with_dated_inspection_parameters(std::vector<Parameter> own, const Limits& limits) {
    own.push_back({.name = "at",
                   .type = ParameterType::moment,
                   .summary =
                       "What counts as now: an RFC 3339 time, or a date, which means the end of that day in "
                       "Vietnam; by default the node's clock"});
    return with_inspection_parameters(std::move(own), limits);
}

Result<inspection::Viewer> viewer_of(const Asker& asker, const Arguments& arguments) {
    const inspection::Viewer& most = asker.viewer;
    const auto audience = arguments.string("audience");
    if (audience == "public") return inspection::Viewer{};
    if (asker.lapsed) return sign_in_expired();
    if (!audience) return most;
    if (!audience->starts_with(trader_prefix) ||
        !inspection::is_tax_code(audience->substr(trader_prefix.size()))) {
        return invalid_params(
            "malformed_value",
            "audience must be \"public\", or \"trader:\" and a tax code of 10 or 13 digits with its "
            "check digit, not " +
                ledger::quote(*audience));
    }
    const std::string tax_code(audience->substr(trader_prefix.size()));
    const bool own = !most.tax_code.empty() && inspection::said_of(most.tax_code, tax_code);
    if (!most.agency && !own) {
        return Error{
            Code::forbidden, "audience_too_wide",
            "audience narrows what an answer shows and never widens it; sign in as that trader, or as an "
            "agency"};
    }
    return inspection::Viewer{.agency = false, .tax_code = tax_code};
}

Derived counted_derived(Reading& reading) {
    Derived derived = reading.backend.derived();
    derived.facts = std::make_shared<CountedFacts>(std::move(derived.facts), reading.work);
    return derived;
}

Result<Question> question_of(Reading& reading, const Arguments& arguments) {
    auto viewer = viewer_of(reading, arguments);
    if (!viewer) return viewer.error();
    const std::int64_t at_ms = arguments.end_ms("at").value_or(reading.backend.now_ms());
    if (at_ms >= first_untold_ms)
        return invalid_params("malformed_value", "at must be before the year 10000 in Vietnam");
    return Question{counted_derived(reading), std::move(*viewer), at_ms};
}

boost::json::object finished(boost::json::object&& answer, const Question& question,
                             boost::json::storage_ptr storage) {
    boost::json::object finished(std::move(answer), std::move(storage));
    finished["at"] = inspection::vietnam_time(question.at_ms);
    if (const auto* cursor = finished.if_contains("next_cursor"); cursor != nullptr && cursor->is_null())
        finished.erase("next_cursor");
    return finished;
}

Result<std::uint64_t> size_at(const Backend& backend, std::int64_t time_ms, std::uint64_t size) {
    std::uint64_t by_then = 0;  // leaves below it were accepted by the time …
    while (by_then < size) {    // … and those from `size` on were not
        const std::uint64_t middle = by_then + (size - by_then) / 2;
        const auto accepted = backend.time_of(middle);
        if (!accepted) {
            const auto leaf = backend.leaf(middle);
            if (!leaf) return leaf.error();
            return Error{
                Code::unavailable, "entry_damaged",
                "the entry of leaf " + std::to_string(middle) + " could not be read just now; ask again",
                true};
        }
        if (*accepted <= time_ms)
            by_then = middle + 1;
        else
            size = middle;
    }
    return by_then;
}

}  // namespace socai::api
