#include "inspection/catalog/catalog.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "inspection/catalog/catalog_answer.hpp"
#include "tests/unit/inspection/rule_sets.hpp"
#include "tests/unit/inspection/world.hpp"

namespace socai::inspection {
namespace {

using test::World;

struct Item {
    std::string hs_code = "9503";
    std::string regimes = R"(["quality"])";
    std::string agency = "most.qlcl";
    std::string from = "2021-01-01";
    std::string to = {};  // empty: null
    std::string list = "BKHCN-NHOM2";
    std::string data() const {
        return R"({"list_code":")" + list + R"(","hs_code":")" + hs_code +
               R"(","goods_description":"Đồ chơi","inspection_stage":"before_clearance","management_level":"level_2",)" +
               R"("inspection_agency":")" + agency + R"(","regimes":)" + regimes + R"(,"valid_from":")" +
               from + R"(","valid_to":)" + (to.empty() ? "null" : '"' + to + '"') + "}";
    }
};

class Catalog : public ::testing::Test {
  protected:
    ledger::Address add(const Item& item, const std::string& refs = "[]",
                        std::string_view time = "2021-01-01T08:00:00+07:00") {
        return world_
            .add("most.tcvn", "catalog_item", "c-" + std::to_string(++made_), time, item.data(), refs)
            .value();
    }
    std::string agencies(std::string_view code, std::string_view day) const {
        std::string all;
        for (const CatalogItem& item : catalog_items(world_.facts(), code, parse_date(day).value()))
            all += (all.empty() ? "" : " ") + item.agency;
        return all;
    }
    boost::json::array page(CatalogQuestion question, std::string* next = nullptr) const {
        question.at_ms = test::noon("2021-06-01");
        auto answer = catalog_answer(world_.facts(), question, Viewer{});
        const auto* cursor = answer.if_contains("next_cursor");
        if (next != nullptr) *next = cursor != nullptr ? std::string(cursor->as_string()) : std::string();
        return answer.at("items").as_array();
    }

    World world_{take_catalog};
    int made_ = 0;
};

TEST_F(Catalog, TheLongestCodeComesFirstThenLedgerOrder) {
    add({.hs_code = "9503", .agency = "a"});
    add({.hs_code = "95030021", .agency = "b"});
    add({.hs_code = "950300", .agency = "c"});
    add({.hs_code = "9503", .agency = "d"});
    EXPECT_EQ(agencies("95030021", "2021-06-01"), "b c a d");
    EXPECT_EQ(agencies("950300", "2021-06-01"), "c a d");
    EXPECT_EQ(agencies("9503", "2021-06-01"), "a d");
    EXPECT_EQ(agencies("9504", "2021-06-01"), "");
    EXPECT_EQ(agencies("950", "2021-06-01"), "");
}

TEST_F(Catalog, AnItemIsInForceFromItsFirstDayToItsLast) {
    add({.from = "2021-02-01", .to = "2021-02-28"});
    EXPECT_EQ(agencies("9503", "2021-01-31"), "");
    EXPECT_EQ(agencies("9503", "2021-02-01"), "most.qlcl");
    EXPECT_EQ(agencies("9503", "2021-02-28"), "most.qlcl");
    EXPECT_EQ(agencies("9503", "2021-03-01"), "");
}

TEST_F(Catalog, TheFirstItemOfTheRegimeSaysWhoInspects) {
    add({.hs_code = "95030021", .regimes = R"(["food_safety"])", .agency = "food"});
    add({.hs_code = "9503", .regimes = R"(["quality","food_safety"])", .agency = "both"});
    const Date day = parse_date("2021-06-01").value();
    EXPECT_EQ(catalog_item(world_.facts(), "95030021", "food_safety", day)->agency, "food");
    EXPECT_EQ(catalog_item(world_.facts(), "95030021", "quality", day)->agency, "both");
    EXPECT_EQ(catalog_item(world_.facts(), "95030021", "plant_quarantine", day), std::nullopt);
}

TEST_F(Catalog, ASupersedingItemEndsTheFormerTheDayBeforeItBegins) {
    add({.agency = "old"});
    add({.agency = "new", .from = "2021-07-01"}, R"([["supersedes","most.tcvn","c-1"]])");
    EXPECT_EQ(agencies("9503", "2021-06-30"), "old");
    EXPECT_EQ(agencies("9503", "2021-07-01"), "new");
}

TEST_F(Catalog, ACorrectionFromTheSameDayLeavesTheFormerNoDay) {
    add({.agency = "old"});
    add({.agency = "new"}, R"([["supersedes","most.tcvn","c-1"]])");
    EXPECT_EQ(agencies("9503", "2021-01-01"), "new");
    EXPECT_EQ(agencies("9503", "2021-12-31"), "new");
}

TEST_F(Catalog, WhoeverNamesASupersededItemMeansWhatTookItsPlace) {
    add({.agency = "first"});
    add({.agency = "second"}, R"([["supersedes","most.tcvn","c-1"]])");
    add({.agency = "third"}, R"([["supersedes","most.tcvn","c-1"]])");
    EXPECT_EQ(agencies("9503", "2021-06-01"), "third");
    add({.hs_code = "950300", .agency = "fourth"}, R"([["supersedes","most.tcvn","c-2"]])");
    EXPECT_EQ(agencies("95030021", "2021-06-01"), "fourth");
}

TEST_F(Catalog, AClosingRecordEndsAnItemAndIsNone) {
    add({});
    add({.to = "2021-08-15"}, R"([["closes","most.tcvn","c-1"]])");
    EXPECT_EQ(agencies("9503", "2021-08-15"), "most.qlcl");
    EXPECT_EQ(agencies("9503", "2021-08-16"), "");
}

TEST_F(Catalog, NoItemEndsBackwards) {
    add({});
    add({}, R"([["closes","most.tcvn","c-1"]])", "2021-08-16T00:00:00+07:00");
    EXPECT_EQ(agencies("9503", "2021-08-15"), "most.qlcl");
    EXPECT_EQ(agencies("9503", "2021-08-16"), "");
}

TEST_F(Catalog, AReferenceThatLeadsToNoItemEndsNone) {
    add({}, R"([["supersedes","most.tcvn","elsewhere"]])");
    EXPECT_EQ(agencies("9503", "2021-06-01"), "most.qlcl");
}

TEST_F(Catalog, AnswersFilterAndGoOnPageByPage) {
    for (int i = 0; i < 7; ++i)
        add({.hs_code = "950" + std::to_string(i % 3), .agency = i % 2 == 0 ? "even" : "odd"});
    EXPECT_EQ(page({.agency = "even"}).size(), 4U);
    EXPECT_EQ(page({.hs_prefix = "9501"}).size(), 2U);
    EXPECT_EQ(page({.hs_code = "95020011"}).size(), 2U);
    EXPECT_EQ(page({.regime = "food_safety"}).size(), 0U);
    EXPECT_EQ(page({.list_code = "BKHCN-NHOM2"}).size(), 7U);
    std::set<std::string> seen;
    std::string cursor;
    int pages = 0;
    do {
        for (const auto& item : page({.cursor = cursor, .limit = 2}, &cursor))
            EXPECT_TRUE(seen.insert(std::string(item.at("evidence").at(0).as_string())).second);
        ++pages;
    } while (!cursor.empty());
    EXPECT_EQ(seen.size(), 7U);
    EXPECT_EQ(pages, 4);
}

// Against a list that is looked through from its end.
RC_GTEST_PROP(CatalogHistories, SameAsALookThroughAllRecords, ()) {
    struct Written {
        Item item;
        std::optional<std::size_t> supersedes;
    };
    static const std::vector<std::string> codes{"9503", "950300", "95030021", "9504"};
    World world(take_catalog);
    std::vector<Written> written;
    const int count = *rc::gen::inRange(1, 12);
    for (int i = 0; i < count; ++i) {
        Written next{{.hs_code = *rc::gen::elementOf(codes),
                      .agency = std::to_string(i),
                      .from = "2021-0" + std::to_string(*rc::gen::inRange(1, 9)) + "-01"},
                     {}};
        if (!written.empty() && *rc::gen::arbitrary<bool>())
            next.supersedes = *rc::gen::inRange<std::size_t>(0, written.size());
        const std::string refs =
            next.supersedes ? R"([["supersedes","s","c-)" + std::to_string(*next.supersedes) + R"("]])"
                            : "[]";
        world
            .add("s", "catalog_item", "c-" + std::to_string(i), "2021-01-01T08:00:00+07:00", next.item.data(),
                 refs)
            .value();
        written.push_back(next);
    }
    // Who follows whom, and the last day of each.
    std::vector<std::optional<std::size_t>> successor(written.size());
    std::vector<Date> last(written.size(), Date{1'000'000});
    for (std::size_t i = 0; i < written.size(); ++i) {
        if (!written[i].supersedes) continue;
        std::size_t former = *written[i].supersedes;
        while (successor[former]) former = *successor[former];
        successor[former] = i;
        last[former] = Date{parse_date(written[i].item.from)->days - 1};
    }
    for (int month = 1; month <= 9; ++month) {
        const Date day = *parse_date("2021-0" + std::to_string(month) + "-01");
        std::string expected;
        for (std::size_t size = 8; size >= 4; --size)
            for (std::size_t i = 0; i < written.size(); ++i) {
                const std::string& code = written[i].item.hs_code;
                if (code.size() == size && std::string("95030021").starts_with(code) &&
                    *parse_date(written[i].item.from) <= day && day <= last[i])
                    expected += written[i].item.agency + " ";
            }
        std::string found;
        for (const CatalogItem& item : catalog_items(world.facts(), "95030021", day))
            found += item.agency + " ";
        RC_ASSERT(found == expected);
    }
}

}  // namespace
}  // namespace socai::inspection
