// One group commit in the making: the jobs' truncations and appends in order, as one RocksDB batch together
// with the LogMark that describes it. Used by LogStore's writer only.
#pragma once

#include <rocksdb/write_batch.h>

#include <span>
#include <vector>

#include "consensus/core.hpp"
#include "storage/log_database.hpp"

namespace socai::storage {

class LogBatch {
  public:
    // `mark` and `runs` describe the log before; `log` is borrowed.
    LogBatch(const LogDatabase& log, const LogMark& mark, std::vector<consensus::TermRun> runs);

    // Preconditions, which the core keeps and which are asserted: a truncation stays above the base, appends
    // follow the end, terms do not fall.
    Result<void> add(const consensus::StorageJob& job);

    // Does it change the log at all? If not there is nothing to write and the mark stays as it was.
    bool changes_log() const { return changed_; }
    // The log after this batch.
    const LogMark& mark() const { return mark_; }
    const std::vector<consensus::TermRun>& runs() const { return runs_; }
    // Completes the batch with its mark.
    rocksdb::WriteBatch& finish();

  private:
    Result<void> truncate(consensus::Index from);
    void append(const consensus::Entry& entry);
    void change();

    const LogDatabase& log_;
    LogMark mark_;
    std::vector<consensus::TermRun> runs_;
    std::vector<consensus::EntryId> appended_;  // by this batch and not truncated by it: the end of the log
    rocksdb::WriteBatch batch_;
    bool changed_ = false;
};

}  // namespace socai::storage
