#include "inspection/shipments/shipment_facts.hpp"

namespace socai::inspection {

ledger::Result<void> take_shipment(const ledger::Coming& coming, ledger::FactDraft& facts,
                                   const RuleBook& rules, ComplianceLevel compliance) {
    const std::string_view kind = coming.record.kind();
    if (kind == "inspection_registration") return take_registration(coming, facts, rules);
    if (kind == "dossier_status") return take_status(coming, facts);
    if (kind == "method_determination") return take_determination(coming, facts);
    if (kind == "conformity_result") return take_conformity(coming, facts);
    if (kind == "inspection_result") return take_result(coming, facts);
    if (kind == "remedy_order" || kind == "remedy_completion") return take_remedy(coming, facts);
    if (kind == "appeal") return take_appeal(coming, facts);
    if (kind == "customs_declaration") return take_declaration(coming, facts, rules);
    if (kind == "channel_decision") return take_channel(coming, facts, rules, compliance);
    if (kind == "storage_release") return take_storage(coming, facts);
    if (kind == "clearance_decision") return take_clearance(coming, facts, rules, compliance);
    return {};
}

}  // namespace socai::inspection
