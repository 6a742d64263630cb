#include "node/head_watch.hpp"

#include <gtest/gtest.h>

#include "tests/unit/ledger/naive_tree.hpp"

namespace socai::node {
namespace {

namespace naive = ledger::naive;
using ledger::Hash;

constexpr const char* origin = "ledger.example.vn/test";

ledger::KeyPair key_of(std::uint8_t number) {
    std::array<std::uint8_t, 32> seed{};
    seed[0] = number;
    return ledger::KeyPair::from_seed(seed);
}

std::vector<Hash> leaves(std::uint64_t size, std::uint64_t fork) {
    std::vector<Hash> hashes;
    for (std::uint64_t i = 0; i < size; ++i)
        hashes.push_back(ledger::leaf_hash((i < fork ? "leaf" : "other") + std::to_string(i)));
    return hashes;
}

ledger::Head head_of(const std::vector<Hash>& tree, std::uint64_t size, std::uint8_t key = 1) {
    const ledger::Checkpoint checkpoint{origin, size, naive::root(naive::Leaves(tree).first(size))};
    ledger::Head head{checkpoint, {checkpoint.to_string(), {}}};
    ledger::sign_note(head.note, origin, key_of(key));
    return head;
}

ledger::VerifierKey cosigner(std::uint8_t key) {
    return {"agency-" + std::to_string(key) + "." + origin, ledger::NoteKeyType::cosignature,
            key_of(key).public_key()};
}

ledger::Head cosigned(const std::vector<Hash>& tree, std::uint64_t size, std::uint8_t key) {
    const ledger::Checkpoint checkpoint{origin, size, naive::root(naive::Leaves(tree).first(size))};
    ledger::Head head{checkpoint, {checkpoint.to_string(), {}}};
    ledger::cosign_note(head.note, cosigner(key).name, key_of(key), 1'700'000'000);
    return head;
}

class Watched : public ::testing::Test {
  protected:
    HeadWatch::Hooks hooks() {
        return {
            [this] { return std::optional(head_of(tree_, final_size_.value_or(own_size_))); },
            [this](std::uint64_t size) { return head_of(tree_, size, 9); },
            [this] { return signed_; },
            [this] { return own_size_; },
            [] {
                ledger::Policy policy;
                policy.logs.push_back({{origin, ledger::NoteKeyType::ed25519, key_of(1).public_key()}, ""});
                for (const std::uint8_t number : {3, 4})
                    policy.witnesses.push_back({"node-" + std::to_string(number), cosigner(number), ""});
                return policy;
            },
            [this](consensus::NodeId, network::Parcel parcel) { sent_.push_back(std::move(parcel)); },
            [this](const std::string&, ledger::Evidence evidence, const std::string&) {
                evidence_.push_back(std::move(evidence));
            }};
    }

    const std::vector<Hash> tree_ = leaves(40, 40);
    std::uint64_t own_size_ = 20;
    std::optional<std::uint64_t> final_size_;  // of the head that is served; nothing: all
    std::vector<ledger::Head> signed_;
    std::vector<network::Parcel> sent_;
    std::vector<ledger::Evidence> evidence_;
    naive::Nodes nodes_{tree_};
    HeadWatch watch_{nodes_, hooks()};
};

TEST_F(Watched, AgreesWithItsOwnTree) {
    for (std::uint64_t size = 1; size <= 20; ++size) {
        watch_.seen("peer", head_of(tree_, size));
        watch_.compare();
    }
    EXPECT_TRUE(evidence_.empty());
    EXPECT_EQ(watch_.figures().compared, 20U);
}

TEST_F(Watched, EveryForkedHeadBecomesEvidenceThatHolds) {
    for (std::uint64_t size = 3; size <= 20; ++size) {
        watch_.seen("peer", head_of(leaves(size, size - 2), size));
        watch_.compare();
    }
    ASSERT_EQ(evidence_.size(), 18U);
    for (const ledger::Evidence& evidence : evidence_) {
        const auto finding = ledger::verify_evidence(evidence, hooks().policy());
        EXPECT_TRUE(finding) << finding.error().detail;
    }
}

TEST_F(Watched, WhatIsAheadWaits) {
    watch_.seen("peer", head_of(leaves(30, 10), 30));
    watch_.compare();
    EXPECT_TRUE(evidence_.empty());
    own_size_ = 33;
    watch_.compare();
    EXPECT_EQ(evidence_.size(), 1U);
}

TEST_F(Watched, AHeadThatNobodyReachesStandsInNobodysWay) {
    ledger::Checkpoint checkpoint{origin, std::uint64_t{1} << 60, ledger::leaf_hash("nowhere")};
    ledger::Head far{checkpoint, {checkpoint.to_string(), {}}};
    ledger::sign_note(far.note, origin, key_of(1));
    watch_.seen("peer", far);
    watch_.compare();
    watch_.seen("peer", head_of(leaves(18, 10), 18));
    watch_.compare();
    EXPECT_EQ(evidence_.size(), 1U);
}

TEST_F(Watched, WhatNobodyKnownSignedIsIgnored) {
    watch_.seen("peer", head_of(leaves(10, 5), 10, 2));
    watch_.seen("peer", std::string_view("nonsense"));
    watch_.compare();
    EXPECT_TRUE(evidence_.empty());
    EXPECT_EQ(watch_.figures().ignored, 2U);
}

// A node was put back as an old copy and signed on, of another tree, with those who did not know; those who did were away.
// Nothing of what it signed became final. The two sides meet.
TEST_F(Watched, WhatACosignerSignedOfTwoTreesConvictsItThoughNothingBecameFinal) {
    final_size_ = 5;
    signed_ = {cosigned(tree_, 19, 4), cosigned(tree_, 20, 3)};
    const std::vector<Hash> others = leaves(12, 7);
    HeadWatch other_side{nodes_, [&] {
                             auto hooks = this->hooks();
                             hooks.signed_heads = [&] { return std::vector{cosigned(others, 12, 3)}; };
                             return hooks;
                         }()};
    watch_.ask({{2}});
    other_side.on_parcel({1}, "here-1", network::Parcel(sent_.back()));
    ASSERT_EQ(sent_.size(), 3U);
    for (const std::size_t answer : {1U, 2U}) watch_.on_parcel({2}, "most-1", network::Parcel(sent_[answer]));
    watch_.compare();
    ASSERT_EQ(evidence_.size(), 1U);
    const auto finding = ledger::verify_evidence(evidence_[0], hooks().policy());
    ASSERT_TRUE(finding) << finding.error().detail;
    ASSERT_EQ(finding->against.size(), 1U);
    EXPECT_EQ(finding->against[0].key, cosigner(3));
}

TEST_F(Watched, AForkIsToldAtOnceThoughNobodyCanBeConvictedYet) {
    final_size_ = 5;
    watch_.seen("peer", cosigned(leaves(12, 7), 12, 3));
    watch_.compare();
    ASSERT_EQ(evidence_.size(), 1U);
    EXPECT_FALSE(ledger::verify_evidence(evidence_[0], hooks().policy()));
    final_size_.reset();
    signed_ = {cosigned(tree_, 13, 3)};
    watch_.compare();
    ASSERT_EQ(evidence_.size(), 2U);
    EXPECT_TRUE(ledger::verify_evidence(evidence_[1], hooks().policy()));
}

TEST_F(Watched, QuestionsAreAnsweredWithTheOwnHead) {
    watch_.ask({{2}});
    ASSERT_EQ(sent_.size(), 1U);
    EXPECT_TRUE(watch_.on_parcel({2}, "most-1", network::Parcel(sent_[0])));
    ASSERT_EQ(sent_.size(), 2U);
    EXPECT_EQ(sent_[1].body, head_of(tree_, 20).note.to_string());
    EXPECT_TRUE(watch_.on_parcel({2}, "most-1", network::Parcel(sent_[1])));
    watch_.compare();
    EXPECT_EQ(watch_.figures().compared, 1U);
    EXPECT_FALSE(watch_.on_parcel({2}, "most-1", {1, {}}));
}

}  // namespace
}  // namespace socai::node
