// socai clearance | dossier
#include <array>

#include "node/cli/inspection_verbs.hpp"
#include "node/cli/output.hpp"
#include "node/cli/read_command.hpp"

namespace socai::node::cli {
namespace {

namespace json = boost::json;
using Kind = VerbOption::Kind;

// --- clearance

void print_clearance(const json::object& answer) {
    static constexpr std::array fields{
        Field{"declaration", "declaration_no"},
        Field{"status", "status"},
        Field{"office", "office"},
        Field{"importer", "importer_tax_code"},
        Field{"as of", "at"},
        Field{"may be cleared", "may_be_cleared"},
        Field{"basis", "basis"},
        Field{"in the way", "against.en"},
        Field{"decided", "clearance.decision"},
        Field{"channel", "channel.customs_channel"},
        Field{"specialised channel", "channel.specialised_channel"},
        Field{"risk", "risk.risk_level"},
        Field{"risk table", "risk.row"},
        Field{"measures", "risk.measures"},
        Field{"may be stored", "storage.allowed"},
        Field{"evidence", "evidence"},
    };
    static constexpr std::array items{
        Column{"LINE", "line"},
        Column{"REGIME", "regime"},
        Column{"METHOD", "method"},
        Column{"WHY", "reason"},
        Column{"MAY BE CLEARED", "may_be_cleared"},
        Column{"BASIS", "bases"},
        Column{"MISSING", "missing.missing"},
        Column{"DRAWN", "draw.selected"},
        Column{"ALERTS", "alerts.alert_no"},
        Column{"NEAR", "near_alerts.alert_no"},
        Column{"LEAF", "evidence"},
        Column{"DOSSIER", "dossier_no"},
    };
    print_fields(answer, fields);
    print_rows(answer, "items", "Line by line, under each regime:", items);
    print_rows(answer, "next_steps", "Next:", step_columns);
}

bool clearance_is_no(const json::object& answer) {
    const std::string decided = text_at(answer, "clearance.decision");
    return text_at(answer, "may_be_cleared") == "no" && decided != "cleared" && decided != "released";
}

InspectionVerb clearance_verb() {
    return {
        .name = "clearance",
        .method = "inspection.clearance",
        .summary = "May a declaration be cleared, on which basis, and if not, what is missing?",
        .footer =
            "Every line of the declaration needs a basis under every regime that a list names for it; the "
            "ledger refuses a clearance that has none.\n"
            "Exit status 1: not cleared, and it may not be.\n"
            "Examples:\n"
            "  socai clearance --dir /tmp/socai 104000123450\n"
            "  socai clearance --dir /tmp/socai 104000123450 --at 2021-10-01 --json",
        .options = {{"number", "declaration_no", "DECLARATION", "Declaration number, 11 or 12 digits",
                     Kind::text, true}},
        .print = print_clearance,
        .is_no = clearance_is_no};
}

// --- dossier

// "decides t-03, based_on t-07".
std::string references_of(const json::object& record) {
    const auto* data = record.if_contains("data");
    if (data == nullptr || !data->is_object()) return {};
    std::string text;
    for (const json::object& reference : objects_in(data->get_object(), "refs")) {
        if (!text.empty()) text += ", ";
        text += text_of(reference, "rel") + " " + text_of(reference, "id");
    }
    return text;
}

void print_timeline(const json::object& answer) {
    client::TextTable table({"LEAF", "SIGNED TIME", "SOURCE", "KIND", "ID", "REFERS TO"});
    for (const json::object& item : objects_in(answer, "timeline")) {
        auto row = record_row(item);
        const auto* record = item.if_contains("record");
        row.back() = record != nullptr && record->is_object() ? references_of(record->get_object()) : "";
        table.add(row);
    }
    if (table.empty()) return;
    print_line("\nEverything on it, in ledger order:");
    print_table(table);
}

void print_dossier(const json::object& answer) {
    static constexpr std::array fields{
        Field{"dossier", "dossier_no"},
        Field{"procedure", "procedure_code"},
        Field{"importer", "importer_tax_code"},
        Field{"goods", "goods_key"},
        Field{"as of", "at"},
        Field{"state", "state"},
        Field{"regime", "method.regime"},
        Field{"inspected by", "method.agency"},
        Field{"method", "method.method"},
        Field{"why", "method.reason"},
        Field{"article", "method.article"},
        Field{"rule set", "method.rule_set"},
        Field{"drawn", "method.draw.selected"},
        Field{"result", "result.outcome"},
        Field{"notice", "result.notice_no"},
        Field{"declaration", "declaration.declaration_no"},
        Field{"channel", "declaration.channel.customs_channel"},
        Field{"specialised channel", "declaration.channel.specialised_channel"},
        Field{"clearance", "declaration.clearance.decision"},
        Field{"remedy", "remedy.remedy"},
        Field{"evidence", "evidence"},
    };
    static constexpr std::array deadlines{
        Column{"STATE", "state"}, Column{"DUE", "due"},         Column{"STOPPED", "stopped"},
        Column{"OWNER", "owner"}, Column{"ARTICLE", "article"}, Column{"LIMIT", "en"},
    };
    print_fields(answer, fields);
    print_rows(answer, "deadlines", "Limits of the law:", deadlines);
    print_rows(answer, "next_steps", "Next:", step_columns);
    print_timeline(answer);
}

InspectionVerb dossier_verb() {
    return {.name = "dossier",
            .method = "inspection.dossier",
            .summary =
                "Where a dossier stands, its method and why, limits met or missed, what is next, and its "
                "timeline across all agencies",
            .footer =
                "Whether a limit is missed depends on --at.\n"
                "Examples:\n"
                "  socai dossier --dir /tmp/socai NSW-BKHCN-2021-0004711\n"
                "  socai dossier --dir /tmp/socai NSW-BKHCN-2021-0004711 --at 2021-10-01 --json",
            .options = {{"number", "dossier_no", "NO", "Dossier number", Kind::text, true}},
            .print = print_dossier};
}

}  // namespace

std::vector<InspectionVerb> shipment_verbs() {
    return {clearance_verb(), dossier_verb()};
}

}  // namespace socai::node::cli
