// The column families of the `log` database, read as what they mean. Knows the format (log_format.hpp) and
// RocksDB; knows nothing of the side file. Any thread may read; the writer writes batches through `write`.
//
// Error corrupt_log: bytes that are not what was written, or a sector that the disk no longer reads.
#pragma once

#include <rocksdb/write_batch.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/database.hpp"
#include "storage/identity.hpp"
#include "storage/log_format.hpp"

namespace socai::storage {

// What to do about corrupt_log; ends its sentences.
inline constexpr std::string_view log_cure =
    "Start the node again: it keeps what is sound, and fetches the rest from the other nodes.";

// What the log holds at one index.
struct Held {
    std::optional<consensus::EntryId> id;  // nothing: the log does not hold the index, or its id is lost
    consensus::EntryPtr entry;             // null: its content is lost
    // There is content, whole as far as RocksDB can tell, and it is not what the id names: either of them may
    // be the wrong one, or what stands before.
    bool altered = false;
};

class LogDatabase {
  public:
    enum class Mode : std::uint8_t {
        use,     // it must be there
        create,  // make it when the folder holds none
        // Read only, whatever can be read of it, with nothing believed that is not proven (log_scan.hpp). An empty
        // identity: whoever's it is.
        salvage,
        // Read only, as a copy that must be whole.
        look,
    };
    // The database in the folder `path`. Errors as LogStore::open, without the side file's, and corrupt_log.
    static Result<std::unique_ptr<LogDatabase>> open(const std::string& path, const Identity& identity,
                                                     Mode mode);

    // Whose database the one at `path` is. Errors as open in the mode `look`.
    static Result<Identity> owner_of(const std::string& path);

    // Writes the tables of the database at `path` a new manifest, by RocksDB's own repair, which leaves out what
    // it cannot read. False: it failed.
    static bool gather_tables(const std::string& path);

    const std::string& path() const { return path_; }
    Result<Identity> owner() const;
    consensus::EntryId base() const;
    // The base is another one since the latest batch. Writer's thread.
    void set_base(const consensus::EntryId& base);
    // The configuration in force at the base, where an entry made it.
    Result<std::optional<consensus::ConfigurationEntry>> base_configuration() const;
    // Of the latest batch.
    Result<LogMark> mark() const;
    // Runs of terms, ascending.
    Result<std::vector<consensus::TermRun>> runs() const;
    // The id at `index`: the base's, an entry's, or nothing when the log does not hold it.
    Result<std::optional<consensus::EntryId>> find_id(consensus::Index index) const;
    // The ids after `commit` up to `last`, the newest max_recent_ids of them. They must be there.
    Result<std::vector<consensus::EntryId>> recent_ids(consensus::Index commit, consensus::Index last) const;
    // The ids of the configuration entries of the log, ascending.
    Result<std::vector<consensus::EntryId>> configurations() const;
    // Indices of entries that are known to be held by their id alone, ascending.
    Result<std::vector<consensus::Index>> known_damaged() const;

    // Into the batch: what remains of the entry that stands there, and that the files have to be written again. Errors:
    // wrong_remains, damaged_table, corrupt_log.
    Result<void> put_remains(const consensus::Entry& entry, rocksdb::WriteBatch& batch) const;
    // Is there no damage that stands in the way of put_remains and rewrite_withdrawn? Errors: damaged_table, corrupt_log.
    Result<void> check_undamaged() const;
    // Entries whose withdrawn bytes may lie in the files still, ascending.
    Result<std::vector<consensus::Index>> withdrawn_unwritten() const;
    // As LogStore::rewrite_withdrawn.
    Result<void> rewrite_withdrawn() const;

    // Does any content that was lost and came back stand under keys of this range?
    bool has_repairs(std::string_view first, std::string_view last) const;

    // As LogStore::read.
    Result<std::vector<consensus::EntryPtr>> read(consensus::Index first, consensus::Index last,
                                                  std::size_t max_bytes) const;
    // What stands at `index`, after the entry `before`. Errors other than damage.
    Result<Held> look(const consensus::EntryId& before, consensus::Index index) const;
    // The last ids form an unbroken sequence up to `last`, the last entries agree with them and with their
    // chain, but for those of `damaged`, and nothing stands beyond. Bounded: does not grow with the log.
    Result<void> check_tail(const consensus::EntryId& last,
                            const std::vector<consensus::Index>& damaged) const;

    rocksdb::ColumnFamilyHandle* family(LogFamily name) const {
        return database_->family(static_cast<std::size_t>(name));
    }
    // Appends to RocksDB's log and syncs it.
    Result<void> write(rocksdb::WriteBatch& batch);
    // For who reads the files themselves: scrub and backup.
    const Database& files() const { return *database_; }
    // Moves everything into tables and begins RocksDB's log anew, in a new file. Any thread.
    Result<void> renew_write_ahead_log() const;
    // Moves everything into tables, synced, so that RocksDB's log is empty: what recovery found is durable,
    // and what it stopped at is gone. Writes `mark` as the log's own.
    Result<void> settle(const LogMark& mark);

  private:
    Result<void> flush() const;
    LogDatabase(std::string path, std::unique_ptr<Database> database);
    Result<void> initialise(const Identity& identity);
    Result<void> check_owner(const Identity& identity, Mode mode);
    Result<void> load_base();
    Result<std::vector<consensus::EntryPtr>> read_singly(consensus::Index first, consensus::Index last,
                                                         std::size_t max_bytes) const;
    Result<consensus::EntryPtr> read_one(consensus::Index index) const;
    Result<std::vector<consensus::EntryPtr>> read_range(consensus::Index first, consensus::Index last,
                                                        std::size_t max_bytes) const;
    Result<consensus::EntryPtr> checked_entry(const consensus::EntryId& before, const consensus::EntryId& id,
                                              std::string_view body) const;
    Result<consensus::EntryPtr> entry_at(consensus::Index index, const consensus::EntryId& before,
                                         const rocksdb::Iterator& ids, const rocksdb::Iterator& bodies) const;
    std::unique_ptr<rocksdb::Iterator> iterate(LogFamily family) const;
    Result<std::optional<std::string>> get(LogFamily family, std::string_view key) const;
    Result<consensus::Index> last_key(LogFamily family) const;
    Result<void> check_no_gap(consensus::Index last) const;
    // Of reading; a sector that cannot be read is damage like any other.
    Error error(const rocksdb::Status& status, const std::string& doing) const;
    Error write_error(const rocksdb::Status& status, const std::string& doing) const;
    Error damage(const std::string& what) const;

    std::string path_;
    std::unique_ptr<Database> database_;
    mutable std::mutex mutex_;  // guards base_
    consensus::EntryId base_;
};

}  // namespace socai::storage
