// Every move of dossiers, certificates, declarations, storage, remedies and appeals, and every one that is refused.
#include "inspection/shipments/lifecycle.hpp"

#include <gtest/gtest.h>

#include <array>

#include "inspection/shipments/refusals.hpp"
#include "tests/unit/inspection/shipment_world.hpp"

namespace socai::inspection {
namespace {

using test::refused;
using test::ShipmentWorld;

TEST(Refusals, NameTheArticleInBothLanguages) {
    for (const Rule* rule : all_refusals()) {
        EXPECT_EQ(rule->fault, ledger::Fault::refused) << rule->id;
        EXPECT_FALSE(rule->article.empty()) << rule->id;
        const ledger::Error error = refusal(*rule, {"A", "B", "C"});
        EXPECT_EQ(error.detail.find('$'), std::string::npos) << error.detail;
        EXPECT_TRUE(error.detail.ends_with("[" + std::string(rule->article) + "]")) << error.detail;
        EXPECT_NE(error.detail.find(" / "), std::string::npos);
    }
    EXPECT_EQ(refusal(refusals::method_lighter, {"strict", "failed_inspection", "normal"}, "Đ1").detail,
              "the method is strict, because of failed_inspection; normal is lighter / phương thức phải là "
              "strict, do "
              "failed_inspection; normal nhẹ hơn [Đ1]");
}

// from × to, in the order of the states.
TEST(Lifecycle, MovesOfDossiers) {
    constexpr std::array<std::string_view, 9> table{
        // submitted received supplement accepted confirmed refused decided closed withdrawn
        ".xxxxx.xx",  // submitted
        "..xxxx.xx",  // received
        ".xxxxx.xx",  // supplement_requested
        "..x.xx.xx",  // accepted
        "..x....xx",  // confirmed
        ".........",  // refused
        "......xx.",  // decided
        ".........",  // closed
        ".........",  // withdrawn
    };
    for (std::size_t from = 0; from < table.size(); ++from)
        for (std::size_t to = 0; to < table.size(); ++to)
            EXPECT_EQ(may_move(static_cast<DossierState>(from), static_cast<DossierState>(to)),
                      table[from][to] == 'x')
                << word(static_cast<DossierState>(from)) << " to " << word(static_cast<DossierState>(to));
}

TEST(Lifecycle, ADossierNumberIsRegisteredOnce) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    EXPECT_TRUE(refused(world.dossier("D1", "doll", "95030021", "quality", "", "[]", "again"),
                        "lifecycle_dossier_registered", "NĐ 85/2019/NĐ-CP Đ13.1.b", "D1"));
    const std::string supersedes = R"([["supersedes","importer.9900000016","r-D1"]])";
    ASSERT_TRUE(world.dossier("D1", "doll-2", "95030021", "quality", "", supersedes, "r2"));
    EXPECT_EQ(world.dossier_at("D1").goods.goods_key, "doll-2");
    EXPECT_EQ(world.dossier_at("D1").first.id, "r-D1");
    EXPECT_EQ(dossier_of(world.facts(), "importer.9900000016", "r2"), "D1");
    // What is superseded cannot be superseded again.
    EXPECT_TRUE(refused(world.dossier("D1", "doll", "95030021", "quality", "", supersedes, "r3"),
                        "lifecycle_dossier_registered", "Đ18", "r2"));
    // A registration of another dossier is none of this one.
    EXPECT_TRUE(refused(world.dossier("D2", "doll", "95030021", "quality", "", supersedes, "r4"),
                        "wrong_dossier", "Đ13.1.b"));
}

TEST(Lifecycle, ARegistrationStandsOnceItIsDecided) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.result("D1", "pass"));
    EXPECT_EQ(world.dossier_at("D1").state, DossierState::decided);
    EXPECT_TRUE(refused(world.dossier("D1", "doll", "95030021", "quality", "",
                                      R"([["supersedes","importer.9900000016","r-D1"]])", "r2"),
                        "lifecycle_dossier_decided", "Đ19", "decided"));
}

TEST(Lifecycle, GoodsStandOnceTheyAreDeclaredOrCertified) {
    const std::string supersedes = R"([["supersedes","importer.9900000016","r-D1"]])";
    ShipmentWorld declared = ShipmentWorld::ready();
    ASSERT_TRUE(declared.dossier("D1"));
    ASSERT_TRUE(declared.declaration("104000123450", "D1"));
    EXPECT_TRUE(refused(declared.dossier("D1", "other", "95030021", "quality", "", supersedes, "r2"),
                        "lifecycle_goods_settled", "Đ20.1.b", "10400012345"));
    EXPECT_TRUE(declared.dossier("D1", "doll", "95030021", "quality", R"(,"quantity":5)", supersedes, "r2"));
    ShipmentWorld certified = ShipmentWorld::ready();
    ASSERT_TRUE(certified.dossier("D1"));
    ASSERT_TRUE(certified.certificate("D1", "C1"));
    EXPECT_TRUE(refused(certified.dossier("D1", "other", "95030021", "quality", "", supersedes, "r2"),
                        "lifecycle_goods_settled", "Đ18", "C1"));
}

TEST(Lifecycle, NothingFollowsADossierThatEnded) {
    for (const char* end : {"closed", "withdrawn", "refused"}) {
        ShipmentWorld world = ShipmentWorld::ready();
        ASSERT_TRUE(world.dossier("D1"));
        ASSERT_TRUE(world.status("D1", end)) << end;
        EXPECT_TRUE(refused(world.status("D1", "accepted"), "lifecycle_dossier_closed", "Đ20", end));
        EXPECT_TRUE(refused(world.result("D1", "pass"), "lifecycle_dossier_closed", "Đ20", end));
        EXPECT_TRUE(refused(world.certificate("D1", "C1"), "lifecycle_dossier_closed", "Đ20", end));
        EXPECT_TRUE(refused(world.declaration("104000123450", "D1"), "lifecycle_dossier_closed", "Đ20", end));
        EXPECT_TRUE(refused(world.dossier("D1", "doll", "95030021", "quality", "",
                                          R"([["supersedes","importer.9900000016","r-D1"]])", "r2"),
                            "lifecycle_dossier_decided", "Đ18", end));
    }
}

TEST(Lifecycle, StatusesOfADossier) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    for (const char* to :
         {"received", "supplement_requested", "supplement_requested", "received", "accepted"})
        ASSERT_TRUE(world.status("D1", to)) << to;
    EXPECT_TRUE(refused(world.status("D1", "received"), "lifecycle_dossier_move", "Đ19", "accepted"));
    EXPECT_TRUE(refused(world.status("D1", "decided"), "lifecycle_dossier_move", "Đ19", "decided"));
    ASSERT_TRUE(world.result("D1", "pass"));
    EXPECT_TRUE(world.status("D1", "decided"));
    EXPECT_TRUE(world.status("D1", "closed"));
    EXPECT_EQ(world.dossier_at("D1").states.size(), world.dossier_at("D1").state_of.size());
    EXPECT_TRUE(refused(world.status("D9", "closed"), "dossier_unknown", "Đ13.1.b", "D9"));
}

TEST(Lifecycle, ResultsStandUntilTheyAreSuperseded) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.result("D1", "fail", "i-1"));
    EXPECT_TRUE(refused(world.result("D1", "pass"), "lifecycle_result_stands", "Đ20.1.b", "N-D1"));
    ASSERT_TRUE(
        world.result("D1", "pass", "i-2", "strict", "most.qlcl", R"(,["supersedes","most.qlcl","i-1"])"));
    EXPECT_EQ(world.dossier_at("D1").result()->outcome, "pass");
    EXPECT_TRUE(world.dossier_at("D1").results.front().superseded);
    EXPECT_TRUE(refused(
        world.result("D1", "pass", "i-3", "strict", "most.qlcl", R"(,["supersedes","most.qlcl","i-1"])"),
        "lifecycle_result_stands", "Đ20.1.b", "i-2"));
    // Annulled, the dossier is open again.
    ASSERT_TRUE(
        world.result("D1", "annulled", "i-4", "strict", "most.qlcl", R"(,["supersedes","most.qlcl","i-2"])"));
    EXPECT_EQ(world.dossier_at("D1").state, DossierState::accepted);
    EXPECT_TRUE(world.result("D1", "label_fail"));
    EXPECT_TRUE(world.result("D1", "incomplete"));
    EXPECT_TRUE(world.result("D1", "pass"));
}

TEST(Lifecycle, AResultIsCorrectedEvenWhenTheDossierIsClosed) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.result("D1", "pass", "i-1"));
    ASSERT_TRUE(world.status("D1", "closed"));
    EXPECT_TRUE(
        world.result("D1", "fail", "i-2", "strict", "most.qlcl", R"(,["supersedes","most.qlcl","i-1"])"));
    EXPECT_EQ(world.dossier_at("D1").state, DossierState::closed);
}

TEST(Lifecycle, AResultIsAboutTheGoodsOfItsDossier) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.dossier("D2"));
    EXPECT_TRUE(refused(world.result("D1", "pass", "", "strict", "most.qlcl", "", "ball"), "other_goods",
                        "QĐ 38", "ball"));
    EXPECT_TRUE(refused(
        world.add(
            "most.qlcl", "inspection_result", "i-9",
            R"({"notice_no":"N","dossier_no":"D1","goods_key":"doll","method":"strict","outcome":"pass"})",
            R"([["decides","importer.9900000016","r-D2"]])"),
        "wrong_dossier", "Đ13.1.b", "D2"));
}

TEST(Lifecycle, MovesOfCertificates) {
    const auto may = [](std::string_view from, std::string_view to, bool superseding = false) {
        return static_cast<bool>(check_certificate_move("C", from, to, superseding));
    };
    EXPECT_TRUE(may("", "issued"));
    EXPECT_FALSE(may("", "withdrawn"));
    EXPECT_FALSE(may("issued", "issued"));
    EXPECT_TRUE(may("issued", "issued", true));
    EXPECT_TRUE(may("issued", "suspended"));
    EXPECT_TRUE(may("suspended", "restored"));
    EXPECT_FALSE(may("suspended", "suspended"));
    EXPECT_FALSE(may("issued", "restored"));
    EXPECT_TRUE(may("restored", "suspended"));
    for (const char* to : {"issued", "suspended", "restored", "withdrawn"})
        EXPECT_EQ(may("withdrawn", to, true), false) << to;
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.certificate("D1", "C1"));
    EXPECT_TRUE(refused(world.certificate("D1", "C1"), "lifecycle_certificate_move", "Đ25.3", "C1"));
    ASSERT_TRUE(world.certificate("D1", "C1", "conforming", "lot_certification", "suspended"));
    ASSERT_TRUE(world.certificate("D1", "C1", "conforming", "lot_certification", "restored"));
    const Dossier dossier = world.dossier_at("D1");
    ASSERT_EQ(dossier.conformity.size(), 3u);
    EXPECT_TRUE(dossier.conformity[0].superseded && dossier.conformity[1].superseded);
    EXPECT_FALSE(dossier.conformity[2].superseded);
}

TEST(Lifecycle, PublishedMethods) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    const auto publish = [&](std::string_view method, std::string_view more, std::string_view refs = "",
                             std::string_view source = "customs.nsw", std::string_view id = "") {
        return world.add(source, "method_determination", id.empty() ? world.next_id("m") : std::string(id),
                         R"({"dossier_no":"D1","goods_key":"doll","ruleset":"qd38-2021@1","method":")" +
                             std::string(method) + R"(","reason":"doubt")" + std::string(more) + "}",
                         R"([["about","importer.9900000016","r-D1"])" + std::string(refs) + "]");
    };
    EXPECT_TRUE(refused(publish("normal", ""), "method_lighter", "QĐ 38", "not_certified"));
    EXPECT_TRUE(publish("strict", "", "", "customs.nsw", "m-1"));
    EXPECT_TRUE(refused(publish("strict", ""), "lifecycle_determination_published", "QĐ 38", "m-1"));
    EXPECT_TRUE(publish("strict", "", R"(,["supersedes","customs.nsw","m-1"])"));
    EXPECT_FALSE(world.dossier_at("D1").stricter);
    // Another rule set, other goods.
    EXPECT_TRUE(refused(
        world.add(
            "customs.nsw", "method_determination", "m-x",
            R"({"dossier_no":"D1","goods_key":"doll","ruleset":"nd15-2018@1","method":"strict","reason":"x"})",
            R"([["about","importer.9900000016","r-D1"]])"),
        "lifecycle_determination_published", "QĐ 38"));
    EXPECT_TRUE(refused(
        world.add(
            "customs.haiphong", "method_determination", "m-x",
            R"({"dossier_no":"D1","goods_key":"doll","ruleset":"nd15-2018@1","method":"strict","reason":"x"})"),
        "other_rule_set", "QĐ 38", "qd38-2021@1"));
    EXPECT_TRUE(refused(
        world.add(
            "customs.haiphong", "method_determination", "m-x",
            R"({"dossier_no":"D1","goods_key":"ball","ruleset":"qd38-2021@1","method":"strict","reason":"x"})"),
        "other_goods", "QĐ 38", "ball"));
}

TEST(Lifecycle, AStricterMethodNeedsItsArticleAndStays) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1", "mango", "08045030", "food_safety"));
    ASSERT_EQ(world.dossier_at("D1").determination.method, Method::normal);
    const auto publish = [&](std::string_view method, std::string_view more, std::string_view refs,
                             std::string_view source, std::string_view id) {
        return world.add(source, "method_determination", id,
                         R"({"dossier_no":"D1","goods_key":"mango","ruleset":"nd15-2018@1","method":")" +
                             std::string(method) + R"(","reason":"doubt")" + std::string(more) + "}",
                         R"([["about","importer.9900000016","r-D1"])" + std::string(refs) + "]");
    };
    const char* article = R"(,"legal_basis":["NĐ 132/2008 Đ7.6"])";
    EXPECT_TRUE(refused(publish("strict", "", "", "customs.haiphong", "m-1"), "stricter_without_reason",
                        "NĐ 132/2008/NĐ-CP Đ7.6", "normal"));
    ASSERT_TRUE(publish("strict", article, "", "customs.haiphong", "m-1"));
    EXPECT_EQ(world.dossier_at("D1").method(), Method::strict);
    // What the Single Window computes does not take it back; the office that did it may.
    ASSERT_TRUE(publish("normal", "", "", "customs.nsw", "m-2"));
    EXPECT_EQ(world.dossier_at("D1").method(), Method::strict);
    EXPECT_EQ(world.dossier_at("D1").published->id, "m-1");
    ASSERT_TRUE(
        publish("normal", "", R"(,["supersedes","customs.haiphong","m-1"])", "customs.haiphong", "m-3"));
    EXPECT_EQ(world.dossier_at("D1").method(), Method::normal);
}

TEST(Lifecycle, APublishedMethodAgreesWithTheDraw) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.declaration("104000123450", "D1"));
    world.set_method("104000123450", Method::reduced, true);
    const auto publish = [&](std::string_view drawn) {
        return world.add(
            "customs.nsw", "method_determination", world.next_id("m"),
            R"({"dossier_no":"D1","goods_key":"doll","ruleset":"qd38-2021@1","method":"reduced","reason":"x","random_selected":)" +
                std::string(drawn) + "}");
    };
    EXPECT_TRUE(refused(publish("false"), "draw_contradicted", "NĐ 15/2018/NĐ-CP Đ16", "selected"));
    EXPECT_TRUE(publish("true"));
}

TEST(Lifecycle, ADeclarationNumberIsRegisteredOnceAndAmendedInOrder) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.declaration("104000123450"));
    EXPECT_TRUE(refused(world.declaration("104000123450", "", "doll", "95030021", "", "", "again"),
                        "lifecycle_declaration_registered", "TT 38/2015/TT-BTC Đ20", "104000123450"));
    ASSERT_TRUE(world.declaration("104000123452", "", "doll", "95030021", "t-104000123450"));
    EXPECT_TRUE(refused(world.declaration("104000123451", "", "doll", "95030021", "t-104000123452"),
                        "lifecycle_amendment_order", "TT 38/2015/TT-BTC Đ20", "104000123451"));
    EXPECT_TRUE(refused(world.declaration("104000123453", "", "doll", "95030021", "t-104000123450"),
                        "lifecycle_amendment_order", "Đ20", "104000123452"));
    EXPECT_TRUE(refused(world.declaration("104000999991", "", "doll", "95030021", "t-104000123452"),
                        "declaration_unknown", "Đ30"));
    ASSERT_TRUE(world.declaration("104000123453", "", "doll", "95030021", "t-104000123452"));
    const Declaration declaration = world.declaration_at("104000123450");
    EXPECT_EQ(declaration.declaration_no, "104000123453");
    EXPECT_EQ(declaration.status, "amended");
    EXPECT_EQ(declaration.first.id, "t-104000123450");
    EXPECT_EQ(declaration.acts.size(), 3u);
}

TEST(Lifecycle, NothingIsDecidedAboutACancelledDeclaration) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.declaration("104000123450", "D1"));
    ASSERT_TRUE(world.declaration("104000123451", "D1", "doll", "95030021", "t-104000123450", "cancelled"));
    for (const auto& taken :
         {world.channel("104000123450"), world.clear("104000123450"), world.store("104000123450")})
        EXPECT_TRUE(refused(taken, "lifecycle_declaration_cancelled", "TT 38/2015/TT-BTC Đ22"));
    EXPECT_TRUE(refused(world.declaration("104000123452", "D1", "doll", "95030021", "t-104000123451"),
                        "lifecycle_declaration_cancelled", "Đ22"));
    // Its dossier is free for another, and the number may be filed again.
    EXPECT_EQ(world.dossier_at("D1").declaration, "");
    ASSERT_TRUE(world.declaration("104000777770", "D1"));
    EXPECT_TRUE(refused(world.declaration("104000123450", "D1", "doll", "95030021", "", "", "again"),
                        "lifecycle_dossier_carried", "Đ24.3", "104000777770"));
    EXPECT_TRUE(world.declaration("104000123450", "", "doll", "95030021", "", "", "again"));
    EXPECT_EQ(world.declaration_at("104000123450").status, "registered");
}

TEST(Lifecycle, ADossierIsCarriedOnceButForASurplusOfTheSameBill) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.declaration("104000123450", "D1"));
    EXPECT_TRUE(refused(world.declaration("104000777770", "D1"), "lifecycle_dossier_carried", "Đ24.3", "D1"));
    EXPECT_TRUE(world.declaration("104000777770", "D1", "doll", "95030021", "", "", "", "BL-D1"));
    EXPECT_TRUE(refused(
        world.declaration("104000888880", "D1", "doll", "95030021", "", "", "", "BL-D1", "9900000048"),
        "other_importer", "Đ24.3", "9900000048"));
}

TEST(Lifecycle, ClearanceIsFinal) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.declaration("104000123450", "", "pen", "96081000"));
    ASSERT_TRUE(world.clear("104000123450", "released"));
    EXPECT_TRUE(
        refused(world.clear("104000123450", "released"), "lifecycle_clearance_final", "Đ37", "released"));
    ASSERT_TRUE(world.clear("104000123450", "cleared"));
    EXPECT_TRUE(refused(world.clear("104000123450", "refused"), "lifecycle_clearance_final",
                        "Luật Hải quan 54/2014/QH13 Đ37", "cleared"));
    EXPECT_TRUE(refused(world.channel("104000123450"), "lifecycle_clearance_final", "Đ37"));
    EXPECT_TRUE(refused(world.store("104000123450"), "lifecycle_clearance_final", "Đ37"));
    EXPECT_TRUE(
        refused(world.declaration("104000123451", "", "pen", "96081000", "t-104000123450", "cancelled"),
                "lifecycle_clearance_final", "Đ37"));
}

TEST(Lifecycle, TheContentOfAClearedDeclarationStands) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.declaration("104000123450", "D1"));
    ASSERT_TRUE(world.result("D1", "pass", "i-1"));
    ASSERT_TRUE(world.clear("104000123450"));
    ASSERT_TRUE(world.dossier_at("D1").cleared);
    EXPECT_TRUE(refused(world.declaration("104000123451", "D1", "ball", "95030021", "t-104000123450"),
                        "cleared_content", "TT 38/2015/TT-BTC Đ20.1.b", "104000123450"));
    EXPECT_TRUE(refused(world.declaration("104000123451", "D1", "doll", "95030029", "t-104000123450"),
                        "cleared_content", "Đ20.1.b"));
    EXPECT_TRUE(refused(world.declaration("104000123451", "", "doll", "95030021", "t-104000123450"),
                        "cleared_content", "Đ20.1.b"));
    EXPECT_TRUE(refused(world.dossier("D1", "doll", "95030021", "quality", "",
                                      R"([["supersedes","importer.9900000016","r-D1"]])", "r2"),
                        "cleared_content", "Đ20.1.b", "D1"));
    // The rest of the declaration may change, and the agency's result by the agency's own act.
    EXPECT_TRUE(world.declaration("104000123451", "D1", "doll", "95030021", "t-104000123450"));
    EXPECT_TRUE(world.declaration_at("104000123450").is_cleared());
    EXPECT_TRUE(
        world.result("D1", "fail", "i-2", "strict", "most.qlcl", R"(,["supersedes","most.qlcl","i-1"])"));
    EXPECT_TRUE(world.declaration_at("104000123450").is_cleared());
}

TEST(Lifecycle, MovesOfStorage) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.declaration("104000123450"));
    EXPECT_TRUE(refused(world.store("104000123450", "ended"), "lifecycle_storage_move",
                        "TT 38/2015/TT-BTC Đ32", "none"));
    EXPECT_TRUE(world.store("104000123450", "refused"));
    ASSERT_TRUE(world.store("104000123450", "granted"));
    EXPECT_EQ(world.declaration_at("104000123450").storage->result_due, parse_date("2021-07-01"));
    EXPECT_TRUE(refused(world.store("104000123450", "granted"), "lifecycle_storage_move", "Đ32", "granted"));
    ASSERT_TRUE(world.store("104000123450", "ended"));
    EXPECT_TRUE(world.store("104000123450", "violated"));
    EXPECT_TRUE(refused(world.store("104000123450", "ended"), "lifecycle_storage_move", "Đ32", "violated"));
}

TEST(Lifecycle, RemediesFollowTheirOrder) {
    ShipmentWorld world = ShipmentWorld::ready();
    ASSERT_TRUE(world.dossier("D1"));
    ASSERT_TRUE(world.declaration("104000123450", "D1"));
    ASSERT_TRUE(world.result("D1", "fail", "i-1"));
    const auto complete = [&](std::string_view order, std::string_view remedy, std::string_view more = "",
                              std::string_view refs = "", std::string_view id = "") {
        return world.add(
            "customs.haiphong", "remedy_completion", id.empty() ? world.next_id("rc") : std::string(id),
            R"({"remedy":")" + std::string(remedy) + R"(","completed_at":"x")" + std::string(more) + "}",
            R"([["closes","most.qlcl",")" + std::string(order) + R"("])" + std::string(refs) + "]");
    };
    EXPECT_TRUE(refused(complete("o-1", "destroy"), "lifecycle_remedy_without_order", "Đ8.2", "o-1"));
    ASSERT_TRUE(world.add("most.qlcl", "remedy_order", "o-1",
                          R"({"dossier_no":"D1","allowed":["re_export","recycle"],"due":"2021-07-01"})",
                          R"([["because_of","most.qlcl","i-1"]])"));
    EXPECT_TRUE(world.dossier_at("D1").remedy_ordered);
    EXPECT_TRUE(
        refused(complete("o-1", "destroy"), "lifecycle_remedy_not_ordered", "Đ8.2", "re_export, recycle"));
    EXPECT_TRUE(refused(complete("o-1", "recycle", R"(,"dossier_no":"D2")"), "lifecycle_remedy_without_order",
                        "Đ20", "D2"));
    EXPECT_TRUE(refused(complete("o-1", "recycle", R"(,"declaration_no":"104000999990")"),
                        "lifecycle_remedy_without_order", "Đ20", "104000999990"));
    ASSERT_TRUE(complete("o-1", "recycle", R"(,"declaration_no":"104000123450")", "", "done"));
    EXPECT_TRUE(world.declaration_at("104000123450").remedied);
    EXPECT_FALSE(world.dossier_at("D1").failing());
    EXPECT_TRUE(refused(complete("o-1", "recycle"), "lifecycle_remedy_done", "Đ20", "done"));
    EXPECT_TRUE(complete("o-1", "re_export", "", R"(,["supersedes","customs.haiphong","done"])"));
    EXPECT_TRUE(world.dossier_at("D1").goods_gone());
}

TEST(Lifecycle, AnAppealIsDecidedOnceByWhomTheActIs) {
    ShipmentWorld world = ShipmentWorld::ready();
    const auto appeal = [&](std::string_view source, std::string_view id, std::string_view status,
                            std::string_view refs) {
        return world.add(
            source, "appeal", id,
            R"({"appeal_no":"KN-1","status":")" + std::string(status) + R"(","outcome":"upheld"})", refs);
    };
    const char* decides = R"([["decides","importer.9900000016","kn"]])";
    EXPECT_TRUE(refused(appeal("most.qlcl", "early", "decided", decides), "lifecycle_appeal_not_filed",
                        "QĐ 38", "KN-1"));
    EXPECT_TRUE(refused(appeal("most.qlcl", "bare", "decided", R"([["about","most.qlcl","i-1"]])"),
                        "lifecycle_appeal_not_filed", "QĐ 38", "KN-1"));
    ASSERT_TRUE(appeal("importer.9900000016", "kn", "filed", R"([["about","most.qlcl","i-1"]])"));
    EXPECT_TRUE(refused(appeal("mard.bvtv", "d-0", "decided", decides), "lifecycle_appeal_decider", "QĐ 38",
                        "most.qlcl"));
    EXPECT_TRUE(
        refused(appeal("mard.bvtv", "d-0", "withdrawn", decides), "lifecycle_appeal_decider", "QĐ 38"));
    EXPECT_TRUE(refused(appeal("most.qlcl", "d-1", "decided",
                               R"([["about","most.dost-hcm","v-1"],["decides","importer.9900000016","kn"]])"),
                        "appeal_about_other", "QĐ 38", "v-1 of most.dost-hcm"));
    EXPECT_TRUE(refused(appeal("mard.bvtv", "own", "filed", R"([["about","mard.bvtv","i-2"]])"),
                        "appeal_of_agency", "QĐ 38", "mard.bvtv"));
    ASSERT_TRUE(appeal("most.qlcl", "d-1", "decided",
                       R"([["about","most.qlcl","i-1"],["decides","importer.9900000016","kn"]])"));
    EXPECT_TRUE(
        refused(appeal("most.qlcl", "d-2", "decided", decides), "lifecycle_appeal_decided", "QĐ 38", "d-1"));
    EXPECT_TRUE(appeal("most.qlcl", "d-3", "decided",
                       R"([["decides","importer.9900000016","kn"],["supersedes","most.qlcl","d-1"]])"));
}

}  // namespace
}  // namespace socai::inspection
