#include "ledger/tlog_proof.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/ledger/small_ledger.hpp"

namespace socai::ledger {
namespace {

constexpr std::string_view first_line = "c2sp.org/tlog-proof@v1\n";

class TlogProofTest : public testing::Test {
  protected:
    TlogProofTest() {
        for (int i = 0; i < 12; ++i) {
            ledger_.append(samples::record("r-" + std::to_string(i)), "customs.haiphong/1");
        }
    }
    TlogProof proof(std::uint64_t index, std::uint64_t size) const {
        return ledger_.proven(index, ledger_.head(size)).proof;
    }
    samples::SmallLedger ledger_;
    Policy policy_ = *parse_policy(samples::founded().policy);
};

TEST_F(TlogProofTest, HasTheFormOfTheSpecification) {
    const TlogProof alone = proof(0, 1);
    EXPECT_EQ(alone.to_string(), std::string(first_line) + "index 0\n\n" + alone.head.note.to_string());
    const TlogProof two = proof(1, 2);
    ASSERT_EQ(two.hashes.size(), 1U);
    EXPECT_EQ(two.to_string(), std::string(first_line) + "index 1\n" +
                                   hash_text(leaf_hash(ledger_.entry(0))) + "\n\n" +
                                   two.head.note.to_string());
}

RC_GTEST_FIXTURE_PROP(TlogProofTest, ComesBackFromItsTextAndHolds, ()) {
    const auto size = *rc::gen::inRange<std::uint64_t>(1, ledger_.size() + 1);
    const auto index = *rc::gen::inRange<std::uint64_t>(0, size);
    const TlogProof made = proof(index, size);
    const auto parsed = parse_tlog_proof(made.to_string());
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == made);
    RC_ASSERT(verify_tlog_proof(*parsed, leaf_hash(ledger_.entry(index)), policy_).has_value());
    const auto other = *rc::gen::inRange<std::uint64_t>(0, ledger_.size());
    if (other != index) RC_ASSERT(!verify_tlog_proof(*parsed, leaf_hash(ledger_.entry(other)), policy_));
}

TEST_F(TlogProofTest, SaysWhatIsWrong) {
    const Hash leaf = leaf_hash(ledger_.entry(5));
    TlogProof altered = proof(5, 13);
    altered.index = 4;
    EXPECT_EQ(verify_tlog_proof(altered, leaf, policy_).error().reason, "wrong_proof");
    altered = proof(5, 13);
    altered.hashes[1][31] ^= 1;
    EXPECT_EQ(verify_tlog_proof(altered, leaf, policy_).error().reason, "wrong_proof");
    altered = proof(5, 13);
    altered.hashes.push_back(leaf);
    EXPECT_EQ(verify_tlog_proof(altered, leaf, policy_).error().reason, "wrong_proof");
    altered = proof(5, 13);
    altered.head.note.signatures.pop_back();
    EXPECT_EQ(verify_tlog_proof(altered, leaf, policy_).error().reason, "no_quorum");
    // A head is judged before the proof is.
    altered.index = 4;
    EXPECT_EQ(verify_tlog_proof(altered, leaf, policy_).error().reason, "no_quorum");
}

TEST_F(TlogProofTest, PassesOverAnExtraLine) {
    const TlogProof made = proof(2, 3);
    const std::string rest = made.to_string().substr(first_line.size());
    const auto parsed = parse_tlog_proof(std::string(first_line) + "extra AAAA\n" + rest);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, made);
    EXPECT_TRUE(parse_tlog_proof(std::string(first_line) + "extra \n" + rest));
    EXPECT_FALSE(parse_tlog_proof(std::string(first_line) + "extra AAA\n" + rest));
    EXPECT_FALSE(parse_tlog_proof(std::string(first_line) + "extra\n" + rest));
    EXPECT_FALSE(parse_tlog_proof(std::string(first_line) + "extra AAAA\nextra AAAA\n" + rest));
}

TEST_F(TlogProofTest, RefusesOtherForms) {
    const std::string note = ledger_.head(13).note.to_string();
    const std::string hash = hash_text(sha256("x")) + "\n";
    const std::string head(first_line);
    std::string many;
    for (std::size_t i = 0; i < max_proof_hashes; ++i) many += hash;
    EXPECT_TRUE(parse_tlog_proof(head + "index 1\n" + many + "\n" + note));
    for (const std::string& bad : {
             std::string(),
             std::string("\n"),
             head,
             head + "index 1",
             head + "index 1\n",
             "c2sp.org/tlog-proof@v2\nindex 1\n\n" + note,
             head + "\nindex 1\n\n" + note,
             head + "index\n\n" + note,
             head + "index \n\n" + note,
             head + "index 01\n\n" + note,
             head + "index -1\n\n" + note,
             head + "index +1\n\n" + note,
             head + "index 1 \n\n" + note,
             head + "index 18446744073709551616\n\n" + note,
             head + "Index 1\n\n" + note,
             head + "index 1\r\n\r\n" + note,
             head + "index 1\n" + note,
             head + "index 1\n" + hash.substr(1) + "\n" + note,
             head + "index 1\n " + hash + "\n" + note,
             head + "index 1\nAAAA\n\n" + note,
             head + "index 1\n" + many + hash + "\n" + note,
             head + "index 1\n" + std::string(max_tlog_proof_bytes, 'A'),
         }) {
        const auto proof = parse_tlog_proof(bad);
        ASSERT_FALSE(proof) << bad.substr(0, 200);
        EXPECT_EQ(proof.error().reason, "malformed_tlog_proof") << bad.substr(0, 200);
    }
    EXPECT_EQ(parse_tlog_proof(head + "index 1\n\n").error().reason, "malformed_note");
    EXPECT_EQ(parse_tlog_proof(head + "index 1\n\n\n" + note).error().reason, "malformed_checkpoint");
    EXPECT_EQ(parse_tlog_proof(head + "index 1\n\n" + note + "\n").error().reason, "malformed_note");
}

RC_GTEST_FIXTURE_PROP(TlogProofTest, AnAlteredProofProvesNothingElse, ()) {
    const TlogProof made = proof(5, 13);
    std::string text = made.to_string();
    const auto place = *rc::gen::inRange<std::size_t>(0, text.size());
    text[place] = *rc::gen::suchThat(rc::gen::arbitrary<char>(), [&](char c) { return c != text[place]; });
    const auto parsed = parse_tlog_proof(text);
    if (parsed && verify_tlog_proof(*parsed, leaf_hash(ledger_.entry(5)), policy_))
        RC_ASSERT(parsed->index == 5U);
}

}  // namespace
}  // namespace socai::ledger
