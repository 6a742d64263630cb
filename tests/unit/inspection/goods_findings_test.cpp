// Appeals against results, and what is found after clearance: of which goods it is, and what corrections make of it.
#include <gtest/gtest.h>

#include "tests/unit/inspection/goods_world.hpp"

namespace socai::inspection {
namespace {

using test::GoodsWorld;
using test::key_of;

TEST(GoodsBook, AnUpheldAppealTakesAFailureAway) {
    GoodsWorld goods("nd15-2018@1");
    goods.result("2021-03-02", "fail", "normal");
    const std::string failed = goods.last_id();
    EXPECT_EQ(goods.method("2021-03-03"), Method::strict);
    goods.record("importer.9900000016", "appeal", "2021-03-04", R"({"appeal_no":"K-1","status":"filed"})",
                 R"([["about","most.qlcl",")" + failed + R"("]])");
    const std::string appeal = goods.last_id();
    EXPECT_EQ(goods.method("2021-03-05"), Method::strict);
    goods.record("most.qlcl", "appeal", "2021-03-10",
                 R"({"appeal_no":"K-1","status":"decided","outcome":"upheld"})",
                 R"([["decides","importer.9900000016",")" + appeal + R"("]])");
    EXPECT_EQ(goods.method("2021-03-11"), Method::normal);
}

TEST(GoodsBook, ADecisionSpeaksOnlyOfWhatTheAppealWasAbout) {
    GoodsWorld goods("nd15-2018@1");
    goods.result("2021-03-02", "pass", "normal");
    const std::string passed = goods.last_id();
    goods.record("most.dost-hcm", "violation", "2021-03-03",
                 R"({"case_no":"V","found_in":"market","goods_key":")" + key_of(0) +
                     R"(","finding":"f","severity":"safety"})");
    const std::string violation = goods.last_id();
    ASSERT_EQ(goods.method("2021-03-04"), Method::strict);
    goods.record("importer.9900000016", "appeal", "2021-03-04", R"({"appeal_no":"K-1","status":"filed"})",
                 R"([["about","most.qlcl",")" + passed + R"("]])");
    const std::string appeal = goods.last_id();
    goods.record("most.qlcl", "appeal", "2021-03-10",
                 R"({"appeal_no":"K-1","status":"decided","outcome":"upheld"})",
                 R"([["about","most.dost-hcm",")" + violation + R"("],["decides","importer.9900000016",")" +
                     appeal + R"("]])");
    EXPECT_EQ(goods.method("2021-03-11"), Method::strict);
    EXPECT_EQ(goods.at("2021-03-11").standing.reason, Reason::failed_check);
}

// The agency acted anew before the appeal was decided: nobody appealed against that.
TEST(GoodsBook, AnUpheldAppealLeavesWhatTheAgencyDidMeanwhile) {
    for (const bool anew : {false, true}) {
        GoodsWorld goods("nd15-2018@1");
        goods.result("2021-03-02", "fail", "normal");
        const std::string failed = goods.last_id();
        goods.record("importer.9900000016", "appeal", "2021-03-04", R"({"appeal_no":"K-1","status":"filed"})",
                     R"([["about","most.qlcl",")" + failed + R"("]])");
        const std::string appeal = goods.last_id();
        if (anew) goods.result("2021-03-05", "fail", "normal", 0, 0, failed);
        goods.record("most.qlcl", "appeal", "2021-03-10",
                     R"({"appeal_no":"K-1","status":"decided","outcome":"upheld"})",
                     R"([["decides","importer.9900000016",")" + appeal + R"("]])");
        EXPECT_EQ(goods.method("2021-03-11"), anew ? Method::strict : Method::normal);
    }
}

TEST(GoodsBook, AFindingCorrectedToOtherGoodsIsOfThose) {
    for (const std::string kind : {"violation", "post_check"}) {
        GoodsWorld goods("nd15-2018@1");
        const auto found = [&](int which, const std::string& refs = "[]") {
            goods.record("most.dost-hcm", kind, "2021-03-03",
                         R"({"case_no":"V","found_in":"market","finding":"f","severity":"safety",)"
                         R"("check_no":"C","type":"market_check","status":"done","outcome":"fail",)"
                         R"("goods_key":")" +
                             key_of(which) + "\"}",
                         refs);
        };
        found(0);
        found(1, R"([["supersedes","most.dost-hcm",")" + goods.last_id() + R"("]])");
        EXPECT_EQ(goods.method("2021-03-04", 0), Method::normal) << kind;
        EXPECT_EQ(goods.method("2021-03-04", 1), Method::strict) << kind;
        found(0, R"([["supersedes","most.dost-hcm",")" + goods.last_id() + R"("]])");
        EXPECT_EQ(goods.method("2021-03-04", 0), Method::strict) << kind;
        EXPECT_EQ(goods.method("2021-03-04", 1), Method::normal) << kind;
    }
}

TEST(GoodsBook, AFindingIsOfTheGoodsThatItLeadsTo) {
    GoodsWorld goods("nd15-2018@1");
    const auto check = [&](const std::string& more, const std::string& refs) {
        return goods.world().add("most.dost-hcm", "post_check", goods.next_id(), "2021-03-03T12:00:00+07:00",
                                 R"({"check_no":"C","status":"done","outcome":"fail")" + more + "}", refs);
    };
    goods.result("2021-03-02", "pass", "normal");
    const std::string passed = goods.last_id();
    goods.result("2021-03-02", "pass", "normal", 1);
    const std::string other = goods.last_id();
    const std::string market = R"(,"type":"market_check")";
    for (const auto& [more, refs] : std::vector<std::pair<std::string, std::string>>{
             {market, "[]"},
             {market + R"(,"tax_code":"9900000016")", "[]"},
             {market,
              R"([["about","most.qlcl",")" + passed + R"("],["about","most.qlcl",")" + other + R"("]])"}}) {
        const auto refused = check(more, refs);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().reason, "finding_without_goods");
        EXPECT_TRUE(refused.error().detail.ends_with("]"));
    }
    EXPECT_TRUE(check(R"(,"type":"post_clearance_audit","tax_code":"9900000016")", "[]"))
        << "an audit of a firm's books is of no goods";
    EXPECT_EQ(goods.method("2021-03-04"), Method::normal);
    ASSERT_TRUE(check(market, R"([["about","most.qlcl",")" + passed + R"("]])"));
    EXPECT_EQ(goods.at("2021-03-04").standing.reason, Reason::failed_check);
    EXPECT_EQ(goods.method("2021-03-04", 1), Method::normal);
}

TEST(GoodsBook, AViolationIsOfTheGoodsWhoeverImportsThemAndHoweverItIsCorrected) {
    GoodsWorld goods("nd132-2008@1");
    const auto violation = [&](std::string_view severity, const std::string& refs = "[]") {
        goods.record("most.dost-hcm", "violation", "2021-11-01",
                     R"({"case_no":"V","found_in":"market","goods_key":")" + key_of(0) +
                         R"(","finding":"f","tax_code":"9900000016","severity":")" + std::string(severity) +
                         "\"}",
                     refs);
    };
    violation("major");
    ASSERT_EQ(goods.method("2021-11-02", 0, 1), Method::strict);
    violation("safety", R"([["supersedes","most.dost-hcm",")" + goods.last_id() + R"("]])");
    EXPECT_EQ(goods.method("2021-11-02", 0, 0), Method::strict);
    EXPECT_EQ(goods.method("2021-11-02", 0, 1), Method::strict);
}

}  // namespace
}  // namespace socai::inspection
