#include "ledger/epochs.hpp"

#include <gtest/gtest.h>

#include "tests/unit/ledger/samples.hpp"

namespace socai::ledger {
namespace {

TEST(Epochs, AreNamedAfterTheFoundingOrigin) {
    EXPECT_EQ(epoch_origin("ledger.example.vn/ktcn", 1), "ledger.example.vn/ktcn");
    EXPECT_EQ(epoch_origin("ledger.example.vn/ktcn", 2), "ledger.example.vn/ktcn/epoch-2");
    EXPECT_EQ(epoch_origin("ledger.example.vn/ktcn", 12), "ledger.example.vn/ktcn/epoch-12");
}

TEST(Epochs, KnowTheirNumber) {
    EXPECT_EQ(epoch_number("a/b", "a/b"), 1U);
    EXPECT_EQ(epoch_number("a/b", "a/b/epoch-2"), 2U);
    EXPECT_EQ(epoch_number("a/b", "a/b/epoch-999999"), 999'999U);
    for (const char* other : {"a/c", "a/b/", "a/b/epoch-", "a/b/epoch-1", "a/b/epoch-0", "a/b/epoch-02",
                              "a/b/epoch-2x", "a/b/epoch-1000000", "a/c/epoch-2", "a/b/epoch-2/epoch-3", ""})
        EXPECT_EQ(epoch_number("a/b", other), 0U) << other;
}

TEST(Epochs, KnowWhatTheLedgerWasFoundedAs) {
    EXPECT_EQ(founding_origin("a/b/epoch-3"), "a/b");
    EXPECT_EQ(founding_origin("a/b"), "a/b");
    EXPECT_EQ(founding_origin("a/b/epoch-01"), "a/b/epoch-01");
}

TEST(Epochs, AnEarlierOneStandsInALaterOnesTree) {
    EXPECT_TRUE(is_same_or_earlier_epoch("a/b", "a/b"));
    EXPECT_TRUE(is_same_or_earlier_epoch("a/b", "a/b/epoch-2"));
    EXPECT_TRUE(is_same_or_earlier_epoch("a/b/epoch-2", "a/b/epoch-3"));
    EXPECT_FALSE(is_same_or_earlier_epoch("a/b/epoch-2", "a/b"));
    EXPECT_FALSE(is_same_or_earlier_epoch("a/c", "a/b/epoch-2"));
}

TEST(Epochs, StandInTheFacts) {
    const Genesis genesis = samples::genesis();
    FactMap facts;
    EXPECT_EQ(current_epoch(genesis, facts), (Epoch{1, 0, genesis.origin, {}}));
    EXPECT_EQ(epochs_of(genesis, facts).size(), 1U);
    EXPECT_FALSE(head_at_opening(facts));
    const Epoch second{2, 40, epoch_origin(genesis.origin, 2), {"customs", "most"}};
    const Epoch third{3, 90, epoch_origin(genesis.origin, 3), {"most"}};
    for (const Epoch& epoch : {second, third}) {
        FactDraft draft(facts);
        begin_epoch(epoch, "the head of " + epoch.origin, draft);
        facts.apply(std::move(draft).take_changes());
        EXPECT_EQ(current_epoch(genesis, facts), epoch);
        EXPECT_EQ(head_at_opening(facts), "the head of " + epoch.origin);
    }
    EXPECT_EQ(epochs_of(genesis, facts), (std::vector<Epoch>{{1, 0, genesis.origin, {}}, second, third}));
}

TEST(Epochs, ALedgerIsNotFoundedAsOneOfThem) {
    EXPECT_TRUE(is_founding_origin("ledger.example.vn/ktcn"));
    EXPECT_TRUE(is_founding_origin("ledger.example.vn/epoch-x"));
    EXPECT_FALSE(is_founding_origin("ledger.example.vn/epoch-2"));
    EXPECT_TRUE(is_founding_origin(std::string(115, 'a')));
    EXPECT_FALSE(is_founding_origin(std::string(116, 'a'))) << "no room for the name of an epoch";
}

}  // namespace
}  // namespace socai::ledger
