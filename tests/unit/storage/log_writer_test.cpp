#include "storage/log_writer.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#include "storage/side_file.hpp"
#include "support.hpp"

namespace socai::storage {
namespace {

using namespace std::chrono_literals;

// Collects what the writer reports; waits with a deadline.
class Reports {
  public:
    auto done() {
        return [this](std::vector<consensus::StorageJob> jobs) {
            const std::lock_guard lock(mutex_);
            for (const auto& job : jobs) tickets_.push_back(job.ticket);
            groups_ += 1;
            changed_.notify_all();
        };
    }
    auto failed() {
        return [this](const Error& error) {
            const std::lock_guard lock(mutex_);
            errors_.push_back(error);
            changed_.notify_all();
        };
    }
    template <class Condition>
    bool wait(Condition condition) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 60s, [&] { return condition(*this); });
    }
    std::vector<std::uint64_t> tickets_;
    std::vector<Error> errors_;
    std::size_t groups_ = 0;

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
};

bool eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::yield();
    }
    return true;
}

TEST(LogWriter, JobsAreReportedOnceInOrderAndAreThere) {
    test::TempFolder folder;
    constexpr std::uint64_t count = 500;
    Reports reports;
    std::vector<consensus::EntryPtr> entries = test::next_entries({}, 1, count);
    {
        const auto log = test::open_log(folder.path());
        LogWriter writer(*log, reports.done(), reports.failed());
        for (std::uint64_t i = 0; i < count; ++i) {
            consensus::StorageJob job = test::append_job({entries[i]});
            job.ticket = i;
            writer.submit(std::move(job));
        }
        ASSERT_TRUE(reports.wait([](const Reports& r) { return r.tickets_.size() == count; }));
        const LogWriter::Metrics metrics = writer.metrics();
        EXPECT_EQ(metrics.jobs, count);
        EXPECT_EQ(metrics.queue_depth, 0U);
        EXPECT_EQ(metrics.commits, reports.groups_);
        EXPECT_GT(metrics.last_commit_seconds, 0);
    }
    for (std::uint64_t i = 0; i < count; ++i) EXPECT_EQ(reports.tickets_[i], i);
    EXPECT_TRUE(reports.errors_.empty());
    EXPECT_EQ(test::open_log(folder.path())->start().log.last, entries.back()->id);
}

TEST(LogWriter, WhatIsQueuedIsWrittenBeforeItStops) {
    test::TempFolder folder;
    Reports reports;
    const auto entries = test::next_entries({}, 1, 100);
    {
        const auto log = test::open_log(folder.path());
        LogWriter writer(*log, reports.done(), reports.failed());
        for (const auto& entry : entries) writer.submit(test::append_job({entry}));
    }
    EXPECT_EQ(reports.tickets_.size(), entries.size());
    const auto side = SideFile::open(folder / "acknowledged", false);
    ASSERT_TRUE(side);
    EXPECT_EQ((*side)->state().durable, entries.back()->id);
}

TEST(LogWriter, AnIdleWriterBringsTheSideFileUpToDate) {
    test::TempFolder folder;
    Reports reports;
    const auto log = test::open_log(folder.path());
    LogWriter writer(*log, reports.done(), reports.failed());
    const auto entries = test::next_entries({}, 1, 3);
    writer.submit(test::append_job(entries));
    writer.note_commit({2});
    EXPECT_TRUE(eventually([&] {
        const auto side = SideFile::open(folder / "acknowledged", false);
        return side && (*side)->state().durable == entries.back()->id &&
               (*side)->state().commit == consensus::Index{2};
    }));
}

// While it lives, no file of this process may grow beyond `bytes`: the nearest thing to a full disk that
// needs no privileges.
class SmallFiles {
  public:
    explicit SmallFiles(rlim_t bytes) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~SmallFiles() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    SmallFiles(const SmallFiles&) = delete;
    SmallFiles& operator=(const SmallFiles&) = delete;

  private:
    rlimit before_{};
};

TEST(LogWriter, AFailureIsToldOnceAndNothingIsReportedAfter) {
    test::TempFolder folder;
    Reports reports;
    const auto entries = test::next_entries({}, 1, 3, 50'000);
    {
        const auto log = test::open_log(folder.path());
        LogWriter writer(*log, reports.done(), reports.failed());
        writer.submit(test::append_job({entries[0]}));
        ASSERT_TRUE(reports.wait([](const Reports& r) { return r.tickets_.size() == 1; }));
        const SmallFiles full(65'536);
        writer.submit(test::append_job({entries[1]}));
        ASSERT_TRUE(reports.wait([](const Reports& r) { return !r.errors_.empty(); }));
        writer.submit(test::append_job({entries[2]}));
    }
    ASSERT_EQ(reports.errors_.size(), 1U);
    EXPECT_EQ(reports.errors_[0].reason, "io_error") << reports.errors_[0].detail;
    EXPECT_NE(reports.errors_[0].detail.find(folder.path()), std::string::npos);
    EXPECT_EQ(reports.tickets_.size(), 1U);
    // The next start finds the first entry, and no more than a torn tail after it.
    const auto log = test::open_log(folder.path());
    ASSERT_NE(log, nullptr);
    EXPECT_EQ(log->start().log.last, entries[0]->id);
    EXPECT_TRUE(log->start().torn_tail_cut);
}

}  // namespace
}  // namespace socai::storage
