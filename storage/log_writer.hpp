// The storage thread: takes jobs in order, writes everything queued as one group commit, then reports each.
#pragma once

#include <functional>
#include <memory>

#include "consensus/core.hpp"
#include "storage/log_store.hpp"

namespace socai::storage {

class LogWriter {
  public:
    struct Metrics {
        std::uint64_t jobs = 0;
        std::uint64_t commits = 0;  // fsync rounds
        std::uint64_t queue_depth = 0;
        double last_commit_seconds = 0;
    };
    // `done(jobs)` is called on the storage thread after the jobs are durable, in order; `failed` once, after
    // which nothing more is written: the node must stop.
    LogWriter(LogStore& log, std::function<void(std::vector<consensus::StorageJob>)> done,
              std::function<void(const Error&)> failed);
    ~LogWriter();  // writes what is queued, then stops

    void submit(consensus::StorageJob job);
    void note_commit(consensus::Index commit);
    Metrics metrics() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace socai::storage
