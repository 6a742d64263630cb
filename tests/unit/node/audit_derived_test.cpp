// What the rules derive from the records, held against what the source has derived.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <boost/json/serialize.hpp>

#include "audit_fixture.hpp"
#include "audit_rules.hpp"
#include "ledger/derived_mark.hpp"
#include "ledger/entry.hpp"
#include "node/audit/derivation.hpp"
#include "node/audit/report.hpp"
#include "storage/ledger_copy.hpp"
#include "storage/state_database.hpp"
#include "tile_server.hpp"

namespace socai::node::audit {
namespace {

using test::CountingRules;
using test::TileServer;
using Socket = TileServer::Socket;

class AuditDerivedTest : public AuditTest {
  protected:
    AuditOptions counting() const {
        AuditOptions asked = options();
        asked.rules = std::make_shared<const CountingRules>();
        return asked;
    }
    // Of a node's folder, with a head from elsewhere.
    AuditReport audit_data(const CountingRules& node, AuditOptions asked) {
        const std::string data = folder_ / ("data" + std::to_string(++folders_));
        ledger_.write_data(data, &node);
        write_head("head", ledger_.head());
        asked.source = data;
        asked.heads = {folder_ / "head"};
        return audit(asked);
    }
    // What CountingRules derive from the ledger's entries, worked out another way.
    Derivation derive() const {
        Derivation derivation;
        derivation.add({});
        std::map<std::string, std::uint64_t> count;
        for (std::size_t i = 1; i < ledger_.entries.size(); ++i) {
            const auto split = ledger::split_entry(ledger_.entries[i]).value();
            const auto statement = ledger::parse_statement(split.statement).value();
            const ledger::Record& record = statement.records.front();
            const std::optional<std::string> last =
                i % 10 == 0 ? std::nullopt : std::optional<std::string>(record.id);
            derivation.add({{"count/" + record.source, std::to_string(++count[record.source])},
                            {"last/" + record.source, last}});
        }
        return derivation;
    }
    // A server of the tiles that shows the marks that `mark` gives; nothing: 404.
    using Marks = std::function<std::optional<std::string>(std::uint64_t size)>;
    std::unique_ptr<TileServer> server(Marks marks) const {
        return std::make_unique<TileServer>(
            tiles(),
            [marks = std::move(marks)](const std::string& target, Socket& socket, const std::atomic<bool>&) {
                constexpr std::string_view folder = "/derived/";
                if (!target.starts_with(folder)) return false;
                const auto body = marks(std::stoull(target.substr(folder.size())));
                TileServer::send(socket, body ? TileServer::answer(*body, "Connection: close\r\n")
                                              : "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
                return true;
            });
    }
    AuditReport audit_server(const TileServer& server) {
        AuditOptions asked = counting();
        asked.source = server.url();
        return audit(asked);
    }

    int folders_ = 0;
};

TEST_F(AuditDerivedTest, WhoDerivedTheSamePasses) {
    ledger_.add("b-1", "[]", "b");
    const Derivation twin = derive();
    const AuditReport report = audit_data({}, counting());
    EXPECT_TRUE(report.passed()) << reasons(report);
    ASSERT_TRUE(report.derived);
    EXPECT_EQ(report.derived->digest, ledger::to_hex(twin.digest()));
    EXPECT_EQ(report.derived->facts, 3U);  // the last of a is gone, as leaf 600's is of b
    EXPECT_EQ(report.derived->compared, leaves + 1);
    EXPECT_FALSE(not_checked(report, "worked out"));
    const std::string json = boost::json::serialize(report_json(report));
    EXPECT_NE(json.find(R"("derived":{"engine":"2","digest":")" + report.derived->digest +
                        R"(","facts":3,"compared":601,"facts_compared":true})"),
              std::string::npos)
        << json;
    EXPECT_TRUE(says(report_lines(report), report.derived->digest));
    EXPECT_TRUE(says(report_lines(report), "compared with the source's after 601 leaves, and every fact"));
}

TEST_F(AuditDerivedTest, TheLeafFromWhichItDerivedSomethingElseIsNamed) {
    ledger_.entries.resize(300);
    for (const std::uint64_t leaf : {1U, 2U, 100U, 255U, 256U, 298U, 299U}) {
        CountingRules node;
        node.odd_at = leaf;
        const AuditReport report = audit_data(node, counting());
        expect_found(report, "derived_differs", leaf);
        ASSERT_EQ(report.findings.size(), 1U) << reasons(report);
        const std::string record = "risk_signal \"record-" + std::to_string(leaf) + "\" of \"a\"";
        EXPECT_NE(report.findings[0].detail.find(record), std::string::npos) << report.findings[0].detail;
        EXPECT_EQ(report.derived->compared, 300U);
    }
}

// Marks right and a fact changed: what a node answers from is looked at itself, where it is at hand.
TEST_F(AuditDerivedTest, AFactThatWasChangedSinceIsFound) {
    const std::string data = folder_ / "data";
    const CountingRules honest;
    ledger_.write_data(data, &honest);
    write_head("head", ledger_.head());
    write_head("shorter", ledger_.head(leaves - 1));
    AuditOptions asked = counting();
    asked.source = data;
    asked.heads = {folder_ / "head"};
    const auto change = [&](const std::string& key, const std::optional<std::string>& value) {
        const storage::Identity identity = storage::LedgerCopy::open(data).value()->identity();
        const auto state = storage::StateDatabase::open(data + "/state", identity).value();
        rocksdb::WriteBatch batch;
        if (value)
            batch.Put(state->family(storage::StateFamily::facts), key, *value);
        else
            batch.Delete(state->family(storage::StateFamily::facts), key);
        ASSERT_TRUE(state->write(batch));
        ASSERT_TRUE(state->flush(true));
    };
    const auto expect_differs = [&](const std::string& words) {
        const AuditReport report = audit(asked);
        EXPECT_EQ(reasons(report), "facts_differ; ");
        if (!report.findings.empty()) {
            EXPECT_NE(report.findings[0].detail.find(words), std::string::npos) << report.findings[0].detail;
        }
        EXPECT_EQ(report.derived->compared, leaves);
    };
    change("count/a", "9");
    expect_differs("at the key \"count/a\"");
    change("count/a", std::nullopt);
    expect_differs("lacks 1 facts");
    change("count/a", "599");
    EXPECT_TRUE(audit(asked).passed());
    change("count/z", "1");
    expect_differs("at the key \"count/z\"");
    // Of another size than the state's nothing can be said.
    asked.heads = {folder_ / "shorter"};
    const AuditReport report = audit(asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_FALSE(report.derived->facts_compared);
    EXPECT_EQ(report.derived->compared, leaves - 1);
    EXPECT_TRUE(not_checked(report, "the facts themselves"));
}

// A ledger whose writer let in what the rules refuse: every key is right, and what follows from it nobody can say.
TEST_F(AuditDerivedTest, ARecordThatMayNotFollowIsFoundWhoeverLetItIn) {
    AuditOptions asked = counting();
    auto rules = std::make_shared<CountingRules>();
    rules->refused = "record-77";
    asked.rules = rules;
    AuditReport report = audit_data({}, asked);
    expect_found(report, "not_yet", 77);
    EXPECT_EQ(report.findings.size(), 1U) << reasons(report);
    EXPECT_EQ(report.derived->compared, 77U);
    EXPECT_TRUE(not_checked(report, "worked out from the records from leaf 77 on"));
    // And what was derived wrongly before it, too.
    CountingRules node;
    node.odd_at = 40;
    report = audit_data(node, asked);
    expect_found(report, "derived_differs", 40);
    EXPECT_TRUE(found(report, "not_yet"));
}

TEST_F(AuditDerivedTest, WhoShowsNothingIsNotCompared) {
    ledger_.write_tiles(tiles(), ledger_.head());
    AuditReport report = audit(counting());
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.derived->digest, ledger::to_hex(derive().digest()));
    EXPECT_EQ(report.derived->compared, 0U);
    EXPECT_TRUE(not_checked(report,
                            "it shows none of it; compare the derived digest with that of another "
                            "audit, engine 2"));
    for (const Depth depth : {Depth::hashes, Depth::signatures}) {
        AuditOptions asked = counting();
        asked.depth = depth;
        report = audit(asked);
        EXPECT_TRUE(report.passed()) << reasons(report);
        EXPECT_FALSE(report.derived);
        EXPECT_TRUE(not_checked(report, "only a whole audit derives it"));
    }
}

TEST_F(AuditDerivedTest, AServerIsComparedAsFarAsItShows) {
    ledger_.write_tiles(tiles(), ledger_.head());
    const Derivation twin = derive();
    for (const std::uint64_t shown : {0U, 1U, 2U, 299U, 300U, 599U, 600U}) {
        const auto honest = server([&](std::uint64_t size) {
            return size <= shown ? std::optional(ledger::mark_text(twin.mark(size))) : std::nullopt;
        });
        const AuditReport report = audit_server(*honest);
        EXPECT_TRUE(report.passed()) << reasons(report);
        EXPECT_EQ(report.derived->compared, shown);
        EXPECT_EQ(not_checked(report, "worked out from the records"), shown < leaves);
    }
    // One that shows only until leaf 300, and something else from leaf 123 on.
    const auto odd = server([&](std::uint64_t size) {
        return size > 300 ? std::nullopt
                          : std::optional(ledger::mark_text(twin.mark(size) ^ (size > 123 ? 1U : 0U)));
    });
    expect_found(audit_server(*odd), "derived_differs", 123);
}

// Marks that follow no ledger: some leaf is named, and the search ends.
TEST_F(AuditDerivedTest, NoAnswerMakesItLastOrPass) {
    ledger_.write_tiles(tiles(), ledger_.head());
    const Derivation twin = derive();
    for (const std::string& other : {std::string("<html>"), std::string(), std::string(17, 'g'),
                                     std::string(1'000'000, '0'), std::string("0000000000000000")}) {
        const AuditReport report = audit_server(*server([&](std::uint64_t) { return other; }));
        EXPECT_TRUE(report.passed()) << reasons(report);
        EXPECT_EQ(report.derived->compared, 0U);
    }
    std::atomic<int> asked = 0;
    const auto strange = server([&](std::uint64_t size) {
        ++asked;
        const bool lie = size == leaves || std::popcount(size) % 2 == 1;
        return std::optional(ledger::mark_text(lie ? 7 : twin.mark(size)));
    });
    const AuditReport report = audit_server(*strange);
    EXPECT_TRUE(found(report, "derived_differs")) << reasons(report);
    EXPECT_LT(asked, 100);
}

TEST_F(AuditDerivedTest, TheNextAuditGoesOnWithTheSameFacts) {
    AuditOptions asked = counting();
    asked.state = folder_ / "state";
    for (const std::size_t size : {300U, 301U, 512U, 600U}) {
        ledger_.write_tiles(tiles(), ledger_.head(size));
        const AuditReport report = audit(asked);
        EXPECT_TRUE(report.passed()) << size << ": " << reasons(report);
    }
    ledger_.add("more");
    AuditReport report = audit_data({}, asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.coverage.from, 600U);
    EXPECT_EQ(report.derived->digest, ledger::to_hex(derive().digest()));
    EXPECT_EQ(report.derived->compared, 601U);
    // A leaf that was read long ago is named too.
    CountingRules node;
    node.odd_at = 17;
    expect_found(audit_data(node, asked), "derived_differs", 17);
    asked.from_start = true;
    report = audit_data({}, asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    asked.from_start = false;
    report = audit_data({}, asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.coverage.from, 601U);
    EXPECT_EQ(report.derived->compared, 601U);
}

TEST_F(AuditDerivedTest, AnAuditThatWasStoppedGoesOnWithTheSameFacts) {
    AuditOptions asked = counting();
    asked.state = folder_ / "state";
    const Derivation twin = derive();
    for (const std::size_t vouched : {0U, 300U}) {
        std::filesystem::remove(folder_ / "state");
        if (vouched > 0) {
            ledger_.write_tiles(tiles(), ledger_.head(vouched));
            EXPECT_TRUE(audit(asked).passed());
        }
        ledger_.write_tiles(tiles(), ledger_.head());
        bool enough = false;
        const auto stopped = run_audit(
            asked, [&](std::uint64_t done, std::uint64_t) { enough = done >= 512; }, [&] { return enough; });
        ASSERT_TRUE(stopped && stopped->stopped);
        const AuditReport report = audit(asked);
        EXPECT_TRUE(report.passed()) << reasons(report);
        EXPECT_EQ(report.coverage.from, 512U);
        EXPECT_EQ(report.derived->digest, ledger::to_hex(twin.digest()));
    }
    // What an unfinished audit was shown, and was a lie, is set aside with what followed from it.
    std::filesystem::remove(folder_ / "state");
    ledger_.write_tiles(tiles(), ledger_.head(300));
    EXPECT_TRUE(audit(asked).passed());
    AuditLedger lie = ledger_;
    const auto said = ledger::split_entry(lie.entries[400]).value();
    lie.entries[400] = ledger::make_entry(said.time_ms + 1, said.statement);
    lie.entries[401] = lie.make_entry("another", 401);
    lie.write_tiles(folder_ / "lie", ledger_.head());
    AuditOptions lied = asked;
    lied.source = folder_ / "lie";
    bool enough = false;
    ASSERT_TRUE(
        run_audit(
            lied, [&](std::uint64_t done, std::uint64_t) { enough = done >= 512; }, [&] { return enough; })
            ->stopped);
    ledger_.write_tiles(tiles(), ledger_.head());
    for (const std::uint64_t from : {std::uint64_t{300}, std::uint64_t{leaves}}) {
        const AuditReport report = audit(asked);
        EXPECT_TRUE(report.passed()) << reasons(report);
        EXPECT_EQ(report.coverage.from, from);
        EXPECT_EQ(report.derived->digest, ledger::to_hex(twin.digest()));
    }
}

TEST_F(AuditDerivedTest, WhatOtherRulesDerivedIsNotGoneOnWith) {
    AuditOptions asked = counting();
    asked.state = folder_ / "state";
    ledger_.write_tiles(tiles(), ledger_.head());
    EXPECT_TRUE(audit(asked).passed());
    std::string state = test::get(folder_ / "state");
    const std::string engine = R"("engine":"2")";
    ASSERT_NE(state.find(engine), std::string::npos);
    state.replace(state.find(engine), engine.size(), R"("engine":"0")");
    test::put(folder_ / "state", state);
    const auto refused = run(asked);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "other_engine");
    EXPECT_EQ(refused.error().exit, Exit::usage);
    asked.from_start = true;
    EXPECT_TRUE(audit(asked).passed());
    asked.from_start = false;
    EXPECT_TRUE(audit(asked).passed());
}

}  // namespace
}  // namespace socai::node::audit
