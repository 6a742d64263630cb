#include "api/parameter.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace json = boost::json;

namespace socai::api {
namespace {

const std::vector<Parameter>& parameters() {
    static const std::vector<Parameter> list{
        {.name = "text", .min = 1, .max = 4},
        {.name = "digits", .type = ParameterType::digits, .min = 1, .max = 8},
        {.name = "time", .type = ParameterType::time},
        {.name = "count", .type = ParameterType::integer, .min = 1, .max = 1'000, .standard = 100},
        {.name = "word",
         .type = ParameterType::choice,
         .choices = {"a", "b"},
         .standard = "a"},
        {.name = "place", .type = ParameterType::address},
        {.name = "list", .type = ParameterType::string_list, .min = 1, .max = 2},
        {.name = "inner", .type = ParameterType::object, .members = {{.name = "x", .min = 0, .max = 9}}},
        {.name = "at", .type = ParameterType::moment},
        {.name = "as_of", .type = ParameterType::position},
    };
    return list;
}

// The reason of the refusal, or "".
std::string reason(std::string_view given) {
    const json::value value = json::parse({given.data(), given.size()});
    const auto checked = check_parameters(parameters(), value.as_object());
    if (checked) return "";
    EXPECT_EQ(checked.error().code, Code::invalid_params);
    EXPECT_FALSE(checked.error().detail.empty());
    return checked.error().reason;
}

TEST(Parameter, TakesWhatIsDescribed) {
    EXPECT_EQ(reason("{}"), "");
    EXPECT_EQ(reason(R"({"text":"abcd","digits":"01234567","time":"2021-09-27T10:05:11+07:00","count":1,
        "word":"b","place":12,"list":["x","y"],"inner":{"x":"1"}})"),
              "");
    EXPECT_EQ(reason(R"({"place":"12.3"})"), "");
    EXPECT_EQ(reason(R"({"place":"0"})"), "");
    EXPECT_EQ(reason(R"({"at":"2021-09-27","as_of":"2021-09-27"})"), "");
    EXPECT_EQ(reason(R"({"at":"2021-09-27T10:05:11+07:00","as_of":12})"), "");
    EXPECT_EQ(reason(R"({"as_of":"12"})"), "");
}

TEST(Parameter, ADayHasABeginAndAnEndInVietnam) {
    const json::object given{{"at", "2021-09-27"}, {"as_of", "2021-09-27"}};
    const Arguments arguments(parameters(), given);
    EXPECT_EQ(arguments.begin_ms("at"), 1'632'675'600'000);  // 2021-09-26T17:00:00Z
    EXPECT_EQ(arguments.end_ms("at"), 1'632'761'999'999);
    EXPECT_EQ(arguments.until_ms("at"), 1'632'762'000'000);
    EXPECT_EQ(arguments.position("as_of")->time_ms, 1'632'761'999'999);
    const json::object exact{{"at", "2021-09-27T00:00:00+07:00"}, {"as_of", "12"}};
    const Arguments times(parameters(), exact);
    EXPECT_EQ(times.begin_ms("at"), 1'632'675'600'000);
    EXPECT_EQ(times.end_ms("at"), 1'632'675'600'000);
    EXPECT_EQ(times.until_ms("at"), 1'632'675'600'000);
    EXPECT_EQ(times.position("as_of")->index, 12U);
    const json::object first{{"at", "1970-01-01"}};
    EXPECT_EQ(Arguments(parameters(), first).begin_ms("at"), 0);
}

TEST(Parameter, RefusesEachFaultWithItsReason) {
    EXPECT_EQ(reason(R"({"at":12})"), "wrong_type");
    EXPECT_EQ(reason(R"({"at":"2021-02-29"})"), "malformed_value");
    EXPECT_EQ(reason(R"({"at":"27/09/2021"})"), "malformed_value");
    EXPECT_EQ(reason(R"({"as_of":true})"), "wrong_type");
    EXPECT_EQ(reason(R"({"as_of":-1})"), "out_of_range");
    EXPECT_EQ(reason(R"({"as_of":"12.3"})"), "malformed_value");
    EXPECT_EQ(reason(R"({"unknown":1})"), "unknown_parameter");
    EXPECT_EQ(reason(R"({"inner":{"y":"1"}})"), "unknown_parameter");
    EXPECT_EQ(reason(R"({"text":1})"), "wrong_type");
    EXPECT_EQ(reason(R"({"text":""})"), "out_of_range");
    EXPECT_EQ(reason(R"({"text":"abcde"})"), "out_of_range");
    EXPECT_EQ(reason(R"({"text":null})"), "wrong_type");
    EXPECT_EQ(reason(R"({"digits":"123456789"})"), "malformed_value");
    EXPECT_EQ(reason(R"({"digits":""})"), "malformed_value");
    EXPECT_EQ(reason(R"({"digits":"12a"})"), "malformed_value");
    EXPECT_EQ(reason(R"({"digits":12})"), "wrong_type");
    EXPECT_EQ(reason(R"({"time":"yesterday"})"), "malformed_value");
    EXPECT_EQ(reason(R"({"time":5})"), "wrong_type");
    EXPECT_EQ(reason(R"({"count":0})"), "out_of_range");
    EXPECT_EQ(reason(R"({"count":1001})"), "out_of_range");
    EXPECT_EQ(reason(R"({"count":1.5})"), "out_of_range");
    EXPECT_EQ(reason(R"({"count":18446744073709551615})"), "out_of_range");
    EXPECT_EQ(reason(R"({"count":"5"})"), "wrong_type");
    EXPECT_EQ(reason(R"({"word":"d"})"), "malformed_value");
    EXPECT_EQ(reason(R"({"list":[]})"), "out_of_range");
    EXPECT_EQ(reason(R"({"list":["a","b","c"]})"), "out_of_range");
    EXPECT_EQ(reason(R"({"list":["a",1]})"), "wrong_type");
    EXPECT_EQ(reason(R"({"list":"a"})"), "wrong_type");
    EXPECT_EQ(reason(R"({"inner":[]})"), "wrong_type");
}

TEST(Parameter, RefusesAddressesThatAreNotCanonical) {
    for (const char* text : {R"("")", R"("01")", R"("1.")", R"(".1")", R"("1.02")", R"("1.2.3")", R"("-1")",
                             R"("+1")", R"("1 ")", R"("9007199254740993")", R"("1.4294967296")"}) {
        EXPECT_EQ(reason(std::string(R"({"place":)") + text + "}"), "malformed_value") << text;
    }
    EXPECT_EQ(reason(R"({"place":-1})"), "out_of_range");
    EXPECT_EQ(reason(R"({"place":1.5})"), "out_of_range");
    EXPECT_EQ(reason(R"({"place":true})"), "wrong_type");
}

TEST(Parameter, NamesTheParameterInTheSentence) {
    const json::object given{{"inner", {{"x", 1}}}};
    EXPECT_NE(check_parameters(parameters(), given).error().detail.find("inner.x"), std::string::npos);
}

TEST(Parameter, RequiresWhatIsRequired) {
    const std::vector<Parameter> list{{.name = "must", .required = true, .max = 9}};
    EXPECT_EQ(check_parameters(list, {}).error().reason, "missing_parameter");
    EXPECT_TRUE(check_parameters(list, {{"must", "x"}}));
}

TEST(Arguments, ReadWithStandardValues) {
    const json::object given{{"place", "12.3"}, {"time", "1970-01-01T00:00:01Z"}, {"list", {"x", "y"}}};
    const Arguments arguments(parameters(), given);
    EXPECT_EQ(arguments.integer("count"), 100);
    EXPECT_EQ(arguments.string("word"), "a");
    EXPECT_FALSE(arguments.has("text"));
    EXPECT_EQ(arguments.address("place")->index, 12U);
    EXPECT_EQ(arguments.address("place")->n, 3U);
    EXPECT_EQ(arguments.time_ms("time"), 1'000);
    EXPECT_EQ(arguments.strings("list"), (std::vector<std::string>{"x", "y"}));
    EXPECT_FALSE(arguments.object("inner").has("x"));
}

TEST(Parameter, IsPublishedAsASchema) {
    EXPECT_EQ(schema_of(parameters()[3]),
              json::parse(R"({"type":"integer","minimum":1,"maximum":1000,"default":100})"));
    EXPECT_EQ(schema_of(parameters()[4]), json::parse(R"({"type":"string","enum":["a","b"],"default":"a"})"));
    EXPECT_EQ(schema_of(parameters()[7]), json::parse(R"({"type":"object","additionalProperties":false,
        "properties":{"x":{"type":"string","minLength":0,"maxLength":9}}})"));
}

}  // namespace
}  // namespace socai::api
