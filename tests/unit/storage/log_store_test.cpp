#include "storage/log_store.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support.hpp"

namespace socai::storage {
namespace {

using test::TempFolder;

class LogStoreTest : public testing::Test {
  protected:
    void open() {
        log.reset();
        log = test::open_log(folder.path());
        ASSERT_NE(log, nullptr);
        last = log->start().log.last;
    }
    void write(consensus::StorageJob job) {
        if (!job.append.empty()) {
            last = job.append.back()->id;
            model.insert(model.end(), job.append.begin(), job.append.end());
        }
        const auto done = log->write({&job, 1});
        ASSERT_TRUE(done) << done.error().detail;
    }
    void append(std::uint64_t term, std::size_t count, std::size_t bytes = 20) {
        write(test::append_job(test::next_entries(last, term, count, bytes)));
    }
    void truncate_and_append(std::uint64_t from, std::uint64_t term, std::size_t count) {
        model.resize(from - 1);
        last = from == 1 ? consensus::EntryId{} : model.back()->id;
        consensus::StorageJob job = test::append_job(test::next_entries(last, term, count));
        job.truncate_from = consensus::Index{from};
        job.hard = test::hard_state(term);
        write(std::move(job));
    }
    void expect_model() {
        const auto entries = log->read({1}, {model.size() + 10}, ~std::size_t{0});
        ASSERT_TRUE(entries) << entries.error().detail;
        ASSERT_EQ(entries->size(), model.size());
        for (std::size_t i = 0; i < model.size(); ++i) {
            EXPECT_TRUE(test::same_entry(*(*entries)[i], *model[i])) << i;
        }
    }

    TempFolder folder;
    std::unique_ptr<LogStore> log;
    consensus::EntryId last;
    std::vector<consensus::EntryPtr> model;
};

TEST_F(LogStoreTest, ANewLogIsEmptyAndStaysSo) {
    for (int start = 0; start < 3; ++start) {
        open();
        EXPECT_EQ(log->start().log.last, consensus::EntryId{});
        EXPECT_TRUE(log->start().log.runs.empty());
        EXPECT_EQ(log->start().hard, consensus::HardState{});
        EXPECT_FALSE(log->start().torn_tail_cut);
        const auto entries = log->read({1}, {5}, 1000);
        ASSERT_TRUE(entries);
        EXPECT_TRUE(entries->empty());
    }
}

TEST_F(LogStoreTest, WhatIsWrittenIsThereAfterARestart) {
    open();
    consensus::StorageJob job;
    job.append.push_back(consensus::make_noop({}, {2}));
    job.append.push_back(test::next_configuration(job.append[0]->id, 2, {{1}, {2}}));
    job.append.push_back(test::next_entry(job.append[1]->id, 2, "1 a.b.c", consensus::EntryKind::payload,
                                          consensus::Digest{9}));
    job.hard = {{2}, {3}, job.append[1]->id};
    write(job);
    append(5, 3);
    expect_model();
    log->note_commit({4});
    log->note_commit({2});  // never falls
    EXPECT_TRUE(log->side_file_behind());
    ASSERT_TRUE(log->flush_side_file());
    EXPECT_FALSE(log->side_file_behind());

    open();
    expect_model();
    EXPECT_EQ(log->start().hard, *job.hard);
    EXPECT_EQ(log->start().commit, consensus::Index{4});
    EXPECT_EQ(log->start().log.last, model.back()->id);
    EXPECT_EQ(log->start().log.base, consensus::EntryId{});
    EXPECT_EQ(log->start().log.runs, (std::vector<consensus::TermRun>{{{2}, {1}}, {{5}, {4}}}));
    EXPECT_EQ(*log->id_at({0}), consensus::EntryId{});
    EXPECT_EQ(*log->id_at({5}), model[4]->id);
    EXPECT_EQ(test::reason_of(log->id_at({7})), "corrupt_log");
}

TEST_F(LogStoreTest, AJobOfHardStateAloneWritesOnlyTheSideFile) {
    open();
    append(1, 1);
    const auto log_bytes = [&] {
        std::size_t bytes = 0;
        for (const auto& file : test::files_like(folder / "log", "", ".log"))
            bytes += std::filesystem::file_size(file);
        return bytes;
    };
    const std::size_t before = log_bytes();
    consensus::StorageJob vote;
    vote.hard = test::hard_state(9, 2);
    write(vote);
    EXPECT_EQ(log_bytes(), before);
    open();
    EXPECT_EQ(log->start().hard, test::hard_state(9, 2));
}

TEST_F(LogStoreTest, TruncationTakesEntriesTermsAndConfigurations) {
    open();
    append(1, 4);
    append(2, 3);
    append(4, 2);
    truncate_and_append(6, 5, 2);
    expect_model();
    open();
    expect_model();
    EXPECT_EQ(log->start().log.runs, (std::vector<consensus::TermRun>{{{1}, {1}}, {{2}, {5}}, {{5}, {6}}}));
    truncate_and_append(1, 6, 1);
    open();
    expect_model();
    EXPECT_EQ(log->start().log.runs, (std::vector<consensus::TermRun>{{{6}, {1}}}));
}

TEST_F(LogStoreTest, AGroupOfJobsIsAppliedInOrder) {
    open();
    append(1, 2);
    const auto a = test::next_entries(last, 1, 3);
    const auto b = test::next_entries(a[0]->id, 2, 2);
    std::vector<consensus::StorageJob> jobs(3);
    jobs[0].append = a;
    jobs[1].hard = test::hard_state(2, 7);
    jobs[1].truncate_from = consensus::Index{4};
    jobs[1].append = b;
    jobs[2].hard = test::hard_state(3, 0);
    ASSERT_TRUE(log->write(jobs));
    model.insert(model.end(), {a[0], b[0], b[1]});
    expect_model();
    open();
    expect_model();
    EXPECT_EQ(log->start().hard, test::hard_state(3, 0));
    EXPECT_EQ(log->start().log.runs, (std::vector<consensus::TermRun>{{{1}, {1}}, {{2}, {4}}}));
}

TEST_F(LogStoreTest, TruncatingWhatIsNotThereChangesNothing) {
    open();
    append(1, 2);
    consensus::StorageJob job;
    job.truncate_from = consensus::Index{3};
    write(job);
    expect_model();
    ASSERT_TRUE(log->flush_side_file());
    EXPECT_FALSE(log->side_file_behind());
}

TEST_F(LogStoreTest, ReadsStopAtTheirBounds) {
    open();
    append(1, 10, 100);
    EXPECT_EQ(log->read({3}, {6}, ~std::size_t{0})->size(), 4U);
    EXPECT_EQ(log->read({3}, {6}, 250)->size(), 2U);
    EXPECT_EQ(log->read({3}, {6}, 0)->size(), 1U);  // at least one
    EXPECT_EQ(log->read({9}, {~std::uint64_t{0}}, ~std::size_t{0})->size(), 2U);
    EXPECT_EQ(log->read({11}, {12}, 1000)->size(), 0U);
    EXPECT_EQ(log->read({12}, {15}, 1000)->size(), 0U);
    EXPECT_EQ(log->read({5}, {4}, 1000)->size(), 0U);
    EXPECT_EQ(log->read({0}, {4}, 1000)->size(), 0U);
}

// Readers run while the tail is replaced again and again: what they read always chains, and is never damage.
TEST_F(LogStoreTest, ReadersSeeWholeWrites) {
    open();
    append(1, 50);
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> faults{0};
    std::thread reader([&] {
        while (!stop) {
            const auto entries = log->read({20}, {200}, ~std::size_t{0});
            if (!entries || entries->size() < 10) ++faults;
            if (!log->read({35}, {35}, 0)) ++faults;
        }
    });
    for (std::uint64_t term = 2; term < 150; ++term) {
        truncate_and_append(30 + term % 10, term, 20 + term % 7);
    }
    stop = true;
    reader.join();
    EXPECT_EQ(faults, 0U);
    expect_model();
}

TEST_F(LogStoreTest, AnotherNodesFolderIsRefused) {
    open();
    log.reset();
    Identity other = test::identity();
    other.node = "most-1";
    const auto found = LogStore::open(folder.path(), other);
    ASSERT_EQ(test::reason_of(found), "wrong_identity");
    EXPECT_NE(found.error().detail.find("customs-1"), std::string::npos);
    EXPECT_NE(found.error().detail.find("most-1"), std::string::npos);
    other = test::identity();
    other.genesis_hash[0] = 'b';
    EXPECT_EQ(test::reason_of(LogStore::open(folder.path(), other)), "wrong_identity");
    open();
}

TEST_F(LogStoreTest, AFolderInUseIsRefused) {
    open();
    const auto second = LogStore::open(folder.path(), test::identity());
    ASSERT_EQ(test::reason_of(second), "locked") << second.error().detail;
    EXPECT_NE(second.error().detail.find(folder.path()), std::string::npos);
}

TEST_F(LogStoreTest, AFolderThatCannotBeMadeIsAnIoError) {
    test::write_file(folder / "file", "x");
    EXPECT_EQ(test::reason_of(LogStore::open(folder / "file/below", test::identity())), "io_error");
}

TEST_F(LogStoreTest, AMissingSideFileBesideEntriesIsRefused) {
    open();
    append(1, 1);
    log.reset();
    std::filesystem::remove(folder / "acknowledged");
    EXPECT_EQ(test::reason_of(LogStore::open(folder.path(), test::identity())), "corrupt_side_file");
    // And again: refusing must not have made one.
    EXPECT_EQ(test::reason_of(LogStore::open(folder.path(), test::identity())), "corrupt_side_file");
}

TEST_F(LogStoreTest, AnInterruptedCreationIsCompleted) {
    open();
    log.reset();
    std::filesystem::remove(folder / "acknowledged");  // the log was made, the side file not yet
    open();
    append(1, 1);
    open();
    expect_model();
}

TEST_F(LogStoreTest, AMissingDatabaseBesideAnUnusedSideFileIsMadeAgain) {
    open();
    log.reset();
    std::filesystem::remove_all(folder / "log");
    open();
    ASSERT_TRUE(log->start().damage);
    EXPECT_EQ(log->start().damage->lost, 0U);
    EXPECT_EQ(log->start().log.promised, consensus::EntryId{});
    append(1, 2);
    open();
    expect_model();
    EXPECT_FALSE(log->start().damage);
}

}  // namespace
}  // namespace socai::storage
