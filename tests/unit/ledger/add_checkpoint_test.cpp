#include "ledger/add_checkpoint.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/ledger/small_ledger.hpp"

namespace socai::ledger {
namespace {

std::vector<Hash> leaves(std::size_t count, std::string_view salt = "") {
    std::vector<Hash> hashes;
    for (std::size_t i = 0; i < count; ++i)
        hashes.push_back(leaf_hash(std::string(salt) + std::to_string(i)));
    return hashes;
}

Head head_of(const std::vector<Hash>& tree) {
    const Checkpoint checkpoint{std::string(samples::origin), tree.size(), naive::root(tree)};
    Head head{checkpoint, {checkpoint.to_string(), {}}};
    sign_note(head.note, samples::origin, samples::key_named("log").key);
    return head;
}

AddCheckpoint request(std::size_t old_size, const std::vector<Hash>& tree) {
    return {old_size, naive::proof(old_size, tree), head_of(tree)};
}

WitnessedTree witnessed(const std::vector<Hash>& tree) {
    return {tree.size(), naive::root(tree)};
}

TEST(AddCheckpoint, HasTheFormOfTheSpecification) {
    const AddCheckpoint first = request(0, leaves(1));
    EXPECT_EQ(first.to_string(), "old 0\n\n" + first.head.note.to_string());
    const AddCheckpoint second = request(1, leaves(2));
    ASSERT_EQ(second.proof.size(), 1U);
    EXPECT_EQ(second.to_string(),
              "old 1\n" + hash_text(second.proof[0]) + "\n\n" + second.head.note.to_string());
}

RC_GTEST_PROP(AddCheckpoint, ComesBackFromItsTextAndMayBeCosigned, ()) {
    const auto size = *rc::gen::inRange<std::size_t>(1, 40);
    const auto old_size = *rc::gen::inRange<std::size_t>(0, size + 1);
    const auto tree = leaves(size);
    const AddCheckpoint made = request(old_size, tree);
    const auto parsed = parse_add_checkpoint(made.to_string());
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(parsed->to_string() == made.to_string());
    RC_ASSERT(judge(*parsed, witnessed(leaves(old_size))) == WitnessVerdict::cosign);
}

RC_GTEST_PROP(AddCheckpoint, AForkIsNeverCosigned, ()) {
    const auto size = *rc::gen::inRange<std::size_t>(1, 40);
    const auto old_size = *rc::gen::inRange<std::size_t>(1, size + 1);
    AddCheckpoint made = request(old_size, leaves(size));
    RC_ASSERT(judge(made, witnessed(leaves(old_size, "other"))) == WitnessVerdict::unprovable);
    if (!made.proof.empty()) {
        made.proof.pop_back();
        RC_ASSERT(judge(made, witnessed(leaves(old_size))) == WitnessVerdict::unprovable);
    }
}

TEST(AddCheckpoint, AnswersByTheTableOfTheSpecification) {
    const auto tree = leaves(9);
    EXPECT_EQ(judge(request(0, tree), WitnessedTree{}), WitnessVerdict::cosign);
    // The same once more is a refresh of the time.
    EXPECT_EQ(judge(request(9, tree), witnessed(tree)), WitnessVerdict::cosign);
    // old > size
    AddCheckpoint larger = request(9, tree);
    larger.old_size = 10;
    EXPECT_EQ(judge(larger, witnessed(leaves(10))), WitnessVerdict::bad_request);
    EXPECT_EQ(judge(larger, WitnessedTree{}), WitnessVerdict::bad_request);
    // old is not what was last cosigned: behind, ahead, none
    EXPECT_EQ(judge(request(4, tree), witnessed(leaves(5))), WitnessVerdict::conflict);
    EXPECT_EQ(judge(request(5, tree), witnessed(leaves(4))), WitnessVerdict::conflict);
    EXPECT_EQ(judge(request(4, tree), WitnessedTree{}), WitnessVerdict::conflict);
    EXPECT_EQ(judge(request(0, tree), witnessed(leaves(4))), WitnessVerdict::conflict);
    // A rollback to a smaller tree is asked with the size last cosigned, or with its own.
    EXPECT_EQ(judge(request(3, leaves(3)), witnessed(tree)), WitnessVerdict::conflict);
    // old = 0 with a proof; old = size with another root, or with a proof
    AddCheckpoint padded = request(0, tree);
    padded.proof.push_back(tree[0]);
    EXPECT_EQ(judge(padded, WitnessedTree{}), WitnessVerdict::unprovable);
    EXPECT_EQ(judge(request(9, leaves(9, "other")), witnessed(tree)), WitnessVerdict::unprovable);
    padded = request(9, tree);
    padded.proof.push_back(tree[0]);
    EXPECT_EQ(judge(padded, witnessed(tree)), WitnessVerdict::unprovable);
}

TEST(AddCheckpoint, RefusesOtherForms) {
    const std::string note = head_of(leaves(3)).note.to_string();
    const std::string hash = hash_text(sha256("x")) + "\n";
    std::string many;
    for (std::size_t i = 0; i < max_proof_hashes; ++i) many += hash;
    EXPECT_TRUE(parse_add_checkpoint("old 1\n" + many + "\n" + note));
    for (const std::string& bad : {
             std::string(),
             std::string("\n"),
             std::string("old 1"),
             std::string("old 1\n"),
             "old\n\n" + note,
             "old \n\n" + note,
             "old 01\n\n" + note,
             "old -1\n\n" + note,
             "old 1 \n\n" + note,
             "Old 1\n\n" + note,
             "old 1\r\n\n" + note,
             "old 18446744073709551616\n\n" + note,
             "\nold 1\n\n" + note,
             "old 1\n" + note,
             "old 1\n " + hash + "\n" + note,
             "old 1\nAAAA\n\n" + note,
             "old 1\n" + many + hash + "\n" + note,
             "old 1\n" + std::string(max_add_checkpoint_bytes, 'A'),
         }) {
        const auto parsed = parse_add_checkpoint(bad);
        ASSERT_FALSE(parsed) << bad.substr(0, 200);
        EXPECT_EQ(parsed.error().reason, "malformed_add_checkpoint") << bad.substr(0, 200);
    }
    EXPECT_EQ(parse_add_checkpoint("old 1\n\n").error().reason, "malformed_note");
    Note note_without{"a\nb\n", {}};
    sign_note(note_without, "log", samples::key_named("log").key);
    EXPECT_EQ(parse_add_checkpoint("old 1\n\n" + note_without.to_string()).error().reason,
              "malformed_checkpoint");
}

}  // namespace
}  // namespace socai::ledger
