#include "inspection/statistics/restate.hpp"

#include <algorithm>

namespace socai::inspection {
namespace {

FactKey stated_key(const StatedName& name) {
    FactKey key("sc");
    key.beginning({reinterpret_cast<const char*>(&name.sheet), 1}).text(name.name);
    return key;
}

FactKey original_key(std::string_view source, std::string_view id) {
    FactKey key("so");
    key.text(source).text(id);
    return key;
}

void count_all(ledger::FactDraft& facts, Sheet sheet, const std::vector<Counted>& what, Date day,
               std::uint64_t index) {
    for (const Counted& each : what)
        count(facts, {sheet, each.regime, each.agency, {}}, day, index, each.counts);
}

void state(ledger::FactDraft& facts, const StatedName& name, std::vector<Counted> what, Date day) {
    facts.put(stated_key(name), encode_fact(Stated{day, std::move(what)}));
}

}  // namespace

void gather(std::vector<Counted>& what, const Counted& added) {
    const auto same = std::ranges::find_if(what, [&](const Counted& each) {
        return each.regime == added.regime && each.agency == added.agency;
    });
    if (same == what.end())
        what.push_back(added);
    else
        gather(same->counts, added.counts);
}

std::optional<Stated> find_stated(const ledger::Facts& facts, const StatedName& name) {
    const auto stands = facts.get(stated_key(name));
    return stands ? std::optional(decode_fact<Stated>(*stands)) : std::nullopt;
}

void restate(ledger::FactDraft& facts, const StatedName& name, std::vector<Counted> what, Date day,
             std::uint64_t index) {
    const std::optional<Stated> stands = find_stated(facts, name);
    if (!stands) {
        count_all(facts, name.sheet, what, day, index);
        state(facts, name, std::move(what), day);
        return;
    }
    if (stands->what == what) return;
    std::vector<Counted> differences;
    for (const Counted& each : stands->what)
        gather(differences, {each.regime, each.agency, negated(each.counts)});
    for (const Counted& each : what) gather(differences, each);
    count_all(facts, name.sheet, differences, stands->day, index);
    state(facts, name, std::move(what), stands->day);
}

void move_on(ledger::FactDraft& facts, const StatedName& name, std::vector<Counted> what, Date day,
             std::uint64_t index) {
    if (const auto stands = find_stated(facts, name)) {
        for (const Counted& each : stands->what)
            count(facts, {name.sheet, each.regime, each.agency, {}}, day, index, negated(each.counts));
    }
    count_all(facts, name.sheet, what, day, index);
    state(facts, name, std::move(what), day);
}

std::string original_of(ledger::FactDraft& facts, const ledger::Record& record) {
    const auto earlier = std::ranges::find_if(record.refs, [](const ledger::Reference& each) {
        return each.rel == "supersedes" || each.rel == "closes";
    });
    if (earlier == record.refs.end()) return record.source + " " + record.id;
    auto original = facts.get(original_key(earlier->source, earlier->id));
    if (!original) original = earlier->source + " " + earlier->id;
    facts.put(original_key(record.source, record.id), *original);
    return *original;
}

}  // namespace socai::inspection
