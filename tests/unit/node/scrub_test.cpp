// The background scrub over stores that are open: what it finds, and what becomes of it.
#include "node/scrub.hpp"

#include <gtest/gtest.h>

#include "../storage/small_node.hpp"
#include "node/cosigner.hpp"
#include "node/scrub_memory.hpp"
#include "storage/database.hpp"
#include "storage/scrub.hpp"
#include "storage/write_ahead_log.hpp"

namespace socai::node {
namespace {

using storage::test::SmallNode;
using storage::test::TempFolder;

class ScrubTest : public ::testing::Test {
  protected:
    ScrubTest() : node_(folder_ / "data") {
        node_.open();
        node_.grow(600);
        node_.reopen();
    }
    void start(std::uint64_t bytes_per_second = 0) {
        scrub_ = std::make_unique<Scrub>(
            node_.log(), node_.state(),
            Scrub::Options{bytes_per_second, std::chrono::seconds(3'600), node_.folder() + "/scrub"},
            Scrub::Hooks{[this](std::vector<consensus::DamagedEntry> damaged) { lost_ = std::move(damaged); },
                         [this](std::function<void()> renewed) {
                             EXPECT_TRUE(node_.log().renew_side_file());
                             renewed();
                         },
                         [this] { return cosigner_ ? cosigner_->renew_if_altered() : Result<bool>(false); },
                         [this] { return outbox_.get(); }, [] { return std::int64_t{1'700'000'000'000}; }});
        scrub_->start();
    }
    Scrub::Figures until(const std::function<bool(const Scrub::Figures&)>& condition) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (std::chrono::steady_clock::now() < deadline) {
            if (auto figures = scrub_->figures(); condition(figures)) return figures;
            std::this_thread::yield();
        }
        ADD_FAILURE() << "the scrub does not get there";
        return scrub_->figures();
    }
    Scrub::Figures round() {
        const std::uint64_t number = scrub_->run_now(0);
        return until([&](const Scrub::Figures& figures) { return figures.rounds >= number; });
    }
    std::string table_of(const std::string& family) {
        for (rocksdb::DB* database : {&node_.log_files(), &node_.state_files()})
            for (const storage::TableFile& table : storage::table_files(*database))
                if (table.family == family) return table.path;
        return {};
    }

    TempFolder folder_;
    SmallNode node_;
    std::unique_ptr<Cosigner> cosigner_;  // null: none
    std::unique_ptr<storage::OutboxStore> outbox_;
    std::vector<consensus::DamagedEntry> lost_;  // read after a round, which happens after
    std::unique_ptr<Scrub> scrub_;
};

TEST_F(ScrubTest, FindsNothingWrongAndRemembersItsRounds) {
    start();
    EXPECT_EQ(round().found, 0U);
    const Scrub::Figures second = round();
    EXPECT_EQ(second.rounds, 2U);
    EXPECT_GT(second.position, 0U);
    EXPECT_EQ(second.last_ended_ms, 1'700'000'000'000);
    scrub_.reset();
    start();
    EXPECT_EQ(scrub_->figures().rounds, 2U);
}

TEST_F(ScrubTest, RunsByItselfAtItsRate) {
    start(64 * 1024 * 1024);
    until([](const Scrub::Figures& figures) { return figures.rounds >= 1; });
}

TEST_F(ScrubTest, StopsInTheMiddleOfARound) {
    start(1);
    until([](const Scrub::Figures& figures) { return figures.running && figures.position > 0; });
    scrub_->stop();
    EXPECT_EQ(scrub_->figures().rounds, 0U);
}

TEST_F(ScrubTest, LostEntriesAreToldOnceAndCountedWhenTheyAreBack) {
    storage::test::flip(table_of("entries"), 60);
    start();
    const Scrub::Figures found = round();
    EXPECT_GT(found.found, 0U);
    EXPECT_EQ(found.repaired, 0U);
    ASSERT_EQ(lost_.size(), found.found);
    std::vector<consensus::EntryPtr> content;
    std::vector<consensus::Index> indices;
    for (const auto& entry : lost_) {
        content.push_back(node_.entries()[entry.id.index.value - 1]);
        indices.push_back(entry.id.index);
    }
    ASSERT_TRUE(node_.log().repair(content));
    scrub_->repaired(indices);
    const Scrub::Figures again = round();
    EXPECT_EQ(again.found, found.found);
    EXPECT_EQ(again.repaired, found.found);
    EXPECT_EQ(again.contradiction, "");
}

TEST_F(ScrubTest, AWrongRowIsWrittenAgain) {
    const std::string right = **node_.state().database().row_once(0, 1);
    std::string wrong = right;
    wrong[9] ^= 1;
    ASSERT_TRUE(node_.state().rewrite_row(0, 1, wrong));
    start();
    const Scrub::Figures figures = round();
    EXPECT_EQ(figures.found, 1U);
    EXPECT_EQ(figures.repaired, 1U);
    EXPECT_EQ(**node_.state().database().row_once(0, 1), right);
}

TEST_F(ScrubTest, WhatARunningNodeCannotRepairIsLeftToTheNextStart) {
    storage::test::flip(table_of("postings"), 40);
    storage::test::flip(table_of("terms"), 40);
    start();
    const Scrub::Figures figures = round();
    EXPECT_EQ(figures.found, 2U);
    EXPECT_EQ(figures.at_next_start, 2U);
    EXPECT_EQ(round().found, 2U);
    scrub_.reset();
    node_.reopen();
    EXPECT_TRUE(node_.rebuilt());
    EXPECT_TRUE(node_.log().start().damage);
}

TEST_F(ScrubTest, TheWriteAheadLogAndTheSideFileAreWrittenAnew) {
    node_.grow(20);
    for (const auto& file : storage::test::files_like(node_.folder() + "/log", "", ".log"))
        if (std::filesystem::file_size(file) > 0)
            storage::test::flip(file, std::filesystem::file_size(file) / 2);
    storage::test::flip(node_.folder() + "/acknowledged", 100);
    start();
    const Scrub::Figures figures = round();
    EXPECT_EQ(figures.found, 2U);
    EXPECT_EQ(figures.repaired, 2U);
    scrub_.reset();
    node_.reopen();
    EXPECT_FALSE(node_.log().start().damage);
    EXPECT_EQ(node_.log().start().log.last, node_.entries().back()->id);
}

TEST_F(ScrubTest, DamageOnTopOfDamageThatWasMadeGoodIsFoundAlsoAfterARestart) {
    const std::string table = table_of("entries");
    storage::test::flip(table, 60);
    start();
    EXPECT_GT(round().found, 0U);
    std::vector<consensus::EntryPtr> content;
    std::vector<consensus::Index> indices;
    for (const auto& entry : lost_) {
        content.push_back(node_.entries()[entry.id.index.value - 1]);
        indices.push_back(entry.id.index);
    }
    ASSERT_TRUE(node_.log().repair(content));
    scrub_->repaired(indices);
    EXPECT_EQ(round().at_next_start, 0U);
    scrub_.reset();
    node_.reopen();
    start();
    EXPECT_EQ(round().found, 0U);  // as it was, and made good
    const std::size_t bytes = std::filesystem::file_size(table);
    storage::test::flip(table, bytes - 10);  // the footer
    EXPECT_EQ(round().at_next_start, 1U);
    storage::test::flip(table, bytes - 10);
    scrub_.reset();
    start();
    std::filesystem::rename(table, folder_ / "away");
    EXPECT_EQ(round().at_next_start, 1U);
    scrub_.reset();
    node_.reopen();
    EXPECT_TRUE(node_.log().start().damage);
}

TEST_F(ScrubTest, AMissingWriteAheadLogIsMadeGood) {
    node_.grow(20);
    start();
    EXPECT_EQ(round().found, 0U);
    for (const auto& file : storage::test::files_like(node_.folder() + "/log", "", ".log"))
        std::filesystem::remove(file);
    const Scrub::Figures figures = round();
    EXPECT_EQ(figures.found, 1U);
    EXPECT_EQ(figures.repaired, 1U);
    EXPECT_EQ(round().found, 1U);
}

TEST_F(ScrubTest, WhatWasCosignedIsWrittenAgain) {
    const std::string path = node_.folder() + "/cosigned";
    auto cosigner = Cosigner::open(path, "customs.ledger.example.vn/test", ledger::KeyPair::from_seed({1}),
                                   true, [] { return std::int64_t{1}; });
    ASSERT_TRUE(cosigner);
    cosigner_ = *std::move(cosigner);
    ASSERT_TRUE(
        cosigner_->cosign({"ledger.example.vn/test", 5, {}}, [](const auto&) { return Result<void>(); }));
    EXPECT_FALSE(Cosigner::fault_of(path));
    start();
    EXPECT_EQ(round().found, 0U);
    const std::string right = storage::test::read_file(path);
    storage::test::flip(path, right.size() / 2);
    EXPECT_TRUE(Cosigner::fault_of(path));
    EXPECT_EQ(round().repaired, 1U);
    EXPECT_EQ(storage::test::read_file(path), right);
    std::filesystem::remove(path);
    EXPECT_EQ(round().repaired, 2U);
    EXPECT_EQ(storage::test::read_file(path), right);
}

TEST_F(ScrubTest, TheOutboxIsReadToo) {
    const auto put = [this](std::uint64_t number) {
        const std::string text = "statement " + std::to_string(number);
        const ledger::Promise promise{1, 2, ledger::sha256(text), {{"customs", "d", ledger::sha256("d")}}};
        const auto note = ledger::sign_node_statement({"ledger.example.vn/test", "customs-1", promise},
                                                      ledger::KeyPair::from_seed({1}));
        const storage::OutboxItem item{number, promise, note.to_string(), text};
        ASSERT_TRUE(outbox_->add({&item, 1}));
    };
    const auto open = [this] {
        auto store = storage::OutboxStore::open(node_.folder(), node_.identity());
        ASSERT_TRUE(store) << store.error().detail;
        outbox_ = *std::move(store);
    };
    open();
    put(1);
    start();
    EXPECT_EQ(round().found, 0U);
    const std::string wal = storage::test::files_like(node_.folder() + "/outbox", "", ".log").back();
    storage::test::flip(wal, std::filesystem::file_size(wal) / 2);
    EXPECT_EQ(round().repaired, 1U);
    put(2);
    scrub_.reset();
    outbox_.reset();
    open();
    EXPECT_EQ(outbox_->take_waiting().size(), 2U);
    start();
    const auto tables = storage::table_files(*outbox_->files().get());
    ASSERT_FALSE(tables.empty());
    storage::test::flip(tables.front().path, 10);
    const Scrub::Figures figures = round();
    EXPECT_EQ(figures.found, 1U);
    EXPECT_EQ(figures.beyond_repair, 1U);
    storage::test::flip(tables.front().path, 10);
    scrub_.reset();
    node_.close();
    outbox_.reset();
    const auto sound = storage::scrub_folder(node_.folder(), {});
    ASSERT_TRUE(sound) << sound.error().detail;
    EXPECT_EQ(sound->found(), 0U);
    storage::test::flip(tables.front().path, 10);
    const auto report = storage::scrub_folder(node_.folder(), {});
    ASSERT_TRUE(report) << report.error().detail;
    EXPECT_EQ(report->beyond_repair, 1U);
}

// What a round that did not end has found is found again by the one that goes on.
TEST_F(ScrubTest, AnInterruptedRoundForgetsNothing) {
    std::string wrong = **node_.state().database().row_once(0, 0);
    wrong[9] ^= 1;
    ASSERT_TRUE(node_.state().rewrite_row(0, 0, wrong));
    node_.grow(4'000);
    // It is let read the files, and stops on its way through the entries.
    start(1'000'000);
    std::uint64_t files = 0;
    for (rocksdb::DB* database : {&node_.log_files(), &node_.state_files()})
        for (const storage::TableFile& table : storage::table_files(*database)) files += table.bytes;
    files += storage::write_ahead_log_bytes(node_.log_files());
    until([&](const Scrub::Figures& figures) { return figures.position > files + 300'000; });
    scrub_->stop();
    const Scrub::Figures first = scrub_->figures();
    start(1U << 30U);
    const Scrub::Figures second =
        until([&](const Scrub::Figures& seen) { return seen.rounds == first.rounds + 1; });
    EXPECT_EQ(first.found + second.found, 1U);
    EXPECT_EQ(first.repaired + second.repaired, 1U);
}

TEST_F(ScrubTest, APlaceThatIsNotAsItWasWrittenIsNotGoneOnFrom) {
    const std::string path = node_.folder() + "/scrub";
    ScrubMemory memory;
    memory.rounds = 7;
    storage::LedgerCheck::Place place;
    for (std::size_t i = 0; i < 300; ++i) place.tree.append(node_.entries()[i]->digest);
    place.last = node_.entries()[299]->id;
    memory.place = place;
    ASSERT_TRUE(remember_scrub(path, memory));
    const ScrubMemory whole = recall_scrub(path);
    EXPECT_EQ(whole.rounds, 7U);
    ASSERT_TRUE(whole.place);
    EXPECT_EQ(whole.place->tree.root(), place.tree.root());
    const std::string bytes = storage::test::read_file(path);
    for (std::size_t at = 0; at + 1 < bytes.size(); ++at) {
        std::string changed = bytes;
        changed[at] ^= 1;
        storage::test::write_file(path, changed);
        EXPECT_FALSE(recall_scrub(path).place) << at;
    }
}

// A place with a sum that fits and another tree: the whole log is read before anything is said.
TEST_F(ScrubTest, AWrongPlaceIsNoContradiction) {
    ScrubMemory memory;
    storage::LedgerCheck::Place place;
    for (std::size_t i = 0; i < 300; ++i) place.tree.append(node_.entries()[i == 7 ? 8 : i]->digest);
    place.last = node_.entries()[299]->id;
    memory.place = place;
    ASSERT_TRUE(remember_scrub(node_.folder() + "/scrub", memory));
    start(1U << 30U);
    const Scrub::Figures figures = until([](const Scrub::Figures& seen) { return seen.rounds == 1; });
    EXPECT_EQ(figures.found, 0U);
    EXPECT_EQ(figures.contradiction, "");
}

TEST_F(ScrubTest, ARoundThatCannotGoOnIsNoRound) {
    storage::test::flip(table_of("ids"), 60);
    node_.log().database().files().forget_cached();
    start();
    scrub_->run_now(0);
    const Scrub::Figures figures =
        until([](const Scrub::Figures& seen) { return !seen.running && !seen.not_completed.empty(); });
    EXPECT_EQ(figures.rounds, 0U);
    EXPECT_GT(figures.at_next_start, 0U);
}

TEST_F(ScrubTest, ALogOfFewerLeavesThanTheTreeIsAContradiction) {
    node_.cut_log(590);
    start();
    EXPECT_NE(round().contradiction, "");
}

// Bytes that fit: only others can tell which side is wrong.
TEST_F(ScrubTest, AnotherHistoryIsToldAndNothingIsChanged) {
    consensus::StorageJob job;
    job.truncate_from = consensus::Index{400};
    consensus::EntryId previous = node_.entries()[398]->id;
    for (std::size_t i = 399; i < node_.entries().size(); ++i) {
        const std::string payload = node_.entries()[i]->payload + (i == 399 ? "!" : "");
        job.append.push_back(storage::test::next_entry(previous, 1, payload));
        previous = job.append.back()->id;
    }
    ASSERT_TRUE(node_.log().write({&job, 1}));
    const std::string row = **node_.state().database().row_once(0, 1);
    start();
    const Scrub::Figures figures = round();
    EXPECT_EQ(figures.found, 1U);
    EXPECT_EQ(figures.repaired, 0U);
    EXPECT_NE(figures.contradiction, "");
    EXPECT_EQ(**node_.state().database().row_once(0, 1), row);
}

}  // namespace
}  // namespace socai::node
