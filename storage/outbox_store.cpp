#include "storage/outbox_store.hpp"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <cassert>
#include <set>
#include <utility>

#include "storage/codec.hpp"
#include "storage/database.hpp"
#include "storage/file.hpp"
#include "storage/room.hpp"
#include "storage/state_database.hpp"

namespace socai::storage {
namespace {

constexpr std::uint32_t format_version = 1;
constexpr std::string_view cure =
    "It holds promises of this node that others rely on, so nothing of it is thrown away: copy the folder "
    "elsewhere, "
    "then move it aside to start without it";

enum Family : std::size_t { meta, waiting, fates, statements, records };

std::vector<rocksdb::ColumnFamilyDescriptor> families(std::size_t buffer) {
    rocksdb::ColumnFamilyOptions options;
    options.write_buffer_size = buffer;
    options.compression = rocksdb::kLZ4Compression;
    return {{rocksdb::kDefaultColumnFamilyName, options},
            {"waiting", options},
            {"fates", options},
            {"statements", options},
            {"records", options}};
}

rocksdb::DBOptions database_options(std::size_t buffer) {
    rocksdb::DBOptions options = common_options(64);
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    options.db_write_buffer_size = buffer;
    // The end of a write that a crash tore was never synced, so nothing that was promised is in it.
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    return options;
}

void put_bytes(std::string& out, std::string_view bytes) {
    put_u32(out, static_cast<std::uint32_t>(bytes.size()));
    out += bytes;
}
std::string_view take_bytes(ByteReader& reader) {
    const std::uint32_t size = reader.u32();
    return reader.take(size);
}
std::string digest_key(const ledger::Hash& hash) {
    return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

// The promise in a note that this node wrote; nothing when the bytes are not what it wrote.
std::optional<ledger::Promise> promise_in(std::string_view bytes) {
    const auto note = ledger::parse_note(bytes);
    if (!note) return std::nullopt;
    const auto statement = ledger::parse_node_statement(note->text);
    if (!statement) return std::nullopt;
    const auto* promise = std::get_if<ledger::Promise>(&statement->fact);
    return promise == nullptr ? std::nullopt : std::optional(*promise);
}

struct ItemBytes {
    std::string_view note, statement;
};
std::optional<ItemBytes> item_in(std::string_view value) {
    ByteReader reader(value);
    const std::string_view note = take_bytes(reader);
    if (!reader.ok()) return std::nullopt;
    return ItemBytes{note, reader.rest()};
}

enum : std::uint8_t { stands = 1, refused = 2 };

std::string encode_fate(const OutboxFate& fate, std::string_view note) {
    std::string value;
    put_u64(value, static_cast<std::uint64_t>(fate.decided_ms));
    put_u8(value, fate.address ? stands : refused);
    put_u64(value, fate.address ? fate.address->index : 0);
    put_u32(value, fate.address ? fate.address->n : 0);
    put_u64(value, static_cast<std::uint64_t>(fate.time_ms));
    put_bytes(value, note);
    put_bytes(value, fate.refusal);
    put_bytes(value, fate.detail);
    return value;
}

std::optional<OutboxFound> decode_fate(std::uint64_t number, std::string_view value) {
    ByteReader reader(value);
    OutboxFate fate;
    fate.number = number;
    fate.decided_ms = static_cast<std::int64_t>(reader.u64());
    const std::uint8_t kind = reader.u8();
    const std::uint64_t index = reader.u64();
    const std::uint32_t n = reader.u32();
    fate.time_ms = static_cast<std::int64_t>(reader.u64());
    const std::string_view note = take_bytes(reader);
    fate.refusal = take_bytes(reader);
    fate.detail = take_bytes(reader);
    if (kind == stands) fate.address = ledger::Address{index, n};
    auto promise = promise_in(note);
    if (!reader.complete() || (kind != stands && kind != refused) || !promise) return std::nullopt;
    return OutboxFound{*std::move(promise), std::string(note), std::move(fate)};
}

}  // namespace

struct OutboxStore::Impl {
    std::string path;
    std::unique_ptr<Database> database;
    std::vector<Waiting> found;         // until take_waiting()
    std::uint64_t next = 1;             // as of open()
    std::set<std::uint64_t> fate_keys;  // the writing thread only
    std::uint64_t late = 0;             // the writing thread only

    rocksdb::ColumnFamilyHandle* family(Family name) const { return database->family(name); }
    Error damage(const std::string& what) const {
        return {"corrupt_outbox", path + ": " + what + ". " + std::string(cure) + "."};
    }
    Error error(const rocksdb::Status& status, const std::string& doing) const {
        return explain(status, {"corrupt_outbox", path + ", " + doing, std::string(cure)});
    }
    Result<std::optional<std::string>> get(Family name, std::string_view key) const {
        std::string bytes;
        const rocksdb::Status status = (*database)->Get(rocksdb::ReadOptions(), family(name), key, &bytes);
        if (status.IsNotFound()) return std::optional<std::string>();
        if (!status.ok()) return error(status, "reading");
        return std::optional(std::move(bytes));
    }
    Result<void> write(rocksdb::WriteBatch& batch, bool sync) {
        rocksdb::WriteOptions options;
        options.sync = sync;
        const rocksdb::Status status = (*database)->Write(options, &batch);
        if (!status.ok()) return error(status, "writing");
        return {};
    }
    Result<void> initialise(const Identity& identity) {
        std::string format;
        put_u32(format, format_version);
        rocksdb::WriteBatch batch;
        batch.Put(family(meta), "format", format);
        batch.Put(family(meta), "identity", encode_identity(identity));
        return write(batch, true);
    }
    Result<void> check_owner(const Identity& identity);
    Result<void> load();
    Result<std::optional<OutboxFound>> follow(const Result<std::optional<std::string>>& number) const;
    void forget_name(rocksdb::WriteBatch& batch, Family name, const std::string& key,
                     std::uint64_t number) const;
};

Result<void> OutboxStore::Impl::check_owner(const Identity& identity) {
    const auto format = get(meta, "format");
    if (!format) return format.error();
    if (!*format) return initialise(identity);
    ByteReader version(**format);
    if (version.u32() != format_version || !version.complete())
        return Error{"wrong_version",
                     path +
                         " was written in a format that this program does not know. Start it with the "
                         "version that wrote it, and let it empty its outbox first."};
    const auto owner = get(meta, "identity");
    if (!owner) return owner.error();
    if (!*owner) return damage("its owner is missing");
    return check_identity(identity, **owner, path);
}

Result<void> OutboxStore::Impl::load() {
    const auto each = [this](Family name, auto take) -> Result<void> {
        const std::unique_ptr<rocksdb::Iterator> at(
            (*database)->NewIterator(rocksdb::ReadOptions(), family(name)));
        for (at->SeekToFirst(); at->Valid(); at->Next()) {
            ByteReader key(at->key().ToStringView());
            const std::uint64_t number = key.u64();
            if (!key.complete()) return damage("a key is malformed");
            next = std::max(next, number + 1);
            if (!take(number, at->value().ToStringView()))
                return damage("item " + std::to_string(number) + " is malformed");
        }
        if (!at->status().ok()) return error(at->status(), "reading");
        return {};
    };
    const auto stored = get(meta, "late");
    if (!stored) return stored.error();
    if (*stored) {
        ByteReader reader(**stored);
        late = reader.u64();
        if (!reader.complete()) return damage("the size of what was late is malformed");
    }
    auto loaded = each(waiting, [this](std::uint64_t number, std::string_view value) {
        const auto bytes = item_in(value);
        auto promise = bytes ? promise_in(bytes->note) : std::nullopt;
        if (!promise || promise->statement != ledger::sha256(bytes->statement)) return false;
        found.push_back({number, *std::move(promise), bytes->statement.size()});
        return true;
    });
    if (!loaded) return loaded;
    return each(fates, [this](std::uint64_t number, std::string_view) {
        fate_keys.insert(number);
        return true;
    });
}

OutboxStore::OutboxStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
OutboxStore::~OutboxStore() = default;

Result<std::unique_ptr<OutboxStore>> OutboxStore::open(const std::string& directory,
                                                       const Identity& identity) {
    auto impl = std::make_unique<Impl>();
    impl->path = directory + "/outbox";
    if (auto made = make_folder(impl->path); !made) return made.error();
    const std::size_t buffer = std::min<std::size_t>(write_buffer_bytes(impl->path), 8U << 20U);
    const rocksdb::Status status =
        Database::open(impl->path, database_options(buffer), families(buffer), impl->database);
    if (!status.ok()) return impl->error(status, "opening");
    if (auto owned = impl->check_owner(identity); !owned) return owned.error();
    if (auto loaded = impl->load(); !loaded) return loaded.error();
    return std::unique_ptr<OutboxStore>(new OutboxStore(std::move(impl)));
}

std::vector<OutboxStore::Waiting> OutboxStore::take_waiting() {
    return std::exchange(impl_->found, {});
}

const Database& OutboxStore::files() const {
    return *impl_->database;
}

Result<void> OutboxStore::renew_write_ahead_log() const {
    const Database& database = *impl_->database;
    rocksdb::Status status = database->Put({}, impl_->family(meta), "renewed", {});
    if (status.ok()) status = database->Flush({}, database.families());
    if (!status.ok()) return impl_->error(status, "flushing");
    return {};
}

Result<void> OutboxStore::rewrite_settled() const {
    if (auto renewed = renew_write_ahead_log(); !renewed) return renewed;
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    const rocksdb::Status status = (*impl_->database)->CompactRange(all, impl_->family(waiting), nullptr, nullptr);
    if (!status.ok()) return impl_->error(status, "rewriting");
    return {};
}

std::uint64_t OutboxStore::late_size() const {
    return impl_->late;
}

std::uint64_t OutboxStore::next_number() const {
    return impl_->next;
}

Result<void> OutboxStore::add(std::span<const OutboxItem> items) {
    rocksdb::WriteBatch batch;
    for (const OutboxItem& item : items) {
        const std::string number = number_key(item.number);
        std::string value;
        value.reserve(4 + item.note.size() + item.statement.size());
        put_bytes(value, item.note);
        value += item.statement;
        batch.Put(impl_->family(waiting), number, value);
        batch.Put(impl_->family(statements), digest_key(item.promise.statement), number);
        for (const ledger::PromisedRecord& record : item.promise.records)
            batch.Put(impl_->family(records), record_key(record.source, record.id), number);
    }
    return impl_->write(batch, true);
}

Result<void> OutboxStore::settle(std::span<const OutboxFate> settled, std::uint64_t late_size) {
    rocksdb::WriteBatch batch;
    bool sync = false;
    for (const OutboxFate& fate : settled) {
        const std::string number = number_key(fate.number);
        const auto value = impl_->get(waiting, number);
        if (!value) return value.error();
        const auto bytes = *value ? item_in(**value) : std::nullopt;
        if (!bytes) return impl_->damage("item " + std::to_string(fate.number) + " is missing or malformed");
        batch.Put(impl_->family(fates), number, encode_fate(fate, bytes->note));
        batch.Delete(impl_->family(waiting), number);
        sync = sync || !fate.address;
    }
    if (late_size > impl_->late) batch.Put(impl_->family(meta), "late", number_key(late_size));
    // What stands need not be on the disk: after a crash it is submitted once more, and answers as a duplicate.
    if (auto written = impl_->write(batch, sync); !written) return written;
    impl_->late = std::max(impl_->late, late_size);
    for (const OutboxFate& fate : settled) impl_->fate_keys.insert(fate.number);
    return {};
}

// Takes `key` out of an index, unless a newer item has it.
void OutboxStore::Impl::forget_name(rocksdb::WriteBatch& batch, Family name, const std::string& key,
                                    std::uint64_t number) const {
    const auto holder = get(name, key);
    if (holder && *holder && **holder == number_key(number)) batch.Delete(family(name), key);
}

Result<void> OutboxStore::trim(std::size_t keep, std::int64_t since_ms) {
    constexpr std::size_t at_once = 1'000;
    rocksdb::WriteBatch batch;
    std::size_t forgotten = 0;
    for (auto oldest = impl_->fate_keys.begin(); oldest != impl_->fate_keys.end() && forgotten < at_once;) {
        const std::uint64_t number = *oldest;
        const auto value = impl_->get(fates, number_key(number));
        if (!value) return value.error();
        const auto found = *value ? decode_fate(number, **value) : std::nullopt;
        if (!found) return impl_->damage("the fate of item " + std::to_string(number) + " is malformed");
        if (impl_->fate_keys.size() <= keep && found->fate->decided_ms >= since_ms) break;
        batch.Delete(impl_->family(fates), number_key(number));
        impl_->forget_name(batch, statements, digest_key(found->promise.statement), number);
        for (const ledger::PromisedRecord& record : found->promise.records)
            impl_->forget_name(batch, records, record_key(record.source, record.id), number);
        oldest = impl_->fate_keys.erase(oldest);
        ++forgotten;
    }
    if (forgotten == 0) return {};
    return impl_->write(batch, false);
}

Result<std::string> OutboxStore::statement(std::uint64_t number) const {
    const auto value = impl_->get(waiting, number_key(number));
    if (!value) return value.error();
    const auto bytes = *value ? item_in(**value) : std::nullopt;
    const auto promise = bytes ? promise_in(bytes->note) : std::nullopt;
    if (!promise || promise->statement != ledger::sha256(bytes->statement))
        return impl_->damage("item " + std::to_string(number) + " is missing or not what was written");
    return Result<std::string>(boost::system::in_place_value, std::string(bytes->statement));
}

Result<std::optional<OutboxFound>> OutboxStore::Impl::follow(
    const Result<std::optional<std::string>>& number) const {
    if (!number) return number.error();
    if (!*number) return std::optional<OutboxFound>();
    ByteReader reader(**number);
    const std::uint64_t item = reader.u64();
    // Waiting first: an item that is settled between the two reads has its fate by the second.
    const auto waits = get(waiting, **number);
    if (!waits) return waits.error();
    if (*waits) {
        const auto bytes = item_in(**waits);
        auto promise = bytes ? promise_in(bytes->note) : std::nullopt;
        if (!promise) return damage("item " + std::to_string(item) + " is malformed");
        return std::optional(OutboxFound{*std::move(promise), std::string(bytes->note), std::nullopt});
    }
    const auto fate = get(fates, **number);
    if (!fate) return fate.error();
    if (!*fate) return std::optional<OutboxFound>();
    auto decoded = decode_fate(item, **fate);
    if (!decoded) return damage("the fate of item " + std::to_string(item) + " is malformed");
    return decoded;
}

Result<std::optional<OutboxFound>> OutboxStore::find(const ledger::Hash& statement) const {
    return impl_->follow(impl_->get(statements, digest_key(statement)));
}

Result<std::optional<OutboxFound>> OutboxStore::find(std::string_view source, std::string_view id) const {
    return impl_->follow(impl_->get(records, record_key(source, id)));
}

}  // namespace socai::storage
