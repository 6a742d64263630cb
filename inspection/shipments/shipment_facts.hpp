// The parts of taking in a shipment's record (declaration.hpp: take_shipment), one topic a file, and what they share. Each
// part passes over kinds that are not its own. For inspection/shipments only.
#pragma once

#include "inspection/shipments/declaration.hpp"
#include "inspection/shipments/dossier.hpp"

namespace socai::inspection {

void put_dossier(ledger::FactDraft& facts, Dossier dossier);
void put_declaration(ledger::FactDraft& facts, Declaration declaration);
void put_registration(ledger::FactDraft& facts, const ledger::Record& registration,
                      std::string_view dossier_no);

// The dossier that `data.dossier_no` names. `rel`: where the record's reference of that relation leads to a registration,
// it must be this dossier's. Errors: dossier_unknown, wrong_dossier.
ledger::Result<Dossier> dossier_named(const ledger::Record& record, std::string_view rel,
                                      const ledger::Facts& facts);
// The declaration that `data.declaration_no` names, not cancelled. Errors: declaration_unknown,
// lifecycle_declaration_cancelled.
ledger::Result<Declaration> declaration_named(const ledger::Record& record, const ledger::Facts& facts);

// The determination that governs the dossier's method: that of the declaration which carries it, else its own.
Determination governing_determination(const ledger::Facts& facts, const Dossier& dossier);

// May the writer inspect the dossier's goods: the agency that a list names for them, as they were registered or on the signed
// day, or an office below it; of goods that no list names, any inspection agency. Customs only where a list names customs
// (Customs Law Art 35.3). Errors: not_the_inspection_agency.
ledger::Result<void> check_agency(const ledger::Coming& coming, const Dossier& dossier,
                                  const ledger::Facts& facts);

ledger::Result<void> take_registration(const ledger::Coming& coming, ledger::FactDraft& facts,
                                       const RuleBook& rules);
ledger::Result<void> take_status(const ledger::Coming& coming, ledger::FactDraft& facts);
ledger::Result<void> take_determination(const ledger::Coming& coming, ledger::FactDraft& facts);
ledger::Result<void> take_conformity(const ledger::Coming& coming, ledger::FactDraft& facts);
ledger::Result<void> take_result(const ledger::Coming& coming, ledger::FactDraft& facts);
ledger::Result<void> take_remedy(const ledger::Coming& coming, ledger::FactDraft& facts);
ledger::Result<void> take_appeal(const ledger::Coming& coming, ledger::FactDraft& facts);
ledger::Result<void> take_declaration(const ledger::Coming& coming, ledger::FactDraft& facts,
                                      const RuleBook& rules);
ledger::Result<void> take_channel(const ledger::Coming& coming, ledger::FactDraft& facts,
                                  const RuleBook& rules, ComplianceLevel compliance);
ledger::Result<void> take_storage(const ledger::Coming& coming, ledger::FactDraft& facts);
ledger::Result<void> take_clearance(const ledger::Coming& coming, ledger::FactDraft& facts,
                                    const RuleBook& rules, ComplianceLevel compliance);

}  // namespace socai::inspection
