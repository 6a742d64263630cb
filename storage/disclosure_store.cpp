#include "storage/disclosure_store.hpp"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <mutex>
#include <set>

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

enum Family : std::size_t { meta, disclosures };

std::vector<rocksdb::ColumnFamilyDescriptor> families(std::size_t buffer) {
    rocksdb::ColumnFamilyOptions options;
    options.write_buffer_size = buffer;
    // Salted text gains little; and so what is in a file, or is no longer, can be looked for by whoever doubts it.
    options.compression = rocksdb::kNoCompression;
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

constexpr std::string_view rewrite_mark = "rewrite";

std::string key_of(std::string_view source, std::string_view id, const ledger::Hash& commitment) {
    std::string key(reinterpret_cast<const char*>(commitment.data()), commitment.size());
    std::string name(source);
    name.push_back('\0');
    name += id;
    const ledger::Hash record = ledger::sha256(name);
    key.append(reinterpret_cast<const char*>(record.data()), record.size());
    return key;
}
std::string key_of(const ToldFor& told) {
    return key_of(told.source, told.id, told.commitment);
}

std::string value_of(const ToldFor& told, std::int64_t received_ms) {
    std::string value;
    put_u64(value, static_cast<std::uint64_t>(received_ms));
    put_u32(value, static_cast<std::uint32_t>(told.source.size()));
    value += told.source;
    put_u32(value, static_cast<std::uint32_t>(told.id.size()));
    value += told.id;
    value += told.disclosure;
    return value;
}

struct Read {
    ToldFor told;
    std::int64_t received_ms = 0;
};
// Nothing: the bytes are not what was written.
std::optional<Read> read(std::string_view value) {
    ByteReader reader(value);
    Read found;
    found.received_ms = static_cast<std::int64_t>(reader.u64());
    found.told.source = reader.take(reader.u32());
    found.told.id = reader.take(reader.u32());
    found.told.disclosure = reader.rest();
    if (!reader.ok()) return std::nullopt;
    found.told.commitment = ledger::sha256(found.told.disclosure);
    return found;
}

}  // namespace

struct DisclosureStore::Impl {
    std::string path;
    std::unique_ptr<Database> database;
    mutable std::mutex mutex;  // guards the two below, and holds changes apart
    Size size;
    bool rewrite_wanted = false;

    Error damage(const std::string& what) const {
        return {"corrupt_disclosures", path + ": " + what + ". " + std::string(cure) + "."};
    }
    Error error(const rocksdb::Status& status, const std::string& doing) const {
        return explain(status, {"corrupt_disclosures", path + ", " + doing, std::string(cure)});
    }
    Result<std::optional<std::string>> get(Family family, std::string_view key) const {
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
        (*database)->NewIterator(rocksdb::ReadOptions(), database->family(disclosures)));
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
        const auto found = read(at->value().ToStringView());
        // What is damaged is as what is not here.
        if (!found || key_of(found->told) != at->key().ToStringView()) continue;
        if (!visit(found->told, found->received_ms)) return {};
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
    auto counted = impl->scan([&](const ToldFor& each, std::int64_t) {
        ++impl->size.count;
        impl->size.bytes += each.disclosure.size();
        return true;
    });
    if (!counted) return counted.error();
    const auto mark = impl->get(meta, rewrite_mark);
    if (!mark) return mark.error();
    impl->rewrite_wanted = mark->has_value();
    std::unique_ptr<DisclosureStore> store(new DisclosureStore(std::move(impl)));
    if (auto done = store->rewrite(); !done) return done.error();
    return store;
}

Result<std::uint64_t> DisclosureStore::add(std::span<const ToldFor> all, std::int64_t received_ms) {
    const std::lock_guard lock(impl_->mutex);
    rocksdb::WriteBatch batch;
    Size added;
    std::set<std::string> seen;
    for (const ToldFor& each : all) {
        const std::string key = key_of(each);
        if (!seen.insert(key).second) continue;
        const auto known = impl_->get(disclosures, key);
        if (!known) return known.error();
        batch.Put(impl_->database->family(disclosures), key, value_of(each, received_ms));
        if (*known) continue;
        ++added.count;
        added.bytes += each.disclosure.size();
    }
    if (batch.Count() == 0) return std::uint64_t{0};
    if (auto written = impl_->write(batch); !written) return written.error();
    impl_->size.count += added.count;
    impl_->size.bytes += added.bytes;
    return added.bytes;
}

Result<std::optional<std::string>> DisclosureStore::find(std::string_view source, std::string_view id,
                                                         const ledger::Hash& commitment) const {
    const auto value = impl_->get(disclosures, key_of(source, id, commitment));
    if (!value) return value.error();
    auto found = *value ? read(**value) : std::nullopt;
    if (!found || found->told.commitment != commitment) return std::optional<std::string>();
    return std::optional(std::move(found->told.disclosure));
}

Result<std::uint64_t> DisclosureStore::erase(std::span<const ToldFor> all) {
    const std::lock_guard lock(impl_->mutex);
    rocksdb::WriteBatch batch;
    Size gone;
    for (const ToldFor& each : all) {
        const std::string key = key_of(each);
        const auto value = impl_->get(disclosures, key);
        if (!value) return value.error();
        if (!*value) continue;
        batch.Delete(impl_->database->family(disclosures), key);
        ++gone.count;
        if (const auto found = read(**value)) gone.bytes += found->told.disclosure.size();
    }
    if (batch.Count() == 0) return std::uint64_t{0};
    // With the deletion, so that neither a crash nor a full disk makes anybody forget what is left to do.
    batch.Put(impl_->database->family(meta), rewrite_mark, {});
    if (auto written = impl_->write(batch); !written) return written.error();
    impl_->rewrite_wanted = true;
    impl_->size.count -= std::min(impl_->size.count, gone.count);
    impl_->size.bytes -= std::min(impl_->size.bytes, gone.bytes);
    return gone.count;
}

// A deletion is one more entry until what it hides is compacted away, in the log as in the tables: all of memory is moved into
// tables, which begins the log anew, and the tables are written again without it.
Result<void> DisclosureStore::rewrite() {
    {
        const std::lock_guard lock(impl_->mutex);
        if (!impl_->rewrite_wanted) return {};
        impl_->rewrite_wanted = false;  // of now: a later deletion says so again
    }
    Database& database = *impl_->database;
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    rocksdb::Status status = database->Flush({}, database.families());
    if (status.ok()) status = database->CompactRange(all, database.family(disclosures), nullptr, nullptr);
    const std::lock_guard lock(impl_->mutex);
    if (!status.ok()) {
        impl_->rewrite_wanted = true;
        return impl_->error(status, "erasing");
    }
    if (impl_->rewrite_wanted) return {};
    rocksdb::WriteBatch batch;
    batch.Delete(database.family(meta), rewrite_mark);
    return impl_->write(batch);
}

Result<void> DisclosureStore::scan(const Visit& visit) const {
    return impl_->scan(visit);
}

DisclosureStore::Size DisclosureStore::size() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->size;
}

}  // namespace socai::storage
