#include "inspection/method/rule_book.hpp"

#include <gtest/gtest.h>

#include "tests/unit/inspection/rule_sets.hpp"
#include "tests/unit/inspection/world.hpp"

namespace socai::inspection {
namespace {

using test::World;

class Rules : public ::testing::Test {
  protected:
    // The parameters of Decision 38 under another name, term and list.
    ledger::Result<ledger::Address> add(const std::string& name, const std::string& from,
                                        const std::string& to, const std::string& list = {},
                                        const std::string& refs = "[]", int needed = 3) {
        test::json::object data = data_;
        data["ruleset"] = name;
        data["effective_from"] = from;
        data["effective_to"] = to.empty() ? test::json::value(nullptr) : test::json::value(to);
        if (!list.empty()) data["list_code"] = list;
        data["needed"] = needed;
        return world_.add("customs", "ruleset", "rs-" + std::to_string(++made_), "2021-01-01T08:00:00+07:00",
                          test::json::serialize(data), refs);
    }
    std::string in_force(std::string_view day, std::string_view list = "L") const {
        const auto found = book_->in_force(world_.facts(), "quality", list, parse_date(day).value());
        return found ? found->name() : "";
    }
    static std::string reason(const ledger::Result<ledger::Address>& added) {
        return added ? "" : added.error().reason;
    }
    static test::json::object first_data() {
        const std::string text = test::file_text("data/rule_sets.jsonl");
        return test::json::parse(text.substr(0, text.find('\n'))).at("data").as_object();
    }

    std::shared_ptr<RuleBook> book_ = std::make_shared<RuleBook>();
    World world_{[book = book_](const ledger::Coming& coming, ledger::FactDraft& facts) {
        return book->take(coming, facts);
    }};
    test::json::object data_ = first_data();
    int made_ = 0;
};

TEST_F(Rules, ThoseOfTheLawStandTogether) {
    world_.add_file("data/rule_sets.jsonl");
    EXPECT_EQ(in_force("2021-06-01"), "qd38-2021@1");
    EXPECT_EQ(book_->in_force(world_.facts(), "food_safety", "", parse_date("2021-06-01").value())->name(),
              "nd15-2018@1");
    EXPECT_EQ(in_force("2000-01-01"), "");
    ASSERT_NE(book_->find(world_.facts(), "qd38-2021@1"), nullptr);
    EXPECT_EQ(book_->all(world_.facts(), "quality").size(), 1U);
    EXPECT_EQ(book_->find(world_.facts(), "qd38-2021@2"), nullptr);
}

TEST_F(Rules, OneOfAListGoesBeforeThatOfEveryList) {
    add("all@1", "2021-01-01", "").value();
    add("list@1", "2021-03-01", "2021-04-30", "L").value();
    EXPECT_EQ(in_force("2021-02-28"), "all@1");
    EXPECT_EQ(in_force("2021-03-01"), "list@1");
    EXPECT_EQ(in_force("2021-04-30"), "list@1");
    EXPECT_EQ(in_force("2021-05-01"), "all@1");
    EXPECT_EQ(in_force("2021-03-01", "M"), "all@1");
}

TEST_F(Rules, TwoInForceOnOneDayAreRefused) {
    add("a@1", "2021-01-01", "2021-06-30").value();
    const auto refused = add("b@1", "2021-06-30", "");
    ASSERT_EQ(reason(refused), "rule_set_overlaps");
    EXPECT_NE(refused.error().detail.find("a@1"), std::string::npos);
    EXPECT_NE(refused.error().detail.find(" / "), std::string::npos);
    EXPECT_TRUE(refused.error().detail.ends_with("]"));
    add("c@1", "2021-07-01", "").value();
    EXPECT_EQ(reason(add("d@1", "2020-01-01", "2021-01-01")), "rule_set_overlaps");
    EXPECT_EQ(reason(add("e@1", "2020-01-01", "2020-12-31")), "");
    EXPECT_EQ(reason(add("f@1", "2019-01-01", "")), "rule_set_overlaps");
}

TEST_F(Rules, ANameIsGivenOnce) {
    add("a@1", "2021-01-01", "2021-06-30").value();
    EXPECT_EQ(reason(add("a@1", "2022-01-01", "")), "rule_set_known");
}

TEST_F(Rules, ACorrectionOfTheTermKeepsTheNameAndTakesThePlace) {
    add("a@1", "2021-01-01", "").value();
    add("a@1", "2021-01-01", "2021-12-31", {}, R"([["supersedes","customs","rs-1"]])").value();
    add("b@1", "2022-01-01", "").value();
    EXPECT_EQ(book_->find(world_.facts(), "a@1")->effective_to, parse_date("2021-12-31"));
    EXPECT_EQ(in_force("2021-12-31"), "a@1");
    EXPECT_EQ(in_force("2022-01-01"), "b@1");
    EXPECT_EQ(book_->all(world_.facts(), "quality").size(), 2U);
}

TEST_F(Rules, OtherParametersAreAnotherVersion) {
    add("a@1", "2021-01-01", "").value();
    EXPECT_EQ(reason(add("a@1", "2021-01-01", "", {}, R"([["supersedes","customs","rs-1"]])", 5)),
              "rule_set_known");
    add("a@2", "2021-01-01", "", {}, R"([["supersedes","customs","rs-1"]])", 5).value();
    EXPECT_EQ(in_force("2021-01-01"), "a@2");
}

TEST_F(Rules, ANameStandsForItsBasesAndArticlesToo) {
    add("a@1", "2021-01-01", "").value();
    const test::json::object before = data_;
    data_["clearance_bases"].as_array().emplace_back("registration_confirmed");
    EXPECT_EQ(reason(add("a@1", "2021-01-01", "", {}, R"([["supersedes","customs","rs-1"]])")),
              "rule_set_known");
    data_ = before;
    data_["articles"].as_object()["failed_check"] = "another";
    EXPECT_EQ(reason(add("a@1", "2021-01-01", "", {}, R"([["supersedes","customs","rs-1"]])")),
              "rule_set_known");
    data_ = before;
    EXPECT_EQ(reason(add("a@1", "2021-01-01", "2021-12-31", {}, R"([["supersedes","customs","rs-1"]])")), "");
}

TEST_F(Rules, ASupersededOneIsOutOfForceAndStillFoundByName) {
    add("a@1", "2021-01-01", "").value();
    add("a@2", "2021-07-01", "", {}, R"([["supersedes","customs","rs-1"]])", 4).value();
    EXPECT_EQ(in_force("2021-06-30"), "");
    EXPECT_EQ(in_force("2021-07-01"), "a@2");
    EXPECT_EQ(book_->find(world_.facts(), "a@1")->needed, 3);
    ASSERT_EQ(book_->all(world_.facts(), "quality").size(), 1U);
    EXPECT_EQ(book_->all(world_.facts(), "quality").front()->name(), "a@2");
}

TEST_F(Rules, WhoeverNamesASupersededOneMeansTheLast) {
    add("a@1", "2021-01-01", "").value();
    add("a@2", "2021-01-01", "", {}, R"([["supersedes","customs","rs-1"]])").value();
    add("a@3", "2021-01-01", "", {}, R"([["supersedes","customs","rs-1"]])").value();
    EXPECT_EQ(in_force("2021-01-01"), "a@3");
    // A name may come back where its own line of corrections ends, and nowhere else.
    EXPECT_EQ(reason(add("a@1", "2020-01-01", "2020-12-31")), "rule_set_known");
    add("a@1", "2021-01-01", "", {}, R"([["supersedes","customs","rs-3"]])").value();
    EXPECT_EQ(in_force("2021-01-01"), "a@1");
}

TEST_F(Rules, ARefusedOneLeavesNothing) {
    add("a@1", "2021-01-01", "").value();
    const auto digest = world_.digest();
    EXPECT_EQ(reason(add("b@1", "2021-01-01", "")), "rule_set_overlaps");
    EXPECT_EQ(world_.digest(), digest);
    EXPECT_EQ(book_->find(world_.facts(), "b@1"), nullptr);
}

TEST_F(Rules, OneBookServesSeveralLedgers) {
    add("a@1", "2021-01-01", "").value();
    EXPECT_EQ(book_->find(world_.facts(), "a@1")->needed, 3);
    World other([this](const ledger::Coming& coming, ledger::FactDraft& facts) {
        return book_->take(coming, facts);
    });
    test::json::object data = data_;
    data["ruleset"] = "a@1";
    data["needed"] = 7;
    other.add("customs", "ruleset", "rs-1", "2021-01-01T08:00:00+07:00", test::json::serialize(data)).value();
    EXPECT_EQ(book_->find(other.facts(), "a@1")->needed, 7);
    EXPECT_EQ(book_->find(world_.facts(), "a@1")->needed, 3);
}

}  // namespace
}  // namespace socai::inspection
