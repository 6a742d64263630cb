// Dossiers and declarations as a test would have them: what the statistics read of them, without determinations of their own
// and without guards. A dossier's method is the end of its procedure code ("P-strict"); its agency follows from the regime.
// A reduced one is drawn where the declaration's office is "DRAW".
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "inspection/shipments/shipment_facts.hpp"
#include "tests/unit/inspection/world.hpp"

namespace socai::inspection::test {

class SimpleShipments {
  public:
    void take(const ledger::Coming& coming, ledger::FactDraft& facts) {
        const ledger::Record& record = coming.record;
        const std::string_view kind = record.kind();
        const Act act = act_of(coming);
        if (kind == "inspection_registration") registration(record, act, facts);
        if (kind == "customs_declaration") declaration(record, act, facts);
        const auto standing = find_dossier(facts, text(record, "dossier_no"));
        if (!standing) return;
        Dossier dossier = *standing;
        if (kind == "dossier_status" && text(record, "status") == "accepted") {
            dossier.states.push_back(act);
            dossier.state_of.push_back(DossierState::accepted);
        }
        if (kind == "dossier_status" && text(record, "status") == "confirmed") {
            dossier.states.push_back(act);
            dossier.state_of.push_back(DossierState::confirmed);
        }
        if (kind == "method_determination") {
            const Method method = parse_method(text(record, "method")).value();
            if (lighter(dossier.determination.method, method)) dossier.stricter = method;
        }
        if (kind == "inspection_result") {
            for (DossierResult& each : dossier.results)
                for (const ledger::Reference& reference : record.refs)
                    if (reference.rel == "supersedes" && each.act.is(reference)) each.superseded = true;
            DossierResult result;
            result.act = act;
            result.outcome = text(record, "outcome");
            dossier.results.push_back(result);
        }
        put_dossier(facts, dossier);
    }
    // The whole of it, then what follows.
    World::Take then(std::function<void(const ledger::Coming&, ledger::FactDraft&)> next) {
        return [this, next = std::move(next)](const ledger::Coming& coming,
                                              ledger::FactDraft& facts) -> ledger::Result<void> {
            take(coming, facts);
            next(coming, facts);
            return {};
        };
    }
    static std::string agency_of(std::string_view regime) {
        return regime == "quality" ? "most.qlcl" : "mard.bvtv";
    }

  private:
    static std::string text(const ledger::Record& record, std::string_view name) {
        const json::value* value = record.data().if_contains(name);
        return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
    }
    void registration(const ledger::Record& record, const Act& act, ledger::FactDraft& facts) {
        const std::string number = text(record, "dossier_no");
        const auto standing = find_dossier(facts, number);
        Dossier dossier = standing ? *standing : Dossier();
        if (dossier.dossier_no.empty()) dossier.first = act;
        dossier.registration = act;
        dossier.dossier_no = number;
        dossier.procedure_code = text(record, "procedure_code");
        dossier.tax_code = record.data().at("importer").at("tax_code").as_string();
        dossier.determination.regime = text(record, "regime");
        dossier.determination.listed = true;
        dossier.determination.rule_set = "test@1";
        dossier.determination.agency = agency_of(dossier.determination.regime);
        dossier.determination.method =
            parse_method(dossier.procedure_code.substr(dossier.procedure_code.find('-') + 1)).value();
        put_dossier(facts, dossier);
        put_registration(facts, record, number);
    }
    void declaration(const ledger::Record& record, const Act& act, ledger::FactDraft& facts) {
        const std::string number = text(record, "declaration_no");
        const auto declared = find_declaration(facts, number);
        Declaration declaration = declared ? *declared : Declaration();
        if (declaration.declaration_no.empty()) declaration.first = act;
        declaration.registration = act;
        declaration.declaration_no = number;
        declaration.status = text(record, "status");
        declaration.tax_code = text(record, "importer_tax_code");
        declaration.items.clear();
        declaration.dossiers.clear();
        for (const ledger::Reference& reference : record.refs) {
            if (reference.rel != "carries") continue;
            Dossier dossier = *find_dossier(facts, dossier_of(facts, reference.source, reference.id).value());
            dossier.declaration = number.substr(0, 11);
            declaration.dossiers.push_back(dossier.dossier_no);
            DeclaredItem item;
            item.dossier_no = dossier.dossier_no;
            item.determinations.push_back(dossier.determination);
            if (dossier.determination.method == Method::reduced)
                item.determinations.front().drawn =
                    Determination::Drawn{0, text(record, "office") == "DRAW", false, act.at};
            item.dossier_nos.push_back(dossier.dossier_no);
            declaration.items.push_back(std::move(item));
            put_dossier(facts, dossier);
        }
        if (declaration.dossiers.empty()) {  // goods of their own: reduced, of the quality list
            DeclaredItem item;
            Determination own;
            own.regime = "quality";
            own.listed = true;
            own.rule_set = "test@1";
            own.agency = agency_of(own.regime);
            own.method = Method::reduced;
            own.drawn = Determination::Drawn{0, text(record, "office") == "DRAW", false, act.at};
            item.determinations.push_back(own);
            item.dossier_nos.emplace_back();
            declaration.items.push_back(std::move(item));
        }
        put_declaration(facts, declaration);
    }
};

}  // namespace socai::inspection::test
