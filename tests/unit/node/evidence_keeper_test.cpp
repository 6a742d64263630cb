// What a node keeps of others' breaches: once each, bounded, and written again when there was no room.
#include "node/evidence_keeper.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "temporary_folder.hpp"
#include "tests/unit/ledger/naive_tree.hpp"

namespace socai::node {
namespace {

constexpr const char* origin = "ledger.example.vn/test";

ledger::KeyPair key_of(std::uint8_t number) {
    std::array<std::uint8_t, 32> seed{};
    seed[0] = number;
    return ledger::KeyPair::from_seed(seed);
}

ledger::Head head_of(const std::string& root, std::uint8_t key) {
    const ledger::Checkpoint checkpoint{origin, 3, ledger::leaf_hash(root)};
    ledger::Head head{checkpoint, {checkpoint.to_string(), {}}};
    ledger::sign_note(head.note, origin, key_of(key));
    return head;
}

// Two heads of one size: of one key, which proves it of that key; or of two, which proves it of nobody.
ledger::Evidence fork(bool of_one_key) {
    return {ledger::Fork{head_of("a", 1), head_of("b", of_one_key ? 1 : 2), {}}, std::nullopt, {}};
}

class Kept : public ::testing::Test {
  protected:
    EvidenceKeeper::Hooks hooks() {
        return {
            [] { return std::optional<ledger::ProvenEntry>(); },
            [] {
                ledger::Policy policy;
                for (const std::uint8_t key : {1, 2})
                    policy.logs.push_back(
                        {{origin, ledger::NoteKeyType::ed25519, key_of(key).public_key()}, ""});
                // Needs somebody who signed neither: so a fork of two keys proves nothing.
                policy.witnesses.push_back(
                    {"w", {"w.example.vn", ledger::NoteKeyType::cosignature, key_of(3).public_key()}, ""});
                policy.quorum = "w";
                return policy;
            }};
    }
    std::size_t proven() const {
        std::size_t count = 0;
        for (const Alarm& alarm : keeper_.alarms()) count += alarm.proven;
        return count;
    }

    test::TemporaryFolder folder_;
    const std::string path_ = folder_.path() + "/evidence";
    EvidenceKeeper keeper_{path_, hooks()};
};

TEST_F(Kept, WhatShowsNothingDoesNotStandInTheWayOfWhatDoes) {
    keeper_.keep("fork peer", fork(false), "unproven");
    keeper_.keep("fork peer", fork(false), "unproven");
    EXPECT_EQ(keeper_.alarms().size(), 1U);
    keeper_.keep("fork peer", fork(true), "proven");
    keeper_.keep("fork peer", fork(true), "proven");
    EXPECT_EQ(keeper_.alarms().size(), 2U);
    EXPECT_EQ(proven(), 1U);
}

TEST_F(Kept, ManyThatShowNothingLeaveRoom) {
    for (std::size_t i = 0; i < 2 * EvidenceKeeper::max_files; ++i)
        keeper_.keep("fork " + std::to_string(i), fork(false), "unproven");
    EXPECT_EQ(keeper_.alarms().size(), EvidenceKeeper::max_unproven);
    keeper_.keep("fork peer", fork(true), "proven");
    EXPECT_EQ(proven(), 1U);
}

TEST_F(Kept, WhatCannotBeWrittenIsWrittenLater) {
    std::ofstream(path_) << "in the way of the folder";
    keeper_.keep("fork peer", fork(true), "proven");
    ASSERT_EQ(keeper_.alarms().size(), 1U);
    EXPECT_TRUE(keeper_.alarms()[0].file.empty());
    std::filesystem::remove(path_);
    keeper_.retry();
    ASSERT_EQ(keeper_.alarms().size(), 1U);
    EXPECT_TRUE(std::filesystem::exists(keeper_.alarms()[0].file));
    EXPECT_EQ(proven(), 1U);
}

TEST_F(Kept, AFreshStartDoesNotKeepTheSameBreachAgain) {
    keeper_.keep("fork peer", fork(true), "proven");
    EvidenceKeeper again(path_, hooks());
    // Another pair of heads that the same key signed shows no more than the first.
    const ledger::Evidence more{ledger::Fork{head_of("a", 1), head_of("c", 1), {}}, std::nullopt, {}};
    again.keep("fork peer", more, "proven");
    ASSERT_EQ(again.alarms().size(), 1U);
    EXPECT_TRUE(again.alarms()[0].proven);
    const ledger::Evidence others{ledger::Fork{head_of("a", 2), head_of("c", 2), {}}, std::nullopt, {}};
    again.keep("fork other", others, "proven");
    EXPECT_EQ(again.alarms().size(), 2U);
}

TEST_F(Kept, WhatNoFileCanShowIsToldOnce) {
    for (int i = 0; i < 3; ++i)
        keeper_.raise(contradicting_leader, "most-1 leads, and would replace entries");
    ASSERT_EQ(keeper_.alarms().size(), 1U);
    EXPECT_EQ(keeper_.alarms()[0].kind, contradicting_leader);
    EXPECT_TRUE(keeper_.alarms()[0].file.empty());
    EXPECT_FALSE(keeper_.alarms()[0].proven);
}

}  // namespace
}  // namespace socai::node
