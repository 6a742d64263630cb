// Audits of small ledgers, sound and altered: each alteration must be found, and the leaf named.
#include "node/audit/audit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>

#include "audit_fixture.hpp"
#include "ledger/entry.hpp"
#include "ledger/time.hpp"
#include "node/audit/report.hpp"

namespace socai::node::audit {
namespace {

TEST_F(AuditTest, ASoundLedgerPasses) {
    ledger_.write_tiles(tiles(), ledger_.head());
    const AuditReport report = audit_tiles();
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.coverage.from, 0U);
    EXPECT_EQ(report.coverage.size, leaves);
    EXPECT_EQ(report.coverage.entries, leaves);
    EXPECT_EQ(report.coverage.signatures, leaves);
    EXPECT_EQ(report.coverage.records, leaves);
    EXPECT_EQ(report.coverage.tiles, 4U);  // three of level 0, one of level 1
    EXPECT_EQ(report.head->witnesses.size(), 3U);
    EXPECT_EQ(report.fingerprint, ledger::policy_fingerprint(ledger_.policy()));
    EXPECT_EQ(report_json(report).at("verdict").as_string(), "passed");
}

TEST_F(AuditTest, TheReportSaysWhatNoAuditProves) {
    ledger_.write_tiles(tiles(), ledger_.head());
    const AuditReport report = audit_tiles();
    for (const char* words : {"authors signed is true", "submitted that should have been",
                              "when leaves were really written", "this copy is the newest"})
        EXPECT_TRUE(not_checked(report, words)) << words;
}

// Heads are cosigned 100 s after the genesis, and a leaf is accepted each second: up to 300 s ahead is a clock's error.
TEST_F(AuditTest, ALeafFromTheFutureOfItsCosignersIsNoted) {
    ledger_.write_tiles(tiles(), ledger_.head(401));
    EXPECT_FALSE(noted(audit_tiles(), "clock of one of them was wrong"));
    ledger_.write_tiles(tiles(), ledger_.head(402));
    const AuditReport report = audit_tiles();
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_TRUE(noted(report, "clock of one of them was wrong"));
}

TEST_F(AuditTest, EverySizeNearABundlesEdgePasses) {
    for (const std::size_t size : {1U, 2U, 255U, 256U, 257U, 511U, 512U, 513U}) {
        const std::string source = folder_ / std::to_string(size);
        ledger_.write_tiles(source, ledger_.head(size));
        AuditOptions asked = options();
        asked.source = source;
        const AuditReport report = audit(asked);
        EXPECT_TRUE(report.passed()) << size << ": " << reasons(report);
        EXPECT_EQ(report.coverage.size, size);
    }
}

TEST_F(AuditTest, ADataFolderPassesWithAHeadFromElsewhere) {
    ledger_.write_data(folder_ / "data");
    write_head("head", ledger_.head());
    AuditOptions asked = options();
    asked.source = folder_ / "data";
    EXPECT_EQ(run(asked).error().reason, "no_head");
    asked.heads = {folder_ / "head"};
    const AuditReport report = audit(asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.coverage.entries, leaves);
    EXPECT_EQ(report.coverage.tiles, 4U);
}

// What a node last knew to be final may lag behind its log.
TEST_F(AuditTest, AFolderWhoseHeadLagsIsAuditedAsFarAsAHeadVouches) {
    ledger_.write_data(folder_ / "data");
    const auto put_final = [&](const std::string& text) { test::put(folder_ / "data/final", text); };
    const auto as_json = [](const ledger::Head& head) {
        return boost::json::serialize(boost::json::object{{"head", head.note.to_string()}});
    };
    put_final(as_json(ledger_.head(500)));
    AuditOptions asked = options();
    asked.source = folder_ / "data";
    AuditReport report = audit(asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.coverage.size, 500U);
    EXPECT_TRUE(std::ranges::any_of(report.coverage.not_checked, [](const std::string& sentence) {
        return sentence.find("the 100 leaves") != std::string::npos;
    }));

    write_head("smaller", ledger_.head(400));
    write_head("larger", ledger_.head());
    asked.heads = {folder_ / "smaller", folder_ / "larger"};
    report = audit(asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.coverage.size, leaves);
    EXPECT_EQ(report.coverage.heads, 3U);
    // The folder's own head is held against the leaves all the same.
    AuditLedger other = ledger_;
    other.entries[300] = other.make_entry("another", 300);
    put_final(as_json(other.head(500)));
    report = audit(asked);
    EXPECT_TRUE(found(report, "heads_disagree")) << reasons(report);
    EXPECT_EQ(report.evidence.size(), 1U);

    // A head that nobody need believe, or beyond the log, is not audited in place of the folder's.
    put_final(as_json(ledger_.head(500)));
    write_head("larger", ledger_.head(leaves, {0}));
    report = audit(asked);
    EXPECT_TRUE(found(report, "no_quorum")) << reasons(report);
    EXPECT_EQ(report.coverage.size, 500U);
    ledger_.add("one-more");
    write_head("larger", ledger_.head());
    report = audit(asked);
    EXPECT_TRUE(found(report, "beyond_head")) << reasons(report);
    EXPECT_EQ(report.coverage.size, 500U);

    put_final("damaged");
    write_head("larger", ledger_.head(leaves));
    report = audit(asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.coverage.size, leaves);
    EXPECT_NE(report.notes.front().find("final is damaged"), std::string::npos) << report.notes.front();
    asked.heads.clear();
    EXPECT_TRUE(found(audit(asked), "damaged_source"));
}

TEST_F(AuditTest, AnAlteredDataFolderIsFound) {
    const ledger::Head head = ledger_.head();
    ledger_.entries[300] = ledger_.make_entry("forged", 300);
    ledger_.write_data(folder_ / "data");
    write_head("head", head);
    AuditOptions asked = options();
    asked.source = folder_ / "data";
    asked.heads = {folder_ / "head"};
    EXPECT_TRUE(found(audit(asked), "wrong_root"));
}

TEST_F(AuditTest, EveryFlippedByteOfADataFolderIsFoundOrHarmless) {
    ledger_.entries.resize(40);
    ledger_.write_data(folder_ / "data");
    write_head("head", ledger_.head());
    AuditOptions asked = options();
    asked.heads = {folder_ / "head"};
    int caught = 0;
    for (const char* part : {"log", "state"}) {
        for (const auto& file : std::filesystem::directory_iterator((folder_ / "data") + "/" + part)) {
            const std::uintmax_t size = file.file_size();
            for (std::uintmax_t at = 0; at < size; at += std::max<std::uintmax_t>(1, size / 6)) {
                const std::string copy = folder_ / "copy";
                std::filesystem::remove_all(copy);
                std::filesystem::copy(folder_ / "data", copy, std::filesystem::copy_options::recursive);
                std::string bytes = test::get(file.path());
                bytes[at] = static_cast<char>(bytes[at] ^ 0x55);
                test::put(copy + "/" + part + "/" + file.path().filename().string(), bytes);
                asked.source = copy;
                // Never a crash; a pass only where what was read is what was signed.
                const auto report = run(asked);
                if (!report || !report->passed()) ++caught;
                if (report && report->passed()) {
                    EXPECT_EQ(report->coverage.size, 40U);
                }
            }
        }
    }
    EXPECT_GT(caught, 0);
}

// What a forger may do to a leaf and the tile beside it.
TEST_F(AuditTest, AnEntryAlteredAloneIsNamed) {
    const ledger::Head head = ledger_.head();
    ledger_.write_tiles(tiles(), head);
    const std::string path = tiles() + "/tile/entries/001";
    std::string bundle = test::get(path);
    bundle[bundle.size() / 2 + 100] ^= 1;  // in the middle of an entry
    test::put(path, bundle);
    const AuditReport report = audit_tiles();
    EXPECT_TRUE(found(report, "wrong_tile")) << reasons(report);
    EXPECT_TRUE(found(report, "wrong_root"));
    ASSERT_TRUE(report.first_wrong);
    EXPECT_GE(*report.first_wrong, 256U);
    EXPECT_LT(*report.first_wrong, 512U);
}

TEST_F(AuditTest, AForgedStatementWithItsTilesRewrittenIsNamedByItsSignature) {
    const ledger::Head head = ledger_.head();
    std::string& entry = ledger_.entries[300];
    entry.back() = entry.back() == 'A' ? 'Q' : 'A';  // of the signature; spare bits stay zero
    ledger_.write_tiles(tiles(), ledger_.head());
    test::put(tiles() + "/checkpoint", head.note.to_string());
    expect_found(audit_tiles(), "bad_signature", 300);
}

TEST_F(AuditTest, AStatementRewrittenByItsAuthorIsFoundByTheHead) {
    const ledger::Head head = ledger_.head();
    ledger_.entries[300] = ledger_.make_entry("another", 300);
    ledger_.write_tiles(tiles(), ledger_.head());
    test::put(tiles() + "/checkpoint", head.note.to_string());
    const AuditReport report = audit_tiles();
    EXPECT_TRUE(found(report, "wrong_root")) << reasons(report);
    EXPECT_FALSE(found(report, "wrong_tile")) << reasons(report);
    EXPECT_EQ(report.wrong_between, std::pair(std::uint64_t{0}, std::uint64_t{leaves}));
}

TEST_F(AuditTest, OtherHeadsNarrowDownWhereHistoryWentWrong) {
    const ledger::Head head = ledger_.head();
    write_head("early", ledger_.head(200));
    write_head("middle", ledger_.head(301));
    ledger_.entries[300] = ledger_.make_entry("another", 300);
    ledger_.write_tiles(tiles(), ledger_.head());
    test::put(tiles() + "/checkpoint", head.note.to_string());
    AuditOptions asked = options();
    asked.heads = {folder_ / "early", folder_ / "middle"};
    const AuditReport report = audit(asked);
    EXPECT_TRUE(found(report, "heads_disagree")) << reasons(report);
    EXPECT_EQ(report.wrong_between, std::pair(std::uint64_t{200}, std::uint64_t{301}));
    EXPECT_TRUE(report.evidence.empty())
        << "what was read is not what was signed: nobody signed two histories";
}

TEST_F(AuditTest, TwoSignedHistoriesBecomeEvidence) {
    for (const std::size_t size : {301, 512, 599, 600}) write_head(std::to_string(size), ledger_.head(size));
    ledger_.entries[300] = ledger_.make_entry("another", 300);
    ledger_.write_tiles(tiles(), ledger_.head());
    for (const std::size_t size : {301, 512, 599, 600}) {
        AuditOptions asked = options();
        asked.heads = {folder_ / std::to_string(size)};
        const AuditReport report = audit(asked);
        EXPECT_TRUE(found(report, "heads_disagree")) << reasons(report);
        ASSERT_EQ(report.evidence.size(), 1U) << size;
        const auto again = ledger::parse_evidence(report.evidence[0].to_json());
        ASSERT_TRUE(again);
        EXPECT_TRUE(ledger::verify_evidence(*again, ledger_.policy())) << size;
    }
}

TEST_F(AuditTest, TilesOfEveryLevelAreCompared) {
    for (const char* tile : {"tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"}) {
        ledger_.write_tiles(tiles(), ledger_.head());
        const std::string path = tiles() + "/" + tile;
        std::string bytes = test::get(path);
        bytes[33] = static_cast<char>(bytes[33] ^ 0x80);  // the second hash
        test::put(path, bytes);
        const AuditReport report = audit_tiles();
        EXPECT_TRUE(found(report, "wrong_tile")) << tile << ": " << reasons(report);
        EXPECT_EQ(report.findings.front().tile, tile);
        // A hash above the leaves names none of them: none is wrong.
        const auto index = std::string(tile).starts_with("tile/1") ? std::nullopt
                           : std::string(tile).ends_with("0")      ? std::optional<std::uint64_t>(1)
                           : std::string(tile).ends_with("1")      ? std::optional<std::uint64_t>(257)
                                                                   : std::optional<std::uint64_t>(513);
        EXPECT_EQ(report.first_wrong, index) << tile;
        // Entries and head are sound: nothing else is wrong.
        EXPECT_EQ(report.findings.size(), 1U) << reasons(report);
    }
}

TEST_F(AuditTest, ATileOfAnotherLengthOrMissingIsFound) {
    ledger_.write_tiles(tiles(), ledger_.head());
    test::put(tiles() + "/tile/0/001", std::string(8'000, 'x'));
    EXPECT_TRUE(found(audit_tiles(), "wrong_tile"));
    test::put(tiles() + "/tile/0/001", std::string(100'000, 'x'));
    EXPECT_TRUE(found(audit_tiles(), "too_much_data"));
    std::filesystem::remove(tiles() + "/tile/0/001");
    EXPECT_TRUE(found(audit_tiles(), "wrong_tile"));
}

TEST_F(AuditTest, BundlesThatAreNoneAreFound) {
    const std::string path = tiles() + "/tile/entries/001";
    ledger_.write_tiles(tiles(), ledger_.head());
    const std::string sound = test::get(path);
    for (const std::string& bytes : {sound.substr(0, sound.size() - 1), sound + "x", std::string("\xff\xff"),
                                     std::string(), sound + std::string("\0\0", 2)}) {
        test::put(path, bytes);
        const AuditReport report = audit_tiles();
        EXPECT_TRUE(found(report, "malformed_bundle") || found(report, "missing_leaves")) << reasons(report);
        ASSERT_TRUE(report.first_wrong);
        EXPECT_GE(*report.first_wrong, 256U);
    }
    std::filesystem::remove(path);
    expect_found(audit_tiles(), "missing_leaves", 256);
}

// A whole quorum that lies together: every hash and signature of the head is right, and the rules are broken.
TEST_F(AuditTest, EveryLeafIsAdmittedAgain) {
    struct Case {
        const char* reason;
        std::function<std::string(AuditLedger&)> entry;
    };
    const std::vector<Case> cases = {
        {"repeated_leaf", [](AuditLedger& l) { return l.make_entry("record-5"); }},
        {"repeated_leaf", [](AuditLedger& l) { return l.entries[5]; }},
        {"unknown_reference",
         [](AuditLedger& l) {
             return l.make_entry("x", l.entries.size(), R"([{"rel":"about","source":"a","id":"record-50"}])");
         }},
        {"time_went_back",
         [](AuditLedger& l) {
             const std::string entry = l.make_entry("x");
             return ledger::make_entry(AuditLedger::first_ms, entry.substr(entry.find(' ') + 1));
         }},
        {"bad_signature",
         [](AuditLedger& l) {
             const ledger::Jwk stranger{"a/record-1", ledger::KeyPair::generate()};
             std::swap(l.keys[0].key, const_cast<ledger::KeyPair&>(stranger.key));
             std::string entry = l.make_entry("x");
             std::swap(l.keys[0].key, const_cast<ledger::KeyPair&>(stranger.key));
             return entry;
         }},
        {"unknown_kid",
         [](AuditLedger& l) {
             l.keys[0].kid = "a/record-2";
             std::string entry = l.make_entry("x");
             l.keys[0].kid = "a/record-1";
             return entry;
         }},
        {"source_not_allowed",
         [](AuditLedger& l) {
             std::swap(l.keys[0], l.keys[1]);
             std::string entry = l.make_entry("x");
             std::swap(l.keys[0], l.keys[1]);
             return entry;
         }},
        {"malformed_entry", [](AuditLedger&) { return std::string("not an entry"); }},
        {"malformed_statement", [](AuditLedger&) { return std::string("1700000020000 nothing"); }},
    };
    for (const Case& broken : cases) {
        AuditLedger ledger(20);
        ledger.add_entry(broken.entry(ledger));
        for (int i = 0; i < 10; ++i) ledger.add("later-" + std::to_string(i));
        ledger.write_tiles(tiles(), ledger.head());
        test::put(folder_ / "policy", ledger.policy().to_string());
        const AuditReport report = audit_tiles();
        expect_found(report, broken.reason, 20);
        EXPECT_EQ(report.findings.size(), 1U) << broken.reason << ": " << reasons(report);
        std::filesystem::remove_all(tiles());
    }
}

TEST_F(AuditTest, ReferencesToEarlierLeavesAndWithinBundlesStand) {
    ledger_.add("child", R"([{"rel":"about","source":"a","id":"record-5"}])", "b");
    ledger_.write_tiles(tiles(), ledger_.head());
    EXPECT_TRUE(audit_tiles().passed());
}

TEST_F(AuditTest, HeadsMustSatisfyThePinnedPolicy) {
    ledger_.write_tiles(tiles(), ledger_.head(leaves, {0, 1}));
    EXPECT_TRUE(found(audit_tiles(), "no_quorum"));
    ledger_.write_tiles(tiles(), ledger_.head(leaves, {}));
    EXPECT_TRUE(found(audit_tiles(), "no_quorum"));

    // A signature of a known key that does not verify.
    ledger::Head head = ledger_.head();
    head.note.signatures[1].bytes[20] = static_cast<char>(head.note.signatures[1].bytes[20] ^ 1);
    ledger_.write_tiles(tiles(), head);
    EXPECT_TRUE(found(audit_tiles(), "bad_note_signature"));

    // Another consortium's ledger of the same name.
    const AuditLedger other(10);
    other.write_tiles(folder_ / "other", other.head());
    AuditOptions asked = options();
    asked.source = folder_ / "other";
    EXPECT_FALSE(audit(asked).passed());
}

TEST_F(AuditTest, AMalformedCheckpointIsNoPass) {
    ledger_.write_tiles(tiles(), ledger_.head());
    const std::string sound = test::get(tiles() + "/checkpoint");
    for (const std::string& text :
         {std::string(), sound.substr(0, 40), "x" + sound, sound + "\n\n", std::string(200'000, 'a'),
          std::string(2'000'000, 'a'), std::string("\0\1\2", 3)}) {
        test::put(tiles() + "/checkpoint", text);
        const auto report = run(options());
        EXPECT_FALSE(report && report->passed());
    }
}

TEST_F(AuditTest, APolicyFileThatIsNoneIsWrongInput) {
    ledger_.write_tiles(tiles(), ledger_.head());
    for (const std::string& text :
         {std::string(), std::string("quorum\n"), std::string(300'000, 'x'), std::string("\xff")}) {
        test::put(folder_ / "policy", text);
        const auto report = run(options());
        ASSERT_FALSE(report);
        EXPECT_EQ(report.error().exit, Exit::usage) << report.error().detail;
    }
}

TEST_F(AuditTest, AnotherLedgersPolicyIsRefused) {
    ledger_.write_tiles(tiles(), ledger_.head());
    test::put(folder_ / "policy",
              ledger::consortium_policy("ledger.test/foreign", ledger_.genesis.nodes).to_string());
    EXPECT_TRUE(found(audit_tiles(), "wrong_origin"));
}

TEST_F(AuditTest, APinnedGenesisMustBeLeaf0) {
    ledger_.write_tiles(tiles(), ledger_.head());
    AuditOptions asked = options();
    asked.genesis_hash = ledger::to_hex(ledger::sha256(ledger_.entries[0]));
    EXPECT_TRUE(audit(asked).passed());
    asked.genesis_hash = std::string(64, '0');
    expect_found(audit(asked), "genesis_mismatch", 0);
}

TEST_F(AuditTest, HashesAndSignaturesAloneSeeWhatTheySee) {
    ledger_.entries[300] = ledger_.make_entry("record-5", 300);  // well signed, and stands already
    ledger_.write_tiles(tiles(), ledger_.head());
    AuditOptions asked = options();
    asked.depth = Depth::hashes;
    AuditReport report = audit(asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.coverage.signatures, 1U);  // the genesis'
    EXPECT_FALSE(report.coverage.not_checked.empty());
    asked.depth = Depth::signatures;
    report = audit(asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.coverage.signatures, leaves);
    std::string& entry = ledger_.entries[301];
    entry.back() = entry.back() == 'A' ? 'Q' : 'A';
    ledger_.write_tiles(tiles(), ledger_.head());
    expect_found(audit(asked), "bad_signature", 301);
}

// A level-2 tile needs 65,536 leaves; what the leaves say does not matter to their hashes.
TEST_F(AuditTest, HighTilesAreCompared) {
    constexpr std::size_t size = 256 * 256 + 300;
    while (ledger_.entries.size() < size) ledger_.add_entry("leaf " + std::to_string(ledger_.entries.size()));
    ledger_.write_tiles(tiles(), ledger_.head());
    AuditOptions asked = options();
    asked.depth = Depth::hashes;
    const AuditReport report = audit(asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.coverage.tiles, 258U + 2U + 1U);
    test::put(tiles() + "/tile/2/000.p/1", std::string(32, 'x'));
    const AuditReport altered = audit(asked);
    EXPECT_TRUE(found(altered, "wrong_tile")) << reasons(altered);
    EXPECT_FALSE(altered.first_wrong);
}

TEST_F(AuditTest, LaterPoliciesAreFollowed) {
    // Agency d leaves; from here on two of three suffice, and b, c, a sign.
    ledger::PolicyLeaf next;
    next.nodes = {ledger_.genesis.nodes[0], ledger_.genesis.nodes[1], ledger_.genesis.nodes[2]};
    next.policy = ledger::consortium_policy(AuditLedger::origin, next.nodes, 2);
    const std::size_t leaf = ledger_.add_policy(next, "policy-2");
    for (int i = 0; i < 20; ++i) ledger_.add("after-" + std::to_string(i));

    // The head satisfies the new policy alone: the genesis' policy, which is pinned, needs three.
    ledger_.write_tiles(tiles(), ledger_.head(ledger_.entries.size(), {1, 2}, 1));
    EXPECT_TRUE(found(audit_tiles(), "broken_chain"));
    // The first head after the leaf, signed by both quorums, links the two.
    write_head("link", ledger_.head(leaf + 3, {0, 1, 2}));
    AuditOptions asked = options();
    asked.heads = {folder_ / "link"};
    AuditReport report = audit(asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.governing_leaf, leaf);
    EXPECT_EQ(report.policies, 2U);
    // Who pins the later policy needs no link.
    asked = options();
    test::put(folder_ / "policy", next.policy.to_string());
    report = audit(asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    // And goes on from a state.
    asked.state = folder_ / "state";
    EXPECT_TRUE(audit(asked).passed());
    ledger_.add("much-later");
    ledger_.write_tiles(tiles(), ledger_.head(ledger_.entries.size(), {1, 2}, 1));
    report = audit(asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.governing_leaf, leaf);
}

TEST_F(AuditTest, APolicyWithoutTheRightIsFound) {
    ledger::PolicyLeaf next;
    next.nodes = {ledger_.genesis.nodes[1]};
    next.policy = ledger::consortium_policy(AuditLedger::origin, next.nodes);
    const std::int64_t time_ms = AuditLedger::first_ms + static_cast<std::int64_t>(leaves) * 1'000;
    const std::string record =
        ledger::policy_record(next, AuditLedger::origin, "b", "coup", ledger::format_rfc3339(time_ms));
    ledger_.add_entry(ledger::make_entry(
        time_ms, ledger::sign_statement(ledger_.keys[1], AuditLedger::origin, record, false)));
    ledger_.write_tiles(tiles(), ledger_.head());
    const AuditReport report = audit_tiles();
    EXPECT_FALSE(report.passed());
    EXPECT_EQ(report.first_wrong, leaves) << reasons(report);
}

TEST_F(AuditTest, SourcesThatAreNoneAreSaid) {
    AuditOptions asked = options();
    asked.source = folder_ / "nowhere";
    EXPECT_EQ(run(asked).error().reason, "not_a_source");
    std::filesystem::create_directories(folder_ / "empty");
    asked.source = folder_ / "empty";
    EXPECT_EQ(run(asked).error().reason, "not_a_source");
    asked.source = "http://";
    EXPECT_EQ(run(asked).error().reason, "bad_url");
    asked.source = "http://127.0.0.1:1";
    EXPECT_EQ(run(asked).error().reason, "cannot_connect");
}

}  // namespace
}  // namespace socai::node::audit
