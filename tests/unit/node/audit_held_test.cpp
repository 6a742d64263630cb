// Receipts and promises held against an audited ledger.
#include <gtest/gtest.h>

#include <filesystem>

#include "audit_fixture.hpp"
#include "ledger/entry.hpp"
#include "ledger/node_statement.hpp"
#include "ledger/promise_file.hpp"

namespace socai::node::audit {
namespace {

class AuditReceipts : public AuditTest {
  protected:
    AuditReceipts() {
        std::filesystem::create_directories(folder_ / "receipts");
        std::filesystem::create_directories(folder_ / "promises");
    }
    AuditOptions with_receipts() const {
        AuditOptions asked = options();
        asked.receipts = folder_ / "receipts";
        return asked;
    }
    AuditOptions with_promises() const {
        AuditOptions asked = options();
        asked.promises = folder_ / "promises";
        return asked;
    }
    void put_receipt(const std::string& name, const ledger::Receipt& receipt) const {
        test::put(folder_ / "receipts/" + name, receipt.to_json());
    }
    // A promise of node a-1 that the record of `entry` stands `ms` after the genesis.
    ledger::NodeStatement promise(const std::string& entry, std::int64_t ms) const {
        const auto text = ledger::split_entry(entry).value().statement;
        const auto statement = ledger::parse_statement(text).value();
        const auto& record = statement.records.front();
        return {AuditLedger::origin, "a-1",
                ledger::Promise{AuditLedger::first_ms,
                                AuditLedger::first_ms + ms,
                                ledger::sha256(text),
                                {{record.source, record.id, record.digest}}}};
    }
    void put_statement(const std::string& name, const ledger::NodeStatement& statement,
                       std::size_t signer = 0) const {
        const ledger::Note note = ledger::sign_node_statement(statement, ledger_.nodes[signer].node);
        const bool is_promise = name.ends_with(".promise");
        test::put(folder_ / "promises/" + name,
                  is_promise ? ledger::PromiseFile{note, std::nullopt, {}}.to_json() : note.to_string());
    }
};

TEST_F(AuditReceipts, ReceiptsOfTheLedgerStandInIt) {
    ledger_.write_tiles(tiles(), ledger_.head());
    put_receipt("1.receipt", ledger_.receipt(5, ledger_.head(400)));
    put_receipt("2.receipt", ledger_.receipt(599, ledger_.head()));
    put_receipt("3.receipt", ledger_.receipt(300, ledger_.head(301)));
    const AuditReport report = audit(with_receipts());
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.coverage.receipts, 3U);
    EXPECT_EQ(report.coverage.heads, 3U);  // one head, of all 600 leaves, is in a receipt too
}

// Everybody has signed another history since: hashes, signatures, rules and head are right, and only who holds a receipt
// can tell.
TEST_F(AuditReceipts, AReceiptNamesTheLeafThatWasExchanged) {
    put_receipt("early.receipt", ledger_.receipt(200, ledger_.head(250)));
    put_receipt("late.receipt", ledger_.receipt(300, ledger_.head(400)));
    ledger_.entries[300] = ledger_.make_entry("another", 300);
    ledger_.write_tiles(tiles(), ledger_.head());
    EXPECT_TRUE(audit_tiles().passed());
    const AuditReport report = audit(with_receipts());
    expect_found(report, "receipt_contradicts", 300);
    EXPECT_TRUE(found(report, "heads_disagree")) << reasons(report);
    EXPECT_EQ(report.wrong_between, std::pair(std::uint64_t{250}, std::uint64_t{400}));
    // Without any rule, too.
    AuditOptions asked = with_receipts();
    asked.depth = Depth::hashes;
    expect_found(audit(asked), "receipt_contradicts", 300);
}

TEST_F(AuditReceipts, AReceiptBeyondTheHeadIsFound) {
    put_receipt("r.receipt", ledger_.receipt(599, ledger_.head()));
    ledger_.write_tiles(tiles(), ledger_.head(500));
    EXPECT_TRUE(found(audit(with_receipts()), "beyond_head"));
}

// Whenever it is stopped: it passes when all was held, and never says "passed" of what was not looked at.
TEST_F(AuditReceipts, AnAuditStoppedAtAnyPointIsUnfinished) {
    ledger_.write_tiles(tiles(), ledger_.head());
    put_receipt("1.receipt", ledger_.receipt(5, ledger_.head(400)));
    put_receipt("2.receipt", ledger_.receipt(300, ledger_.head(301)));
    AuditOptions asked = with_receipts();
    asked.state = folder_ / "state";
    int asked_before = 0;
    bool passed = false;
    for (int questions = 0; !passed; ++questions) {
        int left = questions;
        std::filesystem::remove(folder_ / "state");
        // Counts only what is asked after the last leaf: before it, the pipeline asks as it likes.
        bool read = false;
        const auto report = run_audit(
            asked, [&](std::uint64_t done, std::uint64_t of) { read = done == of; },
            [&] { return read && left-- <= 0; });
        ASSERT_TRUE(report);
        passed = report->passed();
        if (passed) {
            EXPECT_EQ(report->coverage.receipts, 2U);
            EXPECT_EQ(report->coverage.tiles, 4U);
            break;
        }
        ASSERT_TRUE(report->stopped);
        EXPECT_EQ(report->stopped->reason, "interrupted");
        EXPECT_EQ(report->coverage.receipts < 2,
                  std::ranges::any_of(
                      report->coverage.not_checked,
                      [](const std::string& sentence) {
                          return sentence.find("receipts: the audit did not come") != std::string::npos;
                      }));
        ++asked_before;
    }
    EXPECT_GE(asked_before, 6);
}

TEST_F(AuditReceipts, FilesThatAreNoReceiptsAreFound) {
    ledger_.write_tiles(tiles(), ledger_.head());
    const std::string sound = ledger_.receipt(5, ledger_.head(400)).to_json();
    std::string altered = sound;
    altered[altered.find(" eyJ") + 200] ^= 1;
    for (const std::string& text :
         {std::string(), std::string("{}"), sound.substr(0, 500), altered, std::string(5'000'000, 'x'),
          ledger_.receipt(5, ledger_.head(400, {0})).to_json()}) {
        test::put(folder_ / "receipts/r.receipt", text);
        const auto report = run(with_receipts());
        EXPECT_FALSE(report && report->passed()) << text.substr(0, 60);
    }
    AuditOptions asked = with_receipts();
    asked.receipts = folder_ / "nowhere";
    EXPECT_EQ(run(asked).error().exit, Exit::unreachable);
}

// Beside receipts lie cases, notes, what an editor left: they accuse nobody.
TEST_F(AuditReceipts, FilesOfOtherNamesArePassedOver) {
    ledger_.write_tiles(tiles(), ledger_.head());
    put_receipt("1.receipt", ledger_.receipt(5, ledger_.head(400)));
    test::put(folder_ / "receipts/case.json", "{}");
    test::put(folder_ / "receipts/README", "receipts of 2023");
    const AuditReport report = audit(with_receipts());
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.coverage.receipts, 1U);
    EXPECT_TRUE(not_checked(report, "2 files of"));
}

// Whoever keeps receipts keeps them over changes of the policy, and pins the one that is in force.
TEST_F(AuditReceipts, OldReceiptsHoldUnderALaterPinnedPolicy) {
    put_receipt("old.receipt", ledger_.receipt(5, ledger_.head(400)));
    ledger::PolicyLeaf next;  // agency a leaves
    next.nodes = {ledger_.genesis.nodes[1], ledger_.genesis.nodes[2], ledger_.genesis.nodes[3]};
    next.policy = ledger::consortium_policy(AuditLedger::origin, next.nodes, 3);
    ledger_.add_policy(next, "policy-2");
    ledger_.add("after");
    ledger_.write_tiles(tiles(), ledger_.head(ledger_.entries.size(), {1, 2, 3}, 1));
    test::put(folder_ / "policy", next.policy.to_string());
    const AuditReport report = audit(with_receipts());
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.coverage.receipts, 1U);
    // Too few of those who kept the ledger then.
    put_receipt("few.receipt", ledger_.receipt(5, ledger_.head(400, {0, 1})));
    EXPECT_TRUE(found(audit(with_receipts()), "no_quorum"));
    // A policy that the ledger never had governs nothing before it.
    std::filesystem::remove(folder_ / "receipts/few.receipt");
    test::put(folder_ / "policy", ledger::consortium_policy(AuditLedger::origin, next.nodes, 2).to_string());
    EXPECT_FALSE(audit(with_receipts()).passed());
}

TEST_F(AuditReceipts, PromisesAreKeptRefusedOrWaiting) {
    ledger_.write_tiles(tiles(), ledger_.head());
    put_statement("kept.promise", promise(ledger_.entries[300], 300'000));
    const std::string later = ledger_.make_entry("later");
    put_statement("waiting.promise", promise(later, 599'000));
    const std::string refused = ledger_.make_entry("refused");
    put_statement("refused.promise", promise(refused, 100'000));
    put_statement("refused.refusal",
                  {AuditLedger::origin, "a-1",
                   ledger::Refusal{ledger::sha256(ledger::split_entry(refused).value().statement),
                                   AuditLedger::first_ms, "other_content", 10}});
    const AuditReport report = audit(with_promises());
    EXPECT_TRUE(report.passed()) << reasons(report);
    ASSERT_TRUE(report.promises);
    EXPECT_EQ(report.promises->kept, 1U);
    EXPECT_EQ(report.promises->refused, 1U);
    EXPECT_EQ(report.promises->waiting, 1U);
}

// No leaf says that the time has come; who put its name to the head after it says so itself.
TEST_F(AuditReceipts, AQuietLedgersPromisesFallDueByTheNodesOwnClock) {
    ledger_.entries.resize(50);
    ledger_.write_tiles(tiles(), ledger_.head(50, {0, 1, 2}));
    ledger::NodeStatement missing = promise(ledger_.make_entry("missing"), 80'000);
    put_statement("cosigned.promise", missing, 0);
    const AuditReport broken = audit(with_promises());
    EXPECT_TRUE(found(broken, "broken_promise")) << reasons(broken);
    std::filesystem::remove(folder_ / "promises/cosigned.promise");
    // One that did not cosign may be cut off, and keep its word when it is back.
    missing.node = "d-1";
    put_statement("absent.promise", missing, 3);
    const AuditReport waiting = audit(with_promises());
    EXPECT_TRUE(waiting.passed()) << reasons(waiting);
    ASSERT_TRUE(waiting.promises);
    EXPECT_EQ(waiting.promises->waiting, 1U);
}

// Of a promise and a refusal, in time up to include-by, and up to the first head past it that the node cosigned.
TEST_F(AuditReceipts, ARefusalAnswersOnlyInTime) {
    ledger_.write_tiles(tiles(), ledger_.head());  // cosigned 100 s after the genesis
    const std::string missing = ledger_.make_entry("missing");
    const auto refusal = [&](std::int64_t ms) {
        return ledger::NodeStatement{
            AuditLedger::origin, "a-1",
            ledger::Refusal{ledger::sha256(ledger::split_entry(missing).value().statement),
                            AuditLedger::first_ms + ms, "other_content", 10}};
    };
    const auto refused = [&](std::int64_t include_by, std::int64_t ms) {
        put_statement("p.promise", promise(missing, include_by));
        put_statement("p.refusal", refusal(ms));
        const AuditReport report = audit(with_promises());
        EXPECT_EQ(found(report, "broken_promise"), !report.passed()) << reasons(report);
        return report;
    };
    EXPECT_EQ(refused(80'000, 80'000).promises->refused, 1U);
    EXPECT_EQ(refused(80'000, 100'999).promises->refused, 1U);
    EXPECT_FALSE(refused(80'000, 101'000).passed());
    EXPECT_FALSE(refused(80'000, 315'360'000'000).passed());  // ten years
    EXPECT_FALSE(refused(80'000, -1).passed());
    // No head asks for it yet: a refusal dated later than the promised time decides nothing.
    const AuditReport open = refused(110'000, 315'360'000'000);
    EXPECT_EQ(open.promises->refused, 0U);
    EXPECT_EQ(open.promises->waiting, 1U);
    EXPECT_TRUE(noted(open, "p.promise is past its time"));
    // Refused in time, promised anew, and refused again much later: the first one counts.
    put_statement("again.refusal", refusal(50'000));
    EXPECT_EQ(refused(80'000, 315'360'000'000).promises->refused, 1U);
}

// Accepted times are the leader's: a record that stands under every head that the node itself cosigned past its time is kept.
TEST_F(AuditReceipts, ALateRecordBreaksNoPromiseByItself) {
    ledger_.write_tiles(tiles(), ledger_.head());
    put_statement("late.promise", promise(ledger_.entries[300], 80'000));
    const AuditReport late = audit(with_promises());
    EXPECT_TRUE(late.passed()) << reasons(late);
    EXPECT_EQ(late.promises->kept, 1U);
    EXPECT_TRUE(noted(late, "late.promise was kept late"));
    // The node cosigned a head in between: now it does.
    AuditOptions asked = with_promises();
    write_head("between", ledger_.head(300));
    asked.heads = {folder_ / "between"};
    EXPECT_TRUE(found(audit(asked), "broken_promise"));
    // The ledger is beyond the time, but the node put its name to nothing: it may have been cut off.
    std::filesystem::remove(folder_ / "promises/late.promise");
    ledger::NodeStatement absent = promise(ledger_.make_entry("missing"), 80'000);
    absent.node = "d-1";
    put_statement("absent.promise", absent, 3);
    const AuditReport waiting = audit(with_promises());
    EXPECT_TRUE(waiting.passed()) << reasons(waiting);
    EXPECT_EQ(waiting.promises->waiting, 1U);
    EXPECT_TRUE(noted(waiting, "absent.promise is past its time"));
}

TEST_F(AuditReceipts, BrokenPromisesAreFound) {
    ledger_.write_tiles(tiles(), ledger_.head());
    const auto expect_broken = [&](const std::string& reason) {
        const AuditReport report = audit(with_promises());
        EXPECT_TRUE(found(report, reason)) << reason << ": " << reasons(report);
        std::filesystem::remove_all(folder_ / "promises");
        std::filesystem::create_directories(folder_ / "promises");
    };
    const std::string missing = ledger_.make_entry("missing");
    put_statement("missing.promise", promise(missing, 99'999));
    expect_broken("broken_promise");
    // Another content under the promised name.
    const std::string other = ledger_.make_entry("record-5", 599);
    put_statement("other.promise", promise(other, 99'000));
    expect_broken("broken_promise");
    // A refusal by another node.
    put_statement("missing.promise", promise(missing, 99'000));
    put_statement("b.refusal",
                  {AuditLedger::origin, "b-1",
                   ledger::Refusal{ledger::sha256(ledger::split_entry(missing).value().statement),
                                   AuditLedger::first_ms, "other_content", 10}},
                  1);
    expect_broken("broken_promise");
    // Signed by another's key; of a node that is none; no promise at all.
    put_statement("forged.promise", promise(missing, 900'000), 1);
    expect_broken("no_known_signature");
    ledger::NodeStatement stranger = promise(missing, 900'000);
    stranger.node = "e-1";
    put_statement("stranger.promise", stranger);
    expect_broken("unknown_node");
    put_statement("vote.promise", {AuditLedger::origin, "a-1", ledger::Vote{1, 2}});
    expect_broken("not_a_promise");
    test::put(folder_ / "promises/text.promise", "text");
    expect_broken("malformed_promise_file");
    test::put(folder_ / "promises/text.refusal", "text");
    expect_broken("malformed_note");
}

}  // namespace
}  // namespace socai::node::audit
