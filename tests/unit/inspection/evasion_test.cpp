// Ways round an inspection, each closed: by shortening a code, amending what was confirmed, carrying what is void or over,
// writing into another ministry's list, cancelling or renaming what was stored, renumbering a line.
#include <gtest/gtest.h>

#include "inspection/clocks/clocks.hpp"
#include "inspection/guards/storage.hpp"
#include "inspection/oversight/exceptions.hpp"
#include "inspection/shipments/dossier_answer.hpp"
#include "tests/unit/inspection/rule_sets.hpp"
#include "tests/unit/inspection/shipment_world.hpp"

namespace socai::inspection {
namespace {

using test::refused;
using test::ShipmentWorld;

constexpr const char* number = "104000123450";
constexpr const char* article = "NĐ 85/2019/NĐ-CP Đ24.1";
const std::string again = R"([["supersedes","importer.9900000016","r-D1"]])";

Date day(std::string_view text) {
    return parse_date(text).value();
}

// Wine is listed at eight digits only.
ShipmentWorld with_wine() {
    ShipmentWorld world = ShipmentWorld::ready();
    EXPECT_TRUE(world.add("mard.bvtv", "catalog_item", "list-wine",
                          R"({"list_code":"WINE","hs_code":"22042111","inspection_agency":"mard.bvtv",
                              "regimes":["food_safety"],"inspection_stage":"before_clearance",
                              "valid_from":"2021-01-01","valid_to":"2021-12-31"})"));
    return world;
}

TEST(Evasion, AShortenedCodeIsRefusedOrCompleted) {
    ShipmentWorld world = with_wine();
    EXPECT_TRUE(refused(world.declaration(number, "", "", "2204"), "hs_code_not_full",
                        "NĐ 85/2019/NĐ-CP Đ21.4", "22042111"));
    EXPECT_TRUE(refused(world.dossier("D1", "wine", "220421", "food_safety"), "hs_code_not_full", "Đ21.4",
                        "dossier D1"));
    EXPECT_TRUE(world.declaration("104000777770", "", "", "2205"));
    EXPECT_TRUE(world.declaration("104000888880", "", "", "22042112"));
    // Known goods have the code that is known of them.
    ASSERT_TRUE(world.dossier("D1", "wine", "22042111", "food_safety"));
    ASSERT_TRUE(world.declaration(number, "", "wine", "2204"));
    const DeclaredItem item = world.declaration_at(number).items.front();
    EXPECT_EQ(item.goods.hs_code, "22042111");
    ASSERT_EQ(item.determinations.size(), 1U);
    EXPECT_TRUE(item.determinations.front().listed);
    // Once the list is over the short code hides nothing.
    world.at("2022-01-01T08:00:00+07:00");
    EXPECT_TRUE(world.declaration("104000999990", "", "", "2204"));
}

ShipmentWorld under_decree_132() {
    ShipmentWorld world;
    EXPECT_TRUE(world.world().add(test::rule_set_record("nd132-2008@1")));
    EXPECT_TRUE(world.add("most.tcvn", "catalog_item", "list",
                          R"({"list_code":"TOYS","hs_code":"9503","inspection_agency":"most.qlcl",
                              "regimes":["quality"],"inspection_stage":"before_clearance",
                              "management_level":"level_2","valid_from":"2021-01-01"})"));
    EXPECT_TRUE(world.dossier("D1"));
    EXPECT_TRUE(world.status("D1", "confirmed"));
    return world;
}

TEST(Evasion, AConfirmationIsOfWhatWasRegisteredThen) {
    for (const bool asked_for_more : {false, true}) {
        ShipmentWorld world = under_decree_132();
        if (asked_for_more) {
            ASSERT_TRUE(world.status("D1", "supplement_requested"));
        }
        ASSERT_TRUE(world.dossier("D1", "other", "95030099", "quality", "", again, "r-2"));
        EXPECT_EQ(world.dossier_at("D1").state, DossierState::submitted);
        ASSERT_TRUE(
            world.add("customs.haiphong", "customs_declaration", "t-1",
                      R"({"declaration_no":"104000123450","version":0,"type_code":"A11","office":"03CE",
                "registered_at":"2021-06-01T08:00:00+07:00","importer_tax_code":"9900000016",
                "items":[{"line":1,"hs_code":"95030099","origin":"ID","goods_key":"other"}]})",
                      R"([["carries","importer.9900000016","r-2"]])"));
        world.set_method(number, Method::normal);
        ASSERT_TRUE(world.status("D1", "received"));
        EXPECT_TRUE(refused(world.clear(number), "clearance_without_basis", article, "D1"));
        ASSERT_TRUE(world.status("D1", "confirmed"));
        EXPECT_TRUE(world.clear(number, "cleared", "registration_confirmed"));
    }
}

TEST(Evasion, CustomsConfirmsNoRegistration) {
    ShipmentWorld world = under_decree_132();
    ASSERT_TRUE(world.dossier("D2"));
    EXPECT_TRUE(refused(world.status("D2", "confirmed", "customs.hatinh"), "not_the_inspection_agency",
                        "Đ25.2", "customs.hatinh"));
    EXPECT_TRUE(refused(world.status("D2", "refused", "customs.nsw"), "not_the_inspection_agency", "Đ25.2"));
    EXPECT_TRUE(world.status("D2", "supplement_requested", "customs.hatinh"));
}

TEST(Evasion, AVoidDossierClearsNothing) {
    for (const char* end : {"refused", "withdrawn"}) {
        ShipmentWorld world = ShipmentWorld::ready();
        ASSERT_TRUE(world.dossier("D1"));
        ASSERT_TRUE(world.certificate("D1", "C1"));
        ASSERT_TRUE(world.declaration(number, "D1"));
        ShipmentWorld standing = world;
        EXPECT_TRUE(standing.clear(number));
        ASSERT_TRUE(world.status("D1", end));
        EXPECT_TRUE(refused(world.clear(number), "clearance_without_basis", article, end));
        // What it stated of the import goes with it.
        ShipmentWorld stated = ShipmentWorld::ready();
        ASSERT_TRUE(
            stated.dossier("D1", "doll", "95030021", "quality", R"(,"circumstances":["exhibition"])"));
        ASSERT_TRUE(stated.declaration(number, "D1"));
        ShipmentWorld exempt = stated;
        EXPECT_TRUE(exempt.clear(number, "cleared", "exempt"));
        ASSERT_TRUE(stated.status("D1", end));
        EXPECT_TRUE(refused(stated.clear(number), "clearance_without_basis", article, end));
    }
}

ShipmentWorld::Taken certify(ShipmentWorld& world, std::string_view certificate_no, std::string_view more,
                             std::string_view status = "issued") {
    return world.add("cab.cn-09", "conformity_result", world.next_id("c"),
                     R"({"certificate_no":")" + std::string(certificate_no) +
                         R"(","scheme":"lot_certification","conclusion":"conforming","status":")" +
                         std::string(status) + R"(")" + std::string(more) + "}",
                     R"([["for","importer.9900000016","r-D1"]])");
}

TEST(Evasion, ACertificateClearsWithinItsTermOnly) {
    const auto cleared_on = [](std::string_view time, bool restored) {
        ShipmentWorld world = ShipmentWorld::ready();
        EXPECT_TRUE(world.dossier("D1"));
        EXPECT_TRUE(certify(world, "C1", R"(,"valid_from":"2021-06-10","valid_to":"2021-06-30")"));
        if (restored) {
            EXPECT_TRUE(certify(world, "C1", "", "suspended"));
            EXPECT_TRUE(certify(world, "C1", "", "restored"));
        }
        EXPECT_TRUE(world.declaration(number, "D1"));
        world.at(time);
        return bool(world.clear(number, "cleared", "conformity_result"));
    };
    for (const bool restored : {false, true}) {
        EXPECT_FALSE(cleared_on("2021-06-09T23:59:00+07:00", restored));
        EXPECT_TRUE(cleared_on("2021-06-10T00:00:00+07:00", restored));
        EXPECT_TRUE(cleared_on("2021-06-30T23:59:00+07:00", restored));
        EXPECT_FALSE(cleared_on("2021-07-01T00:00:00+07:00", restored));
    }
    // A later version ended sooner; the restored one ends with it.
    {
        ShipmentWorld world = ShipmentWorld::ready();
        ASSERT_TRUE(world.dossier("D1"));
        ASSERT_TRUE(certify(world, "C1", R"(,"valid_to":"2030-01-01")"));
        ASSERT_TRUE(certify(world, "C1", "", "suspended"));
        ASSERT_TRUE(certify(world, "C1", R"(,"valid_to":"2021-06-30")", "restored"));
        ASSERT_TRUE(certify(world, "C1", "", "suspended"));
        ASSERT_TRUE(certify(world, "C1", "", "restored"));
        ASSERT_TRUE(world.declaration(number, "D1"));
        world.at("2021-07-01T00:00:00+07:00");
        EXPECT_FALSE(world.clear(number, "cleared", "conformity_result"));
        // What was certified is the lot of one bill.
        EXPECT_TRUE(refused(world.dossier("D1", "doll", "95030021", "quality", R"(,"bill_of_lading":"OTHER")",
                                          again, "r-D1b"),
                            "lifecycle_goods_settled", "NĐ 85/2019/NĐ-CP"));
    }
    // Released within the term, the goods are cleared when the duties are paid.
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(certify(world, "C1", R"(,"valid_to":"2021-06-30")"));
    ASSERT_TRUE(world.declaration(number, "D1"));
    ASSERT_TRUE(world.clear(number, "released"));
    world.at("2021-07-20T08:00:00+07:00");
    EXPECT_TRUE(world.clear(number));
}

TEST(Evasion, ABodyIsDesignatedForTheStandardThatItAssessed) {
    ShipmentWorld world;
    world.world().add_file("data/rule_sets.jsonl");
    ASSERT_TRUE(world.add("most.tcvn", "catalog_item", "list",
                          R"({"list_code":"TOYS","hs_code":"9503","inspection_agency":"most.qlcl",
                              "regimes":["quality"],"inspection_stage":"before_clearance","valid_from":"2021-01-01"})"));
    const auto designate = [&](std::string_view id, std::string_view status, std::string_view standard) {
        ASSERT_TRUE(world.add(
            "most.tcvn", "conformity_body", id,
            R"({"body_code":"cab.cn-09","status":")" + std::string(status) +
                R"(","valid_from":"2021-01-01","scope":[{"regime":"quality","technical_regulation":")" +
                std::string(standard) + R"(","hs_prefix":"9503"}]})"));
    };
    const auto clears = [&](std::string_view standard) {
        ShipmentWorld one = world;
        EXPECT_TRUE(one.dossier("D1"));
        EXPECT_TRUE(certify(one, "C1", R"(,"standard":")" + std::string(standard) + R"(")"));
        EXPECT_TRUE(one.declaration(number, "D1"));
        return bool(one.clear(number));
    };
    designate("b-1", "designated", "QCVN 3");
    designate("b-2", "registered", "QCVN 9");
    EXPECT_TRUE(clears("QCVN 3"));
    EXPECT_FALSE(clears("QCVN 9"));
    designate("b-3", "designated", "QCVN 3");
    EXPECT_TRUE(clears("QCVN 3"));
    EXPECT_FALSE(clears("QCVN 9"));
    // The same scope anew, and a suspension of all that is among it.
    designate("b-4", "registered", "QCVN 3");
    EXPECT_FALSE(clears("QCVN 3"));
    designate("b-5", "designated", "QCVN 3");
    EXPECT_TRUE(clears("QCVN 3"));
    ASSERT_TRUE(world.add("most.tcvn", "conformity_body", "b-6",
                          R"({"body_code":"cab.cn-09","status":"suspended","valid_from":"2021-01-01",
                              "scope":[{"regime":"quality","hs_prefix":"95"}]})"));
    EXPECT_FALSE(
        designation_for(world.facts(), "cab.cn-09", {"quality", "95030021", "QCVN 3"}, day("2021-06-01")));
}

TEST(Evasion, AListIsItsMinistrysOwn) {
    ShipmentWorld world = ShipmentWorld::ready();
    const auto item = [&](std::string_view source, std::string_view list) {
        return world.add(
            source, "catalog_item", world.next_id("k"),
            R"({"list_code":")" + std::string(list) + R"(","hs_code":"95030021","inspection_agency":")" +
                std::string(source) +
                R"(","regimes":["quality"],"inspection_stage":"before_clearance","valid_from":"2021-01-01"})");
    };
    EXPECT_TRUE(refused(item("mard.bvtv", "TOYS"), "not_the_list_owner", "NĐ 85/2019/NĐ-CP Đ21.4", "most"));
    EXPECT_TRUE(item("most.qlcl", "TOYS"));  // of the same ministry
    EXPECT_TRUE(item("most", "TOYS"));
    EXPECT_TRUE(item("mard.bvtv", "MARD-1"));
}

TEST(Evasion, AnotherMinistrysLongerCodeTakesNoGoodsOffAList) {
    ShipmentWorld world = ShipmentWorld::ready();
    const auto item = [&](std::string_view id, std::string_view hs, std::string_view stage,
                          std::string_view refs = "[]") {
        return world.add(
            "mard.bvtv", "catalog_item", id,
            R"({"list_code":"MARD-1","hs_code":")" + std::string(hs) +
                R"(","inspection_agency":"mard.bvtv","regimes":["quality"],"inspection_stage":")" +
                std::string(stage) + R"(","valid_from":"2021-01-01"})",
            refs);
    };
    const auto agency = [&](std::string_view hs) {
        const auto listed = catalog_item(world.facts(), hs, "quality", day("2021-06-02"));
        return listed ? listed->agency : std::string();
    };
    ASSERT_TRUE(item("k-1", "87120010", "before_clearance"));
    EXPECT_EQ(agency("87120010"), "mard.bvtv");
    ASSERT_TRUE(item("k-2", "95030021", "after_clearance"));
    EXPECT_EQ(agency("95030021"), "most.qlcl");
    // Nor by a new version of what it listed early.
    ASSERT_TRUE(item("k-3", "9503", "after_clearance", R"([["supersedes","mard.bvtv","k-1"]])"));
    EXPECT_EQ(agency("95030021"), "most.qlcl");
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.declaration(number, "D1"));
    EXPECT_TRUE(refused(world.clear(number), "clearance_without_basis", article, "D1"));
}

// --- storage

TEST(Evasion, CancellingAStoredShipmentLeavesItsBan) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.declaration("104000777770"));
    ASSERT_TRUE(world.store("104000777770"));  // due on 2021-07-01
    ASSERT_TRUE(world.declaration(number));
    world.at("2021-07-20T08:00:00+07:00");
    EXPECT_TRUE(refused(world.store(number), "storage_forbidden", "Đ32", "2022-01-01"));
    ASSERT_TRUE(world.declaration("104000777771", "", "doll", "95030021", "t-104000777770", "cancelled"));
    EXPECT_TRUE(refused(world.store(number), "storage_forbidden", "Đ32", "2022-01-01"));
}

TEST(Evasion, TheBanIsOfTheImporterWhoStored) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.declaration("104000777770"));
    ASSERT_TRUE(world.store("104000777770"));
    ASSERT_TRUE(world.declaration("104000777771", "", "doll", "95030021", "t-104000777770", "", "", "",
                                  "9900000048"));
    ASSERT_TRUE(world.declaration(number));
    ASSERT_TRUE(world.declaration("104000888880", "", "doll", "95030021", "", "", "", "", "9900000048"));
    const auto allowed = [&](std::string_view no) {
        return may_be_stored(world.facts(), world.declaration_at(no), day("2021-07-30")).allowed;
    };
    EXPECT_FALSE(allowed(number));
    EXPECT_TRUE(allowed("104000888880"));
    world.at("2021-07-20T08:00:00+07:00");
    ASSERT_TRUE(world.store("104000777770", "violated"));
    EXPECT_FALSE(allowed(number));
    EXPECT_TRUE(allowed("104000888880"));
    EXPECT_FALSE(may_be_stored(world.facts(), world.declaration_at(number), day("2022-07-20")).allowed);
}

TEST(Evasion, StorageNeedsItsRelease) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.declaration(number));
    EXPECT_TRUE(refused(world.clear(number, "storage"), "lifecycle_storage_not_released",
                        "TT 38/2015/TT-BTC Đ32", number));
    ASSERT_TRUE(world.store(number));
    EXPECT_TRUE(world.clear(number, "storage"));
}

TEST(Evasion, AResultOfStoredGoodsCountsFromWhenItWasDelivered) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.declaration("104000777770", "D1"));
    ASSERT_TRUE(world.store("104000777770"));  // due on 2021-07-01
    ASSERT_TRUE(world.declaration(number));
    const auto result = test::World::made(
        "most.qlcl", "inspection_result", "i-1", "2021-07-01T09:00:00+07:00",
        R"({"notice_no":"N","dossier_no":"D1","goods_key":"doll","method":"strict","outcome":"pass"})",
        R"([["decides","importer.9900000016","r-D1"]])");
    const auto allowed = [&](std::string_view delivered) {
        ShipmentWorld one = world;
        EXPECT_TRUE(one.world().add(result, ledger::parse_rfc3339(delivered).value()));
        return may_be_stored(one.facts(), one.declaration_at(number), day("2021-07-30")).allowed;
    };
    EXPECT_TRUE(allowed("2021-07-01T10:00:00+07:00"));
    EXPECT_FALSE(allowed("2021-07-20T10:00:00+07:00"));
}

// --- lines

TEST(Evasion, ALineThatIsRenumberedKeepsItsMethod) {
    ShipmentWorld world = ShipmentWorld::ready();
    const auto declare = [&](const std::string& no, int line, const std::string& refs) {
        return world.add(
            "customs.haiphong", "customs_declaration", "t-" + no,
            R"({"declaration_no":")" + no + R"(","version":)" + no.back() +
                R"(,"type_code":"A11","office":"03CE","registered_at":"2021-06-01T08:00:00+07:00",
                    "importer_tax_code":"9900000016","items":[{"line":)" +
                std::to_string(line) + R"(,"hs_code":"08045030","origin":"ID","goods_key":"mango"}]})",
            refs);
    };
    const auto method = [&] {
        return world.declaration_at(number).items.front().determinations.front().method;
    };
    ASSERT_TRUE(declare(number, 1, "[]"));
    ASSERT_EQ(method(), Method::normal);
    world.set_method(number, Method::strict);
    ASSERT_TRUE(declare("104000123451", 2, R"([["supersedes","customs.haiphong","t-104000123450"]])"));
    EXPECT_EQ(method(), Method::strict);
}

// --- clocks

ShipmentWorld watched() {
    static const RuleBook rules;
    return ShipmentWorld::ready(
        [](const ledger::Coming& coming, ledger::FactDraft& facts) -> ledger::Result<void> {
            if (auto taken = take_clocks(coming, facts); !taken) return taken;
            return take_exceptions(coming, facts, rules);
        });
}

std::vector<ClockRun> food_runs(const ShipmentWorld& world, std::string_view dossier_no) {
    std::vector<ClockRun> runs;
    for (const ClockRun& run :
         clocks_of(world.facts(), ClockSubject::dossier, dossier_no, ledger::max_time_ms))
        if (run.clock.starts_with("food_result")) runs.push_back(run);
    return runs;
}

TEST(Evasion, NobodyIsLateWithWhatTheDrawSpared) {
    ShipmentWorld world = watched();
    std::string no;
    for (int i = 1; i < 20; ++i) {
        no = "F" + std::to_string(i);
        ASSERT_TRUE(world.dossier(no, "mango", "08045030", "food_safety"));
        const Method method = world.dossier_at(no).method();
        if (method == Method::reduced) break;
        ASSERT_TRUE(world.result(no, "pass", "", word(method), "mard.bvtv", "", "mango"));
    }
    ASSERT_EQ(world.dossier_at(no).method(), Method::reduced);
    world.at("2021-06-21T08:00:00+07:00");
    ASSERT_TRUE(world.declaration(number, no, "mango", "08045030"));
    const Determination determination = world.declaration_at(number).items.front().determinations.front();
    ASSERT_TRUE(determination.drawn && !determination.drawn->selected);
    ASSERT_TRUE(world.status(no, "accepted", "mard.bvtv"));
    const auto runs = food_runs(world, no);
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs.front().state(ledger::max_time_ms), ClockState::cancelled);
    EXPECT_TRUE(overdue(world.facts(), ledger::max_time_ms, {}, 10).empty());
    Viewer agency;
    agency.agency = true;
    ASSERT_TRUE(world.clear(number));
    const auto answer = dossier_answer(world.facts(), no, agency, {});
    EXPECT_TRUE(answer->at("next_steps").as_array().empty());
}

TEST(Evasion, WhatIsInspectedAfterClearanceIsStillOwed) {
    ShipmentWorld world = watched();
    ASSERT_TRUE(world.add("mard.bvtv", "catalog_item", "list-later",
                          R"({"list_code":"FRUIT","hs_code":"08045030","inspection_agency":"mard.bvtv",
                              "regimes":["food_safety"],"inspection_stage":"after_clearance","valid_from":"2021-01-01"})"));
    ASSERT_TRUE(world.dossier("D1", "mango", "08045030", "food_safety"));
    ASSERT_TRUE(world.add("customs.haiphong", "customs_declaration", "t-1",
                          R"({"declaration_no":"104000123450","version":0,"type_code":"A11","office":"03CE",
            "registered_at":"2021-06-01T08:00:00+07:00","importer_tax_code":"9900000016",
            "items":[{"line":1,"hs_code":"08045030","origin":"ID","goods_key":"mango"}]})",
                          R"([["carries","importer.9900000016","r-D1"]])"));
    ASSERT_TRUE(world.clear(number, "cleared", "inspected_after_clearance"));
    EXPECT_FALSE(food_runs(world, "D1").front().end);
    Viewer agency;
    agency.agency = true;
    EXPECT_FALSE(dossier_answer(world.facts(), "D1", agency, {})->at("next_steps").as_array().empty());
}

TEST(Evasion, TheClockOfStoredGoodsStopsWhenTheResultIsDelivered) {
    ShipmentWorld world = watched();
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.declaration(number, "D1"));
    ASSERT_TRUE(world.store(number));  // due on 2021-07-01
    const auto result = test::World::made(
        "most.qlcl", "inspection_result", "i-1", "2021-07-01T09:00:00+07:00",
        R"({"notice_no":"N","dossier_no":"D1","goods_key":"doll","method":"strict","outcome":"pass"})",
        R"([["decides","importer.9900000016","r-D1"]])");
    ASSERT_TRUE(world.world().add(result, ledger::parse_rfc3339("2021-07-20T09:00:00+07:00").value()));
    for (const ClockRun& run :
         clocks_of(world.facts(), ClockSubject::declaration, number, ledger::max_time_ms))
        if (run.clock == "storage_result") {
            EXPECT_EQ(run.state(ledger::max_time_ms), ClockState::missed);
        }
}

TEST(Evasion, ClearanceEndsTheWaitForAResult) {
    ShipmentWorld world = watched();
    ASSERT_TRUE(world.add("mard.bvtv", "conformity_body", "body-food",
                          R"({"body_code":"cab.cn-09","status":"designated","valid_from":"2021-01-01",
                              "scope":[{"regime":"food_safety","hs_prefix":"08"}]})"));
    ASSERT_TRUE(world.dossier("D2", "mango", "08045030", "food_safety"));
    ASSERT_TRUE(world.certificate("D2", "C2"));
    ASSERT_TRUE(world.declaration(number, "D2", "mango", "08045030"));
    ASSERT_EQ(food_runs(world, "D2").size(), 1U);
    ASSERT_TRUE(world.clear(number));
    EXPECT_EQ(food_runs(world, "D2").front().state(ledger::max_time_ms), ClockState::cancelled);
}

}  // namespace
}  // namespace socai::inspection
