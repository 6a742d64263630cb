// May it be cleared: each basis, what voids it, and random shipments against a slow model written from the law.
#include "inspection/guards/clearance.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <stdexcept>

#include "tests/unit/inspection/rule_sets.hpp"
#include "tests/unit/inspection/shipment_world.hpp"

namespace socai::inspection {
namespace {

using test::refused;
using test::ShipmentWorld;

constexpr const char* number = "104000123450";
constexpr const char* article = "NĐ 85/2019/NĐ-CP Đ24.1";

ShipmentWorld declared(std::string_view goods_key = "doll", std::string_view hs = "95030021",
                       std::string_view regime = "quality") {
    ShipmentWorld world = ShipmentWorld::ready();
    EXPECT_TRUE(world.dossier("D1", goods_key, hs, regime));
    EXPECT_TRUE(world.declaration(number, "D1", goods_key, hs));
    return world;
}

TEST(Clearance, IsRefusedBeforeTheResultIsThere) {
    ShipmentWorld world = declared();
    EXPECT_TRUE(refused(world.clear(number), "clearance_without_basis", article, "line 1, quality"));
    EXPECT_TRUE(refused(world.clear(number, "released"), "clearance_without_basis", article, "D1"));
    EXPECT_TRUE(world.clear(number, "refused"));
    ASSERT_TRUE(world.result("D1", "pass"));
    ASSERT_TRUE(world.clear(number));
    EXPECT_EQ(world.declaration_at(number).clearance->basis, "inspection_result");
}

TEST(Clearance, GoodsThatNoListNamesAreFree) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.declaration(number, "", "pen", "96081000"));
    EXPECT_TRUE(
        refused(world.clear(number, "cleared", "exempt"), "clearance_basis_missing", article, "not_listed"));
    EXPECT_TRUE(world.clear(number, "cleared", "not_listed"));
}

TEST(Clearance, ListedGoodsWithoutADossierAreNot) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.declaration(number));
    EXPECT_TRUE(refused(world.clear(number), "clearance_without_basis", article, "carries no dossier"));
}

TEST(Clearance, ABasisThatDoesNotStandIsRefused) {
    ShipmentWorld world = declared();
    ASSERT_TRUE(world.result("D1", "pass"));
    EXPECT_TRUE(refused(world.clear(number, "cleared", "conformity_result"), "clearance_basis_missing",
                        article, "inspection_result"));
    EXPECT_TRUE(world.clear(number, "cleared", "inspection_result"));
}

TEST(Clearance, ExemptGoodsUnlessAnAlertIsInForce) {
    ShipmentWorld world = declared();
    world.set_method(number, Method::exempt);
    const Date day = date_of(world.now_ms);
    EXPECT_TRUE(
        may_be_cleared(world.facts(), world.rules(), world.declaration_at(number), day).may_be_cleared);
    for (const char* effect : {R"(["method_strict"])", R"(["no_exemption"])"}) {
        ShipmentWorld alerted = declared();
        alerted.set_method(number, Method::exempt);
        ASSERT_TRUE(alerted.alert("CB-1", R"({"goods_key":"doll"})", effect));
        EXPECT_TRUE(refused(alerted.clear(number), "clearance_without_basis", article, "CB-1"));
        ASSERT_TRUE(alerted.result("D1", "pass"));
        EXPECT_TRUE(alerted.clear(number));
    }
    ShipmentWorld stored = declared();
    stored.set_method(number, Method::exempt);
    ASSERT_TRUE(stored.alert("CB-1", R"({"goods_key":"doll"})", R"(["no_storage_release"])"));
    EXPECT_TRUE(stored.clear(number, "cleared", "exempt"));
}

TEST(Clearance, ReducedShipmentsThatTheDrawPassedOver) {
    ShipmentWorld over = declared();
    over.set_method(number, Method::reduced, false);
    EXPECT_TRUE(over.clear(number, "cleared", "reduced_not_drawn"));
    ShipmentWorld drawn = declared();
    drawn.set_method(number, Method::reduced, true);
    EXPECT_TRUE(refused(drawn.clear(number), "clearance_without_basis", article, "reduced"));
    ASSERT_TRUE(drawn.result("D1", "pass", "", "reduced"));
    EXPECT_TRUE(drawn.clear(number, "cleared", "inspection_result"));
    ShipmentWorld alerted = declared();
    alerted.set_method(number, Method::reduced, false);
    ASSERT_TRUE(alerted.alert("CB-1", R"({"goods_key":"doll"})", R"(["no_exemption"])"));
    EXPECT_TRUE(refused(alerted.clear(number), "clearance_without_basis", article, "CB-1"));
}

TEST(Clearance, AResultOfALighterInspectionIsNone) {
    ShipmentWorld world = declared();
    ASSERT_TRUE(world.result("D1", "pass", "i-1", "normal"));
    EXPECT_TRUE(refused(world.clear(number), "clearance_without_basis", article, "strict"));
    ASSERT_TRUE(
        world.result("D1", "pass", "", "strict", "most.qlcl", R"(,["supersedes","most.qlcl","i-1"])"));
    EXPECT_TRUE(world.clear(number));
}

TEST(Clearance, CertificatesOfDesignatedBodies) {
    ShipmentWorld world = declared();
    ASSERT_TRUE(world.certificate("D1", "T1", "conforming", "test_report"));
    EXPECT_TRUE(
        refused(world.clear(number), "clearance_without_basis", article));  // a test report is no certificate
    ASSERT_TRUE(world.certificate("D1", "C0", "non_conforming"));
    EXPECT_TRUE(refused(world.clear(number), "clearance_without_basis", article));
    ASSERT_TRUE(world.certificate("D1", "C1"));
    ASSERT_TRUE(world.certificate("D1", "C1", "conforming", "lot_certification", "suspended"));
    EXPECT_TRUE(refused(world.clear(number), "clearance_without_basis", article));
    ASSERT_TRUE(world.certificate("D1", "C1", "conforming", "lot_certification", "restored"));
    ASSERT_TRUE(world.clear(number));
    EXPECT_EQ(world.declaration_at(number).clearance->basis, "conformity_result");
}

TEST(Clearance, AFailureBlocksWhateverElseStands) {
    ShipmentWorld world = declared();
    ASSERT_TRUE(world.certificate("D1", "C1"));
    ASSERT_TRUE(world.result("D1", "fail", "i-1"));
    EXPECT_TRUE(refused(world.clear(number), "clearance_without_basis", article, "N-D1"));
    world.set_method(number, Method::exempt);
    EXPECT_TRUE(refused(world.clear(number), "clearance_without_basis", article, "fail"));
    ASSERT_TRUE(
        world.result("D1", "pass", "i-2", "strict", "most.qlcl", R"(,["supersedes","most.qlcl","i-1"])"));
    EXPECT_TRUE(world.clear(number));
}

TEST(Clearance, FollowsARemedyUnlessTheGoodsAreGone) {
    for (const char* remedy : {"recycle", "re_export"}) {
        ShipmentWorld world = declared();
        ASSERT_TRUE(world.result("D1", "fail", "i-1"));
        ASSERT_TRUE(world.add("most.qlcl", "remedy_order", "o-1",
                              R"({"dossier_no":"D1","allowed":["re_export","recycle"],"due":"2021-07-01"})"));
        ASSERT_TRUE(
            world.add("customs.haiphong", "remedy_completion", "done",
                      R"({"dossier_no":"D1","remedy":")" + std::string(remedy) + R"(","completed_at":"x"})",
                      R"([["closes","most.qlcl","o-1"]])"));
        EXPECT_TRUE(refused(world.clear(number), "clearance_without_basis",
                            article));  // remedied, and not yet passed
        ASSERT_TRUE(world.result("D1", "pass"));
        if (std::string_view(remedy) == "recycle")
            EXPECT_TRUE(world.clear(number));
        else
            EXPECT_TRUE(refused(world.clear(number), "clearance_without_basis", article, "gone"));
    }
}

// The certificate is from before the failure: it does not speak for goods that were made anew.
TEST(Clearance, AfterARemedyOnlyANewResultSpeaks) {
    ShipmentWorld world = declared();
    ASSERT_TRUE(world.certificate("D1", "C1"));
    ASSERT_TRUE(world.result("D1", "fail", "i-1"));
    const auto order = [&](std::string_view source, std::string_view id) {
        return world.add(source, "remedy_order", id,
                         R"({"dossier_no":"D1","allowed":["recycle"],"due":"2021-07-01"})");
    };
    EXPECT_TRUE(refused(order("mard.bvtv", "o-0"), "remedy_by_stranger", "Đ8.2", "mard.bvtv"));
    ASSERT_TRUE(order("most.qlcl", "o-1"));
    const auto complete = [&](std::string_view source) {
        return world.add(source, "remedy_completion", world.next_id("rc"),
                         R"({"dossier_no":"D1","remedy":"recycle","completed_at":"x"})",
                         R"([["closes","most.qlcl","o-1"]])");
    };
    EXPECT_TRUE(refused(complete("mard.bvtv"), "remedy_by_stranger", "Đ8.2"));
    ASSERT_TRUE(complete("customs.haiphong"));
    EXPECT_TRUE(
        refused(world.clear(number), "clearance_without_basis", article, "a passing result must follow"));
    ASSERT_TRUE(world.result("D1", "pass"));
    EXPECT_TRUE(world.clear(number));
}

// A line that leaves its goods key out is about the goods of its dossier all the same.
TEST(Clearance, ALineWithoutAKeyEscapesNoAlert) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1", "doll", "95030021", "quality", R"(,"circumstances":["sample"])"));
    ASSERT_TRUE(world.declaration(number, "D1", ""));
    EXPECT_EQ(world.declaration_at(number).items.front().goods.goods_key, "doll");
    ASSERT_TRUE(world.alert("CB-1", R"({"goods_key":"doll"})", R"(["no_exemption","no_storage_release"])"));
    EXPECT_TRUE(refused(world.clear(number), "clearance_without_basis", article));
    EXPECT_TRUE(refused(world.store(number), "storage_forbidden", "Đ27", "CB-1"));
}

TEST(Clearance, AUnitOfAnEnterpriseIsTheSameImporter) {
    for (const char* importer : {"9900000016", "9900000016001"}) {
        ShipmentWorld world = ShipmentWorld::ready();
        ASSERT_TRUE(world.dossier("D1", "doll", "95030021", "quality", R"(,"circumstances":["exhibition"])"));
        ASSERT_TRUE(world.declaration(number, "D1", "doll", "95030021", "", "", "", "", importer));
        ASSERT_TRUE(world.alert("CB-1", R"({"tax_code":"9900000016"})", R"(["no_exemption"])"));
        EXPECT_TRUE(refused(world.clear(number), "clearance_without_basis", article, "CB-1")) << importer;
    }
}

TEST(Clearance, AKeyIsOfItsOwnGoodsAndSaysWhichAreMeant) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    EXPECT_TRUE(
        refused(world.declaration(number, "", "doll", "95045010"), "key_of_other_goods", "Đ29", "95045010"));
    ASSERT_TRUE(world.dossier("D2", "bear"));
    const auto lines = [&](const std::string& refs, const std::string& items) {
        return world.add(
            "customs.haiphong", "customs_declaration", world.next_id("t"),
            R"({"declaration_no":")" + std::string(number) +
                R"(","version":0,"type_code":"A11","office":"03CE","registered_at":"2021-06-01T08:00:00+07:00",
                                 "importer_tax_code":"9900000016","items":[)" +
                items + "]}",
            refs);
    };
    const auto line = [](int n) {
        return R"({"line":)" + std::to_string(n) + R"(,"hs_code":"95030021","origin":"ID"})";
    };
    const std::string first = R"(["carries","importer.9900000016","r-D1"])";
    const std::string second = R"(["carries","importer.9900000016","r-D2"])";
    EXPECT_TRUE(refused(lines("[" + first + "," + second + "]", line(1)), "goods_key_needed", "Đ29", "D2"));
    EXPECT_TRUE(
        refused(lines("[" + first + "]", line(1) + "," + line(2)), "goods_key_needed", "Đ29", "line 2"));
    EXPECT_TRUE(lines("[" + first + "]", line(1)));
}

TEST(Clearance, RegimesWithoutARuleSetAreRecordedButAFailureBlocks) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1", "mango", "08045030", "food_safety"));
    ASSERT_TRUE(world.dossier("D2", "mango", "08045030", "plant_quarantine"));
    ASSERT_TRUE(
        world.add("customs.haiphong", "customs_declaration", "t-1",
                  R"({"declaration_no":"104000123450","version":0,"type_code":"A11","office":"X",
                              "registered_at":"2021-06-01T08:00:00+07:00","importer_tax_code":"9900000016",
                              "items":[{"line":1,"hs_code":"08045030","origin":"ID","goods_key":"mango"}]})",
                  R"([["carries","importer.9900000016","r-D1"],["carries","importer.9900000016","r-D2"]])"));
    ASSERT_TRUE(world.result("D1", "pass", "", "normal", "mard.bvtv", "", "mango"));
    const Date day = date_of(world.now_ms);
    const auto verdict = may_be_cleared(world.facts(), world.rules(), world.declaration_at(number), day);
    ASSERT_EQ(verdict.items.size(), 2u);
    EXPECT_TRUE(verdict.items[0].needs_basis);
    EXPECT_FALSE(verdict.items[1].needs_basis);
    EXPECT_TRUE(verdict.may_be_cleared) << verdict.text_en();
    ASSERT_TRUE(world.result("D2", "fail", "", "normal", "mard.bvtv", "", "mango"));
    EXPECT_TRUE(refused(world.clear(number), "clearance_without_basis", article, "plant_quarantine"));
}

TEST(Clearance, OnTheConfirmedRegistrationUnderDecree132) {
    for (const char* level : {"level_1", "level_2", "level_3"}) {
        ShipmentWorld world;
        ASSERT_TRUE(world.world().add(test::rule_set_record("nd132-2008@1")));
        ASSERT_TRUE(world.add(
            "most.tcvn", "catalog_item", "list",
            R"({"list_code":"TOYS","hs_code":"9503","inspection_agency":"most.qlcl","regimes":["quality"],
                                  "inspection_stage":"before_clearance","management_level":")" +
                std::string(level) + R"(","valid_from":"2021-01-01"})"));
        ASSERT_TRUE(world.dossier("D1"));
        ASSERT_TRUE(world.declaration(number, "D1"));
        world.set_method(number, Method::normal);
        EXPECT_TRUE(refused(world.clear(number), "clearance_without_basis", article, "D1"));
        ASSERT_TRUE(world.status("D1", "confirmed"));
        if (std::string_view(level) == "level_3") {
            EXPECT_TRUE(refused(world.clear(number), "clearance_without_basis", article));
            continue;
        }
        const Date day = date_of(world.now_ms);
        EXPECT_TRUE(
            may_be_cleared(world.facts(), world.rules(), world.declaration_at(number), day).may_be_cleared);
        world.set_method(number, Method::strict);
        EXPECT_FALSE(
            may_be_cleared(world.facts(), world.rules(), world.declaration_at(number), day).may_be_cleared);
        world.set_method(number, Method::normal);
        EXPECT_TRUE(world.clear(number, "cleared", "registration_confirmed"));
    }
}

// Decree 85/2019 Art 24.1 is about the goods that are inspected before clearance.
TEST(Clearance, GoodsOfTheListAfterClearanceNeedNothingFirst) {
    for (const char* stage : {"before_clearance", "after_clearance"}) {
        ShipmentWorld world;
        ASSERT_TRUE(world.world().add(test::rule_set_record("qd38-2021@1")));
        ASSERT_TRUE(world.add(
            "most.tcvn", "catalog_item", "list",
            R"({"list_code":"TOYS","hs_code":"9503","inspection_agency":"most.qlcl","regimes":["quality"],
                                  "inspection_stage":")" +
                std::string(stage) + R"(","valid_from":"2021-01-01"})"));
        ASSERT_TRUE(world.dossier("D1"));
        ASSERT_TRUE(world.declaration(number, "D1"));
        const auto verdict = [&] {
            return may_be_cleared(world.facts(), world.rules(), world.declaration_at(number),
                                  date_of(world.now_ms));
        };
        EXPECT_EQ(verdict().may_be_cleared, std::string_view(stage) == "after_clearance");
        if (!verdict().may_be_cleared) continue;
        ASSERT_TRUE(world.alert("CB-1", R"({"goods_key":"doll"})", R"(["method_strict"])"));
        const std::string raised = "a" + world.last_number();
        EXPECT_FALSE(verdict().may_be_cleared);
        ASSERT_TRUE(world.alert("CB-1", R"({"goods_key":"doll"})", R"(["method_strict"])",
                                R"(,"status":"lifted")", R"([["closes","most.qlcl",")" + raised + R"("]])"));
        ASSERT_TRUE(verdict().may_be_cleared);
        ASSERT_TRUE(world.result("D1", "fail"));
        EXPECT_FALSE(verdict().may_be_cleared);
    }
}

TEST(Clearance, WhatCustomsMadeStricterCounts) {
    ShipmentWorld world = declared("mango", "08045030", "food_safety");
    ASSERT_TRUE(world.add(
        "customs.haiphong", "method_determination", "m-1",
        R"({"dossier_no":"D1","goods_key":"mango","ruleset":"nd15-2018@1","method":"strict","reason":"doubt",
                              "legal_basis":["NĐ 132/2008 Đ7.6"]})"));
    ASSERT_TRUE(world.result("D1", "pass", "i-1", "normal", "mard.bvtv", "", "mango"));
    EXPECT_TRUE(refused(world.clear(number), "clearance_without_basis", article, "strict"));
    ASSERT_TRUE(world.result("D1", "pass", "i-2", "strict", "mard.bvtv",
                             R"(,["supersedes","mard.bvtv","i-1"])", "mango"));
    EXPECT_TRUE(world.clear(number));
}

// Mangoes that three passes under normal inspection have made reduced.
ShipmentWorld reduced_mangoes() {
    ShipmentWorld world = ShipmentWorld::ready();
    for (const char* no : {"P1", "P2", "P3"}) {
        EXPECT_TRUE(world.dossier(no, "mango", "08045030", "food_safety"));
        EXPECT_TRUE(world.result(no, "pass", "", "normal", "mard.bvtv", "", "mango"));
    }
    EXPECT_TRUE(world.dossier("D1", "mango", "08045030", "food_safety"));
    EXPECT_EQ(world.dossier_at("D1").method(), Method::reduced);
    EXPECT_FALSE(
        world.dossier_at("D1").determination.drawn);  // nothing is drawn before the declaration is there
    EXPECT_TRUE(world.declaration(number, "D1", "mango", "08045030"));
    return world;
}

const Determination& food_safety(const Declaration& declaration) {
    for (const Determination& each : declaration.items.at(0).determinations)
        if (each.regime == "food_safety") return each;
    throw std::logic_error("not determined");
}

TEST(Clearance, AmendedDeclarationsKeepTheirDraw) {
    ShipmentWorld world = reduced_mangoes();
    const auto first = food_safety(world.declaration_at(number)).drawn;
    ASSERT_TRUE(first);
    ASSERT_TRUE(world.declaration("104000123451", "D1", "mango", "08045030", std::string("t-") + number));
    const auto second = food_safety(world.declaration_at(number)).drawn;
    ASSERT_TRUE(second);
    EXPECT_EQ(second->ticket, first->ticket);
    EXPECT_EQ(second->at, first->at);
}

// The goods are the same shipment, whatever number they get (design/domain.md 7).
TEST(Clearance, FiledAgainUnderTheSameBillKeepsTheDraw) {
    ShipmentWorld world = reduced_mangoes();
    const auto file = [&](const std::string& no, std::string_view id, std::string_view former = "",
                          std::string_view status = "") {
        return world.declaration(no, "D1", "mango", "08045030", former, status, id, "BL-9");
    };
    ASSERT_TRUE(world.declaration("104000123451", "D1", "mango", "08045030", std::string("t-") + number,
                                  "cancelled"));
    ASSERT_TRUE(file("104000777000", "f-1"));
    const auto first = food_safety(world.declaration_at("104000777000")).drawn;
    ASSERT_TRUE(first);
    ASSERT_TRUE(file("104000777001", "f-2", "f-1", "cancelled"));
    ASSERT_TRUE(file("104000888000", "f-3"));
    EXPECT_EQ(food_safety(world.declaration_at("104000888000")).drawn->at, first->at);
}

TEST(Clearance, CancelledAndFiledAgainKeepsTheDrawOfTheSameNumberOnly) {
    ShipmentWorld world = reduced_mangoes();
    const auto first = food_safety(world.declaration_at(number)).drawn;
    ASSERT_TRUE(world.declaration("104000123451", "D1", "mango", "08045030", std::string("t-") + number,
                                  "cancelled"));
    ASSERT_TRUE(world.declaration(number, "D1", "mango", "08045030", "", "", "again"));
    EXPECT_EQ(food_safety(world.declaration_at(number)).drawn->at, first->at);
    ASSERT_TRUE(world.declaration("104000123452", "D1", "mango", "08045030", "again", "cancelled"));
    ASSERT_TRUE(world.declaration("104000999990", "D1", "mango", "08045030"));
    EXPECT_NE(food_safety(world.declaration_at("104000999990")).drawn->at, first->at);
}

TEST(Clearance, AnAmendmentDoesNotMakeTheMethodLighter) {
    ShipmentWorld world = declared("mango", "08045030", "food_safety");
    ASSERT_EQ(food_safety(world.declaration_at(number)).method, Method::normal);
    for (const char* no : {"P1", "P2", "P3"}) {
        ASSERT_TRUE(world.dossier(no, "mango", "08045030", "food_safety"));
        ASSERT_TRUE(world.result(no, "pass", "", "normal", "mard.bvtv", "", "mango"));
    }
    ASSERT_TRUE(world.declaration("104000123451", "D1", "mango", "08045030", std::string("t-") + number));
    EXPECT_EQ(food_safety(world.declaration_at(number)).method, Method::normal);
    // Heavier it becomes: an alert came between.
    ASSERT_TRUE(world.alert("CB-1", R"({"goods_key":"mango"})", R"(["method_strict"])"));
    ASSERT_TRUE(world.declaration("104000123452", "D1", "mango", "08045030", "t-104000123451"));
    EXPECT_EQ(food_safety(world.declaration_at(number)).method, Method::strict);
}

TEST(Clearance, AsksThatTheChannelStillAgreesWithTheTable) {
    ShipmentWorld world = declared();
    world.world().add_file("data/risk_table.jsonl");
    ASSERT_TRUE(world.result("D1", "pass"));
    EXPECT_TRUE(refused(world.clear(number), "channel_contradicts_table", "TT 81/2019", "row strict"));
    ASSERT_TRUE(world.channel(number, "yellow", "strict", "medium"));
    ShipmentWorld alerted = world;
    EXPECT_TRUE(world.clear(number));
    ASSERT_TRUE(alerted.alert("CB-1", R"({"goods_key":"doll"})", R"(["method_strict"])"));
    EXPECT_TRUE(refused(alerted.clear(number), "channel_contradicts_table", "TT 81/2019", "row alert"));
    ASSERT_TRUE(alerted.channel(number, "red", "strict", "high"));
    EXPECT_TRUE(alerted.clear(number));
}

// --- a slow model: what the law says, over what a shipment has, without the engine's structures

struct Shipment {
    Method method = Method::strict;
    std::optional<bool> drawn;
    bool alert = false;
    bool confirmed = false;
    bool certificate = false;
    std::string outcome;  // of the result; empty: none
    Method result_method = Method::strict;
    bool superseded_by_pass = false;
    bool gone = false;
};

bool model_may_be_cleared(const Shipment& s) {
    const bool fails = (s.outcome == "fail" || s.outcome == "label_fail" || s.outcome == "incomplete") &&
                       !s.superseded_by_pass;
    if (fails && !s.gone) return false;
    if (s.gone) return false;
    if (s.superseded_by_pass || s.outcome == "pass") {
        const Method of = s.superseded_by_pass ? Method::strict : s.result_method;
        if (!(of < s.method)) return true;
    }
    if (s.certificate) return true;
    if (s.alert) return false;
    if (s.method == Method::exempt) return true;
    return s.method == Method::reduced && s.drawn && !*s.drawn;
}

TEST(Clearance, AgreesWithASlowModelOnRandomShipments) {
    std::mt19937 dice(20210112);
    int cleared = 0;
    for (int round = 0; round < 600; ++round) {
        const auto below = [&](unsigned bound) { return dice() % bound; };
        Shipment s;
        s.method = static_cast<Method>(below(4));
        if (s.method == Method::reduced) s.drawn = below(2) == 0;
        s.alert = below(3) == 0;
        s.certificate = below(4) == 0;
        s.outcome = std::array{"", "", "pass", "fail", "label_fail", "incomplete"}[below(6)];
        s.result_method = static_cast<Method>(below(4));
        s.superseded_by_pass = !s.outcome.empty() && s.outcome != "pass" && below(2) == 0;
        s.gone = s.outcome == "fail" && !s.superseded_by_pass && below(3) == 0;

        ShipmentWorld world = declared();
        world.set_method(number, s.method, s.drawn);
        if (s.certificate) {
            ASSERT_TRUE(world.certificate("D1", "C1"));
        }
        if (!s.outcome.empty()) {
            ASSERT_TRUE(world.result("D1", s.outcome, "i-1", word(s.result_method)));
        }
        if (s.superseded_by_pass) {
            ASSERT_TRUE(world.result("D1", "pass", "i-2", "strict", "most.qlcl",
                                     R"(,["supersedes","most.qlcl","i-1"])"));
        }
        if (s.gone) {
            ASSERT_TRUE(world.add("most.qlcl", "remedy_order", "o-1",
                                  R"({"dossier_no":"D1","allowed":["destroy"],"due":"2021-07-01"})"));
            ASSERT_TRUE(world.add("customs.haiphong", "remedy_completion", "done",
                                  R"({"dossier_no":"D1","remedy":"destroy","completed_at":"x"})",
                                  R"([["closes","most.qlcl","o-1"]])"));
        }
        if (s.alert) {
            ASSERT_TRUE(world.alert("CB-1", R"({"hs_prefix":"9503"})", R"(["no_exemption"])"));
        }
        const auto taken = world.clear(number);
        ASSERT_EQ(static_cast<bool>(taken), model_may_be_cleared(s)) << "round " << round;
        cleared += taken ? 1 : 0;
    }
    EXPECT_GT(cleared, 100);
    EXPECT_LT(cleared, 500);
}

// Acts in any order, as many as come; the model reads the list of those accepted from its beginning each time.
struct AcceptedAct {
    std::string what, id, target;
    Method method = Method::strict;
};

bool model_over_acts(const std::vector<AcceptedAct>& acts, Method method, std::optional<bool> drawn) {
    // The result that nothing has superseded, the last of them.
    const AcceptedAct* result = nullptr;
    std::string remedy;
    bool alert = false;
    std::map<std::string, std::string> certificates;
    for (std::size_t i = 0; i < acts.size(); ++i) {
        const AcceptedAct& act = acts[i];
        if (act.what == "pass" || act.what == "fail" || act.what == "label_fail" || act.what == "annulled") {
            result = &act;
        } else if (act.what == "recycle" || act.what == "destroy") {
            remedy = act.what;
        } else if (act.what == "alert" || act.what == "lift") {
            alert = act.what == "alert";
        } else {
            certificates[act.target] = act.what;
        }
    }
    if (remedy == "destroy") return false;
    // Remedied or not, what failed is looked at again before it is cleared.
    if (result != nullptr && (result->what == "fail" || result->what == "label_fail")) return false;
    if (result != nullptr && result->what == "pass" && result->method >= method) return true;
    for (const auto& [no, status] : certificates)
        if (status == "issued" || status == "restored") return true;
    if (alert) return false;
    return method == Method::exempt || (method == Method::reduced && drawn == false);
}

TEST(Clearance, AgreesWithASlowModelAfterEveryActOfRandomSequences) {
    std::mt19937 dice(1899);
    const auto below = [&](unsigned bound) { return dice() % bound; };
    int accepted = 0, refusals = 0, clear = 0;
    for (int round = 0; round < 60; ++round) {
        const Method method = static_cast<Method>(below(4));
        const std::optional<bool> drawn =
            method == Method::reduced ? std::optional(below(2) == 0) : std::nullopt;
        ShipmentWorld world = declared();
        world.set_method(number, method, drawn);
        ASSERT_TRUE(world.add("most.qlcl", "remedy_order", "o-1",
                              R"({"dossier_no":"D1","allowed":["recycle","destroy"],"due":"2021-07-01"})"));
        std::vector<AcceptedAct> acts;
        std::string last_result, done, alert_id;
        for (int step = 0; step < 40; ++step) {
            const std::string id = "x-" + std::to_string(step);
            AcceptedAct act;
            act.id = id;
            ShipmentWorld::Taken taken = ledger::Error{};
            switch (below(10)) {
                case 0:
                case 1:
                case 2: {
                    act.what = std::array{"pass", "fail", "label_fail", "annulled"}[below(4)];
                    act.method = static_cast<Method>(below(4));
                    const bool superseding = act.what == "annulled" || below(2) == 0;
                    taken = world.result("D1", act.what, id, word(act.method), "most.qlcl",
                                         superseding && !last_result.empty()
                                             ? R"(,["supersedes","most.qlcl",")" + last_result + R"("])"
                                             : "");
                    if (taken) last_result = id;
                    break;
                }
                case 3:
                    act.what = std::array{"recycle", "recycle", "recycle", "destroy"}[below(4)];
                    taken = world.add(
                        "customs.haiphong", "remedy_completion", id,
                        R"({"dossier_no":"D1","remedy":")" + act.what + R"(","completed_at":"x"})",
                        R"([["closes","most.qlcl","o-1"])" +
                            (done.empty() ? "" : R"(,["supersedes","customs.haiphong",")" + done + R"("])") +
                            "]");
                    if (taken) done = id;
                    break;
                case 4:
                    act.what = alert_id.empty() ? "alert" : "lift";
                    taken = alert_id.empty()
                                ? world.alert("CB-1", R"({"goods_key":"doll"})", R"(["method_strict"])")
                                : world.alert("CB-1", R"({"goods_key":"doll"})", R"(["method_strict"])",
                                              R"(,"status":"lifted")",
                                              R"([["closes","most.qlcl",")" + alert_id + R"("]])");
                    alert_id = alert_id.empty() ? "a" + world.last_number() : "";
                    break;
                default:
                    act.what =
                        std::array{"issued", "suspended", "suspended", "withdrawn", "restored"}[below(5)];
                    act.target = "C" + std::to_string(below(2));
                    taken = world.certificate("D1", act.target, "conforming", "lot_certification", act.what,
                                              "cab.cn-09", "", id);
            }
            taken ? ++accepted : ++refusals;
            if (taken) acts.push_back(act);
            const auto verdict = may_be_cleared(world.facts(), world.rules(), world.declaration_at(number),
                                                date_of(world.now_ms));
            ASSERT_EQ(verdict.may_be_cleared, model_over_acts(acts, method, drawn))
                << "round " << round << " step " << step << ": " << verdict.text_en();
            ASSERT_EQ(verdict.may_be_cleared, verdict.text_en().empty());
            clear += verdict.may_be_cleared ? 1 : 0;
        }
    }
    EXPECT_GT(accepted, 500);
    EXPECT_GT(refusals, 300);
    EXPECT_GT(clear, 300);
}

}  // namespace
}  // namespace socai::inspection
