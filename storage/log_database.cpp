#include "storage/log_database.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <cassert>

#include "consensus/chain.hpp"
#include "storage/codec.hpp"
#include "storage/file.hpp"
#include "storage/room.hpp"

namespace socai::storage {
namespace {

using consensus::EntryId;
using consensus::Index;

constexpr std::size_t block_cache = 16U << 20U;

std::vector<rocksdb::ColumnFamilyDescriptor> families(std::size_t buffer) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(block_cache);
    table.block_size = 16U << 10U;
    table.cache_index_and_filter_blocks = true;
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    table.format_version = 5;

    // Keys only ever rise, so tables do not overlap and compaction moves them without rewriting, as long as
    // one compression serves every level.
    rocksdb::ColumnFamilyOptions entries;
    entries.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    entries.write_buffer_size = buffer;
    entries.max_write_buffer_number = 2;
    entries.compression = rocksdb::kLZ4Compression;
    entries.target_file_size_base = 64U << 20U;

    rocksdb::ColumnFamilyOptions small = entries;
    small.compression = rocksdb::kNoCompression;  // hashes do not compress
    return {{rocksdb::kDefaultColumnFamilyName, small},
            {"entries", entries},
            {"ids", small},
            {"terms", small},
            {"repairs", entries}};
}

rocksdb::DBOptions options(std::size_t buffer) {
    rocksdb::DBOptions options = common_options(512);
    // Recovery stops at the first record that is not whole, wherever it is. Power loss may persist the pages
    // of one unsynced write in any order, so the mode that forgives only an incomplete last record
    // (kTolerateCorruptedTailRecords) would refuse honest torn tails. What this mode forgives too much, the
    // side file finds: it knows the number of the last acknowledged write.
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    // A log that was cut short must stay as it was found: RocksDB would otherwise rewrite what it could read
    // and delete the rest before we have compared anything.
    options.avoid_flush_during_recovery = true;
    options.max_total_wal_size = 2 * buffer;
    return options;
}

std::string text(Index index) {
    return std::to_string(index.value);
}

}  // namespace

LogDatabase::LogDatabase(std::string path, std::unique_ptr<Database> database)
    : path_(std::move(path)), database_(std::move(database)) {}

Result<std::unique_ptr<LogDatabase>> LogDatabase::open(const std::string& path, const Identity& identity,
                                                       Mode mode) {
    const Trouble trouble{"corrupt_log", "cannot open " + path, std::string(log_cure)};
    const bool exists = database_exists(path);
    if (!exists && mode != Mode::create) {
        return explain(rocksdb::Status::Corruption("the database is gone, though entries were written to it"),
                       trouble);
    }
    if (!exists)
        if (auto made = make_folder(path); !made) return made.error();
    const std::size_t buffer = write_buffer_bytes(path);
    rocksdb::DBOptions how = options(buffer);
    how.create_if_missing = !exists;
    how.create_missing_column_families = mode == Mode::create;
    how.paranoid_checks = mode != Mode::salvage;
    const bool read_only = mode == Mode::salvage || mode == Mode::look;
    std::unique_ptr<Database> database;
    const rocksdb::Status status = read_only ? Database::open_read_only(path, how, families(buffer), database)
                                             : Database::open(path, how, families(buffer), database);
    if (!status.ok()) return explain(status, trouble);

    std::unique_ptr<LogDatabase> log(new LogDatabase(path, std::move(database)));
    if (mode == Mode::create) {
        auto format = log->get(LogFamily::meta, "format");
        if (!format) return format.error();
        // The first batch of a database holds its format and owner; without it the creation was interrupted.
        if (!*format) {
            if (auto done = log->initialise(identity); !done) return done.error();
        }
    }
    if (auto done = log->check_owner(identity, mode); !done) return done.error();
    if (auto done = log->load_base(); !done && mode != Mode::salvage) return done.error();
    return log;
}

Result<Identity> LogDatabase::owner_of(const std::string& path) {
    const Trouble trouble{"corrupt_log", "cannot open " + path, std::string(log_cure)};
    if (!database_exists(path))
        return explain(rocksdb::Status::Corruption("there is no database in it"), trouble);
    const std::size_t buffer = write_buffer_bytes(path);
    std::unique_ptr<Database> database;
    const rocksdb::Status status =
        Database::open_read_only(path, options(buffer), families(buffer), database);
    if (!status.ok()) return explain(status, trouble);
    return LogDatabase(path, std::move(database)).owner();
}

Result<Identity> LogDatabase::owner() const {
    auto stored = get(LogFamily::meta, "identity");
    if (!stored) return stored.error();
    auto identity = *stored ? decode_identity(**stored) : std::nullopt;
    if (!identity) return damage("its identity is missing or malformed");
    return *std::move(identity);
}

bool LogDatabase::gather_tables(const std::string& path) {
    const std::size_t buffer = write_buffer_bytes(path);
    rocksdb::DBOptions how = options(buffer);
    std::vector<rocksdb::ColumnFamilyDescriptor> families = storage::families(buffer);
    if (!rocksdb::RepairDB(path, how, families).ok()) return false;
    // A family of which no table was found is gone, and must be there to be read.
    how.create_missing_column_families = true;
    how.paranoid_checks = false;
    for (rocksdb::ColumnFamilyDescriptor& family : families) family.options.disable_auto_compactions = true;
    std::unique_ptr<Database> database;
    return Database::open(path, how, families, database).ok();
}

Result<void> LogDatabase::initialise(const Identity& identity) {
    std::string format;
    put_u32(format, log_format_version);
    rocksdb::WriteBatch batch;
    batch.Put(family(LogFamily::meta), "format", format);
    batch.Put(family(LogFamily::meta), "identity", encode_identity(identity));
    batch.Put(family(LogFamily::meta), "base", encode_id({}));
    batch.Put(family(LogFamily::meta), "mark", encode_mark({}));
    return write(batch);
}

// When salvaging, an owner that cannot be read is nobody else's: what is taken over is proven by its hashes.
Result<void> LogDatabase::check_owner(const Identity& identity, Mode mode) {
    const bool lenient = mode == Mode::salvage;
    auto format = get(LogFamily::meta, "format");
    auto owner = get(LogFamily::meta, "identity");
    if (!format && !lenient) return format.error();
    if (!owner && !lenient) return owner.error();
    const bool known = format && owner && *format && *owner;
    if (!known) return lenient ? Result<void>() : damage("its format or identity is missing");
    ByteReader version(**format);
    if (version.u32() != log_format_version || !version.complete()) {
        return Error{"wrong_version", path_ +
                                          " was written in a format that this program does not know. Run the "
                                          "version of the program that wrote it, or a newer one."};
    }
    if (lenient && identity == Identity{}) return {};
    return check_identity(identity, **owner, path_);
}

// A base is of use only together with the configuration that was in force there.
Result<void> LogDatabase::load_base() {
    auto bytes = get(LogFamily::meta, "base");
    if (!bytes) return bytes.error();
    const std::optional<EntryId> id = *bytes ? decode_id(**bytes) : std::nullopt;
    if (!id) return damage("the base is missing or malformed");
    if (auto configuration = base_configuration(); !configuration) return configuration.error();
    set_base(*id);
    return {};
}

EntryId LogDatabase::base() const {
    const std::lock_guard lock(mutex_);
    return base_;
}

void LogDatabase::set_base(const EntryId& base) {
    const std::lock_guard lock(mutex_);
    base_ = base;
}

Result<std::optional<consensus::ConfigurationEntry>> LogDatabase::base_configuration() const {
    auto bytes = get(LogFamily::meta, "base_configuration");
    if (!bytes) return bytes.error();
    if (!*bytes) return std::optional<consensus::ConfigurationEntry>();
    auto entry = decode_base_configuration(**bytes);
    if (!entry) return damage("the configuration of the base is malformed");
    return entry;
}

Result<LogMark> LogDatabase::mark() const {
    auto bytes = get(LogFamily::meta, "mark");
    if (!bytes) return bytes.error();
    const std::optional<LogMark> mark = *bytes ? decode_mark(**bytes) : std::nullopt;
    if (!mark) return damage("the mark of the last write is missing or malformed");
    return *mark;
}

Result<std::vector<consensus::TermRun>> LogDatabase::runs() const {
    std::vector<consensus::TermRun> runs;
    const EntryId base = this->base();
    const std::unique_ptr<rocksdb::Iterator> found = iterate(LogFamily::terms);
    for (found->SeekToFirst(); found->Valid(); found->Next()) {
        ByteReader term(found->key().ToStringView());
        ByteReader first(found->value().ToStringView());
        const consensus::TermRun run{{term.u64()}, {first.u64()}};
        if (!term.complete() || !first.complete() || run.first <= base.index ||
            (!runs.empty() && run.first <= runs.back().first)) {
            return damage("the table of terms is malformed at term " + std::to_string(run.term.value));
        }
        runs.push_back(run);
    }
    if (!found->status().ok()) return error(found->status(), "reading the table of terms");
    return runs;
}

Result<std::optional<EntryId>> LogDatabase::find_id(Index index) const {
    if (const EntryId base = this->base(); index <= base.index) {
        return index == base.index ? std::optional(base) : std::nullopt;
    }
    std::string bytes;
    const rocksdb::Status status =
        (*database_)->Get(rocksdb::ReadOptions(), family(LogFamily::ids), number_key(index.value), &bytes);
    if (status.IsNotFound()) return std::optional<EntryId>();
    if (!status.ok()) return error(status, "reading the id of Raft index " + text(index));
    const std::optional<EntryId> id = decode_id_value(index, bytes);
    if (!id) return damage("the id of Raft index " + text(index) + " is malformed");
    return id;
}

Result<std::vector<EntryId>> LogDatabase::configurations() const {
    std::vector<EntryId> ids;
    const std::unique_ptr<rocksdb::Iterator> found = iterate(LogFamily::meta);
    for (found->Seek(configuration_key({})); found->Valid() && found->key().starts_with("c"); found->Next()) {
        const std::optional<EntryId> id = decode_id(found->value().ToStringView());
        if (!id || found->key() != configuration_key(id->index)) {
            return damage("the id of a configuration is malformed");
        }
        ids.push_back(*id);
    }
    if (!found->status().ok()) return error(found->status(), "looking for configurations");
    return ids;
}

Result<std::vector<Index>> LogDatabase::known_damaged() const {
    std::vector<Index> indices;
    const std::unique_ptr<rocksdb::Iterator> found = iterate(LogFamily::meta);
    for (found->Seek(damage_key({})); found->Valid() && found->key().starts_with("d"); found->Next()) {
        indices.push_back({ByteReader(found->key().ToStringView().substr(1)).u64()});
    }
    if (!found->status().ok()) return error(found->status(), "looking for entries without content");
    return indices;
}

bool LogDatabase::has_repairs(std::string_view first, std::string_view last) const {
    const std::unique_ptr<rocksdb::Iterator> found = iterate(LogFamily::repairs);
    found->Seek(rocksdb::Slice(first.data(), first.size()));
    return found->Valid() && found->key().ToStringView() <= last;
}

Result<void> LogDatabase::write(rocksdb::WriteBatch& batch) {
    rocksdb::WriteOptions options;
    options.sync = true;
    const rocksdb::Status status = (*database_)->Write(options, &batch);
    if (!status.ok()) return write_error(status, "writing");
    return {};
}

Result<void> LogDatabase::settle(const LogMark& mark) {
    // With nothing to flush, RocksDB would keep its log, torn tail and all: give it something.
    rocksdb::WriteBatch batch;
    batch.Put(family(LogFamily::meta), "mark", encode_mark(mark));
    if (auto done = write(batch); !done) return done;
    return flush();
}

Result<void> LogDatabase::renew_write_ahead_log() const {
    // As above; who writes meanwhile must not be told another mark, so it is something that nobody reads.
    const rocksdb::Status status = (*database_)->Put({}, family(LogFamily::meta), "renewed", {});
    if (!status.ok()) return write_error(status, "writing");
    return flush();
}

Result<void> LogDatabase::flush() const {
    const rocksdb::Status status = (*database_)->Flush(rocksdb::FlushOptions(), database_->families());
    if (!status.ok()) return write_error(status, "flushing");
    return {};
}

std::unique_ptr<rocksdb::Iterator> LogDatabase::iterate(LogFamily name) const {
    return std::unique_ptr<rocksdb::Iterator>(
        (*database_)->NewIterator(rocksdb::ReadOptions(), family(name)));
}

Result<std::optional<std::string>> LogDatabase::get(LogFamily name, std::string_view key) const {
    std::string bytes;
    const rocksdb::Status status = (*database_)->Get(rocksdb::ReadOptions(), family(name), key, &bytes);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return error(status, "reading " + std::string(key));
    return std::optional(std::move(bytes));
}

Error LogDatabase::error(const rocksdb::Status& status, const std::string& doing) const {
    Error error = write_error(status, doing);
    // RocksDB tells what the system said by nothing but its text.
    if (error.reason == "io_error" && status.ToString().find("Input/output error") != std::string::npos) {
        error.reason = "corrupt_log";
    }
    return error;
}

Error LogDatabase::write_error(const rocksdb::Status& status, const std::string& doing) const {
    return explain(status, {"corrupt_log", path_ + ", " + doing, std::string(log_cure)});
}

Error LogDatabase::damage(const std::string& what) const {
    return {"corrupt_log", path_ + ": " + what + ". " + std::string(log_cure)};
}

}  // namespace socai::storage
