// Shipments under way: dossiers and declarations that are neither cleared nor at their end, by what alerts are about, so that
// an alert tells at once which of them it touches (design/domain.md 11; Decree 85/2019 Art 27.3).
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "inspection/alert_scope.hpp"
#include "inspection/alerts/alerts.hpp"
#include "inspection/shipments/declaration.hpp"

namespace socai::inspection {

struct ShipmentUnderWay {
    std::string dossier_no;      // of a dossier
    std::string declaration_no;  // of a declaration; one of the two is empty
    Goods goods;
    std::string tax_code;                 // importer
    ledger::Address at;                   // of the record that opened it
    AlertMatch match = AlertMatch::none;  // filled in by touched_by
    template <class Codec>
    void members(Codec& codec) {
        codec(dossier_no, declaration_no, goods.goods_key, goods.hs_code, goods.origin_country,
              goods.manufacturer_site_id, tax_code, at);
    }
};

// Writes what is under way of the dossier or declaration; takes away what `before` (nullptr: nothing) had there.
void follow(ledger::FactDraft& facts, const Dossier* before, const Dossier& now);
void follow(ledger::FactDraft& facts, const Declaration* before, const Declaration& now);

// Those that the alert matches, fully or nearly, at most `limit`, by HS code, goods and number. An alert that names neither
// goods, HS code, establishment nor importer looks at all of them.
std::vector<ShipmentUnderWay> touched_by(const ledger::Facts& facts, const Alert& alert, std::size_t limit);

}  // namespace socai::inspection
