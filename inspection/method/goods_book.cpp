#include "inspection/method/goods_book.hpp"

#include <algorithm>
#include <utility>

#include "inspection/catalog/bodies.hpp"
#include "inspection/method/goods_log.hpp"
#include "inspection/record_data.hpp"
#include "inspection/shipments/refusals.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;
using ledger::Coming;
using ledger::FactDraft;
using ledger::Facts;
using ledger::Result;

// Regimes that have rule sets: what is said of goods without naming a regime is said under both.
constexpr std::string_view ruled_regimes[] = {"quality", "food_safety"};

// Of a registered dossier, as far as results need it.
struct DossierGoods {
    std::string goods_key;
    std::string regime;
    std::string tax_code;
    template <class Codec>
    void members(Codec& codec) {
        codec(goods_key, regime, tax_code);
    }
};

std::optional<DossierGoods> goods_of_dossier(const Facts& facts, std::string_view dossier_no) {
    const auto kept = facts.get(FactKey("gd").text(dossier_no));
    return kept ? std::optional(decode_fact<DossierGoods>(*kept)) : std::nullopt;
}

const ledger::Reference* correction_of(const ledger::Record& record) {
    const ledger::Reference* former = reference_of(record, "supersedes");
    return former != nullptr ? former : reference_of(record, "closes");
}

LoggedEvent event_of(const Coming& coming, LoggedEvent::What what) {
    LoggedEvent event;
    event.first = event.at = coming.address;
    event.time_ms = coming.record.time_ms;
    event.what = what;
    return event;
}

// Adds the regime, and whatever was not known before. Goods are what their first description says: the key is its hash.
KnownGoods describe(FactDraft& facts, const Coming& coming, std::string_view goods_key,
                    const json::object* goods, std::string_view regime) {
    std::optional<KnownGoods> known = find_goods(facts, goods_key);
    const bool registered =
        known && (regime.empty() || std::ranges::find(known->regimes, regime) != known->regimes.end());
    if (registered && (goods == nullptr || !known->hs_code.empty())) return *std::move(known);
    if (!known) {
        known.emplace();
        known->goods_key = goods_key;
        known->first = coming.address;
    }
    if (goods != nullptr && known->hs_code.empty()) {
        const Goods described = goods_of(*goods, std::string(goods_key));
        known->hs_code = described.hs_code;
        known->origin_country = described.origin_country;
        known->manufacturer_site_id = described.manufacturer_site_id;
        known->goods_name = text_at(*goods, "goods_name");
        known->brand = text_at(*goods, "brand");
        known->model = text_at(*goods, "model");
        if (const json::object* maker = object_at(*goods, "manufacturer"))
            known->manufacturer = text_at(*maker, "name");
    }
    if (!regime.empty()) {
        const auto place = std::ranges::lower_bound(known->regimes, regime);
        if (place == known->regimes.end() || *place != regime) known->regimes.emplace(place, regime);
    }
    facts.put(FactKey("g").text(goods_key), encode_fact(*known));
    return *std::move(known);
}

Goods goods_with(const Facts& facts, std::string_view goods_key) {
    const auto known = find_goods(facts, goods_key);
    if (known) return known->goods();
    Goods goods;
    goods.goods_key = goods_key;
    return goods;
}

// An event of goods under every regime with rule sets.
void log_everywhere(FactDraft& facts, const RuleBook& rules, const std::string& goods_key,
                    const LoggedEvent& event, const ledger::Record& record) {
    const Goods goods = goods_with(facts, goods_key);
    for (const std::string_view regime : ruled_regimes) log_event(facts, rules, regime, goods, event, record);
}

// The record speaks in the places of the one it corrects. False: that one has none.
bool correct(FactDraft& facts, const RuleBook& rules, const Coming& coming, const ledger::Reference* former,
             const LoggedEvent& event) {
    if (former == nullptr) return false;
    const std::vector<EventPlace> places = places_of(facts, former->source, former->id);
    if (places.empty()) return false;
    for (const EventPlace& place : places) {
        LoggedEvent replacing = event;
        if (replacing.tax_code.empty()) replacing.tax_code = event_at(facts, place)->tax_code;
        replace_event(facts, rules, place, std::move(replacing));
    }
    put_places(facts, coming.record, places);
    return true;
}

// --- kinds

void take_registration(const Coming& coming, FactDraft& facts) {
    const json::object& data = coming.record.data();
    const std::string goods_key(text_at(data, "goods_key"));
    const std::string regime(text_at(data, "regime"));
    describe(facts, coming, goods_key, object_at(data, "goods"), regime);
    const json::object* importer = object_at(data, "importer");
    facts.put(FactKey("gd").text(text_at(data, "dossier_no")),
              encode_fact(DossierGoods{
                  goods_key, regime,
                  importer == nullptr ? std::string() : std::string(text_at(*importer, "tax_code"))}));
}

// That the result is about its dossier's goods is for the shipment to say.
void take_result(const Coming& coming, FactDraft& facts, const RuleBook& rules) {
    const json::object& data = coming.record.data();
    const auto dossier = goods_of_dossier(facts, text_at(data, "dossier_no"));
    if (!dossier) return;
    LoggedEvent event = event_of(coming, LoggedEvent::What::inspected);
    const std::string_view outcome = text_at(data, "outcome");
    event.outcome = outcome == "pass" ? Outcome::pass : outcome == "fail" ? Outcome::fail : Outcome::neutral;
    event.method = parse_method(text_at(data, "method")).value_or(Method::strict);
    event.tax_code = dossier->tax_code;
    if (correct(facts, rules, coming, reference_of(coming.record, "supersedes"), event)) return;
    log_event(facts, rules, dossier->regime, goods_with(facts, dossier->goods_key), std::move(event),
              coming.record);
}

// The certificate of a body under its number: where it stands as certifying, and of which goods.
struct CertificateInForce {
    std::string goods_key;
    std::vector<EventPlace> places;
    template <class Codec>
    void members(Codec& codec) {
        codec(goods_key, places);
    }
};

// Under every regime for which the body is designated to certify such goods (Decree 85/2019 Art 25.3, 26.1.d).
std::vector<EventPlace> certify(const Coming& coming, FactDraft& facts, const RuleBook& rules,
                                const Goods& goods, const LoggedEvent& event) {
    const AssessedGoods assessed{{}, goods.hs_code, std::string(text_at(coming.record.data(), "standard"))};
    std::vector<EventPlace> places;
    for (const std::string_view regime : ruled_regimes) {
        AssessedGoods under = assessed;
        under.regime = regime;
        if (!designation_for(facts, coming.record.source, under, date_of(coming.record.time_ms))) continue;
        places.push_back(log_event(facts, rules, regime, goods, event, coming.record));
    }
    return places;
}

// Type and system schemes cover goods until they end; a lot certificate is of its lot alone (design/domain.md 5). Whether the
// move from one status to the next is allowed is for the shipments to say.
void take_certificate(const Coming& coming, FactDraft& facts, const RuleBook& rules) {
    const json::object& data = coming.record.data();
    const std::string_view scheme = text_at(data, "scheme");
    if (scheme != "type_certification" && scheme != "system_certification") return;
    const FactKey key = FactKey("gc").text(coming.record.source).text(text_at(data, "certificate_no"));
    const auto kept = facts.get(key);
    const std::string_view status = text_at(data, "status");
    if (status == "suspended" || status == "withdrawn" || text_at(data, "conclusion") != "conforming") {
        if (!kept) return;
        const auto in_force = decode_fact<CertificateInForce>(*kept);
        for (const EventPlace& place : in_force.places) {
            LoggedEvent event = event_of(coming, LoggedEvent::What::withdrawn);
            event.certificate = event_at(facts, place)->first;
            log_event(facts, rules, place.regime, goods_with(facts, in_force.goods_key), std::move(event),
                      coming.record);
        }
        facts.erase(key);
        return;
    }
    const std::string goods_key(text_at(data, "goods_key"));
    if (goods_key.empty()) return;
    if (const json::object* described = object_at(data, "goods"))
        describe(facts, coming, goods_key, described, {});
    const Goods goods = goods_with(facts, goods_key);
    if (goods.hs_code.empty()) return;  // nobody can say whether the body may
    LoggedEvent event = event_of(coming, LoggedEvent::What::certified);
    event.last_day = date_at(data, "valid_to");
    // Another version of an issued certificate takes its place; a restored one begins anew.
    const ledger::Reference* former = correction_of(coming.record);
    std::vector<EventPlace> places;
    if (status != "restored" && former != nullptr) places = places_of(facts, former->source, former->id);
    if (places.empty() || !correct(facts, rules, coming, former, event))
        places = certify(coming, facts, rules, goods, event);
    facts.put(key, encode_fact(CertificateInForce{goods_key, places}));
}

// A violation, or a check after clearance: `failing` as it stands now, `taken_back` when it no longer does.
void take_finding(const Coming& coming, FactDraft& facts, const RuleBook& rules, bool failing,
                  bool taken_back, Reason reason) {
    const json::object& data = coming.record.data();
    LoggedEvent event = event_of(coming, LoggedEvent::What::found_failing);
    event.reason =
        reason;  // the importer counts for nothing: the goods were found failing, whoever brought them in
    if (taken_back) {
        event.what = LoggedEvent::What::inspected;
        event.outcome = Outcome::neutral;
    } else if (!failing) {
        return;
    }
    if (correct(facts, rules, coming, correction_of(coming.record), event) || taken_back) return;
    const std::string goods_key(text_at(data, "goods_key"));
    if (!goods_key.empty()) log_everywhere(facts, rules, goods_key, event, coming.record);
}

void take_violation(const Coming& coming, FactDraft& facts, const RuleBook& rules) {
    const json::object& data = coming.record.data();
    const bool annulled = text_at(data, "status") == "annulled";
    const bool complaint = text_at(data, "found_in") == "complaint";
    take_finding(coming, facts, rules, !annulled, annulled,
                 complaint ? Reason::upheld_complaint : Reason::failed_check);
}

void take_check(const Coming& coming, FactDraft& facts, const RuleBook& rules) {
    const json::object& data = coming.record.data();
    const std::string_view status = text_at(data, "status");
    const bool failed = status == "done" && text_at(data, "outcome") == "fail";
    const bool corrects = correction_of(coming.record) != nullptr;
    take_finding(coming, facts, rules, failed, corrects && !failed, Reason::failed_check);
}

// An upheld appeal takes away what it was about, until the agency acts anew (design/domain.md 5).
void take_appeal(const Coming& coming, FactDraft& facts, const RuleBook& rules) {
    const json::object& data = coming.record.data();
    const ledger::Reference* about = reference_of(coming.record, "about");
    if (about == nullptr) about = reference_of(coming.record, "decides");
    if (about == nullptr) return;
    const std::vector<EventPlace> places = places_of(facts, about->source, about->id);
    if (places.empty()) return;
    if (text_at(data, "status") != "decided") {
        put_places(facts, coming.record, places);  // its decision refers to the appeal alone
        return;
    }
    if (text_at(data, "outcome") != "upheld") return;
    LoggedEvent event = event_of(coming, LoggedEvent::What::inspected);
    event.outcome = Outcome::neutral;
    correct(facts, rules, coming, about, event);
}

Result<void> take_transition(const Coming& coming, FactDraft& facts, const RuleBook& rules) {
    const json::object& data = coming.record.data();
    const auto set = rules.find(facts, text_at(data, "ruleset"));
    const auto to = parse_method(text_at(data, "to"));
    if (!set || !to) return {};  // under rules that the ledger does not hold it is a notice, and nothing more
    const Goods goods = goods_with(facts, text_at(data, "goods_key"));
    const std::string_view tax_code = text_at(data, "tax_code");
    const Standing computed = standing_of(facts, *set, goods, tax_code, coming.record.time_ms).standing;
    if (lighter(*to, computed.method))
        return refusal(refusals::method_lighter,
                       {phrase(WordOf::method, word(computed.method)),
                        phrase(WordOf::reason, word(computed.reason)), phrase(WordOf::method, word(*to))},
                       set->article(computed.reason));
    if (*to == computed.method) return {};
    const json::array* basis = array_at(data, "legal_basis");
    if (basis == nullptr || basis->empty())
        return refusal(refusals::stricter_without_reason,
                       {phrase(WordOf::method, word(computed.method)), phrase(WordOf::method, word(*to))});
    LoggedEvent event = event_of(coming, LoggedEvent::What::imposed);
    event.method = *to;
    event.tax_code = set->scope == Scope::goods_importer ? std::string(tax_code) : std::string();
    log_event(facts, rules, set->regime, goods, std::move(event), coming.record);
    return {};
}

}  // namespace

std::optional<KnownGoods> find_goods(const Facts& facts, std::string_view goods_key) {
    const auto kept = facts.get(FactKey("g").text(goods_key));
    return kept ? std::optional(decode_fact<KnownGoods>(*kept)) : std::nullopt;
}

Result<void> take_goods(const Coming& coming, FactDraft& facts, const RuleBook& rules) {
    const std::string_view kind = coming.record.kind();
    if (kind == "inspection_registration") take_registration(coming, facts);
    if (kind == "inspection_result") take_result(coming, facts, rules);
    if (kind == "conformity_result") take_certificate(coming, facts, rules);
    if (kind == "violation") take_violation(coming, facts, rules);
    if (kind == "post_check") take_check(coming, facts, rules);
    if (kind == "appeal") take_appeal(coming, facts, rules);
    if (kind == "method_transition") return take_transition(coming, facts, rules);
    return {};
}

}  // namespace socai::inspection
