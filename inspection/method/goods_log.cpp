#include "inspection/method/goods_log.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "inspection/alerts/alerts.hpp"
#include "inspection/records/tax_code.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view method_strict = "method_strict";

struct GoodsLog {
    std::uint64_t events = 0;
    template <class Codec>
    void members(Codec& codec) {
        codec(events);
    }
};

// What the history has come to.
struct Folded {
    std::uint64_t next = 0;       // place of the first event that is not in it
    ledger::Address until;        // alerts up to here are in it
    std::uint64_t standings = 0;  // written so far
    std::string state;            // GoodsState, present() only
    template <class Codec>
    void members(Codec& codec) {
        codec(next, until, standings, state);
    }
};

struct Fold {
    GoodsState state;
    std::uint64_t next = 0;
    ledger::Address until;  // of what was taken last
    std::uint64_t standings = 0;

    explicit Fold(const RuleSet& rules) : state(rules) {}
};

FactKey event_key(std::string_view regime, std::string_view goods_key, std::uint64_t place) {
    return FactKey("ge").text(regime).text(goods_key).number(place);
}
FactKey fold_key(const RuleSet& rules, std::string_view goods_key, std::string_view importer) {
    return FactKey("gs").text(rules.name()).text(goods_key).text(importer);
}
FactKey standing_key(const RuleSet& rules, std::string_view goods_key, std::string_view importer,
                     std::uint64_t number) {
    return FactKey("gt").text(rules.name()).text(goods_key).text(importer).number(number);
}
// Those whose histories of the goods are kept under the rule set, `most` of them; the empty text where it counts for all.
std::vector<std::string> importers_of(const ledger::Facts& facts, const RuleSet& rules,
                                      std::string_view goods_key,
                                      std::size_t most = std::numeric_limits<std::size_t>::max()) {
    std::vector<std::string> importers;
    facts.scan(FactKey("gs").text(rules.name()).text(goods_key), {},
               [&](std::string_view key, std::string_view) {
                   FactKeyReader reader(key, "gs");
                   reader.text();
                   reader.text();
                   importers.push_back(reader.text());
                   return importers.size() < most;
               });
    return importers;
}

FactKey place_key(std::string_view source, std::string_view id) {
    return FactKey("gp").text(source).text(id);
}

std::uint64_t events_of(const ledger::Facts& facts, std::string_view regime, std::string_view goods_key) {
    const auto log = facts.get(FactKey("gl").text(regime).text(goods_key));
    return log ? decode_fact<GoodsLog>(*log).events : 0;
}

std::string importer_of(const RuleSet& rules, std::string_view tax_code) {
    return rules.scope == Scope::goods_importer ? std::string(enterprise_of(tax_code)) : std::string();
}

// The day on which something begins that was signed before.
std::optional<Date> begins_later(Date first_day, std::int64_t signed_ms) {
    return date_of(signed_ms) < first_day ? std::optional(first_day) : std::nullopt;
}

// What alerts do to a history, in ledger order: those about one importer left out.
std::vector<Event> alert_events(const ledger::Facts& facts, const Goods& goods) {
    std::vector<Event> events;
    for (const Alert& alert : alerts_ever(facts, goods, {}, {})) {
        if (alert.scope.concerns_an_importer() || !alert.has_effect(method_strict)) continue;
        events.push_back({alert.at, alert.time_ms,
                          Alerted{alert.valid_to, begins_later(alert.valid_from, alert.time_ms)}});
        if (alert.ended_by) events.push_back({*alert.ended_by, alert.ended_ms, AlertLifted{alert.at}});
    }
    // An amended alert is raised before the old one is lifted by the same record: nothing is released in between.
    std::ranges::stable_sort(events, [](const Event& a, const Event& b) {
        if (a.at != b.at) return a.at < b.at;
        return std::holds_alternative<Alerted>(a.what) && std::holds_alternative<AlertLifted>(b.what);
    });
    return events;
}

// Does the event count in this history? Where the rule set counts by importer, without one only what is everybody's does.
bool counts(const LoggedEvent& logged, const RuleSet& rules, std::string_view importer) {
    if (!logged.rule_set.empty() && logged.rule_set != rules.name()) return false;
    return rules.scope == Scope::goods || logged.tax_code.empty() ||
           enterprise_of(logged.tax_code) == importer;
}

// Takes in what the log and the alerts hold after `fold`; `before_event(event, address)` is told of each step before it is
// taken.
template <class Before>
void go_on(const ledger::Facts& facts, const RuleSet& rules, const Goods& goods, std::string_view importer,
           Fold& fold, const Before& before_event) {
    const std::vector<Event> alerts = alert_events(facts, goods);
    auto alert = std::ranges::find_if(alerts, [&](const Event& event) { return event.at > fold.until; });
    const auto take = [&](const Event& event, const ledger::Address& place) {
        before_event(event, place);
        fold.state.take(event);
        fold.until = std::max(fold.until, place);
    };
    const auto take_logged = [&](std::string_view value) {
        const auto logged = decode_fact<LoggedEvent>(value);
        for (; alert != alerts.end() && alert->at < logged.first; ++alert) take(*alert, alert->at);
        if (counts(logged, rules, importer)) take(logged.event(), logged.first);
        ++fold.next;
    };
    // Mostly there is nothing new, or one event: neither is worth a scan.
    const std::uint64_t events = events_of(facts, rules.regime, goods.goods_key);
    const FactKey begin = event_key(rules.regime, goods.goods_key, fold.next);
    if (events == fold.next + 1) {
        take_logged(facts.get(begin).value());
    } else if (events > fold.next) {
        facts.scan(FactKey("ge").text(rules.regime).text(goods.goods_key), begin,
                   [&](std::string_view, std::string_view value) {
                       take_logged(value);
                       return true;
                   });
    }
    for (; alert != alerts.end(); ++alert) take(*alert, alert->at);
}

Fold load(const ledger::Facts& facts, const RuleSet& rules, std::string_view goods_key,
          std::string_view importer) {
    Fold fold(rules);
    if (goods_key.empty()) return fold;
    const auto kept = facts.get(fold_key(rules, goods_key, importer));
    if (!kept) return fold;
    const auto folded = decode_fact<Folded>(*kept);
    FactDecoder decoder(folded.state);
    decoder(fold.state);
    fold.next = folded.next;
    fold.until = folded.until;
    fold.standings = folded.standings;
    return fold;
}

// Writes the fold, and the standings that are new. `fresh`: all of the state's standings are.
void store(ledger::FactDraft& facts, const RuleSet& rules, std::string_view goods_key,
           std::string_view importer, Fold& fold) {
    const auto& standings = fold.state.standings();
    for (std::size_t i = fold.standings == 0 ? 0 : 1; i < standings.size(); ++i)
        facts.put(standing_key(rules, goods_key, importer, fold.standings++), encode_fact(standings[i]));
    facts.put(fold_key(rules, goods_key, importer),
              encode_fact(Folded{fold.next, fold.until, fold.standings, encode_fact(fold.state.present())}));
}

void refold(ledger::FactDraft& facts, const RuleSet& rules, const Goods& goods, std::string_view importer,
            const std::vector<std::pair<ledger::Address, MadeDetermination>>& made,
            const ledger::Address& correction) {
    std::vector<std::string> old;
    facts.scan(FactKey("gt").text(rules.name()).text(goods.goods_key).text(importer), {},
               [&](std::string_view key, std::string_view) {
                   old.emplace_back(key);
                   return true;
               });
    for (const std::string& key : old) facts.erase(key);
    Fold fold(rules);
    auto next = made.begin();
    const auto compare_before = [&](const ledger::Address* address) {
        for (; next != made.end() && (address == nullptr || next->first < *address); ++next) {
            const MadeDetermination& then = next->second;
            if (then.rule_set != rules.name() ||
                (!importer.empty() && enterprise_of(then.tax_code) != importer))
                continue;
            const Method now = fold.state.at(then.time_ms).method;
            if (now == then.method) continue;
            facts.put(FactKey("wd").address(correction).address(next->first),
                      encode_fact(WouldHaveDiffered{correction, next->first, goods.goods_key, rules.regime,
                                                    rules.name(), then.subject, then.method, now}));
        }
    };
    go_on(facts, rules, goods, importer, fold,
          [&](const Event&, const ledger::Address& address) { compare_before(&address); });
    compare_before(nullptr);
    store(facts, rules, goods.goods_key, importer, fold);
}

}  // namespace

Event LoggedEvent::event() const {
    switch (what) {
        case What::inspected:
            return {at, time_ms, Inspected{outcome, method}};
        case What::found_failing:
            return {at, time_ms, FoundFailing{reason}};
        case What::certified:
            return {first, time_ms,
                    Certified{last_day, first_day}};  // known by its place, whatever corrects it
        case What::withdrawn:
            return {at, time_ms, CertificateWithdrawn{certificate}};
        case What::imposed:
            return {at, time_ms, Imposed{method, article}};
    }
    return {at, time_ms, Inspected{}};
}

EventPlace log_event(ledger::FactDraft& facts, const RuleBook& rules, std::string_view regime,
                     const Goods& goods, LoggedEvent event, const ledger::Record& record) {
    const std::uint64_t place = events_of(facts, regime, goods.goods_key);
    const std::string importer = event.tax_code;
    facts.put(event_key(regime, goods.goods_key, place), encode_fact(event));
    facts.put(FactKey("gl").text(regime).text(goods.goods_key), encode_fact(GoodsLog{place + 1}));
    std::vector<EventPlace> places = places_of(facts, record.source, record.id);
    places.push_back({std::string(regime), goods.goods_key, place});
    put_places(facts, record, places);
    for (const auto& set : rules.all(facts, regime)) {
        // An event of everybody's is folded in by each importer's history when it is looked at next.
        if (set->scope == Scope::goods_importer && importer.empty()) continue;
        const std::string whose = importer_of(*set, importer);
        Fold fold = load(facts, *set, goods.goods_key, whose);
        go_on(facts, *set, goods, whose, fold, [](const Event&, const ledger::Address&) {});
        store(facts, *set, goods.goods_key, whose, fold);
    }
    return places.back();
}

std::vector<EventPlace> places_of(const ledger::Facts& facts, std::string_view source, std::string_view id) {
    const auto kept = facts.get(place_key(source, id));
    return kept ? decode_fact<std::vector<EventPlace>>(*kept) : std::vector<EventPlace>();
}

void put_places(ledger::FactDraft& facts, const ledger::Record& record,
                const std::vector<EventPlace>& places) {
    facts.put(place_key(record.source, record.id), encode_fact(places));
}

std::optional<LoggedEvent> event_at(const ledger::Facts& facts, const EventPlace& place) {
    const auto kept = facts.get(event_key(place.regime, place.goods_key, place.place));
    return kept ? std::optional(decode_fact<LoggedEvent>(*kept)) : std::nullopt;
}

void replace_event(ledger::FactDraft& facts, const RuleBook& rules, const EventPlace& place,
                   LoggedEvent event) {
    const auto former = event_at(facts, place);
    assert(former);
    event.first = former->first;
    event.time_ms = former->time_ms;
    const ledger::Address correction = event.at;
    facts.put(event_key(place.regime, place.goods_key, place.place), encode_fact(event));

    const auto known = find_goods(facts, place.goods_key);
    Goods goods = known ? known->goods() : Goods();
    goods.goods_key = place.goods_key;
    std::vector<std::pair<ledger::Address, MadeDetermination>> made;
    const FactKey table = FactKey("gm").text(place.regime).text(place.goods_key);
    facts.scan(table, FactKey("gm").text(place.regime).text(place.goods_key).address(event.first),
               [&](std::string_view key, std::string_view value) {
                   FactKeyReader reader(key, "gm");
                   reader.text();
                   reader.text();
                   made.emplace_back(reader.address(), decode_fact<MadeDetermination>(value));
                   return true;
               });
    for (const auto& set : rules.all(facts, place.regime)) {
        // An event of one importer's counts in nobody else's history.
        const std::string whose = importer_of(*set, event.tax_code);
        const std::string before = importer_of(*set, former->tax_code);
        for (const std::string& importer : importers_of(facts, *set, place.goods_key))
            if (whose.empty() || before.empty() || importer == whose || importer == before)
                refold(facts, *set, goods, importer, made, correction);
    }
}

// --- what goods_book.hpp declares of it

namespace {

// The state under the rule set with every event and alert so far. `importer`: whose events count, for rule sets that count by
// importer; else empty.
GoodsState folded(const ledger::Facts& facts, const RuleSet& rules, const Goods& goods,
                  std::string_view importer) {
    Fold fold = load(facts, rules, goods.goods_key, importer);
    go_on(facts, rules, goods, importer, fold, [](const Event&, const ledger::Address&) {});
    return std::move(fold.state);
}

// As it had become by the time: what takes effect after it is left out.
GoodsState folded_until(const ledger::Facts& facts, const RuleSet& rules, const Goods& goods,
                        std::string_view importer, std::int64_t time_ms) {
    GoodsState present = folded(facts, rules, goods, importer);
    if (present.clock_ms() <= time_ms) return present;
    Fold fold(rules);
    std::optional<GoodsState> then;
    go_on(facts, rules, goods, importer, fold, [&](const Event& event, const ledger::Address&) {
        if (!then && event.time_ms > time_ms) then = fold.state.present();
    });
    return then ? *std::move(then) : std::move(fold.state);
}

// An alert about the importer makes his goods strict while it is in force.
void hold_importer(GoodsStanding& standing, const std::vector<MatchedAlert>& alerts) {
    for (const MatchedAlert& matched : alerts) {
        const Alert& alert = matched.alert;
        if (matched.match != AlertMatch::full || !alert.scope.concerns_an_importer() ||
            !alert.has_effect(method_strict))
            continue;
        const std::int64_t since_ms = std::max(alert.time_ms, start_of(alert.valid_from));
        standing.standing = {
            Method::strict, Reason::active_alert, since_ms, alert.valid_to, alert.at, {}, {}};
        standing.streak.clear();
        return;
    }
}

}  // namespace

GoodsStanding standing_of(const ledger::Facts& facts, const RuleSet& rules, const Goods& goods,
                          std::string_view tax_code, std::int64_t time_ms) {
    const GoodsState state = folded(facts, rules, goods, importer_of(rules, tax_code));
    GoodsStanding answer{state.at(time_ms), state.streak(time_ms)};
    if (!tax_code.empty()) hold_importer(answer, alerts_on(facts, goods, tax_code, date_of(time_ms)));
    return answer;
}

GoodsStanding standing_then(const ledger::Facts& facts, const RuleSet& rules, const Goods& goods,
                            std::string_view tax_code, std::int64_t time_ms) {
    const GoodsState state = folded_until(facts, rules, goods, importer_of(rules, tax_code), time_ms);
    GoodsStanding answer{state.at(time_ms), state.streak(time_ms)};
    if (!tax_code.empty()) hold_importer(answer, alerts_then(facts, goods, tax_code, time_ms));
    return answer;
}

std::optional<Method> lightest_for_some(const ledger::Facts& facts, const RuleSet& rules, const Goods& goods,
                                        std::int64_t time_ms) {
    constexpr std::size_t most = 8;  // each replays the history of the goods, and anybody may ask
    std::optional<Method> lightest;
    if (rules.scope != Scope::goods_importer) return lightest;
    for (const std::string& importer : importers_of(facts, rules, goods.goods_key, most)) {
        const Method method = standing_then(facts, rules, goods, importer, time_ms).standing.method;
        if (!lightest || lighter(method, *lightest)) lightest = method;
    }
    return lightest;
}

std::vector<Standing> standings_of(const ledger::Facts& facts, const RuleSet& rules, const Goods& goods,
                                   std::string_view tax_code) {
    const std::string importer = importer_of(rules, tax_code);
    std::vector<Standing> standings;
    facts.scan(FactKey("gt").text(rules.name()).text(goods.goods_key).text(importer), {},
               [&](std::string_view, std::string_view value) {
                   standings.push_back(decode_fact<Standing>(value));
                   return true;
               });
    const GoodsState state = folded(facts, rules, goods, importer);
    const auto& since = state.standings();
    standings.insert(standings.end(), since.begin() + (standings.empty() ? 0 : 1), since.end());
    return standings;
}

void note_determination(ledger::FactDraft& facts, std::string_view regime, std::string_view goods_key,
                        const ledger::Address& made_at, const MadeDetermination& made) {
    facts.put(FactKey("gm").text(regime).text(goods_key).address(made_at), encode_fact(made));
}

void would_have_differed(const ledger::Facts& facts, const ledger::Address& from,
                         const std::function<bool(const WouldHaveDiffered&)>& visit) {
    facts.scan(FactKey("wd"), FactKey("wd").address(from), [&](std::string_view, std::string_view value) {
        return visit(decode_fact<WouldHaveDiffered>(value));
    });
}

}  // namespace socai::inspection
