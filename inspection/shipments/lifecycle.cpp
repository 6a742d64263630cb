#include "inspection/shipments/lifecycle.hpp"

#include "inspection/shipments/refusals.hpp"

namespace socai::inspection {
namespace {

using enum DossierState;
using State = DossierState;

const Act& last_state(const Dossier& dossier) {
    return dossier.states.empty() ? dossier.registration : dossier.states.back();
}

Phrase named(const ledger::Reference& reference) {
    return {reference.id + " of " + reference.source, reference.id + " của " + reference.source};
}
std::string named(const Act& act) {
    return act.id + " (" + ledger::to_string(act.at) + ")";
}
Phrase named(State state) {
    return phrase(WordOf::dossier, word(state));
}
Phrase goods_of(const Dossier& dossier) {
    return {"dossier " + dossier.dossier_no, "hàng của hồ sơ " + dossier.dossier_no};
}

}  // namespace

bool may_move(State from, State to) {
    switch (from) {
        case submitted:
            return to != submitted && to != decided;
        case received:
            return to != submitted && to != received && to != decided;
        case supplement_requested:  // asked again: something else is missing
            return to != submitted && to != decided;
        case accepted:
            return to == supplement_requested || to == confirmed || to == refused || to == closed ||
                   to == withdrawn;
        case confirmed:
            return to == supplement_requested || to == closed || to == withdrawn;
        case decided:
            return to == decided || to == closed;
        case refused:
        case closed:
        case withdrawn:
            return false;
    }
    return false;
}

ledger::Result<void> check_dossier_open(const Dossier& dossier) {
    if (!dossier.ended()) return {};
    return refusal(refusals::dossier_closed,
                   {dossier.dossier_no, named(dossier.state), named(last_state(dossier))});
}

ledger::Result<void> check_dossier_move(const Dossier& dossier, State to) {
    if (auto open = check_dossier_open(dossier); !open) return open;
    if (!may_move(dossier.state, to))
        return refusal(refusals::dossier_move, {dossier.dossier_no, named(dossier.state), named(to)});
    if (to == withdrawn && dossier.cleared)
        return refusal(refusals::cleared_content,
                       {goods_of(dossier), named(*dossier.cleared), {"the dossier", "hồ sơ"}});
    return {};
}

ledger::Result<void> check_registration_change(const Dossier& dossier, const ledger::Reference* superseding) {
    if (superseding == nullptr || !dossier.registration.is(*superseding))
        return refusal(refusals::dossier_registered, {dossier.dossier_no, named(dossier.registration)});
    if (dossier.cleared)
        return refusal(
            refusals::cleared_content,
            {goods_of(dossier), named(*dossier.cleared), {"the registration", "nội dung đăng ký kiểm tra"}});
    if (dossier.ended() || dossier.state == decided || dossier.result() != nullptr)
        return refusal(refusals::dossier_decided,
                       {dossier.dossier_no, named(dossier.state), named(last_state(dossier))});
    return {};
}

ledger::Result<void> check_result(const Dossier& dossier, const ledger::Reference* superseding) {
    const DossierResult* current = dossier.result();
    if (superseding != nullptr) {
        // A correction of what was decided: at any time, by whoever made it, of the one that is current.
        if (current != nullptr && current->act.is(*superseding)) return {};
        if (current == nullptr)
            return refusal(refusals::no_such_result, {dossier.dossier_no, named(*superseding)});
        return refusal(refusals::result_stands,
                       {dossier.dossier_no, current->notice_no, named(current->act)});
    }
    if (auto open = check_dossier_open(dossier); !open) return open;
    // What was at fault may be put right and inspected again.
    if (current == nullptr || current->outcome == "annulled" || current->outcome == "label_fail" ||
        current->outcome == "incomplete" || (current->outcome == "fail" && !dossier.failing()))
        return {};
    return refusal(refusals::result_stands, {dossier.dossier_no, current->notice_no, named(current->act)});
}

ledger::Result<void> check_certificate_move(std::string_view certificate_no, std::string_view from,
                                            std::string_view to, bool superseding) {
    const bool allowed = from.empty()          ? to == "issued"
                         : from == "withdrawn" ? false
                         : to == "issued"      ? superseding && from != "suspended"
                         : to == "suspended"   ? from != "suspended"
                         : to == "restored"    ? from == "suspended"
                                               : to == "withdrawn";
    if (allowed) return {};
    return refusal(refusals::certificate_move,
                   {certificate_no,
                    from.empty() ? Phrase("not issued", "chưa được cấp") : phrase(WordOf::certificate, from),
                    phrase(WordOf::certificate, to)});
}

ledger::Result<void> check_declaration_change(const Declaration& standing, std::string_view declaration_no,
                                              const ledger::Reference* superseding) {
    // A cancelled number may be filed again.
    if (standing.is_cancelled() && superseding == nullptr) return {};
    if (superseding == nullptr)
        return refusal(refusals::declaration_registered,
                       {standing.declaration_no, named(standing.registration)});
    if (auto alive = check_not_cancelled(standing); !alive) return alive;
    if (!standing.registration.is(*superseding) || declaration_no.back() <= standing.declaration_no.back())
        return refusal(refusals::amendment_order, {standing.declaration_no, declaration_no});
    return {};
}

ledger::Result<void> check_not_cancelled(const Declaration& declaration) {
    if (!declaration.is_cancelled()) return {};
    return refusal(refusals::declaration_cancelled,
                   {declaration.declaration_no, named(declaration.registration)});
}

ledger::Result<void> check_not_cleared(const Declaration& declaration) {
    if (!declaration.is_cleared()) return {};
    return refusal(refusals::clearance_final,
                   {declaration.declaration_no, phrase(WordOf::clearance, declaration.clearance->decision),
                    named(declaration.clearance->act)});
}

ledger::Result<void> check_storage_move(const Declaration& declaration, std::string_view to) {
    const std::string_view from =
        declaration.storage ? std::string_view(declaration.storage->status) : "none";
    const bool allowed = from == "granted" ? to == "ended" || to == "violated"
                         : from == "ended" || from == "violated"
                             ? to == "violated" && from == "ended"  // found out later
                             : to == "granted" || to == "refused";
    if (allowed) return {};
    return refusal(refusals::storage_move,
                   {declaration.declaration_no, phrase(WordOf::storage, from), phrase(WordOf::storage, to)});
}

}  // namespace socai::inspection
