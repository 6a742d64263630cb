#include "inspection/records/kind_table.hpp"

#include <algorithm>
#include <array>

namespace socai::inspection {
namespace {

// Words are separated by blanks, the kinds of a relation by "|"; "=*" leads to any kind. In `required`, relations joined by
// "|" are a group.
struct Row {
    std::string_view kind;
    std::string_view writers;
    std::string_view writer_article;
    std::string_view relations;
    std::string_view required;
};

constexpr std::string_view everybody_but_traders =
    "member list_owner inspection_agency market_surveillance provincial_committee customs_office "
    "nsw_operator "
    "conformity_body asw_gateway";

constexpr std::array rows{
    Row{"acdd", "asw_gateway", "NĐ 85/2019/NĐ-CP Đ39", "supersedes=acdd closes=acdd", ""},
    // Which versions a program must have to go on (inspection/activation.hpp).
    Row{"activation", "member", "QĐ 38/QĐ-TTg", "supersedes=activation", ""},
    // Acts of governance; who may sign which is admission's own (ledger/governance).
    Row{"agency_key", everybody_but_traders, "NĐ 85/2019/NĐ-CP Đ12", "because_of=*", ""},
    Row{"agency_registration", everybody_but_traders, "NĐ 85/2019/NĐ-CP Đ12", "because_of=*", ""},
    Row{"alert",
        "member list_owner inspection_agency market_surveillance provincial_committee customs_office "
        "asw_gateway",
        "NĐ 15/2018/NĐ-CP Đ17.3.c; NĐ 85/2019/NĐ-CP Đ22.4",
        "caused_by=violation|inspection_result|post_check|conformity_result|risk_signal|alert "
        "because_of=violation|inspection_result|post_check|conformity_result|risk_signal|alert "
        "supersedes=alert "
        "closes=alert",
        ""},
    Row{"appeal", "trader inspection_agency customs_office market_surveillance member", "QĐ 38/QĐ-TTg",
        "about=inspection_result|method_determination|method_transition|channel_decision|storage_release|"
        "clearance_decision|remedy_order|violation|exemption_notice|dossier_status|alert decides=appeal "
        "supported_by=conformity_result|inspection_result based_on=conformity_result|inspection_result "
        "supersedes=appeal",
        "about|decides"},
    Row{"ballot", "member", "QĐ 38/QĐ-TTg", "about=proposal", "about"},
    Row{"catalog_item", "list_owner member", "NĐ 85/2019/NĐ-CP Đ21.4, Đ26.1.b",
        "based_on=procedure under=procedure supersedes=catalog_item closes=catalog_item", ""},
    Row{"channel_decision", "customs_office", "TT 81/2019/TT-BTC Đ22",
        "about=customs_declaration based_on=method_determination|alert|risk_signal "
        "because_of=alert|risk_signal|violation "
        "supersedes=channel_decision",
        "about"},
    Row{"clearance_decision", "customs_office", "NĐ 85/2019/NĐ-CP Đ24.1; Luật Hải quan 54/2014/QH13 Đ37",
        "about=customs_declaration "
        "based_on=inspection_result|exemption_notice|conformity_result|inspection_registration|"
        "dossier_status|method_determination|storage_release because_of=alert|violation|inspection_result "
        "supersedes=clearance_decision",
        "about"},
    Row{"co_form_d", "asw_gateway", "NĐ 85/2019/NĐ-CP Đ39", "supersedes=co_form_d closes=co_form_d", ""},
    Row{"compliance_criteria", "member", "TT 81/2019/TT-BTC Đ10-16", "supersedes=compliance_criteria", ""},
    Row{"conformity_body", "list_owner member", "NĐ 85/2019/NĐ-CP Đ26.1.d",
        "because_of=violation|post_check|inspection_result supersedes=conformity_body", ""},
    Row{"conformity_result", "conformity_body", "NĐ 85/2019/NĐ-CP Đ25.3, Đ27.5",
        "for=inspection_registration under=conformity_body|catalog_item "
        "because_of=violation|post_check|conformity_result "
        "supersedes=conformity_result closes=conformity_result",
        ""},
    Row{"customs_declaration", "customs_office", "Luật Hải quan 54/2014/QH13 Đ29, Đ30",
        "carries=inspection_registration "
        "supported_by=co_form_d|acdd|ephyto|conformity_result|exemption_notice "
        "supersedes=customs_declaration",
        ""},
    Row{"delegation", everybody_but_traders, "NĐ 85/2019/NĐ-CP Đ12", "because_of=*", ""},
    Row{"dossier_status", "inspection_agency customs_office nsw_operator list_owner",
        "NĐ 85/2019/NĐ-CP Đ19, Đ20",
        "about=inspection_registration because_of=alert|inspection_result|conformity_result|dossier_status",
        "about"},
    Row{"ephyto", "asw_gateway", "NĐ 85/2019/NĐ-CP Đ39; ISPM 12", "supersedes=ephyto closes=ephyto", ""},
    Row{"erasure", "member", "", "about=* because_of=*", "about"},
    Row{"exemption_notice", "inspection_agency list_owner member customs_office nsw_operator",
        "NĐ 85/2019/NĐ-CP Đ22; NĐ 15/2018/NĐ-CP Đ13; NĐ 132/2008/NĐ-CP Đ7.7, Đ7.8",
        "about=inspection_registration|customs_declaration under=catalog_item based_on=inspection_result|"
        "conformity_result|method_determination because_of=alert|violation|periodic_report "
        "supersedes=exemption_notice",
        ""},
    Row{"inspection_registration", "trader", "NĐ 85/2019/NĐ-CP Đ13",
        "under=catalog_item "
        "supported_by=co_form_d|acdd|ephyto|conformity_result|exemption_notice|inspection_result "
        "supersedes=inspection_registration",
        "under"},
    Row{"inspection_result", "inspection_agency customs_office",
        "Luật Hải quan 54/2014/QH13 Đ35.1; NĐ 85/2019/NĐ-CP Đ25.2",
        "decides=inspection_registration based_on=conformity_result "
        "because_of=appeal|alert|inspection_result "
        "supersedes=inspection_result",
        "decides"},
    Row{"key_registration", "nsw_operator", "NĐ 85/2019/NĐ-CP Đ12",
        "supersedes=key_registration closes=key_registration", ""},
    Row{"key_revocation", everybody_but_traders, "NĐ 85/2019/NĐ-CP Đ12", "because_of=*", ""},
    Row{"method_determination", "nsw_operator customs_office", "QĐ 38/QĐ-TTg",
        "about=inspection_registration|customs_declaration "
        "because_of=alert|violation|inspection_result|post_check|appeal|"
        "conformity_result|risk_signal "
        "based_on=method_transition|conformity_result|exemption_notice|inspection_result "
        "supersedes=method_determination",
        "about"},
    Row{"method_transition", "nsw_operator customs_office", "QĐ 38/QĐ-TTg",
        "caused_by=inspection_result|alert|violation|post_check|appeal|conformity_result|periodic_report|"
        "method_transition|ruleset "
        "because_of=alert|violation|inspection_result|post_check|appeal|conformity_result",
        "caused_by"},
    Row{"periodic_report", "trader inspection_agency customs_office list_owner conformity_body member",
        "NĐ 132/2008/NĐ-CP Đ7.8, Đ34.3",
        "under=exemption_notice|method_transition|catalog_item "
        "supported_by=conformity_result|inspection_result "
        "supersedes=periodic_report",
        ""},
    // Its form and its right are admission's own (ledger/policy_leaf.hpp).
    Row{"policy", "member", "", "", ""},
    Row{"post_check", "customs_office inspection_agency market_surveillance member",
        "Luật Hải quan 54/2014/QH13 Đ77, Đ78; Luật 05/2007/QH12",
        "about=customs_declaration|clearance_decision|inspection_registration|inspection_result|conformity_"
        "result "
        "because_of=alert|risk_signal|violation|appeal supersedes=post_check closes=post_check",
        ""},
    Row{"procedure", "member list_owner inspection_agency", "NĐ 85/2019/NĐ-CP Đ26.1.d",
        "supersedes=procedure closes=procedure", ""},
    Row{"proposal", "member", "QĐ 38/QĐ-TTg", "because_of=* based_on=*", ""},
    Row{"proposal_withdrawal", "member", "QĐ 38/QĐ-TTg", "about=proposal", "about"},
    Row{"remedy_completion", "customs_office inspection_agency",
        "NĐ 15/2018/NĐ-CP Đ20; NĐ 132/2008/NĐ-CP Đ8.2",
        "closes=remedy_order about=customs_declaration supersedes=remedy_completion", "closes"},
    Row{"remedy_order", "inspection_agency customs_office market_surveillance",
        "NĐ 132/2008/NĐ-CP Đ8.2; Luật 05/2007/QH12 Đ36",
        "because_of=inspection_result|violation|post_check|alert "
        "about=customs_declaration|inspection_registration "
        "supersedes=remedy_order",
        "because_of"},
    Row{"risk_signal", everybody_but_traders, "TTLT 110/2016 Đ6; TT 81/2019/TT-BTC",
        "about=* caused_by=* because_of=* supported_by=* based_on=* supersedes=risk_signal "
        "closes=risk_signal",
        ""},
    Row{"risk_table", "member", "TT 81/2019/TT-BTC Đ16, Đ17, Đ22", "supersedes=risk_table", ""},
    Row{"ruleset", "member", "QĐ 38/QĐ-TTg", "based_on=ruleset supersedes=ruleset", ""},
    Row{"storage_release", "customs_office", "TT 38/2015/TT-BTC Đ32; NĐ 85/2019/NĐ-CP Đ27",
        "about=customs_declaration because_of=alert|violation|inspection_result "
        "based_on=inspection_registration|"
        "dossier_status supersedes=storage_release closes=storage_release",
        "about"},
    Row{"violation", "market_surveillance inspection_agency customs_office member", "Luật 05/2007/QH12 Đ36.4",
        "about=clearance_decision|customs_declaration|inspection_registration|inspection_result|post_check|"
        "storage_release|conformity_result caused_by=post_check because_of=alert|risk_signal "
        "supersedes=violation "
        "closes=violation",
        ""},
    Row{"working_calendar", "member", "Bộ luật Lao động 45/2019/QH14 Đ112", "supersedes=working_calendar",
        ""},
};

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find(separator));
        parts.push_back(part);
        text.remove_prefix(std::min(part.size() + 1, text.size()));
    }
    return parts;
}

KindTraits traits_of(const Row& row) {
    KindTraits traits{row.kind, split(row.writers, ' '), row.writer_article, {}, {}};
    for (const std::string_view relation : split(row.relations, ' ')) {
        const std::size_t equals = relation.find('=');
        const std::string_view kinds = relation.substr(equals + 1);
        traits.relations.push_back(
            {relation.substr(0, equals), kinds == "*" ? std::vector<std::string_view>() : split(kinds, '|')});
    }
    for (const std::string_view group : split(row.required, ' '))
        traits.required.push_back(split(group, '|'));
    return traits;
}

}  // namespace

const Relation* KindTraits::relation(std::string_view rel) const {
    const auto found = std::ranges::find(relations, rel, &Relation::rel);
    return found == relations.end() ? nullptr : &*found;
}

std::vector<KindTraits> kind_table() {
    std::vector<KindTraits> table;
    table.reserve(rows.size());
    for (const Row& row : rows) table.push_back(traits_of(row));
    return table;
}

}  // namespace socai::inspection
