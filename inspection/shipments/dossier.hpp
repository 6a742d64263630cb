// One dossier: a registration for inspection and what came of it (reference/domain.md §2.2 rows 3, 4; Decree 85/2019 Art 13,
// 19, 20). Pure; threads as ledger/facts.hpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/fact_codec.hpp"
#include "inspection/method/determination.hpp"
#include "ledger/admission.hpp"

namespace socai::inspection {

enum class DossierState : std::uint8_t {
    submitted,
    received,
    supplement_requested,
    accepted,
    confirmed,  // levels 1 and 2: customs may clear on the registration (Decree 132/2008 Art 7.2)
    refused,
    decided,
    closed,
    withdrawn,
};
std::string_view word(DossierState state);
std::optional<DossierState> parse_dossier_state(std::string_view word);

// A record that did something, with its two times (design/domain.md 3).
struct Act {
    ledger::Address at;
    std::string source;
    std::int64_t time_ms = 0;  // signed
    std::int64_t accepted_ms = 0;
    std::string id = {};  // of the record, within the source
    bool is(const ledger::Reference& reference) const {
        return source == reference.source && id == reference.id;
    }
    template <class Codec>
    void members(Codec& codec) {
        codec(at, source, time_ms, accepted_ms, id);
    }
};

struct DossierResult {
    Act act;
    std::string notice_no;
    std::string outcome;  // pass, fail, label_fail, incomplete, annulled
    Method method = Method::strict;
    bool superseded = false;
    std::int64_t delivered_ms = 0;  // when it stood in the ledger (ledger/admission.hpp)
    template <class Codec>
    void members(Codec& codec) {
        codec(act, notice_no, outcome, method, superseded, delivered_ms);
    }
};
struct DossierConformity {
    Act act;
    std::string certificate_no;
    std::string scheme;  // lot_certification, test_report, type_certification, system_certification
    std::string status;  // issued, suspended, withdrawn, restored
    bool conforming = false;
    std::optional<std::int64_t> sampled_ms;
    bool superseded = false;
    std::string standard;            // that the goods were assessed by; empty: not told
    std::optional<Date> valid_from;  // nothing: no bound
    std::optional<Date> valid_to;    // included
    bool valid_on(Date day) const {
        return (!valid_from || *valid_from <= day) && (!valid_to || day <= *valid_to);
    }
    template <class Codec>
    void members(Codec& codec) {
        codec(act, certificate_no, scheme, status, conforming, sampled_ms, superseded, standard, valid_from,
              valid_to);
    }
};

struct Dossier {
    std::string dossier_no;
    Act registration;  // the one in force: an amended one takes the place of what it supersedes
    Act first;         // the first
    std::string procedure_code;
    std::string tax_code;
    Goods goods;
    std::string bill_of_lading;
    std::string conformity_body;  // chosen
    std::vector<std::string> circumstances;
    DossierState state = DossierState::submitted;
    std::vector<Act> states;             // dossier_status records, and what else moved it, in order …
    std::vector<DossierState> state_of;  // … and to what
    Determination determination;         // computed at the registration
    std::optional<Method> stricter;      // customs determined a stricter one, with its reason and article
    std::optional<Act> published;        // the method_determination
    std::vector<DossierResult> results;  // in order; the current one is the last that is not superseded
    std::vector<DossierConformity> conformity;
    std::string declaration;  // base number of the declaration that carries it; empty: none yet
    std::optional<Act> cleared;
    bool remedy_ordered = false;
    std::optional<Act> remedied;
    std::string remedy;  // what was done: re_export, destroy …

    const std::string& regime() const { return determination.regime; }
    Method method() const { return stricter ? *stricter : determination.method; }
    const DossierResult* result() const;  // the current one; nullptr: none
    // Found failing, at fault in its label or incomplete, and neither superseded nor remedied since.
    bool failing() const;
    // The remedy took the goods out of the country, or out of the world.
    bool goods_gone() const { return remedied && (remedy == "re_export" || remedy == "destroy"); }
    // The agency's confirmation of the registration in force: what was confirmed before an amendment is not.
    bool confirmed() const;
    // It came to nothing: nothing that it carries speaks for the goods.
    bool void_of_effect() const { return state == DossierState::refused || state == DossierState::withdrawn; }
    bool ended() const {
        return state == DossierState::closed || state == DossierState::withdrawn ||
               state == DossierState::refused;
    }
    template <class Codec>
    void members(Codec& codec) {
        codec(dossier_no, registration, first, procedure_code, tax_code, goods.goods_key, goods.hs_code,
              goods.origin_country, goods.manufacturer_site_id, bill_of_lading, conformity_body,
              circumstances, state, states, state_of, determination, stricter, published, results, conformity,
              declaration, cleared, remedy_ordered, remedied, remedy);
    }
};

Act act_of(const ledger::Coming& coming);

// nullptr: nobody registered it.
std::shared_ptr<const Dossier> find_dossier(const ledger::Facts& facts, std::string_view dossier_no);
// Are its goods on the list of those inspected after clearance (Decree 85/2019 Art 21), as they were registered?
bool inspected_after_clearance(const ledger::Facts& facts, const Dossier& dossier);
// The dossier that a registration record opened or amended.
std::optional<std::string> dossier_of(const ledger::Facts& facts, std::string_view source,
                                      std::string_view id);

}  // namespace socai::inspection
