// The scrub's first half: the files, whatever stands in them.
#include <spdlog/spdlog.h>

#include <utility>

#include "node/scrub.hpp"
#include "storage/log_database.hpp"
#include "storage/state_database.hpp"
#include "storage/write_ahead_log.hpp"

namespace socai::node {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using storage::Finding;

constexpr int looks_at_side_file = 3;
constexpr auto between_looks = 20ms;

}  // namespace

// False, here and below: the round ends.
bool Scrub::check_files() {
    rocksdb::DB& log = *log_.database().files().get();
    if (!check_database(log, Whose::log)) return false;
    if (!check_write_ahead_log(log, [this] { return log_.database().renew_write_ahead_log(); })) return false;
    if (!check_side_file()) return false;
    check_cosigned();
    if (const storage::OutboxStore* outbox = hooks_.outbox()) {
        rocksdb::DB& promises = *outbox->files().get();
        if (!check_database(promises, Whose::outbox)) return false;
        if (!check_write_ahead_log(promises, [outbox] { return outbox->renew_write_ahead_log(); }))
            return false;
    }
    return check_database(*state_.database().files().get(), Whose::state);
}

bool Scrub::check_database(rocksdb::DB& database, Whose whose) {
    if (!check_tables(database, whose)) return false;
    check_small_files(database.GetName(), whose);
    return true;
}

bool Scrub::check_tables(rocksdb::DB& database, Whose whose) {
    const auto pace = [this](std::size_t bytes) { return this->pace(bytes); };
    for (const storage::TableFile& table : storage::table_files(database)) {
        const Finding finding = storage::check_table(database, table, pace);
        if (finding == Finding::stopped) return false;
        if (finding != Finding::damaged) continue;
        // Damage that was dealt with is told once; what comes on top of it is looked at anew.
        const auto found = storage::as_found(table, pace);
        if (!found) return false;
        if (std::exchange(as_found_[table.path], *found) == *found) continue;
        if (whose == Whose::log)
            judge_table_of_log(table);
        else
            condemn(table.path, whose);
    }
    return true;
}

void Scrub::judge_table_of_log(const storage::TableFile& table) {
    auto damage = log_.damage_of(table);
    if (!damage || !damage->confined) condemn(table.path, Whose::log);
    if (!damage || damage->lost.empty()) return;
    // What was lost is what counts; where that is all, the table stays as it is.
    spdlog::warn("{} is not as it was written: {} entries have lost their content", table.path,
                 damage->lost.size());
    lost(std::move(damage->lost));
}

bool Scrub::check_write_ahead_log(rocksdb::DB& database,
                                  const std::function<storage::Result<void>()>& renew) {
    const Finding finding =
        storage::check_write_ahead_log(database, [this](std::size_t bytes) { return pace(bytes); });
    if (finding == Finding::stopped) return false;
    if (finding != Finding::damaged) return true;
    const std::string what = database.GetName() + ", the write-ahead log";
    fault(what, Fault::told, "it does not hold what was written; what should stand in it is in memory too");
    // Never the same log again: a new one has begun.
    if (const auto renewed = renew())
        mended(what);
    else
        spdlog::error("{}", renewed.error().detail);
    return true;
}

bool Scrub::check_side_file() {
    for (int look = 0; look < looks_at_side_file; ++look) {
        if (log_.side_file_is_whole()) return true;
        if (!pause(Clock::now() + between_looks)) return false;
    }
    const std::string what = log_.directory() + "/acknowledged";
    fault(what, Fault::told, "a copy of what this node promised is damaged; it is written anew");
    hooks_.renew_side_file([this, what] { mended(what); });
    return true;
}

void Scrub::check_cosigned() {
    const auto altered = hooks_.renew_cosigned();
    if (altered && !*altered) return;
    const std::string what = log_.directory() + "/cosigned";
    fault(what, Fault::told, "it does not hold what this node cosigned last; it is written anew");
    if (altered)
        mended(what);
    else
        spdlog::error("{}", altered.error().detail);
}

void Scrub::check_small_files(const std::string& path, Whose whose) {
    std::vector<std::string> damaged = growing_[path].check(path);
    if (damaged.empty() && storage::check_manifest(path) == Finding::damaged)
        damaged.push_back(path + ", the manifest");
    for (const std::string& file : damaged) {
        const bool needed = file.find("OPTIONS-") == std::string::npos && !file.ends_with("/IDENTITY");
        if (needed)
            condemn(file, whose);
        else if (fault(file, Fault::told, "nothing reads it; the next start writes another"))
            mended(file);
    }
}

// What a running node cannot mend.
void Scrub::condemn(const std::string& file, Whose whose) {
    switch (whose) {
        case Whose::log:
            log_.suspect_files(file + " is not as it was written.");
            fault(file, Fault::at_next_start, "the next start copies what is proven into a new database");
            break;
        case Whose::state:
            state_.doubt(file + " is not as it was written.");
            fault(file, Fault::at_next_start, "the next start rebuilds the state from the log");
            break;
        case Whose::outbox:
            fault(file, Fault::beyond_repair,
                  "the next start may find promises of this node lost: wait until outbox.waiting of "
                  "node.status is "
                  "0, then stop the node and move data/outbox aside");
            break;
    }
}

}  // namespace socai::node
