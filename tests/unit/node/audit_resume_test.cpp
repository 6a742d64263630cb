// Audits that go on from an earlier one: its state is trusted, and what was rewritten since is found.
#include <gtest/gtest.h>

#include <filesystem>

#include "audit_fixture.hpp"
#include "audit_rules.hpp"
#include "ledger/entry.hpp"

namespace socai::node::audit {
namespace {

TEST_F(AuditTest, TheNextAuditGoesOnFromTheLast) {
    AuditOptions asked = options();
    asked.state = folder_ / "state";
    std::size_t before = 0;
    for (const std::size_t size : {300U, 300U, 301U, 512U, 600U}) {
        ledger_.write_tiles(tiles(), ledger_.head(size));
        const AuditReport report = audit(asked);
        EXPECT_TRUE(report.passed()) << size << ": " << reasons(report);
        EXPECT_EQ(report.coverage.from, before);
        EXPECT_EQ(report.coverage.size, size);
        EXPECT_EQ(report.coverage.records, size - before);
        before = size;
    }
    // What was written since is judged over what stood before.
    ledger_.add("late-child", R"([{"rel":"about","source":"a","id":"record-5"}])");
    ledger_.write_tiles(tiles(), ledger_.head());
    EXPECT_TRUE(audit(asked).passed());
    ledger_.add("record-5");
    ledger_.write_tiles(tiles(), ledger_.head());
    expect_found(audit(asked), "repeated_leaf", leaves + 1);
}

TEST_F(AuditTest, ALedgerCutShortSinceTheLastAuditIsFound) {
    AuditOptions asked = options();
    asked.state = folder_ / "state";
    ledger_.write_tiles(tiles(), ledger_.head());
    EXPECT_TRUE(audit(asked).passed());
    ledger_.write_tiles(tiles(), ledger_.head(599));
    EXPECT_TRUE(found(audit(asked), "rolled_back"));
    asked.from_start = true;
    EXPECT_TRUE(found(audit(asked), "rolled_back"));
}

TEST_F(AuditTest, HistoryRewrittenByEverybodySinceTheLastAuditIsFound) {
    AuditOptions asked = options();
    asked.state = folder_ / "state";
    ledger_.write_tiles(tiles(), ledger_.head(550));
    EXPECT_TRUE(audit(asked).passed());
    ledger_.entries[300] = ledger_.make_entry("another", 300);
    ledger_.write_tiles(tiles(), ledger_.head());  // the whole quorum signs the new history
    AuditReport report = audit(asked);
    EXPECT_FALSE(report.passed());
    EXPECT_TRUE(found(report, "wrong_root") || found(report, "heads_disagree")) << reasons(report);
    asked.from_start = true;
    report = audit(asked);
    EXPECT_TRUE(found(report, "heads_disagree")) << reasons(report);
    EXPECT_TRUE(found(report, "history_changed")) << reasons(report);
    // A failed audit leaves the state as it was.
    ledger_ = AuditLedger(10);
}

TEST_F(AuditTest, AnAuditThatWasStoppedGoesOn) {
    AuditOptions asked = options();
    asked.state = folder_ / "state";
    ledger_.write_tiles(tiles(), ledger_.head());
    bool enough = false;
    const auto stopped = run_audit(
        asked, [&](std::uint64_t done, std::uint64_t) { enough = done >= 256; }, [&] { return enough; });
    ASSERT_TRUE(stopped);
    ASSERT_TRUE(stopped->stopped);
    EXPECT_EQ(stopped->stopped->reason, "interrupted");
    EXPECT_FALSE(stopped->passed());
    const AuditReport report = audit(asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_GE(report.coverage.from, 256U);
}

// Stopped when every leaf was read and no head was looked at: the leaves of the bundle that is not full are judged again.
TEST_F(AuditTest, LeavesThatWereNotKeptAreJudgedAgain) {
    AuditOptions asked = options();
    asked.state = folder_ / "state";
    const auto stop_after_the_leaves = [&] {
        bool read = false;
        const auto stopped = run_audit(
            asked, [&](std::uint64_t done, std::uint64_t of) { read = done == of; }, [&] { return read; });
        ASSERT_TRUE(stopped);
        ASSERT_TRUE(stopped->stopped) << reasons(*stopped);
    };
    std::string& entry = ledger_.entries[598];
    const std::string honest = entry;
    std::string forged = honest;
    forged.back() = forged.back() == 'A' ? 'Q' : 'A';
    for (const bool vouched : {false, true}) {
        if (vouched) {  // an audit that ended stands before it
            std::filesystem::remove(folder_ / "state");
            ledger_.write_tiles(tiles(), ledger_.head(590));
            EXPECT_TRUE(audit(asked).passed());
        }
        entry = honest;
        ledger_.write_tiles(tiles(), ledger_.head());
        stop_after_the_leaves();
        entry = forged;
        ledger_.write_tiles(tiles(), ledger_.head());
        expect_found(audit(asked), "bad_signature", 598);
        entry = honest;
        ledger_.write_tiles(tiles(), ledger_.head());
        EXPECT_TRUE(audit(asked).passed());
    }
}

// A source that lies and breaks off has no power over the audits of others.
TEST_F(AuditTest, WhatNoHeadVouchedForAccusesNobody) {
    AuditOptions asked = options();
    asked.state = folder_ / "state";
    AuditLedger lie = ledger_;
    const auto be_lied_to = [&](std::size_t leaf) {
        lie = ledger_;
        const auto said = ledger::split_entry(lie.entries[leaf]).value();
        lie.entries[leaf] = ledger::make_entry(said.time_ms + 1, said.statement);
        lie.write_tiles(folder_ / "lie", ledger_.head());
        AuditOptions lied = asked;
        lied.source = folder_ / "lie";
        bool enough = false;
        const auto broken_off = run_audit(
            lied, [&](std::uint64_t done, std::uint64_t) { enough = done >= 512; }, [&] { return enough; });
        ASSERT_TRUE(broken_off);
        ASSERT_TRUE(broken_off->stopped);
        EXPECT_TRUE(broken_off->findings.empty()) << reasons(*broken_off);
    };
    ledger_.write_tiles(tiles(), ledger_.head());
    be_lied_to(200);
    AuditReport report = audit(asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.coverage.from, 0U);
    EXPECT_FALSE(report.notes.empty());
    EXPECT_TRUE(audit(asked).passed());

    // After an audit that ended, only what came since is set aside.
    std::filesystem::remove(folder_ / "state");
    ledger_.write_tiles(tiles(), ledger_.head(300));
    EXPECT_TRUE(audit(asked).passed());
    ledger_.write_tiles(tiles(), ledger_.head());
    be_lied_to(400);
    report = audit(asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.coverage.from, 300U);
    report = audit(asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.coverage.from, leaves);

    // Nor against a source that has fewer leaves than were shown, and all that were vouched for.
    std::filesystem::remove(folder_ / "state");
    ledger_.write_tiles(tiles(), ledger_.head(300));
    EXPECT_TRUE(audit(asked).passed());
    be_lied_to(400);
    ledger_.write_tiles(tiles(), ledger_.head(310));
    EXPECT_TRUE(audit(asked).passed());
    ledger_.write_tiles(tiles(), ledger_.head());

    // Nor is it held against a ledger that is read from the start.
    std::filesystem::remove(folder_ / "state");
    be_lied_to(200);
    asked.from_start = true;
    report = audit(asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_TRUE(audit(asked).passed());
    // What is wrong is found all the same.
    std::filesystem::remove(folder_ / "state");
    asked.from_start = false;
    be_lied_to(200);
    ledger_.entries[400].back() = ledger_.entries[400].back() == 'A' ? 'Q' : 'A';
    ledger_.write_tiles(tiles(), ledger_.head());
    expect_found(audit(asked), "bad_signature", 400);
}

TEST_F(AuditTest, AStateThatWasNotThereIsSaid) {
    AuditOptions asked = options();
    asked.state = folder_ / "state";
    ledger_.write_tiles(tiles(), ledger_.head());
    const auto says_so = [&] {
        const AuditReport report = audit(asked);
        EXPECT_TRUE(report.passed()) << reasons(report);
        return std::ranges::any_of(report.coverage.not_checked, [&](const std::string& sentence) {
            return sentence.find("earlier audits") != std::string::npos;
        });
    };
    EXPECT_TRUE(says_so());
    EXPECT_FALSE(says_so());
    asked.from_start = true;
    EXPECT_FALSE(says_so());
    EXPECT_TRUE(std::filesystem::exists(folder_ / "state.records.2"));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "state.records"));
    EXPECT_FALSE(says_so());
    EXPECT_TRUE(std::filesystem::exists(folder_ / "state.records"));
}

TEST_F(AuditTest, AStateThatIsNotOneIsWrongInput) {
    AuditOptions asked = options();
    asked.state = folder_ / "state";
    asked.rules = std::make_shared<const test::CountingRules>();
    ledger_.write_tiles(tiles(), ledger_.head());
    EXPECT_TRUE(audit(asked).passed());
    const std::string state = test::get(folder_ / "state");
    const std::string records = test::get(folder_ / "state.records");
    const std::string tree = test::get(folder_ / "state.tree");
    const std::string facts = test::get(folder_ / "state.facts");
    const auto expect_refused = [&](const std::string& what) {
        const auto report = run(asked);
        ASSERT_FALSE(report) << what;
        EXPECT_EQ(report.error().reason, "malformed_state") << what << report.error().detail;
        test::put(folder_ / "state", state);
        test::put(folder_ / "state.records", records);
        test::put(folder_ / "state.tree", tree);
        test::put(folder_ / "state.facts", facts);
    };
    for (const std::string& text : {std::string(), std::string("{}"), state.substr(0, state.size() / 2),
                                    std::string("[]"), std::string(100'000, '[')}) {
        test::put(folder_ / "state", text);
        expect_refused(text.substr(0, 20));
    }
    for (const char* side : {"state.records", "state.tree", "state.facts"}) {
        std::string bytes = test::get(folder_ / side);
        bytes[10] = static_cast<char>(bytes[10] ^ 1);
        test::put(folder_ / side, bytes);
        expect_refused(side);
        test::put(folder_ / side, bytes.substr(0, bytes.size() - 1));
        expect_refused(side);
        std::filesystem::remove(folder_ / side);
        expect_refused(side);
    }
    // Counts that are wrong cost nothing but the refusal.
    const std::string count = R"("records":{"count":)";
    std::string fewer = state;
    fewer.replace(fewer.find(count) + count.size(), 3, "003");
    fewer.replace(fewer.find(count + "003"), count.size() + 3, count + "3");
    test::put(folder_ / "state", fewer);
    EXPECT_EQ(run(asked).error().reason, "malformed_state");
    EXPECT_EQ(test::get(folder_ / "state.records"), records);
    EXPECT_EQ(test::get(folder_ / "state.tree"), tree);
    test::put(folder_ / "state", state);
    // What an audit that did not end has left behind does no harm.
    test::put(folder_ / "state.records", records + "some bytes more");
    test::put(folder_ / "state.facts", facts + "some bytes more");
    EXPECT_TRUE(audit(asked).passed());
}

}  // namespace
}  // namespace socai::node::audit
