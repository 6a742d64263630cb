#include "inspection/records/schema.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "sample_kinds.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;
using valijson::adapters::BoostJsonAdapter;

std::vector<Breach> breaches_of(const Schema& schema, const json::value& value) {
    Breaches breaches(100);
    schema.check(value, "/data", "Đ1", breaches);
    return std::move(breaches).take();
}

Schema parsed(const char* text) {
    return Schema::parse(json::parse(text).as_object()).value();
}

TEST(Schema, NamesEveryPlaceAndRule) {
    const Schema schema =
        parsed(R"({"type": "object", "additionalProperties": false, "required": ["a", "b"], "properties": {
        "a": {"title": "Chữ / Letters", "type": "string", "maxLength": 3, "pattern": "^[a-z]{1,3}$"},
        "b": {"type": "integer", "minimum": 1, "maximum": 9},
        "c": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "string", "enum": ["x", "y"]}},
        "d": {"type": ["string", "null"], "maxLength": 10, "x-form": "date"},
        "e/f": {"type": "boolean"}}})");
    EXPECT_TRUE(
        breaches_of(schema, json::parse(R"({"a": "abc", "b": 9, "c": ["y"], "d": null, "e/f": true})"))
            .empty());

    const auto breaches = breaches_of(
        schema, json::parse(R"({"b": 10, "c": ["x", "z", "y"], "d": "2021-02-29", "e/f": 1, "g~": 0})"));
    std::vector<std::pair<std::string, std::string>> found;
    for (const Breach& breach : breaches) {
        found.emplace_back(breach.rule->id, breach.place);
        EXPECT_EQ(breach.article, "Đ1");
    }
    EXPECT_EQ(found, (std::vector<std::pair<std::string, std::string>>{{"schema.required", "/data/a"},
                                                                       {"schema.range", "/data/b"},
                                                                       {"schema.count", "/data/c"},
                                                                       {"form.date", "/data/d"},
                                                                       {"schema.type", "/data/e~1f"},
                                                                       {"schema.unknown", "/data/g~0"}}));
    EXPECT_NE(breaches[0].text().find("Chữ / Letters"), std::string::npos);
    EXPECT_EQ(breaches[1].text(),
              "/data/b: the number must be within the bounds (found 10, wanted 1 to 9) / số phải nằm trong "
              "giới hạn "
              "[schema.range; Đ1]");
    EXPECT_EQ(breaches_of(schema, json::parse(R"({"a": "é", "b": 1})")).at(0).rule->id, "schema.pattern");
    EXPECT_EQ(breaches_of(schema, json::parse(R"({"a": "abcd", "b": 1})")).at(0).rule->id, "schema.length");
    EXPECT_EQ(breaches_of(schema, json::parse(R"([])")).at(0).place, "/data");
}

TEST(Schema, CountsCodePoints) {
    const Schema schema = parsed(R"({"type": "string", "minLength": 2, "maxLength": 3})");
    EXPECT_TRUE(breaches_of(schema, json::value("ốố")).empty());
    EXPECT_TRUE(breaches_of(schema, json::value("ốốố")).empty());
    EXPECT_FALSE(breaches_of(schema, json::value("ốốốố")).empty());
    EXPECT_FALSE(breaches_of(schema, json::value("ố")).empty());
}

TEST(Schema, StopsAtTheLimit) {
    const Schema schema = parsed(R"({"type": "array", "maxItems": 9, "items": {"type": "boolean"}})");
    Breaches breaches(2);
    schema.check(json::parse("[1,2,3,4]"), "", "", breaches);
    EXPECT_EQ(std::move(breaches).take().size(), 2U);
}

TEST(Schema, QuotesNoEndlessNames) {
    const Schema schema = parsed(R"({"type": "object", "additionalProperties": false, "properties": {}})");
    json::object object;
    object[std::string(63, 'a') + "ốốốố"] = 1;
    object[""] = 1;
    for (const Breach& breach : breaches_of(schema, object)) EXPECT_LT(breach.place.size(), 80U);
}

TEST(Schema, RefusesSchemasThatItDoesNotKnow) {
    for (const char* text : {
             R"({})",
             R"({"type": "number"})",
             R"({"type": ["string", "integer"]})",
             R"({"type": "string"})",
             R"({"type": "string", "maxLength": 99999})",
             R"({"type": "string", "maxLength": 9, "format": "date"})",
             R"({"type": "string", "maxLength": 9, "pattern": "^(a|b)$"})",
             R"({"type": "string", "maxLength": 9, "x-form": "postcode"})",
             R"({"type": "string", "enum": []})",
             R"({"type": "string", "enum": [1]})",
             R"({"type": "string", "enum": ["a", null]})",
             R"({"type": "array", "items": {"type": "boolean"}})",
             R"({"type": "array", "maxItems": 3})",
             R"({"type": "object", "properties": {}})",
             R"({"type": "object", "additionalProperties": true, "properties": {}})",
             R"({"type": "object", "additionalProperties": false})",
             R"({"type": "object", "additionalProperties": false, "properties": {"a": 1}})",
             R"({"type": "object", "additionalProperties": false, "properties": {}, "required": ["a"]})",
             R"({"type": "object", "additionalProperties": false, "properties": {}, "allOf": []})",
             R"({"type": "integer", "maxLength": 3})",
         }) {
        const auto schema = Schema::parse(json::parse(text).as_object());
        ASSERT_FALSE(schema) << text;
        EXPECT_EQ(schema.error().reason, "malformed_schema");
    }
}

// --- against valijson, which knows all of Draft-07

// Strings, numbers and structures that are right in some places and wrong in most.
json::array leaves_to_try() {
    json::array leaves =
        json::parse(R"([null, true, 0, -1, 12, 9007199254740991, "", "a", "ố", "strict", "2021-02-29", "9503",
        "104000123450", "9900000016", [], [{}], {}, {"name": "x"}])")
            .as_array();
    leaves.emplace_back(std::string(300, 'x'));
    return leaves;
}

// Changes one place of `value`, chosen by `dice`.
void mutate(json::value& value, std::mt19937& dice) {
    static const json::array leaves = leaves_to_try();
    const auto below = [&](std::size_t bound) { return dice() % bound; };
    if (json::object* object = value.if_object(); object != nullptr && !object->empty() && below(8) != 0) {
        auto member = object->begin() + static_cast<std::ptrdiff_t>(below(object->size()));
        switch (below(10)) {
            case 0:
                object->erase(member);
                return;
            case 1:
                (*object)["stranger"] = leaves[below(leaves.size())];
                return;
            default:
                return mutate(member->value(), dice);
        }
    }
    if (json::array* array = value.if_array(); array != nullptr && !array->empty() && below(8) != 0) {
        if (below(6) == 0) array->push_back((*array)[below(array->size())]);
        return mutate((*array)[below(array->size())], dice);
    }
    value = leaves[below(leaves.size())];
}

// What a validator of Draft-07 can see: x-form is ours alone.
bool is_valid_but_for_forms(const Schema& schema, const json::value& data) {
    const auto breaches = breaches_of(schema, data);
    return std::ranges::all_of(breaches,
                               [](const Breach& breach) { return breach.rule->id.starts_with("form."); });
}

TEST(Schema, OfEveryKindReadsAsValijsonReadsIt) {
    constexpr int mutations = 150;
    int refused = 0;
    int accepted = 0;
    for (const EmbeddedKind& kind : embedded_kinds()) {
        const json::value text = json::parse(json::string_view(kind.schema));
        const Schema ours = Schema::parse(text.as_object()).value();
        valijson::Schema theirs;
        valijson::SchemaParser parser;
        parser.populateSchema(BoostJsonAdapter(text), theirs);
        valijson::Validator validator;

        std::mt19937 dice(7);
        const test::Examples examples = test::examples_of(kind);
        std::vector<json::value> tried{examples.accepted.at("data")};
        for (const auto& example : examples.refused) tried.push_back(example.record.at("data"));
        for (int i = 0; i < mutations; ++i) {
            json::value data = examples.accepted.at("data");
            for (int j = 0; j <= i % 3; ++j) mutate(data, dice);
            tried.push_back(std::move(data));
        }
        for (const json::value& data : tried) {
            const bool valid = validator.validate(theirs, BoostJsonAdapter(data), nullptr);
            EXPECT_EQ(is_valid_but_for_forms(ours, data), valid)
                << kind.name << ": " << json::serialize(data);
            (valid ? accepted : refused)++;
        }
    }
    EXPECT_GT(refused, 1'000);
    EXPECT_GT(accepted, 100);
}

}  // namespace
}  // namespace socai::inspection
