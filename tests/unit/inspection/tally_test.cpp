// Running counts: edges by name, then random changes against a list that is added up anew for every question.
#include "inspection/statistics/tally.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <map>

#include "ledger/facts.hpp"

namespace socai::inspection {
namespace {

constexpr std::uint64_t latest = std::numeric_limits<std::uint64_t>::max();

Date day(std::string_view text) {
    return parse_date(text).value();
}

class Tally : public ::testing::Test {
  protected:
    void add(std::string_view date, std::uint64_t index, Amounts amounts, const Series& series = {}) {
        ledger::FactDraft draft(facts_);
        count(draft, series, day(date), index, amounts);
        facts_.apply(std::move(draft).take_changes());
    }
    Amounts sum(std::string_view from, std::string_view to, std::uint64_t as_of = latest,
                Sheet sheet = Sheet::registrations) const {
        Amounts amounts;
        visit_counts(facts_, sheet, {day(from), day(to)}, as_of,
                     [&](const Series&, std::uint32_t, const Amounts& row) { gather(amounts, row); });
        return amounts;
    }
    std::int64_t dossiers(std::string_view from, std::string_view to, std::uint64_t as_of = latest) const {
        return number_of(sum(from, to, as_of), Figure::dossiers);
    }

    ledger::FactMap facts_;
};

TEST_F(Tally, ADayAsOfALeafIsWhatStoodThen) {
    add("2021-09-27", 3, {{Figure::dossiers, 1}});
    add("2021-09-27", 7, {{Figure::dossiers, 2}});
    const Series series;
    EXPECT_TRUE(counts_on(facts_, series, day("2021-09-27"), 2).empty());
    EXPECT_EQ(number_of(counts_on(facts_, series, day("2021-09-27"), 3), Figure::dossiers), 1);
    EXPECT_EQ(number_of(counts_on(facts_, series, day("2021-09-27"), 6), Figure::dossiers), 1);
    EXPECT_EQ(number_of(counts_on(facts_, series, day("2021-09-27"), 7), Figure::dossiers), 3);
    EXPECT_TRUE(counts_on(facts_, series, day("2021-09-28"), 7).empty());
}

TEST_F(Tally, WhatComesLateCountsOnItsOwnDay) {
    add("2021-10-01", 1, {{Figure::dossiers, 1}});
    add("2021-09-30", 2, {{Figure::dossiers, 1}});
    add("2021-10-01", 3, {{Figure::dossiers, 1}});
    add("2021-09-30", 4, {{Figure::dossiers, 1}});
    EXPECT_EQ(dossiers("2021-09-30", "2021-09-30"), 2);
    EXPECT_EQ(dossiers("2021-10-01", "2021-10-01"), 2);
    EXPECT_EQ(dossiers("2021-09-01", "2021-09-30"), 2);
    EXPECT_EQ(dossiers("2021-09-01", "2021-10-31", 3), 3);
}

TEST_F(Tally, RecordsOfOneLeafAddUp) {
    ledger::FactDraft draft(facts_);
    for (int n = 0; n < 3; ++n) count(draft, {}, day("2021-09-27"), 5, {{Figure::dossiers, 1}});
    facts_.apply(std::move(draft).take_changes());
    EXPECT_EQ(dossiers("2021-09-27", "2021-09-27", 5), 3);
    EXPECT_EQ(dossiers("2021-09-01", "2021-09-30", 4), 0);
}

TEST_F(Tally, WhatIsCountedOutIsGone) {
    add("2021-05-17", 1, {{Figure::result_fail, 1}});
    add("2021-05-17", 2, {{Figure::result_fail, -1}, {Figure::result_pass, 1}});
    EXPECT_EQ(sum("2021-05-01", "2021-05-31"), (Amounts{{Figure::result_pass, 1}}));
    EXPECT_EQ(sum("2021-05-17", "2021-05-17", 1), (Amounts{{Figure::result_fail, 1}}));
    add("2021-05-17", 3, {{Figure::result_pass, -1}});
    EXPECT_TRUE(sum("2021-05-01", "2021-05-31").empty());
}

TEST_F(Tally, APeriodIsItsMonthsAndTheDaysAtItsEnds) {
    std::uint64_t index = 0;
    for (const std::string_view date : {"2020-02-29", "2020-03-01", "2021-01-31", "2021-02-01", "2021-02-28",
                                        "2021-03-01", "2021-12-31", "2022-01-01"})
        add(date, ++index, {{Figure::dossiers, 1}});
    EXPECT_EQ(dossiers("2020-02-29", "2020-02-29"), 1);
    EXPECT_EQ(dossiers("2020-02-29", "2020-03-01"), 2);
    EXPECT_EQ(dossiers("2021-01-31", "2021-03-01"), 4);
    EXPECT_EQ(dossiers("2021-02-01", "2021-02-28"), 2);
    EXPECT_EQ(dossiers("2021-02-02", "2021-02-27"), 0);
    EXPECT_EQ(dossiers("2021-01-01", "2021-12-31"), 5);
    EXPECT_EQ(dossiers("1970-01-01", "9999-12-31"), 8);
    EXPECT_EQ(dossiers("2021-03-02", "2021-03-01"), 0);
}

TEST_F(Tally, SeriesAndSheetsStayApart) {
    const Series toys{Sheet::results, "quality", "most.qlcl", {}};
    const Series fruit{Sheet::results, "food_safety", "mard.bvtv", {}};
    const Series beginning{Sheet::results, "quality", "most", {}};  // its name begins another's
    add("2021-09-27", 1, {{Figure::result_pass, 1}}, toys);
    add("2021-09-27", 2, {{Figure::result_pass, 10}}, fruit);
    add("2021-09-27", 3, {{Figure::result_pass, 100}}, beginning);
    std::map<Series, std::int64_t> seen;
    visit_counts(facts_, Sheet::results, {day("2021-09-01"), day("2021-09-30")}, latest,
                 [&](const Series& series, std::uint32_t month, const Amounts& row) {
                     EXPECT_EQ(month, month_of(day("2021-09-15")));
                     seen[series] = number_of(row, Figure::result_pass);
                 });
    EXPECT_EQ(seen, (std::map<Series, std::int64_t>{{toys, 1}, {fruit, 10}, {beginning, 100}}));
    EXPECT_TRUE(sum("2021-09-01", "2021-09-30", latest, Sheet::statuses).empty());
}

TEST_F(Tally, AFigureIsFewWrites) {
    ledger::FactDraft draft(facts_);
    count(draft, {}, day("2021-09-27"), 5, {{Figure::dossiers, 1}, {Figure::method_strict, 1}});
    EXPECT_EQ(std::move(draft).take_changes().size(), 3);
}

TEST_F(Tally, NothingIsNotWritten) {
    ledger::FactDraft draft(facts_);
    count(draft, {}, day("2021-09-27"), 5, {});
    EXPECT_TRUE(std::move(draft).take_changes().empty());
}

struct Change {
    Series series;
    Date day;
    std::uint64_t index = 0;
    Amounts amounts;
};

RC_GTEST_PROP(TallyAgainstAList, EveryPeriodAsOfEveryLeaf, ()) {
    constexpr std::int32_t first_day = 18'600;  // 2020-12-04
    ledger::FactMap facts;
    std::vector<Change> list;
    const int size = *rc::gen::inRange(1, 60);
    std::uint64_t index = 0;
    for (int i = 0; i < size; ++i) {
        Change change;
        change.series = {*rc::gen::element(Sheet::results, Sheet::statuses),
                         *rc::gen::element<std::string>("quality", "food_safety", ""),
                         *rc::gen::element<std::string>("most", "most.qlcl", "mard.bvtv"),
                         *rc::gen::element<std::string>("", "late")};
        change.day = {first_day + *rc::gen::inRange(0, 120)};
        index += *rc::gen::element<std::uint64_t>(0, 1, 1, 1, 300);
        change.index = index;
        gather(change.amounts, {{*rc::gen::element(Figure::result_pass, Figure::result_fail),
                                 *rc::gen::element<std::int64_t>(1, 1, 5, -1)}});
        ledger::FactDraft draft(facts);
        count(draft, change.series, change.day, change.index, change.amounts);
        facts.apply(std::move(draft).take_changes());
        list.push_back(change);
    }
    for (int i = 0; i < 12; ++i) {
        const auto as_of = *rc::gen::inRange<std::uint64_t>(0, index + 2);
        const Date from{first_day + *rc::gen::inRange(-10, 130)};
        const Date to{from.days + *rc::gen::inRange(0, 100)};
        const Sheet sheet = *rc::gen::element(Sheet::results, Sheet::statuses);
        std::map<std::pair<Series, std::uint32_t>, Amounts> expected;
        for (const Change& change : list)
            if (change.series.sheet == sheet && change.index <= as_of && from <= change.day &&
                change.day <= to)
                gather(expected[{change.series, month_of(change.day)}], change.amounts);
        std::erase_if(expected, [](const auto& each) { return each.second.empty(); });
        std::map<std::pair<Series, std::uint32_t>, Amounts> answered;
        visit_counts(facts, sheet, {from, to}, as_of,
                     [&](const Series& series, std::uint32_t month, const Amounts& row) {
                         gather(answered[{series, month}], row);
                     });
        std::erase_if(answered, [](const auto& each) { return each.second.empty(); });
        RC_ASSERT(answered == expected);
    }
}

}  // namespace
}  // namespace socai::inspection
