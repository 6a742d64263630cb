// A thread that runs one task at a time beside its owner: LogStore syncs the side file on it while it syncs
// RocksDB's log itself, so that a commit waits for the slower of two syncs and not for their sum.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace socai::storage {

// One owner thread calls start() and wait(), in turn. Tasks must not throw.
class Companion {
  public:
    Companion();
    ~Companion();
    Companion(const Companion&) = delete;
    Companion& operator=(const Companion&) = delete;

    void start(std::function<void()> task);
    // Returns when the task has ended; what it wrote is visible to the caller.
    void wait();

  private:
    void run();

    std::mutex mutex_;  // guards the two below
    std::function<void()> task_;
    bool stopping_ = false;
    std::condition_variable changed_;
    std::thread thread_;
};

}  // namespace socai::storage
