// The storage thread: takes jobs in order, writes everything queued as one group commit, then reports each.
// While one commit waits for the disk the next one gathers: the group grows with the load by itself. The
// queue is bounded by the core's limits on what is uncommitted and in flight.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "consensus/core.hpp"
#include "storage/log_store.hpp"

namespace socai::storage {

// submit, repair, note_commit and metrics from any thread.
class LogWriter {
  public:
    struct Metrics {
        std::uint64_t jobs = 0;         // made durable
        std::uint64_t commits = 0;      // fsync rounds
        std::uint64_t queue_depth = 0;  // jobs waiting, those being written included
        double last_commit_seconds = 0;
    };
    // `log` is borrowed and must outlive the writer, which alone writes to it. `done(jobs)` is called on the
    // storage thread after the jobs are durable, in order; `failed` once, after which nothing more is
    // written: the node must stop. Both must not throw.
    LogWriter(LogStore& log, std::function<void(std::vector<consensus::StorageJob>)> done,
              std::function<void(const Error&)> failed);
    ~LogWriter();  // writes what is queued, refreshes the side file, then stops

    void submit(consensus::StorageJob job);
    // Writes content for damaged entries (LogStore::repair) in its turn among the jobs. `repaired`, on the
    // storage thread, gets the indices that are whole and durable now; it must not throw.
    void repair(std::vector<consensus::EntryPtr> entries,
                std::function<void(std::vector<consensus::Index>)> repaired);
    // Puts what remains of withdrawn leaves in their place (LogStore::withdraw) in its turn; `done` as above.
    void withdraw(std::vector<consensus::EntryPtr> remains, std::function<void(Result<void>)> done);
    // Writes the side file anew in its turn (LogStore::renew_side_file); `renewed` as above.
    void renew_side_file(std::function<void()> renewed);
    void note_commit(consensus::Index commit);
    Metrics metrics() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace socai::storage
