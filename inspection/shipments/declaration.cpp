#include "inspection/shipments/declaration.hpp"

#include <utility>

#include "inspection/shipments/shipment_facts.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view declarations = "dec";
constexpr std::size_t base_digits = 11;

}  // namespace

std::shared_ptr<const Declaration> find_declaration(const ledger::Facts& facts,
                                                    std::string_view declaration_no) {
    return find_fact<Declaration>(facts, FactKey(declarations).text(declaration_no.substr(0, base_digits)));
}

std::vector<std::shared_ptr<const Dossier>> carried_dossiers(const ledger::Facts& facts,
                                                             const Declaration& declaration) {
    std::vector<std::shared_ptr<const Dossier>> carried;
    for (const std::string& dossier_no : declaration.dossiers)
        if (auto dossier = find_dossier(facts, dossier_no)) carried.push_back(std::move(dossier));
    return carried;
}

void put_declaration(ledger::FactDraft& facts, Declaration declaration) {
    const FactKey key = FactKey(declarations).text(declaration.base());
    put_fact(facts, key, std::move(declaration));
}

}  // namespace socai::inspection
