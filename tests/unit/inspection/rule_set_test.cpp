#include "inspection/method/rule_set.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <fstream>

#include "rule_sets.hpp"
#include "tests/project_folder.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;

json::object sample() {
    std::ifstream file(project_file("data/rule_sets.jsonl"));
    std::string line;
    std::getline(file, line);
    return ledger::parse_record(line).value().data();
}
std::string fault_of(const json::object& data) {
    const auto rules = parse_rule_set(data);
    if (rules) return "none";
    EXPECT_EQ(rules.error().reason, "malformed_ruleset");
    return rules.error().detail;
}

TEST(RuleSet, ThoseOfTheLawSoFar) {
    const RuleSet quality = test::rule_set("qd38-2021@1");
    EXPECT_EQ(quality.regime, "quality");
    EXPECT_EQ(quality.scope, Scope::goods);
    EXPECT_EQ(quality.initial, Initial::strict_unless_certified);
    EXPECT_EQ(quality.window_months, 12);
    EXPECT_EQ(quality.sample_max_ppm, 50'000U);
    EXPECT_EQ(quality.goods_fields.size(), 8U);
    const RuleSet food = test::rule_set("nd15-2018@1");
    EXPECT_EQ(food.article(Reason::active_alert), "NĐ 15/2018/NĐ-CP Đ17.3.c");
    EXPECT_EQ(food.article(Reason::certified), "");
    EXPECT_FALSE(food.reduced_term_months);
    const RuleSet old = test::rule_set("nd132-2008@1");
    EXPECT_EQ(old.lightest, Method::exempt);
    EXPECT_EQ(old.scope, Scope::goods_importer);
    EXPECT_TRUE(old.in_force_on(parse_date("2026-06-30").value()));
    EXPECT_FALSE(old.in_force_on(parse_date("2026-07-01").value()));
    const RuleSet next = test::rule_set("nd37-2026@1");
    EXPECT_TRUE(next.in_force_on(parse_date("2026-07-01").value()));
    EXPECT_FALSE(next.in_force_on(parse_date("2026-06-30").value()));
    EXPECT_EQ(next.name(), "nd37-2026@1");
}

TEST(RuleSet, EveryReasonThatItCanGiveHasItsArticle) {
    for (const char* name : {"qd38-2021@1", "nd15-2018@1", "nd132-2008@1", "nd37-2026@1"}) {
        const RuleSet rules = test::rule_set(name);
        for (const Reason reason :
             {Reason::passes_under_strict, Reason::passes_under_normal, Reason::failed_inspection,
              Reason::failed_check, Reason::upheld_complaint, Reason::active_alert, Reason::alert_over})
            EXPECT_NE(rules.article(reason), "") << name << " " << word(reason);
        EXPECT_EQ(rules.article(Reason::term_over) != "", rules.reduced_term_months.has_value()) << name;
        const bool by_certificate = rules.initial == Initial::strict_unless_certified;
        for (const Reason reason : {Reason::not_certified, Reason::certified, Reason::certificate_over})
            EXPECT_EQ(rules.article(reason) != "", by_certificate) << name << " " << word(reason);
        EXPECT_EQ(rules.article(Reason::default_method) != "", !by_certificate) << name;
    }
}

TEST(RuleSet, SaysWhichMemberIsWrong) {
    EXPECT_EQ(fault_of(sample()), "none");
    const std::vector<std::pair<std::string, json::value>> wrong{{"ruleset", "qd38-2021"},
                                                                 {"ruleset", "qd38-2021@01"},
                                                                 {"ruleset", "@1"},
                                                                 {"ruleset", "qd38-2021@0"},
                                                                 {"ruleset", "qd38@1x"},
                                                                 {"regime", "quarantine"},
                                                                 {"effective_from", "2021-02-30"},
                                                                 {"effective_to", "2020-01-01"},
                                                                 {"scope", 3},
                                                                 {"goods_fields", json::array()},
                                                                 {"goods_fields", json::array{1}},
                                                                 {"needed", 0},
                                                                 {"needed", 3.5},
                                                                 {"window_months", 121},
                                                                 {"lightest", "normal"},
                                                                 {"sample_max_ppm", 1'000'001},
                                                                 {"sample_denominator", "office"},
                                                                 {"clearance_bases", "exempt"},
                                                                 {"articles", json::array()},
                                                                 {"articles", {{"because", "x"}}},
                                                                 {"initial", nullptr},
                                                                 {"counts", "both"},
                                                                 {"windw_months", 12}};
    for (const auto& [name, value] : wrong) {
        json::object data = sample();
        data[name] = value;
        EXPECT_EQ(fault_of(data).find("data." + name + " "), 0U) << name << ": " << fault_of(data);
    }
    json::object without = sample();
    without.erase("needed");
    EXPECT_NE(fault_of(without).find("data.needed"), std::string::npos);
    without = sample();
    without.erase("window_months");
    EXPECT_EQ(fault_of(without), "none");
}

}  // namespace
}  // namespace socai::inspection
