// Suspicions that agencies share about one shipment (reference/domain.md §2.2; Joint Circular 110/2016 Art 6): they change no
// method and no channel, but no goods go to storage over one (Decree 85/2019 Art 27.2, 27.3).
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inspection/shipments/declaration.hpp"

namespace socai::inspection {

struct ShipmentSignal {
    Act act;
    std::string severity;  // low, medium, high
    std::string status;    // raised, confirmed, dismissed
    bool by_authority =
        false;  // by customs or an authority of a ministry or a province, no body and no gateway
    std::optional<Date> valid_to;  // included

    // Does it say that the goods do not conform: confirmed, or of high severity and not dismissed?
    bool of_non_conformity() const {
        return status == "confirmed" || (severity == "high" && status != "dismissed");
    }
    template <class Codec>
    void members(Codec& codec) {
        codec(act, severity, status, by_authority, valid_to);
    }
};

// About the declaration, by its number, or a dossier that it carries; in ledger order, those replaced or closed left out.
std::vector<ShipmentSignal> signals_about(const ledger::Facts& facts, const Declaration& declaration);
std::vector<ShipmentSignal> signals_about(const ledger::Facts& facts, std::string_view dossier_no);

// Takes risk_signal records in, those that name a dossier or a declaration or refer to a registration.
ledger::Result<void> take_signal(const ledger::Coming& coming, ledger::FactDraft& facts);

}  // namespace socai::inspection
