#include "ledger/evidence.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <string>
#include <vector>

#include "small_ledger.hpp"

namespace socai::ledger {
namespace {

using samples::founded;
using samples::key_named;
using samples::SmallLedger;

constexpr std::uint64_t signed_at_s = 1'633'046'401;

Policy pinned() {
    return parse_policy(founded().policy).value();
}

// `size` leaves; those from `fork` on are others in every ledger of another `name`.
SmallLedger ledger_of(std::uint64_t size, std::uint64_t fork = UINT64_MAX, const std::string& name = "x") {
    SmallLedger ledger;
    for (std::uint64_t i = 1; i < size; ++i)
        ledger.append(samples::record("d-" + std::to_string(i) + (i >= fork ? "-" + name : "")),
                      "customs.haiphong/1");
    return ledger;
}

std::vector<Hash> leaves_of(const SmallLedger& ledger, std::uint64_t size) {
    std::vector<Hash> leaves;
    for (std::uint64_t i = 0; i < size; ++i) leaves.push_back(leaf_hash(ledger.entry(i)));
    return leaves;
}

std::vector<Hash> path_of(const SmallLedger& larger, std::uint64_t from, std::uint64_t to) {
    const auto leaves = leaves_of(larger, to);
    const std::uint64_t perfect = from & (~from + 1);
    return fork_path(from, naive::root(naive::Leaves(leaves).subspan(from - perfect, perfect)),
                     naive::proof(from, leaves));
}

Evidence fork_of(const Head& first, const Head& second, std::vector<Hash> path) {
    return {Fork{first, second, std::move(path)}, std::nullopt, {}};
}

std::string reason_of(const Result<Finding>& result) {
    return result ? "holds" : result.error().reason;
}

Note said(const std::string& node, NodeFact fact, const std::string& key = "") {
    return sign_node_statement({std::string(samples::origin), node, std::move(fact)},
                               key_named(key.empty() ? node + " node" : key).key);
}

ProvenEntry introduction() {
    const SmallLedger ledger = ledger_of(3);
    return ledger.proven(0, ledger.head(3));
}

Evidence evidence_of(decltype(Evidence::what) what) {
    return {std::move(what), introduction(), {}};
}

// --- forks

TEST(Evidence, TwoRootsOfOneSize) {
    const auto fork = fork_of(ledger_of(5).head(5), ledger_of(5, 3).head(5), {});
    const auto finding = verify_evidence(fork, pinned());
    ASSERT_TRUE(finding) << finding.error().detail;
    EXPECT_EQ(finding->against.size(), 3U);  // one log key, both cosigners
    EXPECT_NE(finding->sentence.find("the ledger is split"), std::string::npos);
    EXPECT_EQ(parse_evidence(fork.to_json()).value(), fork);
}

TEST(Evidence, EveryForkOfTwoSizesIsShownAndNoHonestPairIs) {
    const SmallLedger honest = ledger_of(11);
    for (std::uint64_t n = 2; n <= 11; ++n) {
        for (std::uint64_t m = 1; m < n; ++m) {
            const Head larger = honest.head(n);
            const auto path = path_of(honest, m, n);
            // The very path that shows a fork shows nothing of two heads that agree.
            EXPECT_EQ(reason_of(verify_evidence(fork_of(honest.head(m), larger, path), pinned())),
                      "not_proven");
            if (m < 2) continue;
            const SmallLedger other = ledger_of(m, m - 1, "y");
            EXPECT_EQ(reason_of(verify_evidence(fork_of(other.head(m), larger, path), pinned())), "holds")
                << m << " " << n;
        }
    }
}

RC_GTEST_PROP(Evidence, NoPathFramesWhoKeptTheRules, ()) {
    static const SmallLedger honest = ledger_of(20);
    const auto n = *rc::gen::inRange<std::uint64_t>(2, 21);
    const auto m = *rc::gen::inRange<std::uint64_t>(1, n);
    auto path = path_of(honest, m, n);
    switch (*rc::gen::inRange(0, 4)) {
        case 0:
            path[*rc::gen::inRange<std::size_t>(0, path.size())] = sha256("another");
            break;
        case 1:
            path.pop_back();
            break;
        case 2:
            path.push_back(sha256("one more"));
            break;
        default:
            std::swap(path.front(), path.back());
    }
    RC_ASSERT(!verify_evidence(fork_of(honest.head(m), honest.head(n), path), pinned()));
}

TEST(Evidence, AForkWithoutACommonKeyIsAgainstNobody) {
    const auto nodes = founded().nodes;
    Head first = ledger_of(5).head(5, {nodes[0]});
    Head second = ledger_of(5, 3).head(5, {nodes[1]});
    std::erase_if(second.note.signatures,
                  [](const NoteSignature& line) { return line.name == samples::origin; });
    EXPECT_EQ(reason_of(verify_evidence(fork_of(first, second, {}), pinned())), "not_proven");
    // The common log key alone is enough.
    second = ledger_of(5, 3).head(5, {nodes[1]});
    const auto finding = verify_evidence(fork_of(first, second, {}), pinned());
    ASSERT_TRUE(finding);
    ASSERT_EQ(finding->against.size(), 1U);
    EXPECT_EQ(finding->against.front().key.type, NoteKeyType::ed25519);
}

TEST(Evidence, ForgedSignaturesAreNoFork) {
    const Head honest = ledger_of(5).head(5);
    Head forged = ledger_of(5, 3).head(5);
    forged.note.signatures = honest.note.signatures;
    EXPECT_EQ(reason_of(verify_evidence(fork_of(honest, forged, {}), pinned())), "bad_note_signature");
    forged.note.signatures.clear();
    sign_note(forged.note, "somebody", key_named("somebody").key);
    EXPECT_EQ(reason_of(verify_evidence(fork_of(honest, forged, {}), pinned())), "not_proven");
}

TEST(Evidence, ForksThatShowNothing) {
    const SmallLedger ledger = ledger_of(6);
    EXPECT_EQ(reason_of(verify_evidence(fork_of(ledger.head(5), ledger.head(5), {}), pinned())),
              "not_proven");
    EXPECT_EQ(
        reason_of(verify_evidence(fork_of(ledger.head(6), ledger.head(5), path_of(ledger, 5, 6)), pinned())),
        "not_proven");
    EXPECT_EQ(reason_of(verify_evidence(fork_of(ledger.head(5), ledger_of(6, 3).head(6), {}), pinned())),
              "not_proven");
    EXPECT_EQ(reason_of(verify_evidence(
                  fork_of(ledger.head(5), ledger_of(5, 3).head(5), std::vector<Hash>(1)), pinned())),
              "not_proven");
}

// --- votes and appends

TEST(Evidence, TwoVotesInOneTerm) {
    const auto votes = evidence_of(DoubleVote{said("most-1", Vote{7, 1}), said("most-1", Vote{7, 2})});
    const auto finding = verify_evidence(votes, pinned());
    ASSERT_TRUE(finding) << finding.error().detail;
    ASSERT_EQ(finding->against.size(), 1U);
    EXPECT_EQ(finding->against[0].name, "most-1." + std::string(samples::origin));
    EXPECT_EQ(parse_evidence(votes.to_json()).value(), votes);
}

TEST(Evidence, VotesThatFrameNobody) {
    const auto reason = [](Note first, Note second) {
        return reason_of(
            verify_evidence(evidence_of(DoubleVote{std::move(first), std::move(second)}), pinned()));
    };
    EXPECT_EQ(reason(said("most-1", Vote{7, 1}), said("most-1", Vote{8, 2})), "not_proven");
    EXPECT_EQ(reason(said("most-1", Vote{7, 1}), said("most-1", Vote{7, 1})), "not_proven");
    EXPECT_EQ(reason(said("most-1", Vote{7, 1}), said("customs-1", Vote{7, 2})), "not_proven");
    // Another key under the node's name: unknown, so nobody known signed.
    EXPECT_NE(reason(said("most-1", Vote{7, 1}), said("most-1", Vote{7, 2}, "an enemy")), "holds");
    EXPECT_NE(reason(said("most-9", Vote{7, 1}), said("most-9", Vote{7, 2})), "holds");
    // A leaf that the quorum did not sign introduces nobody.
    auto votes = evidence_of(DoubleVote{said("most-1", Vote{7, 1}), said("most-1", Vote{7, 2})});
    const SmallLedger ledger = ledger_of(3);
    votes.introduction = ledger.proven(0, ledger.head(3, {founded().nodes[0]}));
    EXPECT_EQ(reason_of(verify_evidence(votes, pinned())), "no_quorum");
    votes.introduction = ledger.proven(1, ledger.head(3));
    EXPECT_EQ(reason_of(verify_evidence(votes, pinned())), "wrong_introduction");
    votes.introduction->entry = ledger.entry(0);
    EXPECT_EQ(reason_of(verify_evidence(votes, pinned())), "wrong_proof");
}

LogEntry leaf_entry(std::uint64_t term, const std::string& payload) {
    return {term, LogEntryKind::leaf, leaf_hash(payload), std::nullopt, payload};
}
std::string good_entry(const std::string& id) {
    return make_entry(samples::now_ms, samples::statement(samples::record(id), "customs.haiphong/1")->text);
}
const LogPlace start{10, 6, sha256("start")};

SignedAppend append_of(const std::string& node, std::uint64_t term, const LogPlace& previous,
                       std::vector<LogEntry> entries) {
    const auto places = places_after(previous, entries);
    return {said(node, AppendHeader{term, previous, places.empty() ? previous : places.back()}),
            std::move(entries)};
}

TEST(Evidence, ALeaderThatSentTwoContentsForOneIndex) {
    const std::vector<LogEntry> some = {leaf_entry(7, good_entry("a")), leaf_entry(7, good_entry("b"))};
    const std::vector<LogEntry> others = {leaf_entry(7, good_entry("c")), leaf_entry(7, good_entry("d")),
                                          leaf_entry(7, good_entry("e"))};
    const auto twice = evidence_of(
        ContradictingAppends{append_of("most-1", 7, start, some), append_of("most-1", 7, start, others)});
    ASSERT_TRUE(verify_evidence(twice, pinned())) << verify_evidence(twice, pinned()).error().detail;
    EXPECT_EQ(parse_evidence(twice.to_json()).value(), twice);

    const auto reason = [](SignedAppend first, SignedAppend second) {
        return reason_of(verify_evidence(
            evidence_of(ContradictingAppends{std::move(first), std::move(second)}), pinned()));
    };
    // Another term, another leader, a longer part of the same log: no contradiction.
    EXPECT_EQ(reason(append_of("most-1", 7, start, some), append_of("most-1", 8, start, others)),
              "not_proven");
    EXPECT_EQ(reason(append_of("most-1", 7, start, some), append_of("customs-1", 7, start, others)),
              "not_proven");
    EXPECT_EQ(reason(append_of("most-1", 7, start, some), append_of("most-1", 7, start, {some[0]})),
              "not_proven");
    const auto places = places_after(start, some);
    EXPECT_EQ(reason(append_of("most-1", 7, start, some), append_of("most-1", 7, places.back(), others)),
              "not_proven");
    // Entries that the header does not commit to.
    auto framed = append_of("most-1", 7, start, some);
    framed.entries = others;
    EXPECT_EQ(reason(append_of("most-1", 7, start, some), framed), "not_proven");
}

TEST(Evidence, EntriesThatNoHonestLeaderSends) {
    const auto reason = [](std::vector<LogEntry> entries) {
        return reason_of(verify_evidence(
            evidence_of(ForgedAppend{append_of("most-1", 7, start, std::move(entries))}), pinned()));
    };
    const auto good = leaf_entry(7, good_entry("a"));
    EXPECT_EQ(reason({good}), "not_proven");
    EXPECT_EQ(reason({good, leaf_entry(7, "no entry")}), "holds");
    EXPECT_EQ(reason({leaf_entry(7, "1633046400000 no.state.ment"), good}), "holds");
    const Jwk enemy{"customs.haiphong/1", key_named("an enemy").key};
    const std::string record = samples::text(samples::record("a"));
    EXPECT_EQ(reason({leaf_entry(7, make_entry(1, sign_statement(enemy, samples::origin, record, false)))}),
              "holds");
    EXPECT_EQ(reason({leaf_entry(7, make_entry(1, sign_statement(key_named("customs.haiphong/1"), "elsewhere",
                                                                 record, false)))}),
              "holds");
    EXPECT_EQ(reason({leaf_entry(5, good_entry("a")), good}), "holds");
    EXPECT_EQ(reason({leaf_entry(8, good_entry("a")), good}), "holds");
    EXPECT_EQ(reason({{7, LogEntryKind::noop, sha256("word"), std::nullopt, std::nullopt}}), "holds");
    EXPECT_EQ(reason({{7, LogEntryKind::noop, sha256({}), std::nullopt, std::nullopt}}), "not_proven");
}

TEST(Evidence, EntriesThatFrameNobody) {
    // A kid that the genesis does not know may have been registered since.
    const Jwk stranger{"customs.haiphong/new", key_named("new").key};
    const std::string statement =
        sign_statement(stranger, samples::origin, samples::text(samples::record("a")), false);
    auto forged =
        evidence_of(ForgedAppend{append_of("most-1", 7, start, {leaf_entry(7, make_entry(1, statement))})});
    EXPECT_EQ(reason_of(verify_evidence(forged, pinned())), "not_proven");
    // Bytes that the digest, and so the leader's signature, does not commit to.
    auto append = append_of("most-1", 7, start, {leaf_entry(7, good_entry("a"))});
    append.entries[0].payload = "no entry";
    EXPECT_EQ(reason_of(verify_evidence(evidence_of(ForgedAppend{append}), pinned())), "not_proven");
    append.entries[0] = leaf_entry(7, "no entry");
    EXPECT_EQ(reason_of(verify_evidence(evidence_of(ForgedAppend{append}), pinned())), "not_proven");
}

// --- promises

constexpr std::int64_t include_by_ms = (static_cast<std::int64_t>(signed_at_s) - 1) * 1'000;

Evidence broken_promise(const SmallLedger& ledger, const std::string& id,
                        std::int64_t include_by = include_by_ms,
                        const std::vector<GenesisNode>& nodes = founded().nodes) {
    const auto statement = samples::statement(samples::record(id), "customs.haiphong/1");
    const Promise promise{include_by - 10'000,
                          include_by,
                          sha256(statement->text),
                          {{"customs.haiphong", id, statement->records[0].digest}}};
    return evidence_of(
        BrokenPromise{said("most-1", promise), ledger.head(ledger.size(), nodes, signed_at_s)});
}

std::string read_log(const Evidence& evidence, const SmallLedger& ledger, std::uint64_t leaves) {
    AbsenceCheck check(std::get<BrokenPromise>(evidence.what));
    for (std::uint64_t i = 0; i < leaves; ++i) check.add(ledger.entry(i));
    const auto absent = check.finish();
    return absent ? "absent" : absent.error().reason;
}

TEST(Evidence, APromiseThatWasNotKept) {
    const SmallLedger ledger = ledger_of(6);
    const auto broken = broken_promise(ledger, "promised");
    ASSERT_TRUE(verify_evidence(broken, pinned())) << verify_evidence(broken, pinned()).error().detail;
    EXPECT_EQ(parse_evidence(broken.to_json()).value(), broken);
    EXPECT_EQ(read_log(broken, ledger, 6), "absent");
    // Not the whole log, or another one, shows nothing.
    EXPECT_EQ(read_log(broken, ledger, 5), "wrong_root");
    EXPECT_EQ(read_log(broken, ledger_of(6, 2), 6), "wrong_root");
}

TEST(Evidence, APromiseThatWasKept) {
    const SmallLedger ledger = ledger_of(6);
    EXPECT_EQ(read_log(broken_promise(ledger, "d-4"), ledger, 6), "not_proven");
    // Also in a bundle with others.
    SmallLedger bundled;
    bundled.append(make_entry(
        samples::now_ms,
        samples::bundle({samples::record("p-1"), samples::record("p-2")}, "customs.haiphong/1")->text));
    EXPECT_EQ(read_log(broken_promise(bundled, "p-2"), bundled, 2), "not_proven");
}

TEST(Evidence, PromisesThatFrameNobody) {
    const SmallLedger ledger = ledger_of(6);
    const auto reason = [](const Evidence& evidence) {
        return reason_of(verify_evidence(evidence, pinned()));
    };
    // The time had not yet passed by a whole second; the promising node was not there; no quorum.
    EXPECT_EQ(reason(broken_promise(ledger, "p", include_by_ms + 1'000)), "not_proven");
    EXPECT_EQ(reason(broken_promise(ledger, "p", include_by_ms, {founded().nodes[0]})), "no_quorum");
    auto evidence = broken_promise(ledger, "p");
    std::get<BrokenPromise>(evidence.what).promise = said("most-1", Vote{1, 1});
    EXPECT_EQ(reason(evidence), "not_proven");
}

TEST(Evidence, ARefusalInTimeDefeatsABrokenPromise) {
    const auto broken = broken_promise(ledger_of(6), "promised");
    const Hash statement =
        sha256(samples::statement(samples::record("promised"), "customs.haiphong/1")->text);
    const auto at_ms = static_cast<std::int64_t>(signed_at_s) * 1'000;
    const auto reason = [&](const Note& refusal) {
        const auto refused = verify_refusal(broken, refusal, pinned());
        return refused ? "defeated" : refused.error().reason;
    };
    EXPECT_EQ(reason(said("most-1", Refusal{statement, at_ms, "unknown_reference", 5})), "defeated");
    EXPECT_EQ(reason(said("most-1", Refusal{statement, at_ms + 1'000, "unknown_reference", 5})),
              "not_proven");
    EXPECT_EQ(reason(said("most-1", Refusal{sha256("other"), at_ms, "unknown_reference", 5})), "not_proven");
    EXPECT_EQ(reason(said("customs-1", Refusal{statement, at_ms, "unknown_reference", 5})), "not_proven");
    EXPECT_NE(reason(said("most-1", Refusal{statement, at_ms, "unknown_reference", 5}, "an enemy")),
              "defeated");
}

// --- hostile files

TEST(Evidence, HostileFilesAreRefused) {
    const std::string good =
        evidence_of(DoubleVote{said("most-1", Vote{7, 1}), said("most-1", Vote{7, 2})}).to_json();
    ASSERT_TRUE(parse_evidence(good));
    const auto changed = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        text.replace(text.find(from), from.size(), to);
        return text;
    };
    for (const std::string& text :
         {std::string(), std::string("{}"), std::string("[]"), std::string("null"), good + good,
          changed("double_vote", "fork"), changed("double_vote", "treason"), changed("\"first\"", "\"fist\""),
          changed("\"policies\":[]", "\"policies\":{}"), changed("\"policies\":[]", "\"policies\":[1]"),
          changed("\"introduction\":{", "\"introduction\":null,\"x\":{"), good.substr(0, good.size() / 2),
          std::string(100'000, '['), std::string(max_evidence_bytes + 1, ' ')}) {
        const auto parsed = parse_evidence(text);
        ASSERT_FALSE(parsed) << text.substr(0, 200);
        EXPECT_FALSE(parsed.error().detail.empty());
    }
    const std::string fork = fork_of(ledger_of(5).head(5), ledger_of(5, 3).head(5), {}).to_json();
    std::string long_path = fork;
    std::string hashes;
    for (std::size_t i = 0; i <= max_fork_path; ++i) hashes += (i > 0 ? ",\"" : "\"") + to_hex(Hash{}) + "\"";
    long_path.replace(long_path.find("\"path\":[]"), 9, "\"path\":[" + hashes + "]");
    EXPECT_FALSE(parse_evidence(long_path));
}

RC_GTEST_PROP(Evidence, AnyByteChangedIsRefusedOrChangesNothing, ()) {
    static const std::string good =
        evidence_of(DoubleVote{said("most-1", Vote{7, 1}), said("most-1", Vote{7, 2})}).to_json();
    static const auto finding = verify_evidence(parse_evidence(good).value(), pinned()).value();
    std::string text = good;
    text[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
    const auto parsed = parse_evidence(text);
    if (!parsed) return;
    const auto verified = verify_evidence(*parsed, pinned());
    if (verified) RC_ASSERT(verified->against == finding.against);
}

}  // namespace
}  // namespace socai::ledger
