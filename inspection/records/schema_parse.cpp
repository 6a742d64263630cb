#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <utility>

#include "inspection/records/schema_node.hpp"
#include "ledger/syntax.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_text = 65'535;
constexpr std::size_t longest_list = 4'096;

template <class E, std::size_t N>
std::optional<E> choice(const std::array<std::pair<std::string_view, E>, N>& choices, std::string_view word) {
    for (const auto& [name, value] : choices)
        if (name == word) return value;
    return std::nullopt;
}

constexpr std::array<std::pair<std::string_view, JsonType>, 5> types{{{"string", JsonType::string},
                                                                      {"integer", JsonType::integer},
                                                                      {"boolean", JsonType::boolean},
                                                                      {"array", JsonType::array},
                                                                      {"object", JsonType::object}}};
constexpr std::array<std::pair<std::string_view, Form>, 8> forms{{{"date", Form::date},
                                                                  {"time", Form::time},
                                                                  {"tax_code", Form::tax_code},
                                                                  {"agency_code", Form::agency_code},
                                                                  {"decimal", Form::decimal},
                                                                  {"public_key", Form::public_key},
                                                                  {"number", Form::number},
                                                                  {"text", Form::text}}};

// What may stand in a schema of each type beside what may stand in all.
constexpr std::array<std::string_view, 10> for_all{
    "type", "title", "description", "$schema", "$id", "$comment", "x-article", "x-subject", "x-form", "x-confidential"};
constexpr std::array<std::string_view, 4> for_string{"enum", "pattern", "minLength", "maxLength"};
constexpr std::array<std::string_view, 2> for_integer{"minimum", "maximum"};
constexpr std::array<std::string_view, 3> for_array{"items", "minItems", "maxItems"};
constexpr std::array<std::string_view, 4> for_object{"properties", "required", "minProperties",
                                                     "additionalProperties"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

bool may_stand(JsonType type, std::string_view keyword) {
    if (contains(for_all, keyword)) return true;
    switch (type) {
        case JsonType::string:
            return contains(for_string, keyword);
        case JsonType::integer:
            return contains(for_integer, keyword);
        case JsonType::array:
            return contains(for_array, keyword);
        case JsonType::object:
            return contains(for_object, keyword);
        case JsonType::boolean:
            return false;
    }
    return false;
}

using Node = Schema::Node;

// Reads one schema and those in it; the first fault is kept.
class Parser {
  public:
    std::unique_ptr<Node> node(const json::object& schema, const std::string& place) {
        auto node = std::make_unique<Node>();
        read_type(schema, place, *node);
        for (const auto& keyword : schema)
            if (!may_stand(node->type, keyword.key()))
                fail(place, "does not know " + ledger::quote(keyword.key()));
        switch (node->type) {
            case JsonType::string:
                read_string(schema, place, *node);
                break;
            case JsonType::integer:
                node->minimum = number(schema, "minimum", node->minimum);
                node->maximum = number(schema, "maximum", node->maximum);
                break;
            case JsonType::array:
                read_array(schema, place, *node);
                break;
            case JsonType::object:
                read_object(schema, place, *node);
                break;
            case JsonType::boolean:
                break;
        }
        return node;
    }
    const std::optional<std::string>& fault() const { return fault_; }

  private:
    void fail(const std::string& place, const std::string& what) {
        if (!fault_) fault_ = "the schema at \"" + place + "\" " + what;
    }

    static std::string text(const json::object& schema, std::string_view name) {
        const json::value* value = schema.if_contains(name);
        return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
    }
    static std::int64_t number(const json::object& schema, std::string_view name, std::int64_t otherwise) {
        const json::value* value = schema.if_contains(name);
        return value != nullptr && value->is_int64() ? value->get_int64() : otherwise;
    }
    std::size_t bound(const json::object& schema, const std::string& place, std::string_view name,
                      std::optional<std::size_t> otherwise, std::size_t most) {
        const json::value* value = schema.if_contains(name);
        if (value == nullptr && otherwise) return *otherwise;
        if (value == nullptr || !value->is_int64() || value->get_int64() < 0 ||
            static_cast<std::uint64_t>(value->get_int64()) > most) {
            fail(place, "needs " + std::string(name) + " of at most " + std::to_string(most));
            return 0;
        }
        return static_cast<std::size_t>(value->get_int64());
    }

    void read_type(const json::object& schema, const std::string& place, Node& node) {
        std::string word = text(schema, "type");
        const json::value* type = schema.if_contains("type");
        if (const json::array* pair = type == nullptr ? nullptr : type->if_array()) {
            node.or_null = pair->size() == 2 && (*pair)[0].is_string() && (*pair)[1] == json::value("null");
            if (node.or_null) word = (*pair)[0].get_string();
        }
        const auto known = choice(types, word);
        if (!known) fail(place, "needs a type that it knows");
        node.type = known.value_or(JsonType::string);
    }

    void read_string(const json::object& schema, const std::string& place, Node& node) {
        if (const std::string form = text(schema, "x-form"); !form.empty()) {
            const auto known = choice(forms, form);
            if (!known) fail(place, "has an x-form that is not known");
            node.form = known.value_or(Form::none);
        }
        if (const json::value* words = schema.if_contains("enum")) {
            const json::array* list = words->if_array();
            if (list == nullptr || list->empty()) fail(place, "needs words in its enum");
            for (const json::value& word : list == nullptr ? json::array() : *list) {
                if (word.is_string())
                    node.words.emplace_back(word.get_string());
                else if (!word.is_null() || !node.or_null)
                    fail(place, "has an enum of something else than words");
            }
            std::ranges::sort(node.words);
            return;
        }
        node.min_length = bound(schema, place, "minLength", 0, longest_text);
        node.max_length = bound(schema, place, "maxLength", std::nullopt, longest_text);
        node.pattern_text = text(schema, "pattern");
        if (!node.pattern_text.empty()) {
            node.pattern = TextPattern::parse(node.pattern_text);
            if (!node.pattern) fail(place, "has a pattern that one pass does not decide");
        }
    }

    void read_array(const json::object& schema, const std::string& place, Node& node) {
        node.min_items = bound(schema, place, "minItems", 0, longest_list);
        node.max_items = bound(schema, place, "maxItems", std::nullopt, longest_list);
        const json::value* items = schema.if_contains("items");
        if (items == nullptr || !items->is_object()) return fail(place, "needs items");
        node.items = this->node(items->get_object(), place + "/items");
    }

    void read_object(const json::object& schema, const std::string& place, Node& node) {
        node.min_properties = bound(schema, place, "minProperties", 0, longest_list);
        if (const json::value* others = schema.if_contains("additionalProperties");
            others == nullptr || *others != json::value(false))
            fail(place, "needs additionalProperties: false");
        const json::value* properties = schema.if_contains("properties");
        if (properties == nullptr || !properties->is_object()) return fail(place, "needs properties");
        for (const auto& property : properties->get_object()) {
            const std::string inside = place + "/" + std::string(property.key());
            if (!property.value().is_object()) {
                fail(inside, "is no object");
                continue;
            }
            const json::object& described = property.value().get_object();
            node.members.push_back(
                {std::string(property.key()), text(described, "title"), this->node(described, inside)});
        }
        std::ranges::sort(node.members, {}, &Node::Member::name);
        read_required(schema, place, node);
    }

    void read_required(const json::object& schema, const std::string& place, Node& node) {
        const json::value* required = schema.if_contains("required");
        if (required == nullptr) return;
        if (!required->is_array()) return fail(place, "has a required that is no list");
        for (const json::value& name : required->get_array()) {
            const auto member = std::ranges::find_if(
                node.members, [&](const Node::Member& known) { return name == json::value(known.name); });
            if (member == node.members.end())
                fail(place, "requires a member that it does not describe");
            else
                member->required = true;
        }
    }

    std::optional<std::string> fault_;
};

}  // namespace

ledger::Result<Schema> Schema::parse(const json::object& schema) {
    Parser parser;
    std::shared_ptr<const Node> root = parser.node(schema, "");
    if (parser.fault())
        return ledger::Error{ledger::Fault::invalid_statement, "malformed_schema", *parser.fault()};
    return Schema(std::move(root));
}

}  // namespace socai::inspection
