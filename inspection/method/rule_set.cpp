#include "inspection/method/rule_set.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace socai::inspection {
namespace {

namespace json = boost::json;

constexpr std::int32_t max_months = 120;
constexpr std::int32_t max_needed = 100;
constexpr std::uint32_t million = 1'000'000;
constexpr std::size_t max_listed = 32;

template <class E>
using Choice = std::pair<std::string_view, E>;

constexpr std::array<std::string_view, 23> member_names{"ruleset",
                                                        "regime",
                                                        "list_code",
                                                        "effective_from",
                                                        "effective_to",
                                                        "goods_fields",
                                                        "scope",
                                                        "initial",
                                                        "counts",
                                                        "needed",
                                                        "window_months",
                                                        "lightest",
                                                        "sample_max_ppm",
                                                        "sample_denominator",
                                                        "reduced_term_months",
                                                        "clearance_bases",
                                                        "articles",
                                                        "name_vi",
                                                        "name_en",
                                                        "refs",
                                                        "legal_basis",
                                                        "note_vi",
                                                        "note_en"};

// Reads the members of the record; the first fault is kept, and what follows reads as its default.
class Reader {
  public:
    explicit Reader(const json::object& data) : data_(data) {
        for (const auto& member : data) {
            if (std::ranges::find(member_names, std::string_view(member.key())) == member_names.end())
                fail(member.key(), "is not a parameter of a rule set");
        }
    }

    const std::optional<std::string>& fault() const { return fault_; }
    void fail(std::string_view name, const std::string& what) {
        if (!fault_) fault_ = "data." + std::string(name.substr(0, 64)) + " " + what;
    }

    std::string text(std::string_view name) {
        const json::value* value = data_.if_contains(name);
        if (value == nullptr || !value->is_string() || value->get_string().empty() ||
            value->get_string().size() > 256) {
            fail(name, "must be a text of 1 to 256 bytes");
            return {};
        }
        return std::string(value->get_string());
    }
    std::string text_or_nothing(std::string_view name) {
        return is_absent(name) ? std::string() : text(name);
    }
    std::int32_t number(std::string_view name, std::int32_t least, std::int32_t most) {
        const json::value* value = data_.if_contains(name);
        if (value == nullptr || !value->is_int64() || value->get_int64() < least ||
            value->get_int64() > most) {
            fail(name, "must be a number from " + std::to_string(least) + " to " + std::to_string(most));
            return least;
        }
        return static_cast<std::int32_t>(value->get_int64());
    }
    std::optional<std::int32_t> number_or_null(std::string_view name, std::int32_t least, std::int32_t most) {
        return is_absent(name) ? std::nullopt : std::optional(number(name, least, most));
    }
    Date date(std::string_view name) {
        const std::optional<Date> date = parse_date(text(name));
        if (!date) fail(name, "must be a date, such as 2021-01-12");
        return date.value_or(Date());
    }
    std::optional<Date> date_or_null(std::string_view name) {
        return is_absent(name) ? std::nullopt : std::optional(date(name));
    }
    std::vector<std::string> texts(std::string_view name) {
        std::vector<std::string> texts;
        const json::value* value = data_.if_contains(name);
        const json::array* list = value == nullptr ? nullptr : value->if_array();
        const bool sound = list != nullptr && !list->empty() && list->size() <= max_listed &&
                           std::ranges::all_of(*list, [](const json::value& item) {
                               return item.is_string() && !item.get_string().empty();
                           });
        if (!sound) {
            fail(name, "must be a list of 1 to 32 texts");
            return texts;
        }
        for (const json::value& item : *list) texts.emplace_back(item.get_string());
        return texts;
    }
    template <class E, std::size_t N>
    E one_of(std::string_view name, const std::array<Choice<E>, N>& choices) {
        const std::string given = text(name);
        std::string all;
        for (const auto& [word, value] : choices) {
            if (given == word) return value;
            all += (all.empty() ? "" : ", ") + std::string(word);
        }
        fail(name, "must be one of " + all);
        return choices.front().second;
    }
    std::map<Reason, std::string> articles(std::string_view name) {
        std::map<Reason, std::string> articles;
        const json::value* value = data_.if_contains(name);
        if (value == nullptr || !value->is_object()) {
            fail(name, "must be an object from a reason to the article that gives it");
            return articles;
        }
        for (const auto& member : value->get_object()) {
            const std::optional<Reason> reason = parse_reason(member.key());
            if (!reason || !member.value().is_string()) {
                fail(name, "names a reason that there is not, or no text as its article");
                return articles;
            }
            articles.emplace(*reason, std::string(member.value().get_string()));
        }
        return articles;
    }

  private:
    bool is_absent(std::string_view name) const {
        const json::value* value = data_.if_contains(name);
        return value == nullptr || value->is_null();
    }

    const json::object& data_;
    std::optional<std::string> fault_;
};

// "qd38-2021@1"
bool split_name(const std::string& name, RuleSet& rules) {
    const std::size_t at = name.find('@');
    if (at == 0 || at == std::string::npos) return false;
    const char* end = name.data() + name.size();
    const auto [stopped, error] = std::from_chars(name.data() + at + 1, end, rules.version);
    rules.id = name.substr(0, at);
    return error == std::errc() && stopped == end && rules.version > 0 && rules.version < million &&
           rules.name() == name;
}

}  // namespace

std::string RuleSet::article(Reason reason) const {
    const auto found = articles.find(reason);
    return found == articles.end() ? std::string() : found->second;
}

ledger::Result<RuleSet> parse_rule_set(const json::object& data) {
    Reader reader(data);
    RuleSet rules;
    if (!split_name(reader.text("ruleset"), rules))
        reader.fail("ruleset", "must be a name and a version, such as qd38-2021@1");
    rules.regime = reader.one_of("regime", std::array<Choice<std::string>, 2>{
                                               {{"quality", "quality"}, {"food_safety", "food_safety"}}});
    rules.list_code = reader.text_or_nothing("list_code");
    rules.effective_from = reader.date("effective_from");
    rules.effective_to = reader.date_or_null("effective_to");
    if (rules.effective_to && *rules.effective_to < rules.effective_from)
        reader.fail("effective_to", "must not be before effective_from");
    rules.goods_fields = reader.texts("goods_fields");
    rules.scope = reader.one_of(
        "scope",
        std::array<Choice<Scope>, 2>{{{"goods", Scope::goods}, {"goods_importer", Scope::goods_importer}}});
    rules.initial = reader.one_of(
        "initial",
        std::array<Choice<Initial>, 3>{{{"strict", Initial::strict},
                                        {"normal", Initial::normal},
                                        {"strict_unless_certified", Initial::strict_unless_certified}}});
    rules.counts =
        reader.one_of("counts", std::array<Choice<Counts>, 2>{{{"same_method", Counts::same_method},
                                                               {"any_method", Counts::any_method}}});
    rules.needed = reader.number("needed", 1, max_needed);
    rules.window_months = reader.number_or_null("window_months", 1, max_months);
    rules.lightest = reader.one_of("lightest", std::array<Choice<Method>, 2>{{{"reduced", Method::reduced},
                                                                              {"exempt", Method::exempt}}});
    rules.reduced_term_months = reader.number_or_null("reduced_term_months", 1, max_months);
    rules.sample_max_ppm = static_cast<std::uint32_t>(reader.number("sample_max_ppm", 0, million));
    rules.sample_denominator = reader.one_of(
        "sample_denominator",
        std::array<Choice<Denominator>, 2>{{{"nation", Denominator::nation}, {"goods", Denominator::goods}}});
    rules.clearance_bases = reader.texts("clearance_bases");
    rules.articles = reader.articles("articles");
    if (reader.fault())
        return ledger::Error{ledger::Fault::invalid_statement, "malformed_ruleset", *reader.fault()};
    return rules;
}

}  // namespace socai::inspection
