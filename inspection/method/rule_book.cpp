#include "inspection/method/rule_book.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <optional>
#include <utility>

#include "inspection/fact_codec.hpp"
#include "inspection/record_data.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

constexpr std::string_view sets_table = "!rs";      // regime, address -> Entry
constexpr std::string_view texts_table = "!rst";    // address -> the record's data
constexpr std::string_view digests_table = "!rsd";  // address -> SHA-256 of that
constexpr std::string_view names_table = "!rsn";    // name -> key in sets_table
constexpr std::string_view records_table = "!rsr";  // source, id of the record -> key in sets_table

// What chooses a rule set, without its parameters.
struct Entry {
    ledger::Address at;
    std::string name;
    std::string list_code;
    Date from;
    std::optional<Date> to;
    std::optional<std::string> superseded_by;  // key in sets_table

    bool in_force_on(Date day) const { return !superseded_by && from <= day && (!to || day <= *to); }
    bool overlaps(const RuleSet& other) const {
        return !superseded_by && list_code == other.list_code && (!to || other.effective_from <= *to) &&
               (!other.effective_to || from <= *other.effective_to);
    }
    template <class Codec>
    void members(Codec& codec) {
        codec(at, name, list_code, from, to, superseded_by);
    }
};

// Of the records that superseded one another, the last.
std::string last_of(const ledger::Facts& facts, std::string key) {
    for (;;) {
        const auto entry = decode_fact<Entry>(facts.get(key).value());
        if (!entry.superseded_by) return key;
        key = *entry.superseded_by;
    }
}

std::string term(Date from, const std::optional<Date>& to) {
    return format_date(from) + " – " + (to ? format_date(*to) : std::string("…"));
}

// A name stands for its parameters for ever: histories and determinations quote it. Its term may change.
bool same_parameters(const RuleSet& a, const RuleSet& b) {
    return a.regime == b.regime && a.list_code == b.list_code && a.goods_fields == b.goods_fields &&
           a.scope == b.scope && a.initial == b.initial && a.counts == b.counts && a.needed == b.needed &&
           a.window_months == b.window_months && a.lightest == b.lightest &&
           a.reduced_term_months == b.reduced_term_months && a.sample_max_ppm == b.sample_max_ppm &&
           a.sample_denominator == b.sample_denominator && a.clearance_bases == b.clearance_bases &&
           a.articles == b.articles;
}

ledger::Error known(const std::string& name) {
    return {
        ledger::Fault::refused, "rule_set_known",
        "a rule set " + name +
            " stands in the ledger: count its version up; by superseding it, its term alone may change / bộ "
            "quy tắc " +
            name +
            " đã có trong sổ cái: hãy tăng số phiên bản; bản thay thế chỉ được đổi thời hạn [QĐ 38/QĐ-TTg]"};
}

ledger::Error overlapping(const RuleSet& rules, const Entry& other) {
    const std::string name = rules.name();
    const std::string terms = term(other.from, other.to);
    return {ledger::Fault::refused, "rule_set_overlaps",
            "in the term of " + name + ", " + other.name + " is in force for the same regime and list (" +
                terms + "): supersede it, or end it first / trong thời hạn của " + name + ", " + other.name +
                " đang có hiệu lực cho cùng chế độ và danh mục (" + terms +
                "): hãy thay thế hoặc chấm dứt bộ đó trước [NĐ 85/2019/NĐ-CP Đ26.1]"};
}

std::shared_ptr<const RuleSet> parse(std::string_view text) {
    // What stands in the ledger was parsed when it was admitted.
    return std::make_shared<const RuleSet>(
        parse_rule_set(json::parse(json::string_view(text)).as_object()).value());
}

}  // namespace

std::shared_ptr<const RuleSet> RuleBook::at(const ledger::Facts& facts,
                                            const ledger::Address& address) const {
    std::string digest = facts.get(FactKey(digests_table).address(address)).value();
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = parsed_.find(digest); found != parsed_.end()) return found->second;
    }
    auto rules = parse(facts.get(FactKey(texts_table).address(address)).value());
    const std::lock_guard lock(mutex_);
    return parsed_.emplace(std::move(digest), std::move(rules)).first->second;
}

std::shared_ptr<const RuleSet> RuleBook::in_force(const ledger::Facts& facts, std::string_view regime,
                                                  std::string_view list_code, Date day) const {
    std::optional<ledger::Address> of_list, of_every_list;
    facts.scan(FactKey(sets_table).text(regime), {}, [&](std::string_view, std::string_view value) {
        const auto entry = decode_fact<Entry>(value);
        if (!entry.in_force_on(day)) return true;
        if (entry.list_code.empty())
            of_every_list = entry.at;
        else if (entry.list_code == list_code)
            of_list = entry.at;
        return true;
    });
    const auto chosen = of_list ? of_list : of_every_list;
    return chosen ? at(facts, *chosen) : nullptr;
}

std::shared_ptr<const RuleSet> RuleBook::find(const ledger::Facts& facts, std::string_view name) const {
    const auto key = facts.get(FactKey(names_table).text(name));
    return key ? at(facts, decode_fact<Entry>(facts.get(*key).value()).at) : nullptr;
}

std::vector<std::shared_ptr<const RuleSet>> RuleBook::all(const ledger::Facts& facts,
                                                          std::string_view regime) const {
    std::vector<std::shared_ptr<const RuleSet>> found;
    facts.scan(FactKey(sets_table).text(regime), {}, [&](std::string_view, std::string_view value) {
        const auto entry = decode_fact<Entry>(value);
        if (!entry.superseded_by) found.push_back(at(facts, entry.at));
        return true;
    });
    return found;
}

ledger::Result<void> RuleBook::take(const ledger::Coming& coming, ledger::FactDraft& facts) const {
    const ledger::Record& record = coming.record;
    if (record.kind() != "ruleset") return {};
    const auto parsed = parse_rule_set(record.data());
    if (!parsed) return parsed.error();
    const RuleSet& rules = *parsed;
    const std::string key = FactKey(sets_table).text(rules.regime).address(coming.address).bytes();

    std::optional<std::string> superseded;
    if (const ledger::Reference* former = reference_of(record, "supersedes"))
        if (const auto found = facts.get(FactKey(records_table).text(former->source).text(former->id)))
            superseded = last_of(facts, *found);
    const FactKey name_key = FactKey(names_table).text(rules.name());
    if (const auto holder = facts.get(name_key)) {
        const auto former = find(facts, rules.name());
        if (last_of(facts, *holder) != superseded || !same_parameters(*former, rules))
            return known(rules.name());
    }
    if (superseded) {
        auto entry = decode_fact<Entry>(facts.get(*superseded).value());
        entry.superseded_by = key;
        facts.put(*superseded, encode_fact(entry));
    }
    std::optional<Entry> other;
    facts.scan(FactKey(sets_table).text(rules.regime), {}, [&](std::string_view, std::string_view value) {
        auto entry = decode_fact<Entry>(value);
        if (entry.overlaps(rules)) other = std::move(entry);
        return !other;
    });
    if (other) return overlapping(rules, *other);

    const Entry entry{coming.address,       rules.name(),       rules.list_code,
                      rules.effective_from, rules.effective_to, {}};
    facts.put(key, encode_fact(entry));
    const std::string text = json::serialize(record.data());
    facts.put(FactKey(digests_table).address(coming.address), encode_fact(ledger::sha256(text)));
    facts.put(FactKey(texts_table).address(coming.address), text);
    facts.put(name_key, key);
    facts.put(FactKey(records_table).text(record.source).text(record.id), key);
    return {};
}

}  // namespace socai::inspection
