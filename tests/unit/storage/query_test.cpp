#include "storage/query.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "state_support.hpp"

namespace socai::storage {
namespace {

using test::Ledger;
using test::RecordSpec;
using test::TempFolder;

constexpr std::int64_t day_ms = 24LL * 60 * 60 * 1000;
constexpr std::int64_t first_ms = 1'614'132'000'000;

template <class T>
T any_of(const std::vector<T>& values) {
    return *rc::gen::elementOf(values);
}
// A value, or nothing three times out of four.
std::optional<std::string> maybe(const std::vector<std::string>& values) {
    return *rc::gen::inRange(0, 4) == 0 ? std::optional(any_of(values)) : std::nullopt;
}

const std::vector<std::string> kinds = {"inspection_registration", "inspection_result", "catalog_item"};
const std::vector<std::string> sources = {"customs.haiphong", "most.qlcl", "importer.9900000016"};
const std::vector<std::string> numbers = {"N-1", "N-2", "N-3"};
const std::vector<std::string> hs_codes = {"9503", "950300", "95030010", "9504", "08045", "01", "9"};

RecordSpec any_record(std::size_t number, const RecordSpec* first_of_bundle) {
    RecordSpec spec;
    spec.id = "r-" + std::to_string(number);
    spec.kind = first_of_bundle != nullptr ? first_of_bundle->kind : any_of(kinds);
    spec.source = first_of_bundle != nullptr ? first_of_bundle->source : any_of(sources);
    spec.subject = any_of(numbers);
    spec.time_ms = first_ms + *rc::gen::inRange<std::int64_t>(0, 40 * day_ms) / 1000 * 1000;
    spec.dossier_no = maybe(numbers);
    spec.declaration_no = maybe(numbers);
    spec.tax_code = maybe(numbers);
    if (const auto key = maybe(numbers)) spec.goods_keys.push_back(*key);
    for (int i = *rc::gen::inRange(0, 3); i > 0; --i) spec.hs_codes.push_back(any_of(hs_codes));
    return spec;
}

void add_any_leaves(Ledger& ledger, std::size_t count, std::size_t& made) {
    for (std::size_t i = 0; i < count; ++i) {
        std::vector<RecordSpec> specs;
        for (int n = *rc::gen::element(1, 1, 2, 4); n > 0; --n) {
            specs.push_back(any_record(made++, specs.empty() ? nullptr : &specs.front()));
        }
        ledger.add_leaf(specs);
    }
}

inspection::Filter any_filter() {
    inspection::Filter filter;
    if (const auto kind = maybe(kinds)) filter.type = "vn.socai." + *kind + ".v1";
    filter.source = maybe(sources);
    filter.subject = maybe(numbers);
    filter.dossier_no = maybe(numbers);
    filter.declaration_no = maybe(numbers);
    filter.tax_code = maybe(numbers);
    filter.goods_key = maybe(numbers);
    filter.hs_prefix = maybe({"9", "95", "950", "9503", "95030", "950300", "9503001", "95030010", "0"});
    if (*rc::gen::inRange(0, 4) == 0)
        filter.from_time_ms = first_ms + *rc::gen::inRange<std::int64_t>(0, 40 * day_ms);
    if (*rc::gen::inRange(0, 4) == 0)
        filter.to_time_ms = first_ms + *rc::gen::inRange<std::int64_t>(0, 40 * day_ms);
    return filter;
}

std::vector<ledger::Address> brute_force(const Ledger& ledger, const inspection::Filter& filter,
                                         std::uint64_t from) {
    std::vector<ledger::Address> found;
    for (const ledger::Address& address : ledger.addresses()) {
        if (address.index < from) continue;
        if (inspection::matches(filter, inspection::fields_of(ledger.record(address))))
            found.push_back(address);
    }
    return found;
}

RC_GTEST_PROP(Query, PagesAreTheBruteForceAnswerWhileTheLedgerGrows, ()) {
    TempFolder folder;
    const auto state = test::open_state(folder.path(), 1'000'000);
    Ledger ledger;
    std::size_t made = 0;
    add_any_leaves(ledger, *rc::gen::inRange<std::size_t>(0, 60), made);
    RC_ASSERT(ledger.apply_to(*state, 16).has_value());
    if (*rc::gen::arbitrary<bool>()) RC_ASSERT(state->flush().has_value());  // tables and their filters, too
    const auto fields = ledger.fields();
    for (int round = 0; round < 12; ++round) {
        const inspection::Filter filter = any_filter();
        const bool descending = *rc::gen::arbitrary<bool>();
        const auto from = *rc::gen::inRange<std::uint64_t>(0, ledger.leaves.size() + 2);
        const auto limit = *rc::gen::inRange<std::size_t>(1, 12);
        const auto before = brute_force(ledger, filter, from);
        std::vector<ledger::Address> found;
        std::optional<std::string> cursor;
        do {
            const auto page = state->query(filter, from, descending, limit, cursor, fields);
            RC_ASSERT(page.has_value());
            RC_ASSERT(page->addresses.size() <= limit);
            found.insert(found.end(), page->addresses.begin(), page->addresses.end());
            cursor = page->next_cursor;
            if (cursor && *rc::gen::inRange(0, 4) == 0) {  // appended between two pages
                add_any_leaves(ledger, 1, made);
                RC_ASSERT(ledger.apply_to(*state, 16).has_value());
            }
        } while (cursor);
        if (descending) {  // what came later stands before the first page
            std::reverse(found.begin(), found.end());
            RC_ASSERT(found == before);
        } else {
            const auto after = brute_force(ledger, filter, from);
            RC_ASSERT(found.size() >= before.size());
            RC_ASSERT(std::equal(found.begin(), found.end(), after.begin(),
                                 after.begin() + static_cast<std::ptrdiff_t>(found.size())));
        }
    }
}

class QueryTest : public testing::Test {
  protected:
    QueryTest() : state(test::open_state(folder.path(), 1'000'000)) {}
    void fill(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            RecordSpec spec;
            spec.id = "r-" + std::to_string(i);
            spec.subject = i % 2 == 0 ? "even" : "odd";
            spec.tax_code = std::to_string(i % 1000);
            ledger.add_leaf({spec});
        }
        ASSERT_TRUE(ledger.apply_to(*state, 1'000));
    }
    Result<QueryPage> ask(const inspection::Filter& filter, std::size_t limit = 100,
                          const std::optional<std::string>& cursor = {}, bool descending = false) {
        return state->query(filter, 0, descending, limit, cursor, ledger.fields());
    }
    TempFolder folder;
    std::unique_ptr<StateStore> state;
    Ledger ledger;
};

TEST_F(QueryTest, ACursorBelongsToItsFilterAndOrder) {
    fill(30);
    inspection::Filter even;
    even.subject = "even";
    const auto page = ask(even, 5);
    ASSERT_TRUE(page);
    ASSERT_TRUE(page->next_cursor);
    EXPECT_TRUE(ask(even, 7, page->next_cursor));  // the limit may change
    inspection::Filter odd = even;
    odd.subject = "odd";
    EXPECT_EQ(test::reason_of(ask(odd, 5, page->next_cursor)), "bad_cursor");
    inspection::Filter moved;
    moved.dossier_no = "even";  // the same text in another field
    EXPECT_EQ(test::reason_of(ask(moved, 5, page->next_cursor)), "bad_cursor");
    EXPECT_EQ(test::reason_of(ask(even, 5, page->next_cursor, true)), "bad_cursor");
    for (const std::string bad : {"", "x", "!!!!", "AAAA", "AQAAAAAAAAAAAAAAAAAAAAAA"}) {
        EXPECT_EQ(test::reason_of(ask(even, 5, bad)), "bad_cursor") << bad;
    }
    EXPECT_EQ(test::reason_of(ask(even, 5, *page->next_cursor + "A")), "bad_cursor");
}

TEST_F(QueryTest, APageCanBeCutShortAtAnyOfItsAddresses) {
    fill(30);
    inspection::Filter even;
    even.subject = "even";
    for (const bool descending : {false, true}) {
        const auto whole = ask(even, 15, {}, descending);
        ASSERT_TRUE(whole);
        ASSERT_EQ(whole->addresses.size(), 15U);
        for (std::size_t given = 0; given < 15; ++given) {
            const auto cursor = StateStore::query_cursor(even, descending, whole->addresses[given]);
            const auto rest = ask(even, 15, cursor, descending);
            ASSERT_TRUE(rest);
            EXPECT_TRUE(std::equal(whole->addresses.begin() + static_cast<std::ptrdiff_t>(given),
                                   whole->addresses.end(), rest->addresses.begin(), rest->addresses.end()));
        }
    }
}

TEST_F(QueryTest, ThereIsNoCursorWhenThereIsNothingMore) {
    fill(30);
    inspection::Filter even;
    even.subject = "even";
    const auto page = ask(even, 15);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->addresses.size(), 15U);
    EXPECT_FALSE(page->next_cursor);
    EXPECT_TRUE(ask(even, 0)->addresses.empty());
}

TEST_F(QueryTest, WorkIsBoundedAndThePagesGoOn) {
    fill(30'000);
    inspection::Filter never;  // two long lists without a common member
    never.subject = "odd";
    never.tax_code = "500";
    std::size_t pages = 0;
    std::optional<std::string> cursor;
    do {
        const auto page = ask(never, 10, cursor);
        ASSERT_TRUE(page);
        EXPECT_TRUE(page->addresses.empty());
        cursor = page->next_cursor;
        ++pages;
    } while (cursor);
    EXPECT_EQ(pages, 1U);  // the shorter list sets the pace

    inspection::Filter slow;  // no index decides this one: every record is looked at
    slow.from_time_ms = 4'000'000'000'000;
    pages = 0;
    do {
        const auto page = ask(slow, 10, cursor);
        ASSERT_TRUE(page);
        EXPECT_TRUE(page->addresses.empty());
        cursor = page->next_cursor;
        ++pages;
    } while (cursor);
    EXPECT_GT(pages, 3U);
    EXPECT_LT(pages, 30U);
}

TEST_F(QueryTest, ARecordThatCannotBeLoadedIsAnError) {
    fill(3);
    inspection::Filter filter;
    filter.to_time_ms = 4'000'000'000'000;
    const auto page =
        state->query(filter, 0, false, 10, {}, [](const ledger::Address&) { return std::nullopt; });
    EXPECT_EQ(test::reason_of(page), "corrupt_log");
}

}  // namespace
}  // namespace socai::storage
