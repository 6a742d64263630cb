#include "storage/log_store.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <filesystem>
#include <system_error>
#include <utility>

#include "storage/companion.hpp"
#include "storage/file.hpp"
#include "storage/log_batch.hpp"
#include "storage/log_database.hpp"
#include "storage/recovery.hpp"

namespace socai::storage {

struct LogStore::Impl {
    std::unique_ptr<LogDatabase> log;  // reads from any thread, writes from the writer's
    LogStart start;                    // constant once open

    // The writer's thread only. The companion writes `side` while the writer waits for it.
    std::unique_ptr<SideFile> side;
    LogMark mark;  // of the log as it stands
    std::vector<consensus::TermRun> runs;
    std::optional<Error> failed;
    Companion companion;

    std::atomic<std::uint64_t> commit{0};  // the highest index told by note_commit

    // The state to write when no log write is under way.
    SideState settled() const {
        SideState state = side->state();
        state.durable_write = state.intended_write = mark.write;
        state.durable = state.intended = mark.last;
        state.commit = std::max(state.commit, consensus::Index{commit.load(std::memory_order_relaxed)});
        return state;
    }

    Result<void> recover(const std::string& directory);
    Result<void> keep_unconfirmed(SideState& state, const std::string& directory) const;
    Result<void> settle_configuration(SideState& state) const;
    Result<void> commit_batch(LogBatch& batch, SideState state);
};

// Compares log and side file, and leaves both settled: equal, and durable. What RocksDB recovered may so far
// stand in the page cache only (a killed process, then power loss), so it is synced before the side file says
// that it is durable.
Result<void> LogStore::Impl::recover(const std::string& directory) {
    auto found = log->mark();
    if (!found) return found.error();
    mark = *found;
    auto end = judge_end(side->state(), mark, directory);
    if (!end) return end.error();
    if (auto fine = log->check_tail(mark.last); !fine) return fine;
    auto terms = log->runs();
    if (!terms) return terms.error();
    runs = *std::move(terms);
    const bool covered = runs.empty()
                             ? mark.last == log->base()
                             : runs.back().term == mark.last.term && runs.back().first <= mark.last.index;
    if (!covered) {
        return Error{"corrupt_log", directory +
                                        "/log: the table of terms does not reach the last entry. Return "
                                        "the node under a new node id."};
    }

    SideState state = settled();
    if (*end == LogEnd::ahead) {
        if (auto fine = keep_unconfirmed(state, directory); !fine) return fine;
    }
    if (*end != LogEnd::complete) {
        if (auto fine = settle_configuration(state); !fine) return fine;
    }
    if (auto done = log->settle(mark); !done) return done;
    if (auto done = side->write(state); !done) return done;

    start.hard = state.hard;
    start.log = {log->base(), mark.last, runs};
    start.commit = std::clamp(state.commit, log->base().index, mark.last.index);
    start.torn_tail_cut = *end == LogEnd::torn;
    commit = start.commit.value;
    return {};
}

// The log is one write ahead of the side file. What stood before that write must still be there, but for what
// it truncated; and a log that holds entries of a term is in that term. No vote of that term can be lost with
// the slot: a vote is synced before it leaves, and this slot was not.
Result<void> LogStore::Impl::keep_unconfirmed(SideState& state, const std::string& directory) const {
    const consensus::EntryId& before = side->state().intended;
    if (mark.truncated_from.value == 0 || before.index < mark.truncated_from) {
        auto still = log->find_id(before.index);
        if (!still) return still.error();
        if (*still != before) {
            return Error{"corrupt_log",
                         directory + "/log holds another entry at Raft index " +
                             std::to_string(before.index.value) +
                             " than this node acknowledged. Return the node under a new node id."};
        }
    }
    if (mark.last.term > state.hard.term) {
        state.hard.term = mark.last.term;
        state.hard.vote = {};
    }
    return {};
}

// Hard state and log did not arrive together: the configuration in force is the newest that the log holds
// (effective at append, thesis §4.1).
Result<void> LogStore::Impl::settle_configuration(SideState& state) const {
    auto newest = log->newest_configuration();
    if (!newest) return newest.error();
    if (*newest) {
        state.hard.configuration = **newest;
    } else if (state.hard.configuration.index > log->base().index) {
        state.hard.configuration = {};
    }
    return {};
}

Result<void> LogStore::Impl::commit_batch(LogBatch& batch, SideState state) {
    state.intended_write = batch.mark().write;
    state.intended = batch.mark().last;
    Result<void> side_done;
    companion.start([&] { side_done = side->write(state); });
    Result<void> log_done = log->write(batch.finish());
    companion.wait();
    if (!log_done) return log_done;
    if (!side_done) return side_done;
    mark = batch.mark();
    runs = batch.runs();
    return {};
}

LogStore::LogStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LogStore::~LogStore() = default;

Result<std::unique_ptr<LogStore>> LogStore::open(const std::string& directory, const Identity& identity) {
    if (auto made = make_folder(directory); !made) return made.error();
    const std::string side_path = directory + "/acknowledged";
    std::error_code failure;
    const bool side_exists = std::filesystem::exists(side_path, failure);
    if (failure) return system_error("cannot look at", side_path, failure.value());

    // Creation order: the database, synced, then the side file. Without the latter nothing was ever promised.
    auto impl = std::make_unique<Impl>();
    auto log = LogDatabase::open(directory, identity, !side_exists);
    if (!log) return log.error();
    impl->log = *std::move(log);
    auto mark = impl->log->mark();
    if (!mark) return mark.error();
    auto side = SideFile::open(side_path, !side_exists && mark->write == 0);
    if (!side) return side.error();
    impl->side = *std::move(side);
    if (auto recovered = impl->recover(directory); !recovered) return recovered.error();
    return std::unique_ptr<LogStore>(new LogStore(std::move(impl)));
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
    if (!done) impl.failed = done.error();
    return done;
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
    if (!done) impl_->failed = done.error();
    return done;
}

Result<std::vector<consensus::EntryPtr>> LogStore::read(consensus::Index first, consensus::Index last,
                                                        std::size_t max_bytes) const {
    return impl_->log->read(first, last, max_bytes);
}

Result<consensus::EntryId> LogStore::id_at(consensus::Index index) const {
    auto id = impl_->log->find_id(index);
    if (!id) return id.error();
    if (!*id)
        return Error{"corrupt_log", "the log does not hold Raft index " + std::to_string(index.value) + "."};
    return **id;
}

}  // namespace socai::storage
