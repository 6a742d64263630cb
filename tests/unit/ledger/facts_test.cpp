#include "ledger/facts.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace socai::ledger {
namespace {

using Content = std::vector<std::pair<std::string, std::string>>;

Content all(const Facts& facts, std::string_view prefix = {}, std::string_view from = {}) {
    Content content;
    facts.scan(prefix, from, [&](std::string_view key, std::string_view value) {
        content.emplace_back(key, value);
        return true;
    });
    return content;
}

FactMap map_of(const std::vector<FactChange>& changes) {
    FactMap map;
    map.apply(changes);
    return map;
}

TEST(Facts, ScansWhatBeginsWithThePrefixInOrder) {
    const FactMap map = map_of({{"b/2", "y"}, {"a/1", "w"}, {"b/1", "x"}, {"c", "z"}});
    EXPECT_EQ(all(map, "b/"), (Content{{"b/1", "x"}, {"b/2", "y"}}));
    EXPECT_EQ(all(map, "b/", "b/2"), (Content{{"b/2", "y"}}));
    EXPECT_EQ(all(map, "b/", "a"), (Content{{"b/1", "x"}, {"b/2", "y"}}));
    int visited = 0;
    map.scan("b/", {}, [&](std::string_view, std::string_view) { return ++visited < 1; });
    EXPECT_EQ(visited, 1);
}

TEST(Facts, LastIsBelowTheEnd) {
    const FactMap map = map_of({{"a/9", "w"}, {"b/1", "x"}, {"b/3", "y"}});
    EXPECT_EQ(map.last("b/", "b/3")->key, "b/1");
    EXPECT_EQ(map.last("b/", "b/9")->key, "b/3");
    EXPECT_FALSE(map.last("b/", "b/1"));
}

TEST(Facts, ADraftHidesWhatItErases) {
    const FactMap base = map_of({{"a", "1"}, {"b", "2"}});
    FactDraft draft(base);
    draft.erase("a");
    draft.put("c", "3");
    EXPECT_FALSE(draft.get("a"));
    EXPECT_EQ(all(draft), (Content{{"b", "2"}, {"c", "3"}}));
    EXPECT_FALSE(draft.last("", "b"));
    EXPECT_EQ(draft.last("", "z")->key, "c");
}

TEST(Facts, ChangesComeInTheOrderOfTheirKeysEachOnce) {
    const FactMap base;
    FactDraft draft(base);
    draft.put("b", "1");
    draft.put("a", "1");
    draft.put("b", "2");
    draft.erase("c");
    EXPECT_EQ(std::move(draft).take_changes(),
              (std::vector<FactChange>{{"a", "1"}, {"b", "2"}, {"c", std::nullopt}}));
}

TEST(Facts, TheDigestTellsKeysFromValuesAndErasingFromEmptying) {
    const Hash none{};
    EXPECT_EQ(digest_after(none, {}), none);
    EXPECT_NE(digest_after(none, {{"ab", "c"}}), digest_after(none, {{"a", "bc"}}));
    EXPECT_NE(digest_after(none, {{"a", ""}}), digest_after(none, {{"a", std::nullopt}}));
    EXPECT_NE(digest_after(none, {{"a", "1"}}), digest_after(digest_after(none, {{"a", "1"}}), {{"a", "1"}}));
}

// A value of the test's own alphabet, so that keys meet.
rc::Gen<std::string> short_text() {
    return rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab/")));
}
// The value 0 stands for none: the key is erased.
rc::Gen<std::vector<FactChange>> some_changes() {
    return rc::gen::container<std::vector<FactChange>>(rc::gen::map(
        rc::gen::pair(short_text(), rc::gen::inRange(0, 5)), [](std::pair<std::string, int> made) {
            return FactChange{std::move(made.first),
                              made.second == 0 ? std::nullopt : std::optional(std::to_string(made.second))};
        }));
}

std::optional<Fact> last_of(const Content& content, std::string_view prefix, std::string_view end) {
    std::optional<Fact> found;
    for (const auto& [key, value] : content)
        if (key.starts_with(prefix) && key < end) found = Fact{key, value};
    return found;
}

RC_GTEST_PROP(Facts, ADraftReadsAsIfItWereApplied, ()) {
    const FactMap base = map_of(*some_changes());
    const auto changes = *some_changes();
    FactDraft draft(base);
    for (const FactChange& change : changes)
        change.value ? draft.put(change.key, *change.value) : draft.erase(change.key);
    FactMap applied = base;
    applied.apply(changes);

    const std::string prefix = *short_text();
    const std::string from = *short_text();
    RC_ASSERT(all(draft, prefix, from) == all(applied, prefix, from));
    const auto last = draft.last(prefix, from);
    const auto wanted = last_of(all(applied), prefix, from);
    RC_ASSERT(last.has_value() == wanted.has_value());
    if (last) RC_ASSERT(last->key == wanted->key && last->value == wanted->value);
    for (const FactChange& change : changes) RC_ASSERT(draft.get(change.key) == applied.get(change.key));
    FactMap by_changes = base;
    by_changes.apply(std::move(draft).take_changes());
    RC_ASSERT(all(by_changes) == all(applied));
}

// What the overlay of the tail does: leaves are laid on, and lifted from the front as the base takes them in.
RC_GTEST_PROP(Facts, LeavesLaidAndLiftedLeaveTheSameView, ()) {
    const auto leaves = *rc::gen::container<std::vector<std::vector<FactChange>>>(some_changes());
    const auto lifted = leaves.empty() ? 0 : *rc::gen::inRange<std::size_t>(0, leaves.size() + 1);
    FactMap base;
    FactMap model;
    FactDraft overlay(base);
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        overlay.lay(leaves[i], i + 1);
        model.apply(leaves[i]);
    }
    for (std::size_t i = 0; i < lifted; ++i) {
        base.apply(leaves[i]);
        overlay.lift(leaves[i], i + 1);
        RC_ASSERT(all(overlay) == all(model));
    }
}

}  // namespace
}  // namespace socai::ledger
