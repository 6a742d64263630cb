#include "storage/disclosure_store.hpp"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <mutex>

#include "storage/codec.hpp"
#include "storage/database.hpp"
#include "storage/file.hpp"
#include "storage/room.hpp"
#include "storage/state_database.hpp"

namespace socai::storage {
namespace {

constexpr std::uint32_t format_version = 1;
constexpr std::string_view cure =
    "The log is not touched by it: move the folder aside, and the node fetches from the others what it may hold";

enum Family : std::size_t { meta, told };

std::vector<rocksdb::ColumnFamilyDescriptor> families(std::size_t buffer) {
    rocksdb::ColumnFamilyOptions options;
    options.write_buffer_size = buffer;
    options.compression = rocksdb::kLZ4Compression;
    return {{rocksdb::kDefaultColumnFamilyName, options}, {"told", options}};
}

rocksdb::DBOptions database_options(std::size_t buffer) {
    rocksdb::DBOptions options = common_options(64);
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    options.db_write_buffer_size = buffer;
    // The end of a write that a crash tore was never synced, so nobody was told that it is safe.
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    // What is deleted goes at once: neither kept for reuse, nor in an archive, nor by and by.
    options.recycle_log_file_num = 0;
    options.WAL_ttl_seconds = 0;
    options.WAL_size_limit_MB = 0;
    return options;
}

rocksdb::Slice key_of(const ledger::Hash& commitment) {
    return {reinterpret_cast<const char*>(commitment.data()), commitment.size()};
}

struct Told {
    std::int64_t received_ms = 0;
    std::string_view disclosure;
};
std::optional<Told> told_in(const ledger::Hash& commitment, std::string_view value) {
    ByteReader reader(value);
    Told found;
    found.received_ms = static_cast<std::int64_t>(reader.u64());
    found.disclosure = reader.rest();
    if (!reader.ok() || ledger::sha256(found.disclosure) != commitment) return std::nullopt;
    return found;
}

}  // namespace

struct DisclosureStore::Impl {
    std::string path;
    std::unique_ptr<Database> database;
    mutable std::mutex mutex;  // guards `size`, and holds erasures apart
    Size size;

    Error damage(const std::string& what) const {
        return {"corrupt_disclosures", path + ": " + what + ". " + std::string(cure) + "."};
    }
    Error error(const rocksdb::Status& status, const std::string& doing) const {
        return explain(status, {"corrupt_disclosures", path + ", " + doing, std::string(cure)});
    }
    Result<std::optional<std::string>> get(Family family, rocksdb::Slice key) const {
        std::string bytes;
        const rocksdb::Status status =
            (*database)->Get(rocksdb::ReadOptions(), database->family(family), key, &bytes);
        if (status.IsNotFound()) return std::optional<std::string>();
        if (!status.ok()) return error(status, "reading");
        return std::optional(std::move(bytes));
    }
    Result<void> write(rocksdb::WriteBatch& batch) {
        rocksdb::WriteOptions options;
        options.sync = true;
        const rocksdb::Status status = (*database)->Write(options, &batch);
        if (!status.ok()) return error(status, "writing");
        return {};
    }
    Result<void> check_owner(const Identity& identity);
    Result<void> scan(const Visit& visit) const;
};

Result<void> DisclosureStore::Impl::check_owner(const Identity& identity) {
    const auto format = get(meta, "format");
    if (!format) return format.error();
    if (!*format) {
        std::string version;
        put_u32(version, format_version);
        rocksdb::WriteBatch batch;
        batch.Put(database->family(meta), "format", version);
        batch.Put(database->family(meta), "identity", encode_identity(identity));
        return write(batch);
    }
    ByteReader version(**format);
    if (version.u32() != format_version || !version.complete())
        return Error{"wrong_version", path +
                                          " was written in a format that this program does not know. Start it "
                                          "with the version that wrote it."};
    const auto owner = get(meta, "identity");
    if (!owner) return owner.error();
    if (!*owner) return damage("its owner is missing");
    return check_identity(identity, **owner, path);
}

Result<void> DisclosureStore::Impl::scan(const Visit& visit) const {
    const std::unique_ptr<rocksdb::Iterator> at(
        (*database)->NewIterator(rocksdb::ReadOptions(), database->family(told)));
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
        const std::string_view key = at->key().ToStringView();
        ledger::Hash commitment{};
        if (key.size() != commitment.size()) return damage("a key is malformed");
        std::ranges::transform(key, commitment.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
        const auto found = told_in(commitment, at->value().ToStringView());
        if (found && !visit(commitment, found->received_ms, found->disclosure)) return {};
    }
    if (!at->status().ok()) return error(at->status(), "reading");
    return {};
}

DisclosureStore::DisclosureStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DisclosureStore::~DisclosureStore() = default;

Result<std::unique_ptr<DisclosureStore>> DisclosureStore::open(const std::string& directory,
                                                               const Identity& identity) {
    auto impl = std::make_unique<Impl>();
    impl->path = directory + "/disclosures";
    if (auto made = make_folder(impl->path); !made) return made.error();
    const std::size_t buffer = std::min<std::size_t>(write_buffer_bytes(impl->path), 8U << 20U);
    const rocksdb::Status status =
        Database::open(impl->path, database_options(buffer), families(buffer), impl->database);
    if (!status.ok()) return impl->error(status, "opening");
    if (auto owned = impl->check_owner(identity); !owned) return owned.error();
    auto counted = impl->scan([&](const ledger::Hash&, std::int64_t, std::string_view disclosure) {
        ++impl->size.count;
        impl->size.bytes += disclosure.size();
        return true;
    });
    if (!counted) return counted.error();
    return std::unique_ptr<DisclosureStore>(new DisclosureStore(std::move(impl)));
}

Result<void> DisclosureStore::add(std::span<const ledger::Disclosure> disclosures, std::int64_t received_ms) {
    const std::lock_guard lock(impl_->mutex);
    rocksdb::WriteBatch batch;
    Size added;
    for (const ledger::Disclosure& disclosure : disclosures) {
        const auto known = find(disclosure.digest);
        if (!known) return known.error();
        if (*known) continue;
        std::string value;
        put_u64(value, static_cast<std::uint64_t>(received_ms));
        value += disclosure.text;
        batch.Put(impl_->database->family(told), key_of(disclosure.digest), value);
        ++added.count;
        added.bytes += disclosure.text.size();
    }
    if (added.count == 0) return {};
    if (auto written = impl_->write(batch); !written) return written;
    impl_->size.count += added.count;
    impl_->size.bytes += added.bytes;
    return {};
}

Result<std::optional<std::string>> DisclosureStore::find(const ledger::Hash& commitment) const {
    const auto value = impl_->get(told, key_of(commitment));
    if (!value) return value.error();
    const auto found = *value ? told_in(commitment, **value) : std::nullopt;
    return found ? std::optional(std::string(found->disclosure)) : std::nullopt;
}

Result<std::uint64_t> DisclosureStore::erase(std::span<const ledger::Hash> commitments) {
    const std::lock_guard lock(impl_->mutex);
    Database& database = *impl_->database;
    rocksdb::WriteBatch batch;
    Size gone;
    for (const ledger::Hash& commitment : commitments) {
        const auto value = impl_->get(told, key_of(commitment));
        if (!value) return value.error();
        if (!*value) continue;
        batch.Delete(database.family(told), key_of(commitment));
        if (const auto found = told_in(commitment, **value)) {
            ++gone.count;
            gone.bytes += found->disclosure.size();
        }
    }
    if (batch.Count() == 0) return std::uint64_t{0};
    if (auto written = impl_->write(batch); !written) return written.error();
    impl_->size.count -= gone.count;
    impl_->size.bytes -= gone.bytes;
    // A deletion is one more entry until what it hides is compacted away, in the log as in the tables: all of memory is
    // moved into tables, which begins the log anew, and the tables that hold the keys are written again without them.
    rocksdb::Status status = database->Put({}, database.family(meta), "erased", {});
    if (status.ok()) status = database->Flush({}, database.families());
    rocksdb::CompactRangeOptions rewrite;
    rewrite.exclusive_manual_compaction = true;
    rewrite.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    for (const ledger::Hash& commitment : commitments) {
        const rocksdb::Slice key = key_of(commitment);
        if (status.ok()) status = database->CompactRange(rewrite, database.family(told), &key, &key);
    }
    if (!status.ok()) return impl_->error(status, "erasing");
    return gone.count;
}

Result<void> DisclosureStore::scan(const Visit& visit) const {
    return impl_->scan(visit);
}

DisclosureStore::Size DisclosureStore::size() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->size;
}

}  // namespace socai::storage
