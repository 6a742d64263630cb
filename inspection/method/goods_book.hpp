// The histories of goods as the ledger holds them (history.hpp says what follows from one): events by goods key in ledger
// order, and what they have come to under each rule set, kept so that nothing is replayed for a look. Alerts are not copied
// to every goods that they meet: a history takes in those that lie between its own events when it is looked at.
// Pure; threads as ledger/facts.hpp.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspection/alert_scope.hpp"
#include "inspection/fact_codec.hpp"
#include "inspection/method/history.hpp"
#include "inspection/method/rule_book.hpp"

namespace socai::inspection {

// What is known of goods by their key: from the first record that described them.
struct KnownGoods {
    std::string goods_key;
    std::string hs_code;
    std::string origin_country;
    std::string manufacturer_site_id;
    std::string goods_name, brand, model, manufacturer;
    std::vector<std::string> regimes;  // under which they were registered; sorted
    ledger::Address first;             // where they were first described

    Goods goods() const { return {goods_key, hs_code, origin_country, manufacturer_site_id}; }
    template <class Codec>
    void members(Codec& codec) {
        codec(goods_key, hs_code, origin_country, manufacturer_site_id, goods_name, brand, model,
              manufacturer, regimes, first);
    }
};
std::optional<KnownGoods> find_goods(const ledger::Facts& facts, std::string_view goods_key);

struct GoodsStanding {
    Standing standing;
    std::vector<ledger::Address> streak;  // passes towards the next lighter method
};
// On the ledger as `facts` hold it, for a shipment registered at `time_ms`. `tax_code` matters where the rule set counts by
// importer: without one, what one importer's shipments came to is left out; and for alerts about importers.
GoodsStanding standing_of(const ledger::Facts& facts, const RuleSet& rules, const Goods& goods,
                          std::string_view tax_code, std::int64_t time_ms);
// The same as it had become by `time_ms`: what the ledger knows now, without what took effect after that time. For questions;
// shipments are determined by what stands when they are registered.
GoodsStanding standing_then(const ledger::Facts& facts, const RuleSet& rules, const Goods& goods,
                            std::string_view tax_code, std::int64_t time_ms);
// Where the rule set counts by importer: the lightest method that the goods had come to for any of the first hundred
// importers of whom there are results. Nothing: it does not, or nobody brought the goods in.
std::optional<Method> lightest_for_some(const ledger::Facts& facts, const RuleSet& rules, const Goods& goods,
                                        std::int64_t time_ms);
// Every standing so far, for look-ups as of an earlier time and for the public list of transitions.
std::vector<Standing> standings_of(const ledger::Facts& facts, const RuleSet& rules, const Goods& goods,
                                   std::string_view tax_code);

// A determination that was made of the goods, for corrections: what stood then against what would have.
struct MadeDetermination {
    std::string subject;  // dossier or declaration number
    std::string tax_code;
    std::string rule_set;
    std::int64_t time_ms = 0;        // of the registration
    Method method = Method::strict;  // of the goods' standing, exemptions aside
    template <class Codec>
    void members(Codec& codec) {
        codec(subject, tax_code, rule_set, time_ms, method);
    }
};
void note_determination(ledger::FactDraft& facts, std::string_view regime, std::string_view goods_key,
                        const ledger::Address& made_at, const MadeDetermination& made);

// It stands (design/domain.md 5), but on the corrected history it would have come out otherwise.
struct WouldHaveDiffered {
    ledger::Address correction;
    ledger::Address made_at;
    std::string goods_key;
    std::string regime;
    std::string rule_set;
    std::string subject;  // dossier or declaration number
    Method then = Method::strict;
    Method now = Method::strict;
    template <class Codec>
    void members(Codec& codec) {
        codec(correction, made_at, goods_key, regime, rule_set, subject, then, now);
    }
};
// In the order of the corrections, from the address on, until `visit` answers false.
void would_have_differed(const ledger::Facts& facts, const ledger::Address& from,
                         const std::function<bool(const WouldHaveDiffered&)>& visit);

// Takes in what changes the method of goods: inspection_registration and conformity_result (describe goods, certificates),
// inspection_result, violation, post_check, appeal, method_transition to stricter; with their supersessions.
// Errors, Fault::refused: method_lighter (a method_transition to a lighter method than computed), transition_differs,
// stricter_without_reason; finding_without_goods (a failed check, or a violation, that leads to no goods, or to several).
ledger::Result<void> take_goods(const ledger::Coming& coming, ledger::FactDraft& facts,
                                const RuleBook& rules);

}  // namespace socai::inspection
