// May a declaration be cleared, and on what (design/domain.md 8; Decree 85/2019 Art 24.1, 22.4; Decree 132/2008 Art 7.2;
// Circular 38/2015 Art 20.1.b)? One function for the guard of clearance_decision and for the answer to the border officer.
//
// Every item needs, under every regime that a list names for it, one basis of the rule set's clearance_bases that stands:
//   not_listed              no list in force names the goods, and customs has not asked for more
//   exempt                  the method is exempt
//   reduced_not_drawn       the method is reduced, and the draw passed the shipment over
//   inspection_result       the current result of the carried dossier passes, by an inspection no lighter than the method
//   conformity_result       a current certificate for the dossier says conforming, of a body designated or recognised for it
//   registration_confirmed  the dossier is confirmed, the list asks for management level 1 or 2, and the method is not strict
//   inspected_after_clearance  under any rule set: the list has the goods inspected after clearance (Decree 85/2019 Art 21), and
//                           customs has not asked for more
// An alert in force that makes goods strict or stops exemptions voids exempt, reduced_not_drawn and the last two.
// A result that fails, finds the label at fault or the dossier incomplete blocks until a passing one supersedes or follows it,
// or the remedy is done; goods that left or were destroyed are not cleared. Regimes without a rule set are recorded only: they
// need no basis, but a failing result blocks there too.
//
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inspection/alerts/alerts.hpp"
#include "inspection/method/rule_book.hpp"
#include "inspection/shipments/declaration.hpp"

namespace socai::inspection {

enum class Basis : std::uint8_t {
    not_listed,
    exempt,
    reduced_not_drawn,
    inspection_result,
    conformity_result,
    registration_confirmed,
    inspected_after_clearance,
};
std::string_view word(Basis basis);

// What stands in the way, for people and programs.
struct Obstacle {
    std::string need;  // a stable word: inspection_result, conformity_result, remedy, …
    std::string en, vi;
};

// One item under one regime.
struct RegimeVerdict {
    std::uint32_t line = 0;
    Determination determination;
    Method method = Method::exempt;  // the heavier of the determination and what customs made stricter
    std::string dossier_no;          // empty: none
    bool needs_basis = true;         // false: a regime that is recorded only
    bool may_be_cleared = false;
    std::vector<Basis> bases;               // that stand
    std::vector<ledger::Address> evidence;  // behind them, or behind what is in the way
    std::vector<Obstacle> obstacles;        // empty when it may be cleared
    std::vector<MatchedAlert> alerts;       // on the day, full and near
};

struct ClearanceVerdict {
    bool may_be_cleared = false;
    std::vector<RegimeVerdict> items;
    std::vector<Obstacle> obstacles;  // of the declaration as a whole
    // Of everything that is in the way, "line 1, quality: …; …".
    std::string text_en() const;
    std::string text_vi() const;
};

// As the facts stand, on the day that the decision is signed. `rules` reads the rule sets that determinations name.
ClearanceVerdict may_be_cleared(const ledger::Facts& facts, const RuleBook& rules,
                                const Declaration& declaration, Date day);

// The guard of a clearance_decision "cleared" or "released". `basis`: the word it names; empty: none. Errors, Fault::refused:
// clearance_without_basis, clearance_basis_missing.
ledger::Result<void> check_clearance(const ClearanceVerdict& verdict, const Declaration& declaration,
                                     std::string_view basis);
// What the clearance rests on when the decision names nothing: the basis of the first item that needs one.
std::string_view basis_of(const ClearanceVerdict& verdict);

}  // namespace socai::inspection
