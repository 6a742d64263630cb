// One group commit in the making: the jobs' new bases, truncations and appends in order, as one RocksDB batch
// together with the LogMark that describes it. Used by LogStore's writer, and where a log is copied.
#pragma once

#include <rocksdb/write_batch.h>

#include <optional>
#include <string_view>
#include <vector>

#include "consensus/core.hpp"
#include "storage/log_database.hpp"

namespace socai::storage {

class LogBatch {
  public:
    // `mark` and `runs` describe the log before; `log` is borrowed.
    LogBatch(const LogDatabase& log, const LogMark& mark, std::vector<consensus::TermRun> runs);

    // Preconditions of the following, which the core keeps and which are asserted: a truncation stays above the base, appends
    // follow the end, terms do not fall.
    Result<void> add(const consensus::StorageJob& job);
    // An entry that is held by its id alone.
    void append_damaged(const consensus::EntryId& id);
    // The log begins anew, empty, after `base`.
    void restart(const consensus::EntryId& base,
                 const std::optional<consensus::ConfigurationEntry>& configuration);
    // Everything up to and including `base`, an entry of the log or its base, goes; `configuration` is in force
    // there, if an entry made it.
    void prune(const consensus::EntryId& base,
               const std::optional<consensus::ConfigurationEntry>& configuration);

    // Does it change the log at all? If not there is nothing to write and the mark stays as it was.
    bool changes_log() const { return changed_; }
    // The log after this batch.
    const LogMark& mark() const { return mark_; }
    const std::vector<consensus::TermRun>& runs() const { return runs_; }
    const consensus::EntryId& base() const { return base_; }
    // Completes the batch with its mark; `commit` is known committed in the log before it.
    rocksdb::WriteBatch& finish(consensus::Index commit);

  private:
    Result<void> truncate(consensus::Index from);
    void append(const consensus::Entry& entry);
    void append_id(const consensus::EntryId& id);
    void put_base(const consensus::EntryId& base,
                  const std::optional<consensus::ConfigurationEntry>& configuration);
    void delete_to(std::string_view end_of_numbers);
    void change();

    const LogDatabase& log_;
    LogMark mark_;
    consensus::EntryId base_;
    std::vector<consensus::TermRun> runs_;
    std::vector<consensus::EntryId> appended_;  // by this batch and not truncated by it: the end of the log
    rocksdb::WriteBatch batch_;
    bool changed_ = false;
};

}  // namespace socai::storage
