// A witness outside the consortium: the status codes of C2SP tlog-witness, and a state that outlives it.
#include "node/witness/witness.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "ledger/add_checkpoint.hpp"
#include "temporary_folder.hpp"
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

std::vector<Hash> leaves(std::uint64_t size, const std::string& name = "leaf") {
    std::vector<Hash> hashes;
    for (std::uint64_t i = 0; i < size; ++i) hashes.push_back(ledger::leaf_hash(name + std::to_string(i)));
    return hashes;
}

ledger::Head head_of(const std::vector<Hash>& tree, std::uint64_t size, const std::string& name = origin,
                     const ledger::KeyPair& key = key_of(1)) {
    const ledger::Checkpoint checkpoint{name, size, naive::root(naive::Leaves(tree).first(size))};
    ledger::Head head{checkpoint, {checkpoint.to_string(), {}}};
    ledger::sign_note(head.note, name, key);
    return head;
}

std::string request(std::uint64_t old, const std::vector<Hash>& tree, std::uint64_t size) {
    return ledger::AddCheckpoint{old, naive::proof(old, naive::Leaves(tree).first(size)), head_of(tree, size)}
        .to_string();
}

class WitnessOf : public ::testing::Test {
  protected:
    void SetUp() override { open(true); }
    void open(bool is_new, ledger::Policy policy = {}) {
        policy.logs.push_back({{origin, ledger::NoteKeyType::ed25519, key_of(1).public_key()}, ""});
        witnessed_ = policy;
        auto opened = Witness::open(folder_.path(), {"court.example.vn", key_of(9)}, policy, is_new,
                                    [] { return std::int64_t{1'700'000'000'000}; });
        ASSERT_TRUE(opened) << opened.error().detail;
        witness_ = *std::move(opened);
    }
    unsigned status(const std::string& body) { return witness_->add_checkpoint(body).status; }

    test::TemporaryFolder folder_;
    std::unique_ptr<Witness> witness_;
    ledger::Policy witnessed_;  // its policy
    const std::vector<Hash> tree_ = leaves(20);
};

TEST_F(WitnessOf, CosignsWhatExtends) {
    const auto first = witness_->add_checkpoint(request(0, tree_, 5));
    ASSERT_EQ(first.status, 200U) << first.body;
    const auto note = ledger::parse_note(head_of(tree_, 5).note.text + "\n" + first.body);
    ASSERT_TRUE(note);
    const std::array keys{witness_->vkey()};
    EXPECT_TRUE(ledger::verify_note(*note, keys));
    EXPECT_EQ(status(request(5, tree_, 12)), 200U);
    // The same again is no new promise.
    EXPECT_EQ(status(request(12, tree_, 12)), 200U);
    const auto served = witness_->checkpoint(ledger::to_hex(ledger::sha256(origin)));
    ASSERT_EQ(served.status, 200U);
    const auto head = ledger::parse_head(served.body);
    ASSERT_TRUE(head);
    EXPECT_EQ(head->checkpoint.size, 12U);
    EXPECT_TRUE(ledger::verify_note(head->note, keys));
}

TEST_F(WitnessOf, AnswersByTheTable) {
    ASSERT_EQ(status(request(0, tree_, 5)), 200U);
    EXPECT_EQ(status("nonsense"), 400U);
    EXPECT_EQ(status(""), 400U);
    EXPECT_EQ(status(ledger::AddCheckpoint{9, {}, head_of(tree_, 7)}.to_string()), 400U);
    EXPECT_EQ(status(ledger::AddCheckpoint{0, {}, head_of(tree_, 7, "elsewhere")}.to_string()), 404U);
    EXPECT_EQ(status(ledger::AddCheckpoint{5, {}, head_of(tree_, 7, origin, key_of(2))}.to_string()), 403U);
    auto forged = head_of(tree_, 7);
    forged.note.signatures = head_of(tree_, 6).note.signatures;
    EXPECT_EQ(
        status(ledger::AddCheckpoint{5, naive::proof(5, naive::Leaves(tree_).first(7)), forged}.to_string()),
        403U);
    const auto conflict = witness_->add_checkpoint(request(3, tree_, 7));
    EXPECT_EQ(conflict.status, 409U);
    EXPECT_EQ(conflict.content_type, "text/x.tlog.size");
    EXPECT_EQ(conflict.body, "5\n");
    EXPECT_EQ(status(request(5, leaves(20, "other"), 7)), 422U);
    EXPECT_EQ(status(ledger::AddCheckpoint{5, {}, head_of(leaves(5, "other"), 5)}.to_string()), 422U);
    EXPECT_EQ(status(ledger::AddCheckpoint{5, {}, head_of(tree_, 7)}.to_string()), 422U);
    EXPECT_EQ(witness_->checkpoint(std::string(64, '0')).status, 404U);
    // None of that has changed what it holds.
    EXPECT_EQ(status(request(5, tree_, 7)), 200U);
}

TEST_F(WitnessOf, ItsStateOutlivesIt) {
    ASSERT_EQ(status(request(0, tree_, 5)), 200U);
    open(false);
    EXPECT_EQ(witness_->checkpoint(ledger::to_hex(ledger::sha256(origin))).status, 200U);
    EXPECT_EQ(status(request(0, leaves(20, "other"), 5)), 409U);
    EXPECT_EQ(status(request(5, tree_, 6)), 200U);
    // Gone, it does not begin anew by itself.
    std::filesystem::remove(folder_ / "cosigned");
    const auto lost = Witness::open(folder_.path(), {"court.example.vn", key_of(9)}, {}, false,
                                    [] { return std::int64_t{0}; });
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().reason, "cosigner_state_lost");
}

// A log of several nodes: any one's key, alone, must not lead the witness onto a tree of its own.
TEST_F(WitnessOf, WaitsForTheQuorumOfItsPolicy) {
    const auto agency = key_of(5);
    ledger::Policy policy;
    policy.witnesses.push_back(
        {"agency", {"agency.example.vn", ledger::NoteKeyType::cosignature, agency.public_key()}, ""});
    policy.witnesses.push_back({"court", witness_->vkey(), ""});
    policy.groups.push_back({"all", 2, {"agency", "court"}});
    policy.quorum = "all";
    witness_.reset();
    open(false, policy);
    EXPECT_EQ(status(request(0, tree_, 5)), 403U);
    ledger::Head head = head_of(tree_, 5);
    ledger::cosign_note(head.note, "agency.example.vn", agency, 1'700'000'000);
    head.note.signatures.push_back({"stranger.example", 7, "not of the policy"});
    EXPECT_EQ(status(ledger::AddCheckpoint{0, {}, head}.to_string()), 200U);
    // What it serves are the lines that it verified.
    const auto served = ledger::parse_head(witness_->checkpoint(ledger::to_hex(ledger::sha256(origin))).body);
    ASSERT_TRUE(served);
    EXPECT_EQ(served->note.signatures.size(), 3U);
    EXPECT_EQ(ledger::check_head(witnessed_, *served)->cosigners.size(), 2U);
}

}  // namespace
}  // namespace socai::node
