#include "node/scrub.hpp"

#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "ledger/hash.hpp"
#include "node/files.hpp"
#include "storage/codec.hpp"
#include "storage/log_database.hpp"
#include "storage/state_database.hpp"
#include "storage/write_ahead_log.hpp"

namespace socai::node {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using storage::Finding;

// Nice value of the thread: the machine's other work goes first.
constexpr int niceness = 10;
// How much reading may fall due at once after a wait.
constexpr auto slack = 50ms;
constexpr auto between_memories = 60s;
constexpr std::size_t max_memory_bytes = 64 * 1024;
constexpr int looks_at_side_file = 3;
constexpr auto between_looks = 20ms;

std::uint64_t bytes_of(const std::vector<storage::TableFile>& tables) {
    std::uint64_t bytes = 0;
    for (const storage::TableFile& table : tables) bytes += table.bytes;
    return bytes;
}

}  // namespace

Scrub::Scrub(const storage::LogStore& log, storage::StateStore& state, Options options, Hooks hooks)
    : log_(log), state_(state), options_(std::move(options)), hooks_(std::move(hooks)) {
    recall();
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
            figures_.position = 0;
        }
        const bool ended = round();
        const std::lock_guard lock(mutex_);
        figures_.running = false;
        if (stopping_) return;
        if (ended) next = Clock::now() + options_.pause;
    }
}

bool Scrub::round() {
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
    if (!check_files() || !check_entries()) {
        // A restart begins the files anew, and goes on among the entries.
        remember(place_);
        return false;
    }
    place_.reset();
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
    Figures figures;
    {
        const std::lock_guard lock(mutex_);
        ++figures_.rounds;
        figures_.last_round_ms = took.count();
        figures_.last_ended_ms = hooks_.wall_clock_ms();
        figures_.of = std::max(figures_.position, std::uint64_t{1});
        figures = figures_;
    }
    remember({});
    spdlog::info("Scrub round {}: {} MiB read in {} ms; {} faults found since the start, {} repaired",
                 figures.rounds, figures.position >> 20U, took.count(), figures.found, figures.repaired);
    return true;
}

bool Scrub::check_files() {
    if (!check_tables(*log_.database().files().get(), true)) return false;
    check_small_files(log_.database().path());
    const auto wal = storage::check_write_ahead_log(*log_.database().files().get(),
                                                    [this](std::size_t bytes) { return pace(bytes); });
    if (wal == Finding::stopped) return false;
    if (wal == Finding::damaged) {
        const std::string what = log_.database().path() + ", the write-ahead log";
        fault(what, Fault::told, "its bytes are not what was written; what stands in it is in memory too");
        // Never the same log again: a new one has begun.
        if (const auto renewed = log_.database().renew_write_ahead_log())
            mended(what);
        else
            spdlog::error("{}", renewed.error().detail);
    }
    bool whole = false;
    for (int look = 0; look < looks_at_side_file && !(whole = log_.side_file_is_whole()); ++look)
        if (!pause(Clock::now() + between_looks)) return false;
    if (!whole) {
        const std::string what = log_.directory() + "/acknowledged";
        fault(what, Fault::told, "a copy of what this node promised is damaged; it is written anew");
        hooks_.renew_side_file([this, what] { mended(what); });
    }
    if (!check_tables(*state_.database().files().get(), false)) return false;
    check_small_files(log_.directory() + "/state");
    return true;
}

bool Scrub::check_tables(rocksdb::DB& database, bool is_log) {
    for (const storage::TableFile& table : storage::table_files(database)) {
        const Finding finding =
            storage::check_table(database, table, [this](std::size_t bytes) { return pace(bytes); });
        if (finding == Finding::stopped) return false;
        if (finding != Finding::damaged) continue;
        {
            const std::lock_guard lock(mutex_);
            if (faults_.contains(table.path)) continue;
        }
        if (!is_log) {
            state_.doubt(table.path + " is not as it was written.");
            fault(table.path, Fault::at_next_start, "the next start rebuilds the state from the log");
            continue;
        }
        auto damaged = log_.damage_of(table);
        if (damaged && damaged->empty() && log_.is_made_good(table)) {
            const std::lock_guard lock(mutex_);
            faults_.emplace(table.path, Fault::repaired);
            continue;
        }
        if (!damaged || damaged->empty()) {
            log_.suspect_files(table.path + " is not as it was written.");
            fault(table.path, Fault::at_next_start,
                  "the next start copies what is proven into a new database");
            continue;
        }
        {
            // What was lost is what counts; the table itself stays as it is, and is not told again.
            const std::lock_guard lock(mutex_);
            faults_.emplace(table.path, Fault::repaired);
        }
        spdlog::warn("{} is not as it was written: {} entries have lost their content", table.path,
                     damaged->size());
        lost(*std::move(damaged));
    }
    return true;
}

void Scrub::check_small_files(const std::string& path) {
    std::vector<std::string> damaged = growing_[path].check(path);
    if (damaged.empty() && storage::check_manifest(path) == Finding::damaged)
        damaged.push_back(path + ", the manifest");
    for (const std::string& file : damaged) {
        const bool needed = file.find("OPTIONS-") == std::string::npos && !file.ends_with("/IDENTITY");
        if (!needed) {
            if (fault(file, Fault::told, "nothing reads it; the next start writes another")) mended(file);
            continue;
        }
        if (path == log_.database().path())
            log_.suspect_files(file + " is not as it was written.");
        else
            state_.doubt(file + " is not as it was written.");
        fault(file, Fault::at_next_start, "the next start repairs it");
    }
}

bool Scrub::check_entries() {
    const ledger::Frontier target = state_.frontier();
    storage::LedgerCheck::Place from = place_.value_or(storage::LedgerCheck::Place{});
    const bool usable = place_ && from.tree.size() <= target.size() && log_.id_at(from.last.index) &&
                        *log_.id_at(from.last.index) == from.last;
    if (!usable) {
        from = {};
        // Before the base there is nothing to read: the tree stands for it.
        if (const consensus::EntryId base = log_.database().base(); base.index.value > 0) {
            from.last = base;
            const auto tree = ledger::read_frontier(state_.leaves_up_to(base.index), state_);
            if (tree) from.tree = *tree;
        }
    }
    storage::LedgerCheck check(log_.database(), from, [this](std::uint32_t level, std::uint64_t row) {
        return state_.database().row_once(level, row);
    });
    while (check.tree().size() < target.size()) {
        auto stretch = check.advance(state_.position().raft_index, target.size());
        if (!stretch && stretch.error().reason == "corrupt_state") {
            state_.doubt(stretch.error().detail);
            fault(log_.directory() + "/state, the tree", Fault::at_next_start,
                  "it cannot be read; the next start rebuilds the state from the log");
            check.forget_rows();
            continue;
        }
        if (!stretch) {
            spdlog::error("The scrub ends this round: {}", stretch.error().detail);
            return true;
        }
        if (stretch->ended) break;
        if (stretch->unreadable) {
            if (!check_unreadable(check, *stretch->unreadable)) return true;
            continue;
        }
        place_ = check.place();
        if (!pace(stretch->bytes)) return false;
        if (Clock::now() - remembered_ >= between_memories) {
            remembered_ = Clock::now();
            remember(place_);
        }
    }
    judge_tree(check, target);
    return true;
}

// False: there is no going on behind it.
bool Scrub::check_unreadable(storage::LedgerCheck& check, consensus::Index index) {
    auto damaged = log_.damage_in(index, index);
    if (!damaged) {
        log_.suspect_files(damaged.error().detail);
        fault("log entry " + std::to_string(index.value), Fault::at_next_start,
              "more than its content is lost; the next start keeps what is proven, and fetches the rest");
        return false;
    }
    const auto id = log_.id_at(index);
    if (!id) return false;
    lost(*std::move(damaged));
    const std::uint64_t leaf = check.tree().size();
    std::optional<ledger::Hash> hash;
    if (state_.raft_index_of(leaf) == index) {
        const auto stored = state_.database().row_once(0, leaf / storage::row_nodes);
        if (!stored || !*stored) return false;
        storage::ByteReader row(**stored);
        row.take((leaf % storage::row_nodes) * storage::hash_bytes);
        hash = row.digest();
        if (!row.ok()) return false;
    }
    check.skip(*id, hash);
    return true;
}

void Scrub::judge_tree(const storage::LedgerCheck& check, const ledger::Frontier& target) {
    std::optional<std::string> contradiction = check.contradiction();
    const bool leads = check.tree().frontier().root() == target.root();
    // With leaves that were taken from the tree itself, a wrong root says only that the tree is wrong somewhere.
    if (!leads && check.skipped()) return;
    if (check.tree().size() == target.size() && !leads)
        contradiction = "the log of " + std::to_string(target.size()) +
                        " leaves leads to another root than the one that this node holds";
    if (contradiction) {
        fault("ledger", Fault::told,
              *contradiction +
                  ". Nothing is changed. Keep the data folder as evidence, compare this node's "
                  "checkpoint with the others', and audit them");
        const std::lock_guard lock(mutex_);
        figures_.contradiction = *contradiction;
        return;
    }
    if (check.tree().size() != target.size()) return;
    bool rebuild = check.tree().too_many();
    for (const auto& [place, bytes] : check.tree().wrong()) {
        const auto& [level, row] = place;
        const std::string what = "row " + std::to_string(row) + " of level " + std::to_string(level);
        const bool full = bytes.size() == storage::row_nodes * storage::hash_bytes;
        const bool fresh = fault(what + " of the tree", full ? Fault::told : Fault::at_next_start,
                                 full ? "it does not hold what the log leads to; it is written again"
                                      : "it does not hold what the log leads to; the next start rebuilds it");
        rebuild = rebuild || !full;
        if (!full || !fresh) continue;
        if (const auto written = state_.rewrite_row(level, row, bytes))
            mended(what + " of the tree");
        else
            spdlog::error("{}", written.error().detail);
    }
    if (rebuild) state_.doubt("rows of the tree do not hold what the log leads to.");
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

namespace {

std::uint64_t number_in(const boost::json::object& object, std::string_view name) {
    boost::json::error_code error;
    const boost::json::value* value = object.if_contains(name);
    return value == nullptr ? 0 : value->to_number<std::uint64_t>(error);
}

std::optional<ledger::Hash> hash_in(const boost::json::value& value) {
    return value.is_string() ? ledger::hash_from_hex(std::string(value.get_string())) : std::nullopt;
}

std::optional<storage::LedgerCheck::Place> place_in(const boost::json::object& object) {
    storage::LedgerCheck::Place place;
    place.last.index.value = number_in(object, "raft_index");
    place.last.term.value = number_in(object, "raft_term");
    const boost::json::value* hash = object.if_contains("raft_hash");
    const boost::json::value* peaks = object.if_contains("peaks");
    if (hash == nullptr || peaks == nullptr || !peaks->is_array()) return std::nullopt;
    const auto read = hash_in(*hash);
    std::vector<ledger::Hash> hashes;
    for (const boost::json::value& peak : peaks->get_array()) {
        const auto one = hash_in(peak);
        if (!one) return std::nullopt;
        hashes.push_back(*one);
    }
    const std::uint64_t leaves = number_in(object, "leaves");
    if (!read || static_cast<std::size_t>(std::popcount(leaves)) != hashes.size()) return std::nullopt;
    place.last.hash = *read;
    place.tree = ledger::Frontier(leaves, std::move(hashes));
    return place;
}

}  // namespace

// Best effort: what cannot be read is begun anew.
void Scrub::recall() {
    const Result<std::string> text = read_file(options_.memory, max_memory_bytes);
    boost::json::error_code error;
    const boost::json::value value = text ? boost::json::parse(*text, error) : boost::json::value();
    if (error || !value.is_object()) return;
    const boost::json::object& object = value.get_object();
    figures_.rounds = number_in(object, "rounds");
    figures_.last_round_ms = static_cast<std::int64_t>(number_in(object, "last_round_ms"));
    figures_.last_ended_ms = static_cast<std::int64_t>(number_in(object, "last_ended_ms"));
    if (const boost::json::value* place = object.if_contains("place"); place != nullptr && place->is_object())
        place_ = place_in(place->get_object());
}

void Scrub::remember(const std::optional<storage::LedgerCheck::Place>& place) {
    boost::json::object object;
    {
        const std::lock_guard lock(mutex_);
        object = {{"rounds", figures_.rounds},
                  {"last_round_ms", figures_.last_round_ms},
                  {"last_ended_ms", figures_.last_ended_ms}};
    }
    if (place) {
        boost::json::array peaks;
        for (const ledger::Hash& peak : place->tree.peaks()) peaks.emplace_back(ledger::to_hex(peak));
        object["place"] = boost::json::object{{"raft_index", place->last.index.value},
                                              {"raft_term", place->last.term.value},
                                              {"raft_hash", ledger::to_hex(place->last.hash)},
                                              {"leaves", place->tree.size()},
                                              {"peaks", std::move(peaks)}};
    }
    if (const auto written = write_file(options_.memory, boost::json::serialize(object) + "\n", 0600);
        !written)
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
                               {"at_next_start", figures.at_next_start}};
    if (!figures.contradiction.empty()) object["contradiction"] = figures.contradiction;
    return object;
}

}  // namespace socai::node
