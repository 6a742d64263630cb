// socai method | goods | results | catalog | procedures | alerts
#include <array>

#include "node/cli/inspection_verbs.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;
using Kind = VerbOption::Kind;

const VerbOption regime{"--regime", "regime", "REGIME", "quality, food_safety, or another that a list names"};
const VerbOption hs_prefix{"--hs-prefix", "hs_prefix", "DIGITS", "Leading digits of the HS code"};
const VerbOption goods_key{"--goods-key", "goods_key", "KEY", "These goods alone, sha256:..."};
const VerbOption inspected{"--method", "method", "METHOD", "exempt, reduced, normal or strict"};

// --- method

void print_method(const json::object& answer) {
    static constexpr std::array fields{
        Field{"goods", "goods.name"},
        Field{"goods key", "goods.goods_key"},
        Field{"HS code", "goods.hs_code"},
        Field{"origin", "goods.origin_country"},
        Field{"as of", "at"},
        Field{"regime", "regime"},
        Field{"listed", "listed"},
        Field{"list", "list_code"},
        Field{"inspected by", "agency"},
        Field{"rule set", "rule_set"},
        Field{"method", "method"},
        Field{"why", "reason"},
        Field{"exemption", "exemption"},
        Field{"article", "article"},
        Field{"passes so far", "streak"},
        Field{"needed", "needed"},
        Field{"until", "last_day"},
        Field{"alerts", "alerts.alert_no"},
        Field{"near alerts", "near_alerts.alert_no"},
        Field{"evidence", "evidence"},
    };
    print_fields(answer, fields);
    print_rows(answer, "next_steps", "Next:", step_columns);
}

InspectionVerb method_verb() {
    return {
        .name = "method",
        .method = "inspection.method",
        .summary = "Which inspection method applies to goods under a regime, why, and what would change it",
        .footer =
            "Goods by their key, or as a registration describes them (data.goods: goods_name, hs_code, "
            "manufacturer, origin_country, …) in a JSON file.\n"
            "Examples:\n"
            "  socai method --dir /tmp/socai --regime quality --goods-key sha256:8792…\n"
            "  socai method --dir /tmp/socai --regime quality --goods doll.json --tax-code 9900000016 --at "
            "2022-03-01",
        .options = {{"--goods-key", "goods_key", "KEY", "The goods, sha256:..."},
                    {"--goods", "goods", "FILE", "The goods as a JSON object in a file; -: standard input",
                     Kind::json_file},
                    {"--regime", "regime", "REGIME", "quality or food_safety", Kind::text, true},
                    {"--tax-code", "tax_code", "CODE",
                     "The importer; matters where a rule set counts by importer"},
                    {"--circumstance", "circumstances", "WORDS",
                     "Of the import, as a registration names them", Kind::list}},
        .print = print_method};
}

// --- goods

void print_goods(const json::object& answer) {
    static constexpr std::array columns{
        Column{"REGIME", "regime"},         Column{"METHOD", "method"},  Column{"WHY", "reason"},
        Column{"SINCE", "since"},           Column{"UNTIL", "last_day"}, Column{"HS", "hs_code"},
        Column{"ORIGIN", "origin_country"}, Column{"BRAND", "brand"},    Column{"MODEL", "model"},
        Column{"GOODS", "goods_name"},
    };
    print_list(answer, "items", columns);
}

InspectionVerb goods_verb() {
    return {.name = "goods",
            .method = "inspection.goods",
            .summary = "List goods and their inspection method; everybody may see them",
            .footer =
                "Examples:\n"
                "  socai goods --dir /tmp/socai --regime quality --method reduced --all\n"
                "  socai goods --dir /tmp/socai --hs-prefix 9503 --json",
            .options = {regime, inspected, hs_prefix},
            .paged = true,
            .print = print_goods};
}

// --- results

void print_results(const json::object& answer) {
    static constexpr std::array columns{
        Column{"DATE", "date"},
        Column{"AGENCY", "agency"},
        Column{"NOTICE", "notice_no"},
        Column{"REGIME", "regime"},
        Column{"METHOD", "method"},
        Column{"OUTCOME", "outcome"},
        Column{"SUPERSEDED", "superseded"},
        Column{"LEAF", "evidence"},
        Column{"HS", "goods.hs_code"},
        Column{"GOODS", "goods.name"},
    };
    print_list(answer, "items", columns);
}

InspectionVerb results_verb() {
    return {
        .name = "results",
        .method = "inspection.results",
        .summary =
            "List inspection results: goods, outcome, method, date, notice, agency; everybody may see them",
        .footer =
            "A result that a later one corrects stays in the list, marked as superseded.\n"
            "Examples:\n"
            "  socai results --dir /tmp/socai --outcome fail --from 2021-01-01 --to 2021-12-31\n"
            "  socai results --dir /tmp/socai --hs-prefix 9503 --agency most.qlcl --order desc --limit 5 "
            "--json",
        .options = {regime,
                    {"--outcome", "outcome", "OUTCOME", "pass, fail, label_fail, incomplete or annulled"},
                    inspected,
                    hs_prefix,
                    goods_key,
                    {"--agency", "agency", "AGENCY", "Who decided"},
                    {"--from", "from", "TIME", "Signed at or after: a date or an RFC 3339 time"},
                    {"--to", "to", "TIME", "Signed until the end of this date, or before this time"},
                    {"--order", "order", "ORDER", "asc: oldest first (default); desc: newest first"}},
        .dated = false,
        .paged = true,
        .print = print_results};
}

// --- catalog

void print_catalog(const json::object& answer) {
    static constexpr std::array columns{
        Column{"LIST", "list_code"},    Column{"HS", "hs_code"},  Column{"REGIMES", "regimes"},
        Column{"AGENCY", "agency"},     Column{"STAGE", "stage"}, Column{"LEVEL", "level"},
        Column{"FROM", "valid_from"},   Column{"TO", "valid_to"}, Column{"LEAF", "evidence"},
        Column{"GOODS", "description"},
    };
    print_list(answer, "items", columns);
}

InspectionVerb catalog_verb() {
    return {
        .name = "catalog",
        .method = "inspection.catalog",
        .summary = "List the goods under inspection: by whom, under which regimes, before or after clearance",
        .footer =
            "An HS code of a list means every code that begins with it.\n"
            "Examples:\n"
            "  socai catalog --dir /tmp/socai --hs-prefix 9503\n"
            "  socai catalog --dir /tmp/socai --regime food_safety --at 2021-05-12 --all --json",
        .options = {hs_prefix, regime},
        .paged = true,
        .print = print_catalog};
}

// --- procedures

void print_procedures(const json::object& answer) {
    static constexpr std::array columns{
        Column{"PROCEDURE", "procedure_code"},
        Column{"AGENCY", "agency"},
        Column{"STAGE", "stage"},
        Column{"HOURS", "time_limit_hours"},
        Column{"FROM", "valid_from"},
        Column{"TO", "valid_to"},
        Column{"LEAF", "evidence"},
        Column{"NAME", "name_vi"},
    };
    print_list(answer, "items", columns);
}

InspectionVerb procedures_verb() {
    return {.name = "procedures",
            .method = "inspection.procedures",
            .summary = "List the procedures on the National Single Window, testing and live",
            .footer =
                "Examples:\n"
                "  socai procedures --dir /tmp/socai\n"
                "  socai procedures --dir /tmp/socai --at 2020-12-15 --all --json",
            .paged = true,
            .print = print_procedures};
}

// --- alerts

void print_alerts(const json::object& answer) {
    static constexpr std::array columns{
        Column{"ALERT", "alert_no"},
        Column{"ISSUER", "source"},
        Column{"LEVEL", "level"},
        Column{"STATUS", "status"},
        Column{"FROM", "valid_from"},
        Column{"TO", "valid_to"},
        Column{"EFFECT", "effect"},
        Column{"PUBLISHED", "published"},
        Column{"DECLARATIONS", "shipments.declaration_no"},
        Column{"DOSSIERS", "shipments.dossier_no"},
        Column{"LEAF", "evidence"},
        Column{"TEXT", "text"},
    };
    print_list(answer, "alerts", columns);
}

InspectionVerb alerts_verb() {
    return {.name = "alerts",
            .method = "inspection.alerts",
            .summary = "List alerts, and for agencies the shipments under way that they touch",
            .footer =
                "Others see what an alert's issuer has published. To hear of alerts the moment they stand: "
                "socai watch --type alert.\n"
                "Examples:\n"
                "  socai alerts --dir /tmp/socai --hs-prefix 9503\n"
                "  socai alerts --dir /tmp/socai --goods-key sha256:8792… --at 2022-03-01 --json",
            .options = {hs_prefix, goods_key},
            .print = print_alerts};
}

}  // namespace

std::vector<InspectionVerb> goods_verbs() {
    return {method_verb(), goods_verb(), results_verb(), catalog_verb(), procedures_verb(), alerts_verb()};
}

}  // namespace socai::node::cli
