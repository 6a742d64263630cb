// Audits that go on from an earlier one: its state is trusted, and what was rewritten since is found.
#include <gtest/gtest.h>

#include <filesystem>

#include "audit_fixture.hpp"
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

TEST_F(AuditTest, AStateThatIsNotOneIsWrongInput) {
    AuditOptions asked = options();
    asked.state = folder_ / "state";
    ledger_.write_tiles(tiles(), ledger_.head());
    EXPECT_TRUE(audit(asked).passed());
    const std::string state = test::get(folder_ / "state");
    const std::string records = test::get(folder_ / "state.records");
    const std::string tree = test::get(folder_ / "state.tree");
    const auto expect_refused = [&](const std::string& what) {
        const auto report = run(asked);
        ASSERT_FALSE(report) << what;
        EXPECT_EQ(report.error().reason, "malformed_state") << what << report.error().detail;
        test::put(folder_ / "state", state);
        test::put(folder_ / "state.records", records);
        test::put(folder_ / "state.tree", tree);
    };
    for (const std::string& text : {std::string(), std::string("{}"), state.substr(0, state.size() / 2),
                                    std::string("[]"), std::string(100'000, '[')}) {
        test::put(folder_ / "state", text);
        expect_refused(text.substr(0, 20));
    }
    for (const char* side : {"state.records", "state.tree"}) {
        std::string bytes = test::get(folder_ / side);
        bytes[10] = static_cast<char>(bytes[10] ^ 1);
        test::put(folder_ / side, bytes);
        expect_refused(side);
        test::put(folder_ / side, bytes.substr(0, bytes.size() - 1));
        expect_refused(side);
        std::filesystem::remove(folder_ / side);
        expect_refused(side);
    }
    // What an audit that did not end has left behind does no harm.
    test::put(folder_ / "state.records", records + "some bytes more");
    EXPECT_TRUE(audit(asked).passed());
}

}  // namespace
}  // namespace socai::node::audit
