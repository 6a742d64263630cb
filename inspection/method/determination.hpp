// Which method applies to one shipment of goods under one regime, and why (design/domain.md 5-7). Computed at apply by every
// node; anybody who holds the ledger computes the same. Pure; threads as ledger/facts.hpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/alert_scope.hpp"
#include "inspection/fact_codec.hpp"
#include "inspection/method/draw.hpp"
#include "inspection/method/method.hpp"
#include "inspection/method/rule_book.hpp"

namespace socai::inspection {

// What came out, as it stood at one place of the ledger. It stands whatever is corrected later (design/domain.md 5).
struct Determination {
    std::string regime;
    bool listed =
        false;  // some list in force names the goods under the regime; if not, nothing needs inspection
    std::string list_code;
    std::string agency;  // that inspects, from the list
    std::string
        rule_set;  // name; empty: none in force, the regime is recorded only: then method and reason mean nothing
    Method method = Method::strict;
    Reason reason = Reason::default_method;
    std::string article;    // of the reason
    std::string exemption;  // the category, where the method is exempt by category, circumstance or notice
    std::optional<ledger::Address> notice;  // the exemption_notice behind it
    std::optional<Date> last_day;           // of the standing's term
    std::optional<ledger::Address> cause;
    std::vector<ledger::Address> evidence;  // passes counted, certificates, and what made it strict
    std::vector<ledger::Address> alerts;    // in force that match fully
    std::vector<ledger::Address> near_alerts;
    std::uint32_t streak = 0;  // passes towards the next lighter method
    std::uint32_t needed = 0;
    std::int64_t time_ms = 0;  // the registration's signed time: chooses rule set, term and list
    ledger::Address made_at;   // the record that asked for it
    // Of reduced shipments, once the declaration is there.
    struct Drawn {
        std::uint32_t ticket = 0;
        bool selected = false;
        bool capped = false;
        ledger::Address at;  // the declaration whose entry ends the tree
        template <class Codec>
        void members(Codec& codec) {
            codec(ticket, selected, capped, at);
        }
    };
    std::optional<Drawn> drawn;

    bool computed() const { return listed && !rule_set.empty(); }
    template <class Codec>
    void members(Codec& codec) {
        codec(regime, listed, list_code, agency, rule_set, method, reason, article, exemption, notice,
              last_day, cause, evidence, alerts, near_alerts, streak, needed, time_ms, made_at, drawn);
    }
};

// What is asked about.
struct ShipmentGoods {
    Goods goods;
    std::string regime;
    std::string tax_code;                    // of the importer
    std::vector<std::string> circumstances;  // words of the registration (method/exemptions.hpp)
    std::string dossier_no, declaration_no;  // exemption notices may name them; may be empty
    std::int64_t time_ms = 0;                // of the registration, signed
    ledger::Address asked_at;                // made_at
    bool then = false;  // asked about the past: what took effect after time_ms is left out
};
Determination determine(const ledger::Facts& facts, const RuleBook& rules, const ShipmentGoods& shipment);

// For a shipment that is there, not only asked about: noted, so that a correction of its goods' history tells what would
// have differed (goods_book.hpp).
Determination determine_shipment(ledger::FactDraft& facts, const RuleBook& rules,
                                 const ShipmentGoods& shipment);

// The draw of a reduced shipment (design/domain.md 7; draw.hpp): the first of a shipment stands, whatever is cancelled and
// filed again: under the same number, or under another with the same bill of lading (which may be empty). Writes it and the
// shares into `facts`. Precondition: determination.method is reduced and computed().
Determination::Drawn draw_shipment(ledger::FactDraft& facts, const RuleBook& rules,
                                   const Determination& determination, std::string_view declaration_no,
                                   std::string_view bill_of_lading, std::string_view goods_key,
                                   const ledger::Coming& declaration);

}  // namespace socai::inspection
