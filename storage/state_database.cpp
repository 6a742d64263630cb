#include "storage/state_database.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <cassert>

#include "storage/append_merge.hpp"
#include "storage/codec.hpp"
#include "storage/file.hpp"
#include "storage/postings.hpp"
#include "storage/room.hpp"

namespace socai::storage {
namespace {

constexpr std::size_t block_cache = 48U << 20U;
constexpr double bloom_bits = 10;
constexpr std::string_view cure =
    "Stop the node, delete this folder and start it again: it is rebuilt from the log";

constexpr std::string_view run_key = "r";
constexpr std::string_view type_key = "t";
constexpr std::string_view node_key = "n";
constexpr std::string_view remains_key = "w";

// Postings of values that many records share arrive in the order of their keys: RocksDB can remember where in
// the memtable each such value's last one went. Not for values that few records have, each of which would
// cost a place to remember.
class SharedValues : public rocksdb::SliceTransform {
  public:
    const char* Name() const override { return "socai.shared_values"; }
    rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
        return {key.data(), posting_prefix_bytes};
    }
    bool InDomain(const rocksdb::Slice& key) const override {
        if (key.size() < posting_prefix_bytes) return false;
        const auto field = static_cast<Field>(key[0]);
        return field == Field::type || field == Field::source || field == Field::hs_prefix ||
               field == Field::day;
    }
};

// `buffer` is for all families together (architecture.md 4).
std::vector<rocksdb::ColumnFamilyDescriptor> families(std::size_t buffer) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(block_cache);
    table.block_size = 16U << 10U;
    table.format_version = 5;
    // Index and filters in pieces, in the cache: memory stays bounded at any number of records.
    table.cache_index_and_filter_blocks = true;
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;

    // Little is overwritten or deleted (of the facts alone), so there is little garbage: universal compaction only keeps
    // the number of sorted runs small, at a fraction of the rewriting that levels would cost.
    rocksdb::ColumnFamilyOptions meta;
    meta.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    meta.compaction_style = rocksdb::kCompactionStyleUniversal;
    meta.write_buffer_size = buffer;
    meta.max_write_buffer_number = 3;
    meta.compression = rocksdb::kLZ4Compression;

    rocksdb::ColumnFamilyOptions leaves = meta;
    leaves.merge_operator = make_append_operator();
    rocksdb::ColumnFamilyOptions tree = leaves;
    tree.compression = rocksdb::kNoCompression;  // hashes do not compress

    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(bloom_bits));
    table.partition_filters = true;
    rocksdb::ColumnFamilyOptions records = meta;
    records.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));

    // A value without postings, as the references to most records, is answered by the filters.
    table.whole_key_filtering = false;
    rocksdb::ColumnFamilyOptions postings = meta;
    postings.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    postings.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(posting_prefix_bytes));
    postings.memtable_insert_with_hint_prefix_extractor = std::make_shared<SharedValues>();
    postings.compression = rocksdb::kZSTD;
    postings.compression_opts.level = 1;

    return {{rocksdb::kDefaultColumnFamilyName, meta},
            {"tree", tree},
            {"leaves", leaves},
            {"records", records},
            {"postings", postings},
            {"facts", records}};
}

rocksdb::DBOptions options(std::size_t buffer) {
    rocksdb::DBOptions options = common_options(256);
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    options.db_write_buffer_size = buffer;
    return options;
}

std::string numbered(std::string_view name, std::uint64_t number) {
    return std::string(name) + number_key(number);
}

}  // namespace

std::optional<LeafInfo> leaf_info_in(std::string_view block, std::uint64_t leaf) {
    const std::size_t offset = (leaf % leaves_a_block) * leaf_info_bytes;
    if (block.size() < offset + leaf_info_bytes) return std::nullopt;
    ByteReader reader(block.substr(offset, leaf_info_bytes));
    LeafInfo info;
    info.type = reader.u16();
    info.records = reader.u16();
    info.facts = reader.u64();
    return info;
}

std::uint64_t digest_mark(const ledger::Hash& digest) {
    return ByteReader(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size())).u64();
}

StateDatabase::StateDatabase(std::string path, std::unique_ptr<Database> database)
    : path_(std::move(path)), database_(std::move(database)) {}

Result<std::unique_ptr<StateDatabase>> StateDatabase::open(const std::string& path,
                                                           const Identity& identity) {
    if (auto made = make_folder(path); !made) return made.error();
    const std::size_t buffer = 2 * write_buffer_bytes(path);
    std::unique_ptr<Database> database;
    const rocksdb::Status status = Database::open(path, options(buffer), families(buffer), database);
    if (!status.ok()) return explain(status, {"corrupt_state", "cannot open " + path, std::string(cure)});
    std::unique_ptr<StateDatabase> state(new StateDatabase(path, std::move(database)));

    auto format = state->get(StateFamily::meta, "format");
    if (!format) return format.error();
    if (!*format) {
        if (auto done = state->initialise(identity); !done) return done.error();
        return state;
    }
    if (auto owned = state->check_owner(identity); !owned) return owned.error();
    return state;
}

Result<std::unique_ptr<StateDatabase>> StateDatabase::look(const std::string& path,
                                                           const Identity& identity) {
    const std::size_t buffer = 2 * write_buffer_bytes(path);
    rocksdb::DBOptions how = options(buffer);
    how.create_if_missing = how.create_missing_column_families = false;
    std::unique_ptr<Database> database;
    const rocksdb::Status status = Database::open_read_only(path, how, families(buffer), database);
    if (!status.ok()) return explain(status, {"corrupt_state", "cannot open " + path, std::string(cure)});
    std::unique_ptr<StateDatabase> state(new StateDatabase(path, std::move(database)));
    if (auto owned = state->check_owner(identity); !owned) return owned.error();
    return state;
}

Result<void> StateDatabase::check_owner(const Identity& identity) const {
    auto format = get(StateFamily::meta, "format");
    if (!format) return format.error();
    ByteReader version(*format ? std::string_view(**format) : std::string_view());
    if (version.u32() != state_format_version || !version.complete()) {
        return damage("it is of another format version");
    }
    auto owner = get(StateFamily::meta, "identity");
    if (!owner) return owner.error();
    if (!*owner) return damage("its owner is missing");
    if (identity == Identity{}) return {};
    return check_identity(identity, **owner, path_);
}

Result<void> StateDatabase::initialise(const Identity& identity) {
    std::string format;
    put_u32(format, state_format_version);
    rocksdb::WriteBatch batch;
    batch.Put(family(StateFamily::meta), "format", format);
    batch.Put(family(StateFamily::meta), "identity", encode_identity(identity));
    put_position(batch, *this, {});
    if (auto done = write(batch); !done) return done;
    return flush(true);
}

Result<AppliedPosition> StateDatabase::position(const rocksdb::Snapshot* snapshot) const {
    auto bytes = get(StateFamily::meta, "position", true, snapshot);
    if (!bytes) return bytes.error();
    if (!*bytes) return damage("the applied position is missing");
    ByteReader reader(**bytes);
    AppliedPosition position;
    position.raft_index.value = reader.u64();
    position.size = reader.u64();
    position.last_time_ms = static_cast<std::int64_t>(reader.u64());
    position.raft_hash = reader.digest();
    position.facts = reader.digest();
    if (!reader.complete()) return damage("the applied position is malformed");
    return position;
}

Result<std::vector<LeafRun>> StateDatabase::runs() const {
    std::vector<LeafRun> runs;
    const auto found = iterate({}, StateFamily::meta);
    for (found->Seek(run_key); found->Valid() && found->key().starts_with(run_key); found->Next()) {
        ByteReader leaf(found->key().ToStringView().substr(run_key.size()));
        ByteReader index(found->value().ToStringView());
        const LeafRun run{leaf.u64(), {index.u64()}};
        if (!leaf.complete() || !index.complete()) return damage("the leaf map is malformed");
        if (!runs.empty() && (run.leaf <= runs.back().leaf || run.raft_index <= runs.back().raft_index)) {
            return damage("the leaf map does not rise");
        }
        runs.push_back(run);
    }
    if (!found->status().ok()) return error(found->status(), "reading the leaf map");
    return runs;
}

Result<std::vector<std::string>> StateDatabase::types() const {
    std::vector<std::string> types;
    const auto found = iterate({}, StateFamily::meta);
    for (found->Seek(type_key); found->Valid() && found->key().starts_with(type_key); found->Next()) {
        ByteReader number(found->key().ToStringView().substr(type_key.size()));
        if (number.u64() != types.size() || !number.complete()) return damage("the table of types has a gap");
        types.push_back(found->value().ToString());
    }
    if (!found->status().ok()) return error(found->status(), "reading the table of types");
    return types;
}

Result<std::vector<std::pair<std::uint64_t, ledger::Hash>>> StateDatabase::remains() const {
    std::vector<std::pair<std::uint64_t, ledger::Hash>> leaves;
    const auto found = iterate({}, StateFamily::meta);
    for (found->Seek(remains_key); found->Valid() && found->key().starts_with(remains_key); found->Next()) {
        ByteReader leaf(found->key().ToStringView().substr(remains_key.size()));
        ByteReader digest(found->value().ToStringView());
        leaves.emplace_back(leaf.u64(), digest.digest());
        if (!leaf.complete() || !digest.complete()) return damage("the table of withdrawn leaves is malformed");
    }
    if (!found->status().ok()) return error(found->status(), "reading the table of withdrawn leaves");
    return leaves;
}

Result<std::optional<std::string>> StateDatabase::row(std::uint32_t level, std::uint64_t row) const {
    return get(StateFamily::tree, row_key(level, row));
}

Result<std::optional<std::string>> StateDatabase::row_once(std::uint32_t level, std::uint64_t row) const {
    return get(StateFamily::tree, row_key(level, row), false);
}

Result<std::optional<std::string>> StateDatabase::leaf_block(std::uint64_t block) const {
    return get(StateFamily::leaves, number_key(block));
}

Result<std::optional<ledger::KnownRecord>> StateDatabase::record(std::string_view source,
                                                                 std::string_view id) const {
    auto bytes = get(StateFamily::records, record_key(source, id));
    if (!bytes) return bytes.error();
    if (!*bytes) return std::optional<ledger::KnownRecord>();
    ByteReader reader(**bytes);
    ledger::KnownRecord record;
    record.address = unpack(reader.u64());
    record.digest = reader.digest();
    if (!reader.complete()) return damage("the address of a record is malformed");
    return std::optional(record);
}

Result<std::optional<ledger::Hash>> StateDatabase::node(std::string_view name) const {
    auto bytes = get(StateFamily::meta, std::string(node_key) + std::string(name));
    if (!bytes) return bytes.error();
    if (!*bytes) return std::optional<ledger::Hash>();
    ByteReader reader(**bytes);
    const ledger::Hash digest = reader.digest();
    if (!reader.complete()) return damage("a node's digest is malformed");
    return std::optional(digest);
}

Result<std::optional<std::string>> StateDatabase::fact(std::string_view key,
                                                       const rocksdb::Snapshot* snapshot) const {
    return get(StateFamily::facts, key, true, snapshot);
}

std::unique_ptr<rocksdb::Iterator> StateDatabase::iterate(const rocksdb::ReadOptions& options,
                                                          StateFamily name) const {
    return std::unique_ptr<rocksdb::Iterator>((*database_)->NewIterator(options, family(name)));
}

Result<void> StateDatabase::write(rocksdb::WriteBatch& batch) {
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    const rocksdb::Status status = (*database_)->Write(options, &batch);
    if (!status.ok()) return error(status, "writing");
    return {};
}

Result<void> StateDatabase::flush(bool wait) {
    rocksdb::FlushOptions options;
    options.wait = wait;
    options.allow_write_stall = true;  // one writer: it is the one that would be held up
    const rocksdb::Status status = (*database_)->Flush(options, database_->families());
    if (!status.ok()) return error(status, "flushing");
    return {};
}

Result<std::optional<std::string>> StateDatabase::get(StateFamily name, std::string_view key, bool fill_cache,
                                                      const rocksdb::Snapshot* snapshot) const {
    std::string bytes;
    rocksdb::ReadOptions options;
    options.fill_cache = fill_cache;
    options.snapshot = snapshot;
    const rocksdb::Status status = (*database_)->Get(options, family(name), key, &bytes);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return error(status, "reading");
    return std::optional(std::move(bytes));
}

Error StateDatabase::error(const rocksdb::Status& status, const std::string& doing) const {
    return explain(status, {"corrupt_state", path_ + ", " + doing, std::string(cure)});
}

Error StateDatabase::damage(const std::string& what) const {
    return {"corrupt_state", path_ + ": " + what + ". " + std::string(cure) + "."};
}

std::string record_key(std::string_view source, std::string_view id) {
    std::string key;
    key.reserve(source.size() + 1 + id.size());
    key += source;
    key.push_back('\0');  // stands in neither
    key += id;
    return key;
}

std::string row_key(std::uint32_t level, std::uint64_t row) {
    std::string key;
    put_u8(key, static_cast<std::uint8_t>(level));
    put_u64(key, row);
    return key;
}

void put_position(rocksdb::WriteBatch& batch, const StateDatabase& state, const AppliedPosition& position) {
    std::string bytes;
    put_u64(bytes, position.raft_index.value);
    put_u64(bytes, position.size);
    put_u64(bytes, static_cast<std::uint64_t>(position.last_time_ms));
    put_digest(bytes, position.raft_hash);
    put_digest(bytes, position.facts);
    batch.Put(state.family(StateFamily::meta), "position", bytes);
}

void put_run(rocksdb::WriteBatch& batch, const StateDatabase& state, const LeafRun& run) {
    batch.Put(state.family(StateFamily::meta), numbered(run_key, run.leaf), number_key(run.raft_index.value));
}

void put_type(rocksdb::WriteBatch& batch, const StateDatabase& state, std::uint16_t number,
              std::string_view type) {
    batch.Put(state.family(StateFamily::meta), numbered(type_key, number), type);
}

void put_node(rocksdb::WriteBatch& batch, const StateDatabase& state, std::string_view name,
              const ledger::Hash& digest) {
    std::string value;
    put_digest(value, digest);
    batch.Put(state.family(StateFamily::meta), std::string(node_key) + std::string(name), value);
}

void put_remains(rocksdb::WriteBatch& batch, const StateDatabase& state, std::uint64_t leaf,
                 const ledger::Hash& digest) {
    std::string value;
    put_digest(value, digest);
    batch.Put(state.family(StateFamily::meta), numbered(remains_key, leaf), value);
}

void put_record(rocksdb::WriteBatch& batch, const StateDatabase& state, std::string_view key,
                const ledger::KnownRecord& record) {
    std::string value;
    put_u64(value, pack(record.address));
    put_digest(value, record.digest);
    batch.Put(state.family(StateFamily::records), key, value);
}

}  // namespace socai::storage
