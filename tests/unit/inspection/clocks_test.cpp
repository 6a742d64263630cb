#include "inspection/clocks/clocks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <set>

#include "inspection/catalog/working_days.hpp"
#include "inspection/oversight/compliance.hpp"
#include "inspection/oversight/enterprise.hpp"
#include "inspection/oversight/exceptions.hpp"
#include "inspection/oversight/signals.hpp"
#include "tests/unit/inspection/shipment_world.hpp"

namespace socai::inspection {
namespace {

using test::ShipmentWorld;

std::int64_t ms(std::string_view time) {
    return ledger::parse_rfc3339(time).value();
}
Date day(std::string_view text) {
    return parse_date(text).value();
}
// "2021-02-18T00:00" in Vietnam.
std::int64_t local(std::string_view time) {
    return ms(std::string(time) + ":00+07:00");
}

// Everything after the shipments, in the engine's order.
ShipmentWorld watched() {
    static const RuleBook rules;
    ShipmentWorld world = ShipmentWorld::ready(
        [](const ledger::Coming& coming, ledger::FactDraft& facts) -> ledger::Result<void> {
            if (auto taken = take_working_calendar(coming, facts); !taken) return taken;
            if (auto taken = take_compliance_criteria(coming, facts); !taken) return taken;
            if (auto taken = take_clocks(coming, facts); !taken) return taken;
            if (auto taken = take_exceptions(coming, facts, rules); !taken) return taken;
            return take_enterprise(coming, facts);
        });
    world.world().add_file("data/working_days.jsonl");
    world.world().add_file("data/compliance_criteria.jsonl");
    return world;
}

std::optional<ClockRun> run_of(const ShipmentWorld& world, std::string_view dossier_no,
                               std::string_view clock, ClockSubject subject = ClockSubject::dossier) {
    std::optional<ClockRun> found;
    for (ClockRun& run : clocks_of(world.facts(), subject, dossier_no, ledger::max_time_ms))
        if (run.clock == clock) found = std::move(run);
    return found;
}

std::vector<Exception> exceptions(const ShipmentWorld& world, std::string_view at,
                                  std::optional<ExceptionKind> kind = {}) {
    ExceptionQuery query;
    query.at_ms = ms(at);
    query.kind = kind;
    return find_exceptions(world.facts(), query).value().exceptions;
}

TEST(ClockTable, HasEveryRowInFull) {
    std::set<std::string_view> ids;
    for (const ClockRow& row : clock_table()) {
        EXPECT_TRUE(ids.insert(row.id).second) << row.id;
        EXPECT_EQ(find_clock(row.id), &row);
        EXPECT_FALSE(row.article.empty() || row.vi.empty() || row.en.empty()) << row.id;
        EXPECT_GT(row.amount, 0) << row.id;
        EXPECT_EQ(row.use == ClockUse::limit, row.why.empty()) << row.id;
        EXPECT_TRUE(row.use != ClockUse::limit || !row.starts.empty()) << row.id;
    }
    EXPECT_EQ(find_clock("lunch"), nullptr);
}

struct DueCase {
    std::string_view id, before_tet, before_weekend;
};
// From 11:30, half an hour before lunch, on the last day before Tết 2021 and on a Friday.
constexpr DueCase due_cases[] = {
    {"registration_confirmation", "2021-02-18T00:00", "2021-09-28T00:00"},
    {"level_3_result", "2021-02-18T00:00", "2021-09-28T00:00"},
    {"supplement", "2021-03-10T00:00", "2021-10-16T00:00"},
    {"food_result_normal", "2021-02-20T00:00", "2021-09-30T00:00"},
    {"food_result_strict", "2021-02-26T00:00", "2021-10-06T00:00"},
    {"conformity_assessment", "2021-02-18T00:00", "2021-10-02T00:00"},
    {"body_to_agency", "2021-02-09T16:30", "2021-09-24T16:30"},
    {"agency_notice", "2021-02-18T00:00", "2021-09-28T00:00"},
    {"agency_to_customs", "2021-02-19T00:00", "2021-09-29T00:00"},
    {"customs_update", "2021-02-09T14:30", "2021-09-24T14:30"},
    {"risk_information", "2021-02-09T16:30", "2021-09-24T16:30"},
    {"risk_information_at_most", "2021-02-19T00:00", "2021-09-29T00:00"},
    {"sampling_report", "2021-02-19T11:30", "2021-09-29T11:30"},
    {"storage_result", "2021-03-12T00:00", "2021-10-26T00:00"},
    {"post_clearance_certificate", "2021-03-10T00:00", "2021-10-16T00:00"},
    {"remedy", "2021-03-12T00:00", "2021-10-26T00:00"},
};

TEST(ClockTable, CountsAcrossLunchWeekendAndTet) {
    const ShipmentWorld world = watched();
    const WorkingCalendar calendar = working_calendar(world.facts());
    std::size_t limits = 0;
    for (const ClockRow& row : clock_table()) limits += row.use == ClockUse::limit ? 1 : 0;
    EXPECT_EQ(limits, std::size(due_cases));
    for (const DueCase& each : due_cases) {
        const ClockRow& row = *find_clock(each.id);
        EXPECT_EQ(due(local("2021-02-09T11:30"), row.amount, row.unit, calendar), local(each.before_tet))
            << row.id;
        EXPECT_EQ(due(local("2021-09-24T11:30"), row.amount, row.unit, calendar), local(each.before_weekend))
            << row.id;
    }
}

TEST(Clocks, ConfirmARegistrationAcrossTet) {
    ShipmentWorld world = watched();
    world.at("2021-02-09T11:30:00+07:00");
    ASSERT_TRUE(world.dossier("D-1"));
    const auto run = run_of(world, "D-1", "registration_confirmation").value();
    EXPECT_EQ(run.due_ms, local("2021-02-18T00:00"));
    EXPECT_EQ(run.owner, "most.qlcl");
    EXPECT_EQ(run.state(local("2021-02-17T23:59")), ClockState::due);
    EXPECT_EQ(run.state(local("2021-02-18T00:00")), ClockState::missed);
    EXPECT_TRUE(overdue(world.facts(), local("2021-02-17T23:59"), {}, 10).empty());
    ASSERT_EQ(overdue(world.facts(), local("2021-02-18T00:00"), {}, 10).size(), 1u);
    ASSERT_EQ(exceptions(world, "2021-02-18T00:00:00+07:00").size(), 1u);
    EXPECT_FALSE(exceptions(world, "2021-02-18T00:00:00+07:00")[0].done_ms);

    world.at("2021-02-18T08:00:00+07:00");
    ASSERT_TRUE(world.status("D-1", "received"));
    ASSERT_TRUE(world.status("D-1", "accepted"));
    EXPECT_EQ(run_of(world, "D-1", "registration_confirmation")->state(world.now_ms), ClockState::missed);
    EXPECT_TRUE(overdue(world.facts(), world.now_ms, {}, 10).empty());
    const auto late = exceptions(world, "2021-03-01T00:00:00+07:00");
    ASSERT_EQ(late.size(), 1u);
    EXPECT_EQ(late[0].clock, "registration_confirmation");
    EXPECT_EQ(late[0].time_ms, local("2021-02-18T00:00"));
    EXPECT_EQ(late[0].done_ms, world.now_ms);
    // Before it was done, the same exception stood open.
    EXPECT_FALSE(exceptions(world, "2021-02-18T00:01:00+07:00")[0].done_ms);
}

TEST(Clocks, StopDeliveriesWhenTheLedgerAccepts) {
    ShipmentWorld world = watched();
    ASSERT_TRUE(world.dossier("D-1"));
    const auto certificate =
        test::World::made("cab.cn-09", "conformity_result", "c-1", "2021-06-04T15:00:00+07:00",
                          R"({"certificate_no":"C-1","scheme":"lot_certification","conclusion":"conforming",
            "sampled_at":"2021-05-25T09:00:00+07:00"})",
                          R"([["for","importer.9900000016","r-D-1"]])");
    // Friday 15:00 and four working hours: Monday 10:00.
    ASSERT_TRUE(world.world().add(certificate, local("2021-06-07T10:00")));
    const auto delivery = run_of(world, "D-1", "body_to_agency").value();
    EXPECT_EQ(delivery.due_ms, local("2021-06-07T10:00"));
    EXPECT_EQ(delivery.end->time_ms, local("2021-06-07T10:00"));
    EXPECT_EQ(delivery.state(ledger::max_time_ms), ClockState::missed);
    // Seven days from Tuesday 25 May, by its signed time.
    const auto assessment = run_of(world, "D-1", "conformity_assessment").value();
    EXPECT_EQ(assessment.due_ms, local("2021-06-02T00:00"));
    EXPECT_EQ(assessment.end->time_ms, local("2021-06-04T15:00"));
    EXPECT_EQ(assessment.owner, "cab.cn-09");
    const auto notice = run_of(world, "D-1", "agency_notice").value();
    EXPECT_EQ(notice.due_ms, local("2021-06-11T00:00"));  // from when the agency has it
    EXPECT_FALSE(notice.end);
}

TEST(Clocks, EndWithWithdrawalAndSupersession) {
    ShipmentWorld world = watched();
    ASSERT_TRUE(world.dossier("D-1"));
    ASSERT_TRUE(world.status("D-1", "withdrawn"));
    EXPECT_EQ(run_of(world, "D-1", "registration_confirmation")->state(ledger::max_time_ms),
              ClockState::cancelled);

    ASSERT_TRUE(world.dossier("D-2"));
    ASSERT_TRUE(world.dossier("D-2", "doll", "95030021", "quality", "",
                              R"([["supersedes","importer.9900000016","r-D-2"]])", "r-D-2b"));
    const auto runs = clocks_of(world.facts(), ClockSubject::dossier, "D-2", ledger::max_time_ms);
    ASSERT_EQ(runs.size(), 2u);
    EXPECT_EQ(runs[0].state(world.now_ms), ClockState::cancelled);
    EXPECT_EQ(runs[1].state(world.now_ms), ClockState::due);
    EXPECT_EQ(runs[1].start_id, "r-D-2b");
    EXPECT_TRUE(exceptions(world, "2021-06-01T23:00:00+07:00").empty());
}

TEST(Clocks, RunForDeclarations) {
    ShipmentWorld world = watched();
    ASSERT_TRUE(world.dossier("D-1"));
    ASSERT_TRUE(world.status("D-1", "received"));
    ASSERT_TRUE(world.status("D-1", "accepted"));
    ASSERT_TRUE(world.declaration("104000123450", "D-1"));
    ASSERT_TRUE(world.channel("104000123450"));
    ASSERT_TRUE(world.store("104000123450", "granted", "2021-06-15"));
    const auto stored = run_of(world, "104000123450", "storage_result", ClockSubject::declaration).value();
    EXPECT_EQ(stored.due_ms, local("2021-06-16T00:00"));
    EXPECT_EQ(stored.owner, "importer.9900000016");
    const auto audit = run_of(world, "104000123450", "pca_window", ClockSubject::declaration).value();
    EXPECT_EQ(audit.due_ms, local("2026-06-02T00:00"));
    EXPECT_EQ(audit.state(local("2026-06-01T23:59")), ClockState::due);

    world.at("2021-06-16T11:30:00+07:00");
    ASSERT_TRUE(world.result("D-1", "pass"));
    EXPECT_EQ(run_of(world, "104000123450", "storage_result", ClockSubject::declaration)->state(world.now_ms),
              ClockState::missed);
    const auto ban =
        run_of(world, "104000123450", "storage_ban_late_result", ClockSubject::declaration).value();
    EXPECT_EQ(ban.due_ms, local("2021-12-17T00:00"));
    const auto update = run_of(world, "D-1", "customs_update").value();
    EXPECT_EQ(update.owner, "customs.haiphong");
    EXPECT_EQ(update.due_ms, local("2021-06-16T14:30"));
    world.at("2021-06-16T14:00:00+07:00");
    ASSERT_TRUE(world.clear("104000123450"));
    EXPECT_EQ(run_of(world, "D-1", "customs_update")->state(world.now_ms), ClockState::met);
    const auto answer =
        clocks_answer(clocks_of(world.facts(), ClockSubject::dossier, "D-1", world.now_ms), world.now_ms);
    EXPECT_GT(answer.size(), 2u);
}

// Customs makes the method strict after the registration: the agency has the seven days of strict inspection, counted from
// the registration, and is late after those alone.
TEST(Clocks, TheFoodClockFollowsTheMethod) {
    ShipmentWorld world = watched();
    world.at("2021-06-01T08:00:00+07:00");
    ASSERT_TRUE(world.dossier("D-1", "mango", "08045030", "food_safety"));
    const auto normal = run_of(world, "D-1", "food_result_normal").value();
    EXPECT_EQ(normal.due_ms, local("2021-06-05T00:00"));
    world.at("2021-06-02T08:00:00+07:00");
    ASSERT_TRUE(world.add(
        "customs.nsw", "method_determination", "m-1",
        R"({"dossier_no":"D-1","goods_key":"mango","ruleset":"nd15-2018@1","method":"strict","reason":"quality_doubt","legal_basis":["NĐ 132/2008 Đ7.6"]})",
        R"([["about","importer.9900000016","r-D-1"]])"));
    EXPECT_EQ(run_of(world, "D-1", "food_result_normal")->state(local("2021-06-10T00:00")),
              ClockState::cancelled);
    const auto strict = run_of(world, "D-1", "food_result_strict").value();
    EXPECT_EQ(strict.started_ms, normal.started_ms);
    EXPECT_EQ(strict.start, normal.start);
    EXPECT_EQ(strict.due_ms, local("2021-06-11T00:00"));
    world.at("2021-06-09T08:00:00+07:00");
    ASSERT_TRUE(world.result("D-1", "pass", "", "strict", "mard.bvtv", "", "mango"));
    EXPECT_EQ(run_of(world, "D-1", "food_result_strict")->state(world.now_ms), ClockState::met);
    EXPECT_TRUE(exceptions(world, "2021-06-30T00:00:00+07:00", ExceptionKind::lateness).empty());
}

// Joint Circular 110/2016 Art 6.5: four working hours, or two working days at the latest. Only the latter can be missed.
TEST(Clocks, WhatIsOnlyAimedAtIsNoLateness) {
    ShipmentWorld world = watched();
    const auto signal = [&](const char* id, std::string_view accepted) {
        return world.world().add(
            test::World::made("most.qlcl", "risk_signal", id, "2021-06-01T08:00:00+07:00",
                              R"({"severity":"low","description":"x","hs_code":"9503"})"),
            local(accepted));
    };
    ASSERT_TRUE(signal("s-1", "2021-06-02T08:00"));
    EXPECT_TRUE(exceptions(world, "2021-06-30T00:00:00+07:00", ExceptionKind::lateness).empty());
    ASSERT_TRUE(signal("s-2", "2021-06-10T08:00"));
    const auto late = exceptions(world, "2021-06-30T00:00:00+07:00", ExceptionKind::lateness);
    ASSERT_EQ(late.size(), 1u);
    EXPECT_EQ(late.front().clock, "risk_information_at_most");
}

// What is told as of an earlier moment rests on what stood then.
TEST(Exceptions, LatenessShowsTheLateActOnlyOnceItCame) {
    ShipmentWorld world = watched();
    world.at("2021-06-01T08:00:00+07:00");
    const auto registered = world.dossier("D-1");
    ASSERT_TRUE(registered);
    world.at("2021-06-10T08:00:00+07:00");
    const auto confirmed = world.status("D-1", "accepted");
    ASSERT_TRUE(confirmed);
    for (const bool over : {false, true}) {
        const auto found = exceptions(world, over ? "2021-06-30T00:00:00+07:00" : "2021-06-05T00:00:00+07:00",
                                      ExceptionKind::lateness);
        ASSERT_FALSE(found.empty());
        EXPECT_EQ(found.front().at, *registered);
        EXPECT_EQ(found.front().done_at, over ? std::optional(*confirmed) : std::nullopt);
    }
}

TEST(Exceptions, ListInspectionsOffTheCatalogAndStricterOnes) {
    ShipmentWorld world = watched();
    ASSERT_TRUE(world.dossier("D-1", "bike", "87120010"));
    ASSERT_TRUE(world.result("D-1", "pass", "", "strict", "most.qlcl", "", "bike"));
    const auto off = exceptions(world, "2021-06-01T23:00:00+07:00", ExceptionKind::off_catalog_inspection);
    ASSERT_EQ(off.size(), 1u);
    EXPECT_EQ(off[0].subject, "D-1");
    EXPECT_EQ(off[0].agency, "most.qlcl");
}

TEST(Exceptions, PageInOrder) {
    ShipmentWorld world = watched();
    for (int i = 0; i < 7; ++i) ASSERT_TRUE(world.dossier("D-" + std::to_string(i)));
    world.at("2021-06-10T08:00:00+07:00");
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(world.status("D-" + std::to_string(i), "refused"));
    ExceptionQuery query;
    query.at_ms = world.now_ms;
    const auto all = find_exceptions(world.facts(), query).value().exceptions;
    ASSERT_EQ(all.size(), 7u);
    query.limit = 2;
    std::vector<std::string> subjects;
    for (;;) {
        const auto page = find_exceptions(world.facts(), query).value();
        for (const Exception& each : page.exceptions) subjects.push_back(each.subject);
        if (page.next_cursor.empty()) break;
        query.cursor = page.next_cursor;
    }
    ASSERT_EQ(subjects.size(), 7u);
    for (std::size_t i = 0; i < subjects.size(); ++i) EXPECT_EQ(subjects[i], all[i].subject);
    query.cursor = "nonsense";
    EXPECT_FALSE(find_exceptions(world.facts(), query));
    query.cursor.clear();
    EXPECT_TRUE(exceptions_answer(world.facts(), query, {})->at("exceptions").as_array().empty());
    EXPECT_EQ(exceptions_answer(world.facts(), query, {true, {}})->at("exceptions").as_array().size(), 2u);
    query.agency = "mard.bvtv";
    EXPECT_TRUE(find_exceptions(world.facts(), query)->exceptions.empty());
}

TEST(Enterprise, IsRatedByCountsOfTheDaysBefore) {
    ShipmentWorld world = watched();
    for (int i = 1; i <= 5; ++i) {
        const std::string number = "1040000100" + std::to_string(i) + "0";
        ASSERT_TRUE(world.declaration(number));
    }
    const auto level = [&](std::string_view on) {
        return compliance_level(world.facts(), "9900000016", day(on));
    };
    EXPECT_EQ(level("2021-06-01"), std::nullopt);  // of the days before
    EXPECT_EQ(level("2021-06-02"), 1);
    world.at("2021-06-02T09:00:00+07:00");
    const auto violation = [&](const char* id, const char* status, const char* severity) {
        return world.add(
            "most.dost-hcm", "violation", id,
            std::string(
                R"({"case_no":"V-1","found_in":"x","finding":"x","tax_code":"9900000016","status":")") +
                status + R"(","severity":")" + severity + R"("})");
    };
    ASSERT_TRUE(violation("v-1", "found", "major"));
    EXPECT_EQ(level("2021-06-02"), 1);
    EXPECT_EQ(level("2021-06-03"), 3);
    ASSERT_TRUE(violation("v-2", "decided", "safety"));
    EXPECT_EQ(level("2021-06-03"), 4);
    EXPECT_EQ(level("2023-06-02"), std::nullopt);  // the window has passed the shipments
    const auto answer =
        enterprise_answer(world.facts(), "9900000016", day("2021-06-03"), {false, "9900000016"});
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->at("level"), 4);
    EXPECT_EQ(answer->at("figures").at(2).at("evidence").as_array().size(), 1u);
    EXPECT_FALSE(enterprise_answer(world.facts(), "9900000016", day("2021-06-03"), {}));
    EXPECT_FALSE(enterprise_answer(world.facts(), "9900000016", day("2021-06-03"), {false, "9900000023"}));
    // A correction under another number is the same case, and so is its annulment.
    ASSERT_TRUE(world.add(
        "most.dost-hcm", "violation", "v-3",
        R"({"case_no":"V-1B","found_in":"x","finding":"x","tax_code":"9900000016","status":"decided","severity":"major"})",
        R"([["supersedes","most.dost-hcm","v-2"]])"));
    EXPECT_EQ(level("2021-06-03"), 3);
    ASSERT_TRUE(world.add(
        "most.dost-hcm", "violation", "v-4",
        R"({"case_no":"V-1C","found_in":"x","finding":"x","tax_code":"9900000016","status":"annulled","severity":"major"})",
        R"([["supersedes","most.dost-hcm","v-3"]])"));
    EXPECT_EQ(level("2021-06-03"), 1);
}

// The first day of the calendar has no days before it.
TEST(Enterprise, IsAskedAboutOnTheFirstDayToo) {
    std::string text = test::file_text("data/compliance_criteria.jsonl");
    const std::string_view from = R"("effective_from":")";
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos);
    text.replace(at + from.size(), 10, "1970-01-01");
    ShipmentWorld world = watched();
    ASSERT_TRUE(world.world().add(boost::json::parse(text.substr(0, text.find('\n')))));
    EXPECT_TRUE(enterprise_answer(world.facts(), "9900000016", day("1970-01-01"), {true, {}}));
}

TEST(Signals, AreListedWhileTheyAreValid) {
    ShipmentWorld world = watched();
    ASSERT_TRUE(
        world.add("most.qlcl", "risk_signal", "s-1",
                  R"({"severity":"low","description":"x","hs_code":"9503","valid_to":"2021-06-30"})"));
    ASSERT_TRUE(world.add("most.qlcl", "risk_signal", "s-2",
                          R"({"severity":"high","description":"y","importer_tax_code":"9900000016"})"));
    SignalSubject subject;
    subject.hs_code = "95030021";
    EXPECT_EQ(risk_signals(world.facts(), std::span(&subject, 1), day("2021-06-30")).size(), 1u);
    EXPECT_TRUE(risk_signals(world.facts(), std::span(&subject, 1), day("2021-07-01")).empty());
    subject.tax_code = "9900000016";
    EXPECT_EQ(risk_signals(world.facts(), std::span(&subject, 1), day("2021-06-30")).size(), 2u);
    ASSERT_TRUE(world.add("most.qlcl", "risk_signal", "s-3",
                          R"({"severity":"high","description":"y","status":"dismissed"})",
                          R"([["supersedes","most.qlcl","s-2"]])"));
    const auto left = risk_signals(world.facts(), std::span(&subject, 1), day("2021-06-30"));
    ASSERT_EQ(left.size(), 1u);
    EXPECT_TRUE(signals_answer(left, {}).empty());
    // Of very many, the newest.
    for (std::size_t i = 0; i < most_signals + 5; ++i)
        ASSERT_TRUE(world.add("most.qlcl", "risk_signal", "many-" + std::to_string(i),
                              R"({"severity":"high","description":"z","hs_code":"9503"})"));
    for (const auto& list :
         {risk_signals(world.facts(), std::span(&subject, 1), day("2021-06-30")),
          signals_against_storage(world.facts(), std::span(&subject, 1), day("2021-06-30"))}) {
        ASSERT_EQ(list.size(), most_signals);
        EXPECT_TRUE(std::ranges::is_sorted(list, {}, &RiskSignal::raised));
        EXPECT_EQ(list.back().description, "z");
        EXPECT_EQ(std::ranges::count(list, std::string("x"), &RiskSignal::description), 0);
    }
    EXPECT_EQ(signals_answer(left, {true, {}}).size(), 1u);
}

}  // namespace
}  // namespace socai::inspection
