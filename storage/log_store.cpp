#include "storage/log_store.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <iterator>
#include <utility>

#include "consensus/chain.hpp"
#include "consensus/membership.hpp"
#include "ledger/remains.hpp"
#include "storage/codec.hpp"
#include "storage/companion.hpp"
#include "storage/log_batch.hpp"
#include "storage/log_database.hpp"
#include "storage/log_start.hpp"
#include "storage/recovery.hpp"
#include "storage/suspicion.hpp"
#include "storage/table_files.hpp"

namespace socai::storage {

struct LogStore::Impl {
    Impl(std::string folder, OpenedLog opened)
        : directory(std::move(folder)),
          log(std::move(opened.log)),
          start(std::move(opened.start)),
          side(std::move(opened.side)),
          mark(opened.mark),
          runs(std::move(opened.runs)),
          commit(start.commit.value) {}

    const std::string directory;
    const std::unique_ptr<LogDatabase> log;  // reads from any thread, writes from the writer's
    const LogStart start;

    // The writer's thread only. The companion writes `side` while the writer waits for it.
    const std::unique_ptr<SideFile> side;
    LogMark mark;  // of the log as it stands
    std::vector<consensus::TermRun> runs;
    std::optional<Error> failed;
    Companion companion;

    std::atomic<std::uint64_t> commit;  // the highest index told by note_commit

    // The state to write when no log write is under way.
    SideState settled() const {
        SideState state = side->state();
        state.durable_write = state.intended_write = mark.write;
        state.durable = state.intended = mark.last;
        state.commit = std::max(state.commit, consensus::Index{commit.load(std::memory_order_relaxed)});
        if (!is_behind(mark.last, state.promised)) state.promised = {};
        return state;
    }

    Result<void> commit_batch(LogBatch& batch, SideState state);
    Result<void> fail(const Error& error);
    Result<bool> add_repair(const consensus::Entry& entry, rocksdb::WriteBatch& batch) const;
    Result<std::optional<consensus::ConfigurationEntry>> configuration_at(consensus::Index index) const;
    Result<Held> look_twice(consensus::Index index) const;
};

Result<void> LogStore::Impl::commit_batch(LogBatch& batch, SideState state) {
    const consensus::Index known{commit.load(std::memory_order_relaxed)};
    rocksdb::WriteBatch& bytes = batch.finish(known);
    state.intended_write = batch.mark().write;
    state.intended = batch.mark().last;
    Result<void> side_done;
    companion.start([&] { side_done = side->write(state); });
    Result<void> log_done = log->write(bytes);
    companion.wait();
    if (!log_done) return log_done;
    if (!side_done) return side_done;
    log->set_base(batch.base());
    mark = batch.mark();
    runs = batch.runs();
    return {};
}

// A database that does not work with its own tables any more must not be used as it is.
Result<void> LogStore::Impl::fail(const Error& error) {
    if (error.reason == "corrupt_log") suspect(directory, Suspicion::rewrite, error.detail);
    failed = error;
    return error;
}

LogStore::LogStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LogStore::~LogStore() = default;

Result<std::unique_ptr<LogStore>> LogStore::open(const std::string& directory, const Identity& identity,
                                                 const LogProgress& progress) {
    auto opened = open_log(directory, identity, progress);
    if (!opened) return opened.error();
    return std::unique_ptr<LogStore>(new LogStore(std::make_unique<Impl>(directory, *std::move(opened))));
}

const LogStart& LogStore::start() const {
    return impl_->start;
}

Result<void> LogStore::write(std::span<const consensus::StorageJob> jobs) {
    Impl& impl = *impl_;
    if (impl.failed) return *impl.failed;
    SideState state = impl.settled();
    LogBatch batch(*impl.log, impl.mark, impl.runs);
    Result<void> done;
    for (const consensus::StorageJob& job : jobs) {
        if (job.hard) state.hard = *job.hard;
        if (done) done = batch.add(job);
    }
    if (done && batch.changes_log()) {
        done = impl.commit_batch(batch, state);
    } else if (done && state.hard != impl.side->state().hard) {
        done = impl.side->write(state);
    }
    return done ? done : impl.fail(done.error());
}

Result<std::vector<consensus::Index>> LogStore::repair(std::span<const consensus::EntryPtr> entries) {
    Impl& impl = *impl_;
    if (impl.failed) return *impl.failed;
    rocksdb::WriteBatch batch;
    std::vector<consensus::Index> repaired;
    for (const consensus::EntryPtr& entry : entries) {
        auto added = impl.add_repair(*entry, batch);
        if (!added) return impl.fail(added.error()).error();
        if (*added) repaired.push_back(entry->id.index);
    }
    if (batch.Count() > 0) {
        if (auto done = impl.log->write(batch); !done) return impl.fail(done.error()).error();
    }
    std::sort(repaired.begin(), repaired.end());
    repaired.erase(std::unique(repaired.begin(), repaired.end()), repaired.end());
    return repaired;
}

Result<void> LogStore::withdraw(std::span<const consensus::EntryPtr> remains) {
    Impl& impl = *impl_;
    if (impl.failed) return *impl.failed;
    rocksdb::WriteBatch batch;
    for (const consensus::EntryPtr& entry : remains) {
        auto put = impl.log->put_remains(*entry, batch);
        if (!put && put.error().reason != "corrupt_log") return put;
        if (!put) return impl.fail(put.error());
    }
    if (batch.Count() == 0) return {};
    if (auto done = impl.log->write(batch); !done) return impl.fail(done.error());
    return {};
}

Result<void> LogStore::rewrite_withdrawn() {
    return impl_->log->rewrite_withdrawn();
}

// True when `entry` is the one that the log holds by this id, and is whole once the batch is written.
Result<bool> LogStore::Impl::add_repair(const consensus::Entry& entry, rocksdb::WriteBatch& batch) const {
    if (entry.id.index <= log->base().index || entry.id.index > mark.last.index) return false;
    auto id = log->find_id(entry.id.index);
    if (!id) return id.error();
    auto before = log->find_id(entry.id.index - 1);
    if (!before) return before.error();
    if (*id != entry.id || !*before || digest_of(entry.kind, entry.payload) != entry.digest ||
        !consensus::follows(**before, entry)) {
        return false;
    }
    auto held = log->look(**before, entry.id.index);
    if (!held) return held.error();
    const std::string key = number_key(entry.id.index.value);
    if (!held->entry) batch.Put(log->family(LogFamily::repairs), key, encode_entry(entry));
    // The bytes that were lost may lie in the damaged table still.
    if (!held->entry && ledger::is_remains(entry.payload)) batch.Put(log->family(LogFamily::meta), withdrawal_key(entry.id.index), {});
    batch.Delete(log->family(LogFamily::meta), damage_key(entry.id.index));
    return true;
}

Result<void> LogStore::prune(consensus::Index base) {
    Impl& impl = *impl_;
    if (impl.failed) return *impl.failed;
    assert(base >= impl.log->base().index && base <= impl.mark.last.index);
    auto id = id_at(base);
    if (!id) return impl.fail(id.error());
    auto configuration = impl.configuration_at(base);
    if (!configuration) return impl.fail(configuration.error());
    LogBatch batch(*impl.log, impl.mark, impl.runs);
    batch.prune(*id, *configuration);
    if (!batch.changes_log()) return {};
    auto done = impl.commit_batch(batch, impl.settled());
    return done ? done : impl.fail(done.error());
}

// The configuration in force at `index`, where an entry made it.
Result<std::optional<consensus::ConfigurationEntry>> LogStore::Impl::configuration_at(
    consensus::Index index) const {
    auto ids = log->configurations();
    if (!ids) return ids.error();
    const auto later =
        std::find_if(ids->begin(), ids->end(), [&](const auto& id) { return id.index > index; });
    if (later == ids->begin()) return log->base_configuration();
    const consensus::EntryId id = *std::prev(later);
    auto entries = log->read(id.index, id.index, 0);
    if (!entries) return entries.error();
    auto configuration =
        entries->empty() ? std::nullopt : consensus::decode_configuration(entries->front()->payload);
    if (!configuration) {
        return Error{"corrupt_log", log->path() + ": the configuration at Raft index " +
                                        std::to_string(id.index.value) + " is missing. " +
                                        std::string(log_cure)};
    }
    configuration->id = id;
    return configuration;
}

void LogStore::note_commit(consensus::Index commit) {
    std::uint64_t known = impl_->commit.load(std::memory_order_relaxed);
    while (known < commit.value &&
           !impl_->commit.compare_exchange_weak(known, commit.value, std::memory_order_relaxed)) {
    }
}

bool LogStore::side_file_behind() const {
    return !impl_->failed && impl_->settled() != impl_->side->state();
}

Result<void> LogStore::flush_side_file() {
    if (impl_->failed) return *impl_->failed;
    if (!side_file_behind()) return {};
    auto done = impl_->side->write(impl_->settled());
    return done ? done : impl_->fail(done.error());
}

Result<std::vector<consensus::EntryPtr>> LogStore::read(consensus::Index first, consensus::Index last,
                                                        std::size_t max_bytes) const {
    return impl_->log->read(first, last, max_bytes);
}

// As LogDatabase::read, which says why.
Result<Held> LogStore::Impl::look_twice(consensus::Index index) const {
    Held held;
    for (int look = 0; look < 2 && !held.entry; ++look) {
        auto before = log->find_id(index - 1);
        if (!before && before.error().reason != "corrupt_log") return before.error();
        if (!before || !*before) return Held{};
        auto found = log->look(**before, index);
        if (!found) return found.error();
        held = *std::move(found);
    }
    return held;
}

Result<std::vector<consensus::DamagedEntry>> LogStore::damage_in(consensus::Index first,
                                                                 consensus::Index last) const {
    const Impl& impl = *impl_;
    std::vector<consensus::DamagedEntry> damaged;
    auto configurations = impl.log->configurations();
    if (!configurations) return configurations.error();
    for (consensus::Index index = std::max(first, impl.log->base().index + 1); index <= last;
         index = index + 1) {
        auto id = impl.log->find_id(index);
        if (id && !*id) break;
        auto held = impl.look_twice(index);
        if (!held) return held.error();
        if (held->entry) continue;
        const Error lost{"corrupt_log", impl.log->path() + ": Raft index " + std::to_string(index.value) +
                                            " is damaged. " + std::string(log_cure)};
        suspect(impl.directory, Suspicion::search, lost.detail);
        const auto is_here = [&](const consensus::EntryId& entry) { return entry.index == index; };
        const bool is_configuration = std::any_of(configurations->begin(), configurations->end(), is_here);
        auto before = impl.log->find_id(index - 1);
        if (!before || !*before || !held->id || held->altered || is_configuration) return lost;
        damaged.push_back({**before, *held->id});
    }
    return damaged;
}

Result<std::vector<consensus::EntryPtr>> LogStore::find(std::span<const consensus::EntryId> ids,
                                                        std::size_t max_bytes) const {
    std::vector<consensus::EntryPtr> found;
    std::size_t bytes = 0;
    for (const consensus::EntryId& id : ids) {
        auto entries = impl_->log->read(id.index, id.index, 0);
        if (!entries && entries.error().reason != "corrupt_log") return entries.error();
        if (!entries || entries->empty() || entries->front()->id != id) continue;
        bytes += entries->front()->payload.size();
        if (!found.empty() && bytes > max_bytes) break;
        found.push_back(entries->front());
    }
    return found;
}

Result<consensus::EntryId> LogStore::id_at(consensus::Index index) const {
    auto id = impl_->log->find_id(index);
    if (!id) return id.error();
    if (!*id)
        return Error{"corrupt_log", "the log does not hold Raft index " + std::to_string(index.value) + "."};
    return **id;
}

const LogDatabase& LogStore::database() const {
    return *impl_->log;
}

const std::string& LogStore::directory() const {
    return impl_->directory;
}

Result<LogStore::TableDamage> LogStore::damage_of(const TableFile& table) const {
    const LogDatabase& log = *impl_->log;
    log.files().forget_cached();
    TableDamage damage;
    if (table.family != "entries" && table.family != "repairs") return damage;
    auto lost = damage_in({ByteReader(table.smallest).u64()}, {ByteReader(table.largest).u64()});
    if (!lost) return lost.error();
    damage.lost = *std::move(lost);
    // Repairs are merged with each other, and the merger would stop at the damage.
    const auto unreadable = table.family == "entries" ? unreadable_numbers(table) : std::nullopt;
    const auto is_known = [&](std::uint64_t number) {
        const std::string key = number_key(number);
        return log.has_repairs(key, key) ||
               std::ranges::any_of(damage.lost, [number](const consensus::DamagedEntry& entry) {
                   return entry.id.index.value == number;
               });
    };
    damage.confined = unreadable && !unreadable->empty() && std::ranges::all_of(*unreadable, is_known);
    return damage;
}

void LogStore::suspect_files(const std::string& why) const {
    suspect(impl_->directory, Suspicion::rewrite, why);
}

bool LogStore::side_file_is_whole() const {
    return SideFile::condition(impl_->directory + "/acknowledged") == SideFile::Condition::whole;
}

Result<void> LogStore::renew_side_file() {
    for (int slot = 0; slot < 2; ++slot) {
        if (impl_->failed) return *impl_->failed;
        if (auto done = impl_->side->write(impl_->settled()); !done) return impl_->fail(done.error());
    }
    return {};
}

}  // namespace socai::storage
