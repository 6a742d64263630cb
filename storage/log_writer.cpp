#include "storage/log_writer.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <variant>

namespace socai::storage {
namespace {

using namespace std::chrono_literals;

// A group commit stops growing here, so that one slow write does not hold up everything behind it.
constexpr std::size_t max_group_bytes = 16U << 20U;
// Quiet for so long is idle: the side file is brought up to date, once.
constexpr auto idle_after = 20ms;
// A commit index that is told while idle is only a lower bound for the next start; it may wait.
constexpr auto look_again_after = 500ms;

std::size_t payload_bytes(const consensus::StorageJob& job) {
    std::size_t bytes = 0;
    for (const consensus::EntryPtr& entry : job.append) bytes += entry->payload.size();
    return bytes;
}

struct Repair {
    std::vector<consensus::EntryPtr> entries;
    std::function<void(std::vector<consensus::Index>)> repaired;
};
struct Withdrawal {
    std::vector<consensus::EntryPtr> remains;
    std::function<void(Result<void>)> done;
};
struct Renewal {
    std::function<void()> renewed;
};

}  // namespace

struct LogWriter::Impl {
    Impl(LogStore& store, std::function<void(std::vector<consensus::StorageJob>)> on_done,
         std::function<void(const Error&)> on_failed)
        : log(store), done(std::move(on_done)), failed(std::move(on_failed)), thread([this] { run(); }) {}

    // Jobs that are written together, or one of what stands for itself.
    using Work = std::variant<std::vector<consensus::StorageJob>, Repair, Withdrawal, Renewal>;

    void run();
    std::optional<Work> next_work(std::unique_lock<std::mutex>& lock);
    bool write(std::vector<consensus::StorageJob> group);
    bool write(Repair repair);
    bool write(Withdrawal withdrawal);
    bool write(Renewal renewal);

    LogStore& log;
    const std::function<void(std::vector<consensus::StorageJob>)> done;
    const std::function<void(const Error&)> failed;

    mutable std::mutex mutex;  // guards queue, stopping, stopped and metrics
    std::condition_variable queued;
    std::deque<std::variant<consensus::StorageJob, Repair, Withdrawal, Renewal>> queue;
    bool stopping = false;
    bool stopped = false;  // after a failure: jobs are dropped, nothing is written or reported any more
    Metrics metrics;

    std::thread thread;  // last: it starts when everything above is there
};

// Waits for work and takes the first that stands for itself, or as many jobs as fit in a group; nothing when stopping. Refreshes
// the side file once in every idle period.
std::optional<LogWriter::Impl::Work> LogWriter::Impl::next_work(std::unique_lock<std::mutex>& lock) {
    const auto something = [this] { return stopping || !queue.empty(); };
    while (!queued.wait_for(lock, log.side_file_behind() ? idle_after : look_again_after, something)) {
        lock.unlock();
        const Result<void> flushed = log.flush_side_file();
        lock.lock();
        if (!flushed && !stopped) {
            stopped = true;
            lock.unlock();
            failed(flushed.error());
            lock.lock();
        }
    }
    if (queue.empty()) return std::nullopt;
    if (!std::holds_alternative<consensus::StorageJob>(queue.front())) {
        std::optional<Work> work;
        std::visit(
            [&work](auto& alone) {
                if constexpr (!std::is_same_v<decltype(alone), consensus::StorageJob&>) work.emplace(std::move(alone));
            },
            queue.front());
        queue.pop_front();
        return work;
    }
    std::vector<consensus::StorageJob> group;
    std::size_t bytes = 0;
    while (!queue.empty() && bytes < max_group_bytes) {
        auto* job = std::get_if<consensus::StorageJob>(&queue.front());
        if (job == nullptr) break;
        bytes += payload_bytes(*job);
        group.push_back(std::move(*job));
        queue.pop_front();
    }
    return group;
}

bool LogWriter::Impl::write(std::vector<consensus::StorageJob> group) {
    const auto begin = std::chrono::steady_clock::now();
    if (const Result<void> written = log.write(group); !written) {
        failed(written.error());
        return false;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    {
        const std::lock_guard lock(mutex);
        metrics.jobs += group.size();
        metrics.commits += 1;
        metrics.queue_depth -= group.size();
        metrics.last_commit_seconds = took.count();
    }
    done(std::move(group));
    return true;
}

bool LogWriter::Impl::write(Repair repair) {
    auto repaired = log.repair(repair.entries);
    if (!repaired) {
        failed(repaired.error());
        return false;
    }
    repair.repaired(*std::move(repaired));
    return true;
}

// What does not fit is the asker's fault, not the disk's.
bool LogWriter::Impl::write(Withdrawal withdrawal) {
    auto written = log.withdraw(withdrawal.remains);
    const bool fine = written || written.error().reason == "wrong_remains" || written.error().reason == "damaged_table";
    if (!fine) failed(written.error());
    withdrawal.done(std::move(written));
    return fine;
}

bool LogWriter::Impl::write(Renewal renewal) {
    if (const Result<void> renewed = log.renew_side_file(); !renewed) {
        failed(renewed.error());
        return false;
    }
    renewal.renewed();
    return true;
}

void LogWriter::Impl::run() {
    std::unique_lock lock(mutex);
    while (std::optional<Work> work = next_work(lock)) {
        if (stopped) continue;
        lock.unlock();
        const bool fine =
            std::visit([this](auto&& part) { return write(std::move(part)); }, *std::move(work));
        lock.lock();
        if (!fine) stopped = true;
    }
    if (stopped) return;
    lock.unlock();
    if (const Result<void> flushed = log.flush_side_file(); !flushed) failed(flushed.error());
}

LogWriter::LogWriter(LogStore& log, std::function<void(std::vector<consensus::StorageJob>)> done,
                     std::function<void(const Error&)> failed)
    : impl_(std::make_unique<Impl>(log, std::move(done), std::move(failed))) {}

LogWriter::~LogWriter() {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->stopping = true;
    }
    impl_->queued.notify_all();
    impl_->thread.join();
}

void LogWriter::submit(consensus::StorageJob job) {
    {
        const std::lock_guard lock(impl_->mutex);
        ++impl_->metrics.queue_depth;
        impl_->queue.emplace_back(std::move(job));
    }
    impl_->queued.notify_one();
}

void LogWriter::repair(std::vector<consensus::EntryPtr> entries,
                       std::function<void(std::vector<consensus::Index>)> repaired) {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->queue.emplace_back(Repair{std::move(entries), std::move(repaired)});
    }
    impl_->queued.notify_one();
}

void LogWriter::withdraw(std::vector<consensus::EntryPtr> remains, std::function<void(Result<void>)> done) {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->queue.emplace_back(Withdrawal{std::move(remains), std::move(done)});
    }
    impl_->queued.notify_one();
}

void LogWriter::renew_side_file(std::function<void()> renewed) {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->queue.emplace_back(Renewal{std::move(renewed)});
    }
    impl_->queued.notify_one();
}

void LogWriter::note_commit(consensus::Index commit) {
    impl_->log.note_commit(commit);
}

LogWriter::Metrics LogWriter::metrics() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->metrics;
}

}  // namespace socai::storage
