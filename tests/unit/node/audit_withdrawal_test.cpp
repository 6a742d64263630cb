// Leaves of which only remains are there, held against the votes; and what an audit says would remain.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <filesystem>

#include "audit_fixture.hpp"
#include "audit_rules.hpp"
#include "ledger/governance/withdrawal.hpp"
#include "ledger/remains.hpp"
#include "node/audit/report.hpp"

namespace socai::node::audit {
namespace {

namespace json = boost::json;

constexpr std::uint64_t gone = 5;

// The record "vote" is the one by which the members withdraw a leaf.
class VotingRules : public test::CountingRules {
  public:
    VotingRules(const ledger::Genesis& genesis, const std::string& remains) : genesis_(genesis), remains_(remains) {}
    ledger::Result<void> take(const ledger::Coming& coming, ledger::FactDraft& facts) const override {
        if (coming.record.id != "vote") return CountingRules::take(coming, facts);
        const json::value change{{"index", static_cast<std::int64_t>(gone)},
                                 {"legal_basis", json::array{"Luật 91/2025/QH15"}},
                                 {"remains", remains_}};
        const std::function<ledger::Hash()> no_root = [] { return ledger::Hash{}; };
        ledger::RegistryDraft registry(coming.registry, facts);
        return ledger::approve_withdrawal({{genesis_, *this}, "withdrawal", change, coming.address, coming.address,
                                           coming.accepted_ms, no_root},
                                          registry);
    }

  private:
    const ledger::Genesis& genesis_;
    const std::string& remains_;
};

class AuditWithdrawalTest : public AuditTest {
  protected:
    AuditWithdrawalTest() {
        AuditOptions asked = voting();
        asked.remains_of = gone;
        ledger_.write_tiles(tiles(), ledger_.head());
        const AuditReport report = audit(asked);
        EXPECT_TRUE(report.passed()) << reasons(report);
        remains_ = report.remains ? ledger::to_text(*report.remains) : std::string();
        digest_ = json::serialize(report_json(report).at("remains").at("sha256"));
    }
    AuditOptions voting() const {
        AuditOptions asked = options();
        asked.rules = std::make_shared<const VotingRules>(ledger_.genesis, remains_);
        return asked;
    }
    void vote() { ledger_.add("vote"); }
    void withdraw() { ledger_.entries[gone] = remains_; }
    AuditReport audit_now(AuditOptions asked) {
        ledger_.write_tiles(tiles(), ledger_.head());
        return audit(asked);
    }

    std::string remains_;
    std::string digest_;
};

TEST_F(AuditWithdrawalTest, WhatWouldRemainIsToldWithItsDigest) {
    const auto remains = ledger::parse_remains(remains_);
    ASSERT_TRUE(remains) << remains.error().detail;
    EXPECT_EQ(remains->index, gone);
    EXPECT_EQ(remains->leaf, ledger::leaf_hash(ledger_.entries[gone]));
    EXPECT_FALSE(remains->changes.empty());
    EXPECT_TRUE(ledger::check_remains(*remains, ledger_.entries[gone]));
    EXPECT_EQ(digest_, '"' + ledger::to_hex(ledger::sha256(remains_)) + '"');
    for (const std::uint64_t other : {std::uint64_t{0}, std::uint64_t{leaves}}) {
        AuditOptions asked = voting();
        asked.remains_of = other;
        const AuditReport report = audit(asked);
        EXPECT_FALSE(report.remains);
        ASSERT_TRUE(report.stopped);
        EXPECT_EQ(report.stopped->reason, "wrong_use");
    }
}

TEST_F(AuditWithdrawalTest, AWithdrawnLeafPassesAndLeavesTheRestAsItWas) {
    std::filesystem::create_directories(folder_ / "receipts");
    test::put(folder_ / "receipts/gone.receipt", ledger_.receipt(gone, ledger_.head()).to_json());
    vote();
    const AuditReport whole = audit_now(voting());
    ASSERT_TRUE(whole.passed()) << reasons(whole);
    EXPECT_EQ(whole.withdrawals.withdrawn, 0U);
    EXPECT_EQ(whole.withdrawals.whole, 1U);
    EXPECT_TRUE(noted(whole, "leaf 5 is whole here")) << whole.notes.size();

    withdraw();
    AuditOptions asked = voting();
    asked.receipts = folder_ / "receipts";
    const AuditReport report = audit_now(asked);
    ASSERT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.withdrawals.withdrawn, 1U);
    EXPECT_EQ(report.withdrawals.whole, 0U);
    EXPECT_EQ(report.coverage.receipts, 1U);
    EXPECT_EQ(report.derived->digest, whole.derived->digest);
    EXPECT_EQ(report.head->root, whole.head->root);
    EXPECT_EQ(report.coverage.signatures + 1, whole.coverage.signatures);
    // What refers to it finds it, and the same again is a repetition.
    ledger_.add("child", R"([{"rel":"about","source":"a","id":"record-5"}])");
    EXPECT_TRUE(audit_now(voting()).passed());
    AuditOptions again = voting();
    again.remains_of = gone;
    EXPECT_EQ(audit(again).stopped->reason, "wrong_use") << "it is withdrawn already";
    ledger_.add("record-5");
    expect_found(audit_now(voting()), "repeated_leaf", ledger_.entries.size() - 1);
}

TEST_F(AuditWithdrawalTest, ALeafWithoutBytesAndWithoutAVoteIsFound) {
    withdraw();
    expect_found(audit_now(voting()), "withdrawal_not_voted", gone);
    AuditOptions signatures = voting();
    signatures.depth = Depth::signatures;
    expect_found(audit(signatures), "withdrawal_not_voted", gone);
    AuditOptions hashes = voting();
    hashes.depth = Depth::hashes;
    const AuditReport quick = audit(hashes);
    EXPECT_TRUE(quick.passed()) << reasons(quick);
    EXPECT_TRUE(not_checked(quick, "what remains of 1 withdrawn leaves"));
}

TEST_F(AuditWithdrawalTest, WhatRemainsMustBeWhatWasVotedFor) {
    vote();
    auto other = ledger::parse_remains(remains_).value();
    other.changes.pop_back();
    ledger_.entries[gone] = ledger::to_text(other);
    expect_found(audit_now(voting()), "withdrawal_not_voted", gone);
    other = ledger::parse_remains(remains_).value();
    other.leaf[0] ^= 1;
    ledger_.entries[gone] = ledger::to_text(other);
    const AuditReport report = audit_now(voting());  // signed by everybody: nothing but the vote tells
    EXPECT_TRUE(found(report, "withdrawal_not_voted")) << reasons(report);
    ledger_.entries[gone] = remains_ + " ";
    expect_found(audit_now(voting()), "malformed_remains", gone);
}

// An audit that saw the leaf whole goes on after it was withdrawn.
TEST_F(AuditWithdrawalTest, TheNextAuditGoesOnOverALeafThatIsGone) {
    AuditOptions asked = voting();
    asked.state = folder_ / "state";
    ASSERT_TRUE(audit_now(asked).passed());
    vote();
    withdraw();
    AuditReport report = audit_now(asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.withdrawals.withdrawn, 1U);
    ledger_.add("more");
    EXPECT_TRUE(audit_now(asked).passed());
    asked.from_start = true;
    report = audit_now(asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.withdrawals.withdrawn, 1U);
}

// Whatever an audit that breaks off was shown without a vote, the next reads again.
TEST_F(AuditWithdrawalTest, AnAuditThatBreaksOffKeepsNothingThatNoVoteProves) {
    auto other = ledger::parse_remains(remains_).value();
    other.changes.pop_back();
    ledger_.entries[gone] = ledger::to_text(other);
    ledger_.write_tiles(tiles(), ledger_.head());
    AuditOptions asked = voting();
    asked.state = folder_ / "state";
    asked.jobs = 1;
    const auto broken_off = run_audit(
        asked, [](std::uint64_t, std::uint64_t) {}, [calls = std::make_shared<int>(0)] { return ++*calls > 4; });
    ASSERT_TRUE(broken_off);
    EXPECT_FALSE(broken_off->passed());
    expect_found(audit_now(asked), "withdrawal_not_voted", gone);
}

// What remains may be made up by whoever gives it: nothing of it is believed before the vote, and reading it harms nobody.
TEST_F(AuditWithdrawalTest, WhatCannotBeReadIsAFinding) {
    for (const char* key : {"!key/x", "!passage/withdrawal", "withdrawal/x", "ballot/x"}) {
        auto other = ledger::parse_remains(remains_).value();
        other.changes.push_back({key, std::nullopt});
        ledger_.entries[gone] = ledger::to_text(other);
        expect_found(audit_now(voting()), "malformed_remains", gone);
    }
}

// A leaf of the last bundle, which is read again: gone without a vote since the last audit.
TEST_F(AuditWithdrawalTest, ALeafThatWentSinceTheLastAuditWithoutAVoteIsFound) {
    AuditOptions asked = voting();
    asked.state = folder_ / "state";
    asked.remains_of = leaves - 1;
    const AuditReport before = audit_now(asked);
    ASSERT_TRUE(before.passed()) << reasons(before);
    asked.remains_of.reset();
    ledger_.entries[leaves - 1] = ledger::to_text(*before.remains);
    ledger_.add("more");
    expect_found(audit_now(asked), "withdrawal_not_voted", leaves - 1);
}

}  // namespace
}  // namespace socai::node::audit
