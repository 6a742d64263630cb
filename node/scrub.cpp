#include "node/scrub.hpp"

#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "node/scrub_memory.hpp"
#include "storage/log_database.hpp"
#include "storage/state_database.hpp"
#include "storage/write_ahead_log.hpp"

namespace socai::node {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Nice value of the thread: the machine's other work goes first.
constexpr int niceness = 10;
// How much reading may fall due at once after a wait.
constexpr auto slack = 50ms;

std::uint64_t bytes_of(const std::vector<storage::TableFile>& tables) {
    std::uint64_t bytes = 0;
    for (const storage::TableFile& table : tables) bytes += table.bytes;
    return bytes;
}

}  // namespace

Scrub::Scrub(const storage::LogStore& log, storage::StateStore& state, Options options, Hooks hooks)
    : log_(log), state_(state), options_(std::move(options)), hooks_(std::move(hooks)) {
    ScrubMemory memory = recall_scrub(options_.memory);
    figures_.rounds = memory.rounds;
    figures_.last_round_ms = memory.last_round_ms;
    figures_.last_ended_ms = memory.last_ended_ms;
    place_ = std::move(memory.place);
}

Scrub::~Scrub() {
    stop();
}

void Scrub::start() {
    thread_ = std::thread([this] { run(); });
}

void Scrub::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

std::uint64_t Scrub::run_now(std::uint64_t bytes_per_second) {
    const std::lock_guard lock(mutex_);
    asked_ = true;
    restart_ = figures_.running;
    figures_.not_completed.clear();
    rate_ = bytes_per_second;
    changed_.notify_all();
    return figures_.rounds + 1;
}

void Scrub::run() {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), niceness);
    auto next = Clock::now();
    while (true) {
        {
            std::unique_lock lock(mutex_);
            const auto woken = [this] { return stopping_ || asked_; };
            if (options_.bytes_per_second == 0)
                changed_.wait(lock, woken);
            else
                changed_.wait_until(lock, next, woken);
            if (stopping_) return;
            if (!asked_) rate_ = options_.bytes_per_second;
            if (asked_) place_.reset();
            asked_ = restart_ = false;
            figures_.running = true;
            figures_.not_completed.clear();
            figures_.position = 0;
        }
        const Came came = round();
        const std::lock_guard lock(mutex_);
        figures_.running = false;
        if (stopping_) return;
        if (came != Came::interrupted) next = Clock::now() + options_.pause;
    }
}

Scrub::Came Scrub::round() {
    const auto begin = Clock::now();
    due_ = remembered_ = begin;
    rocksdb::DB& log = *log_.database().files().get();
    // The log is read twice: as files, and as entries.
    const std::uint64_t of = 2 * (bytes_of(storage::table_files(log)) + storage::write_ahead_log_bytes(log)) +
                             bytes_of(storage::table_files(*state_.database().files().get()));
    {
        const std::lock_guard lock(mutex_);
        figures_.of = of;
    }
    if (const Came came = check_files() ? check_entries() : Came::interrupted; came != Came::through) {
        // A restart begins the files anew, and goes on among the entries.
        remember();
        return came;
    }
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
    Figures figures;
    {
        const std::lock_guard lock(mutex_);
        // Whoever has just asked is promised a round that began afterwards.
        if (restart_) return Came::interrupted;
        ++figures_.rounds;
        figures_.last_round_ms = took.count();
        figures_.last_ended_ms = hooks_.wall_clock_ms();
        figures_.of = std::max(figures_.position, std::uint64_t{1});
        figures = figures_;
    }
    place_.reset();
    remember();
    spdlog::info("Scrub round {}: {} MiB read in {} ms; {} faults found since the start, {} repaired",
                 figures.rounds, figures.position >> 20U, took.count(), figures.found, figures.repaired);
    return Came::through;
}

// Waits until so many more bytes may be read. False: the round ends here.
bool Scrub::pace(std::size_t bytes) {
    std::unique_lock lock(mutex_);
    figures_.position += bytes;
    if (rate_ == 0) return !stopping_ && !restart_;
    const auto now = Clock::now();
    due_ = std::max(due_, now - slack) +
           std::chrono::nanoseconds(bytes * std::nano::den / std::max<std::uint64_t>(rate_, 1));
    if (due_ <= now) return !stopping_ && !restart_;
    return !changed_.wait_until(lock, due_, [this] { return stopping_ || restart_; });
}

bool Scrub::pause(Clock::time_point until) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_until(lock, until, [this] { return stopping_ || restart_; });
}

void Scrub::lost(std::vector<consensus::DamagedEntry> damaged) {
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(damaged, [&](const consensus::DamagedEntry& entry) {
            return !fetching_.insert(entry.id.index).second;
        });
        figures_.found += damaged.size();
    }
    if (!damaged.empty()) hooks_.lost(std::move(damaged));
}

void Scrub::repaired(const std::vector<consensus::Index>& indices) {
    const std::lock_guard lock(mutex_);
    for (const consensus::Index index : indices) figures_.repaired += fetching_.erase(index);
}

bool Scrub::fault(const std::string& what, Fault fate, const std::string& sentence) {
    {
        const std::lock_guard lock(mutex_);
        const auto [known, fresh] = faults_.emplace(what, fate);
        if (!fresh && known->second != Fault::repaired) return false;
        known->second = fate;
        ++figures_.found;
        if (fate == Fault::at_next_start) ++figures_.at_next_start;
        if (fate == Fault::beyond_repair) ++figures_.beyond_repair;
    }
    spdlog::warn("The scrub found damage: {}: {}", what, sentence);
    return true;
}

void Scrub::mended(const std::string& what) {
    const std::lock_guard lock(mutex_);
    const auto known = faults_.find(what);
    if (known == faults_.end() || known->second == Fault::repaired) return;
    known->second = Fault::repaired;
    ++figures_.repaired;
}

Scrub::Figures Scrub::figures() const {
    const std::lock_guard lock(mutex_);
    return figures_;
}

void Scrub::remember() {
    ScrubMemory memory;
    {
        const std::lock_guard lock(mutex_);
        memory = {figures_.rounds, figures_.last_round_ms, figures_.last_ended_ms, place_};
    }
    if (const auto written = remember_scrub(options_.memory, memory); !written)
        spdlog::warn("The scrub cannot remember where it is: {}", written.error().detail);
}

boost::json::object scrub_json(const Scrub::Figures& figures) {
    boost::json::object object{{"running", figures.running},
                               {"position", figures.position},
                               {"of", figures.of},
                               {"rounds", figures.rounds},
                               {"last_round_ms", figures.last_round_ms},
                               {"last_ended_ms", figures.last_ended_ms},
                               {"found", figures.found},
                               {"repaired", figures.repaired},
                               {"at_next_start", figures.at_next_start},
                               {"beyond_repair", figures.beyond_repair}};
    if (!figures.not_completed.empty()) object["not_completed"] = figures.not_completed;
    if (!figures.contradiction.empty()) object["contradiction"] = figures.contradiction;
    return object;
}

}  // namespace socai::node
