#include "consensus/log_view.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/unit/consensus/core_fixture.hpp"

namespace socai::consensus::test {
namespace {

LogView view_of(const Terms& terms) {
    return LogView(summary_of(make_log(terms)));
}

struct AgreementRow {
    Terms log;
    std::uint64_t at, term;
    std::uint64_t index, found_term;
};

// The cases of etcd's TestFindConflictByTerm, over a log that begins at index 1.
TEST(LogView, FindsWhereLogsCanAgree) {
    const std::vector<AgreementRow> rows = {
        {{2, 2, 5, 5, 5}, 100, 2, 2, 2},                                 // beyond the end: from the end
        {{2, 2, 5, 5, 5}, 5, 6, 5, 5},                                   // newer than all: stays
        {{2, 2, 5, 5, 5}, 5, 5, 5, 5},   {{2, 2, 5, 5, 5}, 5, 4, 2, 2},  // a whole term back
        {{2, 2, 5, 5, 5}, 5, 2, 2, 2},   {{2, 2, 5, 5, 5}, 5, 1, 0, 0},  // none: the base
        {{2, 2, 5, 5, 5}, 1, 2, 1, 2},   {{2, 2, 5, 5, 5}, 3, 5, 3, 5}, {{1, 2, 3, 3, 4}, 5, 3, 4, 3},
        {{1, 2, 3, 3, 4}, 4, 2, 2, 2},   {{1, 2, 3, 3, 4}, 0, 9, 0, 0}, {{}, 5, 5, 0, 0},
    };
    for (const AgreementRow& row : rows) {
        const LogView::Point point = view_of(row.log).agreement({row.at}, {row.term});
        EXPECT_EQ(point.index.value, row.index) << row.at << " in term " << row.term;
        EXPECT_EQ(point.term.value, row.found_term);
    }
}

Terms some_terms() {
    auto terms = *rc::gen::container<Terms>(rc::gen::inRange<std::uint64_t>(1, 6));
    std::sort(terms.begin(), terms.end());
    return terms;
}

RC_GTEST_PROP(LogView, AgreesWithAPlainList, ()) {
    const Terms terms = some_terms();
    const LogView view = view_of(terms);
    const auto term_at = [&](std::uint64_t i) { return i == 0 ? 0 : terms[i - 1]; };
    for (std::uint64_t i = 0; i <= terms.size(); ++i) RC_ASSERT(view.term_at({i})->value == term_at(i));
    RC_ASSERT(!view.term_at({terms.size() + 1}));
    const std::uint64_t at = *rc::gen::inRange<std::uint64_t>(0, 12);
    const std::uint64_t term = *rc::gen::inRange<std::uint64_t>(0, 7);
    std::uint64_t expected = std::min<std::uint64_t>(at, terms.size());
    while (expected > 0 && term_at(expected) > term) --expected;
    RC_ASSERT(view.agreement({at}, {term}).index.value == expected);
}

// Appending, truncating and forgetting in any order leaves what a plain list would hold.
RC_GTEST_PROP(LogView, FollowsAnySequenceOfChanges, ()) {
    std::vector<EntryPtr> list = make_log(some_terms());
    LogView view(summary_of(list));
    Index durable = view.last().index;
    for (int i = 0; i < 30; ++i) {
        const int what = *rc::gen::inRange(0, 4);
        if (what < 2) {
            const Term term{view.last().term.value + *rc::gen::inRange<std::uint64_t>(0, 2)};
            list.push_back(make_entry(view.last(), term, EntryKind::payload, {}, {}, std::string(10, 'x')));
            view.append(list.back());
        } else if (what == 2 && !list.empty()) {
            list.resize(*rc::gen::inRange<std::size_t>(0, list.size()));
            view.truncate_after(last_id(list));
            durable = std::min(durable, view.last().index);
        } else {
            durable = {*rc::gen::inRange(durable.value, view.last().index.value + 1)};
            view.trim_cache(*rc::gen::inRange<std::size_t>(0, 2'000), durable);
        }
        RC_ASSERT(view.last() == last_id(list));
        for (std::size_t k = 0; k < list.size(); ++k) {
            RC_ASSERT(view.term_at({k + 1}) == list[k]->id.term);
            const auto id = view.id_at({k + 1});
            RC_ASSERT(!id || *id == list[k]->id);
            RC_ASSERT(id.has_value() || Index{k + 1} < view.cached_from() || Index{k + 1} <= durable);
        }
        RC_ASSERT(view.cached_from() <= durable + 1 || view.last().index <= durable ||
                  view.cached_from() <= view.last().index + 1);
        const auto cached = view.entries(view.cached_from(), 1'000, 1'000'000);
        RC_ASSERT(cached.size() == view.last().index.value + 1 - view.cached_from().value);
        for (const EntryPtr& entry : cached) RC_ASSERT(entry == list[entry->id.index.value - 1]);
    }
}

TEST(LogView, LimitsEntriesByCountAndBytesButGivesAtLeastOne) {
    LogView view = view_of({});
    for (int i = 0; i < 5; ++i) {
        view.append(make_entry(view.last(), {1}, EntryKind::payload, {}, {}, std::string(10, 'x')));
    }
    EXPECT_EQ(view.entries({1}, 3, 1'000).size(), 3u);
    EXPECT_EQ(view.entries({1}, 100, 25).size(), 2u);
    EXPECT_EQ(view.entries({1}, 100, 1).size(), 1u);
    EXPECT_EQ(view.entries({6}, 100, 1'000).size(), 0u);
}

TEST(LogView, KeepsWhatIsNotDurable) {
    LogView view = view_of({});
    for (int i = 0; i < 5; ++i) {
        view.append(make_entry(view.last(), {1}, EntryKind::payload, {}, {}, std::string(10, 'x')));
    }
    view.trim_cache(0, {3});
    view.forget_ids({3});
    EXPECT_EQ(view.cached_from(), Index{4});
    EXPECT_TRUE(view.id_at({3}));  // the entry before the first cached one
    EXPECT_FALSE(view.id_at({2}));
    EXPECT_EQ(view.cached_bytes(), 2 * (sizeof(Entry) + 10));
}

struct PruneRow {
    std::uint64_t cached_after;  // entries up to here were forgotten from memory
    std::uint64_t base;
    std::vector<TermRun> runs;
};

// 1(1) 2(1) 3(2) 4(2) 5(4)
TEST(LogView, PrunedItAnswersForWhatIsLeft) {
    const std::vector<PruneRow> rows = {
        {0, 1, {{{1}, {2}}, {{2}, {3}}, {{4}, {5}}}},
        {0, 2, {{{2}, {3}}, {{4}, {5}}}},
        {0, 3, {{{2}, {4}}, {{4}, {5}}}},
        {3, 2, {{{2}, {3}}, {{4}, {5}}}},
        {3, 4, {{{4}, {5}}}},
        {5, 4, {{{4}, {5}}}},
        {0, 5, {}},
        {5, 5, {}},
    };
    const Terms terms{1, 1, 2, 2, 4};
    const auto log = make_log(terms);
    for (const PruneRow& row : rows) {
        SCOPED_TRACE(row.base);
        LogView view = view_of({});
        for (const EntryPtr& entry : log) view.append(entry);
        if (row.cached_after > 0) view.trim_cache((5 - row.cached_after) * sizeof(Entry), {row.cached_after});
        const EntryId& base = log[row.base - 1]->id;
        view.prune(base);
        EXPECT_EQ(view.base(), base);
        EXPECT_EQ(view.last(), log.back()->id);
        EXPECT_EQ(view.runs(), row.runs);
        EXPECT_EQ(view.id_at({row.base}), base);
        for (std::uint64_t i = 1; i <= 5; ++i) {
            EXPECT_EQ(view.term_at({i}), i < row.base ? std::nullopt : std::optional(Term{terms[i - 1]}));
        }
        EXPECT_EQ(view.agreement({5}, {0}).index.value, row.base);  // never below the base
        EXPECT_GE(view.cached_from().value, row.base + 1);
        const EntryPtr next = make_noop(view.last(), {4});
        view.append(next);
        EXPECT_EQ(view.entries(view.cached_from(), 10, 10'000).back(), next);
        view.truncate_after(base);
        EXPECT_EQ(view.last(), base);
        EXPECT_TRUE(view.runs().empty());
    }
}

}  // namespace
}  // namespace socai::consensus::test
