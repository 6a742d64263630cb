#include "inspection/access/visibility_table.hpp"

#include <algorithm>
#include <array>

namespace socai::inspection {
namespace {

using enum AgencyReaders;

constexpr std::string_view none;
constexpr std::string_view whole = "*";

// A trader reads the decisions about its own shipments, and not what agencies gave each other as grounds: references that may
// lead to an alert that is not published, a signal or a violation are left out, and so are what customs weighed.
constexpr std::array rows{
    VisibilityRow{"acdd", "row 19: customs risk units, restricted", customs, none, none, none,
                  Condition::always, customs},
    VisibilityRow{"activation", "design/domain.md 4: which rules are in force", all, whole, whole, whole},
    VisibilityRow{"agency_key", "row 24: keys and who holds them are public", all, whole, whole, whole},
    VisibilityRow{"agency_registration", "row 24: who holds keys is public", all, whole, whole, whole},
    VisibilityRow{"alert", "row 17; design/domain.md 2: agencies, until the issuer publishes", all, whole,
                  whole, whole, Condition::published},
    VisibilityRow{"appeal", "row 21: the agency concerned; the declarant files it", all, none, whole, none},
    VisibilityRow{"ballot", "the members' own affair", all, none, none, none},
    VisibilityRow{"catalog_item", "row 1: public", all, whole, whole, whole},
    VisibilityRow{"channel_decision", "row 9: agency, importer", all, none,
                  "subject declaration_no customs_channel specialised_channel actions", none},
    VisibilityRow{"clearance_decision", "row 13: agencies; the declarant's own", all, none,
                  "subject declaration_no decision cleared_at duties_settled basis reason", none},
    VisibilityRow{"co_form_d", "row 18: customs, MOIT; the consignee's own", all, none, whole, none},
    VisibilityRow{"compliance_criteria", "design/domain.md 13: how customs weighs importers", all, none, none,
                  none},
    VisibilityRow{"conformity_body", "row 2: public (Decree 85/2019 Art 26.1.d)", all, whole, whole, whole},
    VisibilityRow{"conformity_result",
                  "row 11: agency, customs, importer; confidential (Decree 85/2019 Art 25.3.c)", all, none,
                  whole, none},
    VisibilityRow{"customs_declaration", "row 8: agencies concerned; the declarant's own", all, none, whole,
                  none, Condition::always, customs},
    VisibilityRow{"delegation", "row 24: who signs for whom is public", all, whole, whole, whole},
    VisibilityRow{"dossier_status", "row 4: importer, customs", all, none,
                  "subject dossier_no status reason!alert missing due", none},
    VisibilityRow{"ephyto", "row 20: plant protection, customs; the consignee's own", all, none, whole, none},
    VisibilityRow{"erasure", "design/formats.md: agencies", all, none, none, none},
    VisibilityRow{
        "exemption_notice", "row 7: public (goods exempt)", all,
        "subject notice_no regime category goods_key hs_prefix status valid_from valid_to",
        "subject notice_no regime category circumstances dossier_no declaration_no goods_key goods hs_prefix "
        "tax_code status quantity unit valid_from valid_to reason!alert",
        none},
    VisibilityRow{"genesis", "row 24: keys and who holds them are public", all, whole, whole, whole},
    VisibilityRow{"inspection_registration", "row 3: agency, customs, the chosen body; the importer's own",
                  all, none, whole, whole},
    VisibilityRow{"inspection_result",
                  "row 12; design/domain.md 2: goods, outcome, method, date, notice number", all,
                  "notice_no goods_key method outcome", whole, whole},
    VisibilityRow{"key_registration", "row 24: public (Decree 85/2019 Art 12)", all, whole, whole, whole},
    VisibilityRow{"key_revocation", "row 24: which keys hold is public", all, whole, whole, whole},
    VisibilityRow{
        "method_determination",
        "row 5: importer, agency, customs; what of it is public stands in method_transition", all, none,
        "subject dossier_no declaration_no goods_key tax_code ruleset method previous_method reason!alert "
        "pass_streak_before streak_window_start random_selected valid_for",
        none},
    VisibilityRow{"method_transition", "row 6: public", all,
                  "subject goods_key ruleset from to reason!alert effective_from expires_at",
                  "subject goods_key tax_code ruleset from to reason!alert counted effective_from expires_at",
                  none},
    VisibilityRow{"periodic_report", "row 22: the addressee; whoever files it", all, none, whole, none},
    VisibilityRow{"policy", "row 24: whose keys sign heads is public", all, whole, whole, whole},
    VisibilityRow{"post_check", "row 15: agencies", all, none, none, none},
    VisibilityRow{"procedure", "design/domain.md 2: public (Decree 85/2019 Art 26.1.d)", all, whole, whole,
                  whole},
    VisibilityRow{"proposal", "the members' own affair", all, none, none, none},
    VisibilityRow{"proposal_withdrawal", "the members' own affair", all, none, none, none},
    VisibilityRow{"recovery", "row 24: whose keys sign heads is public", all, whole, whole, whole},
    VisibilityRow{"remedy_completion", "row 14: all agencies; whoever must do it", all, none, whole, none},
    VisibilityRow{"remedy_order", "row 14: all agencies; whoever must do it", all, none,
                  "subject order_no dossier_no allowed quantity unit due reason!alert", none},
    VisibilityRow{"risk_signal", "design/domain.md 1: suspicion shared among agencies", all, none, none,
                  none},
    VisibilityRow{"risk_table", "design/domain.md 9: how customs weighs shipments", all, none, none, none},
    VisibilityRow{"ruleset", "row 23: public", all, whole, whole, whole},
    VisibilityRow{"storage_release", "row 10: agency, body; whoever stores the goods", all, none,
                  "subject declaration_no status place granted_at result_due reason!alert",
                  "subject declaration_no status place granted_at result_due"},
    VisibilityRow{"violation", "row 16: agencies, shared and not published", all, none, none, none},
    VisibilityRow{"working_calendar", "Labour Code 45/2019 Art 112: public", all, whole, whole, whole},
};
static_assert(std::ranges::is_sorted(rows, {}, &VisibilityRow::kind));

}  // namespace

std::span<const VisibilityRow> visibility_table() {
    return rows;
}

const VisibilityRow* visibility_of(std::string_view kind) {
    const auto found = std::ranges::lower_bound(rows, kind, {}, &VisibilityRow::kind);
    return found != rows.end() && found->kind == kind ? &*found : nullptr;
}

}  // namespace socai::inspection
