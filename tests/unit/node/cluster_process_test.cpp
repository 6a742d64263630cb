#include "node/cluster/process.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "node/cluster/lock.hpp"
#include "node/cluster/log_tail.hpp"
#include "temporary_folder.hpp"

namespace socai::node::cluster {
namespace {

using namespace std::chrono_literals;
using test::get;
using test::put;
using test::TemporaryFolder;

constexpr auto deadline = 30s;

bool eventually(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(1ms);
    }
    return true;
}

class ClusterProcessTest : public testing::Test {
  protected:
    void TearDown() override {
        for (const ProcessId& process : started_) send_signal(process, SIGKILL);
    }
    ProcessId start(const std::string& script) {
        const Result<ProcessId> process = start_process({"/bin/sh", "-c", script}, folder_ / "log");
        EXPECT_TRUE(process) << process.error().detail;
        started_.push_back(*process);
        return *process;
    }
    TemporaryFolder folder_;
    std::vector<ProcessId> started_;
};

TEST_F(ClusterProcessTest, IsRunningPausedAndGone) {
    const ProcessId process = start("exec sleep 600");
    EXPECT_EQ(state_of(process), ProcessState::running);
    ASSERT_TRUE(send_signal(process, SIGSTOP));
    EXPECT_TRUE(eventually([&] { return state_of(process) == ProcessState::paused; }));
    ASSERT_TRUE(send_signal(process, SIGCONT));
    EXPECT_TRUE(eventually([&] { return state_of(process) == ProcessState::running; }));
    EXPECT_FALSE(wait_gone(process, 0ms));
    ASSERT_TRUE(send_signal(process, SIGKILL));
    EXPECT_TRUE(wait_gone(process, deadline));
    EXPECT_EQ(state_of(process), ProcessState::gone);
    EXPECT_FALSE(send_signal(process, SIGKILL));
}

TEST_F(ClusterProcessTest, ANumberThatWasGivenToAnotherProcessIsNotOurs) {
    const ProcessId process = start("exec sleep 600");
    ProcessId earlier = process;
    earlier.started -= 1;
    EXPECT_EQ(state_of(earlier), ProcessState::gone);
    EXPECT_FALSE(send_signal(earlier, SIGKILL));
    ProcessId other_boot = process;
    other_boot.boot = "00000000-0000-0000-0000-000000000000";
    EXPECT_EQ(state_of(other_boot), ProcessState::gone);
    EXPECT_FALSE(send_signal(other_boot, SIGKILL));
    EXPECT_EQ(state_of(process), ProcessState::running);
    EXPECT_EQ(state_of(ProcessId{}), ProcessState::gone);
}

TEST_F(ClusterProcessTest, OutputIsAppendedToTheLog) {
    put(folder_ / "log", "before\n");
    const ProcessId process = start("echo out; echo err >&2; cat");  // standard input is empty
    ASSERT_TRUE(wait_gone(process, deadline));
    EXPECT_EQ(get(folder_ / "log"), "before\nout\nerr\n");
}

TEST_F(ClusterProcessTest, InheritsNoDescriptorAndNoBlockedSignal) {
    const std::string lock_path = folder_ / "lock";
    const Result<FolderLock> lock = FolderLock::take(lock_path, 0ms, [] {});
    ASSERT_TRUE(lock);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    const ProcessId process = start("ls /proc/self/fd | wc -l; grep SigBlk /proc/self/status");
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ASSERT_TRUE(wait_gone(process, deadline));
    // 0, 1, 2 and the folder that ls reads.
    EXPECT_EQ(get(folder_ / "log"), "4\nSigBlk:\t0000000000000000\n");
}

TEST_F(ClusterProcessTest, AProgramThatIsNotThereCannotBeStarted) {
    const Result<ProcessId> process = start_process({folder_ / "no-such-program"}, folder_ / "log");
    ASSERT_FALSE(process);
    EXPECT_EQ(process.error().reason, "cannot_start");
}

TEST_F(ClusterProcessTest, IsRememberedAcrossCommands) {
    const std::string path = folder_ / "customs-1.json";
    const Result<std::optional<ProcessId>> none = recall_process(path);
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
    const ProcessId process{4711, 123'456'789'012, "b7c2"};
    ASSERT_TRUE(remember_process(path, process));
    EXPECT_EQ(recall_process(path).value(), process);
    for (const char* damage :
         {"", "{}", "[1]", R"({"pid":"1","started":2,"boot":"x"})", R"({"pid":1,"started":2})"}) {
        put(path, damage);
        const auto recalled = recall_process(path);
        ASSERT_FALSE(recalled) << damage;
        EXPECT_EQ(recalled.error().reason, "run_file_damaged");
    }
}

TEST(FolderLockTest, OneAtATime) {
    TemporaryFolder folder;
    const std::string path = folder / "lock";
    std::optional<Result<FolderLock>> first(FolderLock::take(path, 0ms, [] { FAIL(); }));
    ASSERT_TRUE(*first);
    const Result<FolderLock> second = FolderLock::take(path, 0ms, [] {});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().reason, "busy");
    // Waits, tells so once, and gets it when the first is done.
    int told = 0;
    const Result<FolderLock> third = FolderLock::take(path, deadline, [&] {
        ++told;
        first.reset();
    });
    EXPECT_TRUE(third);
    EXPECT_EQ(told, 1);
}

TEST(FolderLockTest, ALockOnADeletedFileIsWorthless) {
    TemporaryFolder folder;
    const std::string path = folder / "lock";
    std::optional<Result<FolderLock>> first(FolderLock::take(path, 0ms, [] {}));
    const Result<FolderLock> second = FolderLock::take(path, deadline, [&] {
        std::filesystem::remove(path);  // as a purge does
        first.reset();
    });
    ASSERT_TRUE(second);
    const Result<FolderLock> third = FolderLock::take(path, 0ms, [] {});
    ASSERT_FALSE(third) << "the second holds the file that stands there now";
}

TEST(LogTailTest, GivesTheLastLines) {
    TemporaryFolder folder;
    const std::string path = folder / "log";
    EXPECT_EQ(last_lines(path, 5).value(), "");
    put(path, "one\ntwo\nthree\n");
    EXPECT_EQ(last_lines(path, 0).value(), "");
    EXPECT_EQ(last_lines(path, 1).value(), "three\n");
    EXPECT_EQ(last_lines(path, 2).value(), "two\nthree\n");
    EXPECT_EQ(last_lines(path, 9).value(), "one\ntwo\nthree\n");
    put(path, "one\nunfinished");
    EXPECT_EQ(last_lines(path, 1).value(), "unfinished");
}

TEST(LogTailTest, FollowsWhatIsAppendedAlsoAfterTruncation) {
    TemporaryFolder folder;
    const std::string path = folder / "log";
    put(path, "long line that was there before\n");
    std::string seen;
    int looks = 0;
    const auto end = std::chrono::steady_clock::now() + deadline;
    follow(
        path, [&](std::string_view bytes) { seen += bytes; },
        [&] {
            if (looks++ == 0) std::ofstream(path, std::ios::app) << "more\n";
            if (seen == "more\n") put(path, "new\n");
            return seen == "more\nnew\n" || std::chrono::steady_clock::now() > end;
        });
    EXPECT_EQ(seen, "more\nnew\n");
}

}  // namespace
}  // namespace socai::node::cluster
