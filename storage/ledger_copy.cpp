#include "storage/ledger_copy.hpp"

#include <fcntl.h>
#include <rocksdb/env.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <utility>
#include <vector>

#include "ledger/tiles.hpp"
#include "storage/append_merge.hpp"
#include "storage/codec.hpp"
#include "storage/database.hpp"
#include "storage/log_format.hpp"
#include "storage/state_database.hpp"

namespace socai::storage {
namespace {

constexpr std::string_view copy_cure =
    "The copy is damaged or was altered: take another one, or read another node.";
constexpr std::size_t readahead_bytes = std::size_t{2} << 20;
constexpr std::size_t max_runs = std::size_t{1} << 20;  // of the leaf map; more is damage, not a ledger

rocksdb::DBOptions options() {
    rocksdb::DBOptions options = common_options(256);
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    options.paranoid_checks = false;  // what is missing shows where it is read
    return options;
}

Result<std::unique_ptr<Database>> open_database(
    const std::string& path, const std::string& damaged,
    const std::vector<rocksdb::ColumnFamilyDescriptor>& families) {
    std::unique_ptr<Database> database;
    rocksdb::Status status;
    try {
        status = Database::open_read_only(path, options(), families, database);
    } catch (const std::exception& error) {  // RocksDB promises none; a hostile folder may find one
        status = rocksdb::Status::Corruption(error.what());
    }
    if (!status.ok()) return explain(status, {damaged, "cannot open " + path, std::string(copy_cure)});
    return database;
}

// Does a process hold RocksDB's lock on the folder? Asked without taking or making it.
bool is_locked(const std::string& path) {
    const int fd = ::open((path + "/LOCK").c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    struct flock asked {};
    asked.l_type = F_RDLCK;  // a write lock of somebody else stands in its way
    asked.l_whence = SEEK_SET;
    const bool held = ::fcntl(fd, F_GETLK, &asked) == 0 && asked.l_type != F_UNLCK;
    ::close(fd);
    return held;
}

}  // namespace

struct LedgerCopy::Impl {
    std::string directory;
    std::unique_ptr<Database> log;    // default, entries, repairs
    std::unique_ptr<Database> state;  // default, tree, leaves, facts; null without one
    std::string state_fault;
    Identity identity;
    AppliedPosition position;  // of the state
    std::vector<LeafRun> runs;
    bool repaired = false;  // some entries stand among the repairs

    // Where reading stands: leaf `leaf` is the next payload entry at or after `raft`.
    std::mutex mutex;
    std::unique_ptr<rocksdb::Iterator> entries;
    std::uint64_t leaf = 0;
    std::uint64_t raft = 1;
    std::string repair;           // the entry at `raft`, where it stands among the repairs
    std::size_t last_bundle = 0;  // bytes; the next is about as large

    rocksdb::ColumnFamilyHandle* log_family(std::size_t which) const { return log->family(which); }
    Error damage(const std::string& what) const {
        return {"corrupt_log", directory + ": " + what + ". " + std::string(copy_cure)};
    }

    Result<void> read_identity();
    Result<void> open_state();
    void rewind(std::uint64_t first);
    void seek();
    std::optional<StoredEntry> here(std::optional<Error>& fault);
    void advance();
    Result<std::optional<std::string>> stored(std::size_t which, const std::string& key,
                                              const std::string& what) const;
};

Result<void> LedgerCopy::Impl::read_identity() {
    std::string format;
    std::string owner;
    const auto got = [&](const char* key, std::string& value) {
        return (*log)->Get(rocksdb::ReadOptions(), log_family(0), key, &value).ok();
    };
    if (!got("format", format) || !got("identity", owner)) return damage("the log says not whose it is");
    ByteReader version(format);
    if (version.u32() != log_format_version || !version.complete()) {
        return Error{"wrong_version", directory +
                                          " was written in a format that this program does not know. Run the "
                                          "version of the program that wrote it, or a newer one."};
    }
    const auto decoded = decode_identity(owner);
    if (!decoded) return damage("the log says not whose it is");
    identity = *decoded;
    std::string base;
    if (!got("base", base)) return damage("the base of the log is missing");
    const auto id = decode_id(base);
    if (!id) return damage("the base of the log is malformed");
    if (id->index.value != 0) {
        return damage("the log begins after Raft index " + std::to_string(id->index.value) +
                      ": its first leaves are not in this folder");
    }
    const std::unique_ptr<rocksdb::Iterator> repairs(
        (*log)->NewIterator(rocksdb::ReadOptions(), log_family(2)));
    repairs->SeekToFirst();
    repaired = repairs->Valid();
    return {};
}

// A state that is not there is rebuilt by a node at its next start: for a reader it only means no tiles.
Result<void> LedgerCopy::Impl::open_state() {
    const std::string path = directory + "/state";
    if (!database_exists(path)) return Error{"corrupt_state", path + " is not there"};
    rocksdb::ColumnFamilyOptions tree;  // and leaves
    tree.merge_operator = make_append_operator();
    auto opened = open_database(
        path, "corrupt_state",
        {{rocksdb::kDefaultColumnFamilyName, {}}, {"tree", tree}, {"leaves", tree}, {"facts", {}}});
    if (!opened) return opened.error();
    const auto& database = *opened;
    std::string bytes;
    const auto get = [&](const char* key) {
        return (*database)->Get(rocksdb::ReadOptions(), database->family(0), key, &bytes).ok();
    };
    if (!get("format") || ByteReader(bytes).u32() != state_format_version)
        return Error{"corrupt_state", path + " is of another format version"};
    if (!get("position")) return Error{"corrupt_state", path + " does not say how far it is applied"};
    ByteReader reader(bytes);
    AppliedPosition at;
    at.raft_index.value = reader.u64();
    at.size = reader.u64();
    at.last_time_ms = static_cast<std::int64_t>(reader.u64());
    at.raft_hash = reader.digest();
    at.facts = reader.digest();
    if (!reader.complete()) return Error{"corrupt_state", path + " does not say how far it is applied"};

    std::vector<LeafRun> found;
    const std::unique_ptr<rocksdb::Iterator> each(
        (*database)->NewIterator(rocksdb::ReadOptions(), database->family(0)));
    for (each->Seek("r"); each->Valid() && each->key().starts_with("r"); each->Next()) {
        ByteReader at_leaf(each->key().ToStringView().substr(1));
        ByteReader at_index(each->value().ToStringView());
        const LeafRun run{at_leaf.u64(), {at_index.u64()}};
        if (!at_leaf.complete() || !at_index.complete() || found.size() == max_runs ||
            (!found.empty() && run.leaf <= found.back().leaf))
            return Error{"corrupt_state", path + ": the leaf map is malformed"};
        found.push_back(run);
    }
    if (!each->status().ok())
        return explain(each->status(),
                       {"corrupt_state", path + ", reading the leaf map", std::string(copy_cure)});
    state = std::move(*opened);
    position = at;
    runs = std::move(found);
    return {};
}

// Goes to leaf `first`: by the leaf map as far as the state has come, else onward from there.
void LedgerCopy::Impl::rewind(std::uint64_t first) {
    leaf = 0;
    raft = 1;
    if (first < position.size) {
        const auto after =
            std::upper_bound(runs.begin(), runs.end(), first,
                             [](std::uint64_t wanted, const LeafRun& run) { return wanted < run.leaf; });
        if (after != runs.begin()) {
            leaf = first;
            raft = std::prev(after)->raft_index.value + (first - std::prev(after)->leaf);
        }
    } else if (position.size > 0) {
        leaf = position.size;
        raft = position.raft_index.value + 1;
    }
    seek();
}

void LedgerCopy::Impl::seek() {
    rocksdb::ReadOptions how;
    how.fill_cache = false;  // each is read once
    how.readahead_size = readahead_bytes;
    entries.reset((*log)->NewIterator(how, log_family(1)));
    entries->Seek(number_key(raft));
}

// The entry at `raft`, good until advance(). Nothing at the end of the log, or with `fault`.
std::optional<StoredEntry> LedgerCopy::Impl::here(std::optional<Error>& fault) {
    const std::string key = number_key(raft);
    std::string_view body;
    if (repaired && (*log)->Get(rocksdb::ReadOptions(), log_family(2), key, &repair).ok()) {
        body = repair;
    } else if (entries->Valid() && entries->key() == key) {
        body = entries->value().ToStringView();
    } else if (!entries->Valid() && entries->status().ok()) {
        return std::nullopt;
    } else {
        const std::string why = entries->status().ok() ? "it is missing" : entries->status().ToString();
        fault = damage("leaf " + std::to_string(leaf) + " (Raft index " + std::to_string(raft) +
                       ") cannot be read: " + why);
        return std::nullopt;
    }
    const auto entry = view_entry(body);
    if (!entry) {
        fault = damage("leaf " + std::to_string(leaf) + " (Raft index " + std::to_string(raft) +
                       ") is malformed");
    }
    return entry;
}

void LedgerCopy::Impl::advance() {
    const bool stood = entries->Valid() && entries->key() == number_key(raft);
    ++raft;
    if (stood)
        entries->Next();
    else
        seek();
}

// Of the state; nothing when it is not there, or there is no state. `what` is read.
Result<std::optional<std::string>> LedgerCopy::Impl::stored(std::size_t which, const std::string& key,
                                                            const std::string& what) const {
    if (!state) return std::optional<std::string>();
    std::string bytes;
    const rocksdb::Status status = (*state)->Get(rocksdb::ReadOptions(), state->family(which), key, &bytes);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok())
        return explain(status,
                       {"corrupt_state", directory + "/state, reading " + what, std::string(copy_cure)});
    return std::optional(std::move(bytes));
}

LedgerCopy::LedgerCopy(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LedgerCopy::~LedgerCopy() = default;

Result<std::unique_ptr<LedgerCopy>> LedgerCopy::open(const std::string& directory) {
    auto impl = std::make_unique<Impl>();
    impl->directory = directory;
    const std::string log = directory + "/log";
    if (!database_exists(log))
        return Error{"corrupt_log", log + " holds no log of a ledger. " + std::string(copy_cure)};
    if (is_locked(log)) {
        return Error{"locked", "a node works in " + directory +
                                   ": stop it first, read it over HTTP, or read a backup of it."};
    }
    rocksdb::ColumnFamilyOptions plain;
    auto opened =
        open_database(log, "corrupt_log",
                      {{rocksdb::kDefaultColumnFamilyName, plain}, {"entries", plain}, {"repairs", plain}});
    if (!opened) return opened.error();
    impl->log = std::move(*opened);
    if (auto read = impl->read_identity(); !read) return read.error();
    if (auto state = impl->open_state(); !state) impl->state_fault = state.error().detail;
    impl->seek();
    return std::unique_ptr<LedgerCopy>(new LedgerCopy(std::move(impl)));
}

const Identity& LedgerCopy::identity() const {
    return impl_->identity;
}

LeavesRead LedgerCopy::leaves(std::uint64_t first, std::uint32_t count) const {
    const std::lock_guard lock(impl_->mutex);
    LeavesRead read;
    if (first != impl_->leaf) impl_->rewind(first);
    read.bundle.reserve(impl_->last_bundle);
    for (; read.count < count; impl_->advance()) {
        const auto entry = impl_->here(read.fault);
        if (!entry) break;
        if (entry->kind != consensus::EntryKind::payload) continue;
        if (entry->payload.size() > ledger::max_entry_bytes) {
            read.fault =
                impl_->damage("leaf " + std::to_string(impl_->leaf) + " is larger than a leaf can be");
            break;
        }
        if (impl_->leaf++ < first) continue;
        ledger::append_bundle_entry(read.bundle, entry->payload);
        ++read.count;
    }
    impl_->last_bundle = read.bundle.size();
    return read;
}

std::uint64_t LedgerCopy::state_size() const {
    return impl_->state ? impl_->position.size : 0;
}

const std::string& LedgerCopy::state_fault() const {
    return impl_->state_fault;
}

Result<std::optional<std::string>> LedgerCopy::tile(std::uint32_t level, std::uint64_t index) const {
    return impl_->stored(1, row_key(level * ledger::tile_height, index),
                         "tile " + std::to_string(level) + "/" + std::to_string(index));
}

Result<std::optional<std::uint64_t>> LedgerCopy::facts_mark(std::uint64_t size) const {
    if (size == 0 || size > state_size()) return std::optional<std::uint64_t>();
    const std::uint64_t leaf = size - 1;
    const std::string what = "what it derived from leaf " + std::to_string(leaf);
    const auto block = impl_->stored(2, number_key(leaf / leaves_a_block), what);
    if (!block) return block.error();
    const auto info = leaf_info_in(block->value_or(""), leaf);
    if (!info) {
        return Error{"corrupt_state",
                     impl_->directory + "/state lacks " + what + ". " + std::string(copy_cure)};
    }
    return std::optional(info->facts);
}

Result<void> LedgerCopy::facts(const ledger::Facts::Visit& visit) const {
    if (!impl_->state) return {};
    rocksdb::ReadOptions how;
    how.fill_cache = false;
    how.readahead_size = readahead_bytes;
    const std::unique_ptr<rocksdb::Iterator> each((*impl_->state)->NewIterator(how, impl_->state->family(3)));
    for (each->SeekToFirst(); each->Valid(); each->Next())
        if (!visit(each->key().ToStringView(), each->value().ToStringView())) return {};
    if (each->status().ok()) return {};
    return explain(each->status(),
                   {"corrupt_state", impl_->directory + "/state, reading the facts", std::string(copy_cure)});
}

}  // namespace socai::storage
