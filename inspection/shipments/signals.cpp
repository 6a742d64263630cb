#include "inspection/shipments/signals.hpp"

#include <algorithm>

#include "inspection/record_data.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view by_shipment = "sgs";  // "d" and dossier number, or "c" and base number
constexpr std::string_view by_record = "sgr";    // source, id -> the shipments that it is about

struct Shipments {
    std::vector<std::string> names;
    template <class Codec>
    void members(Codec& codec) {
        codec(names);
    }
};
struct Signals {
    std::vector<ShipmentSignal> all;
    template <class Codec>
    void members(Codec& codec) {
        codec(all);
    }
};

std::string of_dossier(std::string_view dossier_no) {
    return "d" + std::string(dossier_no);
}
std::string of_declaration(std::string_view declaration_no) {
    return "c" + std::string(declaration_no.substr(0, 11));
}

Signals signals_of(const ledger::Facts& facts, std::string_view shipment) {
    const auto value = facts.get(FactKey(by_shipment).text(shipment));
    return value ? decode_fact<Signals>(*value) : Signals{};
}

bool is_authority(const ledger::Agency* writer) {
    if (writer == nullptr) return false;
    for (const std::string_view role : {"customs_office", "member", "inspection_agency", "list_owner",
                                        "market_surveillance", "provincial_committee"})
        if (writer->has_role(role)) return true;
    return false;
}

}  // namespace

std::vector<ShipmentSignal> signals_about(const ledger::Facts& facts, std::string_view dossier_no) {
    return signals_of(facts, of_dossier(dossier_no)).all;
}

std::vector<ShipmentSignal> signals_about(const ledger::Facts& facts, const Declaration& declaration) {
    std::vector<ShipmentSignal> all = signals_of(facts, of_declaration(declaration.declaration_no)).all;
    for (const std::string& dossier_no : declaration.dossiers)
        for (ShipmentSignal& each : signals_about(facts, dossier_no)) all.push_back(std::move(each));
    const auto place = [](const ShipmentSignal& each) { return each.act.at; };
    std::ranges::stable_sort(all, {}, place);
    const auto repeated = std::ranges::unique(all, {}, place);
    all.erase(repeated.begin(), repeated.end());
    return all;
}

ledger::Result<void> take_signal(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const ledger::Record& record = coming.record;
    const auto& data = record.data();
    std::vector<std::string> shipments;
    const auto add = [&](std::string name) {
        if (std::ranges::find(shipments, name) == shipments.end()) shipments.push_back(std::move(name));
    };
    if (const auto dossier_no = text_at(data, "dossier_no"); !dossier_no.empty()) add(of_dossier(dossier_no));
    if (const auto number = text_at(data, "declaration_no"); !number.empty()) add(of_declaration(number));
    for (const ledger::Reference& reference : record.refs) {
        if (reference.rel == "about") {
            if (const auto dossier_no = dossier_of(facts, reference.source, reference.id))
                add(of_dossier(*dossier_no));
        } else if (reference.rel == "supersedes" || reference.rel == "closes") {
            const auto value = facts.get(FactKey(by_record).text(reference.source).text(reference.id));
            if (!value) continue;
            for (const std::string& name : decode_fact<Shipments>(*value).names) {
                Signals signals = signals_of(facts, name);
                std::erase_if(signals.all,
                              [&](const ShipmentSignal& each) { return each.act.is(reference); });
                facts.put(FactKey(by_shipment).text(name), encode_fact(signals));
            }
        }
    }
    if (shipments.empty()) return {};
    ShipmentSignal signal;
    signal.act = act_of(coming);
    signal.severity = text_at(data, "severity");
    signal.status = data.contains("status") ? text_at(data, "status") : "raised";
    signal.by_authority = is_authority(coming.registry.agency(record.source));
    signal.valid_to = date_at(data, "valid_to");
    for (const std::string& name : shipments) {
        Signals signals = signals_of(facts, name);
        signals.all.push_back(signal);
        facts.put(FactKey(by_shipment).text(name), encode_fact(signals));
    }
    facts.put(FactKey(by_record).text(record.source).text(record.id), encode_fact(Shipments{shipments}));
    return {};
}

}  // namespace socai::inspection
