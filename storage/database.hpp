// A RocksDB database with its column families: opened together, closed in the right order, and its statuses
// put into our words. Thread rules are RocksDB's: any thread may read and write.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <memory>
#include <string>
#include <vector>

#include "storage/error.hpp"

namespace socai::storage {

// `damaged` is the reason for bytes that are not what was written: corrupt_log or corrupt_state. `place` says
// what was being done and where; `cure` what to do about damage.
struct Trouble {
    std::string damaged;
    std::string place;
    std::string cure;
};
Error explain(const rocksdb::Status& status, const Trouble& trouble);

class Database {
  public:
    // `families` must be all of the database's, the default one first.
    static rocksdb::Status open(const std::string& path, const rocksdb::DBOptions& options,
                                const std::vector<rocksdb::ColumnFamilyDescriptor>& families,
                                std::unique_ptr<Database>& database);
    // As it is found, changing nothing in the folder and taking no lock. With `options.paranoid_checks` off
    // also where tables are missing or damaged: reading them is what fails then.
    static rocksdb::Status open_read_only(const std::string& path, const rocksdb::DBOptions& options,
                                          const std::vector<rocksdb::ColumnFamilyDescriptor>& families,
                                          std::unique_ptr<Database>& database);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    rocksdb::DB* operator->() const { return db_.get(); }
    rocksdb::DB* get() const { return db_.get(); }
    // Borrowed; in the order of `families`.
    rocksdb::ColumnFamilyHandle* family(std::size_t position) const { return families_.at(position); }
    const std::vector<rocksdb::ColumnFamilyHandle*>& families() const { return families_; }
    // Blocks of tables that are in memory and not in use go: what is read next is read from the disk.
    void forget_cached() const;
    // Every table as a whole and block by block, against the sums that were noted when it was written.
    rocksdb::Status verify_tables() const;
    // The database as it is now, as one more folder, on the same file system by hard links: everything in memory is
    // moved into tables first.
    rocksdb::Status checkpoint(const std::string& path) const;

  private:
    Database() = default;
    std::unique_ptr<rocksdb::DB> db_;
    std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

// RocksDB's lock on a folder, taken without opening the database in it: nobody else can open it meanwhile.
class FolderLock {
  public:
    // Error locked when another process, or this one, works in the folder.
    static Result<FolderLock> take(const std::string& path);
    FolderLock(FolderLock&&) noexcept = default;
    FolderLock& operator=(FolderLock&&) noexcept = default;
    ~FolderLock() = default;

  private:
    struct Release {
        void operator()(rocksdb::FileLock* lock) const;
    };
    explicit FolderLock(rocksdb::FileLock* lock) : lock_(lock) {}
    std::unique_ptr<rocksdb::FileLock, Release> lock_;
};

// Is there anything in the folder that a database left behind? (Not: is it sound.)
bool database_exists(const std::string& path);
// Or anything that was written into one: tables, or a write-ahead log with something in it? Without, a database there is
// no more than an interrupted creation.
bool database_holds(const std::string& path);

// What both databases share: bounded files and logs, little chatter, no statistics thread.
rocksdb::DBOptions common_options(int max_open_files);

}  // namespace socai::storage
