// socai enterprise | exceptions | statistics
#include <array>

#include "node/cli/inspection_verbs.hpp"
#include "node/cli/output.hpp"
#include "node/cli/read_command.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;
using Kind = VerbOption::Kind;

// --- enterprise

void print_enterprise(const json::object& answer) {
    static constexpr std::array fields{
        Field{"tax code", "tax_code"}, Field{"as of", "at"},          Field{"compliance", "level"},
        Field{"criteria", "criteria"}, Field{"evidence", "evidence"},
    };
    static constexpr std::array reasons{
        Column{"LEVEL", "level"},
        Column{"COUNT", "count"},
        Column{"LEAF", "evidence"},
        Column{"WHY", "en"},
    };
    print_fields(answer, fields);
    print_rows(answer, "reasons", "Why:", reasons);
}

InspectionVerb enterprise_verb() {
    return {.name = "enterprise",
            .method = "inspection.enterprise",
            .summary = "How an importer complies: one of five levels, with the records that led to it",
            .footer =
                "For agencies, and for the importer himself.\n"
                "Examples:\n"
                "  socai enterprise --dir /tmp/socai 9900000016\n"
                "  socai enterprise --dir /tmp/socai 9900000016 --at 2022-01-01 --json",
            .options = {{"code", "tax_code", "TAXCODE", "The importer's tax code", Kind::text, true}},
            .print = print_enterprise};
}

// --- exceptions

void print_exceptions(const json::object& answer) {
    static constexpr std::array columns{
        Column{"TIME", "time"},     Column{"KIND", "kind"},       Column{"AGENCY", "agency"},
        Column{"ABOUT", "subject"}, Column{"ARTICLE", "article"}, Column{"LEAF", "evidence"},
        Column{"WHAT", "en"},
    };
    print_list(answer, "exceptions", columns);
}

InspectionVerb exceptions_verb() {
    return {
        .name = "exceptions",
        .method = "inspection.exceptions",
        .summary =
            "List departures from the rules: goods off the lists inspected, stricter methods, refused "
            "clearances, limits missed",
        .footer =
            "For those who oversee agencies; others see an empty list. Limits that are missed and still open "
            "count as of --at.\n"
            "Examples:\n"
            "  socai exceptions --dir /tmp/socai --kind lateness --agency most.qlcl\n"
            "  socai exceptions --dir /tmp/socai --from 2021-01-01 --to 2021-12-31 --all --json",
        .options = {{"--kind", "kind", "KIND",
                     "off_catalog_inspection, stricter_than_rule, refused_clearance or lateness"},
                    {"--agency", "agency", "AGENCY", "Whose act it is, or who was late"},
                    {"--from", "from", "TIME", "Came about at or after: a date or an RFC 3339 time"},
                    {"--to", "to", "TIME", "Until the end of this date, or before this time"}},
        .paged = true,
        .print = print_exceptions};
}

// --- statistics

// Figures of one total or group: those that are not 0.
void add_figures(client::TextTable& table, const std::string& group, const json::object& figures) {
    for (const auto& [name, value] : figures) {
        const std::string text = text_of(figures, name);
        if (!text.empty() && text != "0") table.add({group, std::string(name), text});
    }
}

void print_statistics(const json::object& answer) {
    static constexpr std::array fields{
        Field{"from", "question.from"},
        Field{"to", "question.to"},
        Field{"as of leaf", "question.as_of"},
    };
    print_fields(answer, fields);
    client::TextTable table({"GROUP", "FIGURE", "NUMBER"});
    if (const auto* total = answer.if_contains("total"); total != nullptr && total->is_object())
        add_figures(table, "total", total->get_object());
    if (const auto* groups = answer.if_contains("groups"); groups != nullptr && groups->is_object()) {
        for (const auto& [grouping, list] : groups->get_object())
            for (const json::object& group : objects_in(groups->get_object(), grouping))
                if (const auto* figures = group.if_contains("figures");
                    figures != nullptr && figures->is_object())
                    add_figures(table, std::string(grouping) + " " + text_of(group, "group"),
                                figures->get_object());
    }
    if (const auto* compared = answer.if_contains("compared"); compared != nullptr && compared->is_object())
        if (const auto* total = compared->get_object().if_contains("total");
            total != nullptr && total->is_object())
            add_figures(table, "compared", total->get_object());
    print_line("");
    print_table(table);
}

InspectionVerb statistics_verb() {
    return {
        .name = "statistics",
        .method = "inspection.statistics",
        .summary = "Count dossiers, methods, results, times, alerts, exceptions and certificates in a period",
        .footer =
            "The answer names the leaf that it counts up to: with --as-of LEAF anybody gets the same figures "
            "later. socai report makes tables and charts of them.\n"
            "Examples:\n"
            "  socai statistics --dir /tmp/socai --from 2021-07-01 --to 2021-09-30 --group-by agency,month\n"
            "  socai statistics --dir /tmp/socai --from 2021-01-01 --to 2021-12-31 --as-of 2022-01-05 --json",
        .options = {{"--from", "from", "DATE", "First day of the period", Kind::text, true},
                    {"--to", "to", "DATE", "Its last day", Kind::text, true},
                    {"--compare-from", "compare_from", "DATE", "First day of a period to compare with"},
                    {"--compare-to", "compare_to", "DATE", "Its last day"},
                    {"--group-by", "group_by", "WORDS", "Any of month, quarter, agency, regime", Kind::list},
                    {"--as-of", "as_of", "LEAF|TIME",
                     "Count what stood after this leaf, or by this date or time; everything by default"}},
        .dated = false,
        .print = print_statistics};
}

}  // namespace

std::vector<InspectionVerb> oversight_verbs() {
    return {enterprise_verb(), exceptions_verb(), statistics_verb()};
}

}  // namespace socai::node::cli
