// Why a shipment's record is refused over what stands before it: the lifecycles of reference/domain.md §2.2, the
// designations of design/domain.md 2, and the guards of 6, 8 and 9. A rule's sentences name what they contradict by "$1",
// "$2", "$3". Pure; safe from any thread.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>

#include "inspection/records/breach.hpp"

namespace socai::inspection {

namespace refusals {

// --- who may, by designation in force
extern const Rule designation_missing, not_the_inspection_agency;
// --- what belongs together
extern const Rule dossier_unknown, declaration_unknown, wrong_dossier, other_goods, key_of_other_goods,
    goods_key_needed, other_importer, other_rule_set;
// --- dossiers
extern const Rule dossier_registered, dossier_decided, dossier_closed, dossier_move, goods_settled,
    dossier_carried, result_stands, certificate_move, determination_published;
// --- methods
extern const Rule method_lighter, stricter_without_reason, transition_differs, draw_contradicted;
// --- findings
extern const Rule finding_without_goods;
// --- declarations
extern const Rule declaration_registered, amendment_order, declaration_cancelled, clearance_final,
    cleared_content, storage_move;
// --- remedies and appeals
extern const Rule remedy_by_stranger, remedy_without_order, remedy_not_ordered, remedy_done, appeal_decided,
    appeal_decider, appeal_not_filed, appeal_of_agency, appeal_about_other;
// --- guards
extern const Rule clearance_without_basis, basis_not_standing, storage_forbidden, channel_contradicts_table,
    channel_lighter;

}  // namespace refusals

// All of them, in the order above.
std::span<const Rule* const> all_refusals();

// "<English> / <Vietnamese> [<article>]", with the names in their places. The rule's article unless another is given.
ledger::Error refusal(const Rule& rule, std::initializer_list<std::string_view> names,
                      std::string_view article = {});

}  // namespace socai::inspection
