#include "node/cosigner.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "temporary_folder.hpp"

namespace socai::node {
namespace {

using test::get;
using test::put;
using test::TemporaryFolder;

constexpr const char* origin = "ledger.test/cosigner";

ledger::KeyPair key_of(std::uint8_t first) {
    return ledger::KeyPair::from_seed({first});
}

// A tree of its own for every pair of numbers.
ledger::Checkpoint head(std::uint64_t size, std::uint8_t root = 1, const std::string& of = origin) {
    ledger::Hash hash{};
    hash[0] = root;
    return {of, size, hash};
}

class CosignerTest : public ::testing::Test {
  protected:
    Result<std::unique_ptr<Cosigner>> open(bool is_new = false, std::uint8_t key = 1) {
        return Cosigner::open(path(), "customs.ledger.test/cosigner", key_of(key), is_new,
                              [] { return std::int64_t{1'700'000'000'123}; });
    }
    std::string path() const { return folder_ / "cosigned"; }
    static Result<void> yes(const ledger::WitnessedTree&) { return {}; }

    TemporaryFolder folder_;
};

TEST_F(CosignerTest, SignsWithItsTimeInSecondsAndRemembers) {
    const auto cosigner = open(true).value();
    const auto line = cosigner->cosign(head(5), yes);
    ASSERT_TRUE(line) << line.error().detail;
    const std::array keys{cosigner->vkey()};
    const ledger::Note note{head(5).to_string(), {*line}};
    EXPECT_TRUE(ledger::verify_note(note, keys));
    EXPECT_EQ(ledger::cosignature_time(*line), 1'700'000'000U);
    EXPECT_EQ(cosigner->last(origin).size, 5U);
    EXPECT_EQ(open().value()->last(origin), (ledger::WitnessedTree{5, head(5).root}));
}

TEST_F(CosignerTest, TheStateIsOnDiskBeforeTheJudgeIsAskedAgain) {
    const auto cosigner = open(true).value();
    std::string seen;
    ASSERT_TRUE(cosigner->cosign(head(5), yes));
    // Killed right after the write: whoever opens the folder then knows of the head, signed or not.
    ASSERT_TRUE(cosigner->cosign(head(6, 2), [&](const ledger::WitnessedTree& last) -> Result<void> {
        seen = get(path());
        EXPECT_EQ(last.size, 5U);
        return {};
    }));
    EXPECT_NE(seen.find("tree 5 "), std::string::npos);
    EXPECT_NE(get(path()).find("tree 6 "), std::string::npos);
}

TEST_F(CosignerTest, NothingSmallerNorAnotherRootIsSigned) {
    const auto cosigner = open(true).value();
    ASSERT_TRUE(cosigner->cosign(head(5), yes));
    EXPECT_EQ(cosigner->cosign(head(4), yes).error().reason, "cosigned_more");
    EXPECT_EQ(cosigner->cosign(head(5, 9), yes).error().reason, "cosigned_otherwise");
    EXPECT_TRUE(cosigner->cosign(head(5), yes)) << "the same again is no other";
    EXPECT_TRUE(cosigner->cosign(head(1, 9, "another.log"), yes)) << "origins know nothing of each other";
    EXPECT_EQ(cosigner->last(origin).size, 5U);
    const auto again = open().value();
    EXPECT_EQ(again->cosign(head(4), yes).error().reason, "cosigned_more");
    EXPECT_EQ(again->last("another.log").size, 1U);
}

TEST_F(CosignerTest, WhatTheJudgeRefusesLeavesNoTrace) {
    const auto cosigner = open(true).value();
    const std::string before = get(path());
    const auto refused = cosigner->cosign(head(5), [](const ledger::WitnessedTree&) -> Result<void> {
        return Error{Exit::no, "not_today", "no"};
    });
    EXPECT_EQ(refused.error().reason, "not_today");
    EXPECT_EQ(get(path()), before);
    EXPECT_EQ(cosigner->last(origin).size, 0U);
}

TEST_F(CosignerTest, AMissingFileIsAFaultUnlessTheKeyIsNew) {
    EXPECT_EQ(open(false).error().reason, "cosigner_state_lost");
    ASSERT_TRUE(open(true));
    EXPECT_TRUE(open(false));
}

TEST_F(CosignerTest, ATornEmptyOrForeignFileIsAFault) {
    ASSERT_TRUE(open(true).value()->cosign(head(5), yes));
    const std::string good = get(path());
    EXPECT_EQ(open(false, 2).error().reason, "cosigner_state_damaged") << "another key's";
    for (std::size_t length = 0; length < good.size(); ++length) {
        put(path(), good.substr(0, length));
        ASSERT_EQ(open(true).error().reason, "cosigner_state_damaged") << length;
    }
    for (std::size_t at = 0; at < good.size(); ++at) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 1);
        put(path(), bad);
        ASSERT_FALSE(open(true)) << at;
    }
    put(path(), good + "\n");
    EXPECT_FALSE(open());
    put(path(), good);
    EXPECT_TRUE(open());
}

TEST_F(CosignerTest, WhereNothingCanBeWrittenNothingIsSigned) {
    const auto cosigner = open(true).value();
    ASSERT_TRUE(cosigner->cosign(head(5), yes));
    std::filesystem::rename(folder_.path(), folder_.path() + ".away");
    EXPECT_EQ(cosigner->cosign(head(6), yes).error().reason, "file_unwritable");
    EXPECT_EQ(cosigner->last(origin).size, 5U);
    std::filesystem::rename(folder_.path() + ".away", folder_.path());
    EXPECT_TRUE(cosigner->cosign(head(6), yes));
}

TEST_F(CosignerTest, TwoThreadsNeverGetTwoRootsOfOneSize) {
    const auto cosigner = open(true).value();
    std::array<std::atomic<int>, 60> given{};
    const auto work = [&](std::uint8_t root) {
        for (std::uint64_t size = 1; size < given.size(); ++size)
            if (cosigner->cosign(head(size, root), yes)) ++given[size];
    };
    std::thread one(work, 1), two(work, 2);
    one.join();
    two.join();
    for (std::uint64_t size = 1; size < given.size(); ++size) EXPECT_LE(given[size], 1) << size;
    EXPECT_EQ(cosigner->last(origin).size, given.size() - 1);
}

}  // namespace
}  // namespace socai::node
