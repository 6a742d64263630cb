#include "inspection/records/schema.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "inspection/calendar.hpp"
#include "inspection/records/rules.hpp"
#include "inspection/records/schema_node.hpp"
#include "inspection/records/tax_code.hpp"
#include "ledger/base64.hpp"
#include "ledger/hash.hpp"
#include "ledger/syntax.hpp"
#include "ledger/time.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

constexpr std::size_t most_decimal_digits = 24;

// A place, told from within outwards: written down only when something is wrong there.
struct Step {
    const Step* above = nullptr;
    std::string_view name;  // of a member, or the whole place where `above` is nullptr
    std::size_t index = 0;  // of an element, where `name` is empty
};

std::string pointer(const Step& step) {
    if (step.above == nullptr) return std::string(step.name);
    std::string text = pointer(*step.above) + "/";
    if (step.name.empty()) return text + std::to_string(step.index);
    for (const char c : step.name)  // RFC 6901 §3
        text += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
    return text;
}

std::size_t code_points(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::string bounds(std::uint64_t least, std::uint64_t most) {
    return least == most ? std::to_string(most) : std::to_string(least) + " to " + std::to_string(most);
}

bool is_decimal(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    const std::size_t point = text.find('.');
    const auto digits = [](std::string_view part) {
        return !part.empty() && std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
    };
    const std::string_view whole = text.substr(0, point);
    if (text.size() > most_decimal_digits || !digits(whole) || (whole.size() > 1 && whole[0] == '0'))
        return false;
    return point == std::string_view::npos || digits(text.substr(point + 1));
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Without control characters other than ends of lines; no white space around it.
bool is_text(std::string_view text) {
    if (!text.empty() && (is_blank(text.front()) || is_blank(text.back()))) return false;
    return std::ranges::all_of(
        text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 || c == '\n' ? c != 0x7f : false; });
}

// The rule that `text` breaks; nullptr when none.
const Rule* broken(Form form, std::string_view text) {
    const auto unless = [](bool kept, const Rule& rule) { return kept ? nullptr : &rule; };
    switch (form) {
        case Form::none:
            return nullptr;
        case Form::date:
            return unless(parse_date(text).has_value(), rules::form_date);
        case Form::time:
            return unless(ledger::parse_rfc3339(text).has_value(), rules::form_time);
        case Form::tax_code:
            return unless(is_tax_code(text), rules::form_tax_code);
        case Form::agency_code:
            return unless(ledger::is_agency_code(text), rules::form_agency_code);
        case Form::decimal:
            return unless(is_decimal(text), rules::form_decimal);
        case Form::public_key: {
            const auto bytes = ledger::base64url_decode(text);
            return unless(bytes && bytes->size() == sizeof(ledger::Hash), rules::form_public_key);
        }
        case Form::text:
            return unless(is_text(text), rules::form_text);
    }
    return nullptr;
}

std::string_view type_name(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            return "null";
        case json::kind::bool_:
            return "a boolean";
        case json::kind::string:
            return "a string";
        case json::kind::array:
            return "an array";
        case json::kind::object:
            return "an object";
        case json::kind::int64:
        case json::kind::uint64:
        case json::kind::double_:
            return "a number";
    }
    return "";
}

std::string_view type_name(JsonType type) {
    switch (type) {
        case JsonType::string:
            return "a string";
        case JsonType::integer:
            return "an integer";
        case JsonType::boolean:
            return "a boolean";
        case JsonType::array:
            return "an array";
        case JsonType::object:
            return "an object";
    }
    return "";
}

bool is_of(JsonType type, const json::value& value) {
    switch (type) {
        case JsonType::string:
            return value.is_string();
        case JsonType::integer:
            return value.is_int64();
        case JsonType::boolean:
            return value.is_bool();
        case JsonType::array:
            return value.is_array();
        case JsonType::object:
            return value.is_object();
    }
    return false;
}

class Checker {
  public:
    Checker(std::string_view article, Breaches& breaches) : article_(article), breaches_(breaches) {}

    void check(const Schema::Node& node, const json::value& value, const Step& at) {
        if (breaches_.full() || (node.or_null && value.is_null())) return;
        if (!is_of(node.type, value)) {
            const std::string wanted = std::string(type_name(node.type)) + (node.or_null ? " or null" : "");
            return add(rules::schema_type, at, std::string(type_name(value)), wanted);
        }
        switch (node.type) {
            case JsonType::string:
                return check_string(node, value.get_string(), at);
            case JsonType::integer:
                if (value.get_int64() < node.minimum || value.get_int64() > node.maximum)
                    add(rules::schema_range, at, std::to_string(value.get_int64()),
                        std::to_string(node.minimum) + " to " + std::to_string(node.maximum));
                return;
            case JsonType::array:
                return check_array(node, value.get_array(), at);
            case JsonType::object:
                return check_object(node, value.get_object(), at);
            case JsonType::boolean:
                return;
        }
    }

  private:
    void add(const Rule& rule, const Step& at, std::string found, std::string wanted) {
        breaches_.add({&rule, std::string(rule.article.empty() ? article_ : rule.article), pointer(at),
                       std::move(found), std::move(wanted)});
    }

    void check_string(const Schema::Node& node, std::string_view text, const Step& at) {
        if (!node.words.empty()) {
            if (std::ranges::binary_search(node.words, text)) return;
            std::string all;
            for (const std::string& word : node.words) all += (all.empty() ? "" : ", ") + word;
            return add(rules::schema_word, at, ledger::quote(text), std::move(all));
        }
        // Bytes bound code points from above: most texts need no counting.
        if (text.size() > node.max_length || text.size() < 4 * node.min_length) {
            const std::size_t length = code_points(text);
            if (length > node.max_length || length < node.min_length)
                return add(rules::schema_length, at, std::to_string(length),
                           bounds(node.min_length, node.max_length));
        }
        if (node.pattern && !node.pattern->matches(text))
            return add(rules::schema_pattern, at, ledger::quote(text), node.pattern_text);
        if (const Rule* rule = broken(node.form, text)) add(*rule, at, ledger::quote(text), {});
    }

    void check_array(const Schema::Node& node, const json::array& array, const Step& at) {
        if (array.size() < node.min_items || array.size() > node.max_items)
            return add(rules::schema_count, at, std::to_string(array.size()),
                       bounds(node.min_items, node.max_items));
        for (std::size_t i = 0; i < array.size(); ++i) check(*node.items, array[i], {&at, {}, i});
    }

    void check_object(const Schema::Node& node, const json::object& object, const Step& at) {
        if (object.size() < node.min_properties) return add(rules::schema_empty, at, {}, {});
        std::size_t known = 0;
        for (const Schema::Node::Member& member : node.members) {
            if (const json::value* value = object.if_contains(member.name)) {
                ++known;
                check(*member.node, *value, {&at, member.name});
            } else if (member.required) {
                add(rules::schema_required, {&at, member.name}, {}, member.title);
            }
        }
        if (known == object.size()) return;
        for (const auto& member : object) {
            if (!std::ranges::binary_search(
                    node.members, std::string_view(member.key()), {},
                    [](const Schema::Node::Member& m) { return std::string_view(m.name); }))
                add(rules::schema_unknown, {&at, shown(member.key())}, {}, {});
        }
    }

    // A name that is quoted as part of a place.
    static std::string_view shown(std::string_view name) {
        constexpr std::size_t longest = 64;
        if (name.empty()) return "(empty name)";
        if (name.size() <= longest) return name;
        name = name.substr(0, longest);
        while (!name.empty() && (static_cast<unsigned char>(name.back()) & 0x80U) != 0) name.remove_suffix(1);
        return name.empty() ? std::string_view("(long name)") : name;
    }

    std::string_view article_;
    Breaches& breaches_;
};

}  // namespace

void Schema::check(const json::value& value, std::string_view place, std::string_view article,
                   Breaches& breaches) const {
    Checker(article, breaches).check(*root_, value, {nullptr, place});
}

}  // namespace socai::inspection
