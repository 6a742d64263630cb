#include "node/finality.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <random>
#include <thread>

#include "head_signing.hpp"
#include "ledger/entry.hpp"
#include "temporary_folder.hpp"

namespace socai::node {
namespace {

using test::Consortium;
using test::GrowingTree;
using test::TemporaryFolder;
using namespace std::chrono_literals;

bool wait_until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

// Nodes in one process: parcels pass by function call, through a filter that the test sets.
class FinalityTest : public ::testing::Test {
  protected:
    struct Node {
        TemporaryFolder folder;
        std::unique_ptr<GrowingTree> tree;
        std::unique_ptr<Cosigner> cosigner;
        std::unique_ptr<PolicyBook> policies;
        std::unique_ptr<FinalHeads> heads;
        std::unique_ptr<Finality> finality;
        std::atomic<std::uint64_t> told = 0;
        std::atomic<int> evidence = 0, fatal = 0, hurried = 0;
    };
    // What becomes of a parcel: it is given on as often as the list is long.
    using Filter =
        std::function<std::vector<network::Parcel>(std::size_t from, std::size_t to, network::Parcel)>;

    ~FinalityTest() override {
        for (auto& node : nodes_)
            if (node->finality) node->finality->stop();
    }

    void start(std::size_t count, std::size_t governing = 4) {
        consortium_.extend(count);
        for (std::size_t i = 0; i < count; ++i) {
            nodes_.push_back(std::make_unique<Node>());
            nodes_[i]->tree =
                std::make_unique<GrowingTree>(tree_names_.contains(i) ? tree_names_[i] : "leaf");
        }
        for (std::size_t i = 0; i < count; ++i) open(i, governing);
        for (auto& node : nodes_) node->finality->start();
    }
    void open(std::size_t i, std::size_t governing = 4, bool is_new = true) {
        Node& node = *nodes_[i];
        node.finality.reset();
        node.cosigner.reset();
        const Member self = consortium_.member(i);
        auto cosigner = Cosigner::open(node.folder / "cosigned", self.agency + "." + Consortium::origin,
                                       consortium_.nodes[i].cosigner, is_new && !silent_.contains(i),
                                       [] { return std::int64_t{1'700'000'000'000}; });
        if (cosigner) node.cosigner = std::move(*cosigner);
        node.policies = std::make_unique<PolicyBook>(consortium_.policy_of(0, governing));
        node.heads = std::make_unique<FinalHeads>(node.folder / "final", Consortium::origin, *node.policies,
                                                  *node.tree);
        EXPECT_TRUE(node.heads->load());
        Finality::Hooks hooks;
        hooks.send = [this, i](consensus::NodeId to, network::Parcel parcel) {
            send(i, to.value - 1, std::move(parcel));
            return true;
        };
        hooks.others = [this, i] {
            std::vector<consensus::NodeId> others;
            for (std::size_t other = 0; other < nodes_.size(); ++other)
                if (other != i) others.push_back({other + 1});
            return others;
        };
        hooks.member = [this](consensus::NodeId id) {
            return std::optional(consortium_.member(id.value - 1));
        };
        hooks.applied = [&node] { return node.tree->size(); };
        hooks.policy_leaves = [this](std::uint64_t from, std::uint64_t to) {
            const std::lock_guard lock(mutex_);
            std::vector<std::uint64_t> leaves;
            for (const auto& [leaf, entry] : policy_entries_)
                if (leaf >= from && leaf < to) leaves.push_back(leaf);
            return std::optional(leaves);
        };
        hooks.entry = [this](std::uint64_t leaf) {
            const std::lock_guard lock(mutex_);
            return std::optional(policy_entries_.at(leaf));
        };
        hooks.final = [&node](std::uint64_t size) { node.told = size; };
        hooks.evidence = [&node](const ledger::Head&, const std::string&) { ++node.evidence; };
        hooks.fatal = [&node](std::string, std::string) { ++node.fatal; };
        hooks.for_outside = [&node] { ++node.hurried; };
        node.finality = std::make_unique<Finality>(
            Consortium::origin, self, consortium_.nodes[i].log, node.cosigner.get(), *node.policies,
            *node.heads, *node.tree,
            Finality::Options{.pace = 2ms, .first_wait = 20ms, .most_wait = 50ms, .write_interval = 10ms},
            std::move(hooks));
    }

    void send(std::size_t from, std::size_t to, network::Parcel parcel) {
        std::vector<network::Parcel> parcels;
        {
            const std::lock_guard lock(mutex_);
            if (to >= nodes_.size() || cut_.contains(from) || cut_.contains(to)) return;
            parcels = filter_ ? filter_(from, to, std::move(parcel)) : std::vector{std::move(parcel)};
        }
        for (const auto& each : parcels) nodes_[to]->finality->on_parcel({from + 1}, each);
    }
    void cut(std::set<std::size_t> nodes) {
        const std::lock_guard lock(mutex_);
        cut_ = std::move(nodes);
    }
    void filter(Filter filter) {
        const std::lock_guard lock(mutex_);
        filter_ = std::move(filter);
    }
    void grow(std::uint64_t size) {
        for (auto& node : nodes_) {
            node->tree->grow_to(size);
            node->finality->applied();
        }
    }
    // A policy as the leaf `leaf`; the trees know nothing of its bytes, which is no business of finality's.
    void add_policy(std::uint64_t leaf, const std::vector<std::size_t>& members) {
        add_policy(leaf, consortium_.leaf_of(members));
    }
    void add_policy(std::uint64_t leaf, const ledger::PolicyLeaf& policy) {
        const ledger::Jwk key{"a0/record-1", ledger::KeyPair::generate()};
        const std::string record = ledger::policy_record(
            policy, Consortium::origin, "a0", "policy-" + std::to_string(leaf), "2026-01-01T00:00:00Z");
        const std::lock_guard lock(mutex_);
        policy_entries_[leaf] =
            ledger::make_entry(1, ledger::sign_statement(key, Consortium::origin, record, false));
    }
    void lead(std::size_t node, std::uint64_t term) {
        for (std::size_t i = 0; i < nodes_.size(); ++i)
            nodes_[i]->finality->leads(i == node ? std::optional(consensus::Term{term}) : std::nullopt);
    }
    testing::AssertionResult final_at_all(std::uint64_t size, std::set<std::size_t> but = {}) {
        const bool reached = wait_until([&] {
            for (std::size_t i = 0; i < nodes_.size(); ++i)
                if (!but.contains(i) && nodes_[i]->told < size) return false;
            return true;
        });
        if (reached) return testing::AssertionSuccess();
        auto failure = testing::AssertionFailure() << "not final within a minute:";
        for (const auto& node : nodes_) failure << " " << node->told;
        return failure;
    }

    std::mutex mutex_;  // guards filter_, cut_, policy_entries_
    Filter filter_;
    std::set<std::size_t> cut_;
    std::map<std::uint64_t, std::string> policy_entries_;
    std::map<std::size_t, std::string> tree_names_;  // of nodes whose tree is another
    std::set<std::size_t> silent_;                   // whose cosigner's state is lost
    Consortium consortium_{4};
    std::vector<std::unique_ptr<Node>> nodes_;
};

TEST_F(FinalityTest, WhatALeaderAnnouncesBecomesFinalEverywhere) {
    start(4);
    lead(0, 2);
    for (const std::uint64_t size : {1U, 2U, 50U, 51U, 300U}) {
        grow(size);
        ASSERT_TRUE(final_at_all(size));
    }
    for (const auto& node : nodes_) {
        EXPECT_TRUE(ledger::check_head(consortium_.policy_of(0, 4)->value.policy, *node->heads->latest()));
        EXPECT_EQ(node->finality->final_size(), 300U);
        EXPECT_EQ(node->evidence, 0);
    }
    EXPECT_EQ(nodes_[0]->heads->signed_by(consortium_.member(0).cosigner_key), 300U);
}

TEST_F(FinalityTest, BelowTheQuorumNothingIsFinalUntilItIsBack) {
    start(4);
    lead(0, 2);
    grow(5);
    ASSERT_TRUE(final_at_all(5));
    cut({2, 3});
    grow(9);
    ASSERT_TRUE(wait_until([&] { return nodes_[1]->cosigner->last(Consortium::origin).size == 9; }));
    ASSERT_TRUE(wait_until([&] { return nodes_[0]->finality->metrics().announced >= 5; })) << "tried again";
    EXPECT_EQ(nodes_[0]->told, 5U);
    cut({});
    EXPECT_TRUE(final_at_all(9));
}

TEST_F(FinalityTest, ANewLeaderGoesOn) {
    start(4);
    lead(0, 2);
    grow(5);
    ASSERT_TRUE(final_at_all(5));
    cut({0});
    grow(8);
    lead(1, 3);
    ASSERT_TRUE(final_at_all(8, {0}));
    cut({});
    EXPECT_TRUE(final_at_all(8)) << "the old one hears of it";
}

TEST_F(FinalityTest, LostAndRepeatedParcelsCostTimeOnly) {
    start(4);
    // Not in turn: a leader's parcels to three others would always lose the same one.
    filter([random = std::minstd_rand(1)](std::size_t, std::size_t, network::Parcel parcel) mutable {
        const auto luck = random() % 4;
        if (luck == 0) return std::vector<network::Parcel>();
        return luck == 1 ? std::vector{parcel, parcel} : std::vector{parcel};
    });
    lead(0, 2);
    for (std::uint64_t size = 1; size < 40; size += 3) {
        grow(size);
        ASSERT_TRUE(final_at_all(size)) << size;
    }
    for (const auto& node : nodes_) EXPECT_EQ(node->evidence, 0);
}

TEST_F(FinalityTest, BadLinesOfOneNodeSpoilNothing) {
    start(4);
    filter([this](std::size_t from, std::size_t, network::Parcel parcel) {
        const auto signatures = decode_signatures(parcel);
        if (from != 3 || !signatures) return std::vector{parcel};
        auto head = ledger::parse_head(signatures->note).value();
        for (auto& line : head.note.signatures) line.bytes.back() ^= 1;
        return std::vector{encode_signatures({head.note.to_string()}), encode_signatures({"rubbish"}),
                           encode_signatures({consortium_.head(1'000'000, {}, {3}).note.to_string()}),
                           encode_signatures({consortium_.head(7, {}, {2}).note.to_string()})};
    });
    lead(0, 2);
    grow(7);
    ASSERT_TRUE(final_at_all(7));
    ASSERT_TRUE(wait_until([&] {
        return nodes_[0]->finality->metrics().bad_lines > 0 || nodes_[0]->finality->metrics().completed > 0;
    }));
    EXPECT_EQ(nodes_[0]->fatal, 0);
}

TEST_F(FinalityTest, ACosignatureOfAnotherTreeIsKeptAsEvidence) {
    tree_names_[3] = "another";
    start(4);
    // The liar's answer comes before the others' are taken.
    filter([this](std::size_t from, std::size_t to, network::Parcel parcel) {
        if (from != 3 && to == 0 && decode_signatures(parcel) && nodes_[0]->evidence == 0)
            return std::vector<network::Parcel>();
        return std::vector{parcel};
    });
    lead(0, 2);
    grow(7);
    ASSERT_TRUE(wait_until([&] { return nodes_[0]->evidence > 0; }));
    ASSERT_TRUE(final_at_all(7, {3})) << "three of four agree";
    EXPECT_EQ(nodes_[0]->fatal, 0) << "one liar stops nobody";
    ASSERT_TRUE(wait_until([&] { return nodes_[3]->fatal > 0; })) << "whose tree is another stops";
    EXPECT_GT(nodes_[3]->evidence, 0);
    EXPECT_EQ(nodes_[3]->told, 0U);
}

// Also when the same key is known to have signed more of this node's tree since: it signed both.
TEST_F(FinalityTest, AnOlderCosignatureOfAnotherTreeIsEvidenceToo) {
    start(4);
    lead(0, 2);
    grow(9);
    ASSERT_TRUE(final_at_all(9));
    ledger::Hash other = nodes_[1]->tree->root(5);
    other[0] ^= 1;
    nodes_[1]->finality->on_parcel({4},
                                   encode_signatures({consortium_.head(5, other, {3}).note.to_string()}));
    EXPECT_TRUE(wait_until([&] { return nodes_[1]->evidence > 0; }));
    EXPECT_EQ(nodes_[1]->fatal, 0);
}

TEST_F(FinalityTest, NoiseIsIgnored) {
    start(4);
    lead(0, 2);
    for (const std::uint16_t kind : {16, 17, 18, 19}) {
        for (const std::string& body : {std::string(), std::string("x"), std::string(30, '\xff')})
            nodes_[0]->finality->on_parcel({2}, {kind, body});
    }
    EXPECT_FALSE(nodes_[0]->finality->on_parcel({2}, {1, "another's"}));
    nodes_[1]->finality->on_parcel({3}, encode_announcement({9, 1'000'000, 1'000'000}));
    nodes_[1]->finality->on_parcel({3}, encode_final_heads({{"rubbish"}}));
    grow(3);
    EXPECT_TRUE(final_at_all(3));
}

TEST_F(FinalityTest, ANodeWhoseStateIsLostSignsNothing) {
    silent_ = {3};
    start(4);
    lead(3, 2);  // it may lead all the same
    grow(6);
    ASSERT_TRUE(final_at_all(6));
    EXPECT_EQ(nodes_[3]->finality->metrics().cosigned, 0U);
    EXPECT_EQ(nodes_[0]->heads->signed_by(consortium_.member(3).cosigner_key), 0U);
}

TEST_F(FinalityTest, APolicyComesIntoForceWithBothQuorums) {
    start(6);  // 4 and 5 have no say yet
    lead(0, 2);
    grow(10);
    ASSERT_TRUE(final_at_all(10));
    add_policy(12, {0, 1, 4, 5});
    cut({2});
    grow(20);
    ASSERT_TRUE(final_at_all(20, {2}));
    cut({});
    ASSERT_TRUE(final_at_all(20)) << "who was away learns of the policy's first head, then of the latest";
    for (const auto& node : nodes_) {
        const auto transitions = node->heads->transitions();
        ASSERT_EQ(transitions.size(), 1U);
        EXPECT_EQ(transitions[0].leaf, 12U);
        for (const auto& policy : node->policies->required(1, 20))
            EXPECT_TRUE(ledger::check_head(policy->value.policy, transitions[0].head));
        EXPECT_TRUE(ledger::check_head(node->policies->latest()->value.policy, *node->heads->latest()));
    }
    // Without the old two it goes on.
    cut({2, 3});
    grow(30);
    EXPECT_TRUE(final_at_all(30, {2, 3}));
}

// The court asks for the quorum of the members, itself counted in, before it signs; the quorum needs the court.
TEST_F(FinalityTest, AWitnessFromOutsideCountsAndIsAskedLast) {
    start(4);
    lead(0, 2);
    grow(5);
    ASSERT_TRUE(final_at_all(5));
    const ledger::PolicyLeaf policy = consortium_.leaf_with_court(4, true);
    add_policy(5, policy);
    grow(6);
    const ledger::VerifierKey court = consortium_.court_key();
    const auto waits = [&](std::size_t node, std::uint64_t size) {
        return wait_until([&] {
            const auto head = nodes_[node]->finality->for_outside(court);
            return head && head->checkpoint.size == size;
        });
    };
    ASSERT_TRUE(waits(0, 6));
    EXPECT_GE(nodes_[0]->hurried, 1);
    const ledger::Head waiting = *nodes_[0]->finality->for_outside(court);
    EXPECT_EQ(ledger::check_head(policy.policy, waiting).error().reason, "no_quorum");
    ledger::Head with_court = waiting;
    with_court.note.signatures.push_back(consortium_.by_court(waiting).note.signatures.front());
    EXPECT_TRUE(ledger::check_head(policy.policy, with_court)) << "all else is there";
    EXPECT_TRUE(ledger::check_head(consortium_.policy_of(0, 4)->value.policy, waiting));
    EXPECT_FALSE(nodes_[1]->finality->for_outside(court)) << "the leader asks";
    EXPECT_FALSE(nodes_[0]->finality->for_outside(Consortium(1).court_key())) << "a stranger is not asked";
    for (const auto& node : nodes_) EXPECT_EQ(node->told, 5U);
    // A stranger's line, and one of another tree, change nothing.
    nodes_[0]->finality->cosigned_outside(Consortium(1).by_court(waiting));
    ledger::Head other = waiting;
    other.checkpoint.root[0] ^= 1;
    other.note.text = other.checkpoint.to_string();
    nodes_[0]->finality->cosigned_outside(consortium_.by_court(other));
    nodes_[0]->finality->cosigned_outside(consortium_.by_court(waiting));
    ASSERT_TRUE(final_at_all(6));
    for (const auto& node : nodes_) {
        EXPECT_TRUE(ledger::check_head(policy.policy, *node->heads->latest()));
        EXPECT_EQ(node->heads->transitions().size(), 1U);
        EXPECT_EQ(node->evidence, 0);
    }
    EXPECT_TRUE(wait_until([&] { return !nodes_[0]->finality->for_outside(court); }));
    // Its line is lost with a leader: the next one asks again.
    grow(9);
    ASSERT_TRUE(waits(0, 9));
    lead(1, 3);
    ASSERT_TRUE(waits(1, 9));
    EXPECT_TRUE(wait_until([&] { return !nodes_[0]->finality->for_outside(court); }));
    nodes_[1]->finality->cosigned_outside(consortium_.by_court(*nodes_[1]->finality->for_outside(court)));
    EXPECT_TRUE(final_at_all(9));
}

// Named beside the quorum, its line is kept by all as soon as one node has it.
TEST_F(FinalityTest, AWitnessFromOutsideThatIsNotNeededIsKept) {
    start(4);
    lead(0, 2);
    add_policy(3, consortium_.leaf_with_court(4, false));
    grow(5);
    ASSERT_TRUE(final_at_all(5));
    EXPECT_TRUE(wait_until([&] { return !nodes_[0]->finality->for_outside(consortium_.court_key()); }));
    nodes_[2]->finality->cosigned_outside(consortium_.by_court(*nodes_[2]->heads->latest()));
    for (const auto& node : nodes_)
        EXPECT_TRUE(wait_until([&] {
            return ledger::verify_note(node->heads->latest()->note, std::array{consortium_.court_key()})
                .has_value();
        }));
    grow(6);
    EXPECT_TRUE(final_at_all(6)) << "without it";
}

TEST_F(FinalityTest, WhoHasSignedBeyondTheFirstSizeOfAPolicyDoesNotHoldItUp) {
    start(4);
    add_policy(5, {0, 1, 2});
    for (const std::size_t i : {1U, 2U}) {  // asked by somebody else in the meantime
        nodes_[i]->tree->grow_to(9);
        ASSERT_TRUE(
            nodes_[i]->cosigner->cosign({Consortium::origin, 9, nodes_[i]->tree->root(9)},
                                        [](const ledger::WitnessedTree&) -> Result<void> { return {}; }));
    }
    lead(0, 2);
    grow(9);
    ASSERT_TRUE(final_at_all(9));
    EXPECT_EQ(nodes_[0]->heads->transitions().size(), 1U);
}

TEST_F(FinalityTest, ARestartKeepsWhatWasFinalAndSignsOn) {
    start(4);
    lead(0, 2);
    grow(12);
    ASSERT_TRUE(final_at_all(12));
    for (std::size_t i = 0; i < 4; ++i) nodes_[i]->finality->stop();
    for (std::size_t i = 0; i < 4; ++i) {
        nodes_[i]->told = 0;
        open(i, 4, false);
        ASSERT_NE(nodes_[i]->cosigner, nullptr);
    }
    for (auto& node : nodes_) node->finality->start();
    ASSERT_TRUE(final_at_all(12));
    lead(2, 5);
    grow(13);
    EXPECT_TRUE(final_at_all(13));
}

// Killed before it wrote down what was final: the others tell it at once, without waiting for a leader's next word.
TEST_F(FinalityTest, AStartAsksAround) {
    start(4);
    lead(0, 2);
    grow(10);
    ASSERT_TRUE(final_at_all(10));
    for (std::size_t i = 0; i < 4; ++i) nodes_[i]->finality->stop();
    std::filesystem::remove(nodes_[3]->folder / "final");
    for (std::size_t i = 0; i < 4; ++i) {
        nodes_[i]->told = 0;
        open(i, 4, false);
    }
    for (auto& node : nodes_) node->finality->start();  // and nobody leads
    EXPECT_TRUE(final_at_all(10));
}

}  // namespace
}  // namespace socai::node
