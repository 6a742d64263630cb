#include "inspection/catalog/working_days.hpp"

#include <gtest/gtest.h>

#include "inspection/activation.hpp"
#include "inspection/catalog/procedures.hpp"
#include "tests/unit/inspection/world.hpp"

namespace socai::inspection {
namespace {

using test::World;

Date day(std::string_view text) {
    return parse_date(text).value();
}

TEST(WorkingDays, AreThoseOfTheRecords) {
    World world(take_working_calendar);
    world.add_file("data/working_days.jsonl");
    const WorkingCalendar calendar = working_calendar(world.facts());
    for (const char* off : {"2021-01-01", "2021-02-10", "2021-02-16", "2021-04-21", "2021-05-03",
                            "2021-09-03", "2022-01-31", "2022-02-04", "2022-05-03"})
        EXPECT_FALSE(calendar.is_working(day(off))) << off;
    for (const char* on : {"2021-02-09", "2021-02-17", "2022-01-28", "2022-02-07"})
        EXPECT_TRUE(calendar.is_working(day(on))) << on;
    const WorkingCalendar near = working_calendar(world.facts(), day("2021-12-30"), day("2022-02-01"));
    EXPECT_FALSE(near.is_working(day("2022-02-03")));
    EXPECT_TRUE(
        working_calendar(world.facts(), day("2023-01-01"), day("2023-12-31")).is_working(day("2021-02-10")));
}

TEST(WorkingDays, AreAddedToAndOverruled) {
    World world(take_working_calendar);
    const auto say = [&](const char* id, const char* data, const char* refs = "[]") {
        return world.add("customs", "working_calendar", id, "2021-01-04T08:00:00+07:00", data, refs);
    };
    ASSERT_TRUE(
        say("a",
            R"({"year":2021,"days_off":[{"date":"2021-03-01"},{"date":"2021-03-02"}],"worked_instead":[]})"));
    ASSERT_TRUE(
        say("b",
            R"({"year":2021,"days_off":[],"worked_instead":[{"date":"2021-03-02"},{"date":"2021-03-06"}]})"));
    WorkingCalendar calendar = working_calendar(world.facts());
    EXPECT_FALSE(calendar.is_working(day("2021-03-01")));
    EXPECT_TRUE(calendar.is_working(day("2021-03-02")));
    EXPECT_TRUE(calendar.is_working(day("2021-03-06")));  // a Saturday
    ASSERT_TRUE(
        say("c", R"({"year":2021,"days_off":[],"worked_instead":[]})", R"([["supersedes","customs","a"]])"));
    EXPECT_TRUE(working_calendar(world.facts()).is_working(day("2021-03-01")));

    EXPECT_EQ(
        say("d", R"({"year":2021,"days_off":[{"date":"2022-03-01"}],"worked_instead":[]})").error().reason,
        "day_of_another_year");
    EXPECT_EQ(
        say("e",
            R"({"year":2021,"days_off":[{"date":"2021-03-01"}],"worked_instead":[{"date":"2021-03-01"}]})")
            .error()
            .reason,
        "day_said_twice");
}

TEST(Procedures, GoFromTestingToLive) {
    World world(take_procedure);
    const auto say = [&](const char* id, const char* stage, const char* from, const char* refs = "[]") {
        return world.add(
            "most.qlcl", "procedure", id, "2021-01-04T08:00:00+07:00",
            std::string(R"({"procedure_code":"P-1","name":"x","agency":"most.qlcl","valid_from":")") + from +
                R"(","stage":")" + stage + R"("})",
            refs);
    };
    ASSERT_TRUE(say("a", "testing", "2021-01-01"));
    ASSERT_TRUE(say("b", "live", "2021-06-01"));
    EXPECT_FALSE(find_procedure(world.facts(), "P-1", day("2020-12-31")));
    EXPECT_EQ(find_procedure(world.facts(), "P-1", day("2021-05-31"))->stage, ProcedureStage::testing);
    EXPECT_EQ(find_procedure(world.facts(), "P-1", day("2021-06-01"))->stage, ProcedureStage::live);
    ASSERT_TRUE(say("c", "retired", "2021-06-01", R"([["supersedes","most.qlcl","b"]])"));
    const auto items = [&](std::string_view on) {
        return procedures_answer(world.facts(), {.agency = {}, .day = day(on), .cursor = {}})
            .at("items")
            .as_array();
    };
    ASSERT_EQ(items("2021-06-01").size(), 1u);
    EXPECT_EQ(items("2021-06-01").at(0).at("stage"), "retired");
    EXPECT_EQ(items("2021-05-01").at(0).at("stage"), "testing");
}

TEST(Activation, NeverGoesBack) {
    World world(take_activation);
    EXPECT_EQ(required_versions(world.facts()), (RuleVersions{1, 1}));
    const auto activate = [&](const char* id, int schemas, int engine) {
        return world.add("customs", "activation", id, "2021-01-04T08:00:00+07:00",
                         R"({"activation":"x","schema_set":)" + std::to_string(schemas) +
                             R"(,"rule_engine":)" + std::to_string(engine) + "}");
    };
    ASSERT_TRUE(activate("a", 2, 1));
    EXPECT_EQ(required_versions(world.facts()), (RuleVersions{2, 1}));
    EXPECT_FALSE(program_versions.cover(required_versions(world.facts())));
    EXPECT_EQ(activate("b", 1, 2).error().reason, "activation_backwards");
    ASSERT_TRUE(activate("c", 2, 2));
}

}  // namespace
}  // namespace socai::inspection
