#include "rights_table.hpp"

#include <algorithm>
#include <set>

namespace socai::api::testing {
namespace {

// Of agencies, keys and delegations: whoever has a registrar.
constexpr const char* writers_of_acts =
    "member list_owner inspection_agency market_surveillance provincial_committee customs_office "
    "nsw_operator conformity_body "
    "asw_gateway";

// Chosen by the registration of shipment 104000123450; its result rests on its certificate.
const std::set<std::string_view> of_body{"inspection_registration", "inspection_result", "storage_release"};
constexpr std::string_view body = "cab.cn-09";

}  // namespace

const std::map<std::string, Rights, std::less<>>& rights() {
    static const std::map<std::string, Rights, std::less<>> table{
        {"acdd", {'-', '-', '-', '-', 'W', "asw_gateway"}},
        {"activation", {'W', 'W', 'W', 'W', 'W', "member"}},
        {"agency_key", {'W', 'W', 'W', 'W', 'W', writers_of_acts}},
        {"agency_registration", {'W', 'W', 'W', 'W', 'W', writers_of_acts}},
        {"alert",
         {'-', '-', '-', 'W', 'W',
          "member list_owner inspection_agency market_surveillance provincial_committee customs_office "
          "asw_gateway"}},
        {"appeal",
         {'-', 'W', '-', 'W', 'W', "trader inspection_agency customs_office market_surveillance member"}},
        {"ballot", {'-', '-', '-', 'W', 'W', "member"}},
        {"catalog_item", {'W', 'W', 'W', 'W', 'W', "list_owner member"}},
        {"channel_decision", {'-', 'p', '-', 'W', 'W', "customs_office"}},
        {"clearance_decision", {'-', 'p', '-', 'W', 'W', "customs_office"}},
        {"co_form_d", {'-', 'W', '-', 'W', 'W', "asw_gateway"}},
        {"compliance_criteria", {'-', '-', '-', 'W', 'W', "member"}},
        {"conformity_body", {'W', 'W', 'W', 'W', 'W', "list_owner member"}},
        {"conformity_result", {'-', 'W', '-', 'W', 'W', "conformity_body"}},
        {"customs_declaration", {'-', 'W', '-', 'W', 'W', "customs_office"}},
        {"delegation", {'W', 'W', 'W', 'W', 'W', writers_of_acts}},
        {"dossier_status",
         {'-', 'p', '-', 'W', 'W', "inspection_agency customs_office nsw_operator list_owner"}},
        {"ephyto", {'-', 'W', '-', 'W', 'W', "asw_gateway"}},
        {"erasure", {'-', '-', '-', 'W', 'W', "member"}},
        {"exemption_notice",
         {'p', 'p', 'p', 'W', 'W', "inspection_agency list_owner member customs_office nsw_operator"}},
        {"inspection_registration", {'-', 'W', 'W', 'W', 'W', "trader"}},
        {"inspection_result", {'p', 'W', 'W', 'W', 'W', "inspection_agency customs_office"}},
        {"key_registration", {'W', 'W', 'W', 'W', 'W', "nsw_operator"}},
        {"key_revocation", {'W', 'W', 'W', 'W', 'W', writers_of_acts}},
        {"method_determination", {'-', 'p', '-', 'W', 'W', "nsw_operator customs_office"}},
        {"method_transition", {'p', 'p', 'p', 'W', 'W', "nsw_operator customs_office"}},
        {"periodic_report",
         {'-', 'W', '-', 'W', 'W',
          "trader inspection_agency customs_office list_owner conformity_body member"}},
        {"policy", {'W', 'W', 'W', 'W', 'W', "member"}},
        {"post_check",
         {'-', '-', '-', 'W', 'W', "customs_office inspection_agency market_surveillance member"}},
        {"procedure", {'W', 'W', 'W', 'W', 'W', "member list_owner inspection_agency"}},
        {"proposal", {'-', '-', '-', 'W', 'W', "member"}},
        {"proposal_withdrawal", {'-', '-', '-', 'W', 'W', "member"}},
        {"remedy_completion", {'-', 'W', '-', 'W', 'W', "customs_office inspection_agency"}},
        {"remedy_order", {'-', 'p', '-', 'W', 'W', "inspection_agency customs_office market_surveillance"}},
        {"risk_signal",
         {'-', '-', '-', 'W', 'W',
          "member list_owner inspection_agency market_surveillance provincial_committee customs_office "
          "nsw_operator conformity_body asw_gateway"}},
        {"risk_table", {'-', '-', '-', 'W', 'W', "member"}},
        {"ruleset", {'W', 'W', 'W', 'W', 'W', "member"}},
        {"storage_release", {'-', 'p', 'p', 'W', 'W', "customs_office"}},
        {"violation",
         {'-', '-', '-', 'W', 'W', "market_surveillance inspection_agency customs_office member"}},
        {"working_calendar", {'W', 'W', 'W', 'W', 'W', "member"}},
    };
    return table;
}

const std::map<std::string, std::string, std::less<>>& importer_of() {
    static const std::map<std::string, std::string, std::less<>> table{
        {"appeal", "importer.9900000023"},
        {"channel_decision", "importer.9900000016"},
        {"clearance_decision", "importer.9900000016"},
        {"co_form_d", "importer.9900000016"},
        {"conformity_result", "importer.9900000016"},
        {"customs_declaration", "importer.9900000016"},
        {"dossier_status", "importer.9900000016"},
        {"ephyto", "importer.9900000023"},
        {"exemption_notice", "importer.9900000016"},
        {"inspection_registration", "importer.9900000016"},
        {"inspection_result", "importer.9900000016"},
        {"method_determination", "importer.9900000016"},
        {"periodic_report", "importer.9900000016"},
        {"remedy_completion", "importer.9900000023"},
        {"remedy_order", "importer.9900000023"},
        {"storage_release", "importer.9900000016"},
    };
    return table;
}

bool has_any(const ledger::Agency& agency, std::string_view roles) {
    for (; !roles.empty();) {
        const std::string_view role = roles.substr(0, roles.find(' '));
        if (agency.has_role(role)) return true;
        roles.remove_prefix(std::min(role.size() + 1, roles.size()));
    }
    return false;
}

std::vector<std::string> readers(const ledger::Registry& registry) {
    std::vector<std::string> all{""};
    for (const auto& [code, agency] : registry.agencies()) all.push_back(code);
    return all;
}

char expected_sight(const ledger::Registry& registry, std::string_view reader, const ledger::Record& record) {
    const std::string kind(record.kind());
    const Rights& row = rights().at(kind);
    const ledger::Agency* agency = registry.agency(reader);
    if (record.source == reader) return 'W';
    if (agency != nullptr && has_any(*agency, "member auditor")) return 'W';
    if (agency != nullptr && has_any(*agency, "customs_office")) return row.customs;
    if (agency != nullptr &&
        has_any(*agency, "list_owner inspection_agency market_surveillance provincial_committee nsw_operator"))
        return row.agency;
    if (record.subject == "CB-OPEN") return 'W';
    if (record.subject == "CB-IMPORTER-OPEN") return reader == "importer.9900000016" ? 'W' : '-';
    if (reader == body && of_body.contains(kind)) return row.body;
    const auto about = importer_of().find(kind);
    if (about != importer_of().end() && about->second == reader) return row.trader;
    return row.everybody;
}

}  // namespace socai::api::testing
