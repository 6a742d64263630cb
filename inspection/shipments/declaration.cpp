#include "inspection/shipments/declaration.hpp"

#include "inspection/shipments/shipment_facts.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view declarations = "dec";
constexpr std::size_t base_digits = 11;

}  // namespace

std::optional<Declaration> find_declaration(const ledger::Facts& facts, std::string_view declaration_no) {
    const auto value = facts.get(FactKey(declarations).text(declaration_no.substr(0, base_digits)));
    if (!value) return std::nullopt;
    return decode_fact<Declaration>(*value);
}

std::vector<Dossier> carried_dossiers(const ledger::Facts& facts, const Declaration& declaration) {
    std::vector<Dossier> carried;
    for (const std::string& dossier_no : declaration.dossiers)
        if (auto dossier = find_dossier(facts, dossier_no)) carried.push_back(*std::move(dossier));
    return carried;
}

void put_declaration(ledger::FactDraft& facts, const Declaration& declaration) {
    facts.put(FactKey(declarations).text(declaration.base()), encode_fact(declaration));
}

}  // namespace socai::inspection
