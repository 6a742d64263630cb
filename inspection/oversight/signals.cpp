#include "inspection/oversight/signals.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "inspection/answer_text.hpp"
#include "inspection/record_data.hpp"
#include "inspection/records/tax_code.hpp"
#include "inspection/shipments/dossier.hpp"

namespace socai::inspection {
namespace {

constexpr std::string_view signals_table = "rsg";  // source, id of the record that raised it
constexpr std::string_view later_table = "rsn";    // source, id of a later record -> the first
// What it is about, while it is not dismissed: a word and a value, newest first -> About. Those that forbid storage stand
// in a table of their own: most do not, and a guard asks.
constexpr std::string_view about_table = "rsa";
constexpr std::string_view forbidding_table = "rsf";
constexpr std::size_t base_digits = 11;
constexpr std::size_t shortest_hs = 4;

struct First {
    std::string source, id;
    FactKey key() const { return FactKey(signals_table).text(source).text(id); }
    template <class Codec>
    void members(Codec& codec) {
        codec(source, id);
    }
};
struct About {
    First first;
    std::optional<Date> valid_to;
    template <class Codec>
    void members(Codec& codec) {
        codec(first, valid_to);
    }
};

bool forbids_storage(const RiskSignal& signal) {
    return signal.by_authority && signal.of_non_conformity();
}

// Keys under which the signal is found.
std::vector<std::string> abouts_of(const RiskSignal& signal) {
    std::vector<std::string> keys;
    if (signal.status == "dismissed") return keys;
    const auto add = [&](std::string_view word, std::string_view value) {
        if (value.empty()) return;
        for (const std::string_view table : {about_table, forbidding_table})
            if (table == about_table || forbids_storage(signal))
                keys.push_back(FactKey(table)
                                   .text(word)
                                   .text(value)
                                   .number(~signal.raised.index)
                                   .number(~std::uint64_t{signal.raised.n})
                                   .bytes());
    };
    add("declaration", signal.declaration);
    add("dossier", signal.dossier_no);
    add("goods", signal.goods_key);
    if (signal.goods_key.empty()) add("hs", signal.hs_code);
    add("importer", signal.tax_code);
    return keys;
}

// The newest that are valid on the day, at most `limit`, in the order in which they were raised.
std::vector<RiskSignal> newest(const ledger::Facts& facts, std::string_view table,
                               std::span<const SignalSubject> subjects, Date day, std::size_t limit) {
    std::map<ledger::Address, First> raised;
    const auto look = [&](std::string_view word, std::string_view value) {
        if (value.empty()) return;
        std::size_t found = 0;
        facts.scan(FactKey(table).text(word).text(value), {},
                   [&](std::string_view key, std::string_view bytes) {
                       auto about = decode_fact<About>(bytes);
                       if (about.valid_to && *about.valid_to < day) return true;
                       FactKeyReader parts(key, table);
                       parts.text();
                       parts.text();
                       const std::uint64_t index = ~parts.number();
                       raised.emplace(ledger::Address{index, static_cast<std::uint32_t>(~parts.number())},
                                      std::move(about.first));
                       return ++found < limit;
                   });
    };
    for (const SignalSubject& subject : subjects) {
        look("declaration", std::string_view(subject.declaration_no).substr(0, base_digits));
        look("dossier", subject.dossier_no);
        look("goods", subject.goods_key);
        for (std::size_t digits = shortest_hs; digits <= subject.hs_code.size(); ++digits)
            look("hs", std::string_view(subject.hs_code).substr(0, digits));
        look("importer", subject.tax_code);
        if (enterprise_of(subject.tax_code) != subject.tax_code)
            look("importer", enterprise_of(subject.tax_code));
    }
    while (raised.size() > limit) raised.erase(raised.begin());
    std::vector<RiskSignal> signals;
    for (const auto& [at, first] : raised)
        signals.push_back(decode_fact<RiskSignal>(facts.get(first.key()).value()));
    return signals;
}

bool is_authority(const ledger::Agency* writer) {
    constexpr std::array<std::string_view, 6> roles{"customs_office",      "member",
                                                    "inspection_agency",   "list_owner",
                                                    "market_surveillance", "provincial_committee"};
    return writer != nullptr &&
           std::ranges::any_of(roles, [&](std::string_view role) { return writer->has_role(role); });
}

// The signal that the record says more about.
std::optional<First> raised_by(const ledger::Facts& facts, const ledger::Record& record) {
    for (const ledger::Reference& reference : record.refs) {
        if (reference.rel != "supersedes" && reference.rel != "closes") continue;
        if (const auto value = facts.get(FactKey(later_table).text(reference.source).text(reference.id)))
            return decode_fact<First>(*value);
        const First first{reference.source, reference.id};
        if (facts.get(first.key())) return first;
    }
    return std::nullopt;
}

}  // namespace

std::vector<RiskSignal> risk_signals(const ledger::Facts& facts, std::span<const SignalSubject> subjects,
                                     Date day) {
    return newest(facts, about_table, subjects, day, most_signals);
}

std::vector<RiskSignal> signals_against_storage(const ledger::Facts& facts,
                                                std::span<const SignalSubject> subjects, Date day) {
    return newest(facts, forbidding_table, subjects, day, most_signals);
}

boost::json::array signals_answer(const std::vector<RiskSignal>& signals, const Viewer& viewer) {
    boost::json::array answer;
    if (!viewer.agency) return answer;
    for (const RiskSignal& each : signals) {
        boost::json::array evidence{ledger::to_string(each.raised)};
        if (each.at != each.raised) evidence.emplace_back(ledger::to_string(each.at));
        answer.push_back({{"number", each.number},
                          {"source", each.source},
                          {"severity", each.severity},
                          {"status", each.status},
                          {"description", each.description},
                          {"valid_to", told(each.valid_to)},
                          {"time", vietnam_time(each.time_ms)},
                          {"evidence", std::move(evidence)}});
    }
    return answer;
}

ledger::Result<void> take_risk_signal(const ledger::Coming& coming, ledger::FactDraft& facts) {
    const ledger::Record& record = coming.record;
    if (record.kind() != "risk_signal") return {};
    const auto& data = record.data();
    RiskSignal signal;
    signal.at = signal.raised = coming.address;
    signal.source = record.source;
    const auto raised = raised_by(facts, record);
    const First first = raised.value_or(First{record.source, record.id});
    if (raised) {
        const auto before = decode_fact<RiskSignal>(facts.get(first.key()).value());
        for (const std::string& key : abouts_of(before)) facts.erase(key);
        signal = before;
        signal.at = coming.address;
    }
    // What the record does not say again stays as it was.
    const auto say = [&](std::string& member, std::string_view name) {
        if (const std::string_view text = text_at(data, name); !text.empty()) member = text;
    };
    signal.number = record.subject;
    signal.time_ms = record.time_ms;
    say(signal.severity, "severity");
    say(signal.description, "description");
    say(signal.goods_key, "goods_key");
    say(signal.hs_code, "hs_code");
    say(signal.origin_country, "country_of_origin");
    say(signal.tax_code, "importer_tax_code");
    say(signal.dossier_no, "dossier_no");
    for (const ledger::Reference& reference : record.refs)
        if (signal.dossier_no.empty() && reference.rel == "about")
            signal.dossier_no = dossier_of(facts, reference.source, reference.id).value_or("");
    if (const auto number = text_at(data, "declaration_no"); !number.empty())
        signal.declaration = number.substr(0, base_digits);
    signal.status = text_at(data, "status");
    if (signal.status.empty())
        signal.status = reference_of(record, "closes") != nullptr ? "dismissed" : "raised";
    signal.by_authority = is_authority(coming.registry.agency(record.source));
    if (data.contains("valid_to")) signal.valid_to = date_at(data, "valid_to");

    for (const std::string& key : abouts_of(signal))
        facts.put(key, encode_fact(About{first, signal.valid_to}));
    facts.put(first.key(), encode_fact(signal));
    if (raised) facts.put(FactKey(later_table).text(record.source).text(record.id), encode_fact(first));
    return {};
}

}  // namespace socai::inspection
