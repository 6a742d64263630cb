#include "ledger/receipt.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/ledger/small_ledger.hpp"

namespace socai::ledger {
namespace {

using samples::SmallLedger;

class ReceiptTest : public testing::Test {
  protected:
    ReceiptTest() {
        for (int i = 0; i < 5; ++i) {
            ledger_.append(samples::record("r-" + std::to_string(i)), "customs.haiphong/1");
        }
    }
    std::string reason_of(const Receipt& receipt) const {
        const auto parsed = parse_receipt(receipt.to_json());
        if (!parsed) return parsed.error().reason;
        EXPECT_EQ(*parsed, receipt);
        const auto verified = verify_receipt(*parsed, pinned_);
        if (verified) return "verified";
        EXPECT_FALSE(verified.error().detail.empty());
        return verified.error().reason;
    }
    Receipt good() const { return ledger_.receipt(3, "customs.haiphong/1", ledger_.head(6)); }
    PolicyLeaf next_policy() const {
        PolicyLeaf leaf{samples::founded().nodes, {}};
        leaf.nodes.push_back(samples::node_named("most-2", "most", 3));
        leaf.policy = consortium_policy(samples::origin, leaf.nodes);
        return leaf;
    }

    SmallLedger ledger_;
    Policy pinned_ = *parse_policy(samples::founded().policy);
};

TEST_F(ReceiptTest, SaysWhatStandsWhere) {
    const auto verified = verify_receipt(good(), pinned_);
    ASSERT_TRUE(verified) << verified.error().detail;
    EXPECT_EQ(verified->index, 3U);
    EXPECT_EQ(verified->time_ms, samples::now_ms);
    EXPECT_EQ(verified->kid, "customs.haiphong/1");
    EXPECT_EQ(verified->statement->records.front().id, "r-2");
    EXPECT_EQ(verified->checkpoint.size, 6U);
    EXPECT_EQ(verified->signers.cosigners.size(), 2U);
    EXPECT_TRUE(verified->signers.quorum);
    EXPECT_EQ(verified->policy, pinned_);
    EXPECT_EQ(reason_of(good()), "verified");
}

TEST_F(ReceiptTest, TheGenesisHasOneToo) {
    EXPECT_EQ(reason_of(ledger_.receipt(0, "customs/1", ledger_.head(6))), "verified");
    EXPECT_EQ(reason_of(ledger_.receipt(0, "customs/1", ledger_.head(1))), "verified");
}

TEST_F(ReceiptTest, RefusesWhatWasAltered) {
    Receipt receipt = good();
    receipt.leaf.entry = ledger_.entry(2);
    EXPECT_EQ(reason_of(receipt), "wrong_proof");
    receipt = good();
    receipt.leaf.proof.index = 2;
    EXPECT_EQ(reason_of(receipt), "wrong_proof");
    receipt = good();
    receipt.leaf.proof.hashes.pop_back();
    EXPECT_EQ(reason_of(receipt), "wrong_proof");
    receipt = good();
    receipt.key_leaf.proof.hashes[0][0] ^= 1;
    EXPECT_EQ(reason_of(receipt), "wrong_proof");
    receipt = good();
    receipt.leaf.proof.head.note.signatures[1].bytes[30] ^= 1;
    EXPECT_EQ(reason_of(receipt), "bad_note_signature");
    receipt = good();
    receipt.leaf.proof.head.note.signatures.pop_back();
    EXPECT_EQ(reason_of(receipt), "no_quorum");
    receipt = good();
    receipt.key[0] ^= 1;
    EXPECT_EQ(reason_of(receipt), "wrong_key");
    receipt = good();
    receipt.kid = "customs/1";
    EXPECT_EQ(reason_of(receipt), "wrong_key");
    receipt = good();
    receipt.key_leaf = ledger_.proven(1, ledger_.head(6));
    EXPECT_EQ(reason_of(receipt), "wrong_key");
}

// The tree may hold what no honest ledger admits: the receipt's reader checks the author all the same.
TEST_F(ReceiptTest, ChecksTheAuthorEvenUnderAGoodHead) {
    const auto receipt_of = [&](std::string statement, std::string_view kid) {
        const std::uint64_t index = ledger_.append(make_entry(samples::now_ms, statement));
        return ledger_.receipt(index, kid, ledger_.head(ledger_.size()));
    };
    const std::string record = samples::text(samples::record("x"));
    Jwk stolen = samples::key_named("most/1");
    stolen.kid = "customs.haiphong/1";
    EXPECT_EQ(
        reason_of(receipt_of(sign_statement(stolen, samples::origin, record, false), "customs.haiphong/1")),
        "bad_signature");
    const Jwk own = samples::key_named("customs.haiphong/1");
    EXPECT_EQ(
        reason_of(receipt_of(sign_statement(own, "other.example/log", record, false), "customs.haiphong/1")),
        "wrong_audience");
    EXPECT_EQ(reason_of(receipt_of(
                  sign_statement(samples::key_named("most/1"), samples::origin, record, false), "most/1")),
              "source_not_allowed");
    const std::string late = samples::text(samples::record("y", "most.qlcl"));
    EXPECT_EQ(reason_of(receipt_of(
                  sign_statement(samples::key_named("most.qlcl/late"), samples::origin, late, false),
                  "most.qlcl/late")),
              "key_not_valid");  // it is valid from leaf 10
}

TEST_F(ReceiptTest, FollowsThePoliciesToTheOneThatGoverns) {
    const PolicyLeaf next = next_policy();
    const std::uint64_t at = ledger_.append_policy(next, "p-1");
    ledger_.append(samples::record("after"), "customs.haiphong/1");
    const std::vector<GenesisNode> both = samples::founded().nodes;
    const Head first = ledger_.head(at + 1, both);
    // most's second node stands for it now: enough for the new policy, not for the pinned one.
    const Head later = ledger_.head(at + 2, {next.nodes[0], next.nodes[2]});

    Receipt receipt = ledger_.receipt(at + 1, "customs.haiphong/1", later);
    EXPECT_EQ(reason_of(receipt), "no_quorum");
    receipt.policies = {ledger_.proven(at, first)};
    EXPECT_EQ(reason_of(receipt), "verified");
    EXPECT_EQ(verify_receipt(receipt, pinned_)->policy, next.policy);
    // Who pinned the later policy needs no link, and is not hindered by one.
    EXPECT_TRUE(verify_receipt(receipt, next.policy));
    receipt.policies.clear();
    EXPECT_TRUE(verify_receipt(receipt, next.policy));

    // The new policy's first head needs the old quorum.
    receipt.policies = {ledger_.proven(at, later)};
    EXPECT_EQ(reason_of(receipt), "no_quorum");
    // And the new one.
    PolicyLeaf other = next;
    other.nodes = {next.nodes[0], samples::node_named("most-9", "most", 9)};
    other.policy = consortium_policy(samples::origin, other.nodes);
    const std::uint64_t unsigned_at = ledger_.append_policy(other, "p-2");
    receipt.policies = {ledger_.proven(unsigned_at, ledger_.head(unsigned_at + 1, both))};
    EXPECT_EQ(reason_of(receipt), "broken_chain");
    // A policy does not govern heads from before it.
    Receipt early = good();
    early.policies = {ledger_.proven(at, first)};
    EXPECT_EQ(reason_of(early), "broken_chain");
    // Twice the same policy, or out of order.
    receipt.policies = {ledger_.proven(at, first), ledger_.proven(at, first)};
    receipt.leaf.proof.head = later;
    EXPECT_EQ(reason_of(receipt), "broken_chain");
    // What is no policy leaf is no link.
    receipt.policies = {ledger_.proven(1, first)};
    EXPECT_EQ(reason_of(receipt), "malformed_policy_leaf");
    receipt.policies = {ledger_.proven(0, first)};
    EXPECT_EQ(reason_of(receipt), "malformed_policy_leaf");
}

TEST_F(ReceiptTest, AnotherLedgersPolicyVerifiesNothing) {
    Policy other = pinned_;
    for (PolicyLog& log : other.logs) log.key.name = "other.example/log";
    EXPECT_EQ(verify_receipt(good(), other).error().reason, "wrong_origin");
}

TEST_F(ReceiptTest, RefusesOtherForms) {
    const std::string text = good().to_json();
    ASSERT_TRUE(parse_receipt(text));
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string changed = text;
        const std::size_t place = changed.find(from);
        EXPECT_NE(place, std::string::npos) << from;
        return changed.replace(place, from.size(), to);
    };
    for (const std::string& bad : {
             std::string(),
             std::string("{}"),
             std::string("[]"),
             std::string("null"),
             std::string("{\"entry\":1}"),
             std::string(text, 0, text.size() / 2),
             text + "x",
             with("\"policies\":[]", "\"policies\":{}"),
             with("\"policies\":[]", "\"policies\":[1]"),
             with("\"policies\":[]", "\"more\":[]"),
             with("\"policies\":[]", "\"policies\":[],\"more\":1"),
             with("\"kid\":", "\"kit\":"),
             with("\"x\":\"", "\"x\":\"="),
             with("\"key\":{", "\"key\":{\"d\":1,"),
             std::string(10'000, '['),
             with("\"entry\":\"", "\"entry\":\"" + std::string(max_entry_bytes, '1')),
             std::string(max_receipt_bytes + 1, ' '),
         }) {
        const auto receipt = parse_receipt(bad);
        ASSERT_FALSE(receipt) << bad.substr(0, 200);
        EXPECT_EQ(receipt.error().reason, "malformed_receipt") << receipt.error().detail;
    }
    EXPECT_EQ(parse_receipt(with("tlog-proof@v1", "tlog-proof@v2")).error().reason, "malformed_tlog_proof");
}

TEST_F(ReceiptTest, HasABoundOnItsPolicies) {
    Receipt receipt = good();
    ProvenEntry link{"x", {0, {}, ledger_.head(1, {})}};
    receipt.policies.assign(max_policy_links + 1, link);
    EXPECT_EQ(parse_receipt(receipt.to_json()).error().reason, "malformed_receipt");
}

RC_GTEST_FIXTURE_PROP(ReceiptTest, AnAlteredReceiptIsNeverAnotherOne, ()) {
    const std::string text = good().to_json();
    std::string changed = text;
    const auto place = *rc::gen::inRange<std::size_t>(0, text.size());
    changed[place] = *rc::gen::suchThat(rc::gen::arbitrary<char>(), [&](char c) { return c != text[place]; });
    const auto receipt = parse_receipt(changed);
    if (!receipt) return;
    // A change that still verifies is in what no signature covers, the spelling of JSON: it says the same.
    if (verify_receipt(*receipt, pinned_)) RC_ASSERT(receipt->leaf.entry == good().leaf.entry);
}

}  // namespace
}  // namespace socai::ledger
