#include "inspection/catalog/bodies.hpp"

#include <algorithm>
#include <map>

#include "inspection/record_data.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view table = "!body";
constexpr std::string_view words[] = {"registered", "designated", "recognised", "suspended", "revoked"};

BodyStatus parse_status(std::string_view text) {
    std::uint8_t i = 0;
    while (words[i] != text) ++i;  // the schema knows no other word
    return static_cast<BodyStatus>(i);
}

bool covers(const BodyScope& scope, const AssessedGoods& goods) {
    if (!goods.regime.empty() && scope.regime != goods.regime) return false;
    if (!goods.hs_code.empty() && !goods.hs_code.starts_with(scope.hs_prefix)) return false;
    if (goods.standard.empty()) return true;
    if (scope.technical_regulation.empty() && scope.standard.empty()) return true;
    return scope.technical_regulation == goods.standard || scope.standard == goods.standard;
}

}  // namespace

std::string_view word(BodyStatus status) {
    return words[static_cast<std::size_t>(status)];
}

std::vector<Designation> designations(const ledger::Facts& facts, std::string_view body) {
    FactKey prefix(table);
    if (!body.empty()) prefix.text(body);
    std::vector<Designation> all;
    facts.scan(prefix, {}, [&](std::string_view, std::string_view value) {
        all.push_back(decode_fact<Designation>(value));
        return true;
    });
    return all;
}

std::optional<Designation> designation_for(const ledger::Facts& facts, std::string_view body,
                                           const AssessedGoods& goods, Date day) {
    if (body.empty()) return std::nullopt;
    struct Standing {
        BodyScope scope;
        const Designation* designation = nullptr;
    };
    const std::vector<Designation> all = designations(facts, body);
    std::map<std::string_view, std::vector<Standing>> by_source;
    for (const Designation& designation : all) {
        if (!designation.in_force_on(day)) continue;
        std::vector<Standing>& standing = by_source[designation.source];
        for (const BodyScope& scope : designation.scope) {
            if (!covers(scope, goods)) continue;
            const bool ends =
                designation.status == BodyStatus::suspended || designation.status == BodyStatus::revoked;
            std::erase_if(standing, [&](const Standing& each) { return ends || each.scope == scope; });
            if (!ends) standing.push_back({scope, &designation});
        }
    }
    std::optional<Designation> best;
    for (const auto& [source, standing] : by_source)
        for (const Standing& each : standing)
            if (!best ||
                gives_clearance_basis(each.designation->status) > gives_clearance_basis(best->status))
                best = *each.designation;
    return best;
}

bool acts_for(const ledger::Registry& registry, std::string_view source, std::string_view agency,
              std::string_view role) {
    if (agency.empty()) return false;
    if (source == agency) return true;
    const ledger::Agency* writer = registry.agency(source);
    if (writer == nullptr || !writer->has_role(role)) return false;
    const std::vector<std::string> line = registry.line_of(source);
    return std::ranges::find(line, agency) != line.end();
}

ledger::Result<void> take_body(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const ledger::Record& record = coming.record;
    if (record.kind() != "conformity_body") return {};
    const auto& data = record.data();
    Designation designation;
    designation.at = coming.address;
    designation.id = record.id;
    designation.source = record.source;
    designation.body = text_at(data, "body_code");
    designation.name = text_at(data, "name");
    designation.status = parse_status(text_at(data, "status"));
    for (const boost::json::value& each : data.at("scope").as_array()) {
        const boost::json::object& scope = each.as_object();
        designation.scope.push_back(
            {std::string(text_at(scope, "regime")), std::string(text_at(scope, "technical_regulation")),
             std::string(text_at(scope, "standard")), std::string(text_at(scope, "hs_prefix"))});
    }
    designation.valid_from = date_at(data, "valid_from").value();
    designation.valid_to = date_at(data, "valid_to");
    if (const ledger::Reference* superseded = reference_of(record, "supersedes")) {
        for (Designation& each : designations(facts, designation.body)) {
            if (each.source != superseded->source || each.id != superseded->id) continue;
            each.superseded_by = coming.address;
            facts.put(FactKey(table).text(each.body).address(each.at), encode_fact(each));
        }
    }
    facts.put(FactKey(table).text(designation.body).address(coming.address), encode_fact(designation));
    return {};
}

}  // namespace socai::inspection
