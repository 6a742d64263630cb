#include "inspection/method/goods_book.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "tests/unit/inspection/goods_world.hpp"
#include "tests/unit/inspection/slow_method_model.hpp"

namespace socai::inspection {
namespace {

using test::GoodsWorld;
using test::importers;
using test::key_of;
using test::whole_key;

TEST(GoodsBook, ThreeStrictPassesMakeGoodsNormalWhoeverImports) {
    GoodsWorld goods("qd38-2021@1");
    const auto first = goods.result("2021-03-02", "pass", "strict");
    const auto second = goods.result("2021-06-15", "pass", "strict", 0, 1);
    EXPECT_EQ(goods.method("2021-07-01"), Method::strict);
    EXPECT_EQ(goods.at("2021-07-01").streak, (std::vector{first, second}));
    const auto third = goods.result("2021-10-07", "pass", "strict");
    const GoodsStanding now = goods.at("2021-10-07", 0, 1);
    EXPECT_EQ(now.standing.method, Method::normal);
    EXPECT_EQ(now.standing.counted, (std::vector{first, second, third}));
    EXPECT_EQ(goods.method("2021-10-07", 1), Method::strict) << "other goods";
    EXPECT_EQ(standings_of(goods.world().facts(), goods.set(), Goods{key_of(0), {}, {}, {}}, {}).size(), 2u);
}

TEST(GoodsBook, SomeRuleSetsCountByImporter) {
    GoodsWorld goods("nd132-2008@1");
    for (const std::string_view day : {"2021-03-02", "2021-06-15", "2021-10-07"})
        goods.result(day, "pass", "normal");
    EXPECT_EQ(goods.method("2021-10-08", 0, 0), Method::exempt);
    EXPECT_EQ(goods.method("2021-10-08", 0, 1), Method::normal);
    goods.record("most.dost-hcm", "violation", "2021-11-01",
                 R"({"case_no":"V","found_in":"market","goods_key":")" + key_of(0) +
                     R"(","finding":"f","severity":"safety","tax_code":"9900000016"})");
    EXPECT_EQ(goods.method("2021-11-02", 0, 0), Method::strict);
    EXPECT_EQ(goods.method("2021-11-02", 0, 1), Method::strict)
        << "the goods were found failing, whoever brought them";
}

TEST(GoodsBook, AResultAcceptedAfterALaterOneCountsWhereItStands) {
    GoodsWorld goods("qd38-2021@1");
    goods.result("2021-03-02", "pass", "strict");
    goods.result("2021-10-07", "pass", "strict");
    goods.result("2021-06-15", "pass", "strict");
    EXPECT_EQ(goods.method("2021-10-08"), Method::normal);
}

TEST(GoodsBook, TwoShipmentsInFlightAndResultsOfOneDayCountInTheOrderOfTheLedger) {
    GoodsWorld goods("qd38-2021@1");
    for (int i = 0; i < 3; ++i) goods.result("2021-03-02", "pass", "strict");
    EXPECT_EQ(goods.method("2021-03-02"), Method::normal);
    // Inspected strictly before the goods became normal, told after: counts neither way.
    goods.result("2021-03-03", "pass", "strict");
    EXPECT_TRUE(goods.at("2021-03-03").streak.empty());
    goods.result("2021-03-03", "fail", "strict");
    EXPECT_EQ(goods.method("2021-03-03"), Method::strict);
}

TEST(GoodsBook, WindowsThatBeginOnALeapDayEndWithTheLastOfFebruary) {
    GoodsWorld goods("nd15-2018@1");
    goods.result("2020-02-29", "pass", "normal");
    goods.result("2020-12-01", "pass", "normal");
    goods.result("2021-02-28", "pass", "normal");
    EXPECT_EQ(goods.method("2021-02-28"), Method::reduced);
    GoodsWorld late("nd15-2018@1");
    late.result("2020-02-29", "pass", "normal");
    late.result("2020-12-01", "pass", "normal");
    late.result("2021-03-01", "pass", "normal");
    EXPECT_EQ(late.method("2021-03-01"), Method::normal);
}

TEST(GoodsBook, AReducedTermEndsWithItsLastDay) {
    GoodsWorld goods("qd38-2021@1");
    for (const std::string_view day : {"2021-03-02", "2021-03-03", "2021-03-04"})
        goods.result(day, "pass", "strict");
    for (const std::string_view day : {"2021-03-05", "2021-03-08", "2021-03-09"})
        goods.result(day, "pass", "normal");
    EXPECT_EQ(goods.at("2021-03-09").standing.last_day, parse_date("2022-03-09"));
    EXPECT_EQ(goods.method("2022-03-09"), Method::reduced);
    EXPECT_EQ(goods.method("2022-03-10"), Method::normal);
    EXPECT_EQ(goods.at("2022-03-10").standing.reason, Reason::term_over);
}

TEST(GoodsBook, AnAlertHoldsUntilItIsLiftedAndPassesShowThatAllIsWell) {
    GoodsWorld goods("nd15-2018@1");
    const std::string scope = R"({"hs_prefix":"9503","origin_country":"ID"})";
    const auto raised = goods.alert("2021-05-04", scope);
    const std::string id = goods.last_id();
    EXPECT_EQ(goods.at("2021-05-05").standing.cause, raised);
    for (const std::string_view day : {"2021-05-10", "2021-05-11", "2021-05-12"})
        goods.result(day, "pass", "strict");
    EXPECT_EQ(goods.method("2021-05-13"), Method::strict);
    EXPECT_EQ(goods.method("2021-05-13", 1), Method::strict) << "another key of the same origin and code";
    goods.lift("2021-06-01", id, scope, "A-2");
    EXPECT_EQ(goods.method("2021-06-02"), Method::normal) << "the passes made meanwhile count";
    EXPECT_EQ(goods.method("2021-06-02", 1), Method::strict);
    EXPECT_EQ(goods.at("2021-06-02", 1).standing.reason, Reason::alert_over);
}

TEST(GoodsBook, AnAlertAboutOneImporterIsAboutHisGoodsAlone) {
    GoodsWorld goods("nd15-2018@1");
    goods.alert("2021-05-04", R"({"tax_code":"9900000016"})", "2021-06-30");
    EXPECT_EQ(goods.method("2021-05-05", 0, 0), Method::strict);
    EXPECT_EQ(goods.method("2021-05-05", 0, 1), Method::normal);
    EXPECT_EQ(goods.method("2021-07-01", 0, 0), Method::normal);
}

TEST(GoodsBook, ACorrectionFarBackChangesWhatFollowedAndNamesWhatWouldHaveDiffered) {
    GoodsWorld goods("qd38-2021@1");
    goods.result("2021-03-02", "pass", "strict");
    const std::string wrong = goods.last_id();
    goods.result("2021-03-03", "pass", "strict");
    goods.result("2021-03-04", "pass", "strict");
    ASSERT_EQ(goods.method("2021-03-05"), Method::normal);
    // A shipment was determined normal on it.
    const ledger::Address made{goods.world().size(), 0};
    goods.world().edit([&](ledger::FactDraft& facts) {
        note_determination(facts, "quality", key_of(0), made,
                           {"D-9", "9900000016", "qd38-2021@1", test::noon("2021-03-05"), Method::normal});
    });
    goods.record("most.tcvn", "co_form_d", "2021-03-06", "{}");
    const auto correction = goods.result("2021-09-01", "annulled", "strict", 0, 0, wrong);
    EXPECT_EQ(goods.method("2021-09-02"), Method::strict);
    EXPECT_EQ(goods.at("2021-09-02").streak.size(), 2u);
    std::vector<WouldHaveDiffered> listed;
    would_have_differed(goods.world().facts(), {}, [&](const WouldHaveDiffered& each) {
        listed.push_back(each);
        return true;
    });
    ASSERT_EQ(listed.size(), 1u);
    EXPECT_EQ(listed[0].correction, correction);
    EXPECT_EQ(listed[0].made_at, made);
    EXPECT_EQ(listed[0].then, Method::normal);
    EXPECT_EQ(listed[0].now, Method::strict);
    // And a correction of the correction.
    goods.result("2021-09-03", "pass", "strict", 0, 0, goods.last_id());
    EXPECT_EQ(goods.method("2021-09-03"), Method::normal);
}

TEST(GoodsBook, AnAlertBindsFromItsFirstDayOn) {
    GoodsWorld goods("nd15-2018@1");
    for (const std::string_view day : {"2021-03-02", "2021-03-03", "2021-03-04"})
        goods.result(day, "pass", "normal");
    goods.record(
        "most.qlcl", "alert", "2021-11-08",
        R"({"alert_no":"A","scope":)" + whole_key +
            R"(,"level":"serious","effect":["method_strict"],"text":"t","valid_from":"2022-06-01"})");
    EXPECT_EQ(goods.method("2021-11-09"), Method::reduced);
    EXPECT_EQ(goods.method("2022-05-31"), Method::reduced);
    EXPECT_EQ(goods.at("2022-06-01").standing.reason, Reason::active_alert);
}

TEST(GoodsBook, WithoutAnImporterNobodysPassesCount) {
    GoodsWorld goods("nd132-2008@1");
    for (const std::string_view day : {"2021-03-02", "2021-06-15", "2021-10-07"})
        goods.result(day, "pass", "normal");
    const Goods about = find_goods(goods.world().facts(), key_of(0))->goods();
    const auto anybody = standing_of(goods.world().facts(), goods.set(), about, {}, test::noon("2021-10-08"));
    EXPECT_EQ(anybody.standing.method, Method::normal);
    EXPECT_EQ(standings_of(goods.world().facts(), goods.set(), about, {}).size(), 1U);
    ASSERT_EQ(goods.method("2021-10-08"), Method::exempt);
    const auto for_some = [&](int which, std::string_view day) {
        return lightest_for_some(goods.world().facts(), goods.set(),
                                 find_goods(goods.world().facts(), key_of(which))->goods(), test::noon(day));
    };
    EXPECT_EQ(for_some(0, "2021-10-08"), Method::exempt);
    EXPECT_EQ(for_some(0, "2021-10-06"), Method::normal);
    EXPECT_FALSE(for_some(1, "2021-10-08"));
    goods.record("most.dost-hcm", "violation", "2021-11-01",
                 R"({"case_no":"V","found_in":"market","goods_key":")" + key_of(0) +
                     R"(","finding":"f","severity":"safety"})");
    EXPECT_EQ(
        standing_of(goods.world().facts(), goods.set(), about, {}, test::noon("2021-11-02")).standing.method,
        Method::strict)
        << "the goods were found failing, whoever brought them";
}

TEST(GoodsBook, AQuestionAboutThePastLeavesOutWhatCameLater) {
    GoodsWorld goods("qd38-2021@1");
    const auto first = goods.result("2021-03-02", "pass", "strict");
    for (const std::string_view day : {"2021-06-15", "2021-10-07"}) goods.result(day, "pass", "strict");
    goods.alert("2022-02-18", whole_key);
    const Goods about = find_goods(goods.world().facts(), key_of(0))->goods();
    const auto then = [&](std::string_view day) {
        return standing_then(goods.world().facts(), goods.set(), about, importers[0], test::noon(day));
    };
    EXPECT_EQ(then("2021-10-08").standing.reason, Reason::passes_under_strict);
    EXPECT_EQ(then("2021-10-08").standing.since_ms, test::noon("2021-10-07"));
    EXPECT_EQ(then("2021-03-02").standing.method, Method::strict);
    EXPECT_EQ(then("2021-03-02").streak, std::vector{first});
    EXPECT_EQ(then("2022-02-18").standing.reason, Reason::active_alert);
    EXPECT_EQ(goods.at("2021-10-08").standing.reason, Reason::active_alert)
        << "shipments that come in late are determined by what stands";
}

TEST(GoodsBook, ALighterTransitionIsRefusedAndAStricterOneNeedsItsArticle) {
    GoodsWorld goods("qd38-2021@1");
    const auto transition = [&](std::string_view to, const std::string& more) {
        return goods.world().add(
            "customs.nsw", "method_transition", goods.next_id(), "2021-03-02T12:00:00+07:00",
            R"({"goods_key":")" + key_of(0) + R"(","ruleset":"qd38-2021@1","from":"strict","to":")" +
                std::string(to) + R"(","reason":"quality_doubt")" + more + "}");
    };
    const auto refused = transition("normal", "");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "method_lighter");
    EXPECT_EQ(refused.error().fault, ledger::Fault::refused);
    EXPECT_TRUE(transition("strict", ""));
    for (const std::string_view day : {"2021-03-02", "2021-03-03", "2021-03-04"})
        goods.result(day, "pass", "strict");
    ASSERT_EQ(goods.method("2021-03-05"), Method::normal);
    const auto bare = goods.world().add(
        "customs.nsw", "method_transition", goods.next_id(), "2021-03-05T12:00:00+07:00",
        R"({"goods_key":")" + key_of(0) +
            R"(","ruleset":"qd38-2021@1","from":"normal","to":"strict","reason":"quality_doubt"})");
    ASSERT_FALSE(bare);
    EXPECT_EQ(bare.error().reason, "stricter_without_reason");
    ASSERT_TRUE(goods.world().add(
        "customs.nsw", "method_transition", goods.next_id(), "2021-03-05T12:00:00+07:00",
        R"({"goods_key":")" + key_of(0) +
            R"(","ruleset":"qd38-2021@1","from":"normal","to":"strict","reason":"quality_doubt","legal_basis":["NĐ 132/2008 Đ7.6"]})"));
    const Standing imposed = goods.at("2021-03-06").standing;
    EXPECT_EQ(imposed.reason, Reason::imposed);
    EXPECT_EQ(article_of(imposed, goods.set()), "NĐ 132/2008 Đ7.6");
}

TEST(GoodsBook, AMethodIsImposedUnderItsOwnRuleSetAlone) {
    GoodsWorld goods("nd132-2008@1");
    test::json::object data = test::rule_set_record("qd38-2021@1").data();
    data["effective_from"] = "2030-01-01";
    data["initial"] = "normal";
    const auto other =
        goods.world()
            .add("customs", "ruleset", "later", "2021-01-01T08:00:00+07:00", test::json::serialize(data))
            .value();
    ASSERT_NE(other.index, 0U);
    const auto later = goods.book().find(goods.world().facts(), "qd38-2021@1");
    ASSERT_TRUE(later);
    goods.record("customs.nsw", "method_transition", "2021-03-05",
                 R"({"goods_key":")" + key_of(0) +
                     R"(","ruleset":"qd38-2021@1","from":"normal","to":"strict","reason":"quality_doubt",)"
                     R"("legal_basis":["NĐ 132/2008 Đ7.6"]})");
    const Goods about = find_goods(goods.world().facts(), key_of(0))->goods();
    EXPECT_EQ(standing_of(goods.world().facts(), *later, about, {}, test::noon("2021-03-06")).standing.method,
              Method::strict);
    EXPECT_EQ(goods.method("2021-03-06"), Method::normal);
}

TEST(GoodsBook, APublishedTransitionSaysWhatIsComputed) {
    GoodsWorld goods("qd38-2021@1");
    std::string counted;
    for (const std::string_view day : {"2021-03-02", "2021-03-03", "2021-03-04"}) {
        goods.result(day, "pass", "strict");
        counted += std::string(counted.empty() ? "" : ",") + R"({"source":"most.qlcl","id":")" +
                   goods.last_id() + R"("})";
    }
    const auto publish = [&](std::string_view from, std::string_view first_day, std::string_view last_day,
                             const std::string& passes) {
        const auto published = goods.world().add(
            "customs.nsw", "method_transition", goods.next_id(), "2021-03-04T12:00:00+07:00",
            R"({"goods_key":")" + key_of(0) + R"(","ruleset":"qd38-2021@1","from":")" + std::string(from) +
                R"(","to":"normal","reason":"passes","effective_from":")" + std::string(first_day) +
                R"(","expires_at":)" + std::string(last_day) + R"(,"counted":[)" + passes + "]}");
        return published ? std::string() : published.error().reason + published.error().detail.substr(0, 8);
    };
    EXPECT_EQ(publish("strict", "2021-03-04", "null", counted), "");
    EXPECT_EQ(publish("reduced", "2021-03-04", "null", counted), "transition_differsfrom is ");
    EXPECT_EQ(publish("strict", "2021-03-03", "null", counted), "transition_differseffectiv");
    EXPECT_EQ(publish("strict", "2021-03-04", R"("2099-12-31")", counted), "transition_differsexpires_");
    EXPECT_EQ(publish("strict", "2021-03-04", "null", R"({"source":"most.qlcl","id":"none"})"),
              "transition_differscounted ");
}

// --- random histories of records against the slow model

struct Told {
    Event event;
    std::string id;
    std::string source;
    int importer = -1;  // -1: everybody's
    bool result = false;
};

RC_GTEST_PROP(GoodsBook, RandomHistoriesOfRecordsAgreeWithTheSlowModel, ()) {
    const auto name =
        *rc::gen::element<std::string>("qd38-2021@1", "nd15-2018@1", "nd132-2008@1", "nd37-2026@1");
    GoodsWorld goods(name);
    const bool by_importer = goods.set().scope == Scope::goods_importer;
    std::vector<Told> told;
    std::vector<std::pair<ledger::Address, std::string>> alerts;  // open, with their ids
    const int count = *rc::gen::inRange(0, 30);
    for (int i = 0; i < count; ++i) {
        const Date day{*rc::gen::inRange(18'600, 19'400)};
        const std::string text = format_date(day);
        const std::int64_t time = start_of(day) + 12 * 3'600'000;
        const int importer = *rc::gen::inRange(0, 2);
        const auto outcome =
            *rc::gen::element<std::string>("pass", "pass", "pass", "fail", "incomplete", "annulled");
        const auto method = *rc::gen::element<std::string>("strict", "normal", "reduced");
        const Inspected inspected{outcome == "pass"   ? Outcome::pass
                                  : outcome == "fail" ? Outcome::fail
                                                      : Outcome::neutral,
                                  parse_method(method).value()};
        switch (*rc::gen::inRange(0, 10)) {
            case 0: {  // an alert, perhaps with a term
                const bool ends = *rc::gen::arbitrary<bool>();
                const Date last{day.days + *rc::gen::inRange(0, 200)};
                const std::vector<std::string> scopes{whole_key, R"({"hs_prefix":"9503"})",
                                                      R"({"manufacturer_site_id":"S0"})"};
                const std::string scope = *rc::gen::elementOf(scopes);
                const Date first{day.days + *rc::gen::inRange(-30, 30)};
                const auto at =
                    goods.alert(text, scope, ends ? format_date(last) : std::string(), format_date(first));
                alerts.emplace_back(at, goods.last_id());
                told.push_back({{at, time, Alerted{ends ? std::optional(last) : std::nullopt, first}},
                                {},
                                {},
                                -1,
                                false});
                break;
            }
            case 1: {
                if (alerts.empty()) break;
                const auto [alert, id] = alerts.back();
                alerts.pop_back();
                goods.lift(text, id, whole_key, "lift-" + std::to_string(i));
                told.push_back(
                    {{{goods.world().size() - 1, 0}, time, AlertLifted{alert}}, {}, {}, -1, false});
                break;
            }
            case 2: {
                const auto at = goods.record("most.dost-hcm", "violation", text,
                                             R"({"case_no":"V","found_in":"market","goods_key":")" +
                                                 key_of(0) + R"(","finding":"f","severity":"safety"})");
                told.push_back({{at, time, FoundFailing{}}, goods.last_id(), "most.dost-hcm", -1, false});
                break;
            }
            case 3: {  // one result takes the place of another
                std::vector<std::size_t> results;
                for (std::size_t at = 0; at < told.size(); ++at)
                    if (told[at].result) results.push_back(at);
                if (results.empty()) break;
                Told& former = told[*rc::gen::elementOf(results)];
                const auto at = goods.result(text, outcome, method, 0, former.importer, former.id);
                former.event = {at, former.event.time_ms, inspected};
                former.id = goods.last_id();
                break;
            }
            case 4:  // of other goods: none of this one's business
                goods.result(text, outcome, method, 1, importer);
                break;
            default: {
                const auto at = goods.result(text, outcome, method, 0, importer);
                told.push_back({{at, time, inspected}, goods.last_id(), "most.qlcl", importer, true});
            }
        }
        const Date asked{*rc::gen::inRange(18'600, 20'000)};
        const int whose = *rc::gen::inRange(0, 2);
        std::vector<Event> events;
        for (const Told& each : told)
            if (!by_importer || each.importer < 0 || each.importer == whose) events.push_back(each.event);
        const std::int64_t when = start_of(asked) + 12 * 3'600'000;
        const auto [wanted, reason] = test::slow_method(goods.set(), events, when);
        const Standing found = goods.at(format_date(asked), 0, whose).standing;
        RC_ASSERT(found.method == wanted);
        RC_ASSERT(found.reason == reason);
    }
}

}  // namespace
}  // namespace socai::inspection