#include "inspection/method/method_answer.hpp"

#include <gtest/gtest.h>

#include "inspection/alerts/alerts.hpp"
#include "inspection/catalog/catalog.hpp"
#include "inspection/method/exemptions.hpp"
#include "inspection/method/goods_answer.hpp"
#include "tests/unit/inspection/rule_sets.hpp"
#include "tests/unit/inspection/world.hpp"

namespace socai::inspection {
namespace {

using test::World;

constexpr std::string_view importer = "9900000016";
const Viewer agency{.agency = true, .tax_code = {}};

std::string key_of(int goods) {
    return "sha256:" + std::string(63, 'a') + std::to_string(goods);
}

// Lists, rule sets, alerts, exemptions and goods, in the engine's order.
class MethodAnswers : public ::testing::Test {
  protected:
    MethodAnswers() {
        world_.add_file("data/rule_sets.jsonl");
        record(
            "most.tcvn", "catalog_item",
            R"({"list_code":"L","hs_code":"9503","goods_description":"d","inspection_stage":"before_clearance",)"
            R"("inspection_agency":"most.qlcl","regimes":["quality"],"valid_from":"2021-01-01"})");
        for (int goods = 0; goods < 3; ++goods)
            record(
                "importer." + std::string(importer), "inspection_registration",
                R"({"dossier_no":"D-)" + std::to_string(goods) +
                    R"(","regime":"quality","importer":{"tax_code":"9900000016"},"goods_key":")" +
                    key_of(goods) + R"(","goods":{"goods_name":"x","hs_code":"9503002)" +
                    std::to_string(goods) +
                    R"(","brand":"b","model":"m","manufacturer":{"name":"n","country":"ID","site_id":"S"},)"
                    R"("origin_country":"ID"}})");
    }
    ledger::Address record(std::string_view source, std::string_view kind, const std::string& data,
                           std::string_view day = "2021-02-01") {
        return world_
            .add(source, kind, "r-" + std::to_string(++made_), std::string(day) + "T12:00:00+07:00", data)
            .value();
    }
    ledger::Address pass(int goods, std::string_view day, std::string_view method = "strict") {
        return record("most.qlcl", "inspection_result",
                      R"({"dossier_no":"D-)" + std::to_string(goods) + R"(","goods_key":")" + key_of(goods) +
                          R"(","method":")" + std::string(method) + R"(","outcome":"pass"})",
                      day);
    }
    ledger::Address alert(const std::string& scope, bool published = false,
                          const std::string& effect = R"(["method_strict","no_storage_release"])") {
        return record("most.qlcl", "alert",
                      R"({"alert_no":"CB-)" + std::to_string(made_) + R"(","scope":)" + scope +
                          R"(,"level":"serious","effect":)" + effect + R"(,"text":"t","published":)" +
                          (published ? "true" : "false") + R"(,"valid_from":"2021-02-01"})",
                      "2021-05-01");
    }
    boost::json::object method(int goods, const Viewer& viewer = agency, std::string_view day = "2021-06-01",
                               std::string_view tax_code = {},
                               std::vector<std::string> circumstances = {}) const {
        MethodQuestion question;
        question.goods = find_goods(world_.facts(), key_of(goods)).value();
        question.regime = "quality";
        question.tax_code = tax_code;
        question.circumstances = std::move(circumstances);
        question.at_ms = test::noon(day);
        return method_answer(world_.facts(), *rules_, question, viewer);
    }
    static std::string steps(const boost::json::object& answer) {
        std::string all;
        for (const auto& step : answer.at("next_steps").as_array())
            all += (all.empty() ? "" : " ") + std::string(step.at("what").as_string());
        return all;
    }
    boost::json::object goods(GoodsQuestion question, const Viewer& viewer = agency) const {
        question.at_ms = test::noon("2021-06-01");
        return goods_answer(world_.facts(), *rules_, question, viewer);
    }

    std::shared_ptr<RuleBook> rules_ = std::make_shared<RuleBook>();
    World world_{
        [rules = rules_](const ledger::Coming& coming, ledger::FactDraft& facts) -> ledger::Result<void> {
            if (auto taken = rules->take(coming, facts); !taken) return taken;
            if (auto taken = take_catalog(coming, facts); !taken) return taken;
            if (auto taken = take_alert(coming, facts); !taken) return taken;
            if (auto taken = take_exemption(coming, facts); !taken) return taken;
            return take_goods(coming, facts, *rules);
        }};
    int made_ = 0;
};

TEST_F(MethodAnswers, UnknownGoodsAreStrictAndToldWhatLeadsOut) {
    const auto answer = method(0);
    EXPECT_EQ(answer.at("method"), "strict");
    EXPECT_EQ(answer.at("reason"), "not_certified");
    EXPECT_EQ(answer.at("rule_set"), "qd38-2021@1");
    EXPECT_EQ(answer.at("agency"), "most.qlcl");
    EXPECT_EQ(answer.at("needed"), 3);
    EXPECT_EQ(steps(answer), "inspection_registration conformity_result inspection_result inspection_result");
    for (const auto& step : answer.at("next_steps").as_array())
        for (const char* member : {"who", "what", "en", "vi", "article"})
            EXPECT_FALSE(step.at(member).as_string().empty()) << member;
}

TEST_F(MethodAnswers, ThreePassesMakeThemNormalWithTheEvidence) {
    const auto first = pass(0, "2021-03-01");
    pass(0, "2021-03-02");
    EXPECT_EQ(method(0).at("streak"), 2);
    pass(0, "2021-03-03");
    const auto answer = method(0);
    EXPECT_EQ(answer.at("method"), "normal");
    EXPECT_EQ(answer.at("reason"), "passes_under_strict");
    EXPECT_EQ(answer.at("since"), "2021-03-03T12:00:00.000+07:00");
    ASSERT_EQ(answer.at("evidence").as_array().size(), 3U);
    EXPECT_EQ(answer.at("evidence").at(0).as_string(), ledger::to_string(first));
    EXPECT_EQ(answer.at("history").as_array().size(), 2U);
    EXPECT_EQ(steps(answer), "inspection_registration inspection_result inspection_result");
}

TEST_F(MethodAnswers, NotListedNeedsNothing) {
    MethodQuestion question;
    question.goods.hs_code = "01012100";
    question.regime = "quality";
    question.at_ms = test::noon("2021-06-01");
    const auto answer = method_answer(world_.facts(), *rules_, question, {});
    EXPECT_EQ(answer.at("listed"), false);
    EXPECT_EQ(answer.at("method"), "exempt");
    EXPECT_EQ(steps(answer), "customs_declaration");
}

TEST_F(MethodAnswers, ACircumstanceExemptsUntilAnAlert) {
    const auto exempt = method(0, agency, "2021-06-01", importer, {"exhibition"});
    EXPECT_EQ(exempt.at("method"), "exempt");
    EXPECT_EQ(exempt.at("exemption"), "exhibition");
    EXPECT_EQ(exempt.at("reason"), nullptr);
    EXPECT_EQ(steps(exempt), "customs_declaration");
    alert(R"({"hs_prefix":"9503"})");
    const auto strict = method(0, agency, "2021-06-01", importer, {"exhibition"});
    EXPECT_EQ(strict.at("method"), "strict");
    EXPECT_EQ(strict.at("reason"), "active_alert");
    EXPECT_EQ(strict.at("alerts").as_array().size(), 1U);
    EXPECT_TRUE(steps(strict).ends_with("storage_release"));
}

TEST_F(MethodAnswers, AnUnpublishedAlertIsTheAgenciesOwn) {
    const auto at = alert(R"({"hs_prefix":"9503"})");
    const auto seen = method(0, {});
    EXPECT_EQ(seen.at("method"), "strict");
    EXPECT_TRUE(seen.at("alerts").as_array().empty());
    EXPECT_TRUE(seen.at("evidence").as_array().empty());
    EXPECT_EQ(boost::json::serialize(seen).find('"' + ledger::to_string(at) + '"'), std::string::npos);
    EXPECT_EQ(method(0).at("evidence").as_array().size(), 1U);
}

TEST_F(MethodAnswers, WhatAnUnpublishedAlertBroughtAboutIsNotExplained) {
    for (int day = 1; day <= 3; ++day) pass(0, "2021-03-0" + std::to_string(day));
    alert(R"({"hs_prefix":"9503"})");
    const auto is_told = [](const boost::json::object& told) {
        return !told.at("reason").is_null() || !told.at("article").is_null() || !told.at("since").is_null();
    };
    EXPECT_TRUE(is_told(method(0)));
    EXPECT_EQ(method(0).at("reason"), "active_alert");
    const auto seen = method(0, {});
    EXPECT_EQ(seen.at("method"), "strict");
    EXPECT_FALSE(is_told(seen));
    ASSERT_EQ(seen.at("history").as_array().size(), 3U);
    EXPECT_TRUE(is_told(seen.at("history").at(1).as_object()));
    EXPECT_FALSE(is_told(seen.at("history").at(2).as_object()));
    EXPECT_EQ(boost::json::serialize(seen).find("2021-05-01"), std::string::npos);
    // Lifted, and its passes counted: that moment would tell, too.
    for (int day = 2; day <= 4; ++day) pass(0, "2021-05-0" + std::to_string(day));
    record("most.qlcl", "alert",
           R"({"alert_no":"CB-)" + std::to_string(made_ - 4) +
               R"(","status":"lifted","scope":{"hs_prefix":"9503"},"level":"serious","effect":[],"text":"t",)"
               R"("valid_from":"2021-02-01"})",
           "2021-05-07");
    ASSERT_EQ(method(0).at("method"), "normal");
    EXPECT_FALSE(is_told(method(0, {})));
    ASSERT_EQ(goods({}, {}).at("items").as_array().size(), 1U);
    EXPECT_FALSE(is_told(goods({}, {}).at("items").at(0).as_object()));
}

TEST_F(MethodAnswers, AnEarlierTimeIsAnsweredAsItWasThen) {
    for (int day = 1; day <= 3; ++day) pass(0, "2021-03-0" + std::to_string(day));
    alert(R"({"hs_prefix":"9503"})");
    const auto then = method(0, agency, "2021-04-30");
    EXPECT_EQ(then.at("method"), "normal");
    EXPECT_EQ(then.at("reason"), "passes_under_strict");
    EXPECT_EQ(then.at("since"), "2021-03-03T12:00:00.000+07:00");
    EXPECT_EQ(then.at("evidence").as_array().size(), 3U);
    EXPECT_TRUE(then.at("alerts").as_array().empty());
    EXPECT_EQ(then.at("method"), then.at("history").as_array().back().at("method"));
    EXPECT_EQ(method(0).at("reason"), "active_alert");
}

TEST_F(MethodAnswers, AnAlertAboutAnImporterIsToldNobodyElse) {
    for (int day = 1; day <= 3; ++day) pass(0, "2021-03-0" + std::to_string(day));
    alert(R"({"tax_code":"9900000016"})", true);
    EXPECT_EQ(method(0, agency, "2021-06-01", importer).at("method"), "strict");
    EXPECT_EQ(
        method(0, {.agency = false, .tax_code = std::string(importer)}, "2021-06-01", importer).at("method"),
        "strict");
    for (const Viewer& other : {Viewer{}, Viewer{.agency = false, .tax_code = "9900000048"}}) {
        const auto answer = method(0, other, "2021-06-01", importer);
        EXPECT_EQ(answer.at("method"), "normal");
        EXPECT_EQ(answer.at("tax_code"), nullptr);
        EXPECT_EQ(boost::json::serialize(answer).find(importer), std::string::npos);
    }
}

TEST_F(MethodAnswers, GoodsAreDescribedAsRegistrationsDo) {
    const auto goods = test::json::parse(
        R"({"goods_name":"x","intended_use":"u","hs_code":"95030021","brand":"b","model":"m","technical_spec":"t",)"
        R"("manufacturer":{"name":"n","country":"ID","site_id":"S"},"origin_country":"ID"})");
    const auto described = described_goods(world_.facts(), goods.as_object());
    ASSERT_TRUE(described);
    EXPECT_TRUE(described->goods_key.starts_with("sha256:"));
    EXPECT_EQ(described->manufacturer_site_id, "S");
    EXPECT_EQ(described_goods(world_.facts(), {}).error().reason, "goods_field_missing");
}

TEST_F(MethodAnswers, TheListIsFilteredAndGoesOnPageByPage) {
    for (int day = 1; day <= 3; ++day) pass(1, "2021-03-0" + std::to_string(day));
    EXPECT_EQ(goods({}).at("items").as_array().size(), 3U);
    GoodsQuestion normal;
    normal.method = Method::normal;
    EXPECT_EQ(goods(normal).at("items").as_array().size(), 1U);
    EXPECT_EQ(goods(normal).at("items").at(0).at("goods_key").as_string(), key_of(1));
    GoodsQuestion prefix;
    prefix.hs_prefix = "95030022";
    EXPECT_EQ(goods(prefix).at("items").as_array().size(), 1U);
    GoodsQuestion exempt;
    exempt.exempt = true;
    EXPECT_EQ(goods(exempt).at("items").as_array().size(), 0U);
    GoodsQuestion regime;
    regime.regime = "food_safety";
    EXPECT_EQ(goods(regime).at("items").as_array().size(), 0U);
    std::string seen;
    GoodsQuestion page;
    page.limit = 2;
    for (int pages = 0; pages < 5; ++pages) {
        const auto answer = goods(page);
        for (const auto& item : answer.at("items").as_array())
            seen += std::string(item.at("goods_key").as_string()).back();
        if (!answer.contains("next_cursor")) break;
        page.cursor = answer.at("next_cursor").as_string();
    }
    EXPECT_EQ(seen, "012");
}

TEST_F(MethodAnswers, GoodsUnderStrictInspectionAreNotListedForAll) {
    for (int day = 1; day <= 3; ++day) pass(1, "2021-03-0" + std::to_string(day));
    const auto items = goods({}, {}).at("items").as_array();
    ASSERT_EQ(items.size(), 1U);
    EXPECT_EQ(items.at(0).at("method"), "normal");
}

}  // namespace
}  // namespace socai::inspection
