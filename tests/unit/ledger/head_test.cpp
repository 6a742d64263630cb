#include "ledger/head.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "tests/unit/ledger/small_ledger.hpp"

namespace socai::ledger {
namespace {

using samples::node_named;

std::vector<GenesisNode> nodes_of(int agencies, int each) {
    std::vector<GenesisNode> nodes;
    for (int a = 0; a < agencies; ++a) {
        for (int n = 0; n < each; ++n) {
            nodes.push_back(node_named("n" + std::to_string(a) + "-" + std::to_string(n),
                                       "a" + std::to_string(a), nodes.size() + 1));
        }
    }
    return nodes;
}

// A head of the log of the first node, cosigned by those.
Head head_of(const std::vector<GenesisNode>& nodes, const std::vector<std::size_t>& cosigners) {
    const Checkpoint checkpoint{std::string(samples::origin), 7, sha256("root")};
    Head head{checkpoint, {checkpoint.to_string(), {}}};
    sign_note(head.note, samples::origin, samples::key_named(nodes[0].name + " log").key);
    for (const std::size_t i : cosigners) {
        cosign_note(head.note, nodes[i].agency + "." + std::string(samples::origin),
                    samples::key_named(nodes[i].name + " cosigner").key, 100 + i);
    }
    return head;
}

TEST(Head, ComesBackFromItsText) {
    const samples::SmallLedger ledger;
    const Head head = ledger.head(1);
    const auto parsed = parse_head(head.note.to_string());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, head);
    EXPECT_EQ(parse_head("text\n").error().reason, "malformed_note");
    Note note{"text\n", {}};
    sign_note(note, "log", samples::key_named("log").key);
    EXPECT_EQ(parse_head(note.to_string()).error().reason, "malformed_checkpoint");
}

TEST(Head, CountsAgenciesNotNodes) {
    const auto nodes = nodes_of(4, 2);
    const Policy policy = consortium_policy(samples::origin, nodes);
    EXPECT_TRUE(check_head(policy, head_of(nodes, {0, 2, 4})));
    EXPECT_TRUE(check_head(policy, head_of(nodes, {1, 3, 7})));
    const auto two = check_head(policy, head_of(nodes, {0, 1, 2, 3}));
    ASSERT_FALSE(two);
    EXPECT_EQ(two.error().reason, "no_quorum");
    EXPECT_NE(two.error().detail.find("n2-0, n2-1, n3-0, n3-1"), std::string::npos) << two.error().detail;
}

TEST(Head, SaysWhoSignedAndWhen) {
    const auto nodes = nodes_of(3, 1);
    const Policy policy = consortium_policy(samples::origin, nodes);
    Head head = head_of(nodes, {2, 0});
    cosign_note(head.note, nodes[2].agency + "." + std::string(samples::origin),
                samples::key_named(nodes[2].name + " cosigner").key, 99);
    const auto signers = head_signers(policy, head);
    ASSERT_TRUE(signers);
    EXPECT_EQ(signers->logs, std::vector<std::size_t>{0});
    ASSERT_EQ(signers->cosigners.size(), 2U);
    EXPECT_EQ(signers->cosigners[0].witness, 0U);
    EXPECT_EQ(signers->cosigners[0].time_s, 100U);
    EXPECT_EQ(signers->cosigners[1].witness, 2U);
    EXPECT_EQ(signers->cosigners[1].time_s, 102U);  // the later of two
    EXPECT_FALSE(signers->quorum);
}

TEST(Head, RefusesWhatItsPolicyDoesNotKnow) {
    const auto nodes = nodes_of(3, 1);
    const Policy policy = consortium_policy(samples::origin, nodes);
    EXPECT_EQ(
        check_head(consortium_policy("other.example/log", nodes), head_of(nodes, {0, 1, 2})).error().reason,
        "wrong_origin");
    // A node's log line is needed besides, and one of another name does not count.
    Head unsigned_head = head_of(nodes, {0, 1, 2});
    unsigned_head.note.signatures.erase(unsigned_head.note.signatures.begin());
    EXPECT_EQ(check_head(policy, unsigned_head).error().reason, "no_known_signature");
    Policy two = policy;
    two.logs.push_back(
        {{"other.example/log", NoteKeyType::ed25519, samples::key_named("other").key.public_key()}, ""});
    sign_note(unsigned_head.note, "other.example/log", samples::key_named("other").key);
    EXPECT_EQ(check_head(two, unsigned_head).error().reason, "no_known_signature");
    // A known key with a bad line spoils the whole, even where the rest would be enough.
    Head spoilt = head_of(nodes, {0, 1, 2});
    spoilt.note.signatures.back().bytes[20] ^= 1;
    Policy one = consortium_policy(samples::origin, nodes, 1);
    EXPECT_EQ(check_head(one, spoilt).error().reason, "bad_note_signature");
    // A cosigner's key does not sign as a log.
    Head posing = head_of(nodes, {0, 1, 2});
    posing.note.signatures.erase(posing.note.signatures.begin());
    sign_note(posing.note, samples::origin, samples::key_named(nodes[0].name + " cosigner").key);
    EXPECT_EQ(check_head(policy, posing).error().reason, "no_known_signature");
}

TEST(Head, NeedsTheWitnessesFromOutsideToo) {
    const auto nodes = nodes_of(3, 1);
    const PolicyWitness court{
        "court",
        {"court.example", NoteKeyType::cosignature, samples::key_named("court").key.public_key()},
        ""};
    const Policy policy = consortium_policy(samples::origin, nodes, std::nullopt, {court});
    ASSERT_EQ(*parse_policy(policy.to_string()), policy);
    Head head = head_of(nodes, {0, 1, 2});
    EXPECT_EQ(check_head(policy, head).error().reason, "no_quorum");
    cosign_note(head.note, "court.example", samples::key_named("court").key, 5);
    EXPECT_TRUE(check_head(policy, head));
}

TEST(Head, QuorumNoneIsAlwaysMet) {
    const auto nodes = nodes_of(1, 1);
    Policy policy = consortium_policy(samples::origin, nodes);
    policy.quorum = "none";
    EXPECT_TRUE(meets_quorum(policy, {}));
    EXPECT_TRUE(check_head(policy, head_of(nodes, {})));
}

// The threshold of a consortium of n agencies is ceil((2n + 1) / 3).
TEST(Head, TheUsualQuorumIsMoreThanTwoThirds) {
    const std::vector<std::uint32_t> wanted{1, 2, 3, 3, 4, 5, 5, 6, 7, 7};
    for (std::size_t n = 1; n <= wanted.size(); ++n) {
        const Policy policy = consortium_policy(samples::origin, nodes_of(static_cast<int>(n), 1));
        EXPECT_EQ(policy.groups.back().threshold, wanted[n - 1]) << n;
        EXPECT_EQ(*parse_policy(policy.to_string()), policy);
    }
}

RC_GTEST_PROP(Head, ATrimmedHeadIsEnoughAndNoLineTooMany, ()) {
    const int agencies = *rc::gen::inRange(1, 8);
    const int each = *rc::gen::inRange(1, 4);
    const auto nodes = nodes_of(agencies, each);
    const Policy policy = consortium_policy(samples::origin, nodes);
    std::vector<std::size_t> cosigners;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (*rc::gen::inRange(0, 4) != 0) cosigners.push_back(i);
    }
    const Head head = head_of(nodes, cosigners);
    std::set<std::string> agency_names;
    for (const std::size_t i : cosigners) agency_names.insert(nodes[i].agency);
    const std::size_t k = policy.groups.back().threshold;
    RC_ASSERT(meets_quorum(policy, cosigners) == (agency_names.size() >= k));
    RC_ASSERT(check_head(policy, head).has_value() == (agency_names.size() >= k));
    if (agency_names.size() < k) return;
    Head trimmed = trimmed_head(policy, head);
    RC_ASSERT(trimmed.note.signatures.size() == 1 + k);
    RC_ASSERT(check_head(policy, trimmed).has_value());
    RC_ASSERT(trimmed_head(policy, trimmed) == trimmed);
    trimmed.note.signatures.pop_back();
    RC_ASSERT(!check_head(policy, trimmed).has_value());
}

TEST(Head, AFingerprintCanBeReadOverTheTelephone) {
    const Policy none;
    // SHA-256("quorum none\n")
    const Hash hash = sha256("quorum none\n");
    const std::string text = policy_fingerprint(none);
    EXPECT_EQ(text.size(), 8U * 5 + 7);
    EXPECT_EQ(std::stoi(text.substr(0, 5)), hash[0] * 256 + hash[1]);
    EXPECT_EQ(std::stoi(text.substr(42, 5)), hash[14] * 256 + hash[15]);
    EXPECT_EQ(std::ranges::count(text, ' '), 7);
}

}  // namespace
}  // namespace socai::ledger
