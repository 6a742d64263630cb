#include "inspection/method/draw.hpp"

#include <gtest/gtest.h>

#include "rule_sets.hpp"

namespace socai::inspection {
namespace {

using test::noon;

constexpr std::string_view goods = "sha256:doll";

ledger::Hash root_of(int number) {
    return ledger::sha256(std::to_string(number));
}

class Draw : public ::testing::Test {
  protected:
    RuleSet rules_ = test::rule_set("qd38-2021@1");
};

TEST_F(Draw, AShipmentIsTheSameHoweverItsDeclarationIsAmended) {
    EXPECT_EQ(shipment_of_declaration("104000123450"), "10400012345");
    EXPECT_EQ(shipment_of_declaration("104000123451"), shipment_of_declaration("104000123450"));
    EXPECT_EQ(shipment_of_declaration(""), "");
    EXPECT_NE(shipment_of_bill("SBXU2109551", goods), shipment_of_bill("SBXU2109552", goods));
}

TEST_F(Draw, TheTicketIsTheHashOfRootAndShipment) {
    EXPECT_EQ(ticket(ledger::Hash{}, "10400012345"), 121'929U);  // worked out apart
    EXPECT_NE(ticket(root_of(1), "10400012345"), ticket(root_of(2), "10400012345"));
}

TEST_F(Draw, TheFirstDrawOfAShipmentStands) {
    Sampler sampler(rules_);
    std::vector<Sampler::Draw> first;
    for (int i = 0; i < 400; ++i)
        first.push_back(sampler.draw(root_of(i), "s" + std::to_string(i), goods, noon("2021-05-01")));
    for (int i = 0; i < 400; ++i)
        EXPECT_EQ(sampler.draw(root_of(i + 1), "s" + std::to_string(i), goods, noon("2022-05-01")), first[i]);
}

// At its cap: never more than the share, at any moment of any year, and no more than a few below it in the end.
TEST_F(Draw, TheShareNeverExceedsItsBound) {
    rules_.sample_max_ppm = 50'000;
    Sampler sampler(rules_);
    for (const char* day : {"2021-12-31", "2022-01-01"}) {
        std::uint64_t drawn = 0, capped = 0;
        for (int i = 1; i <= 20'000; ++i) {
            const auto draw = sampler.draw(root_of(i), day + std::to_string(i), goods, noon(day));
            drawn += draw.selected ? 1 : 0;
            capped += draw.capped ? 1 : 0;
            ASSERT_LE(drawn * 1'000'000, i * 50'000ULL) << "after " << i << " shipments of " << day;
            ASSERT_EQ(draw.selected || draw.capped, draw.ticket < 50'000);
        }
        EXPECT_GT(drawn, 900U);
        EXPECT_GT(capped, 0U) << "a draw at its cap never came up";
    }
}

TEST_F(Draw, AYearBeginsAtMidnightInVietnamAndItsShareAnew) {
    rules_.sample_max_ppm = 500'000;
    Sampler sampler(rules_);
    const auto winner = [&](std::string_view shipment) {
        for (int i = 0;; ++i)
            if (ticket(root_of(i), shipment) < 500'000) return root_of(i);
    };
    // One alone would be all of the year's: half is the bound.
    EXPECT_TRUE(sampler.draw(winner("a"), "a", goods, noon("2021-12-31")).capped);
    EXPECT_TRUE(sampler.draw(winner("b"), "b", goods, noon("2021-12-31")).selected);
    EXPECT_TRUE(sampler.draw(winner("c"), "c", goods, start_of(parse_date("2022-01-01").value())).capped);
    EXPECT_TRUE(sampler.draw(winner("d"), "d", goods, start_of(parse_date("2022-01-01").value()) - 1).capped);
    EXPECT_TRUE(sampler.draw(winner("e"), "e", goods, noon("2021-06-01")).selected);
}

TEST_F(Draw, TheDenominatorMayBeTheGoods) {
    rules_.sample_max_ppm = 1'000'000;
    rules_.sample_denominator = Denominator::goods;
    Sampler sampler(rules_);
    EXPECT_TRUE(sampler.draw(root_of(1), "a", "sha256:a", noon("2021-05-01")).selected);
    rules_.sample_max_ppm = 0;
    EXPECT_FALSE(sampler.draw(root_of(1), "b", "sha256:a", noon("2021-05-01")).selected);
}

}  // namespace
}  // namespace socai::inspection
