#include "inspection/method/exemptions.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/inspection/rule_sets.hpp"
#include "tests/unit/inspection/world.hpp"

namespace socai::inspection {
namespace {

using test::World;

constexpr std::string_view importer = "9900000016";
const std::string key = "sha256:" + std::string(64, 'a');
const Goods doll{key, "95030021", "CN", "SITE"};

class Exemptions : public ::testing::Test {
  protected:
    ledger::Address add(const std::string& members, const std::string& refs = "[]",
                        std::string_view status = "issued",
                        std::string_view time = "2021-01-01T08:00:00+07:00",
                        std::string_view from = "2021-01-01", std::string_view to = "2021-12-31",
                        std::string_view number = "14/TB") {
        return world_
            .add("most.qlcl", "exemption_notice", "ex-" + std::to_string(++made_), time,
                 R"({"notice_no":")" + std::string(number) +
                     R"(","regime":"quality","category":"three_passes","status":")" + std::string(status) +
                     R"(","valid_from":")" + std::string(from) + R"(","valid_to":)" +
                     (to.empty() ? "null" : '"' + std::string(to) + '"') +
                     R"(,"legal_basis":["NĐ 132/2008 Đ7.8"])" + (members.empty() ? "" : "," + members) + "}",
                 refs)
            .value();
    }
    struct Asked {
        std::string_view day = "2021-06-01";
        Goods goods = doll;
        std::string_view regime = "quality";
        std::string_view tax_code = importer;
        std::vector<std::string> circumstances = {};
        std::string_view dossier_no = "D-1";
        std::string_view declaration_no = "104000123450";
        std::string_view agency = "most.qlcl";  // that the list names
    };
    std::optional<Exemption> of(const Asked& asked) const {
        CatalogItem item;
        item.agency = asked.agency;
        item.authorities = {item.agency, "most", "most.tcvn", "most"};
        return exemption_of(world_.facts(), item, asked.goods, asked.regime, asked.tax_code,
                            asked.circumstances, asked.dossier_no, asked.declaration_no,
                            parse_date(asked.day).value());
    }
    bool exempt() const { return exempt(Asked{}); }
    bool exempt(const Asked& asked) const { return of(asked).has_value(); }

    World world_{take_exemption};
    int made_ = 0;
};

TEST_F(Exemptions, EveryCaseOfTheLawHasItsWordArticleAndTexts) {
    std::set<std::pair<std::string_view, std::string_view>> words;
    int food = 0, quality = 0;
    for (const ExemptCase& each : exempt_cases()) {
        EXPECT_TRUE(words.emplace(each.regime, each.word).second) << each.word;
        EXPECT_FALSE(each.article.empty() || each.text_vi.empty() || each.text_en.empty());
        food += each.article.starts_with("NĐ 15/2018/NĐ-CP Đ13.") ? 1 : 0;
        quality += each.article.starts_with("NĐ 132/2008/NĐ-CP Đ7.7.") ? 1 : 0;
    }
    EXPECT_EQ(food, 9);
    EXPECT_EQ(quality, 14);
}

TEST_F(Exemptions, ACircumstanceOfTheRegimeExempts) {
    const auto found = of({.circumstances = {"weather", "exhibition"}});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->category, "exhibition");
    EXPECT_EQ(found->article, "NĐ 132/2008/NĐ-CP Đ7.7.d");
    EXPECT_EQ(found->notice, std::nullopt);
    EXPECT_EQ(of({.regime = "food_safety", .circumstances = {"exhibition"}})->article,
              "NĐ 15/2018/NĐ-CP Đ13.6");
    EXPECT_FALSE(exempt({.regime = "food_safety", .circumstances = {"border_residents"}}));
    EXPECT_FALSE(exempt({.regime = "plant_quarantine", .circumstances = {"exhibition"}}));
    EXPECT_FALSE(exempt({.circumstances = {"weather"}}));
}

TEST_F(Exemptions, ANoticeExemptsForItsTerm) {
    const auto at = add(R"("goods_key":")" + key + R"(","tax_code":"9900000016")");
    const auto found = of({});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->category, "three_passes");
    EXPECT_EQ(found->article, "NĐ 132/2008 Đ7.8");
    EXPECT_EQ(found->notice, at);
    EXPECT_EQ(found->last_day, parse_date("2021-12-31"));
    EXPECT_TRUE(exempt({.day = "2021-01-01"}));
    EXPECT_TRUE(exempt({.day = "2021-12-31"}));
    EXPECT_FALSE(exempt({.day = "2020-12-31"}));
    EXPECT_FALSE(exempt({.day = "2022-01-01"}));
    EXPECT_FALSE(exempt({.regime = "food_safety"}));
    EXPECT_FALSE(exempt({.tax_code = "9900000048"}));
    EXPECT_FALSE(exempt({.tax_code = ""}));
    EXPECT_FALSE(exempt({.goods = {"sha256:" + std::string(64, 'b'), "95030021", "CN", "SITE"}}));
}

// A notice of a ministry whose goods these are not exempts nothing; customs exempts one shipment, in a case of the law.
TEST_F(Exemptions, OnlyWhoMayExemptDoes) {
    const auto notice = [&](std::string_view source, std::string_view category, const std::string& scope) {
        World world(take_exemption);
        world
            .add(
                source, "exemption_notice", "ex-1", "2021-01-01T08:00:00+07:00",
                R"({"notice_no":"1","regime":"quality","status":"issued","valid_from":"2021-01-01","category":")" +
                    std::string(category) + "\"," + scope + "}")
            .value();
        CatalogItem item;
        item.agency = "most.qlcl";
        item.authorities = {"most.qlcl", "most", "most.tcvn", "most"};
        return exemption_of(world.facts(), item, doll, "quality", importer, {}, "D-1", "",
                            parse_date("2021-06-01").value())
            .has_value();
    };
    const std::string all_toys = R"("hs_prefix":"9503")";
    EXPECT_TRUE(notice("most.qlcl", "three_passes", all_toys));
    EXPECT_TRUE(notice("most.tcvn", "three_passes", all_toys));
    EXPECT_TRUE(notice("most", "three_passes", all_toys));
    EXPECT_FALSE(notice("mard.bvtv", "three_passes", all_toys));
    EXPECT_FALSE(notice("mard", "three_passes", all_toys));
    EXPECT_FALSE(notice("customs.haiphong", "three_passes", R"("dossier_no":"D-1")"));
    EXPECT_FALSE(notice("customs.haiphong", "exhibition", all_toys));
    EXPECT_TRUE(notice("customs.haiphong", "exhibition", R"("dossier_no":"D-1")"));
}

TEST_F(Exemptions, ANoticeForAnEnterpriseIsForItsUnits) {
    add(R"("tax_code":"9900000016")");
    EXPECT_TRUE(exempt({.tax_code = "9900000016001"}));
    add(R"("tax_code":"9900000048001")");
    EXPECT_TRUE(exempt({.tax_code = "9900000048001"}));
    EXPECT_FALSE(exempt({.tax_code = "9900000048"}));
}

TEST_F(Exemptions, EachMemberOfTheScopeCounts) {
    add(R"("dossier_no":"D-2")");
    EXPECT_FALSE(exempt());
    EXPECT_TRUE(exempt({.dossier_no = "D-2"}));
    add(R"("declaration_no":"104000123451")");
    EXPECT_TRUE(exempt());  // an amendment is the same declaration
    EXPECT_FALSE(exempt({.declaration_no = "104000123460"}));
    add(R"("hs_prefix":"9504")");
    EXPECT_TRUE(exempt({.goods = {"k", "95040000", "CN", ""}, .declaration_no = ""}));
    EXPECT_FALSE(exempt({.goods = {"k", "9503", "CN", ""}, .declaration_no = ""}));
    add(R"("tax_code":"9900000048")");
    EXPECT_TRUE(exempt({.tax_code = "9900000048", .declaration_no = ""}));
}

TEST_F(Exemptions, ANoticeWithoutAScopeExemptsNobody) {
    add("");
    EXPECT_FALSE(exempt());
}

TEST_F(Exemptions, ANoticeForCircumstancesAsksForThem) {
    add(R"("tax_code":"9900000016","circumstances":["charity","aid"])");
    EXPECT_FALSE(exempt());
    EXPECT_FALSE(exempt({.circumstances = {"aid"}}));
    EXPECT_TRUE(exempt({.circumstances = {"aid", "charity"}}));
}

TEST_F(Exemptions, TheFirstInTheLedgerAnswers) {
    const auto first = add(R"("hs_prefix":"95")");
    add(R"("dossier_no":"D-1")");
    EXPECT_EQ(of({})->notice, first);
    EXPECT_EQ(of({.circumstances = {"exhibition"}})->notice, first);
}

TEST_F(Exemptions, AStoppedOneEndsAndNeverBackwards) {
    add(R"("goods_key":")" + key + '"');
    add("", "[]", "stopped", "2021-05-20T08:00:00+07:00");
    EXPECT_TRUE(exempt({.day = "2021-05-19"}));
    EXPECT_EQ(of({.day = "2021-05-19"})->last_day, parse_date("2021-05-19"));
    EXPECT_FALSE(exempt({.day = "2021-05-20"}));
}

TEST_F(Exemptions, AStopMayLieAhead) {
    add(R"("goods_key":")" + key + '"');
    add("", R"([["supersedes","most.qlcl","ex-1"]])", "stopped", "2021-05-20T08:00:00+07:00", "2021-07-01",
        "2021-12-31", "15/TB");
    EXPECT_TRUE(exempt({.day = "2021-06-30"}));
    EXPECT_FALSE(exempt({.day = "2021-07-01"}));
}

TEST_F(Exemptions, ASupersedingOneTakesThePlaceFromItsFirstDay) {
    const auto first = add(R"("goods_key":")" + key + '"');
    const auto second = add(R"("goods_key":")" + key + '"', R"([["supersedes","most.qlcl","ex-1"]])",
                            "issued", "2021-03-01T08:00:00+07:00", "2021-04-01", "", "15/TB");
    EXPECT_EQ(of({.day = "2021-03-31"})->notice, first);
    EXPECT_EQ(of({.day = "2021-04-01"})->notice, second);
    EXPECT_EQ(of({.day = "2030-01-01"})->last_day, std::nullopt);
    // Whoever names the first from now on means the second.
    add("", R"([["supersedes","most.qlcl","ex-1"]])", "stopped", "2021-05-20T08:00:00+07:00", "2021-05-20",
        "", "16/TB");
    EXPECT_FALSE(exempt({.day = "2021-06-01"}));
}

}  // namespace
}  // namespace socai::inspection
