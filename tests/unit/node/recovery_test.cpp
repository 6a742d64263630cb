// A node whose disk has lost the content of some entries: what the ledger thread does without them, and how they
// come back.
#include "node/recovery.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>

#include "node/ledger_loop.hpp"
#include "small_ledger.hpp"

namespace socai::node {
namespace {

using test::as_founded;
using test::SmallLedger;
using test::TemporaryFolder;

std::string read_all(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class RecoveryTest : public ::testing::Test {
  protected:
    RecoveryTest() : context_{ledger_.genesis, ledger_.rules} {
        entries_.push_back(genesis_log_entry(ledger_.entry));
        for (const char* id : {"a", "b", "c"})
            entries_.push_back(
                next_entry(ledger::make_entry(test::genesis_time_ms + 1, ledger_.statement_text(id))));
        {
            const auto log = open();
            consensus::StorageJob job;
            job.hard = consensus::HardState{{1}, {}, {}};
            job.append = entries_;
            log->write({&job, 1}).value();
            log->note_commit(entries_.back()->id.index);
            log->flush_side_file().value();
        }
        open();  // moves what was written into tables
        rot();
        log_ = open();
        state_ = ledger_.open_state(folder_.path());
    }

    consensus::EntryPtr next_entry(const std::string& payload) const {
        const consensus::EntryId& previous = entries_.back()->id;
        auto entry = std::make_shared<consensus::Entry>();
        entry->kind = consensus::EntryKind::payload;
        entry->payload = payload;
        entry->digest = ledger::leaf_hash(payload);
        entry->id.term = {1};
        entry->id.index = previous.index + 1;
        entry->id.hash = consensus::chain_hash(previous.hash, entry->id.term, entry->id.index, entry->kind,
                                               entry->digest, entry->mark);
        return entry;
    }
    std::unique_ptr<storage::LogStore> open() const {
        return storage::LogStore::open(folder_.path(), ledger_.identity()).value();
    }
    // Changes a byte of the content on disk: the largest table holds it, the ids stand elsewhere.
    void rot() {
        std::filesystem::path largest;
        for (const auto& file : std::filesystem::directory_iterator(folder_.path() + "/log"))
            if (file.path().extension() == ".sst" &&
                (largest.empty() || file.file_size() > std::filesystem::file_size(largest)))
                largest = file.path();
        ASSERT_FALSE(largest.empty()) << "nothing stands in tables";
        std::string bytes = read_all(largest);
        char& byte = bytes[bytes.size() / 4];
        byte = static_cast<char>(byte ^ 1);
        std::ofstream(largest, std::ios::binary) << bytes;
    }

    SmallLedger ledger_;
    TemporaryFolder folder_;
    ledger::Context context_;
    std::vector<consensus::EntryPtr> entries_;
    std::unique_ptr<storage::LogStore> log_;
    std::unique_ptr<storage::StateStore> state_;
};

TEST_F(RecoveryTest, WhatFollowsWaitsUntilTheContentIsBack) {
    std::mutex mutex;
    std::condition_variable changed;
    std::uint64_t applied = 0;
    LedgerLoop loop(
        context_, *log_, *state_, 1'000'000,
        {[](consensus::Event) {}, [](std::function<void(bool)>) {},
         [&](consensus::Index, std::uint64_t size) {
             const std::lock_guard lock(mutex);
             applied = size;
             changed.notify_all();
         },
         [](std::string reason, std::string) { ADD_FAILURE() << reason; },
         [] { return test::genesis_time_ms + 1'000; }, [] { return std::optional<Attempt::End>(); }});
    const consensus::Index last = entries_.back()->id.index;
    const auto damaged = loop.replay(last, last, [](std::uint64_t, std::uint64_t) {});
    ASSERT_TRUE(damaged) << damaged.error().detail;
    ASSERT_FALSE(damaged->empty());
    EXPECT_LT(state_->size(), entries_.size());
    EXPECT_EQ(state_->position().raft_index, damaged->front().id.index - 1);
    loop.start();
    const auto repaired = log_->repair(entries_);
    ASSERT_TRUE(repaired) << repaired.error().detail;
    loop.repaired(*repaired);
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(20), [&] { return applied == entries_.size(); }));
    lock.unlock();
    loop.stop();
    ledger::Frontier tree;
    for (const auto& entry : entries_) tree.append(entry->digest);
    EXPECT_EQ(state_->frontier().root(), tree.root());
}

TEST_F(RecoveryTest, AReadThatFailsIsLookedIntoAndTheCoreIsTold) {
    Verifier pool(context_.genesis, as_founded(context_.genesis), 1);
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<consensus::Event> events;
    std::vector<consensus::Message> sent;
    Recovery recovery(*log_, pool,
                      {[&](consensus::Event event) {
                           const std::lock_guard lock(mutex);
                           events.push_back(std::move(event));
                           changed.notify_all();
                       },
                       [&](consensus::NodeId, consensus::Message message) {
                           const std::lock_guard lock(mutex);
                           sent.push_back(std::move(message));
                           changed.notify_all();
                       },
                       [](std::vector<consensus::Index>) {},
                       [](std::string reason, std::string) { ADD_FAILURE() << reason; },
                       [](consensus::NodeId) { return std::string("most-1"); }});
    recovery.suspect({3}, {3});
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(20), [&] { return !events.empty(); }));
    const auto& damaged = std::get<consensus::Damaged>(events.front());
    ASSERT_EQ(damaged.entries.size(), 1u);
    EXPECT_EQ(damaged.entries.front().id, entries_[2]->id);
    EXPECT_EQ(damaged.entries.front().previous, entries_[1]->id);
    lock.unlock();
    EXPECT_EQ(recovery.figures().found, 1u);

    // Another node asks for it, once it is whole again.
    ASSERT_TRUE(log_->repair(entries_));
    recovery.serve({.to = {2}, .ids = {entries_[2]->id}, .max_bytes = 1'000'000});
    lock.lock();
    ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(20), [&] { return !sent.empty(); }));
    const auto& reply = std::get<consensus::FetchReply>(sent.front());
    ASSERT_EQ(reply.entries.size(), 1u);
    EXPECT_EQ(reply.entries.front()->payload, entries_[2]->payload);
}

}  // namespace
}  // namespace socai::node
