#include "node/final_heads.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "head_signing.hpp"
#include "temporary_folder.hpp"

namespace socai::node {
namespace {

using test::Consortium;
using test::get;
using test::GrowingTree;
using test::put;
using Verdict = OfferedHead::Verdict;

class FinalHeadsTest : public ::testing::Test {
  protected:
    FinalHeadsTest() { tree_.grow_to(100); }
    ledger::Head head(std::uint64_t size, const std::vector<std::size_t>& signers) {
        return consortium_.head(size, tree_.root(size), signers);
    }

    test::TemporaryFolder folder_;
    Consortium consortium_{4};
    GrowingTree tree_;
    PolicyBook policies_{consortium_.policy_of(0, 4)};
    FinalHeads heads_{folder_ / "final", Consortium::origin, policies_, tree_};
};

TEST_F(FinalHeadsTest, AQuorumMakesAHeadFinalAndItIsKeptTrimmed) {
    EXPECT_EQ(heads_.offer(head(10, {0, 1})).verdict, Verdict::too_few);
    EXPECT_EQ(heads_.size(), 0U);
    EXPECT_EQ(heads_.offer(head(10, {0, 1, 2, 3})).verdict, Verdict::accepted);
    EXPECT_EQ(heads_.size(), 10U);
    EXPECT_EQ(heads_.latest()->note.signatures.size(), 4U) << "a log line and three of four";
    EXPECT_EQ(heads_.offer(head(10, {0, 1, 2})).verdict, Verdict::known);
    EXPECT_EQ(heads_.offer(head(9, {0, 1, 2})).verdict, Verdict::known);
    EXPECT_EQ(heads_.signed_by(consortium_.nodes[1].cosigner.public_key()), 10U);
}

TEST_F(FinalHeadsTest, ABadLineOfAKnownKeySpoilsAHead) {
    ledger::Head bad = head(10, {0, 1, 2});
    bad.note.signatures.back().bytes.back() ^= 1;
    EXPECT_EQ(heads_.offer(bad).verdict, Verdict::bad);
    EXPECT_EQ(heads_.size(), 0U);
}

TEST_F(FinalHeadsTest, AFinalHeadOfAnotherTreeIsProofOfAFork) {
    ledger::Hash other = tree_.root(10);
    other[0] ^= 1;
    EXPECT_EQ(heads_.offer(consortium_.head(10, other, {0, 1})).verdict, Verdict::too_few);
    EXPECT_EQ(heads_.offer(consortium_.head(10, other, {0, 1, 2})).verdict, Verdict::contradicts);
    ASSERT_EQ(heads_.offer(head(20, {0, 1, 2})).verdict, Verdict::accepted);
    EXPECT_EQ(heads_.offer(consortium_.head(10, other, {0, 1, 2})).verdict, Verdict::contradicts)
        << "also of a size that is long final";
    EXPECT_EQ(heads_.size(), 20U);
}

TEST_F(FinalHeadsTest, TheFirstHeadOfAPolicyNeedsTheOldAndTheNewQuorum) {
    ASSERT_EQ(heads_.offer(head(10, {0, 1, 2})).verdict, Verdict::accepted);
    // From leaf 15 on nodes 2 and 3 are gone and 4, 5 have come: 3 of {0, 1, 4, 5} now.
    Consortium& all = consortium_;
    all.extend(6);
    policies_.add(all.policy_of(15, {0, 1, 4, 5}));
    EXPECT_EQ(heads_.offer(head(15, {0, 1, 4})).verdict, Verdict::too_few) << "the old policy governs 15";
    EXPECT_EQ(heads_.offer(head(16, {0, 1, 2})).verdict, Verdict::too_few) << "the new is missing";
    EXPECT_EQ(heads_.offer(head(16, {0, 1, 4})).verdict, Verdict::too_few) << "the old is missing";
    EXPECT_EQ(heads_.offer(head(16, {0, 1, 2, 4})).verdict, Verdict::accepted);
    ASSERT_EQ(heads_.transitions().size(), 1U);
    EXPECT_EQ(heads_.transitions()[0].leaf, 15U);
    EXPECT_TRUE(ledger::check_head(policies_.at(15)->value.policy, heads_.transitions()[0].head));
    EXPECT_TRUE(ledger::check_head(policies_.at(16)->value.policy, heads_.transitions()[0].head));
    EXPECT_EQ(heads_.offer(head(30, {0, 1, 2})).verdict, Verdict::too_few) << "the old no longer counts";
    EXPECT_EQ(heads_.offer(head(30, {0, 4, 5})).verdict, Verdict::accepted);
}

TEST_F(FinalHeadsTest, AHeadThatSkipsTwoPoliciesNeedsAllThree) {
    consortium_.extend(8);
    policies_.add(consortium_.policy_of(15, {0, 1, 2, 4}));
    policies_.add(consortium_.policy_of(20, {0, 1, 6, 7}));
    EXPECT_EQ(heads_.offer(head(30, {0, 1, 2, 4})).verdict, Verdict::too_few);
    EXPECT_EQ(heads_.offer(head(30, {0, 1, 6, 7})).verdict, Verdict::too_few);
    EXPECT_EQ(heads_.offer(head(30, {0, 1, 2, 6})).verdict, Verdict::accepted);
    EXPECT_EQ(heads_.transitions().size(), 2U);
}

TEST_F(FinalHeadsTest, LinesFromOutsideAreKeptBesideWhatIsNeeded) {
    policies_.add(std::make_shared<const GoverningPolicy>(
        GoverningPolicy{15, consortium_.leaf_with_court(4, false), {}}));
    ASSERT_EQ(heads_.offer(head(20, {0, 1, 2})).verdict, Verdict::accepted);
    const auto lines = [this] { return heads_.latest()->note.signatures.size(); };
    EXPECT_EQ(lines(), 4U);
    // Of another head, with a bad signature, of a stranger: nothing.
    EXPECT_FALSE(heads_.add_outside(consortium_.by_court(head(19, {}))));
    ledger::Head bad = consortium_.by_court(head(20, {}));
    bad.note.signatures.front().bytes.back() ^= 1;
    EXPECT_FALSE(heads_.add_outside(bad));
    EXPECT_FALSE(heads_.add_outside(Consortium(4).by_court(head(20, {}))));
    EXPECT_FALSE(heads_.add_outside(head(20, {3}))) << "a member's, which the quorum does without";
    EXPECT_EQ(lines(), 4U);
    ASSERT_TRUE(heads_.write());
    EXPECT_TRUE(heads_.add_outside(consortium_.by_court(head(20, {}))));
    EXPECT_FALSE(heads_.add_outside(consortium_.by_court(head(20, {})))) << "once is enough";
    EXPECT_EQ(lines(), 5U);
    EXPECT_TRUE(heads_.unwritten());
    EXPECT_TRUE(ledger::check_head(policies_.at(20)->value.policy, *heads_.latest()));
    // And what is offered with such a line keeps it.
    ledger::Head whole = head(30, {0, 1, 2, 3});
    whole.note.signatures.push_back(consortium_.by_court(whole).note.signatures.front());
    ASSERT_EQ(heads_.offer(whole).verdict, Verdict::accepted);
    EXPECT_EQ(lines(), 5U);
}

// A policy that does not name the witness gives its line no place.
TEST_F(FinalHeadsTest, LinesOfStrangersAreNotKept) {
    ASSERT_EQ(heads_.offer(head(20, {0, 1, 2})).verdict, Verdict::accepted);
    EXPECT_FALSE(heads_.add_outside(consortium_.by_court(head(20, {}))));
}

TEST_F(FinalHeadsTest, NoMoreThanSixteenLines) {
    consortium_.extend(22);  // a quorum of 15, and a log line
    policies_.add(std::make_shared<const GoverningPolicy>(
        GoverningPolicy{15, consortium_.leaf_with_court(22, false), {}}));
    std::vector<std::size_t> all(22);
    std::iota(all.begin(), all.end(), std::size_t{0});
    ASSERT_EQ(heads_.offer(head(20, all)).verdict, Verdict::accepted);
    EXPECT_EQ(heads_.latest()->note.signatures.size(), max_head_lines);
    EXPECT_FALSE(heads_.add_outside(consortium_.by_court(head(20, {}))));
}

TEST_F(FinalHeadsTest, WhatWasWrittenIsThereAgain) {
    consortium_.extend(5);
    policies_.add(consortium_.policy_of(15, {0, 1, 2, 3, 4}));
    ASSERT_EQ(heads_.offer(head(40, {0, 1, 2, 3})).verdict, Verdict::accepted);
    const ledger::VerifierKey key{consortium_.member(4).agency + "." + Consortium::origin,
                                  ledger::NoteKeyType::cosignature,
                                  consortium_.nodes[4].cosigner.public_key()};
    heads_.note_signed(key, head(44, {3, 4}));
    heads_.note_signed(key, head(43, {4}));
    EXPECT_TRUE(heads_.unwritten());
    ASSERT_TRUE(heads_.write());
    EXPECT_FALSE(heads_.unwritten());
    FinalHeads again{folder_ / "final", Consortium::origin, policies_, tree_};
    ASSERT_TRUE(again.load());
    EXPECT_EQ(again.latest(), heads_.latest());
    EXPECT_EQ(again.transitions().size(), 1U);
    EXPECT_EQ(again.signed_by(consortium_.nodes[4].cosigner.public_key()), 44U);
    EXPECT_EQ(again.check_latest().verdict, Verdict::known);
    // Of every key the largest head, with its line alone.
    EXPECT_EQ(again.signed_heads(), heads_.signed_heads());
    const auto kept = again.signed_heads();
    const auto largest =
        std::ranges::find(kept, 44U, [](const ledger::Head& one) { return one.checkpoint.size; });
    ASSERT_NE(largest, kept.end());
    ASSERT_EQ(largest->note.signatures.size(), 1U);
    EXPECT_TRUE(ledger::verify_note(largest->note, std::array{key}));
}

TEST_F(FinalHeadsTest, ADamagedFileIsPutAside) {
    ASSERT_EQ(heads_.offer(head(40, {0, 1, 2})).verdict, Verdict::accepted);
    ASSERT_TRUE(heads_.write());
    std::string bytes = get(folder_ / "final");
    bytes[bytes.size() / 2] ^= 1;
    put(folder_ / "final", bytes);
    FinalHeads again{folder_ / "final", Consortium::origin, policies_, tree_};
    EXPECT_FALSE(again.load());
    EXPECT_EQ(again.size(), 0U);
    EXPECT_EQ(get((folder_ / "final") + ".damaged"), bytes);
}

}  // namespace
}  // namespace socai::node
