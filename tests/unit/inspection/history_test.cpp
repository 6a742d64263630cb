// The edges of the method rules, by name; then random histories against a slow model written apart.
#include "inspection/method/history.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "rule_sets.hpp"
#include "slow_method_model.hpp"

namespace socai::inspection {
namespace {

using test::noon;

class MethodOfGoods : public ::testing::Test {
  protected:
    ledger::Address pass(std::string_view date, Method method) {
        return add(date, Inspected{Outcome::pass, method});
    }
    ledger::Address fail(std::string_view date, Method method) {
        return add(date, Inspected{Outcome::fail, method});
    }
    ledger::Address add(std::string_view date, decltype(Event::what) what) {
        const ledger::Address at{++leaf_, 0};
        history_->add({at, noon(date), what});
        return at;
    }
    ledger::Address correct(const ledger::Address& original, std::string_view date,
                            decltype(Event::what) what) {
        const ledger::Address at{++leaf_, 0};
        EXPECT_TRUE(history_->supersede(original, {at, noon(date), what}));
        return at;
    }
    void begin(std::string_view rules) {
        rules_ = test::rule_set(rules);
        history_.emplace(rules_);
    }
    Method on(std::string_view date) const { return history_->state().at(noon(date)).method; }
    Reason why(std::string_view date) const { return history_->state().at(noon(date)).reason; }

    // Three passes a month apart, the last on the given date.
    void three(std::string_view last, Method method) {
        for (const int days : {60, 30, 0}) {
            const ledger::Address at{++leaf_, 0};
            history_->add(
                {at, noon(last) - days * std::int64_t{86'400'000}, Inspected{Outcome::pass, method}});
        }
    }

    std::uint64_t leaf_ = 0;
    RuleSet rules_ = test::rule_set("qd38-2021@1");
    std::optional<GoodsHistory> history_ = GoodsHistory(rules_);
};

TEST_F(MethodOfGoods, UnknownGoodsBeginAsTheRuleSetSays) {
    EXPECT_EQ(on("2021-03-01"), Method::strict);
    EXPECT_EQ(why("2021-03-01"), Reason::not_certified);
    begin("nd15-2018@1");
    EXPECT_EQ(on("2021-03-01"), Method::normal);
    EXPECT_EQ(why("2021-03-01"), Reason::default_method);
}

TEST_F(MethodOfGoods, ThreePassesMakeStrictNormalAndThreeMoreReduced) {
    pass("2021-03-02", Method::strict);
    pass("2021-06-15", Method::strict);
    EXPECT_EQ(on("2021-09-27"), Method::strict);
    EXPECT_EQ(history_->state().streak(noon("2021-09-27")), (std::vector<ledger::Address>{{1, 0}, {2, 0}}));
    const auto third = pass("2021-10-07", Method::strict);
    Standing standing = history_->state().at(noon("2021-10-07"));
    EXPECT_EQ(standing.method, Method::normal);
    EXPECT_EQ(standing.reason, Reason::passes_under_strict);
    EXPECT_EQ(standing.cause, third);
    EXPECT_EQ(standing.counted, (std::vector<ledger::Address>{{1, 0}, {2, 0}, {3, 0}}));
    EXPECT_FALSE(standing.last_day);
    EXPECT_TRUE(history_->state().streak(noon("2021-10-07")).empty());
    three("2022-01-10", Method::normal);
    standing = history_->state().at(noon("2022-01-10"));
    EXPECT_EQ(standing.method, Method::reduced);
    EXPECT_EQ(format_date(standing.last_day.value()), "2023-01-10");
}

TEST_F(MethodOfGoods, AFailureUndoesEverything) {
    three("2021-05-01", Method::strict);
    three("2021-09-01", Method::normal);
    EXPECT_EQ(on("2021-09-02"), Method::reduced);
    const auto failed = fail("2021-10-01", Method::reduced);
    EXPECT_EQ(on("2021-10-01"), Method::strict);
    EXPECT_EQ(history_->state().at(noon("2021-10-01")).cause, failed);
    pass("2021-10-10", Method::strict);
    pass("2021-10-11", Method::strict);
    fail("2021-10-12", Method::strict);
    pass("2021-10-13", Method::strict);
    pass("2021-10-14", Method::strict);
    EXPECT_EQ(on("2021-10-15"), Method::strict);
    pass("2021-10-15", Method::strict);
    EXPECT_EQ(on("2021-10-15"), Method::normal);
}

TEST_F(MethodOfGoods, ACheckAfterClearanceOrAnUpheldComplaintDoesToo) {
    for (const Reason reason : {Reason::failed_check, Reason::upheld_complaint}) {
        begin("qd38-2021@1");
        three("2021-05-01", Method::strict);
        add("2021-06-01", FoundFailing{reason});
        EXPECT_EQ(on("2021-06-01"), Method::strict);
        EXPECT_EQ(why("2021-06-01"), reason);
    }
}

TEST_F(MethodOfGoods, WhatIsNotDecidedNeitherCountsNorBreaks) {
    pass("2021-03-01", Method::strict);
    add("2021-03-02", Inspected{Outcome::neutral, Method::strict});
    pass("2021-03-03", Method::strict);
    add("2021-03-04", Inspected{Outcome::neutral, Method::strict});
    EXPECT_EQ(on("2021-03-05"), Method::strict);
    pass("2021-03-05", Method::strict);
    EXPECT_EQ(on("2021-03-05"), Method::normal);
}

// 12 months from 2 March end with 2 March.
TEST_F(MethodOfGoods, TheWindowEndsWithTheSameDayOfItsLastMonth) {
    pass("2021-03-02", Method::strict);
    pass("2021-06-15", Method::strict);
    pass("2022-03-02", Method::strict);
    EXPECT_EQ(on("2022-03-02"), Method::normal);

    begin("qd38-2021@1");
    pass("2021-03-02", Method::strict);
    pass("2021-06-15", Method::strict);
    pass("2022-03-03", Method::strict);
    EXPECT_EQ(on("2022-03-03"), Method::strict);
    pass("2022-06-15", Method::strict);
    EXPECT_EQ(on("2022-06-15"), Method::normal) << "the first fell out of the window, the others count";
}

TEST_F(MethodOfGoods, LeapDays) {
    pass("2024-02-29", Method::strict);
    pass("2024-09-01", Method::strict);
    pass("2025-02-28", Method::strict);
    EXPECT_EQ(on("2025-02-28"), Method::normal) << "a year from 29 February ends with 28 February";
    begin("qd38-2021@1");
    pass("2024-02-29", Method::strict);
    pass("2024-09-01", Method::strict);
    pass("2025-03-01", Method::strict);
    EXPECT_EQ(on("2025-03-01"), Method::strict);
    begin("qd38-2021@1");
    three("2023-11-01", Method::strict);
    three("2024-02-29", Method::normal);
    EXPECT_EQ(on("2025-02-28"), Method::reduced);
    EXPECT_EQ(on("2025-03-01"), Method::normal);
}

TEST_F(MethodOfGoods, SameDayResultsCountInTheOrderOfTheLedger) {
    pass("2021-03-02", Method::strict);
    pass("2021-03-02", Method::strict);
    pass("2021-03-02", Method::strict);
    EXPECT_EQ(on("2021-03-02"), Method::normal);
    begin("qd38-2021@1");
    pass("2021-03-02", Method::strict);
    pass("2021-03-02", Method::strict);
    fail("2021-03-02", Method::strict);
    pass("2021-03-02", Method::strict);
    EXPECT_EQ(on("2021-03-02"), Method::strict);
}

// Place in the ledger decides what is consecutive, dates decide the window.
TEST_F(MethodOfGoods, AResultAcceptedAfterALaterOne) {
    pass("2021-05-01", Method::strict);
    pass("2021-07-01", Method::strict);
    pass("2021-06-01", Method::strict);  // signed before the second, accepted after it
    EXPECT_EQ(on("2021-07-01"), Method::normal);

    begin("qd38-2021@1");
    pass("2021-05-01", Method::strict);
    pass("2022-06-01", Method::strict);
    pass("2021-06-15", Method::strict);
    EXPECT_EQ(history_->state().streak(noon("2022-06-01")), (std::vector<ledger::Address>{{5, 0}, {6, 0}}))
        << "the window ends with the latest date: the first is older than a year by then, the last is not";
    EXPECT_EQ(on("2022-06-01"), Method::strict);

    begin("qd38-2021@1");
    three("2021-05-01", Method::strict);
    fail("2021-02-01", Method::strict);  // comes to light late, and undoes all the same
    EXPECT_EQ(on("2021-05-01"), Method::strict);
    EXPECT_EQ(history_->state().at(noon("2021-05-01")).since_ms, noon("2021-05-01"))
        << "it takes effect where the ledger stood";
}

TEST_F(MethodOfGoods, TwoShipmentsInFlight) {
    three("2021-05-01", Method::strict);
    // Registered while the goods were strict, decided after they became normal: the pass was not under normal.
    pass("2021-05-02", Method::strict);
    pass("2021-05-03", Method::normal);
    pass("2021-05-04", Method::normal);
    EXPECT_EQ(on("2021-05-04"), Method::normal);
    pass("2021-05-05", Method::normal);
    EXPECT_EQ(on("2021-05-05"), Method::reduced);
    // And a failure is one, whatever it was registered under.
    fail("2021-05-06", Method::strict);
    EXPECT_EQ(on("2021-05-06"), Method::strict);
}

TEST_F(MethodOfGoods, AnAlertMakesStrictUntilItIsLiftedAndPassesFollow) {
    three("2021-05-01", Method::strict);
    const auto alert = add("2021-06-01", Alerted{});
    EXPECT_EQ(on("2021-06-01"), Method::strict);
    EXPECT_EQ(why("2021-06-01"), Reason::active_alert);
    EXPECT_EQ(history_->state().at(noon("2021-06-01")).cause, alert);
    add("2021-07-01", AlertLifted{alert});
    EXPECT_EQ(on("2021-07-01"), Method::strict);
    EXPECT_EQ(why("2021-07-01"), Reason::alert_over);
    pass("2021-07-02", Method::strict);
    pass("2021-07-03", Method::strict);
    EXPECT_EQ(on("2021-07-03"), Method::strict);
    pass("2021-07-04", Method::strict);
    EXPECT_EQ(on("2021-07-04"), Method::normal);
}

TEST_F(MethodOfGoods, PassesUnderAnAlertCountOnceItIsOver) {
    const auto alert = add("2021-06-01", Alerted{});
    const auto other = add("2021-06-02", Alerted{});
    three("2021-09-01", Method::strict);
    EXPECT_EQ(on("2021-09-01"), Method::strict);
    EXPECT_EQ(why("2021-09-01"), Reason::active_alert);
    add("2021-09-02", AlertLifted{alert});
    EXPECT_EQ(on("2021-09-02"), Method::strict) << "the other is in force";
    add("2021-09-02", AlertLifted{alert});
    EXPECT_EQ(on("2021-09-02"), Method::strict) << "lifted twice is lifted once";
    add("2021-09-03", AlertLifted{other});
    EXPECT_EQ(on("2021-09-03"), Method::normal);
    EXPECT_EQ(history_->state().at(noon("2021-09-03")).counted.size(), 3U);
}

TEST_F(MethodOfGoods, AnAlertWithATermEndsWithItsLastDay) {
    add("2021-06-01", Alerted{parse_date("2021-12-31")});
    three("2021-09-01", Method::strict);
    EXPECT_EQ(on("2021-12-31"), Method::strict);
    EXPECT_EQ(on("2022-01-01"), Method::normal);
    // One whose term was over before it was accepted still takes the passes away.
    three("2022-04-01", Method::normal);
    EXPECT_EQ(on("2022-04-01"), Method::reduced);
    add("2022-01-15", Alerted{parse_date("2022-01-31")});
    EXPECT_EQ(on("2022-04-01"), Method::strict);
    EXPECT_EQ(why("2022-04-01"), Reason::alert_over);
}

TEST_F(MethodOfGoods, ExpiryOnTheDay) {
    three("2021-05-01", Method::strict);
    three("2021-09-01", Method::normal);
    EXPECT_EQ(on("2022-09-01"), Method::reduced);
    const Standing after = history_->state().at(noon("2022-09-02"));
    EXPECT_EQ(after.method, Method::normal);
    EXPECT_EQ(after.reason, Reason::term_over);
    EXPECT_EQ(after.since_ms, start_of(parse_date("2022-09-02").value()));
    // A reduced shipment that was drawn and passed adds nothing: it does not prolong the term.
    pass("2022-08-01", Method::reduced);
    EXPECT_EQ(on("2022-09-02"), Method::normal);
    three("2022-12-01", Method::normal);
    EXPECT_EQ(on("2022-12-01"), Method::reduced);
}

TEST_F(MethodOfGoods, ATypeSchemeMakesNormalUntilItLapses) {
    const auto certificate = add("2021-03-01", Certified{parse_date("2021-12-31")});
    EXPECT_EQ(on("2021-03-01"), Method::normal);
    EXPECT_EQ(why("2021-03-01"), Reason::certified);
    EXPECT_EQ(on("2021-12-31"), Method::normal);
    EXPECT_EQ(on("2022-01-01"), Method::strict);
    EXPECT_EQ(why("2022-01-01"), Reason::certificate_over);
    add("2021-04-01", CertificateWithdrawn{certificate});
    EXPECT_EQ(on("2021-04-01"), Method::strict);
    // It does not undo a failure, and what was earned does not need it.
    add("2021-05-01", Certified{});
    fail("2021-05-02", Method::normal);
    EXPECT_EQ(on("2021-05-02"), Method::strict);
    three("2021-09-01", Method::strict);
    EXPECT_EQ(on("2021-09-01"), Method::normal);
}

TEST_F(MethodOfGoods, AnnulmentAndSupersessionFarBack) {
    const auto first = pass("2021-03-01", Method::strict);
    pass("2021-06-01", Method::strict);
    pass("2021-06-15", Method::strict);
    three("2021-12-01", Method::normal);
    EXPECT_EQ(on("2021-12-01"), Method::reduced);
    const auto annulled = correct(first, "2022-01-15", Inspected{Outcome::neutral, Method::strict});
    EXPECT_EQ(on("2022-01-15"), Method::strict)
        << "two passes are not three, and those under normal were under none";
    // What replaced it may be replaced again; its place and its time stay the first one's.
    const auto restored = correct(annulled, "2022-02-01", Inspected{Outcome::pass, Method::strict});
    EXPECT_EQ(on("2022-02-01"), Method::reduced);
    EXPECT_EQ(history_->as_of(noon("2021-06-15")).counted.front(), restored);
    correct(first, "2022-03-01", Inspected{Outcome::fail, Method::strict});
    EXPECT_EQ(on("2022-03-01"), Method::strict);
    EXPECT_EQ(history_->as_of(noon("2021-03-01")).reason, Reason::failed_inspection);
    EXPECT_FALSE(history_->supersede({999, 0}, {{1000, 0}, 0, Inspected{}}));
    EXPECT_EQ(on("2022-03-01"), Method::strict);
}

TEST_F(MethodOfGoods, ACorrectedAlertIsLiftedByEitherName) {
    const auto alert = add("2021-06-01", Alerted{parse_date("2021-06-30")});
    correct(alert, "2021-06-02", Alerted{});
    EXPECT_EQ(on("2021-07-15"), Method::strict);
    EXPECT_EQ(why("2021-07-15"), Reason::active_alert);
    three("2021-09-01", Method::strict);
    add("2021-09-02", AlertLifted{alert});
    EXPECT_EQ(on("2021-09-02"), Method::normal);
}

TEST_F(MethodOfGoods, AnyMethodCountsWhereTheLawNamesNone) {
    begin("nd132-2008@1");
    pass("2019-03-01", Method::strict);
    pass("2021-06-01", Method::normal);
    pass("2024-09-01", Method::strict);  // no window either
    const Standing standing = history_->state().at(noon("2024-09-01"));
    EXPECT_EQ(standing.method, Method::exempt);
    EXPECT_EQ(format_date(standing.last_day.value()), "2026-09-01");
    add("2025-01-01", FoundFailing{Reason::failed_check});
    EXPECT_EQ(on("2025-01-01"), Method::strict);
}

// Each rule set works out the whole history for itself; which one answers is a matter of the registration date.
TEST_F(MethodOfGoods, ARuleSetThatChangesMidWindow) {
    const RuleSet old_rules = test::rule_set("nd132-2008@1"), new_rules = test::rule_set("nd37-2026@1");
    GoodsHistory before(old_rules), after(new_rules);
    int leaf = 0;
    for (const char* date : {"2026-03-01", "2026-05-01", "2026-07-15"}) {
        const Event event{
            {static_cast<std::uint64_t>(++leaf), 0}, noon(date), Inspected{Outcome::pass, Method::normal}};
        before.add(event);
        after.add(event);
    }
    EXPECT_EQ(before.state().at(noon("2026-07-15")).method, Method::exempt);
    EXPECT_EQ(after.state().at(noon("2026-07-15")).method, Method::reduced);
    EXPECT_EQ(after.as_of(noon("2026-07-01")).method, Method::normal);
}

TEST_F(MethodOfGoods, TellsWhatHeldAtAnyTimeBefore) {
    three("2021-05-01", Method::strict);
    three("2021-09-01", Method::normal);
    fail("2022-12-01", Method::normal);
    EXPECT_EQ(history_->as_of(noon("2021-04-30")).method, Method::strict);
    EXPECT_EQ(history_->as_of(noon("2021-05-01")).method, Method::normal);
    EXPECT_EQ(history_->as_of(noon("2022-09-01")).method, Method::reduced);
    EXPECT_EQ(history_->as_of(noon("2022-09-02")).method, Method::normal);
    EXPECT_EQ(history_->as_of(noon("2022-09-02")).reason, Reason::term_over);
    EXPECT_EQ(history_->as_of(noon("2030-01-01")).method, Method::strict);
    std::int64_t since = 0;
    for (const Standing& standing : history_->state().standings()) {
        EXPECT_GE(standing.since_ms, since);
        since = standing.since_ms;
    }
}

TEST_F(MethodOfGoods, AnAlertAndACertificateBeginWithTheirFirstDay) {
    begin("nd15-2018@1");
    three("2021-05-01", Method::normal);
    const auto alert = add("2021-06-01", Alerted{{}, parse_date("2021-07-01")});
    EXPECT_EQ(on("2021-06-30"), Method::reduced);
    EXPECT_EQ(on("2021-07-01"), Method::strict);
    EXPECT_EQ(history_->state().at(noon("2021-07-02")).since_ms, start_of(*parse_date("2021-07-01")));
    EXPECT_EQ(history_->state().at(noon("2021-07-02")).cause, alert);
    add("2021-06-10", AlertLifted{alert});
    EXPECT_EQ(on("2021-07-02"), Method::reduced) << "lifted before it began";
    begin("qd38-2021@1");
    add("2021-03-01", Certified{{}, parse_date("2021-05-01")});
    EXPECT_EQ(on("2021-04-30"), Method::strict);
    EXPECT_EQ(why("2021-05-01"), Reason::certified);
}

// --- against a model that knows nothing of the engine's ways

Event any_event(std::uint64_t leaf, const std::vector<Event>& before) {
    const auto date = [&](int from, int to) { return start_of({*rc::gen::inRange(from, to)}); };
    const auto term = [&]() -> std::optional<Date> {
        if (*rc::gen::inRange(0, 2) == 0) return std::nullopt;
        return Date{*rc::gen::inRange(18'600, 20'000)};
    };
    const auto earlier = [&] {
        return before.empty() ? ledger::Address{}
                              : before[*rc::gen::inRange<std::size_t>(0, before.size())].at;
    };
    Event event{{leaf, 0}, date(18'600, 19'800) + 3'600'000, Inspected{}};
    const Method method = *rc::gen::element(Method::reduced, Method::normal, Method::strict);
    switch (*rc::gen::inRange(0, 14)) {
        case 0:
            event.what = Inspected{Outcome::fail, method};
            break;
        case 1:
            event.what = Inspected{Outcome::neutral, method};
            break;
        case 2:
            event.what = FoundFailing{*rc::gen::element(Reason::failed_check, Reason::upheld_complaint)};
            break;
        case 3:
            event.what = Alerted{term(), term()};
            break;
        case 4:
            event.what = AlertLifted{earlier()};
            break;
        case 5:
            event.what = Certified{term(), term()};
            break;
        case 6:
            event.what = CertificateWithdrawn{earlier()};
            break;
        default:
            event.what = Inspected{Outcome::pass, method};
    }
    return event;
}

RC_GTEST_PROP(MethodHistory, AgreesWithASlowModel, ()) {
    const RuleSet rules = test::rule_set(
        *rc::gen::element<std::string>("qd38-2021@1", "nd15-2018@1", "nd132-2008@1", "nd37-2026@1"));
    GoodsHistory history(rules);
    std::vector<Event> events;
    const std::uint64_t count = *rc::gen::inRange(0, 40);
    for (std::uint64_t leaf = 1; leaf <= count; ++leaf) {
        Event event = any_event(leaf, events);
        if (!events.empty() && *rc::gen::inRange(0, 8) == 0) {
            const std::size_t place = *rc::gen::inRange<std::size_t>(0, events.size());
            RC_ASSERT(history.supersede(events[place].at, event));
            test::replace(events, place, event);
        } else {
            history.add(event);
            events.push_back(event);
        }
        const std::int64_t when = start_of({*rc::gen::inRange(18'600, 20'400)});
        const auto [method, reason] = test::slow_method(rules, events, when);
        const Standing standing = history.state().at(when);
        RC_ASSERT(standing.method == method);
        RC_ASSERT(standing.reason == reason);
    }
}

}  // namespace
}  // namespace socai::inspection
