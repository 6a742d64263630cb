#include "inspection/alerts/alerts.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "inspection/alerts/alerts_answer.hpp"
#include "inspection/method/goods_book.hpp"
#include "tests/unit/inspection/rule_sets.hpp"
#include "tests/unit/inspection/world.hpp"

namespace socai::inspection {
namespace {

using test::World;

std::string key_of(int goods) {
    return "sha256:" + std::string(63, 'a') + std::to_string(goods);
}
Goods goods_number(int goods) {
    return {key_of(goods), goods % 2 == 0 ? "95030021" : "95030010", goods < 2 ? "CN" : "TH",
            "SITE-" + std::to_string(goods / 2)};
}
constexpr std::string_view importer = "9900000016";

// Alerts, and goods as take_goods would write them.
ledger::Result<void> take(const ledger::Coming& coming, ledger::FactDraft& facts) {
    if (auto taken = take_alert(coming, facts); !taken) return taken;
    if (coming.record.kind() != "inspection_registration") return {};
    const auto& data = coming.record.data();
    const Goods goods = goods_of(data.at("goods").as_object(), std::string(data.at("goods_key").as_string()));
    KnownGoods known;
    known.goods_key = goods.goods_key;
    known.hs_code = goods.hs_code;
    known.origin_country = goods.origin_country;
    known.manufacturer_site_id = goods.manufacturer_site_id;
    const FactKey key = FactKey("g").text(goods.goods_key);
    if (!facts.get(key)) facts.put(key, encode_fact(known));
    return {};
}

// The n-th record of a ledger whose leaf 0 is no record.
std::uint64_t place(const ledger::Address& at) {
    return at.index - 1;
}

class Alerts : public ::testing::Test {
  protected:
    struct Made {
        std::string scope = R"({"hs_prefix":"9503"})";
        std::string number = "CB-1";
        std::string status = "issued";
        std::string from = "2021-01-01";
        std::string to = {};  // empty: null
        bool published = false;
        std::string source = "most.qlcl";
        std::string day = "2021-01-01";
    };
    ledger::Address add(const Made& made, const std::string& refs = "[]") {
        return world_
            .add(
                made.source, "alert", "al-" + std::to_string(++made_), made.day + "T08:00:00+07:00",
                R"({"alert_no":")" + made.number + R"(","scope":)" + made.scope + R"(,"status":")" +
                    made.status +
                    R"(","level":"serious","effect":["method_strict","no_exemption"],"text":"chì","published":)" +
                    (made.published ? "true" : "false") + R"(,"valid_from":")" + made.from +
                    R"(","valid_to":)" + (made.to.empty() ? "null" : '"' + made.to + '"') + "}",
                refs)
            .value();
    }
    void describe(int goods) {
        const Goods known = goods_number(goods);
        world_
            .add("importer." + std::string(importer), "inspection_registration",
                 "r-" + std::to_string(++made_), "2021-01-01T09:00:00+07:00",
                 R"({"goods_key":")" + known.goods_key + R"(","goods":{"hs_code":")" + known.hs_code +
                     R"(","origin_country":")" + known.origin_country +
                     R"(","manufacturer":{"name":"n","site_id":")" + known.manufacturer_site_id + R"("}}})")
            .value();
    }
    // "0 2n": where the alerts stand, n of those that are near.
    std::string on(int goods, std::string_view day = "2021-06-01",
                   std::string_view tax_code = importer) const {
        std::string all;
        for (const MatchedAlert& each :
             alerts_on(world_.facts(), goods_number(goods), tax_code, parse_date(day).value()))
            all += (all.empty() ? "" : " ") + std::to_string(place(each.alert.at)) +
                   (each.match == AlertMatch::near ? "n" : "");
        return all;
    }
    std::string ever(int goods, const ledger::Address& from = {}) const {
        std::string all;
        for (const Alert& alert : alerts_ever(world_.facts(), goods_number(goods), importer, from)) {
            all += (all.empty() ? "" : " ") + std::to_string(place(alert.at));
            if (alert.ended_by) all += "-" + std::to_string(place(*alert.ended_by));
        }
        return all;
    }
    boost::json::array told(AlertsQuestion question, const Viewer& viewer) const {
        question.at_ms = test::noon("2021-06-01");
        return alerts_answer(world_.facts(), question, viewer, nullptr).at("alerts").as_array();
    }

    World world_{take};
    int made_ = 0;
};

TEST_F(Alerts, WithoutOneNothingIsMet) {
    EXPECT_EQ(on(0), "");
    EXPECT_EQ(ever(0), "");
    EXPECT_EQ(find_alert(world_.facts(), "CB-1"), std::nullopt);
}

TEST_F(Alerts, EachKindOfScopeMeetsItsGoods) {
    add({.scope = R"({"goods_key":")" + key_of(0) + R"("})"});
    add({.scope = R"({"hs_prefix":"95"})"});
    add({.scope = R"({"hs_prefix":"95030010"})"});
    add({.scope = R"({"manufacturer_site_id":"SITE-0"})"});
    add({.scope = R"({"origin_country":"CN"})"});
    add({.scope = R"({"tax_code":"9900000016"})"});
    add({.scope = R"({"hs_prefix":"9503","origin_country":"TH","manufacturer_site_id":"SITE-1"})"});
    EXPECT_EQ(on(0), "0 1 3 4 5");
    EXPECT_EQ(on(1), "1 2 3 4 5");
    EXPECT_EQ(on(2), "1 5 6");
    EXPECT_EQ(on(2, "2021-06-01", "9900000048"), "1 6");
    EXPECT_EQ(on(2, "2021-06-01", ""), "1 6");
}

TEST_F(Alerts, AreInForceFromTheFirstDayToTheLast) {
    add({.from = "2021-02-01", .to = "2021-02-28"});
    EXPECT_EQ(on(0, "2021-01-31"), "");
    EXPECT_EQ(on(0, "2021-02-01"), "0");
    EXPECT_EQ(on(0, "2021-02-28"), "0");
    EXPECT_EQ(on(0, "2021-03-01"), "");
    EXPECT_EQ(ever(0), "0");
}

TEST_F(Alerts, AnAmendmentEndsTheFormerAndStandsItself) {
    add({});
    add({.scope = R"({"hs_prefix":"950300","origin_country":"TH"})", .status = "amended"},
        R"([["supersedes","most.qlcl","al-1"]])");
    EXPECT_EQ(on(0), "");
    EXPECT_EQ(on(2), "1");
    EXPECT_EQ(ever(0), "0-1");
    EXPECT_EQ(ever(2), "0-1 1");
    EXPECT_EQ(place(find_alert(world_.facts(), "CB-1")->at), 1U);
}

TEST_F(Alerts, IsLiftedByReferenceByWhomever) {
    add({});
    add({.number = "L-1", .status = "lifted", .source = "pc.hcm", .day = "2021-03-01"},
        R"([["closes","most.qlcl","al-1"]])");
    EXPECT_EQ(on(0), "");
    EXPECT_EQ(ever(0), "0-1");
    const Alert alert = find_alert(world_.facts(), "CB-1").value();
    EXPECT_EQ(alert.status, AlertStatus::lifted);
    EXPECT_EQ(alert.ended_ms, test::noon("2021-03-01") - 4 * 3'600'000);
    EXPECT_EQ(find_alert(world_.facts(), "L-1"), std::nullopt);
}

TEST_F(Alerts, IsLiftedByNumberByItsIssuerOnly) {
    add({});
    add({.status = "lifted", .source = "pc.hcm"});
    EXPECT_EQ(on(0), "0");
    add({.status = "lifted"});
    EXPECT_EQ(on(0), "");
    EXPECT_EQ(ever(0), "0-2");
}

TEST_F(Alerts, LiftingWhatWasAmendedLiftsTheAmendment) {
    add({});
    add({.number = "CB-1b", .status = "amended"}, R"([["supersedes","most.qlcl","al-1"]])");
    add({.number = "L", .status = "lifted"}, R"([["closes","most.qlcl","al-1"]])");
    EXPECT_EQ(on(0), "");
    EXPECT_EQ(ever(0), "0-1 1-2");
}

TEST_F(Alerts, AnEndedOneEndsOnce) {
    add({});
    add({.status = "lifted"});
    add({.status = "lifted"});
    EXPECT_EQ(ever(0), "0-1");
    add({});
    EXPECT_EQ(on(0), "3");
    EXPECT_EQ(ever(0), "0-1 3");
}

TEST_F(Alerts, EverBeginsAtTheAddress) {
    add({});
    add({.number = "CB-2"});
    EXPECT_EQ(ever(0, {2, 0}), "1");
    EXPECT_EQ(ever(0, {3, 0}), "");
}

// The same HS code, establishment and origin: flagged, changes no method (design/domain.md 11).
TEST_F(Alerts, NearGoodsAreFlaggedOnceTheAlertedOnesAreKnown) {
    Goods twin = goods_number(0);
    twin.goods_key = key_of(9);
    const auto near = [&] {
        const auto found = alerts_on(world_.facts(), twin, importer, parse_date("2021-06-01").value());
        return found.size() == 1 && found.front().match == AlertMatch::near;
    };
    add({.scope = R"({"goods_key":")" + key_of(0) + R"("})"});
    EXPECT_FALSE(near());
    describe(0);  // after the alert
    EXPECT_TRUE(near());
    EXPECT_TRUE(alerts_ever(world_.facts(), twin, importer, {}).empty());
    EXPECT_EQ(on(0), "0");
    EXPECT_EQ(on(1), "");  // of the same establishment, but another code
    add({.status = "lifted"});
    EXPECT_FALSE(near());
    add({.scope = R"({"goods_key":")" + key_of(0) + R"("})", .number = "CB-2"});  // after the description
    EXPECT_TRUE(near());
}

TEST_F(Alerts, TwoIssuersMayUseOneNumber) {
    add({});
    add({.source = "moh.attp"});
    EXPECT_EQ(find_alerts(world_.facts(), "CB-1").size(), 2U);
    EXPECT_EQ(find_alert(world_.facts(), "CB-1")->source, "moh.attp");
    add({.status = "lifted", .source = "moh.attp"});
    EXPECT_EQ(on(0), "0");
}

TEST_F(Alerts, AMalformedScopeIsRefused) {
    EXPECT_EQ(world_
                  .add("most.qlcl", "alert", "x", "2021-01-01T08:00:00+07:00",
                       R"({"alert_no":"CB","scope":{},"valid_from":"2021-01-01"})")
                  .error()
                  .reason,
              "malformed_alert_scope");
}

// --- who sees what (design/domain.md 2)

TEST_F(Alerts, OthersThanAgenciesSeeWhatIsPublishedAndNothingAboutImporters) {
    add({});
    add({.number = "CB-2", .published = true});
    add({.scope = R"({"tax_code":"9900000016"})", .number = "CB-3", .published = true});
    add({.scope = R"({"tax_code":"9900000016"})", .number = "CB-4"});
    const auto numbers = [&](const Viewer& viewer) {
        std::string all;
        for (const auto& each : told({}, viewer)) all += std::string(each.at("alert_no").as_string()) + " ";
        return all;
    };
    EXPECT_EQ(numbers({.agency = true, .tax_code = {}}), "CB-1 CB-2 CB-3 CB-4 ");
    EXPECT_EQ(numbers({}), "CB-2 ");
    EXPECT_EQ(numbers({.agency = false, .tax_code = "9900000048"}), "CB-2 ");
    EXPECT_EQ(numbers({.agency = false, .tax_code = "9900000016"}), "CB-2 CB-3 ");
    EXPECT_EQ(told({.alert_no = "CB-1"}, {}).size(), 0U);
    EXPECT_EQ(told({.tax_code = std::string(importer)}, {}).size(), 0U);
}

TEST_F(Alerts, TheAnswerTellsWhatWasInForceThen) {
    add({.day = "2021-01-01"});
    add({.status = "lifted", .day = "2021-05-31"});
    add({.number = "CB-2", .day = "2021-07-01"});
    add({.number = "CB-3", .to = "2021-05-31"});
    EXPECT_EQ(told({}, {.agency = true, .tax_code = {}}).size(), 0U);
    AlertsQuestion then;
    then.at_ms = test::noon("2021-05-30");
    const auto answer = alerts_answer(world_.facts(), then, {.agency = true, .tax_code = {}}, nullptr);
    ASSERT_EQ(answer.at("alerts").as_array().size(), 2U);
    EXPECT_EQ(answer.at("alerts").at(0).at("status"), "lifted");
    // By its number it is told whatever became of it.
    EXPECT_EQ(told({.alert_no = "CB-1"}, {.agency = true, .tax_code = {}}).size(), 1U);
}

TEST_F(Alerts, TheAnswerFiltersAndGoesOnPageByPage) {
    describe(0);
    add({.scope = R"({"goods_key":")" + key_of(0) + R"("})", .number = "A"});
    add({.scope = R"({"hs_prefix":"9504"})", .number = "B"});
    add({.scope = R"({"hs_prefix":"95"})", .number = "C"});
    const Viewer agency{.agency = true, .tax_code = {}};
    EXPECT_EQ(told({.hs_prefix = "9503"}, agency).size(), 2U);
    EXPECT_EQ(told({.hs_prefix = "9504"}, agency).size(), 2U);
    EXPECT_EQ(told({.goods_key = key_of(0)}, agency).size(), 2U);
    EXPECT_EQ(told({.goods_key = key_of(0)}, agency).at(0).at("match"), "full");
    AlertsQuestion question;
    question.at_ms = test::noon("2021-06-01");
    question.limit = 2;
    const auto first = alerts_answer(world_.facts(), question, agency, nullptr);
    ASSERT_EQ(first.at("alerts").as_array().size(), 2U);
    question.cursor = first.at("next_cursor").as_string();
    const auto second = alerts_answer(world_.facts(), question, agency,
                                      [](const Alert&) { return boost::json::array{"a shipment"}; });
    ASSERT_EQ(second.at("alerts").as_array().size(), 1U);
    EXPECT_EQ(second.at("alerts").at(0).at("shipments").as_array().size(), 1U);
    EXPECT_FALSE(second.contains("next_cursor"));
}

// The index finds what a look at every alert finds.
RC_GTEST_PROP(AlertHistories, SameAsALookAtEveryAlert, ()) {
    World world(take);
    struct Written {
        AlertScope scope;
        bool ended = false;
        std::uint64_t at = 0;
    };
    std::vector<Written> written;
    std::vector<bool> described(4, false);
    const int count = *rc::gen::inRange(1, 16);
    for (int i = 0; i < count; ++i) {
        const int what = *rc::gen::inRange(0, 6);
        const std::string id = "al-" + std::to_string(i);
        if (what == 0) {
            const int goods = *rc::gen::inRange(0, 4);
            const Goods known = goods_number(goods);
            world
                .add("importer", "inspection_registration", id, "2021-01-01T09:00:00+07:00",
                     R"({"goods_key":")" + known.goods_key + R"(","goods":{"hs_code":")" + known.hs_code +
                         R"(","origin_country":")" + known.origin_country +
                         R"(","manufacturer":{"name":"n","site_id":")" + known.manufacturer_site_id +
                         R"("}}})")
                .value();
            described[static_cast<std::size_t>(goods)] = true;
            continue;
        }
        std::string refs = "[]";
        const bool lifts = what == 1 && !written.empty();
        if (lifts) {
            Written& ended = written[*rc::gen::inRange<std::size_t>(0, written.size())];
            refs = R"([["closes","s","al-)" + std::to_string(ended.at) + R"("]])";
            ended.ended = true;
        }
        const int scope = *rc::gen::inRange(0, 6);
        const std::string text = scope == 0 ? R"({"goods_key":")" + key_of(*rc::gen::inRange(0, 4)) + R"("})"
                                 : scope == 1 ? R"({"hs_prefix":"950300","origin_country":"CN"})"
                                 : scope == 2 ? R"({"manufacturer_site_id":"SITE-1","hs_prefix":"95030010"})"
                                 : scope == 3 ? R"({"tax_code":"9900000016"})"
                                 : scope == 4 ? R"({"origin_country":"TH"})"
                                              : R"({"hs_prefix":"95030021"})";
        world
            .add("s", "alert", id, "2021-01-01T08:00:00+07:00",
                 R"({"alert_no":")" + id + R"(","scope":)" + text + R"(,"status":")" +
                     (lifts ? "lifted" : "issued") + R"(","valid_from":"2021-01-01"})",
                 refs)
            .value();
        if (!lifts)
            written.push_back({parse_alert_scope(test::json::parse(text).as_object()).value(), false,
                               static_cast<std::uint64_t>(i)});
    }
    for (int goods = 0; goods < 4; ++goods) {
        std::vector<std::uint64_t> expected, expected_ever, found, found_ever;
        for (const Written& each : written) {
            std::optional<Goods> alerted;
            for (int other = 0; other < 4; ++other)
                if (described[static_cast<std::size_t>(other)] && each.scope.goods_key == key_of(other))
                    alerted = goods_number(other);
            const AlertMatch how =
                match(each.scope, goods_number(goods), importer, alerted ? &*alerted : nullptr);
            if (how != AlertMatch::none && !each.ended) expected.push_back(each.at);
            if (how == AlertMatch::full) expected_ever.push_back(each.at);
        }
        for (const MatchedAlert& each :
             alerts_on(world.facts(), goods_number(goods), importer, *parse_date("2021-06-01")))
            found.push_back(place(each.alert.at));
        for (const Alert& each : alerts_ever(world.facts(), goods_number(goods), importer, {}))
            found_ever.push_back(place(each.at));
        RC_ASSERT(found == expected);
        RC_ASSERT(found_ever == expected_ever);
    }
}

}  // namespace
}  // namespace socai::inspection
