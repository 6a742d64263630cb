// What each record adds to the figures: by name, then random histories counted anew at every leaf.
#include "inspection/statistics/figures.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "tests/unit/inspection/statistics_world.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;
using test::StatisticsWorld;

class Figures : public ::testing::Test {
  protected:
    StatisticsWorld world_;
};

TEST_F(Figures, DossiersAreCountedOnceAndEnterprisesWhenFirstSeen) {
    world_.registration("A-1", "2021-09-27T10:00:00+07:00");
    world_.registration("A-2", "2021-09-28T10:00:00+07:00");
    world_.registration("A-1", "2021-09-29T10:00:00+07:00");  // amended
    world_.registration("B-1", "2021-09-29T11:00:00+07:00", "P-normal", "food_safety", test::fruit_importer);
    EXPECT_EQ(world_.figure("dossiers.received"), 3);
    EXPECT_EQ(world_.figure("enterprises.first_seen"), 2);
    EXPECT_EQ(world_.figure("method.strict"), 2);
    EXPECT_EQ(world_.figure("method.normal"), 1);
    EXPECT_EQ(world_.figure("method.total"), 3);
    EXPECT_EQ(world_.figure("method.strict.share_ppm"), 666'666);
    EXPECT_EQ(world_.figure(Grouping::agency, "mard.bvtv", "dossiers.received"), 1);
    EXPECT_EQ(world_.figure(Grouping::regime, "quality", "dossiers.received"), 2);
}

TEST_F(Figures, AnAmendedRegistrationMovesItsDossierOnTheFirstDay) {
    world_.registration("A-1", "2021-09-30T10:00:00+07:00");
    const auto amended = world_.registration("A-1", "2021-10-04T10:00:00+07:00", "P-normal");
    const auto september = world_.answer("2021-09-01", "2021-09-30");
    EXPECT_EQ(StatisticsWorld::of(september, "method.normal"), 1);
    EXPECT_EQ(StatisticsWorld::of(september, "method.strict"), 0);
    EXPECT_EQ(world_.figure("method.strict", amended - 1), 1);
    EXPECT_EQ(StatisticsWorld::of(world_.answer("2021-10-01", "2021-10-31"), "dossiers.received"), 0);
}

TEST_F(Figures, TheDrawOfAReducedShipmentIsKnownWithItsDeclaration) {
    world_.registration("A-1", "2021-09-27T10:00:00+07:00", "P-reduced");
    world_.registration("A-2", "2021-09-27T10:00:00+07:00", "P-reduced");
    EXPECT_EQ(world_.figure("method.reduced_pending"), 2);
    world_.declaration("104000123450", "2021-10-01T10:00:00+07:00", "A-1", "DRAW");
    const auto last = world_.declaration("104000123460", "2021-10-01T11:00:00+07:00", "A-2");
    EXPECT_EQ(world_.figure("method.reduced_pending"), 0);
    EXPECT_EQ(world_.figure("method.reduced_drawn"), 1);
    EXPECT_EQ(world_.figure("method.reduced_not_drawn"), 1);
    EXPECT_EQ(world_.figure("method.drawn_of_reduced_ppm"), 500'000);
    EXPECT_EQ(world_.figure("method.reduced_pending", last - 2), 2);
    EXPECT_EQ(StatisticsWorld::of(world_.answer("2021-09-01", "2021-09-30"), "method.reduced_drawn"), 1);
}

TEST_F(Figures, GoodsWithoutADossierAreCountedOnTheirDeclaration) {
    world_.declaration("104000123450", "2021-10-01T10:00:00+07:00", {}, "DRAW");
    world_.declaration("104000123451", "2021-10-02T10:00:00+07:00", {}, "DRAW", "amended");
    EXPECT_EQ(world_.figure("declarations.registered"), 1);
    EXPECT_EQ(world_.figure("method.reduced_drawn"), 1);
    EXPECT_EQ(world_.figure(Grouping::agency, "most.qlcl", "method.reduced_drawn"), 1);
    EXPECT_EQ(world_.figure("enterprises.first_seen"), 1);
    EXPECT_EQ(world_.figure("dossiers.received"), 0);
    world_.declaration("104000123452", "2021-10-03T10:00:00+07:00", {}, "DRAW", "cancelled");
    EXPECT_EQ(world_.figure("declarations.cancelled"), 1);
    EXPECT_EQ(world_.figure("method.reduced_drawn"), 0);
}

TEST_F(Figures, ADependentUnitIsTheSameEnterprise) {
    world_.registration("A-1", "2021-09-27T10:00:00+07:00");
    world_.registration("A-2", "2021-09-27T10:00:00+07:00", "P-strict", "quality",
                        test::toy_importer + "001");
    world_.declaration("104000123450", "2021-10-01T10:00:00+07:00", {}, "03CE", "registered",
                       test::toy_importer + "002");
    EXPECT_EQ(world_.figure("enterprises.first_seen"), 1);
}

TEST_F(Figures, AStricterMethodOfCustomsTakesThePlaceOfTheComputedOne) {
    world_.registration("A-1", "2021-09-27T10:00:00+07:00", "P-normal");
    world_.add("customs.nsw", "method_determination", "m", "2021-09-27T10:01:00+07:00",
               {{"dossier_no", "A-1"}, {"method", "strict"}});
    EXPECT_EQ(world_.figure("method.normal"), 0);
    EXPECT_EQ(world_.figure("method.strict"), 1);
}

TEST_F(Figures, ACorrectedResultIsCountedOutOnItsOwnDay) {
    world_.registration("A-1", "2021-03-25T10:00:00+07:00");
    const auto first = world_.result("r-1", "A-1", "2021-03-31T10:00:00+07:00", "fail");
    const auto second = world_.result("r-2", "A-1", "2021-04-02T10:00:00+07:00", "label_fail", "r-1");
    const auto third = world_.result("r-3", "A-1", "2021-07-02T10:00:00+07:00", "annulled", "r-2");
    const auto quarter = [&](std::uint64_t as_of, std::string_view name) {
        return StatisticsWorld::of(world_.answer("2021-01-01", "2021-03-31", as_of), name);
    };
    EXPECT_EQ(quarter(first, "result.fail"), 1);
    EXPECT_EQ(quarter(second, "result.fail"), 0);
    EXPECT_EQ(quarter(second, "result.label_fail"), 1);
    EXPECT_EQ(quarter(third, "result.label_fail"), 0);
    EXPECT_EQ(quarter(third, "result.annulled"), 1);
    EXPECT_EQ(quarter(third, "result.total"), 1);
    EXPECT_EQ(world_.figure("corrections.total"), 2);
    EXPECT_EQ(world_.figure("time.registration_to_result.count"), 1);
}

TEST_F(Figures, StepsAreMeasuredInWorkingHours) {
    world_.registration("A-1", "2021-09-24T16:00:00+07:00");  // a Friday
    world_.status("A-1", "2021-09-27T09:00:00+07:00");
    world_.status("A-1", "2021-09-27T11:00:00+07:00");  // accepted already
    world_.result("r-1", "A-1", "2021-09-28T10:00:00+07:00", "pass");
    world_.declaration("104000123450", "2021-09-28T11:00:00+07:00", "A-1");
    world_.clearance("104000123450", "2021-09-28T14:00:00+07:00");
    EXPECT_EQ(world_.figure("time.registration_to_accepted.count"), 1);
    EXPECT_EQ(world_.figure("time.registration_to_accepted.total_minutes"), 120);
    EXPECT_EQ(world_.figure("time.registration_to_accepted.within_2h"), 1);
    EXPECT_EQ(world_.figure("time.registration_to_accepted.median_within_hours"), 2);
    EXPECT_EQ(world_.figure("time.accepted_to_result.mean_minutes"), 9 * 60);
    EXPECT_EQ(world_.figure("time.registration_to_result.total_minutes"), 11 * 60);
    EXPECT_EQ(world_.figure("time.registration_to_result.within_16h"), 1);
    EXPECT_EQ(world_.figure("time.result_to_clearance.total_minutes"), 3 * 60);
    EXPECT_EQ(world_.figure("time.declaration_to_clearance.total_minutes"), 2 * 60);
    EXPECT_EQ(world_.figure(Grouping::agency, "customs.haiphong", "time.result_to_clearance.count"), 1);
    EXPECT_EQ(world_.figure(Grouping::regime, "quality", "time.result_to_clearance.count"), 1);
}

TEST_F(Figures, TheMedianIsABucketAndNothingBeyondTheLast) {
    const auto month = [](int hours) {
        return "2021-11-" + std::string(hours < 10 ? "0" : "") + std::to_string(hours);
    };
    world_.registration("A-1", "2021-09-01T08:00:00+07:00");
    world_.registration("A-2", "2021-09-01T08:00:00+07:00");
    world_.registration("A-3", "2021-09-01T08:00:00+07:00");
    world_.status("A-1", "2021-09-01T12:00:00+07:00");    // 4 h, the bound included
    world_.status("A-2", "2021-09-01T13:00:01+07:00");    // a second more
    world_.status("A-3", month(15) + "T08:00:00+07:00");  // far more
    EXPECT_EQ(world_.figure("time.registration_to_accepted.within_4h"), 1);
    EXPECT_EQ(world_.figure("time.registration_to_accepted.within_8h"), 1);
    EXPECT_EQ(world_.figure("time.registration_to_accepted.over_160h"), 1);
    EXPECT_EQ(world_.figure("time.registration_to_accepted.median_within_hours"), 8);
    const json::object november = world_.answer("2021-11-01", "2021-11-30");
    EXPECT_TRUE(november.at("total").at("time.registration_to_accepted.median_within_hours").is_null());
    EXPECT_EQ(StatisticsWorld::of(november, "time.registration_to_accepted.count"), 1);
}

TEST_F(Figures, HolidaysOfTheLedgerAreNoWorkingTime) {
    world_.add("customs", "working_calendar", "w-1", "2021-01-01T08:00:00+07:00",
               {{"calendar", "VN-2021"},
                {"year", 2021},
                {"days_off", {{{"date", "2021-09-03"}}}},
                {"worked_instead", json::array()}});
    world_.registration("A-1", "2021-09-02T16:00:00+07:00");
    world_.status("A-1", "2021-09-06T09:00:00+07:00");
    EXPECT_EQ(world_.figure("time.registration_to_accepted.total_minutes"), 120);
    // What is said of the day afterwards changes nothing.
    world_.add("customs", "working_calendar", "w-2", "2021-09-07T08:00:00+07:00",
               {{"calendar", "VN-2021"},
                {"year", 2021},
                {"days_off", json::array()},
                {"worked_instead", {{{"date", "2021-09-03"}}}}});
    EXPECT_EQ(world_.figure("time.registration_to_accepted.total_minutes"), 120);
    world_.registration("A-2", "2021-09-02T16:00:00+07:00");
    world_.status("A-2", "2021-09-06T09:00:00+07:00");
    EXPECT_EQ(world_.figure("time.registration_to_accepted.total_minutes"), 120 + 120 + 8 * 60);
}

TEST_F(Figures, AStepThatEndsBeforeItBeganTookNoTime) {
    world_.registration("A-1", "2021-09-02T16:00:00+07:00");
    world_.status("A-1", "2021-09-02T09:00:00+07:00");
    EXPECT_EQ(world_.figure("time.registration_to_accepted.count"), 1);
    EXPECT_EQ(world_.figure("time.registration_to_accepted.total_minutes"), 0);
    EXPECT_EQ(world_.figure("time.registration_to_accepted.within_2h"), 1);
}

// The whole engine over the project's own shipments.
TEST(FiguresOfTheEngine, TellTheWorkedShipments) {
    test::World world;
    world.add_file("data/rule_sets.jsonl");
    world.add_file("data/shipment_toys.jsonl");
    world.add_file("data/shipment_mangosteen.jsonl");
    StatisticsQuestion question;
    question.period = {parse_date("2021-01-01").value(), parse_date("2022-12-31").value()};
    question.as_of = world.size() - 1;
    const json::object answer = statistics_answer(world.facts(), question, Viewer::all());
    const std::map<std::string, std::int64_t> expected{
        {"dossiers.received", 5},
        {"enterprises.first_seen", 3},
        {"method.strict", 5},
        {"method.total", 5},
        {"status.accepted", 4},
        {"result.pass", 3},
        {"result.fail", 1},  // and its correction takes its place
        {"result.total", 4},
        {"conformity.conforming", 3},
        {"conformity.non_conforming", 1},
        {"declarations.registered", 2},
        {"clearance.cleared", 1},
        {"alert_issued.serious", 1},
        {"alert_issued.warning", 1},
        {"violation.safety", 1},
        {"co_form_d.received", 1},
        {"acdd.received", 1},
        {"ephyto.received", 1},
        {"corrections.total", 1},
        {"time.registration_to_result.count", 4},
        {"time.sampling_to_conformity.count", 4},
        {"time.result_to_clearance.count", 1},
        {"time.declaration_to_clearance.count", 1},
        {"determinations.under_alert", 2},
        {"ministries.active", 3},
    };
    for (const auto& [name, number] : expected) EXPECT_EQ(StatisticsWorld::of(answer, name), number) << name;
}

TEST_F(Figures, SamplingToConformityIsTheBodys) {
    world_.registration("A-1", "2021-09-27T10:00:00+07:00");
    world_.add("cab.cn-09", "conformity_result", "c-1", "2021-09-28T10:00:00+07:00",
               {{"conclusion", "conforming"}, {"sampled_at", "2021-09-27T15:00:00+07:00"}},
               R"([["for","importer.9900000016","A-1"]])");
    world_.add("cab.cn-09", "conformity_result", "c-2", "2021-09-29T10:00:00+07:00",
               {{"conclusion", "non_conforming"}, {"sampled_at", "2021-09-27T15:00:00+07:00"}},
               R"([["for","importer.9900000016","A-1"],["supersedes","cab.cn-09","c-1"]])");
    EXPECT_EQ(world_.figure("conformity.conforming"), 0);
    EXPECT_EQ(world_.figure("conformity.non_conforming"), 1);
    EXPECT_EQ(world_.figure("time.sampling_to_conformity.count"), 1);
    EXPECT_EQ(world_.figure("time.sampling_to_conformity.total_minutes"), 4 * 60);
    EXPECT_EQ(world_.figure(Grouping::agency, "cab.cn-09", "time.sampling_to_conformity.count"), 1);
}

TEST_F(Figures, OnlyTheFirstClearanceIsMeasured) {
    world_.registration("A-1", "2021-09-27T10:00:00+07:00");
    world_.declaration("104000123450", "2021-09-28T10:00:00+07:00", "A-1");
    world_.clearance("104000123450", "2021-09-28T11:00:00+07:00", "refused");
    world_.clearance("104000123450", "2021-09-28T14:00:00+07:00", "released");
    world_.clearance("104000123450", "2021-09-29T14:00:00+07:00");
    EXPECT_EQ(world_.figure("clearance.refused"), 1);
    EXPECT_EQ(world_.figure("clearance.released"), 1);
    EXPECT_EQ(world_.figure("clearance.cleared"), 1);
    EXPECT_EQ(world_.figure("time.declaration_to_clearance.count"), 1);
    EXPECT_EQ(world_.figure("time.declaration_to_clearance.total_minutes"), 3 * 60);
    EXPECT_EQ(world_.figure("time.result_to_clearance.count"), 0);
}

TEST_F(Figures, AlertsByLevelAndHowLongTheyTookToTheLedger) {
    const auto alert = [](std::string_view level, std::string_view status) {
        return json::object{{"alert_no", "CB-1"}, {"level", level}, {"status", status}};
    };
    ASSERT_TRUE(world_.world().add(test::World::made("most.qlcl", "alert", "a-1", "2022-02-18T15:20:00+07:00",
                                                     R"({"alert_no":"CB-1","level":"serious"})"),
                                   ledger::parse_rfc3339("2022-02-18T19:00:00+07:00").value()));
    world_.add("most.qlcl", "alert", "a-2", "2022-02-19T15:20:00+07:00", alert("warning", "amended"),
               R"([["supersedes","most.qlcl","a-1"]])");
    world_.add("most.qlcl", "alert", "a-3", "2022-03-19T15:20:00+07:00", alert("warning", "lifted"),
               R"([["closes","most.qlcl","a-2"]])");
    EXPECT_EQ(world_.figure("alert_issued.serious"), 0);
    EXPECT_EQ(world_.figure("alert_issued.warning"), 1);
    EXPECT_EQ(world_.figure("alert_lifted.warning"), 1);
    EXPECT_EQ(world_.figure("time.alert_to_ledger.count"), 1);
    EXPECT_EQ(world_.figure("time.alert_to_ledger.total_minutes"), 220);
    EXPECT_EQ(world_.figure("time.alert_to_ledger.within_4h"), 1);
    EXPECT_EQ(world_.figure(Grouping::agency, "most.qlcl", "alert_issued.warning"), 1);
}

TEST_F(Figures, ACaseIsOneViolationWhateverComesOfIt) {
    const auto violation = [](std::string_view severity, std::string_view status) {
        return json::object{{"case_no", "V-1"}, {"severity", severity}, {"status", status}};
    };
    world_.add("most.dost-hcm", "violation", "v-1", "2022-02-18T15:10:00+07:00", violation("major", "found"));
    world_.add("most.dost-hcm", "violation", "v-2", "2022-02-20T15:10:00+07:00",
               violation("safety", "decided"), R"([["supersedes","most.dost-hcm","v-1"]])");
    EXPECT_EQ(world_.figure("violation.major"), 0);
    EXPECT_EQ(world_.figure("violation.safety"), 1);
    world_.add("most.dost-hcm", "violation", "v-3", "2022-02-21T15:10:00+07:00",
               violation("safety", "annulled"), R"([["closes","most.dost-hcm","v-2"]])");
    EXPECT_EQ(world_.figure("violation.safety"), 0);
    EXPECT_EQ(world_.figure("violation.annulled"), 1);
}

TEST_F(Figures, CertificatesOfOriginByDirection) {
    const auto form_d = [](std::string_view status) { return json::object{{"asw_status", status}}; };
    world_.add("asw.id", "co_form_d", "w-1", "2021-09-20T09:12:00+07:00", form_d("received"));
    world_.add("asw.id", "co_form_d", "w-2", "2021-09-22T09:12:00+07:00", form_d("used"),
               R"([["supersedes","asw.id","w-1"]])");
    world_.add("asw.th", "co_form_d", "w-3", "2021-09-22T09:12:00+07:00", form_d("sent"));
    world_.add("asw.th", "co_form_d", "w-4", "2021-09-23T09:12:00+07:00", form_d("cancelled"),
               R"([["closes","asw.th","w-3"]])");
    world_.add("asw.th", "acdd", "w-5", "2021-09-23T09:12:00+07:00", {{"hs_code", "0804"}});
    world_.add("asw.th", "ephyto", "w-6", "2021-09-23T09:12:00+07:00", {{"status", "issued"}});
    world_.add("asw.th", "ephyto", "w-7", "2021-09-24T09:12:00+07:00", {{"status", "withdrawn"}},
               R"([["closes","asw.th","w-6"]])");
    EXPECT_EQ(world_.figure("co_form_d.received"), 1);
    EXPECT_EQ(world_.figure("co_form_d.used"), 1);
    EXPECT_EQ(world_.figure("co_form_d.sent"), 1);
    EXPECT_EQ(world_.figure("co_form_d.cancelled"), 1);
    EXPECT_EQ(world_.figure("acdd.received"), 1);
    EXPECT_EQ(world_.figure("ephyto.received"), 1);
    EXPECT_EQ(world_.figure("ephyto.withdrawn"), 1);
    EXPECT_EQ(world_.figure("single_window.partners"), 2);
    EXPECT_EQ(world_.figure("stock.co_form_d_received"), 1);
}

TEST_F(Figures, ProceduresAreWhatThereIsAtTheEndOfAPeriod) {
    const auto procedure = [&](std::string_view code, std::string_view time, std::string_view stage) {
        world_.add("mard.bvtv", "procedure", std::string(code) + std::string(stage), time,
                   {{"procedure_code", code}, {"agency", "mard.bvtv"}, {"stage", stage}});
    };
    procedure("P1", "2021-01-04T09:00:00+07:00", "testing");
    procedure("P2", "2021-01-04T09:00:00+07:00", "testing");
    procedure("P1", "2021-05-04T09:00:00+07:00", "live");
    procedure("P2", "2022-05-04T09:00:00+07:00", "retired");
    const auto at = [&](std::string_view end, std::string_view name) {
        return StatisticsWorld::of(world_.answer("2021-01-01", end), name);
    };
    EXPECT_EQ(at("2021-03-31", "stock.procedures_testing"), 2);
    EXPECT_EQ(at("2021-06-30", "stock.procedures_testing"), 1);
    EXPECT_EQ(at("2021-06-30", "stock.procedures_live"), 1);
    EXPECT_EQ(at("2022-06-30", "stock.procedures_testing"), 0);
    EXPECT_EQ(at("2022-06-30", "stock.procedures_retired"), 1);
    EXPECT_EQ(world_.figure(Grouping::agency, "mard.bvtv", "stock.procedures_live"), 1);
}

TEST_F(Figures, TradersAreNoAgency) {
    world_.registration("A-1", "2021-09-27T10:00:00+07:00");
    world_.add(test::toy_importer, "periodic_report", "p-1", "2021-10-27T10:00:00+07:00", {},
               R"([["supersedes","importer.9900000016","p-0"]])");
    EXPECT_EQ(world_.figure("corrections.total"), 1);
    EXPECT_EQ(world_.figure(Grouping::agency, "", "corrections.total"), 1);
    const std::string text = json::serialize(world_.answer(
        "2021-01-01", "2021-12-31", 100, {Grouping::agency, Grouping::regime, Grouping::month}));
    EXPECT_EQ(text.find("9900000016"), std::string::npos);
    EXPECT_EQ(text.find("importer"), std::string::npos);
}

TEST_F(Figures, ExceptionsAreCountedByKind) {
    test::World world([](const ledger::Coming& coming, ledger::FactDraft& facts) -> ledger::Result<void> {
        count_exception(facts, "late_notice", "most.qlcl", date_of(coming.record.time_ms),
                        coming.address.index);
        return {};
    });
    ASSERT_TRUE(world.add("most.qlcl", "dossier_status", "1", "2021-09-27T10:00:00+07:00", "{}"));
    ASSERT_TRUE(world.add("most.qlcl", "dossier_status", "2", "2021-09-27T10:00:00+07:00", "{}"));
    StatisticsQuestion question;
    question.period = {parse_date("2021-07-01").value(), parse_date("2021-09-30").value()};
    question.as_of = 5;
    const json::object answer = statistics_answer(world.facts(), question, Viewer::all());
    EXPECT_EQ(StatisticsWorld::of(answer, "exceptions.total"), 2);
    EXPECT_EQ(StatisticsWorld::of(answer, "exceptions.late_notice"), 2);
}

TEST_F(Figures, MinistriesAreTheMembersThatAgenciesBelongTo) {
    world_.registration("A-1", "2021-09-27T10:00:00+07:00");
    world_.status("A-1", "2021-09-27T11:00:00+07:00");
    world_.add("cab.cn-09", "conformity_result", "c-1", "2021-09-28T10:00:00+07:00",
               {{"conclusion", "conforming"}});
    world_.clearance("104000123450", "2021-09-29T14:00:00+07:00", "refused");
    EXPECT_EQ(world_.figure("agencies.active"), 3);
    EXPECT_EQ(world_.figure("ministries.active"), 2);
    EXPECT_EQ(ministry_of(world_.world().facts(), "most.qlcl"), "most");
    EXPECT_EQ(ministry_of(world_.world().facts(), "unheard-of"), "unheard-of");
}

TEST_F(Figures, ARecordIsFewWrites) {
    world_.registration("A-1", "2021-09-27T10:00:00+07:00");
    const auto before = world_.world().facts().size();
    world_.registration("A-2", "2021-09-27T10:00:00+07:00");
    // A day and a month of the tally, what the dossier counts as; the dossier and its record are the shipments'.
    EXPECT_LE(world_.world().facts().size() - before, 5U);
}

// --- random histories

// What a record was, told plainly, so that the model reads no record.
struct Told {
    std::string kind, id, supersedes, dossier, word, regime, agency;
    std::string tax_code;
    Date day;
    bool draws = false;
};

// Counts the first `size` of what was told, from the beginning.
std::map<std::string, std::int64_t> recount(const std::vector<Told>& told, std::size_t size, Date from,
                                            Date to, const std::string& agency) {
    struct Dossier {
        Date day;
        std::string method, agency;
    };
    std::map<std::string, Dossier> dossiers;
    std::map<std::string, std::string> original;  // of results
    std::map<std::string, Told> results;          // by original
    std::set<std::string> seen;
    std::map<std::string, std::int64_t> figures;
    const auto in = [&](Date day, const std::string& whose) {
        return from <= day && day <= to && (agency.empty() || agency == whose);
    };
    for (std::size_t i = 0; i < size; ++i) {
        const Told& each = told[i];
        if (each.kind == "registration") {
            auto& dossier = dossiers.try_emplace(each.dossier, Dossier{each.day, "", ""}).first->second;
            if (dossier.method != "reduced_drawn" && dossier.method != "reduced_not_drawn")
                dossier.method = each.word == "reduced" ? "reduced_pending" : each.word;
            dossier.agency = each.agency;
            if (seen.insert(each.tax_code).second && in(each.day, each.agency))
                ++figures["enterprises.first_seen"];
        } else if (each.kind == "result") {
            if (each.supersedes.empty()) {
                original[each.id] = each.id;
                results[each.id] = each;
            } else {
                original[each.id] = original.at(each.supersedes);
                Told& standing = results.at(original.at(each.id));
                standing.word = each.word;
                if (in(each.day, each.agency)) ++figures["corrections.total"];
            }
        } else if (each.kind == "status") {
            if (in(each.day, each.agency)) ++figures["status." + each.word];
        } else if (each.kind == "declaration") {
            if (in(each.day, "customs.haiphong")) ++figures["declarations.registered"];
            Dossier& dossier = dossiers.at(each.dossier);
            if (dossier.method == "reduced_pending")
                dossier.method = each.draws ? "reduced_drawn" : "reduced_not_drawn";
        }
    }
    for (const auto& [number, dossier] : dossiers) {
        if (!in(dossier.day, dossier.agency)) continue;
        ++figures["dossiers.received"];
        ++figures["method." + dossier.method];
        ++figures["method.total"];
    }
    for (const auto& [id, result] : results) {
        if (!in(result.day, result.agency)) continue;
        ++figures["result." + result.word];
        ++figures["result.total"];
    }
    return figures;
}

RC_GTEST_PROP(FiguresAgainstARecount, AsOfEveryLeaf, ()) {
    StatisticsWorld world;
    std::vector<Told> told;
    std::vector<std::string> registered, undeclared;
    std::map<std::string, std::string> regimes;
    std::vector<Told> results;
    std::int32_t today = 18'870;  // 2021-08-31
    const int size = *rc::gen::inRange(1, 40);
    for (int i = 0; i < size; ++i) {
        today += *rc::gen::inRange(0, 4);
        Told now;
        now.day = {std::max(0, today - *rc::gen::element(0, 0, 0, 1, 40))};  // some come late
        const std::string time = format_date(now.day) + "T10:00:00+07:00";
        const int choice = registered.empty() ? 0 : *rc::gen::inRange(0, 10);
        const auto of_registered = [&] { return *rc::gen::elementOf(registered); };
        if (choice < 3) {
            now.kind = "registration";
            now.word = *rc::gen::element<std::string>("exempt", "reduced", "normal", "strict");
            now.regime = *rc::gen::element<std::string>("quality", "food_safety");
            now.agency = test::SimpleShipments::agency_of(now.regime);
            now.dossier = "D-" + std::to_string(i);
            const std::string importer = *rc::gen::element(test::toy_importer, test::fruit_importer,
                                                           std::string("importer.9900000048"));
            now.tax_code = importer.substr(9);
            world.registration(now.dossier, time, "P-" + now.word, now.regime, importer);
            registered.push_back(now.dossier);
            if (importer == test::toy_importer) undeclared.push_back(now.dossier);
            regimes[now.dossier] = now.regime;
        } else if (choice < 5) {
            now.kind = "status";
            now.word = *rc::gen::element<std::string>("received", "accepted", "refused");
            now.agency = *rc::gen::element<std::string>("most.qlcl", "mard.bvtv");
            world.status(of_registered(), time, now.word, now.agency);
        } else if (choice < 9 || undeclared.empty()) {
            now.kind = "result";
            now.id = "r-" + std::to_string(i);
            now.word = *rc::gen::element<std::string>("pass", "fail", "label_fail", "incomplete", "annulled");
            if (!results.empty() && *rc::gen::inRange(0, 2) == 0) {
                const Told earlier = *rc::gen::elementOf(results);
                now.supersedes = earlier.id;
                now.dossier = earlier.dossier;
            } else {
                now.dossier = of_registered();
            }
            now.agency = test::SimpleShipments::agency_of(regimes.at(now.dossier));
            world.result(now.id, now.dossier, time, now.word, now.supersedes, now.agency);
            results.push_back(now);
        } else {
            now.kind = "declaration";
            now.dossier = undeclared.back();
            undeclared.pop_back();
            now.draws = *rc::gen::arbitrary<bool>();
            now.tax_code = test::toy_importer.substr(9);
            const std::string number = std::to_string(10'400'000'000 + i) + "0";
            world.declaration(number, time, now.dossier, now.draws ? "DRAW" : "03CE");
        }
        told.push_back(now);
    }
    const std::vector<std::string> compared{"dossiers.received",    "enterprises.first_seen",
                                            "method.exempt",        "method.reduced_pending",
                                            "method.reduced_drawn", "method.normal",
                                            "method.strict",        "method.reduced_not_drawn",
                                            "method.total",         "status.received",
                                            "status.accepted",      "status.refused",
                                            "result.pass",          "result.fail",
                                            "result.annulled",      "result.label_fail",
                                            "result.incomplete",    "result.total",
                                            "corrections.total",    "declarations.registered"};
    for (int i = 0; i < 6; ++i) {
        // Leaf 0 is the genesis: the records of the first `as_of` leaves after it.
        const auto as_of = *rc::gen::inRange<std::size_t>(0, told.size() + 1);
        const Date from{18'800 + *rc::gen::inRange(0, 150)};
        const Date to{from.days + *rc::gen::inRange(0, 200)};
        const json::object answer =
            world.answer(format_date(from), format_date(to), as_of, {Grouping::agency, Grouping::month});
        const auto expected = recount(told, as_of, from, to, {});
        for (const std::string& name : compared) {
            const auto found = expected.find(name);
            RC_ASSERT(StatisticsWorld::of(answer, name) == (found == expected.end() ? 0 : found->second));
            // Groups of months are the parts of the whole.
            std::int64_t of_months = 0;
            for (const json::value& group : answer.at("groups").at("month").as_array())
                if (const auto* part = group.at("figures").as_object().if_contains(name))
                    of_months += part->as_int64();
            RC_ASSERT(of_months == StatisticsWorld::of(answer, name));
        }
        for (const json::value& group : answer.at("groups").at("agency").as_array()) {
            const std::string agency(group.at("group").as_string());
            const auto of_agency = recount(told, as_of, from, to, agency);
            for (const std::string& name : compared) {
                const auto* part = group.at("figures").as_object().if_contains(name);
                const auto found = of_agency.find(name);
                RC_ASSERT((part == nullptr ? 0 : part->as_int64()) ==
                          (found == of_agency.end() ? 0 : found->second));
            }
        }
    }
}

}  // namespace
}  // namespace socai::inspection
