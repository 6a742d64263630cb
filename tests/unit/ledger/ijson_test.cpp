#include "ledger/ijson.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <string>

namespace socai::ledger {
namespace {

namespace json = boost::json;

std::string reason_of(std::string_view text) {
    const Result<json::value> value = parse_ijson(text);
    if (value) return "accepted";
    EXPECT_EQ(value.error().fault, Fault::invalid_statement);
    EXPECT_EQ(value.error().detail.substr(0, 5), "byte ");
    return value.error().reason;
}

std::string offset_of(std::string_view text) {
    const std::string detail = parse_ijson(text).error().detail;
    return detail.substr(0, detail.find(':'));
}

std::string nested(std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
}

// An object of `count` members, the last of which repeats the name of member `repeated`.
std::string with_repeated_name(std::size_t count, std::size_t repeated) {
    std::string text = "{";
    for (std::size_t i = 0; i < count; ++i) text += "\"name" + std::to_string(i) + "\":1,";
    return text + "\"name" + std::to_string(repeated) + "\":2}";
}

TEST(Ijson, BuildsTheValueThatBoostBuilds) {
    for (const char* text :
         {R"({"a":[1,-2,{"b":null,"c":true,"d":false}],"é":"\u00e9\n\"\\\/ \ud83d\ude00 Đồ chơi"})", "{}",
          "[]", "0", "-0", "\"\"", " [ 1 , 2 ] ", R"({"\u0061b":"c\u0064e"})"}) {
        const Result<json::value> value = parse_ijson(text);
        ASSERT_TRUE(value) << text;
        EXPECT_EQ(*value, json::parse(text)) << text;
    }
}

TEST(Ijson, RefusesWhatIsNotJson) {
    for (const char* text : {"",      " ",       "{",         "[1,]",     "{\"a\":1,}",
                             "{a:1}", "{'a':1}", "[1 2]",     "01",       "+1",
                             ".5",    "1.",      "nul",       "NaN",      "Infinity",
                             "\"a",   "\"\\x\"", "\"\\u12\"", "\"\t\"",   "{\"a\"}",
                             "[1]]",  "{} {}",   "// c\n1",   "/* c */1", "\xef\xbb\xbf{}"}) {
        EXPECT_EQ(reason_of(text), "not_json") << text;
    }
    EXPECT_EQ(reason_of(std::string_view("{}\0", 3)), "not_json");
}

TEST(Ijson, RefusesFractionsAndExponents) {
    for (const char* text :
         {"1.5", "1.0", "-0.0", "[1e3]", "{\"a\":1E400}", "1e-400", "123456789012345678901.5"}) {
        EXPECT_EQ(reason_of(text), "fraction") << text;
    }
}

TEST(Ijson, RefusesIntegersThatOtherReadersRound) {
    EXPECT_EQ(reason_of("9007199254740991"), "accepted");
    EXPECT_EQ(reason_of("-9007199254740991"), "accepted");
    for (const char* text :
         {"9007199254740992", "-9007199254740992", "9007199254740993", "9223372036854775808",
          "18446744073709551616", "-9223372036854775809", "1000000000000000000000000000000000000000"}) {
        EXPECT_EQ(reason_of(text), "integer_range") << text;
    }
}

TEST(Ijson, RefusesRepeatedNames) {
    EXPECT_EQ(reason_of(R"({"a":1,"a":1})"), "duplicate_name");
    EXPECT_EQ(reason_of(R"({"b":{"x":1,"a":2,"x":3}})"), "duplicate_name");
    EXPECT_EQ(reason_of(R"({"a":1,"\u0061":2})"), "duplicate_name");
    EXPECT_EQ(reason_of(R"({"":1,"":2})"), "duplicate_name");
    EXPECT_EQ(reason_of(R"({"a\u0000b":1,"a\u0000b":2})"), "duplicate_name");
    EXPECT_EQ(reason_of(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]})"), "accepted");
    EXPECT_EQ(reason_of("{\"\u00e9\":1,\"e\u0301\":2}"), "accepted");  // names compare by code points
    // The sizes around the change from linear search to a set.
    for (const std::size_t count : {1, 2, 15, 16, 17, 18, 19, 500}) {
        for (const std::size_t repeated : {std::size_t{0}, count / 2, count - 1}) {
            EXPECT_EQ(reason_of(with_repeated_name(count, repeated)), "duplicate_name") << count;
        }
        EXPECT_EQ(reason_of(with_repeated_name(count, count)), "accepted") << count;
    }
}

TEST(Ijson, RefusesInvalidUtf8) {
    for (const char* text : {"\"\xff\"", "\"\xc0\x80\"", "\"\xe0\x80\x80\"", "\"\xed\xa0\x80\"",
                             "\"\xf4\x90\x80\x80\"", "\"\xc3\"", "\"\xe1\xba\"", "{\"\xff\":1}",
                             "\"\\n\xff\"", "\"\\n\xe1\xba\"", "\xff", "\"\xe1\xba"}) {
        EXPECT_EQ(reason_of(text), "invalid_utf8");
    }
    EXPECT_EQ(offset_of("[\"ab\xff\"]"), "byte 4");
    EXPECT_EQ(reason_of("[1.5,\"\xff\"]"), "fraction");  // the first fault counts
}

TEST(Ijson, RefusesLoneSurrogates) {
    for (const char* text :
         {R"("\ud83d")", R"("\ude00")", R"("\ud83d\ud83d")", R"("\ud83dx")", R"("\ud83d\n")",
          R"("\ud83d\u0041")", R"("\ude00\ud83d")", R"("\ude00\ude00")", R"("\ude00\ude00 and more of it")",
          R"({"\udfff":1})", R"("a long enough text \ud83d and more of it")",
          R"("\ud83d\u0041 and more of it")", R"("\ude00 and more of it")"}) {
        EXPECT_EQ(reason_of(text), "lone_surrogate") << text;
    }
    EXPECT_EQ(reason_of(R"("\\ud83d")"), "accepted");  // an escaped backslash, then letters
    EXPECT_EQ(reason_of(R"("\ud83d\ude00")"), "accepted");
    EXPECT_EQ(offset_of(R"(["ab\ud83d and more"])"), "byte 4");
}

TEST(Ijson, RefusesNoncharacters) {
    for (const char* text :
         {"\"\uffff\"", "\"\ufffe\"", "\"\ufdd0\"", "\"\ufdef\"", "\"\U0001ffff\"", "\"\U0010fffe\"",
          "{\"\uffff\":1}", R"("\uffff")", R"("\ud83f\udfff")", R"({"\ufdd0":1})"}) {
        EXPECT_EQ(reason_of(text), "noncharacter") << text;
    }
    for (const char* text :
         {"\"\ufffd\"", "\"\ufdcf\"", "\"\ufdf0\"", "\"\U0001fffd\"", "\"\U0010fffd\"", "\"\U0002f800\""}) {
        EXPECT_EQ(reason_of(text), "accepted") << text;
    }
}

TEST(Ijson, BoundsNesting) {
    EXPECT_EQ(reason_of(nested(max_json_depth)), "accepted");
    EXPECT_EQ(reason_of(nested(max_json_depth + 1)), "too_deep");
    EXPECT_TRUE(parse_ijson(nested(max_json_depth + 1), max_json_depth + 1));
    EXPECT_EQ(reason_of(std::string(60'000, '[')), "too_deep");
    EXPECT_EQ(reason_of(std::string(60'000, '{')), "not_json");
}

TEST(Ijson, SaysWhereTheFaultIs) {
    EXPECT_EQ(offset_of("[1,2,x]"), "byte 5");
    EXPECT_EQ(offset_of("{} x"), "byte 3");
    EXPECT_EQ(offset_of("[1,"), "byte 3");
}

// Any JSON value made of what I-JSON allows.
rc::Gen<json::value> any_value(int depth) {
    const auto any_text = rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
    if (depth == 0) {
        return rc::gen::oneOf(
            rc::gen::map(any_text, [](const std::string& text) { return json::value(text); }),
            rc::gen::map(rc::gen::inRange<std::int64_t>(-max_json_integer, max_json_integer + 1),
                         [](std::int64_t number) { return json::value(number); }),
            rc::gen::just(json::value(nullptr)), rc::gen::just(json::value(true)));
    }
    // A third of the size at each level keeps the whole small.
    const auto members =
        rc::gen::scale(0.3, rc::gen::container<std::vector<json::value>>(any_value(depth - 1)));
    return rc::gen::oneOf(any_value(0),
                          rc::gen::map(members,
                                       [](const std::vector<json::value>& values) {
                                           return json::value(json::array(values.begin(), values.end()));
                                       }),
                          rc::gen::map(members, [](const std::vector<json::value>& values) {
                              json::object object;
                              for (const json::value& value : values) {
                                  object["n" + std::to_string(object.size())] = value;
                              }
                              return json::value(object);
                          }));
}

RC_GTEST_PROP(Ijson, TakesEveryValueBack, ()) {
    const json::value value = *any_value(3);
    const std::string text = json::serialize(value);
    const Result<json::value> parsed = parse_ijson(text);
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == value);
}

RC_GTEST_PROP(Ijson, FindsTheBytesOfArrayElements, ()) {
    const auto values = *rc::gen::scale(0.3, rc::gen::container<std::vector<json::value>>(any_value(2)));
    std::string text = " [";
    std::vector<std::string> expected;
    for (const json::value& value : values) {
        expected.push_back(json::serialize(value));
        if (expected.size() > 1) text += *rc::gen::element<std::string>(",", " ,", ", ", "\n,\t");
        text += expected.back();
    }
    text += "] ";
    RC_ASSERT(parse_ijson(text).has_value());
    const std::vector<std::string_view> elements = array_elements(text);
    RC_ASSERT(std::equal(elements.begin(), elements.end(), expected.begin(), expected.end()));
}

RC_GTEST_PROP(Ijson, TakesAnyBytes, (const std::string& bytes)) {
    const Result<json::value> value = parse_ijson(bytes);
    // Whatever is accepted is JSON to another parser too.
    if (value) RC_ASSERT(json::parse(bytes) == *value);
}

}  // namespace
}  // namespace socai::ledger
