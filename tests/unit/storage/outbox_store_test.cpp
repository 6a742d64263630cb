#include "storage/outbox_store.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "ledger/jwk.hpp"
#include "support.hpp"

namespace socai::storage {
namespace {

using test::TempFolder;

const ledger::KeyPair key = ledger::KeyPair::from_seed({1});

// Statement `text` of records d-<number> and, with `bundle`, e-<number>.
OutboxItem item(std::uint64_t number, const std::string& text, bool bundle = false) {
    OutboxItem made;
    made.number = number;
    made.promise = {1'000 + static_cast<std::int64_t>(number),
                    2'000 + static_cast<std::int64_t>(number),
                    ledger::sha256(text),
                    {{"customs", "d-" + std::to_string(number), ledger::sha256("d")}}};
    if (bundle)
        made.promise.records.push_back({"customs", "e-" + std::to_string(number), ledger::sha256("e")});
    made.note =
        ledger::sign_node_statement({"ledger.example.vn/test", "customs-1", made.promise}, key).to_string();
    made.statement = text;
    return made;
}
OutboxFate stands(std::uint64_t number, std::uint64_t index, std::int64_t decided_ms = 5'000) {
    OutboxFate fate;
    fate.number = number;
    fate.decided_ms = decided_ms;
    fate.address = ledger::Address{index, 2};
    fate.time_ms = 4'000;
    return fate;
}
OutboxFate refused(std::uint64_t number) {
    OutboxFate fate;
    fate.number = number;
    fate.decided_ms = 6'000;
    fate.refusal = "a note\n";
    fate.detail = "why";
    return fate;
}

class OutboxStoreTest : public ::testing::Test {
  protected:
    std::unique_ptr<OutboxStore> open(const std::string& folder) const {
        auto store = OutboxStore::open(folder, test::identity());
        EXPECT_TRUE(store) << store.error().reason << ": " << store.error().detail;
        return store ? *std::move(store) : nullptr;
    }
    std::unique_ptr<OutboxStore> open() const { return open(folder_.path()); }
    static std::vector<std::uint64_t> numbers(OutboxStore& store) {
        std::vector<std::uint64_t> found;
        for (const auto& waiting : store.take_waiting()) found.push_back(waiting.number);
        return found;
    }

    TempFolder folder_;
};

TEST_F(OutboxStoreTest, KeepsWhatWaitsInItsOrder) {
    const OutboxItem first = item(1, "one"), second = item(2, "two", true), third = item(300, "three");
    {
        const auto store = open();
        EXPECT_EQ(store->next_number(), 1U);
        ASSERT_TRUE(store->add(std::vector{first, second}));
        ASSERT_TRUE(store->add(std::vector{third}));
        EXPECT_EQ(*store->statement(2), "two");
    }
    const auto store = open();
    EXPECT_EQ(store->next_number(), 301U);
    const auto waiting = store->take_waiting();
    ASSERT_EQ(waiting.size(), 3U);
    EXPECT_EQ(waiting[0].number, 1U);
    EXPECT_EQ(waiting[1].promise, second.promise);
    EXPECT_EQ(waiting[1].bytes, 3U);
    EXPECT_EQ(waiting[2].number, 300U);
    EXPECT_EQ(*store->statement(300), "three");
    EXPECT_EQ(test::reason_of(store->statement(4)), "corrupt_outbox");

    const auto found = store->find(ledger::sha256("two"));
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->promise, second.promise);
    EXPECT_EQ((*found)->note, second.note);
    EXPECT_FALSE((*found)->fate);
    EXPECT_EQ((*store->find("customs", "e-2"))->note, second.note);
    EXPECT_FALSE(*store->find("customs", "e-1"));
    EXPECT_FALSE(*store->find(ledger::sha256("four")));
}

TEST_F(OutboxStoreTest, RemembersWhatBecameOfEach) {
    {
        const auto store = open();
        ASSERT_TRUE(store->add(std::vector{item(1, "one"), item(2, "two"), item(3, "three")}));
        ASSERT_TRUE(store->settle(std::vector{stands(1, 17), refused(3)}));
    }
    const auto store = open();
    EXPECT_EQ(numbers(*store), std::vector<std::uint64_t>{2});
    EXPECT_EQ(store->next_number(), 4U);
    const auto one = *store->find(ledger::sha256("one"));
    ASSERT_TRUE(one && one->fate);
    EXPECT_EQ(one->note, item(1, "one").note);
    EXPECT_EQ(one->fate->address, (ledger::Address{17, 2}));
    EXPECT_EQ(one->fate->time_ms, 4'000);
    EXPECT_EQ(one->fate->decided_ms, 5'000);
    const auto three = *store->find("customs", "d-3");
    ASSERT_TRUE(three && three->fate);
    EXPECT_FALSE(three->fate->address);
    EXPECT_EQ(three->fate->refusal, "a note\n");
    EXPECT_EQ(three->fate->detail, "why");
    EXPECT_EQ(test::reason_of(store->settle(std::vector{stands(1, 17)})), "corrupt_outbox");
}

// The same statement may be promised again after it was refused: the newest counts.
TEST_F(OutboxStoreTest, TheNewestOfAStatementIsFound) {
    const auto store = open();
    ASSERT_TRUE(store->add(std::vector{item(1, "one")}));
    ASSERT_TRUE(store->settle(std::vector{refused(1)}));
    ASSERT_TRUE(store->add(std::vector{item(2, "one")}));
    EXPECT_FALSE((*store->find(ledger::sha256("one")))->fate);
    // Forgetting the older one takes nothing from the newer.
    ASSERT_TRUE(store->trim(0, 0));
    EXPECT_EQ((*store->find(ledger::sha256("one")))->note, item(2, "one").note);
    EXPECT_FALSE(*store->find("customs", "d-1"));
}

TEST_F(OutboxStoreTest, ForgetsTheOldestFates) {
    const auto store = open();
    for (std::uint64_t i = 1; i <= 6; ++i) {
        ASSERT_TRUE(store->add(std::vector{item(i, std::to_string(i))}));
        ASSERT_TRUE(store->settle(std::vector{stands(i, i, static_cast<std::int64_t>(1'000 * i))}));
    }
    const auto known = [&](int i) { return (*store->find(ledger::sha256(std::to_string(i)))).has_value(); };
    ASSERT_TRUE(store->trim(6, 1'000));
    EXPECT_TRUE(known(1));
    ASSERT_TRUE(store->trim(5, 0));
    EXPECT_FALSE(known(1));
    EXPECT_TRUE(known(2));
    ASSERT_TRUE(store->trim(5, 4'000));
    EXPECT_FALSE(known(3));
    EXPECT_TRUE(known(4));
}

// What add() returned from survives a crash at any later moment: the folder as a killed process leaves it.
TEST_F(OutboxStoreTest, WhatWasAddedSurvivesAKill) {
    TempFolder copies;
    const auto store = open();
    for (std::uint64_t i = 1; i <= 20; ++i) {
        ASSERT_TRUE(store->add(std::vector{item(i, std::string(2'000, 'x') + std::to_string(i))}));
        const std::string copy = copies / std::to_string(i);
        test::copy_folder(folder_.path(), copy);
        std::filesystem::remove(copy + "/outbox/LOCK");
        const auto again = open(copy);
        ASSERT_TRUE(again);
        EXPECT_EQ(numbers(*again).size(), i);
        EXPECT_EQ(again->next_number(), i + 1);
    }
}

// A write that a crash tore was not acknowledged: it goes, everything before it stays.
TEST_F(OutboxStoreTest, ATornTailTakesNothingElse) {
    {
        const auto store = open();
        ASSERT_TRUE(store->add(std::vector{item(1, "one")}));
        ASSERT_TRUE(store->add(std::vector{item(2, std::string(3'000, 'y'))}));
    }
    std::string newest;
    for (const std::string& file : test::files_like(folder_ / "outbox", "", ".log"))
        if (std::filesystem::file_size(file) > 0) newest = file;
    ASSERT_FALSE(newest.empty());
    const auto whole = std::filesystem::file_size(newest);
    for (const std::uintmax_t cut : {1U, 7U, 1'000U, 2'500U}) {
        SCOPED_TRACE(cut);
        TempFolder copies;
        const std::string copy = copies / "torn";
        test::copy_folder(folder_.path(), copy);
        std::filesystem::resize_file(copy + "/outbox/" + std::filesystem::path(newest).filename().string(),
                                     whole - cut);
        const auto store = open(copy);
        ASSERT_TRUE(store);
        EXPECT_EQ(numbers(*store), std::vector<std::uint64_t>{1});
    }
}

TEST_F(OutboxStoreTest, ADamagedPromiseIsToldAndKept) {
    {
        const auto store = open();
        OutboxItem wrong = item(1, "one");
        wrong.statement = "another";
        ASSERT_TRUE(store->add(std::vector{wrong}));
    }
    EXPECT_EQ(test::reason_of(OutboxStore::open(folder_.path(), test::identity())), "corrupt_outbox");
    EXPECT_TRUE(std::filesystem::exists(folder_ / "outbox/CURRENT"));
}

TEST_F(OutboxStoreTest, IsOneNodesAlone) {
    open();
    Identity other = test::identity();
    other.node = "customs-2";
    EXPECT_EQ(test::reason_of(OutboxStore::open(folder_.path(), other)), "wrong_identity");
    const auto store = open();
    EXPECT_EQ(test::reason_of(OutboxStore::open(folder_.path(), test::identity())), "locked");
}

}  // namespace
}  // namespace socai::storage
