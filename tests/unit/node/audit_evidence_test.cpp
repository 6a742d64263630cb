// What an audit makes of a broken promise for others: evidence that holds by itself, and only against who broke it.
#include <gtest/gtest.h>

#include <filesystem>

#include "audit_fixture.hpp"
#include "ledger/entry.hpp"
#include "ledger/node_statement.hpp"
#include "ledger/promise_file.hpp"
#include "node/audit/absence.hpp"

namespace socai::node::audit {
namespace {

class AuditEvidence : public AuditTest {
  protected:
    // Node `signer` promises that the record of `entry` stands `ms` after the genesis. It cosigns 100 s after that.
    ledger::Note promise(const std::string& entry, std::int64_t ms, std::size_t signer = 0) const {
        const auto text = ledger::split_entry(entry).value().statement;
        const auto statement = ledger::parse_statement(text).value();
        const auto& record = statement.records.front();
        return ledger::sign_node_statement({AuditLedger::origin, ledger_.nodes[signer].facts.name,
                                            ledger::Promise{AuditLedger::first_ms,
                                                            AuditLedger::first_ms + ms,
                                                            ledger::sha256(text),
                                                            {{record.source, record.id, record.digest}}}},
                                           ledger_.nodes[signer].node);
    }
    AuditReport audit_of(const ledger::Note& promise, const std::vector<std::string>& heads = {}) const {
        test::put(folder_ / "promises/p.promise", ledger::PromiseFile{promise, std::nullopt, {}}.to_json());
        AuditOptions asked = options();
        asked.promises = folder_ / "promises";
        asked.heads = heads;
        return audit(asked);
    }
    AuditReport broken(const ledger::Note& promise, const std::vector<std::string>& heads = {}) const {
        AuditReport report = audit_of(promise, heads);
        EXPECT_TRUE(found(report, "broken_promise")) << reasons(report);
        return report;
    }
    // As `socai evidence verify --log` does: the file alone, then the log at `where`.
    Result<void> verify(const ledger::Evidence& made, const std::string& where) const {
        const auto evidence = ledger::parse_evidence(made.to_json()).value();
        const auto finding =
            ledger::verify_evidence(evidence, ledger::parse_policy(test::get(folder_ / "policy")).value());
        if (!finding) return Error{Exit::no, finding.error().reason, finding.error().detail};
        ledger::AbsenceCheck check(std::get<ledger::BrokenPromise>(evidence.what));
        auto source = open_source(where, {});
        if (!source) return source.error();
        if (const auto read = read_leaves(**source, check, [](std::uint64_t) {}); !read) return read.error();
        const auto absent = check.finish();
        if (!absent) return Error{Exit::no, absent.error().reason, absent.error().detail};
        return {};
    }
    void expect_none(const AuditReport& report, const std::string& why) const {
        EXPECT_FALSE(found(report, "broken_promise"));
        EXPECT_TRUE(report.evidence.empty());
        EXPECT_TRUE(std::ranges::any_of(report.notes, [&](const std::string& note) {
            return note.find("p.promise") != std::string::npos && note.find(why) != std::string::npos;
        })) << why;
    }
    void SetUp() override { std::filesystem::create_directories(folder_ / "promises"); }
};

TEST_F(AuditEvidence, ABrokenPromiseIsShownWithTheLogAlone) {
    ledger_.write_tiles(tiles(), ledger_.head());
    const AuditReport report = broken(promise(ledger_.make_entry("missing"), 80'000));
    ASSERT_EQ(report.evidence.size(), 1U);
    const ledger::Evidence& evidence = report.evidence.front();
    EXPECT_TRUE(verify(evidence, tiles()));
    const auto finding = ledger::verify_evidence(evidence, ledger_.policy());
    ASSERT_EQ(finding->against.size(), 1U);
    EXPECT_EQ(finding->against.front().key.key, ledger_.nodes[0].facts.node_key);

    // A log that has grown since, a folder without a checkpoint, a data folder.
    for (int i = 0; i < 300; ++i) ledger_.add("after-" + std::to_string(i));
    ledger_.write_tiles(folder_ / "grown", ledger_.head());
    std::filesystem::remove(folder_ / "grown/checkpoint");
    EXPECT_TRUE(verify(evidence, folder_ / "grown"));
    ledger_.write_data(folder_ / "data");
    EXPECT_TRUE(verify(evidence, folder_ / "data"));
    // What is no log, one that is shorter, and another one say nothing about the promise.
    EXPECT_EQ(verify(evidence, folder_ / "promises").error().reason, "not_a_source");
    std::filesystem::remove(tiles() + "/tile/entries/002.p/88");
    const auto cut = verify(evidence, tiles());
    EXPECT_EQ(cut.error().reason, "missing_leaves");
    EXPECT_EQ(cut.error().exit, Exit::unreachable);
    AuditLedger other{leaves};
    other.write_tiles(folder_ / "other", other.head());
    EXPECT_EQ(verify(evidence, folder_ / "other").error().reason, "wrong_root");
    // A refusal by the node, whoever shows it, ends the matter.
    const auto& broken = std::get<ledger::BrokenPromise>(evidence.what);
    const auto said = ledger::parse_node_statement(broken.promise.text).value();
    const ledger::Note refusal =
        ledger::sign_node_statement({AuditLedger::origin, "a-1",
                                     ledger::Refusal{std::get<ledger::Promise>(said.fact).statement,
                                                     AuditLedger::first_ms + 1'000, "other_content", 10}},
                                    ledger_.nodes[0].node);
    EXPECT_TRUE(ledger::verify_refusal(evidence, refusal, ledger_.policy()));
}

// The ledger is beyond the time, but the node may have been cut off: it has signed nothing since.
TEST_F(AuditEvidence, NotAgainstWhoDidNotCosign) {
    ledger_.write_tiles(tiles(), ledger_.head());
    expect_none(audit_of(promise(ledger_.make_entry("missing"), 80'000, 3)), "cosigned since");
    // Nor before its own clock had come to the time.
    expect_none(audit_of(promise(ledger_.make_entry("missing"), 100'000)), "cosigned since");
    expect_none(audit_of(promise(ledger_.make_entry("missing"), 100'999)), "cosigned since");
}

// Its own head of the same tree, as it gives it to whoever asks a witness, joins the audited one, whose quorum did without it.
TEST_F(AuditEvidence, AgainstWhoCosignedBesideTheQuorum) {
    ledger_.write_tiles(tiles(), ledger_.head());
    const ledger::Note missing = promise(ledger_.make_entry("missing"), 80'000, 3);
    write_head("own", ledger_.head(leaves, {3}, 3));
    const AuditReport report = broken(missing, {folder_ / "own"});
    EXPECT_FALSE(found(report, "no_quorum")) << reasons(report);
    ASSERT_EQ(report.evidence.size(), 1U);
    EXPECT_TRUE(verify(report.evidence.front(), tiles()));
    EXPECT_EQ(report.head->witnesses.size(), 4U);
    // A bad line joins nothing, and of an earlier tree it says nothing of this one.
    ledger::Head bad = ledger_.head(leaves, {3}, 3);
    bad.note.signatures.back().bytes.back() ^= 1;
    write_head("own", bad);
    const AuditReport spoilt = audit_of(missing, {folder_ / "own"});
    EXPECT_TRUE(found(spoilt, "bad_note_signature")) << reasons(spoilt);
    EXPECT_TRUE(spoilt.evidence.empty());
    write_head("own", ledger_.head(leaves - 1, {3}, 3));
    const AuditReport earlier = broken(missing, {folder_ / "own"});
    EXPECT_TRUE(found(earlier, "no_quorum")) << reasons(earlier);
    EXPECT_TRUE(earlier.evidence.empty());
    // No head of too few becomes one of enough.
    ledger_.write_tiles(tiles(), ledger_.head(leaves, {0, 1}));
    write_head("own", ledger_.head(leaves, {3}, 3));
    EXPECT_TRUE(found(audit_of(missing, {folder_ / "own"}), "no_quorum"));
}

// Late is broken too; only a head from before the record came shows it.
TEST_F(AuditEvidence, ALateRecordIsShownByAnEarlierHead) {
    ledger_.write_tiles(tiles(), ledger_.head());
    const ledger::Note late = promise(ledger_.entries[300], 80'000);
    expect_none(audit_of(late), "was kept late");
    write_head("after", ledger_.head(301));
    expect_none(audit_of(late, {folder_ / "after"}), "was kept late");
    write_head("before", ledger_.head(300));
    const AuditReport report = broken(late, {folder_ / "after", folder_ / "before"});
    ASSERT_EQ(report.evidence.size(), 1U);
    EXPECT_TRUE(verify(report.evidence.front(), tiles()));
}

TEST_F(AuditEvidence, ThePoliciesLeadFromThePinnedOne) {
    // Agency d leaves, and from the new policy's leaf on two of three suffice.
    ledger::PolicyLeaf next;
    next.nodes = {ledger_.genesis.nodes[0], ledger_.genesis.nodes[1], ledger_.genesis.nodes[2]};
    next.policy = ledger::consortium_policy(AuditLedger::origin, next.nodes, 2);
    const std::size_t leaf = ledger_.add_policy(next, "policy-2");
    for (int i = 0; i < 20; ++i) ledger_.add("after-" + std::to_string(i));
    ledger_.write_tiles(tiles(), ledger_.head(ledger_.entries.size(), {1, 2}, 1));
    write_head("link", ledger_.head(leaf + 3));
    const ledger::Note missing = promise(ledger_.make_entry("missing"), 80'000, 1);
    const AuditReport report = broken(missing, {folder_ / "link"});
    ASSERT_EQ(report.evidence.size(), 1U);
    EXPECT_EQ(report.evidence.front().policies.size(), 1U);
    EXPECT_TRUE(verify(report.evidence.front(), tiles()));
    // Without the link nobody need believe the later head.
    EXPECT_TRUE(broken(missing).evidence.empty());
    // Who pins the later policy needs none.
    test::put(folder_ / "policy", next.policy.to_string());
    const AuditReport later = broken(missing);
    ASSERT_EQ(later.evidence.size(), 1U);
    EXPECT_TRUE(verify(later.evidence.front(), tiles()));
}

// One node that signs two histories is shown, though it alone is no quorum.
TEST_F(AuditEvidence, OneKeyThatSignedTwoHistoriesIsEnough) {
    AuditLedger other = ledger_;
    other.entries[300] = other.make_entry("another", 300);
    ledger_.write_tiles(tiles(), ledger_.head());
    for (const std::size_t size : {301U, 600U}) {
        write_head("other", other.head(size, {0}, 0));
        AuditOptions asked = options();
        asked.heads = {folder_ / "other"};
        const AuditReport report = audit(asked);
        EXPECT_TRUE(found(report, "no_quorum")) << reasons(report);
        EXPECT_TRUE(found(report, "heads_disagree")) << reasons(report);
        ASSERT_EQ(report.evidence.size(), 1U) << size;
        const auto finding = ledger::verify_evidence(report.evidence.front(), ledger_.policy());
        ASSERT_TRUE(finding);
        EXPECT_FALSE(finding->against.empty());
    }
    // A stranger's signature says nothing about this ledger.
    const AuditLedger stranger(leaves);
    write_head("other", stranger.head());
    AuditOptions asked = options();
    asked.heads = {folder_ / "other"};
    const AuditReport report = audit(asked);
    EXPECT_FALSE(found(report, "heads_disagree")) << reasons(report);
    EXPECT_TRUE(report.evidence.empty());
}

TEST_F(AuditEvidence, NoneFromALedgerThatIsNotTheSignedOne) {
    const ledger::Head head = ledger_.head();
    ledger_.entries[400] = ledger_.make_entry("another", 400);
    ledger_.write_tiles(tiles(), head);
    EXPECT_TRUE(audit_of(promise(ledger_.make_entry("missing"), 80'000)).evidence.empty());
}

}  // namespace
}  // namespace socai::node::audit
