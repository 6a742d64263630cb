#include "inspection/method/goods_book.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "inspection/catalog/bodies.hpp"
#include "inspection/method/goods_log.hpp"
#include "inspection/record_data.hpp"
#include "inspection/shipments/declaration.hpp"
#include "inspection/shipments/dossier.hpp"
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

// What no longer counts for anything, and leaves its place in the order.
LoggedEvent nothing(const Coming& coming) {
    LoggedEvent event = event_of(coming, LoggedEvent::What::inspected);
    event.outcome = Outcome::neutral;
    return event;
}

// The record speaks in the places of the one it corrects. Where it is about other goods (`goods_key`; empty: the same) those
// places are emptied. False: it has yet to be logged.
bool correct(FactDraft& facts, const RuleBook& rules, const Coming& coming, const ledger::Reference* former,
             const LoggedEvent& event, std::string_view goods_key = {}) {
    if (former == nullptr) return false;
    std::vector<EventPlace> kept;
    for (const EventPlace& place : places_of(facts, former->source, former->id)) {
        const bool same = goods_key.empty() || place.goods_key == goods_key;
        LoggedEvent replacing = same ? event : nothing(coming);
        if (replacing.tax_code.empty()) replacing.tax_code = event_at(facts, place)->tax_code;
        replace_event(facts, rules, place, std::move(replacing));
        if (same) kept.push_back(place);
    }
    if (kept.empty()) return false;
    put_places(facts, coming.record, kept);
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
    if (correct(facts, rules, coming, reference_of(coming.record, "supersedes"), event, dossier->goods_key))
        return;
    log_event(facts, rules, dossier->regime, goods_with(facts, dossier->goods_key), std::move(event),
              coming.record);
}

// What the certificate of a body under its number last said of its days, in force or not.
struct CertificateTerms {
    std::optional<Date> first_day, last_day;
    template <class Codec>
    void members(Codec& codec) {
        codec(first_day, last_day);
    }
};
// Where it stands as certifying, and of which goods.
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
    const bool covers_goods = scheme == "type_certification" || scheme == "system_certification";
    const FactKey key = FactKey("gc").text(coming.record.source).text(text_at(data, "certificate_no"));
    const auto kept = facts.get(key);
    const std::string_view status = text_at(data, "status");
    // A certificate is known by its body and number, whatever scheme the record that ends it names.
    if (!covers_goods || status == "suspended" || status == "withdrawn" ||
        text_at(data, "conclusion") != "conforming") {
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
    // What a record that restores the certificate leaves out stands as the certificate last had it.
    const FactKey terms_key = FactKey("gct").text(coming.record.source).text(text_at(data, "certificate_no"));
    CertificateTerms terms;
    if (const auto last = facts.get(terms_key); last && status == "restored")
        terms = decode_fact<CertificateTerms>(*last);
    if (const auto day = date_at(data, "valid_from")) terms.first_day = day;
    if (const auto day = date_at(data, "valid_to")) terms.last_day = day;
    facts.put(terms_key, encode_fact(terms));
    event.last_day = terms.last_day;
    const auto first_day = terms.first_day;
    if (first_day && date_of(coming.record.time_ms) < *first_day) event.first_day = first_day;
    // Another version of an issued certificate takes its place; a restored one begins anew.
    const ledger::Reference* former = correction_of(coming.record);
    std::vector<EventPlace> places;
    if (status != "restored" && correct(facts, rules, coming, former, event, goods_key))
        places = places_of(facts, coming.record.source, coming.record.id);
    else
        places = certify(coming, facts, rules, goods, event);
    facts.put(key, encode_fact(CertificateInForce{goods_key, places}));
}

// --- findings: violations and checks after clearance

// What a record of shipments leads to, for findings that refer to it.
struct LeadsTo {
    std::string goods_key;
    std::string declaration_no;
    template <class Codec>
    void members(Codec& codec) {
        codec(goods_key, declaration_no);
    }
};
FactKey lead_key(std::string_view source, std::string_view id) {
    return FactKey("gr").text(source).text(id);
}

void note_declaration(const Coming& coming, FactDraft& facts) {
    const std::string declaration_no(text_at(coming.record.data(), "declaration_no"));
    facts.put(lead_key(coming.record.source, coming.record.id), encode_fact(LeadsTo{{}, declaration_no}));
}

void note_certificate(const Coming& coming, FactDraft& facts) {
    std::string goods_key(text_at(coming.record.data(), "goods_key"));
    const ledger::Reference* assessed = reference_of(coming.record, "for");
    if (goods_key.empty() && assessed != nullptr)
        if (const auto dossier_no = dossier_of(facts, assessed->source, assessed->id))
            if (const auto dossier = goods_of_dossier(facts, *dossier_no)) goods_key = dossier->goods_key;
    if (!goods_key.empty())
        facts.put(lead_key(coming.record.source, coming.record.id), encode_fact(LeadsTo{goods_key, {}}));
}

// The goods that the record names, else those of the records that it is about. How the importer stored goods says nothing
// of them: releases to storage lead to none.
std::set<std::string> goods_found(const Coming& coming, const Facts& facts) {
    std::set<std::string> found;
    if (const std::string_view named = text_at(coming.record.data(), "goods_key"); !named.empty())
        return {std::string(named)};
    for (const ledger::Reference& reference : coming.record.refs) {
        if (reference.rel != "about" && reference.rel != "caused_by") continue;
        for (const EventPlace& place : places_of(facts, reference.source, reference.id))
            found.insert(place.goods_key);
        if (const auto dossier_no = dossier_of(facts, reference.source, reference.id))
            if (const auto dossier = goods_of_dossier(facts, *dossier_no)) found.insert(dossier->goods_key);
        const auto lead = facts.get(lead_key(reference.source, reference.id));
        if (!lead) continue;
        const auto leads_to = decode_fact<LeadsTo>(*lead);
        if (!leads_to.goods_key.empty()) found.insert(leads_to.goods_key);
        if (leads_to.declaration_no.empty()) continue;
        if (const auto declaration = find_declaration(facts, leads_to.declaration_no))
            for (const DeclaredItem& item : declaration->items) found.insert(item.goods.goods_key);
    }
    found.erase(std::string());
    return found;
}

Result<void> take_back(const Coming& coming, FactDraft& facts, const RuleBook& rules) {
    correct(facts, rules, coming, correction_of(coming.record), nothing(coming));
    return {};
}

// `of_importer`: of somebody's conduct perhaps, and then of no goods.
Result<void> take_finding(const Coming& coming, FactDraft& facts, const RuleBook& rules, bool of_importer,
                          Reason reason) {
    LoggedEvent event = event_of(coming, LoggedEvent::What::found_failing);
    event.reason =
        reason;  // the importer counts for nothing: the goods were found failing, whoever brought them in
    const std::set<std::string> found = goods_found(coming, facts);
    const std::string goods_key = found.size() == 1 ? *found.begin() : std::string();
    if (correct(facts, rules, coming, correction_of(coming.record), event, goods_key)) return {};
    if (!goods_key.empty()) {
        log_everywhere(facts, rules, goods_key, event, coming.record);
        return {};
    }
    if (found.empty() && of_importer) return {};
    return refusal(refusals::finding_without_goods, {coming.record.subject});
}

Result<void> take_violation(const Coming& coming, FactDraft& facts, const RuleBook& rules) {
    const json::object& data = coming.record.data();
    if (text_at(data, "status") == "annulled") return take_back(coming, facts, rules);
    const bool complaint = text_at(data, "found_in") == "complaint";
    return take_finding(coming, facts, rules, !text_at(data, "tax_code").empty(),
                        complaint ? Reason::upheld_complaint : Reason::failed_check);
}

Result<void> take_check(const Coming& coming, FactDraft& facts, const RuleBook& rules) {
    const json::object& data = coming.record.data();
    const std::string_view status = text_at(data, "status");
    if (status != "done" || text_at(data, "outcome") != "fail") return take_back(coming, facts, rules);
    // An audit after clearance is of a firm's books (Customs Law Art 78).
    const bool of_importer =
        text_at(data, "type") == "post_clearance_audit" && !text_at(data, "tax_code").empty();
    return take_finding(coming, facts, rules, of_importer, Reason::failed_check);
}

// What an appeal was filed against: the places where it stood, and the act that stood in each.
struct Appealed {
    std::vector<EventPlace> places;
    std::vector<ledger::Address> acts;
    template <class Codec>
    void members(Codec& codec) {
        codec(places, acts);
    }
};
FactKey appealed_key(std::string_view source, std::string_view id) {
    return FactKey("gap").text(source).text(id);
}

// An upheld appeal takes away what it was about, until the agency acts anew (design/domain.md 5). What that is the filed
// appeal has said, and not its decision: nobody takes back another's act. Where the agency has acted anew meanwhile, that
// stands: nobody appealed against it.
void take_appeal(const Coming& coming, FactDraft& facts, const RuleBook& rules) {
    const json::object& data = coming.record.data();
    const std::string_view status = text_at(data, "status");
    if (status == "filed") {
        const ledger::Reference* about = reference_of(coming.record, "about");
        if (about == nullptr) return;
        Appealed appealed{places_of(facts, about->source, about->id), {}};
        for (const EventPlace& place : appealed.places) appealed.acts.push_back(event_at(facts, place)->at);
        if (!appealed.places.empty())
            facts.put(appealed_key(coming.record.source, coming.record.id), encode_fact(appealed));
        return;
    }
    const ledger::Reference* filed = reference_of(coming.record, "decides");
    if (status != "decided" || text_at(data, "outcome") != "upheld" || filed == nullptr) return;
    const auto stored = facts.get(appealed_key(filed->source, filed->id));
    if (!stored) return;
    const auto appealed = decode_fact<Appealed>(*stored);
    for (std::size_t i = 0; i < appealed.places.size(); ++i) {
        const auto standing = event_at(facts, appealed.places[i]);
        if (standing->at != appealed.acts[i]) continue;
        LoggedEvent replacing = nothing(coming);
        replacing.tax_code = standing->tax_code;
        replace_event(facts, rules, appealed.places[i], std::move(replacing));
    }
}

// --- transitions

// What customs publishes of a computed method is what was computed: where the goods come from, since when, how long, and the
// passes that were counted. Empty: nothing differs.
std::string differing_member(const Coming& coming, const Facts& facts, const RuleSet& rules,
                             const Goods& goods, const Standing& computed) {
    const json::object& data = coming.record.data();
    const auto from = parse_method(text_at(data, "from"));
    const auto before = standings_of(facts, rules, goods, text_at(data, "tax_code"));
    if (from != computed.method &&
        std::ranges::none_of(before, [&](const Standing& each) { return each.method == from; }))
        return "from";
    const auto first_day = date_at(data, "effective_from");
    if (first_day && computed.since_ms > 0 && *first_day < date_of(computed.since_ms))
        return "effective_from";
    const auto last_day = date_at(data, "expires_at");
    if (last_day && last_day != computed.last_day) return "expires_at";
    const json::array* counted = array_at(data, "counted");
    if (counted == nullptr) return {};
    for (const json::value& each : *counted) {
        const auto places =
            places_of(facts, text_at(each.as_object(), "source"), text_at(each.as_object(), "id"));
        const bool was_counted = std::ranges::any_of(places, [&](const EventPlace& place) {
            return place.regime == rules.regime && place.goods_key == goods.goods_key &&
                   std::ranges::count(computed.counted, event_at(facts, place)->at) != 0;
        });
        if (!was_counted) return "counted";
    }
    return {};
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
    if (*to == computed.method) {
        const std::string differs = differing_member(coming, facts, *set, goods, computed);
        if (differs.empty()) return {};
        return refusal(refusals::transition_differs,
                       {differs, phrase(WordOf::method, word(computed.method)),
                        phrase(WordOf::reason, word(computed.reason))},
                       set->article(computed.reason));
    }
    const std::vector<std::string> basis = texts_at(data, "legal_basis");
    if (basis.empty())
        return refusal(refusals::stricter_without_reason,
                       {phrase(WordOf::method, word(computed.method)), phrase(WordOf::method, word(*to))});
    if (parse_method(text_at(data, "from")) != computed.method)
        return refusal(refusals::transition_differs,
                       {"from", phrase(WordOf::method, word(computed.method)),
                        phrase(WordOf::reason, word(computed.reason))},
                       set->article(computed.reason));
    LoggedEvent event = event_of(coming, LoggedEvent::What::imposed);
    event.method = *to;
    event.rule_set = set->name();
    for (const std::string& article : basis) event.article += (event.article.empty() ? "" : "; ") + article;
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
    if (kind == "conformity_result") {
        note_certificate(coming, facts);
        take_certificate(coming, facts, rules);
    }
    if (kind == "customs_declaration" || kind == "clearance_decision") note_declaration(coming, facts);
    if (kind == "violation") return take_violation(coming, facts, rules);
    if (kind == "post_check") return take_check(coming, facts, rules);
    if (kind == "appeal") take_appeal(coming, facts, rules);
    if (kind == "method_transition") return take_transition(coming, facts, rules);
    return {};
}

}  // namespace socai::inspection
