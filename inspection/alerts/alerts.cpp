#include "inspection/alerts/alerts.hpp"

#include <algorithm>

#include "inspection/method/goods_book.hpp"
#include "inspection/record_data.hpp"
#include "inspection/records/tax_code.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view alerts_table = "!alr";   // address -> alert
constexpr std::string_view numbers_table = "!aln";  // number, source, address -> nothing
constexpr std::string_view records_table = "!alc";  // source, id of the record -> address of its alert
constexpr std::string_view index_table = "!ali";    // By, value, address -> State
constexpr std::string_view which_table = "!alw";    // -> Which: what the index holds at all

// An alert stands in the index once, by the member of its scope that tells most; and one about goods a second time, by
// their establishment, for near matches.
enum class By : std::uint8_t { goods_key, site, tax_code, hs_prefix, origin, site_of_goods };
enum class State : char { in_force = '1', ended = '0' };

constexpr std::size_t shortest_prefix = 2;
constexpr std::size_t longest_prefix = 8;

// Looked at first: without alerts, a shipment's look-up ends here.
struct Which {
    std::uint32_t by = 0;            // bit By
    std::uint32_t prefix_sizes = 0;  // bit size, of hs_prefix
    template <class Codec>
    void members(Codec& codec) {
        codec(by, prefix_sizes);
    }
    bool has(By kind) const { return (by >> static_cast<unsigned>(kind) & 1U) != 0; }
};

FactKey index_of(By by, std::string_view value) {
    return FactKey(index_table).number(static_cast<std::uint64_t>(by)).text(value);
}
FactKey alert_key(const ledger::Address& at) {
    return FactKey(alerts_table).address(at);
}
Alert alert_at(const ledger::Facts& facts, const ledger::Address& at) {
    return decode_fact<Alert>(facts.get(alert_key(at)).value());
}
Which which_of(const ledger::Facts& facts) {
    const auto value = facts.get(FactKey(which_table));
    return value ? decode_fact<Which>(*value) : Which{};
}

struct Place {
    By by = By::origin;
    std::string_view value;
};
Place place_of(const AlertScope& scope) {
    if (scope.goods_key) return {By::goods_key, *scope.goods_key};
    if (scope.manufacturer_site_id) return {By::site, *scope.manufacturer_site_id};
    if (scope.tax_code) return {By::tax_code, *scope.tax_code};
    if (scope.hs_prefix) return {By::hs_prefix, *scope.hs_prefix};
    return {By::origin, scope.origin_country ? std::string_view(*scope.origin_country) : std::string_view()};
}

void put_index(ledger::FactDraft& facts, const Place& place, const ledger::Address& at, State state) {
    facts.put(index_of(place.by, place.value).address(at), std::string(1, static_cast<char>(state)));
    Which which = which_of(facts);
    const Which before = which;
    which.by |= 1U << static_cast<unsigned>(place.by);
    if (place.by == By::hs_prefix) which.prefix_sizes |= 1U << place.value.size();
    if (which.by != before.by || which.prefix_sizes != before.prefix_sizes)
        facts.put(FactKey(which_table), encode_fact(which));
}

void put_alert(ledger::FactDraft& facts, const Alert& alert) {
    facts.put(alert_key(alert.at), encode_fact(alert));
    const State state = alert.status == AlertStatus::in_force ? State::in_force : State::ended;
    put_index(facts, place_of(alert.scope), alert.at, state);
    if (!alert.scope.goods_key) return;
    const auto known = find_goods(facts, *alert.scope.goods_key);
    if (known && !known->manufacturer_site_id.empty())
        put_index(facts, {By::site_of_goods, known->manufacturer_site_id}, alert.at, state);
}

// Calls visit(address) for each alert that may be about the goods.
template <class Visit>
void visit_candidates(const ledger::Facts& facts, const Goods& goods, std::string_view tax_code, bool near,
                      bool ended, const Visit& visit) {
    const Which which = which_of(facts);
    if (which.by == 0) return;
    const auto look = [&](By by, std::string_view value) {
        if (value.empty() || !which.has(by)) return;
        const FactKey prefix = index_of(by, value);
        facts.scan(prefix, {}, [&](std::string_view key, std::string_view state) {
            if (!ended && state.front() != static_cast<char>(State::in_force)) return true;
            visit(FactKeyReader(key.substr(prefix.bytes().size() - 1), {}).address());
            return true;
        });
    };
    look(By::goods_key, goods.goods_key);
    look(By::site, goods.manufacturer_site_id);
    look(By::tax_code, tax_code);
    if (enterprise_of(tax_code) != tax_code) look(By::tax_code, enterprise_of(tax_code));
    for (std::size_t size = shortest_prefix; size <= std::min(longest_prefix, goods.hs_code.size()); ++size)
        if ((which.prefix_sizes >> size & 1U) != 0)
            look(By::hs_prefix, std::string_view(goods.hs_code).substr(0, size));
    look(By::origin, goods.origin_country);
    if (near) look(By::site_of_goods, goods.manufacturer_site_id);
}

std::vector<ledger::Address> candidates(const ledger::Facts& facts, const Goods& goods,
                                        std::string_view tax_code, bool near, bool ended) {
    std::vector<ledger::Address> found;
    visit_candidates(facts, goods, tax_code, near, ended,
                     [&](const ledger::Address& at) { found.push_back(at); });
    std::ranges::sort(found);
    const auto twice = std::ranges::unique(found);
    found.erase(twice.begin(), twice.end());
    return found;
}

void end_alert(ledger::FactDraft& facts, Alert alert, AlertStatus status, const ledger::Coming& coming) {
    if (alert.status != AlertStatus::in_force) return;
    alert.status = status;
    alert.ended_by = coming.address;
    alert.ended_ms = coming.record.time_ms;
    put_alert(facts, alert);
}

// The alert of the record, or of what amended it since.
std::optional<Alert> find_alert(const ledger::Facts& facts, const ledger::Reference& reference) {
    const auto at = facts.get(FactKey(records_table).text(reference.source).text(reference.id));
    if (!at) return std::nullopt;
    Alert alert = alert_at(facts, decode_fact<ledger::Address>(*at));
    while (alert.status == AlertStatus::superseded) alert = alert_at(facts, alert.ended_by.value());
    return alert;
}

// An alert about goods that nobody had described is now told apart by their establishment too.
void learn_goods(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const auto& data = coming.record.data();
    const auto* described = object_at(data, "goods");
    const std::string_view goods_key = text_at(data, "goods_key");
    if (described == nullptr || goods_key.empty() || !which_of(facts).has(By::goods_key)) return;
    const Goods goods = goods_of(*described, std::string(goods_key));
    if (goods.manufacturer_site_id.empty()) return;
    std::vector<std::pair<ledger::Address, State>> about;
    const FactKey prefix = index_of(By::goods_key, goods_key);
    facts.scan(prefix, {}, [&](std::string_view key, std::string_view state) {
        about.emplace_back(FactKeyReader(key.substr(prefix.bytes().size() - 1), {}).address(),
                           static_cast<State>(state.front()));
        return true;
    });
    if (about.empty() || find_goods(facts, goods_key)) return;
    for (const auto& [at, state] : about)
        put_index(facts, {By::site_of_goods, goods.manufacturer_site_id}, at, state);
}

}  // namespace

bool Alert::has_effect(std::string_view word) const {
    return std::ranges::find(effect, word) != effect.end();
}

namespace {

// Those of the candidates that count, with how they meet the goods.
template <class Counts>
std::vector<MatchedAlert> matched_alerts(const ledger::Facts& facts, const Goods& goods,
                                         std::string_view tax_code, bool ended, const Counts& counts) {
    std::vector<MatchedAlert> found;
    for (const ledger::Address& at : candidates(facts, goods, tax_code, true, ended)) {
        Alert alert = alert_at(facts, at);
        if (!counts(alert)) continue;
        std::optional<Goods> alerted;
        if (alert.scope.goods_key && *alert.scope.goods_key != goods.goods_key)
            if (const auto known = find_goods(facts, *alert.scope.goods_key)) alerted = known->goods();
        const AlertMatch how = match(alert.scope, goods, tax_code, alerted ? &*alerted : nullptr);
        if (how != AlertMatch::none) found.push_back({std::move(alert), how});
    }
    return found;
}

}  // namespace

std::vector<MatchedAlert> alerts_on(const ledger::Facts& facts, const Goods& goods, std::string_view tax_code,
                                    Date day) {
    return matched_alerts(facts, goods, tax_code, false,
                          [&](const Alert& alert) { return alert.in_force_on(day); });
}

std::vector<MatchedAlert> alerts_then(const ledger::Facts& facts, const Goods& goods,
                                      std::string_view tax_code, std::int64_t at_ms) {
    return matched_alerts(facts, goods, tax_code, true,
                          [&](const Alert& alert) { return alert.was_in_force(at_ms); });
}

std::vector<Alert> alerts_ever(const ledger::Facts& facts, const Goods& goods, std::string_view tax_code,
                               const ledger::Address& from) {
    std::vector<Alert> found;
    for (const ledger::Address& at : candidates(facts, goods, tax_code, false, true)) {
        if (at < from) continue;
        Alert alert = alert_at(facts, at);
        if (match(alert.scope, goods, tax_code) == AlertMatch::full) found.push_back(std::move(alert));
    }
    return found;
}

std::vector<Alert> find_alerts(const ledger::Facts& facts, std::string_view alert_no) {
    std::vector<ledger::Address> places;
    facts.scan(FactKey(numbers_table).text(alert_no), {}, [&](std::string_view key, std::string_view) {
        FactKeyReader reader(key, numbers_table);
        reader.text();
        reader.text();
        places.push_back(reader.address());
        return true;
    });
    std::ranges::sort(places);
    std::vector<Alert> found;
    for (const ledger::Address& at : places) found.push_back(alert_at(facts, at));
    return found;
}

std::optional<Alert> find_alert(const ledger::Facts& facts, std::string_view alert_no) {
    std::vector<Alert> found = find_alerts(facts, alert_no);
    if (found.empty()) return std::nullopt;
    return std::move(found.back());
}

ledger::Result<void> take_alert(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const ledger::Record& record = coming.record;
    if (record.kind() != "alert") {
        learn_goods(coming, facts);
        return {};
    }
    const auto& data = record.data();
    const auto* scope = object_at(data, "scope");
    auto parsed = parse_alert_scope(scope != nullptr ? *scope : boost::json::object());
    if (!parsed) return parsed.error();

    const bool lifts = text_at(data, "status") == "lifted";
    const std::string_view alert_no = text_at(data, "alert_no");
    for (const ledger::Reference& reference : record.refs) {
        if (reference.rel != "supersedes" && reference.rel != "closes") continue;
        const bool superseded = reference.rel == "supersedes" && !lifts;
        if (const auto former = find_alert(facts, reference))
            end_alert(facts, *former, superseded ? AlertStatus::superseded : AlertStatus::lifted, coming);
    }
    if (lifts) {
        std::vector<ledger::Address> same_number;
        facts.scan(FactKey(numbers_table).text(alert_no).text(record.source), {},
                   [&](std::string_view key, std::string_view) {
                       FactKeyReader reader(key, numbers_table);
                       reader.text();
                       reader.text();
                       same_number.push_back(reader.address());
                       return true;
                   });
        for (const ledger::Address& at : same_number)
            end_alert(facts, alert_at(facts, at), AlertStatus::lifted, coming);
        return {};
    }

    Alert alert;
    alert.at = coming.address;
    alert.alert_no = alert_no;
    alert.source = record.source;
    alert.scope = *std::move(parsed);
    alert.level = text_at(data, "level");
    alert.effect = texts_at(data, "effect");
    const auto* published = data.if_contains("published");
    alert.published = published != nullptr && published->is_bool() && published->get_bool();
    alert.valid_from = date_at(data, "valid_from").value_or(Date{});
    alert.valid_to = date_at(data, "valid_to");
    alert.time_ms = record.time_ms;
    alert.accepted_ms = coming.accepted_ms;
    alert.text = text_at(data, "text");
    put_alert(facts, alert);
    facts.put(FactKey(numbers_table).text(alert.alert_no).text(alert.source).address(alert.at), {});
    facts.put(FactKey(records_table).text(record.source).text(record.id), encode_fact(alert.at));
    return {};
}

}  // namespace socai::inspection
