// inspection.statistics, enterprise, exceptions: for those who oversee agencies and importers (design/domain.md 13 to 15).
#include <utility>

#include "api/inspection_groups.hpp"
#include "api/inspection_question.hpp"
#include "inspection/oversight/enterprise.hpp"
#include "inspection/oversight/exceptions.hpp"
#include "inspection/records/tax_code.hpp"
#include "inspection/statistics/statistics_answer.hpp"
#include "ledger/syntax.hpp"

namespace json = boost::json;

namespace socai::api {
namespace {

// The leaf up to which figures are counted: the one asked for, or the last that was accepted by a time.
Result<std::uint64_t> last_index(const Backend& backend, const Arguments& arguments, std::uint64_t size) {
    const auto as_of = arguments.position("as_of");
    std::uint64_t asked = size;
    if (as_of && as_of->index) {
        if (*as_of->index >= size)
            return Error{Code::not_found, "not_found",
                         "this node has applied " + std::to_string(size) + " leaves; there is no leaf " +
                             std::to_string(*as_of->index) + " here yet"};
        asked = *as_of->index + 1;
    } else if (as_of) {
        const auto then = size_at(backend, *as_of->time_ms, size);
        if (!then) return then.error();
        asked = *then;
    }
    if (asked == 0) return Error{Code::not_found, "not_found", "the ledger had no leaf by then"};
    return asked - 1;
}

Answer statistics(Reading& reading, const Arguments& arguments, json::storage_ptr storage) {
    const auto viewer = viewer_of(reading, arguments);
    if (!viewer) return viewer.error();
    const Derived derived = counted_derived(reading);
    const auto last = last_index(reading.backend, arguments, derived.size);
    if (!last) return last.error();
    json::object asked;
    for (const std::string_view name : {"from", "to", "compare_from", "compare_to"})
        if (const auto day = arguments.string(name)) asked[name] = *day;
    json::array groupings;
    for (const std::string& word : arguments.strings("group_by")) groupings.emplace_back(word);
    asked["group_by"] = std::move(groupings);
    asked["as_of"] = *last;
    const auto question = inspection::parse_statistics_question(asked, *last);
    if (!question) return invalid_params(question.error().reason, question.error().detail);
    return json::object(inspection::statistics_answer(*derived.facts, *question, *viewer),
                        std::move(storage));
}

Answer enterprise(Reading& reading, const Arguments& arguments, json::storage_ptr storage) {
    const auto question = question_of(reading, arguments);
    if (!question) return question.error();
    const std::string tax_code(*arguments.string("tax_code"));
    if (!inspection::is_tax_code(tax_code))
        return invalid_params(
            "malformed_value",
            "tax_code must be 10 or 13 digits with their check digit, not " + ledger::quote(tax_code));
    auto answer = inspection::enterprise_answer(question->facts(), tax_code,
                                                inspection::date_of(question->at_ms), question->viewer);
    if (!answer)
        return Error{Code::not_found, "no_such_enterprise",
                     "there is no enterprise with tax code " + tax_code + " here that the caller may see"};
    return finished(std::move(*answer), *question, std::move(storage));
}

Answer exceptions(Reading& reading, const Arguments& arguments, json::storage_ptr storage) {
    const auto question = question_of(reading, arguments);
    if (!question) return question.error();
    inspection::ExceptionQuery query;
    if (const auto kind = arguments.string("kind")) query.kind = inspection::parse_exception_kind(*kind);
    query.agency = arguments.string("agency").value_or("");
    query.from_ms = arguments.begin_ms("from");
    query.to_ms = arguments.until_ms("to");
    query.at_ms = question->at_ms;
    query.cursor = arguments.string("cursor").value_or("");
    query.limit = static_cast<std::size_t>(*arguments.integer("limit"));
    auto answer = inspection::exceptions_answer(question->facts(), query, question->viewer);
    if (!answer)
        return invalid_params("bad_cursor",
                              "the cursor is not one of this query; pass next_cursor unchanged");
    return finished(std::move(*answer), *question, std::move(storage));
}

Parameter day(std::string_view name, std::string_view summary, bool required) {
    return {.name = name, .summary = summary, .required = required, .min = 10, .max = 10};
}

std::vector<Parameter> statistics_parameters() {
    return {day("from", "First day of the period, in Vietnam, of signed times", true),
            day("to", "Its last day, included", true),
            day("compare_from", "First day of a period to compare with", false),
            day("compare_to", "Its last day, included", false),
            {.name = "group_by",
             .type = ParameterType::string_list,
             .summary = "Any of \"month\", \"quarter\", \"agency\", \"regime\"; by default none",
             .min = 0,
             .max = 4},
            {.name = "as_of",
             .type = ParameterType::position,
             .summary = "Count what stood after this leaf, or what was accepted by this time (of a date: by "
                        "its end); by "
                        "default everything"}};
}

}  // namespace

std::vector<Method> oversight_methods(const Limits& limits) {
    const std::vector<Code> errors{Code::invalid_params, Code::forbidden, Code::unavailable};
    return {
        {"inspection.enterprise",
         "How an importer complies with the law, on the day of `at`: the level, the figures behind it with "
         "their records, "
         "and the bounds of each level. For agencies, and for the importer himself",
         with_dated_inspection_parameters({{.name = "tax_code",
                                            .type = ParameterType::digits,
                                            .summary = "The importer's tax code",
                                            .required = true,
                                            .min = 10,
                                            .max = 13}},
                                          limits),
         "Enterprise",
         {Code::invalid_params, Code::forbidden, Code::unavailable, Code::not_found},
         &enterprise},
        {"inspection.exceptions",
         "Departures from the rules, for those who oversee agencies: inspected off the lists, stricter than "
         "the rule, "
         "clearance refused, late",
         with_dated_inspection_parameters(
             {{.name = "kind",
               .type = ParameterType::choice,
               .summary = "Of this kind",
               .choices = {"off_catalog_inspection", "stricter_than_rule", "refused_clearance", "lateness",
                           "would_have_differed"}},
              {.name = "agency", .summary = "Whose act it is, or who was late; exact", .min = 1, .max = 64},
              {.name = "from", .type = ParameterType::moment, .summary = "Came about at or after"},
              {.name = "to",
               .type = ParameterType::moment,
               .summary = "Came about before, or by the end of this date"},
              limit_parameter(),
              cursor_parameter()},
             limits),
         "ExceptionPage", errors, &exceptions},
        {"inspection.statistics",
         "Figures of a period, reproduced exactly as of any earlier point of the ledger",
         with_inspection_parameters(statistics_parameters(), limits),
         "Statistics",
         {Code::invalid_params, Code::forbidden, Code::unavailable, Code::not_found},
         &statistics},
    };
}

}  // namespace socai::api
