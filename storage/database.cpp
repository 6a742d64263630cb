#include "storage/database.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>

#include <filesystem>
#include <system_error>

namespace socai::storage {

namespace {

// Who only reads leaves no diary behind.
class Silent : public rocksdb::Logger {
  public:
    using rocksdb::Logger::Logv;
    void Logv(const char*, va_list) override {}
};

}  // namespace

Error explain(const rocksdb::Status& status, const Trouble& trouble) {
    const std::string said = status.ToString();
    if (status.IsNoSpace()) {
        return {"no_space", trouble.place + ": " + said + ". Free space on this disk, then try again."};
    }
    // RocksDB tells a held lock by nothing but its text.
    if (status.IsIOError() && said.find("lock") != std::string::npos &&
        said.find("LOCK") != std::string::npos) {
        return {"locked", trouble.place +
                              ": another process works in this folder. Stop the other node first, or give "
                              "this one a folder of its own (" +
                              said + ")."};
    }
    // A file or a part of it that should be there and is not, counts as damage.
    const bool missing = status.IsPathNotFound() || status.IsNotFound() ||
                         said.find("No such file or directory") != std::string::npos;
    if (status.IsCorruption() || status.IsInvalidArgument() || missing) {
        return {trouble.damaged, trouble.place + ": " + said + ". " + trouble.cure};
    }
    return {"io_error",
            trouble.place + ": " + said + ". Check the disk and the rights on the folder, then try again."};
}

rocksdb::Status Database::open(const std::string& path, const rocksdb::DBOptions& options,
                               const std::vector<rocksdb::ColumnFamilyDescriptor>& families,
                               std::unique_ptr<Database>& database) {
    std::unique_ptr<Database> opened(new Database());
    rocksdb::DB* db = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(options, path, families, &opened->families_, &db);
    if (!status.ok()) return status;
    opened->db_.reset(db);
    database = std::move(opened);
    return status;
}

rocksdb::Status Database::open_read_only(const std::string& path, const rocksdb::DBOptions& options,
                                         const std::vector<rocksdb::ColumnFamilyDescriptor>& families,
                                         std::unique_ptr<Database>& database) {
    std::unique_ptr<Database> opened(new Database());
    rocksdb::DBOptions silent = options;
    silent.info_log = std::make_shared<Silent>();
    rocksdb::DB* db = nullptr;
    const rocksdb::Status status =
        rocksdb::DB::OpenForReadOnly(silent, path, families, &opened->families_, &db);
    if (!status.ok()) return status;
    opened->db_.reset(db);
    database = std::move(opened);
    return status;
}

Result<FolderLock> FolderLock::take(const std::string& path) {
    rocksdb::FileLock* lock = nullptr;
    const rocksdb::Status status = rocksdb::Env::Default()->LockFile(path + "/LOCK", &lock);
    if (!status.ok()) return explain(status, {"locked", "cannot lock " + path, "Stop the other node first."});
    return FolderLock(lock);
}

void FolderLock::Release::operator()(rocksdb::FileLock* lock) const {
    rocksdb::Env::Default()->UnlockFile(lock).PermitUncheckedError();
}

Database::~Database() {
    if (!db_) return;
    for (rocksdb::ColumnFamilyHandle* family : families_) {
        db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
    }
    db_->Close().PermitUncheckedError();
}

void Database::forget_cached() const {
    for (rocksdb::ColumnFamilyHandle* family : families_) {
        const auto factory = db_->GetOptions(family).table_factory;
        const auto* table = factory->GetOptions<rocksdb::BlockBasedTableOptions>();
        if (table != nullptr && table->block_cache) table->block_cache->EraseUnRefEntries();
    }
}

rocksdb::Status Database::verify_tables() const {
    rocksdb::ReadOptions how;
    how.fill_cache = false;
    const rocksdb::Status whole = db_->VerifyFileChecksums(how);
    return whole.ok() ? db_->VerifyChecksum(how) : whole;
}

rocksdb::Status Database::checkpoint(const std::string& path) const {
    rocksdb::Checkpoint* made = nullptr;
    rocksdb::Status status = rocksdb::Checkpoint::Create(db_.get(), &made);
    if (!status.ok()) return status;
    const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
    return checkpoint->CreateCheckpoint(path);
}

bool database_exists(const std::string& path) {
    std::error_code failure;
    return std::filesystem::exists(std::filesystem::path(path) / "CURRENT", failure) || database_holds(path);
}

// Without CURRENT, RocksDB would start an empty database over whatever is left.
bool database_holds(const std::string& path) {
    std::error_code failure;
    for (auto file = std::filesystem::directory_iterator(path, failure);
         !failure && file != std::filesystem::directory_iterator(); file.increment(failure)) {
        const std::filesystem::path name = file->path().extension();
        if (name == ".sst") return true;
        if (name == ".log" && file->file_size(failure) > 0) return true;
    }
    return false;
}

rocksdb::DBOptions common_options(int max_open_files) {
    rocksdb::DBOptions options;
    options.atomic_flush = true;
    options.max_open_files = max_open_files;
    options.max_background_jobs = 2;
    options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
    options.keep_log_file_num = 2;
    options.max_log_file_size = 4U << 20U;
    options.max_manifest_file_size = 16U << 20U;
    options.stats_dump_period_sec = 0;
    options.stats_persist_period_sec = 0;
    // RocksDB would set aside the length of a whole memtable for each write-ahead log: too much for a small disk.
    options.allow_fallocate = false;
    // Each database has one writer: the concurrent skip list and its spinning only cost.
    options.allow_concurrent_memtable_write = false;
    options.enable_write_thread_adaptive_yield = false;
    // What a table's bytes were when it was written, for the scrub (table_files.hpp).
    options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
    return options;
}

}  // namespace socai::storage
