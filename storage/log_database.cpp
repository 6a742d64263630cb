#include "storage/log_database.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <cassert>

#include "consensus/chain.hpp"
#include "storage/codec.hpp"
#include "storage/file.hpp"

namespace socai::storage {
namespace {

using consensus::EntryId;
using consensus::Index;

// The longest stretch of ids that RocksDB's own log can hold unflushed, and so the longest in which a lost
// piece of that log could leave a gap: a memtable of entries at their smallest.
constexpr std::uint64_t checked_ids = 1U << 18U;
// Entries whose bytes are verified at start: a few group commits.
constexpr std::uint64_t checked_entries = 64;

constexpr std::size_t entries_buffer = 32U << 20U;
constexpr std::size_t block_cache = 16U << 20U;

constexpr std::string_view cure =
    "Do not delete anything: move this folder aside, return the node under a new node id, and its entries "
    "come back from the other nodes";

std::vector<rocksdb::ColumnFamilyDescriptor> families() {
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
    entries.write_buffer_size = entries_buffer;
    entries.max_write_buffer_number = 2;
    entries.compression = rocksdb::kLZ4Compression;
    entries.target_file_size_base = 64U << 20U;

    rocksdb::ColumnFamilyOptions small = entries;
    small.compression = rocksdb::kNoCompression;  // hashes do not compress
    return {
        {rocksdb::kDefaultColumnFamilyName, small}, {"entries", entries}, {"ids", small}, {"terms", small}};
}

rocksdb::DBOptions options() {
    rocksdb::DBOptions options = common_options(512);
    // Recovery stops at the first record that is not whole, wherever it is. Power loss may persist the pages
    // of one unsynced write in any order, so the mode that forgives only an incomplete last record
    // (kTolerateCorruptedTailRecords) would refuse honest torn tails. What this mode forgives too much, the
    // side file finds: it knows the number of the last acknowledged write.
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    // A log that was cut short must stay as it was found: RocksDB would otherwise rewrite what it could read
    // and delete the rest before we have compared anything.
    options.avoid_flush_during_recovery = true;
    options.max_total_wal_size = 2 * entries_buffer;
    return options;
}

std::string text(Index index) {
    return std::to_string(index.value);
}

}  // namespace

LogDatabase::LogDatabase(std::string path, std::unique_ptr<Database> database)
    : path_(std::move(path)), database_(std::move(database)) {}

Result<std::unique_ptr<LogDatabase>> LogDatabase::open(const std::string& directory, const Identity& identity,
                                                       bool create) {
    const std::string path = directory + "/log";
    if (auto made = make_folder(path); !made) return made.error();
    const bool exists = database_exists(path);
    const Trouble trouble{"corrupt_log", "cannot open " + path, std::string(cure)};
    if (!exists && !create) {
        return explain(rocksdb::Status::Corruption("the database is gone, though entries were written to it"),
                       trouble);
    }
    rocksdb::DBOptions how = options();
    how.create_if_missing = !exists;
    how.create_missing_column_families = create;
    std::unique_ptr<Database> database;
    const rocksdb::Status status = Database::open(path, how, families(), database);
    if (!status.ok()) return explain(status, trouble);

    std::unique_ptr<LogDatabase> log(new LogDatabase(path, std::move(database)));
    auto format = log->get(LogFamily::meta, "format");
    if (!format) return format.error();
    // The first batch of a database holds its format and owner; without it the creation was interrupted.
    if (!*format && create) {
        if (auto done = log->initialise(identity); !done) return done.error();
    }
    if (auto done = log->check_owner(identity); !done) return done.error();
    return log;
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

Result<void> LogDatabase::check_owner(const Identity& identity) {
    auto format = get(LogFamily::meta, "format");
    if (!format) return format.error();
    auto owner = get(LogFamily::meta, "identity");
    if (!owner) return owner.error();
    auto base = get(LogFamily::meta, "base");
    if (!base) return base.error();
    if (!*format || !*owner || !*base) return damage("format, identity or base is missing");
    ByteReader version(**format);
    if (version.u32() != log_format_version || !version.complete()) {
        return Error{"wrong_version", path_ +
                                          " was written in a format that this program does not know. Run the "
                                          "version of the program that wrote it, or a newer one."};
    }
    if (auto same = check_identity(identity, **owner, path_); !same) return same;
    const auto id = decode_id(**base);
    if (!id) return damage("the base is malformed");
    base_ = *id;
    return {};
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
    const std::unique_ptr<rocksdb::Iterator> found(
        (*database_)->NewIterator(rocksdb::ReadOptions(), family(LogFamily::terms)));
    for (found->SeekToFirst(); found->Valid(); found->Next()) {
        ByteReader term(found->key().ToStringView());
        ByteReader first(found->value().ToStringView());
        const consensus::TermRun run{{term.u64()}, {first.u64()}};
        if (!term.complete() || !first.complete() || run.first <= base_.index ||
            (!runs.empty() && run.first <= runs.back().first)) {
            return damage("the table of terms is malformed at term " + std::to_string(run.term.value));
        }
        runs.push_back(run);
    }
    if (!found->status().ok()) return error(found->status(), "reading the table of terms");
    return runs;
}

Result<std::optional<EntryId>> LogDatabase::find_id(Index index) const {
    if (index == base_.index) return std::optional(base_);
    std::string bytes;
    const rocksdb::Status status =
        (*database_)->Get(rocksdb::ReadOptions(), family(LogFamily::ids), number_key(index.value), &bytes);
    if (status.IsNotFound()) return std::optional<EntryId>();
    if (!status.ok()) return error(status, "reading the id of Raft index " + text(index));
    const std::optional<EntryId> id = decode_id_value(index, bytes);
    if (!id) return damage("the id of Raft index " + text(index) + " is malformed");
    return id;
}

Result<std::optional<EntryId>> LogDatabase::newest_configuration() const {
    const std::unique_ptr<rocksdb::Iterator> found(
        (*database_)->NewIterator(rocksdb::ReadOptions(), family(LogFamily::meta)));
    found->SeekForPrev(configuration_key({~std::uint64_t{0}}));
    if (!found->status().ok()) return error(found->status(), "looking for a configuration");
    if (!found->Valid() || !found->key().starts_with("c")) return std::optional<EntryId>();
    const std::optional<EntryId> id = decode_id(found->value().ToStringView());
    if (!id) return damage("the id of a configuration is malformed");
    return id;
}

Result<std::vector<consensus::EntryPtr>> LogDatabase::read(Index first, Index last,
                                                           std::size_t max_bytes) const {
    const auto look = [&] { return first == last ? read_one(first) : read_range(first, last, max_bytes); };
    if (first > last || first <= base_.index) return std::vector<consensus::EntryPtr>();
    auto entries = look();
    // The writer may have truncated and appended between two of the reads. RocksDB's snapshots would rule
    // that out, but releasing one makes it rewrite every table; a second look costs less.
    if (!entries && entries.error().reason == "corrupt_log") return look();
    return entries;
}

Result<std::vector<consensus::EntryPtr>> LogDatabase::read_one(Index index) const {
    auto before = find_id(index - 1);
    if (!before) return before.error();
    auto id = find_id(index);
    if (!id) return id.error();
    auto body = get(LogFamily::entries, number_key(index.value));
    if (!body) return body.error();
    if (!*id && !*body) return std::vector<consensus::EntryPtr>();
    if (!*before || !*id || !*body)
        return damage("Raft index " + text(index) + ", its id or the one before is missing");
    auto entry = checked_entry(**before, **id, **body);
    if (!entry) return entry.error();
    return std::vector<consensus::EntryPtr>{*std::move(entry)};
}

Result<std::vector<consensus::EntryPtr>> LogDatabase::read_range(Index first, Index last,
                                                                 std::size_t max_bytes) const {
    std::vector<consensus::EntryPtr> entries;
    const std::string begin = number_key(first.value);
    const std::string end = number_key(std::max(last.value, last.value + 1));
    const rocksdb::Slice bound(end);
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &bound;
    options.fill_cache = false;  // ranges are read once, for catch-up and replay
    std::vector<rocksdb::Iterator*> made;
    const rocksdb::Status status =
        (*database_)->NewIterators(options, {family(LogFamily::ids), family(LogFamily::entries)}, &made);
    if (!status.ok()) return error(status, "reading Raft index " + text(first));
    const std::unique_ptr<rocksdb::Iterator> ids(made[0]);
    const std::unique_ptr<rocksdb::Iterator> bodies(made[1]);

    EntryId before = base_;
    if (first - 1 > base_.index) {
        const std::string key = number_key(first.value - 1);
        ids->Seek(key);
        if (!ids->status().ok())
            return error(ids->status(), "reading the id of Raft index " + text(first - 1));
        if (!ids->Valid()) return entries;
        const std::optional<EntryId> id = decode_id_value(first - 1, ids->value().ToStringView());
        if (ids->key() != key || !id)
            return damage("the id of Raft index " + text(first - 1) + " is missing");
        before = *id;
        ids->Next();
    } else {
        ids->Seek(begin);
    }
    std::size_t bytes = 0;
    bodies->Seek(begin);
    for (Index index = first; index <= last; index = index + 1, ids->Next(), bodies->Next()) {
        if (!ids->status().ok()) return error(ids->status(), "reading the id of Raft index " + text(index));
        if (!bodies->status().ok()) return error(bodies->status(), "reading Raft index " + text(index));
        if (!ids->Valid() && !bodies->Valid()) break;
        auto entry = entry_at(index, before, *ids, *bodies);
        if (!entry) return entry.error();
        if (!entries.empty() && bytes + (*entry)->payload.size() > max_bytes) break;
        bytes += (*entry)->payload.size();
        before = (*entry)->id;
        entries.push_back(*std::move(entry));
    }
    return entries;
}

// The entry that both iterators stand at.
Result<consensus::EntryPtr> LogDatabase::entry_at(Index index, const EntryId& before,
                                                  const rocksdb::Iterator& ids,
                                                  const rocksdb::Iterator& bodies) const {
    const std::string key = number_key(index.value);
    if (!ids.Valid() || ids.key() != key)
        return damage("the id of Raft index " + text(index) + " is missing");
    if (!bodies.Valid() || bodies.key() != key) return damage("Raft index " + text(index) + " is missing");
    const std::optional<EntryId> id = decode_id_value(index, ids.value().ToStringView());
    if (!id) return damage("the id of Raft index " + text(index) + " is malformed");
    return checked_entry(before, *id, bodies.value().ToStringView());
}

// The entry whose stored bytes are `body`, checked to be the one that `id` names and to follow `before`.
Result<consensus::EntryPtr> LogDatabase::checked_entry(const EntryId& before, const EntryId& id,
                                                       std::string_view body) const {
    std::optional<consensus::Entry> entry = decode_entry(body);
    if (!entry) return damage("Raft index " + text(id.index) + " is malformed");
    entry->id = id;
    entry->digest = digest_of(entry->kind, entry->payload);
    if (!consensus::follows(before, *entry)) {
        return damage("Raft index " + text(id.index) + " is not the entry that its id names");
    }
    return consensus::EntryPtr(std::make_shared<const consensus::Entry>(*std::move(entry)));
}

Result<void> LogDatabase::check_tail(const EntryId& last) const {
    if (auto fine = check_last_key(LogFamily::ids, last.index); !fine) return fine;
    if (auto fine = check_last_key(LogFamily::entries, last.index); !fine) return fine;
    auto found = find_id(last.index);
    if (!found) return found.error();
    if (*found != last) return damage("the last id is not the one that the last write left");
    if (last == base_) return {};
    if (auto fine = check_no_gap(last.index); !fine) return fine;

    const std::uint64_t held = last.index.value - base_.index.value;
    const Index first = last.index - (std::min(held, checked_entries) - 1);
    auto entries = read(first, last.index, ~std::size_t{0});
    if (!entries) return entries.error();
    if (entries->empty() || entries->back()->id != last) return damage("the last entries are missing");
    return {};
}

// The last key of a family is `last`, or there is none when the log is empty.
Result<void> LogDatabase::check_last_key(LogFamily name, Index last) const {
    const std::unique_ptr<rocksdb::Iterator> found(
        (*database_)->NewIterator(rocksdb::ReadOptions(), family(name)));
    found->SeekToLast();
    if (!found->status().ok()) return error(found->status(), "looking for the last entry");
    const std::uint64_t end =
        found->Valid() ? ByteReader(found->key().ToStringView()).u64() : base_.index.value;
    if (end == last.value) return {};
    return damage("the last " + std::string(name == LogFamily::ids ? "id" : "entry") + " is of Raft index " +
                  std::to_string(end) + ", but the last write ended at " + text(last));
}

Result<void> LogDatabase::check_no_gap(Index last) const {
    const std::uint64_t held = last.value - base_.index.value;
    std::uint64_t expected = last.value - (std::min(held, checked_ids) - 1);
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> ids((*database_)->NewIterator(options, family(LogFamily::ids)));
    for (ids->Seek(number_key(expected)); ids->Valid(); ids->Next(), ++expected) {
        if (ByteReader(ids->key().ToStringView()).u64() != expected) {
            return damage("the id of Raft index " + std::to_string(expected) + " is missing");
        }
    }
    if (!ids->status().ok()) return error(ids->status(), "reading the last ids");
    if (expected != last.value + 1) return damage("the last ids are missing");
    return {};
}

Result<void> LogDatabase::write(rocksdb::WriteBatch& batch) {
    rocksdb::WriteOptions options;
    options.sync = true;
    const rocksdb::Status status = (*database_)->Write(options, &batch);
    if (!status.ok()) return error(status, "writing");
    return {};
}

Result<void> LogDatabase::settle(const LogMark& mark) {
    // With nothing to flush, RocksDB would keep its log, torn tail and all: give it something.
    rocksdb::WriteBatch batch;
    batch.Put(family(LogFamily::meta), "mark", encode_mark(mark));
    if (auto done = write(batch); !done) return done;
    const rocksdb::Status status = (*database_)->Flush(rocksdb::FlushOptions(), database_->families());
    if (!status.ok()) return error(status, "flushing");
    return {};
}

Result<std::optional<std::string>> LogDatabase::get(LogFamily name, std::string_view key) const {
    std::string bytes;
    const rocksdb::Status status = (*database_)->Get(rocksdb::ReadOptions(), family(name), key, &bytes);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return error(status, "reading " + std::string(key));
    return std::optional(std::move(bytes));
}

Error LogDatabase::error(const rocksdb::Status& status, const std::string& doing) const {
    return explain(status, {"corrupt_log", path_ + ", " + doing, std::string(cure)});
}

Error LogDatabase::damage(const std::string& what) const {
    return {"corrupt_log", path_ + ": " + what + ". " + std::string(cure) + "."};
}

}  // namespace socai::storage
