#include "inspection/method/determination.hpp"

#include <algorithm>
#include <utility>

#include "inspection/alerts/alerts.hpp"
#include "inspection/catalog/catalog.hpp"
#include "inspection/method/exemptions.hpp"
#include "inspection/method/goods_book.hpp"

namespace socai::inspection {
namespace {

void add(std::vector<ledger::Address>& evidence, const ledger::Address& address) {
    if (std::ranges::find(evidence, address) == evidence.end()) evidence.push_back(address);
}

// Decree 85/2019 Art 22.4: goods under a warning are exempt from nothing.
bool stops_exemption(const MatchedAlert& matched) {
    return matched.match == AlertMatch::full &&
           (matched.alert.has_effect("no_exemption") || matched.alert.has_effect("method_strict"));
}

}  // namespace

Determination determine(const ledger::Facts& facts, const RuleBook& rules, const ShipmentGoods& shipment) {
    Determination made;
    made.regime = shipment.regime;
    made.time_ms = shipment.time_ms;
    made.made_at = shipment.asked_at;
    made.method = Method::exempt;
    const Date day = date_of(shipment.time_ms);
    const auto item = catalog_item(facts, shipment.goods.hs_code, shipment.regime, day);
    if (!item) return made;
    made.listed = true;
    made.list_code = item->list_code;
    made.agency = item->agency;
    made.method = Method::strict;
    const auto set = rules.in_force(facts, shipment.regime, item->list_code, day);
    if (!set) return made;
    made.rule_set = set->name();
    made.needed = static_cast<std::uint32_t>(set->needed);

    bool warned = false;
    const auto alerts = shipment.then
                            ? alerts_then(facts, shipment.goods, shipment.tax_code, shipment.time_ms)
                            : alerts_on(facts, shipment.goods, shipment.tax_code, day);
    for (const MatchedAlert& matched : alerts) {
        warned = warned || stops_exemption(matched);
        (matched.match == AlertMatch::full ? made.alerts : made.near_alerts).push_back(matched.alert.at);
    }
    const auto exemption =
        warned ? std::nullopt
               : exemption_of(facts, *item, shipment.goods, shipment.regime, shipment.tax_code,
                              shipment.circumstances, shipment.dossier_no, shipment.declaration_no, day);
    if (exemption) {
        made.method = Method::exempt;
        made.exemption = exemption->category;
        made.article = exemption->article;
        made.notice = exemption->notice;
        made.last_day = exemption->last_day;
        if (exemption->notice) add(made.evidence, *exemption->notice);
        return made;
    }
    const auto standing = shipment.then ? standing_then : standing_of;
    const GoodsStanding found = standing(facts, *set, shipment.goods, shipment.tax_code, shipment.time_ms);
    made.method = found.standing.method;
    made.reason = found.standing.reason;
    made.article = article_of(found.standing, *set);
    made.last_day = found.standing.last_day;
    made.cause = found.standing.cause;
    made.streak = static_cast<std::uint32_t>(found.streak.size());
    for (const ledger::Address& pass : found.standing.counted) add(made.evidence, pass);
    if (made.cause) add(made.evidence, *made.cause);
    for (const ledger::Address& pass : found.streak) add(made.evidence, pass);
    return made;
}

Determination determine_shipment(ledger::FactDraft& facts, const RuleBook& rules,
                                 const ShipmentGoods& shipment) {
    Determination made = determine(facts, rules, shipment);
    if (made.computed() && made.exemption.empty() && !shipment.goods.goods_key.empty()) {
        const std::string& subject =
            shipment.declaration_no.empty() ? shipment.dossier_no : shipment.declaration_no;
        note_determination(facts, made.regime, shipment.goods.goods_key, made.made_at,
                           {subject, shipment.tax_code, made.rule_set, made.time_ms, made.method});
    }
    return made;
}

Determination::Drawn draw_shipment(ledger::FactDraft& facts, const RuleBook& rules,
                                   const Determination& determination, std::string_view declaration_no,
                                   std::string_view bill_of_lading, std::string_view goods_key,
                                   const ledger::Coming& declaration) {
    const std::string shipment = shipment_of_declaration(declaration_no);
    std::vector<std::string> names{FactKey("dr").text(determination.regime).text(shipment).bytes()};
    if (!bill_of_lading.empty())
        names.push_back(FactKey("dr")
                            .text(determination.regime)
                            .text(shipment_of_bill(bill_of_lading, goods_key))
                            .bytes());
    for (const std::string& name : names) {
        const auto known = facts.get(name);
        if (!known) continue;
        for (const std::string& other : names)
            if (!facts.get(other)) facts.put(other, *known);
        return decode_fact<Determination::Drawn>(*known);
    }
    const auto set = rules.find(facts, determination.rule_set);
    assert(set);
    const auto year = static_cast<std::uint64_t>(year_of(date_of(determination.time_ms)));
    const FactKey share_key = FactKey("ds")
                                  .text(determination.regime)
                                  .number(year)
                                  .text(set->sample_denominator == Denominator::goods ? goods_key : "");
    SampleShare share;
    if (const auto kept = facts.get(share_key)) share = decode_fact<SampleShare>(*kept);
    const Draw draw = draw_from(share, declaration.root(), shipment, set->sample_max_ppm);
    facts.put(share_key, encode_fact(share));
    const Determination::Drawn drawn{draw.ticket, draw.selected, draw.capped, declaration.address};
    for (const std::string& name : names) facts.put(name, encode_fact(drawn));
    return drawn;
}

}  // namespace socai::inspection
