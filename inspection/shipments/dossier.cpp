#include "inspection/shipments/dossier.hpp"

#include <array>
#include <utility>

#include "inspection/catalog/catalog.hpp"
#include "inspection/shipments/shipment_facts.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view dossiers = "dos";
constexpr std::string_view registrations = "dor";  // source, id -> dossier number
constexpr std::array<std::string_view, 9> words{"submitted", "received",  "supplement_requested",
                                                "accepted",  "confirmed", "refused",
                                                "decided",   "closed",    "withdrawn"};

}  // namespace

std::string_view word(DossierState state) {
    return words[static_cast<std::size_t>(state)];
}

std::optional<DossierState> parse_dossier_state(std::string_view word) {
    for (std::size_t i = 0; i < words.size(); ++i)
        if (words[i] == word) return static_cast<DossierState>(i);
    return std::nullopt;
}

const DossierResult* Dossier::result() const {
    for (auto each = results.rbegin(); each != results.rend(); ++each)
        if (!each->superseded) return &*each;
    return nullptr;
}

bool Dossier::failing() const {
    const DossierResult* current = result();
    if (current == nullptr || current->outcome == "pass" || current->outcome == "annulled") return false;
    return !remedied || remedied->at < current->act.at;
}

bool Dossier::confirmed() const {
    for (auto each = state_of.rbegin(); each != state_of.rend() && *each != DossierState::submitted; ++each)
        if (*each == DossierState::confirmed) return true;
    return false;
}

Act act_of(const ledger::Coming& coming) {
    return {coming.address, coming.record.source, coming.record.time_ms, coming.accepted_ms,
            coming.record.id};
}

std::shared_ptr<const Dossier> find_dossier(const ledger::Facts& facts, std::string_view dossier_no) {
    return find_fact<Dossier>(facts, FactKey(dossiers).text(dossier_no));
}

std::optional<std::string> dossier_of(const ledger::Facts& facts, std::string_view source,
                                      std::string_view id) {
    return facts.get(FactKey(registrations).text(source).text(id));
}

bool inspected_after_clearance(const ledger::Facts& facts, const Dossier& dossier) {
    const auto item =
        catalog_item(facts, dossier.goods.hs_code, dossier.regime(), date_of(dossier.registration.time_ms));
    return item && item->stage == Stage::after_clearance;
}

void put_dossier(ledger::FactDraft& facts, Dossier dossier) {
    const FactKey key = FactKey(dossiers).text(dossier.dossier_no);
    put_fact(facts, key, std::move(dossier));
}

void put_registration(ledger::FactDraft& facts, const ledger::Record& registration,
                      std::string_view dossier_no) {
    facts.put(FactKey(registrations).text(registration.source).text(registration.id),
              std::string(dossier_no));
}

}  // namespace socai::inspection
