// The column families of the `log` database, read as what they mean. Knows the format (log_format.hpp) and
// RocksDB; knows nothing of the side file. Any thread may read; the writer writes batches through `write`.
#pragma once

#include <rocksdb/write_batch.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/database.hpp"
#include "storage/identity.hpp"
#include "storage/log_format.hpp"

namespace socai::storage {

class LogDatabase {
  public:
    // `create`: make it when the folder holds none. Errors as LogStore::open, without the side file's.
    static Result<std::unique_ptr<LogDatabase>> open(const std::string& directory, const Identity& identity,
                                                     bool create);

    const consensus::EntryId& base() const { return base_; }
    // Of the latest batch.
    Result<LogMark> mark() const;
    // Runs of terms, ascending.
    Result<std::vector<consensus::TermRun>> runs() const;
    // The id at `index`: the base's, an entry's, or nothing when the log does not hold it.
    Result<std::optional<consensus::EntryId>> find_id(consensus::Index index) const;
    // The newest configuration entry of the log; nothing when there is none.
    Result<std::optional<consensus::EntryId>> newest_configuration() const;
    // As LogStore::read.
    Result<std::vector<consensus::EntryPtr>> read(consensus::Index first, consensus::Index last,
                                                  std::size_t max_bytes) const;
    // The last ids form an unbroken sequence up to `last`, the last entries agree with them and with their
    // chain, and nothing stands beyond. Bounded: does not grow with the log.
    Result<void> check_tail(const consensus::EntryId& last) const;

    rocksdb::ColumnFamilyHandle* family(LogFamily name) const {
        return database_->family(static_cast<std::size_t>(name));
    }
    // Appends to RocksDB's log and syncs it.
    Result<void> write(rocksdb::WriteBatch& batch);
    // Moves everything into tables, synced, so that RocksDB's log is empty: what recovery found is durable,
    // and what it stopped at is gone. `mark` is the log's own.
    Result<void> settle(const LogMark& mark);

  private:
    LogDatabase(std::string path, std::unique_ptr<Database> database);
    Result<void> initialise(const Identity& identity);
    Result<void> check_owner(const Identity& identity);
    Result<std::vector<consensus::EntryPtr>> read_one(consensus::Index index) const;
    Result<std::vector<consensus::EntryPtr>> read_range(consensus::Index first, consensus::Index last,
                                                        std::size_t max_bytes) const;
    Result<consensus::EntryPtr> checked_entry(const consensus::EntryId& before, const consensus::EntryId& id,
                                              std::string_view body) const;
    Result<consensus::EntryPtr> entry_at(consensus::Index index, const consensus::EntryId& before,
                                         const rocksdb::Iterator& ids, const rocksdb::Iterator& bodies) const;
    Result<std::optional<std::string>> get(LogFamily family, std::string_view key) const;
    Result<void> check_last_key(LogFamily family, consensus::Index last) const;
    Result<void> check_no_gap(consensus::Index last) const;
    Error error(const rocksdb::Status& status, const std::string& doing) const;
    Error damage(const std::string& what) const;

    std::string path_;
    std::unique_ptr<Database> database_;
    consensus::EntryId base_;
};

}  // namespace socai::storage
