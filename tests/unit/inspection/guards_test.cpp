// Designations, storage, channels, shipments under way, answers, and the sample shipments past every guard.
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <sstream>

#include "inspection/guards/clearance_answer.hpp"
#include "inspection/guards/storage.hpp"
#include "inspection/shipments/dossier_answer.hpp"
#include "inspection/shipments/under_way.hpp"
#include "tests/unit/inspection/shipment_world.hpp"

namespace socai::inspection {
namespace {

using test::refused;
using test::ShipmentWorld;

constexpr const char* number = "104000123450";

Date day(std::string_view text) {
    return parse_date(text).value();
}

// --- designations

TEST(Bodies, WriteResultsOnlyWithinScopeAndTerm) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.dossier("D2", "mango", "08045030", "food_safety"));
    EXPECT_TRUE(world.certificate("D1", "C1"));
    EXPECT_TRUE(refused(world.certificate("D2", "C2"), "designation_missing", "NĐ 85/2019/NĐ-CP Đ25.3",
                        "food_safety, HS 08045030"));
    EXPECT_TRUE(
        refused(world.certificate("D1", "C3", "conforming", "lot_certification", "issued", "lab.ex-03"),
                "designation_missing", "Đ26.1.d", "lab.ex-03"));
    world.at("2025-12-31T23:59:00+07:00");
    EXPECT_TRUE(world.certificate("D1", "C4"));
    world.at("2026-01-01T00:00:00+07:00");
    EXPECT_TRUE(refused(world.certificate("D1", "C5"), "designation_missing", "Đ25.3", "2026-01-01"));
    // What it gave, it may still take back.
    EXPECT_TRUE(world.certificate("D1", "C4", "conforming", "lot_certification", "withdrawn"));
}

TEST(Bodies, LoseTheRightFromTheDayOfTheirSuspension) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    const auto designate = [&](std::string_view id, std::string_view status, std::string_view from,
                               std::string_view to, std::string_view refs = "[]") {
        ASSERT_TRUE(world.add("most.tcvn", "conformity_body", id,
                              R"({"body_code":"cab.cn-09","status":")" + std::string(status) +
                                  R"(","scope":[{"regime":"quality","hs_prefix":"950300"}],"valid_from":")" +
                                  std::string(from) + R"(","valid_to":")" + std::string(to) + R"("})",
                              refs));
    };
    designate("stop", "suspended", "2021-07-01", "2021-07-31");
    const AssessedGoods doll{"quality", "95030021", {}};
    const auto may = [&](std::string_view when) {
        return designation_for(world.facts(), "cab.cn-09", doll, day(when)).has_value();
    };
    EXPECT_TRUE(may("2021-06-30"));
    EXPECT_FALSE(may("2021-07-01"));
    EXPECT_FALSE(may("2021-07-31"));
    EXPECT_TRUE(may("2021-08-01"));
    // The suspension is only of some of the goods.
    EXPECT_TRUE(designation_for(world.facts(), "cab.cn-09", {"quality", "95031000", {}}, day("2021-07-15")));
    designate("stop-2", "suspended", "2021-09-01", "2021-09-30", R"([["supersedes","most.tcvn","stop"]])");
    EXPECT_TRUE(may("2021-07-15"));
    EXPECT_FALSE(may("2021-09-15"));
    designate("end", "revoked", "2021-10-01", "2025-12-31");
    EXPECT_FALSE(may("2021-10-01"));
    world.at("2021-10-02T08:00:00+07:00");
    EXPECT_TRUE(refused(world.certificate("D1", "C1"), "designation_missing", "Đ25.3"));
}

TEST(Bodies, AStandardOutOfScopeIsNotCovered) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.add("most.tcvn", "conformity_body", "b-2",
                          R"({"body_code":"lab.ex-03","status":"registered","valid_from":"2021-01-01",
                              "scope":[{"regime":"quality","technical_regulation":"QCVN 3","hs_prefix":"9503"}]})"));
    const auto may = [&](std::string_view standard) {
        return designation_for(world.facts(), "lab.ex-03", {"quality", "95030021", std::string(standard)},
                               day("2021-06-01"))
            .has_value();
    };
    EXPECT_TRUE(may("QCVN 3"));
    EXPECT_TRUE(may(""));
    EXPECT_FALSE(may("QCVN 4"));
    // Registered bodies assess; they give customs no basis.
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.declaration(number, "D1"));
    ASSERT_TRUE(world.certificate("D1", "C1", "conforming", "lot_certification", "issued", "lab.ex-03"));
    EXPECT_TRUE(refused(world.clear(number), "clearance_without_basis", "Đ24.1"));
}

TEST(Agencies, InspectOnlyWhatTheListGivesThem) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    EXPECT_TRUE(refused(world.result("D1", "pass", "", "strict", "mard.bvtv"), "not_the_inspection_agency",
                        "NĐ 85/2019/NĐ-CP Đ21.4", "most.qlcl"));
    EXPECT_TRUE(refused(world.result("D1", "pass", "", "strict", "customs.haiphong"),
                        "not_the_inspection_agency", "Đ25.2", "customs.haiphong"));
    EXPECT_TRUE(refused(world.status("D1", "accepted", "mard.bvtv"), "not_the_inspection_agency", "Đ25.2"));
    EXPECT_TRUE(world.status("D1", "received", "customs.nsw"));
    // Customs and the Single Window hand on; they do not decide (Decree 132/2008 Art 7.2).
    EXPECT_TRUE(world.status("D1", "supplement_requested", "customs.haiphong"));
    for (const char* to : {"accepted", "confirmed", "refused"})
        for (const char* who : {"customs.haiphong", "customs.nsw"})
            EXPECT_TRUE(refused(world.status("D1", to, who), "not_the_inspection_agency", "Đ25.2", who));
    EXPECT_TRUE(world.status("D1", "accepted", "most"));  // stands above the agency
    EXPECT_TRUE(world.result("D1", "pass"));
}

TEST(Agencies, CustomsInspectsWhereTheListSaysSo) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(
        world.add("most.tcvn", "catalog_item", "list-pens",
                  R"({"list_code":"PENS","hs_code":"9608","inspection_agency":"customs","regimes":["quality"],
                              "inspection_stage":"before_clearance","valid_from":"2021-01-01"})"));
    ASSERT_TRUE(world.dossier("D1", "pen", "96081000"));
    EXPECT_TRUE(refused(world.result("D1", "pass", "", "strict", "most.qlcl", "", "pen"),
                        "not_the_inspection_agency", "Đ21.4", "customs"));
    EXPECT_TRUE(world.result("D1", "pass", "", "strict", "customs.haiphong", "", "pen"));
}

TEST(Agencies, AnyMayInspectWhatNoListNames) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1", "pen", "96081000"));
    EXPECT_TRUE(refused(world.result("D1", "pass", "", "strict", "customs.haiphong", "", "pen"),
                        "not_the_inspection_agency", "Đ21.4"));
    EXPECT_TRUE(world.status("D1", "accepted", "mard.bvtv"));
    EXPECT_TRUE(world.result("D1", "pass", "", "strict", "mard.bvtv", "", "pen"));
}

// --- storage

TEST(Storage, IsForbiddenByAnAlert) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.declaration(number));
    ASSERT_TRUE(world.alert("CB-1", R"({"goods_key":"doll"})", R"(["no_storage_release"])"));
    EXPECT_TRUE(refused(world.store(number), "storage_forbidden", "TT 38/2015/TT-BTC Đ32", "CB-1"));
    EXPECT_TRUE(refused(world.clear(number, "storage"), "storage_forbidden", "Đ27.3", "CB-1"));
    ASSERT_TRUE(world.declaration("104000777770", "", "pen", "96081000"));
    EXPECT_TRUE(world.store("104000777770"));
}

TEST(Storage, IsForbiddenAfterAFailure) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.declaration(number, "D1"));
    ASSERT_TRUE(world.result("D1", "fail", "i-1"));
    EXPECT_TRUE(refused(world.store(number), "storage_forbidden", "Đ27.2", "N-D1"));
    ASSERT_TRUE(
        world.result("D1", "pass", "i-2", "strict", "most.qlcl", R"(,["supersedes","most.qlcl","i-1"])"));
    EXPECT_TRUE(world.store(number));
}

TEST(Storage, IsForbiddenOverASignalOfNonConformity) {
    struct Case {
        const char *source, *data;
        bool forbids;
    };
    const Case cases[] = {
        {"most.qlcl", R"({"severity":"low","description":"x","declaration_no":"104000123450"})", false},
        {"most.qlcl",
         R"({"severity":"low","description":"x","declaration_no":"104000123450","status":"confirmed"})",
         true},
        {"customs.haiphong", R"({"severity":"high","description":"x","dossier_no":"D1"})", true},
        {"customs.haiphong",
         R"({"severity":"high","description":"x","dossier_no":"D1","valid_to":"2021-05-31"})", false},
        {"customs.haiphong",
         R"({"severity":"high","description":"x","dossier_no":"D1","status":"dismissed"})", false},
        {"cab.cn-09", R"({"severity":"high","description":"x","dossier_no":"D1"})", false},
        {"customs.haiphong", R"({"severity":"high","description":"x","dossier_no":"D2"})", false},
        {"most.qlcl", R"({"severity":"high","description":"x","goods_key":"doll"})", true},
        {"most.qlcl", R"({"severity":"high","description":"x","goods_key":"robot"})", false},
    };
    for (const Case& each : cases) {
        ShipmentWorld world = ShipmentWorld::ready();
        ASSERT_TRUE(world.dossier("D1"));
        ASSERT_TRUE(world.declaration(number, "D1"));
        ASSERT_TRUE(world.add(each.source, "risk_signal", "sig", each.data));
        const auto taken = world.store(number);
        EXPECT_EQ(static_cast<bool>(taken), !each.forbids) << each.data;
        if (each.forbids) {
            EXPECT_TRUE(refused(taken, "storage_forbidden", "Đ27.2", each.source));
            // Dismissed, it forbids nothing.
            ASSERT_TRUE(world.add(each.source, "risk_signal", "sig-2",
                                  R"({"severity":"high","description":"x","status":"dismissed"})",
                                  R"([["closes",")" + std::string(each.source) + R"(","sig"]])"));
            EXPECT_TRUE(world.store(number));
        }
    }
}

TEST(Storage, IsForbiddenForAYearAfterAViolation) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.declaration("104000777770"));
    ASSERT_TRUE(world.store("104000777770"));
    world.at("2021-06-10T08:00:00+07:00");
    ASSERT_TRUE(world.store("104000777770", "violated"));
    ASSERT_TRUE(world.declaration(number));
    world.at("2022-06-10T23:00:00+07:00");
    EXPECT_TRUE(refused(world.store(number), "storage_forbidden", "TT 38/2015/TT-BTC Đ32",
                        "đến hết ngày 10/06/2022"));
    world.at("2022-06-11T00:00:00+07:00");
    EXPECT_TRUE(world.store(number));
    // Another importer was never barred.
    world.at("2021-06-11T08:00:00+07:00");
    ASSERT_TRUE(world.declaration("104000888880", "", "doll", "95030021", "", "", "", "", "9900000048"));
    EXPECT_TRUE(world.store("104000888880"));
}

TEST(Storage, IsForbiddenForSixMonthsAfterALateResult) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.declaration("104000777770", "D1"));
    ASSERT_TRUE(world.store("104000777770"));  // due on 2021-07-01
    ASSERT_TRUE(world.declaration(number));
    const auto allowed = [&](std::string_view when) {
        return may_be_stored(world.facts(), world.declaration_at(number), day(when)).allowed;
    };
    EXPECT_TRUE(allowed("2021-07-01"));
    EXPECT_FALSE(allowed("2021-07-02"));  // overdue, and still open
    EXPECT_FALSE(allowed("2022-01-01"));
    EXPECT_TRUE(allowed("2022-01-02"));
    ShipmentWorld in_time = world;
    in_time.at("2021-07-01T16:00:00+07:00");
    ASSERT_TRUE(in_time.result("D1", "pass"));
    EXPECT_TRUE(may_be_stored(in_time.facts(), in_time.declaration_at(number), day("2021-07-02")).allowed);
    world.at("2021-08-01T16:00:00+07:00");
    ASSERT_TRUE(world.store("104000777770", "ended"));
    EXPECT_FALSE(allowed("2021-08-02"));
    EXPECT_TRUE(allowed("2022-01-02"));
}

TEST(Storage, EndsWithTheClearance) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.declaration("104000777770", "D1"));
    ASSERT_TRUE(world.store("104000777770"));
    ASSERT_TRUE(world.certificate("D1", "C1"));
    ASSERT_TRUE(world.clear("104000777770"));
    ASSERT_TRUE(world.declaration(number));
    EXPECT_TRUE(may_be_stored(world.facts(), world.declaration_at(number), day("2021-12-01")).allowed);
    // Cancelled, it is forgotten.
    ASSERT_TRUE(world.store(number));
    ASSERT_TRUE(
        world.declaration("104000123451", "", "doll", "95030021", std::string("t-") + number, "cancelled"));
    ASSERT_TRUE(world.declaration("104000888880"));
    EXPECT_TRUE(
        may_be_stored(world.facts(), world.declaration_at("104000888880"), day("2021-12-01")).allowed);
}

// --- channels

TEST(Channel, IsNotLighterThanTheMethodEvenWithoutATable) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.declaration(number, "D1"));
    for (const char* lighter : {"none", "exempt", "reduced", "normal"})
        EXPECT_TRUE(refused(world.channel(number, "green", lighter, "low"), "channel_lighter_than_method",
                            "TT 81/2019/TT-BTC Đ22", lighter));
    EXPECT_TRUE(world.channel(number, "green", "strict", "low"));
    ASSERT_TRUE(world.declaration("104000777770", "", "pen", "96081000"));
    EXPECT_TRUE(world.channel("104000777770", "green", "none", "low"));
}

TEST(Channel, IsHeldToTheTable) {
    ShipmentWorld world = ShipmentWorld::ready();
    world.world().add_file("data/risk_table.jsonl");
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.declaration(number, "D1"));
    EXPECT_TRUE(refused(world.channel(number, "red", "normal", "high"), "channel_contradicts_table",
                        "TT 81/2019/TT-BTC Đ16, Đ17, Đ22", "cell red x strict"));
    EXPECT_TRUE(refused(world.channel(number, "green", "strict", "high"), "channel_contradicts_table", "Đ22",
                        "risk-2021@1, row strict"));
    EXPECT_TRUE(refused(world.channel(number, "yellow", "strict", "low"), "channel_contradicts_table", "Đ22",
                        "medium"));
    EXPECT_TRUE(world.channel(number, "yellow", "strict", "medium"));
    ASSERT_TRUE(world.alert("CB-1", R"({"goods_key":"doll"})", R"(["method_strict"])"));
    EXPECT_TRUE(refused(world.channel(number, "yellow", "strict", "high"), "channel_contradicts_table", "Đ22",
                        "row alert"));
    EXPECT_TRUE(world.channel(number, "red", "strict", "high"));
}

TEST(Channel, RowsAskForComplianceMethodAlertAndOrigin) {
    ShipmentWorld world = ShipmentWorld::ready();
    world.world().add_file("data/risk_table.jsonl");
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.declaration(number, "D1"));
    const auto row = [&](Method method, std::optional<bool> drawn, std::optional<int> compliance) {
        world.set_method(number, method, drawn);
        const Date now = date_of(world.now_ms);
        const Declaration declaration = world.declaration_at(number);
        return find_risk(risk_table_on(world.facts(), now).value(),
                         may_be_cleared(world.facts(), world.rules(), declaration, now), declaration,
                         compliance)
            .row;
    };
    EXPECT_EQ(row(Method::strict, {}, {}), "row strict");
    EXPECT_EQ(row(Method::strict, {}, 4), "row strict_poor_compliance");
    EXPECT_EQ(row(Method::normal, {}, 5), "row poor_compliance");
    EXPECT_EQ(row(Method::normal, {}, 4), "row low_compliance");
    EXPECT_EQ(row(Method::reduced, false, 1), "row all_others");
    EXPECT_EQ(row(Method::exempt, {}, {}), "row all_others");
    ASSERT_TRUE(world.dossier("D9", "robot", "95030021"));
    ASSERT_TRUE(world.alert("CB-1", R"({"goods_key":"robot"})", R"(["method_strict"])"));
    EXPECT_EQ(row(Method::normal, {}, 1), "row near_alert");
}

TEST(Channel, TheTableThatBeganLastIsInForce) {
    ShipmentWorld world = ShipmentWorld::ready();
    const auto table = [&](std::string_view id, std::string_view from, std::string_view refs = "[]") {
        ASSERT_TRUE(world.add(
            "customs", "risk_table", id,
            R"({"table":")" + std::string(id) + R"(@1","effective_from":")" + std::string(from) +
                R"(","rows":[{"row":"all","origins":["ID"],"risk_level":"high","customs_channel":"red"}],
                                     "cells":[{"customs_channel":"red","methods":["strict"],"measures":[]}]})",
            refs));
    };
    table("b", "2021-03-01");
    table("a", "2021-02-01");
    EXPECT_EQ(risk_table_on(world.facts(), day("2021-02-15"))->name, "a@1");
    EXPECT_EQ(risk_table_on(world.facts(), day("2021-06-15"))->name, "b@1");
    EXPECT_FALSE(risk_table_on(world.facts(), day("2021-01-31")));
    table("c", "2021-05-01", R"([["supersedes","customs","b"]])");
    EXPECT_EQ(risk_table_on(world.facts(), day("2021-04-01"))->name, "a@1");
    // A channel without a cell for the method is none.
    world.at("2021-06-15T08:00:00+07:00");
    ASSERT_TRUE(world.declaration(number, "", "pen", "96081000"));
    EXPECT_TRUE(refused(world.channel(number, "red", "strict", "high"), "channel_contradicts_table", "Đ22",
                        "column exempt"));
}

// --- under way

TEST(UnderWay, AnAlertTellsTheShipmentsThatItTouches) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.dossier("D2", "robot", "95030021"));
    ASSERT_TRUE(world.dossier("D3", "mango", "08045030", "food_safety"));
    ASSERT_TRUE(world.declaration(number, "D1"));
    const auto touched = [&](AlertScope scope, std::size_t limit = 100) {
        Alert alert;
        alert.scope = std::move(scope);
        std::string names;
        for (const ShipmentUnderWay& each : touched_by(world.facts(), alert, limit))
            names += (names.empty() ? "" : " ") + each.dossier_no + each.declaration_no +
                     (each.match == AlertMatch::near ? "?" : "");
        return names;
    };
    EXPECT_EQ(touched({.goods_key = "doll"}), "10400012345 D1 D2?");
    EXPECT_EQ(touched({.goods_key = "unknown"}), "");
    EXPECT_EQ(touched({.hs_prefix = "0804"}), "D3");
    EXPECT_EQ(touched({.hs_prefix = "9503", .origin_country = "CN"}), "");
    EXPECT_EQ(touched({.origin_country = "ID"}), "D3 10400012345 D1 D2");
    EXPECT_EQ(touched({.origin_country = "ID"}, 2), "D3 10400012345");
    EXPECT_EQ(touched({.manufacturer_site_id = "SITE-1"}), "D3 10400012345 D1 D2");
    EXPECT_EQ(touched({.tax_code = "9900000016"}), "D3 10400012345 D1 D2");
    EXPECT_EQ(touched({.tax_code = "9900000048"}), "");
    // Each ends in its own way.
    ASSERT_TRUE(world.status("D2", "withdrawn"));
    ASSERT_TRUE(world.result("D1", "pass"));
    ASSERT_TRUE(world.clear(number));
    EXPECT_EQ(touched({.goods_key = "doll"}), "");
    ASSERT_TRUE(world.status("D3", "refused", "mard.bvtv"));
    EXPECT_EQ(touched({.origin_country = "ID"}), "");
}

// --- answers

TEST(Answers, ClearanceIsForAgenciesAndTheImporter) {
    ShipmentWorld world = ShipmentWorld::ready();
    world.world().add_file("data/risk_table.jsonl");
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.declaration(number, "D1"));
    const auto ask = [&](const Viewer& viewer) {
        return clearance_answer(world.facts(), world.rules(), {number, world.now_ms}, viewer, nullptr);
    };
    EXPECT_FALSE(ask({}));
    EXPECT_FALSE(ask({false, "9900000048"}));
    ASSERT_TRUE(ask({false, "9900000016"}));
    EXPECT_FALSE(ask({false, "9900000016"})->contains("risk"));
    EXPECT_FALSE(
        clearance_answer(world.facts(), world.rules(), {"999999999990", world.now_ms}, {true, ""}, nullptr));
    const auto answer = ask({true, ""}).value();
    EXPECT_FALSE(answer.at("may_be_cleared").as_bool());
    const auto& item = answer.at("items").at(0).as_object();
    EXPECT_EQ(item.at("method").as_string(), "strict");
    EXPECT_EQ(item.at("missing").at(0).at("missing").as_string(), "inspection_result");
    EXPECT_EQ(answer.at("risk").at("row").as_string(), "row strict");
    EXPECT_EQ(answer.at("next_steps").at(0).at("what").as_string(), "channel_decision");
    EXPECT_EQ(answer.at("next_steps").at(1).at("who").as_string(), "most.qlcl");
    EXPECT_TRUE(answer.at("storage").at("allowed").as_bool());
    ASSERT_TRUE(world.result("D1", "pass"));
    EXPECT_EQ(ask({true, ""})->at("basis").as_string(), "inspection_result");
    // A trader does not see an alert that its issuer keeps to the agencies.
    ASSERT_TRUE(world.alert("CB-SECRET", R"({"goods_key":"doll"})", R"(["method_strict"])"));
    EXPECT_NE(boost::json::serialize(*ask({true, ""})).find("CB-SECRET"), std::string::npos);
    EXPECT_EQ(boost::json::serialize(*ask({false, "9900000016"})).find("CB-SECRET"), std::string::npos);
}

TEST(Answers, ADossierFromRegistrationToClearance) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    const auto ask = [&](const Viewer& viewer) { return dossier_answer(world.facts(), "D1", viewer, {}); };
    EXPECT_FALSE(ask({}));
    EXPECT_FALSE(ask({false, "9900000048"}));
    EXPECT_EQ(ask({true, ""})->at("state").as_string(), "submitted");
    EXPECT_EQ(ask({true, ""})->at("method").at("reason").as_string(), "not_certified");
    ASSERT_TRUE(world.declaration(number, "D1"));
    ASSERT_TRUE(world.certificate("D1", "C1"));
    ASSERT_TRUE(world.result("D1", "fail", "i-1"));
    EXPECT_EQ(ask({true, ""})->at("next_steps").at(0).at("what").as_string(), "remedy_order");
    ASSERT_TRUE(
        world.result("D1", "pass", "i-2", "strict", "most.qlcl", R"(,["supersedes","most.qlcl","i-1"])"));
    ASSERT_TRUE(world.clear(number));
    const auto answer = ask({false, "9900000016"}).value();
    EXPECT_EQ(answer.at("result").at("outcome").as_string(), "pass");
    EXPECT_EQ(answer.at("results").as_array().size(), 2u);
    EXPECT_EQ(answer.at("declaration").at("clearance").at("decision").as_string(), "cleared");
    EXPECT_TRUE(answer.at("next_steps").as_array().empty());
}

// --- the samples

TEST(SampleShipments, PassEveryGuardAndHaveTheirMethods) {
    ShipmentWorld world;
    world.world().add_file("data/rule_sets.jsonl");
    world.world().add_file("data/risk_table.jsonl");
    for (const char* name : {"data/shipment_toys.jsonl", "data/shipment_mangosteen.jsonl"}) {
        std::istringstream lines(test::file_text(name));
        for (std::string line; std::getline(lines, line);) {
            const auto record = ledger::parse_record(line).value();
            const auto taken = world.world().add(record);
            ASSERT_TRUE(taken) << taken.error().detail << line;
            if (record.kind() != "method_determination") continue;
            const auto& data = record.data();
            const Dossier dossier = world.dossier_at(std::string_view(data.at("dossier_no").as_string()));
            EXPECT_EQ(word(dossier.determination.method), std::string_view(data.at("method").as_string()));
            EXPECT_EQ(word(dossier.determination.reason), std::string_view(data.at("reason").as_string()));
            EXPECT_FALSE(dossier.stricter);
        }
    }
    EXPECT_EQ(world.declaration_at(number).clearance->basis, "inspection_result");
    const Dossier fruit = world.dossier_at("NSW-BNN-2021-0101993");
    EXPECT_TRUE(fruit.goods_gone());
    EXPECT_EQ(fruit.results.size(), 2u);
    const Date later = date_of(ledger::parse_rfc3339("2021-05-21T08:00:00+07:00").value());
    EXPECT_FALSE(may_be_cleared(world.facts(), world.rules(), world.declaration_at("104000777120"), later)
                     .may_be_cleared);
}

}  // namespace
}  // namespace socai::inspection
