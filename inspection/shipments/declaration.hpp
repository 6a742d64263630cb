// One customs declaration with its decisions (reference/domain.md §2.2 rows 8 to 10, 13; Customs Law Art 29, 30, 37). Known by
// its base number: the twelfth digit counts amendments. Pure; threads as ledger/facts.hpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/shipments/dossier.hpp"

namespace socai::inspection {

struct DeclaredItem {
    std::uint32_t line = 0;
    Goods goods;             // goods_key empty: not told
    std::string dossier_no;  // the dossier that is about these goods; empty: none
    // Of every regime that a list in force names; regimes without a rule set are recorded only. A dossier's own regime has
    // the heavier of its determination and that computed here.
    std::vector<Determination> determinations;
    std::vector<std::string> dossier_nos;  // of each determination the dossier; empty: none
    template <class Codec>
    void members(Codec& codec) {
        codec(line, goods.goods_key, goods.hs_code, goods.origin_country, goods.manufacturer_site_id,
              dossier_no, determinations, dossier_nos);
    }
};

struct ChannelDecision {
    Act act;
    std::string customs_channel;      // green, yellow, red
    std::string specialised_channel;  // none, exempt, reduced, normal, strict
    std::string risk_level;           // low, medium, high; empty: not told
    template <class Codec>
    void members(Codec& codec) {
        codec(act, customs_channel, specialised_channel, risk_level);
    }
};
struct StorageRelease {
    Act act;
    std::string status;  // granted, ended, violated, refused
    std::optional<Date> result_due;
    std::string tax_code;  // of the importer to whom it was granted, whoever the declaration names later
    template <class Codec>
    void members(Codec& codec) {
        codec(act, status, result_due, tax_code);
    }
};
struct Clearance {
    Act act;
    std::string decision;  // cleared, released, storage, refused
    std::string basis;     // the word of the rule set's table that it rests on (guards/clearance.hpp)
    std::int64_t cleared_ms = 0;
    template <class Codec>
    void members(Codec& codec) {
        codec(act, decision, basis, cleared_ms);
    }
};

struct Declaration {
    std::string declaration_no;  // with its latest amendment digit
    Act registration;            // the record in force
    Act first;
    std::int64_t registered_ms = 0;
    std::string status;  // registered, amended, cancelled
    std::string office;
    std::string type_code;
    std::string tax_code;  // importer
    std::vector<DeclaredItem> items;
    std::vector<std::string> dossiers;  // carried, in order of reference
    std::optional<ChannelDecision> channel;
    std::optional<StorageRelease> storage;
    std::optional<Clearance> clearance;  // the last
    std::optional<Act> remedied;
    std::vector<Act> acts;  // everything above in order, for timelines

    // The number without its amendment digit.
    std::string base() const { return declaration_no.substr(0, 11); }
    bool is_cancelled() const { return status == "cancelled"; }
    bool is_cleared() const {
        return clearance && (clearance->decision == "cleared" || clearance->decision == "released");
    }
    template <class Codec>
    void members(Codec& codec) {
        codec(declaration_no, registration, first, registered_ms, status, office, type_code, tax_code, items,
              dossiers, channel, storage, clearance, remedied, acts);
    }
};

// By any number of the declaration, whatever its amendment digit; nullptr: nobody registered it.
std::shared_ptr<const Declaration> find_declaration(const ledger::Facts& facts,
                                                    std::string_view declaration_no);

// The dossiers that it carries, in order of reference.
std::vector<std::shared_ptr<const Dossier>> carried_dossiers(const ledger::Facts& facts,
                                                             const Declaration& declaration);

// The level of an importer's compliance on a day, 1 the best to 5; nothing: not rated (oversight/compliance.hpp).
using ComplianceLevel = std::optional<int> (*)(const ledger::Facts& facts, std::string_view tax_code,
                                               Date day);

// Takes in everything that opens or moves dossiers and declarations, and what guards refuse (guards/): registrations,
// statuses, determinations, certificates, results, remedies, appeals, signals about shipments, declarations, channels, storage
// releases, clearances. `compliance` is for the risk table; nullptr: nobody is rated. Errors, Fault::refused: those of
// shipments/refusals.hpp.
ledger::Result<void> take_shipment(const ledger::Coming& coming, ledger::FactDraft& facts,
                                   const RuleBook& rules, ComplianceLevel compliance = nullptr);

}  // namespace socai::inspection
