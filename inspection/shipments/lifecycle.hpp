// Which moves the lives of dossiers, certificates, declarations and storage allow (reference/domain.md §2.2; Decree 85/2019
// Art 19, 20; Circular 38/2015 Art 20, 22, 32). Errors, Fault::refused, with the article: shipments/refusals.hpp.
// Pure; safe from any thread.
#pragma once

#include <string_view>

#include "inspection/shipments/declaration.hpp"
#include "inspection/shipments/dossier.hpp"

namespace socai::inspection {

// May a dossier in state `from` be told to be in `to` by a dossier_status? A result makes it decided by itself; a status may
// only repeat that.
bool may_move(DossierState from, DossierState to);
ledger::Result<void> check_dossier_move(const Dossier& dossier, DossierState to);
// Nothing follows a dossier that is closed, withdrawn or refused.
ledger::Result<void> check_dossier_open(const Dossier& dossier);
// May the registration that `superseding` names (nullptr: none) be taken as a change of the dossier?
ledger::Result<void> check_registration_change(const Dossier& dossier, const ledger::Reference* superseding);
// May a result follow those that stand? `superseding`: what it supersedes; nullptr: nothing.
ledger::Result<void> check_result(const Dossier& dossier, const ledger::Reference* superseding);

// issued → suspended → restored → …, and from each to withdrawn, which is the end. `from` empty: not known yet.
ledger::Result<void> check_certificate_move(std::string_view certificate_no, std::string_view from,
                                            std::string_view to, bool superseding);

// May the declaration as it stands be followed by the record with this number? `superseding` as above.
ledger::Result<void> check_declaration_change(const Declaration& standing, std::string_view declaration_no,
                                              const ledger::Reference* superseding);
// No decision follows cancellation. Released goods may still be cleared; cleared is the end.
ledger::Result<void> check_not_cancelled(const Declaration& declaration);
ledger::Result<void> check_not_cleared(const Declaration& declaration);
// granted → ended or violated; refused → granted.
ledger::Result<void> check_storage_move(const Declaration& declaration, std::string_view to);

}  // namespace socai::inspection
