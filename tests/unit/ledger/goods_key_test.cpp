#include "ledger/goods_key.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <fstream>

#include "tests/project_folder.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

// The goods fields of Decision 38 (reference/domain.md §1.2, "identical goods"): all that the samples print.
constexpr std::array<std::string_view, 8> all_fields{"goods_name",   "intended_use",  "hs_code",
                                                     "brand",        "model",         "technical_spec",
                                                     "manufacturer", "origin_country"};

json::object doll() {
    return json::parse(
               R"({"goods_name":"Búp bê nhựa biết nói","intended_use":"Đồ chơi trẻ em từ 36 tháng tuổi",
        "hs_code":"95030021","brand":"MÂY HỒNG","model":"MH-220",
        "technical_spec":"Nhựa ABS, cao 28 cm, pin 3xLR44",
        "manufacturer":{"name":"PT Mainan Nusantara Contoh","country":"ID","site_id":"ID-CTH-0007"},
        "origin_country":"ID"})")
        .as_object();
}

constexpr std::string_view doll_key =
    "sha256:8792fc7d2ae22195bc92350cc0bbc115b1e8ee894ee30bb871716fba17745e68";

TEST(GoodsKey, IsTheOneThatTheSampleShipmentsPrint) {
    std::size_t count = 0;
    for (const char* name : {"shipment_toys.jsonl", "shipment_mangosteen.jsonl"}) {
        std::ifstream file(project_file("data/") + name);
        for (std::string line; std::getline(file, line);) {
            const json::value record = json::parse(line);
            const json::object& data = record.at("data").as_object();
            if (!data.contains("goods")) continue;
            ++count;
            EXPECT_EQ(goods_key(data.at("goods").as_object(), all_fields).value(),
                      data.at("goods_key").as_string());
        }
    }
    EXPECT_EQ(count, 5u);
}

TEST(GoodsKey, CountsOnlyTheListedFieldsInAnyOrder) {
    json::object goods = doll();
    goods["colour"] = "red";
    EXPECT_EQ(goods_key(goods, all_fields).value(), doll_key);
    std::array<std::string_view, 8> reversed = all_fields;
    std::reverse(reversed.begin(), reversed.end());
    EXPECT_EQ(goods_key(goods, reversed).value(), doll_key);
    EXPECT_NE(goods_key(goods, std::span(all_fields).first(7)).value(), doll_key);
    goods["model"] = "MH-221";
    EXPECT_NE(goods_key(goods, all_fields).value(), doll_key);
}

TEST(GoodsKey, NormalisesTexts) {
    json::object goods = doll();
    // Decomposed letters, as some systems type them, and white space of several sorts.
    goods["brand"] = " MA\u0302Y\u00a0\t HO\u0302\u0300NG\n";
    goods["manufacturer"].as_object()["name"] = "PT  Mainan\u3000Nusantara Contoh ";
    EXPECT_EQ(goods_key(goods, all_fields).value(), doll_key);
    goods["brand"] = "MÂYHỒNG";
    EXPECT_NE(goods_key(goods, all_fields).value(), doll_key);
}

TEST(GoodsKey, NamesTheMissingField) {
    json::object goods = doll();
    goods.erase("model");
    const Result<std::string> key = goods_key(goods, all_fields);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().reason, "goods_field_missing");
    EXPECT_NE(key.error().detail.find("model"), std::string::npos);
}

TEST(GoodsKey, RefusesFractionsAndBytesThatAreNoText) {
    json::object goods = doll();
    goods["model"] = 1.5;
    EXPECT_EQ(goods_key(goods, all_fields).error().reason, "fraction");
    goods["model"] = "\xff";
    EXPECT_EQ(goods_key(goods, all_fields).error().reason, "invalid_utf8");
    json::value deep = "x";
    for (int i = 0; i < 40; ++i) deep = json::array{deep};
    goods["model"] = deep;
    EXPECT_EQ(goods_key(goods, all_fields).error().reason, "too_deep");
}

std::string canonical(std::string_view text) {
    return canonical_json(json::parse(text)).value();
}

TEST(CanonicalJson, SortsNamesByUtf16) {
    // The example of RFC 8785 §3.2.3.
    EXPECT_EQ(
        canonical(R"({"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",
                            "1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control",
                            "\u00f6":"Latin Small Letter O With Diaeresis"})"),
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\","
        "\"\u00f6\":\"Latin Small Letter O With Diaeresis\",\"\u20ac\":\"Euro Sign\","
        "\"\U0001f600\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}");
}

TEST(CanonicalJson, WritesLiteralsNumbersAndEscapes) {
    // Strings and literals of the example of RFC 8785 §3.2.2.
    EXPECT_EQ(
        canonical(
            R"({"string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]})"),
        "{\"literals\":[null,true,false],\"string\":\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
    EXPECT_EQ(canonical(R"(["\b\t\f\u0000\u001f\u007f", -0, 7, -9007199254740991])"),
              "[\"\\b\\t\\f\\u0000\\u001f\x7f\",0,7,-9007199254740991]");
    EXPECT_EQ(canonical("{}"), "{}");
    EXPECT_EQ(canonical("[]"), "[]");
}

TEST(CanonicalJson, RefusesNumbersThatAreNotSafeIntegers) {
    EXPECT_EQ(canonical_json(0.5).error().reason, "fraction");
    EXPECT_EQ(canonical_json(std::int64_t{1} << 53).error().reason, "integer_range");
    EXPECT_EQ(canonical_json(~std::uint64_t{0}).error().reason, "integer_range");
}

RC_GTEST_PROP(CanonicalJson, DoesNotDependOnTheOrderOfMembers, ()) {
    const auto members = *rc::gen::container<std::map<std::string, int>>(
        rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127)), rc::gen::inRange(-1000, 1000));
    json::object forwards;
    json::object backwards;
    for (auto member = members.begin(); member != members.end(); ++member)
        forwards[member->first] = member->second;
    for (auto member = members.rbegin(); member != members.rend(); ++member)
        backwards[member->first] = member->second;
    const std::string text = canonical_json(forwards).value();
    RC_ASSERT(canonical_json(backwards).value() == text);
    RC_ASSERT(json::parse(text) == json::value(forwards));
}

}  // namespace
}  // namespace socai::ledger
