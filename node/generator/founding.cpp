#include "node/generator/founding.hpp"

#include <algorithm>
#include <set>

#include "ledger/record.hpp"

namespace socai::node::generator {
namespace {

constexpr std::string_view in_force_from = "2020-01-01";

std::string heading_text(std::uint32_t heading) {
    const std::string text = std::to_string(heading);
    return std::string(4 - text.size(), '0') + text;
}

void put_procedure(const Procedure& procedure, std::int64_t time_ms,
                   const std::function<void(RecordText)>& put) {
    const Family& family = *procedure.family;
    RecordText record("procedure", family.list_owner, "g-proc-" + procedure.code, procedure.code, time_ms);
    record.text("procedure_code", procedure.code)
        .text("name",
              "Kiểm tra nhập khẩu: " + std::string(family.name_vi) + " " + heading_text(procedure.heading))
        .text("name_en",
              "Import inspection: " + std::string(family.name_en) + " " + heading_text(procedure.heading))
        .text("agency", family.inspector)
        .text("stage", "live")
        .text("regime", family.regime)
        .text("valid_from", in_force_from);
    put(std::move(record));
}

void put_item(const Procedure& procedure, std::int64_t time_ms, const std::function<void(RecordText)>& put) {
    const Family& family = *procedure.family;
    const std::string list(ministries()[procedure.ministry].list_code);
    RecordText record("catalog_item", family.list_owner, catalog_id(procedure), list + "-NK", time_ms);
    record.text("list_code", list + "-NK")
        .text("hs_code", heading_text(procedure.heading))
        .text("goods_description", family.name_vi)
        .text("inspection_stage", "before_clearance")
        .text("inspection_agency", family.inspector)
        .text("procedure_code", procedure.code)
        .raw("regimes", "[\"" + std::string(family.regime) + "\"]")
        .text("valid_from", in_force_from)
        .raw("valid_to", "null");
    put(std::move(record));
}

// Each for the chapters and regimes of its ministry.
void put_body(const Cast& cast, std::size_t number, std::int64_t time_ms,
              const std::function<void(RecordText)>& put) {
    const Body& body = cast.bodies[number];
    std::set<std::string> scope;
    for (const Procedure& procedure : cast.procedures)
        if (std::ranges::find(procedure.bodies, number) != procedure.bodies.end())
            scope.insert("{\"regime\":\"" + std::string(procedure.family->regime) + "\",\"hs_prefix\":\"" +
                         heading_text(procedure.heading).substr(0, 2) + "\"}");
    std::string list;
    for (const std::string& entry : scope) list += (list.empty() ? "" : ",") + entry;
    RecordText record("conformity_body", body.designated_by, "g-body-" + body.code, body.code, time_ms);
    record.text("body_code", body.code)
        .text("status", "designated")
        .raw("scope", "[" + list + "]")
        .text("valid_from", in_force_from)
        .raw("valid_to", "null");
    put(std::move(record));
}

}  // namespace

std::optional<RuleSets> choose_rule_sets(std::string_view jsonl, inspection::Date from, inspection::Date to) {
    RuleSets chosen;
    int found = 0;
    while (!jsonl.empty()) {
        const std::string_view line = jsonl.substr(0, jsonl.find('\n'));
        jsonl.remove_prefix(std::min(line.size() + 1, jsonl.size()));
        const auto record = ledger::parse_record(line);
        if (!record || record->kind() != "ruleset") continue;
        auto rules = inspection::parse_rule_set(record->data());
        if (!rules || (rules->name() != quality_rules && rules->name() != food_safety_rules)) continue;
        if (!rules->in_force_on(from) || !rules->in_force_on(to)) return std::nullopt;
        inspection::RuleSet& place = rules->name() == quality_rules ? chosen.quality : chosen.food_safety;
        place = *std::move(rules);
        chosen.lines.append(line).push_back('\n');
        ++found;
    }
    return found == 2 ? std::optional(std::move(chosen)) : std::nullopt;
}

std::string catalog_id(const Procedure& procedure) {
    return "g-item-" + procedure.code;
}

void found(const Cast& cast, std::int64_t time_ms, const std::function<void(RecordText)>& put) {
    for (const Procedure& procedure : cast.procedures) put_procedure(procedure, time_ms, put);
    for (const Procedure& procedure : cast.procedures) put_item(procedure, time_ms, put);
    for (std::size_t body = 0; body < cast.bodies.size(); ++body) put_body(cast, body, time_ms, put);
}

}  // namespace socai::node::generator
