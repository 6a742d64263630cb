#include "storage/scrub.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include "storage/ledger_check.hpp"
#include "storage/log_account.hpp"
#include "storage/log_scan.hpp"
#include "storage/outbox_store.hpp"
#include "storage/side_file.hpp"
#include "storage/state_database.hpp"
#include "storage/state_nodes.hpp"
#include "storage/suspicion.hpp"
#include "storage/table_files.hpp"
#include "storage/write_ahead_log.hpp"

namespace socai::storage {
namespace {

namespace fs = std::filesystem;
using Progress = std::function<bool(std::uint64_t, std::uint64_t)>;

constexpr std::size_t max_faults_told = 100;

class FolderScrub {
  public:
    FolderScrub(std::string directory, const Progress& progress)
        : directory_(std::move(directory)), progress_(progress) {}

    Result<ScrubReport> run() {
        auto log_lock = FolderLock::take(log_path());
        if (!log_lock) return log_lock.error();
        auto side = SideFile::open(directory_ + "/acknowledged", false);
        if (!side) return side.error();
        if (auto done = scrub_side_file(**side); !done) return done.error();
        if (auto done = scrub_log((*side)->state()); !done) return done.error();
        if (fs::exists(state_path()))
            if (auto done = scrub_state(); !done) return done.error();
        if (fs::exists(directory_ + "/outbox"))
            if (auto done = scrub_outbox(); !done) return done.error();
        return std::move(report_);
    }

  private:
    std::string log_path() const { return directory_ + "/log"; }
    std::string state_path() const { return directory_ + "/state"; }

    void tell(std::string sentence) {
        if (report_.faults.size() < max_faults_told) report_.faults.push_back(std::move(sentence));
    }
    static Error interrupted() { return Error{"io_error", "The scrub was interrupted. Begin it again."}; }

    Result<void> scrub_side_file(SideFile& side) {
        const std::string path = directory_ + "/acknowledged";
        const SideFile::Condition condition = SideFile::condition(path);
        if (condition == SideFile::Condition::whole) return {};
        if (condition == SideFile::Condition::slot_lost) {
            tell(path +
                 ": one of its two slots is lost. After a power cut that is the last write, of which nothing "
                 "was "
                 "promised yet. Otherwise the newest promise or vote of this node may be forgotten: then do "
                 "not "
                 "start it again, let it return as a new one (remove-node, add-node). Nothing was changed.");
            ++report_.beyond_repair;
            return {};
        }
        tell(path + ": a copy of what this node promised was damaged; both were written anew.");
        for (int slot = 0; slot < 2; ++slot)
            if (auto written = side.write(side.state()); !written) return written;
        ++report_.repaired;
        return {};
    }

    // More than content is wrong, or nothing is lost: the next start makes a new database.
    void leave_log_to_start(const std::string& why) {
        suspect(directory_, Suspicion::rewrite, why);
        tell(why + " The next start copies what is proven into a new database.");
        ++report_.at_next_start;
    }

    Result<void> scrub_log(const SideState& side) {
        if (check_manifest(log_path()) == Finding::damaged)
            leave_log_to_start(log_path() + ": the manifest is damaged.");
        auto log = LogDatabase::open(log_path(), {}, LogDatabase::Mode::salvage);
        if (!log) {
            if (log.error().reason != "corrupt_log") return log.error();
            const std::string detail = log.error().detail.substr(0, log.error().detail.find(log_cure));
            if (report_.at_next_start == 0)
                leave_log_to_start(detail);
            else
                tell(detail);
            report_.unread = true;
            return {};
        }
        if (auto owner = (*log)->owner(); owner) report_.identity = *std::move(owner);
        auto account = examine_log(**log, side, directory_);
        if (!account) return account.error();
        auto findings = scan_log(**log, account->mark ? std::optional(account->mark->last) : std::nullopt,
                                 account->mark ? account->mark->last.index : consensus::Index{},
                                 [&](std::uint64_t done, std::uint64_t of) {
                                     stopped_ = stopped_ || (progress_ && !progress_(done, of));
                                 });
        if (!findings) return findings.error();
        if (stopped_) return interrupted();
        report_.entries = findings->intact;
        const consensus::EntryId promised =
            account->wrong ? promised_after(side, account->end) : account->mark->last;
        const std::uint64_t lost = promised.index.value - std::min(promised.index, findings->end.index).value;
        report_.to_fetch = findings->damaged.size() + lost;
        if (account->wrong) tell(account->wrong->substr(0, account->wrong->find(log_cure)));
        if (report_.to_fetch > 0) {
            suspect(directory_, Suspicion::search, "The scrub found entries without content.");
            tell(std::to_string(report_.to_fetch) + " entries of the log are lost" +
                 (findings->damaged.empty()
                      ? std::string(".")
                      : ", the first at Raft index " +
                            std::to_string(findings->damaged.front().id.index.value) + ".") +
                 " The next start fetches them from the other nodes.");
        }
        scrub_tables((*log)->files(), true);
        if (account->wrong && report_.found() == 0) leave_log_to_start(log_path() + " is damaged.");
        if (stopped_) return interrupted();
        log_ = *std::move(log);
        whole_to_ = findings->damaged.empty() ? findings->end.index : findings->damaged.front().id.index - 1;
        return {};
    }

    void scrub_tables(const Database& database, bool is_log) {
        const auto free = [this](std::size_t) { return !stopped_; };
        for (const TableFile& table : table_files(*database.get())) {
            ++report_.files;
            if (check_table(*database.get(), table, free) != Finding::damaged) continue;
            if (!is_log)
                rebuild_state(table.path + " is not as it was written.");
            else if (report_.to_fetch == 0 || table.family != "entries" || !unreadable_numbers(table))
                leave_log_to_start(table.path + " is not as it was written.");
            else
                tell(table.path + " is not as it was written.");
        }
    }

    void rebuild_state(const std::string& why) {
        std::ofstream(state_path() + "/damaged") << why << '\n';
        tell(why + " The next start rebuilds the state from the log.");
        if (!state_condemned_) ++report_.at_next_start;
        state_condemned_ = true;
    }

    Result<void> scrub_state() {
        auto lock = FolderLock::take(state_path());
        if (!lock) return lock.error();
        if (check_manifest(state_path()) == Finding::damaged)
            rebuild_state(state_path() + ": the manifest is damaged.");
        auto state = StateDatabase::look(state_path(), report_.identity);
        if (!state) {
            if (state.error().reason != "corrupt_state") return state.error();
            rebuild_state(state.error().detail);
            return {};
        }
        scrub_tables((*state)->files(), false);
        if (stopped_) return interrupted();
        return log_ ? compare(**state) : Result<void>();
    }

    // Nobody else has what is promised there, and opening it would cut a last record that is not whole.
    Result<void> scrub_outbox() {
        const std::string path = directory_ + "/outbox";
        const auto doubt = [this](const std::string& sentence) {
            tell(sentence);
            ++report_.beyond_repair;
        };
        if (!write_ahead_log_is_whole(path)) {
            doubt(path +
                  ": the write-ahead log holds a record that is not whole. After a crash that is the last "
                  "write, "
                  "of which nothing was promised yet. Otherwise promises of this node are lost. Copy the "
                  "folder "
                  "elsewhere before the node is started. Nothing was changed.");
            return {};
        }
        if (report_.identity == Identity{}) {
            tell(path + " was not read further: whose it is, the log does not tell.");
            return {};
        }
        const auto outbox = OutboxStore::open(directory_, report_.identity);
        if (!outbox && outbox.error().reason != "corrupt_outbox") return outbox.error();
        if (!outbox) {
            doubt(outbox.error().detail);
            return {};
        }
        const auto free = [this](std::size_t) { return !stopped_; };
        rocksdb::DB& files = *(*outbox)->files().get();
        for (const TableFile& table : table_files(files)) {
            ++report_.files;
            if (check_table(files, table, free) == Finding::damaged)
                doubt(
                    table.path +
                    " is not as it was written: promises of this node may be lost. Copy the folder elsewhere "
                    "before the node is started.");
        }
        return {};
    }

    // The tree, recomputed from the log.
    Result<void> compare(const StateDatabase& state) {
        auto position = state.position();
        if (!position) {
            rebuild_state(position.error().detail);
            return {};
        }
        if (log_->base().index.value != 0) return {};
        LedgerCheck check(*log_, {},
                          [&](std::uint32_t level, std::uint64_t row) { return state.row_once(level, row); });
        const consensus::Index last = std::min(position->raft_index, whole_to_);
        while (true) {
            auto stretch = check.advance(last, position->size);
            if (!stretch && stretch.error().reason == "corrupt_state") {
                rebuild_state(stretch.error().detail);
                check.forget_rows();
                continue;
            }
            if (!stretch) return stretch.error();
            if (stretch->ended || stretch->unreadable) break;
            if (progress_ && !progress_(check.place().last.index.value, last.value)) return interrupted();
        }
        report_.leaves = check.place().tree.size();
        judge(state, check, *position);
        return {};
    }

    void judge(const StateDatabase& state, const LedgerCheck& check, const AppliedPosition& position) {
        std::optional<std::string> wrong = check.contradiction();
        const std::uint64_t leaves = check.place().tree.size();
        if (leaves < position.size && whole_to_ < position.raft_index)
            tell("The tree was compared only up to leaf " + std::to_string(leaves) +
                 ": the log cannot be read further.");
        else if (leaves < position.size && !wrong)
            wrong = "the log holds " + std::to_string(leaves) + " of the " + std::to_string(position.size) +
                    " leaves of the tree";
        else if (!wrong) {
            const auto stored = read_frontier(state, position.size);
            if (stored && stored->root() != check.place().tree.root())
                wrong = "the log leads to another root than the one that this node holds";
        }
        if (wrong) {
            report_.contradiction = true;
            tell(directory_ + ": " + *wrong +
                 ". Nothing was changed. Keep the folder as evidence, and compare this node's checkpoint "
                 "with the "
                 "others'.");
            return;
        }
        const std::size_t rows = check.tree().wrong().size();
        if (rows > 0 || check.tree().too_many())
            rebuild_state(std::to_string(rows) + " rows of the tree do not hold what the log leads to.");
    }

    const std::string directory_;
    const Progress& progress_;
    ScrubReport report_;
    std::unique_ptr<LogDatabase> log_;
    consensus::Index whole_to_;
    bool stopped_ = false;
    bool state_condemned_ = false;
};

}  // namespace

Result<ScrubReport> scrub_folder(const std::string& directory, const Progress& progress) {
    std::error_code failure;
    if (!fs::is_directory(directory + "/log", failure))
        return Error{"io_error", directory + " holds no log/: it is not the data folder of a node."};
    return FolderScrub(directory, progress).run();
}

}  // namespace socai::storage
