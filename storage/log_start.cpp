#include "storage/log_start.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "storage/file.hpp"
#include "storage/log_account.hpp"
#include "storage/log_replace.hpp"
#include "storage/log_salvage.hpp"
#include "storage/log_scan.hpp"
#include "storage/recovery.hpp"
#include "storage/suspicion.hpp"

namespace socai::storage {
namespace {

using consensus::EntryId;
using consensus::Index;

std::string number(std::uint64_t value) {
    return std::to_string(value);
}

// `wrong` ends with what to do about it, which is being done.
std::string describe(const LogDamage& damage, const std::string& wrong, const std::string& deleted) {
    std::string sentence = wrong.substr(0, wrong.find(log_cure));
    if (!sentence.ends_with(' ')) sentence += ' ';
    switch (damage.cure) {
        case LogDamage::Cure::searched:
            return sentence + "Every entry was checked: all that this node acknowledged is there.";
        case LogDamage::Cure::in_place:
        case LogDamage::Cure::copied:
            sentence +=
                number(damage.intact) + " entries are intact, " + number(damage.damaged) +
                " are held by id alone, and " + number(damage.lost) +
                " that this node acknowledged are missing; what is lost comes back from the other nodes.";
            break;
        case LogDamage::Cure::emptied:
            sentence +=
                "Nothing of it is of use: the log begins anew, empty, and everything comes back from the "
                "other "
                "nodes.";
            break;
    }
    if (damage.cure == LogDamage::Cure::copied) sentence += " What is sound was copied into a new database.";
    if (!damage.moved_to.empty()) sentence += " The damaged one is kept in " + damage.moved_to + ".";
    if (!deleted.empty()) sentence += " An older one, " + deleted + ", was deleted.";
    return sentence;
}

class Opening {
  public:
    Opening(const std::string& directory, const Identity& identity, const LogProgress& progress)
        : directory_(directory), identity_(identity), progress_(progress) {}

    Result<OpenedLog> run();

  private:
    Result<void> open_both();
    Result<bool> was_used() const;
    Result<void> open_log(LogDatabase::Mode mode);
    Result<Account> examine() const;

    Result<void> repair(const Account& account);
    Result<LogDamage> search_and_repair(const Account& account);
    Result<LogFindings> search(const Account& account, const LogDatabase& log) const;
    bool is_sound_but_for_content(const Account& account, const LogDatabase& log,
                                  const LogFindings& findings) const;
    Result<void> repair_in_place(const Account& account, const LogFindings& findings);
    LogMark new_mark(const Account& account, const LogFindings& findings) const;
    Result<void> keep_promise(const EntryId& promised);

    Result<OpenedLog> settle(Account account);
    SideState settled(const Account& account) const;

    std::string log_path() const { return directory_ + "/log"; }

    const std::string& directory_;
    const Identity& identity_;
    const LogProgress& progress_;
    std::unique_ptr<LogDatabase> log_;
    std::unique_ptr<SideFile> side_;
    std::optional<std::string> cannot_open_;  // why the database does not open
    bool torn_ = false;
    std::optional<LogDamage> damage_;
};

Result<OpenedLog> Opening::run() {
    std::error_code failure;
    if (std::filesystem::exists(directory_ + "/manifest.json", failure))
        return Error{"this_is_a_backup",
                     directory_ +
                         " is a backup, which is a copy of a ledger and never a node. Point `data` at the "
                         "node's own folder; `socai restore` makes a new node of a backup."};
    if (auto made = make_folder(directory_); !made) return made.error();
    if (auto finished = finish_replacement(directory_); !finished) return finished.error();
    if (auto opened = open_both(); !opened) return opened.error();
    auto account = examine();
    if (!account) return account.error();
    if (account->wrong) {
        if (auto repaired = repair(*account); !repaired) return repaired.error();
        account = examine();
        if (!account) return account.error();
        if (account->wrong) {
            return Error{"corrupt_log", log_path() + " was repaired, and is damaged again: " +
                                            *account->wrong + " Check the disk."};
        }
    }
    return settle(*std::move(account));
}

// Is there a log that was written to? Only looked at: without a side file it is no node's, and perhaps evidence.
Result<bool> Opening::was_used() const {
    if (!database_holds(log_path())) return false;
    auto log = LogDatabase::open(log_path(), identity_, LogDatabase::Mode::salvage);
    if (!log && log.error().reason == "corrupt_log") return true;
    if (!log) return log.error();
    auto mark = (*log)->mark();
    return mark && mark->write != 0;
}

// Creation order: the database, synced, then the side file. Without the latter nothing was ever promised.
Result<void> Opening::open_both() {
    const std::string side_path = directory_ + "/acknowledged";
    std::error_code failure;
    const bool side_exists = std::filesystem::exists(side_path, failure);
    if (failure) return system_error("cannot look at", side_path, failure.value());
    bool fresh = false;
    if (!side_exists) {
        auto used = was_used();
        if (!used) return used.error();
        if (*used) return SideFile::open(side_path, false).error();
        auto opened = open_log(LogDatabase::Mode::create);
        if (!opened) return opened;
        if (log_) {
            auto mark = log_->mark();
            fresh = mark && mark->write == 0;
        }
    }
    auto side = SideFile::open(side_path, fresh);
    if (!side) return side.error();
    side_ = *std::move(side);
    return log_ || cannot_open_ ? Result<void>() : open_log(LogDatabase::Mode::use);
}

// Damage is remembered, not returned.
Result<void> Opening::open_log(LogDatabase::Mode mode) {
    auto log = LogDatabase::open(log_path(), identity_, mode);
    if (log) {
        log_ = *std::move(log);
    } else if (log.error().reason == "corrupt_log") {
        cannot_open_ = log.error().detail;
    } else {
        return log.error();
    }
    return {};
}

Result<Account> Opening::examine() const {
    if (cannot_open_) return Account{.wrong = cannot_open_};
    auto account = examine_log(*log_, side_->state(), directory_);
    if (account && !account->wrong && !damage_ && suspicion_in(directory_) != Suspicion::none) {
        account->wrong = "The node found damage in " + log_path() + " while it ran.";
    }
    return account;
}

Result<void> Opening::repair(const Account& account) {
    if (side_->state().promised != promised_after(side_->state(), account.end)) {
        if (auto kept = keep_promise(promised_after(side_->state(), account.end)); !kept) return kept;
    }
    torn_ = account.end == LogEnd::torn;
    log_.reset();
    auto damage = search_and_repair(account);
    if (!damage) return damage.error();
    cannot_open_.reset();
    damage_ = *std::move(damage);
    return log_ ? Result<void>() : open_log(LogDatabase::Mode::use);
}

Result<void> Opening::keep_promise(const EntryId& promised) {
    SideState state = side_->state();
    state.promised = promised;
    return side_->write(state);
}

// On return the log is open, or to be opened.
Result<LogDamage> Opening::search_and_repair(const Account& account) {
    std::optional<FolderLock> lock;
    std::unique_ptr<LogDatabase> old;
    std::error_code failure;
    if (std::filesystem::exists(log_path(), failure)) {
        auto taken = FolderLock::take(log_path());
        if (!taken) return taken.error();
        lock = *std::move(taken);
        auto opened = open_for_salvage(directory_, identity_);
        if (!opened) return opened.error();
        old = *std::move(opened);
    }
    auto findings = old ? search(account, *old) : Result<LogFindings>(LogFindings{});
    if (!findings) return findings.error();

    LogDamage damage;
    damage.intact = findings->intact;
    damage.damaged = findings->damaged.size();
    if (const EntryId& promised = side_->state().promised; is_behind(findings->end, promised)) {
        damage.lost = promised.index.value - std::min(promised.index, findings->end.index).value;
    }
    Replaced replaced;
    if (old && is_sound_but_for_content(account, *old, *findings)) {
        old.reset();
        lock.reset();
        if (auto done = repair_in_place(account, *findings); !done) return done.error();
        const bool whole = account.end != LogEnd::lost && damage.damaged == 0;
        damage.cure = whole ? LogDamage::Cure::searched : LogDamage::Cure::in_place;
    } else {
        auto done =
            replace_log(directory_, identity_, old.get(), *findings, new_mark(account, *findings), progress_);
        if (!done) return done.error();
        replaced = *std::move(done);
        const bool empty = findings->end == findings->base;
        damage.cure = empty ? LogDamage::Cure::emptied : LogDamage::Cure::copied;
    }
    old.reset();
    if (auto forgotten = forget_salvage(directory_); !forgotten) return forgotten.error();
    damage.moved_to = replaced.moved_to;
    damage.sentence = describe(damage, *account.wrong, replaced.deleted);
    return damage;
}

Result<LogFindings> Opening::search(const Account& account, const LogDatabase& log) const {
    std::optional<EntryId> stated_end;
    if (account.mark) stated_end = account.mark->last;
    const Index of = stated_end ? stated_end->index : side_->state().promised.index;
    return scan_log(log, stated_end, of, progress_);
}

// May the database stay in use? Its tables of ids, terms and configurations must be sound to their stated end.
bool Opening::is_sound_but_for_content(const Account& account, const LogDatabase& log,
                                       const LogFindings& findings) const {
    if (cannot_open_ || !account.mark || suspicion_in(directory_) == Suspicion::rewrite) return false;
    std::vector<EntryId> listed;
    for (const consensus::ConfigurationEntry& entry : account.configurations) {
        if (entry.id.index > findings.base.index) listed.push_back(entry.id);
    }
    return findings.end == account.mark->last && findings.runs == account.runs &&
           findings.configurations == listed && log.check_tail(findings.end, indices_of(findings.damaged));
}

Result<void> Opening::repair_in_place(const Account& account, const LogFindings& findings) {
    if (auto opened = open_log(LogDatabase::Mode::use); !opened) return opened;
    if (!log_) return Error{"corrupt_log", *cannot_open_};
    rocksdb::WriteBatch batch;
    for (const consensus::DamagedEntry& entry : account.damaged) {
        batch.Delete(log_->family(LogFamily::meta), damage_key(entry.id.index));
    }
    for (const consensus::DamagedEntry& entry : findings.damaged) {
        batch.Put(log_->family(LogFamily::meta), damage_key(entry.id.index), rocksdb::Slice());
    }
    if (auto done = log_->write(batch); !done) return done;
    return account.end == LogEnd::lost ? log_->settle(new_mark(account, findings)) : Result<void>();
}

// Of a log that ends where no write left it. What the side file knows to be committed is proven only for the log
// that it was written beside; what the log's own mark knows, for a log that leads to that mark.
LogMark Opening::new_mark(const Account& account, const LogFindings& findings) const {
    LogMark mark;
    mark.write = side_->state().intended_write + 1;
    mark.truncated_from = {1};
    mark.last = findings.end;
    mark.commit = findings.base.index;
    if (account.mark && findings.end == account.mark->last) {
        mark.commit = account.end == LogEnd::lost ? account.mark->commit : side_->state().commit;
    }
    mark.commit = std::clamp(mark.commit, findings.base.index, mark.last.index);
    return mark;
}

// What RocksDB recovered may so far stand in the page cache only (a killed process, then power loss), so it is
// synced before the side file says that it is durable.
Result<OpenedLog> Opening::settle(Account account) {
    const SideState state = settled(account);
    account.mark->commit = state.commit;
    if (auto done = log_->settle(*account.mark); !done) return done.error();
    if (auto done = side_->write(state); !done) return done.error();
    if (auto done = lift_suspicion(directory_); !done) return done.error();

    OpenedLog opened;
    opened.start.hard = state.hard;
    auto recent = log_->recent_ids(state.commit, account.mark->last.index);
    if (!recent) return recent.error();
    opened.start.log = {log_->base(),   account.mark->last, account.runs,
                        state.promised, account.damaged,    *std::move(recent)};
    opened.start.commit = state.commit;
    opened.start.torn_tail_cut = torn_ || account.end == LogEnd::torn;
    opened.start.damage = damage_;
    opened.start.configurations = std::move(account.configurations);
    opened.mark = *account.mark;
    opened.runs = std::move(account.runs);
    opened.log = std::move(log_);
    opened.side = std::move(side_);
    return opened;
}

SideState Opening::settled(const Account& account) const {
    const LogMark& mark = *account.mark;
    SideState state = side_->state();
    state.durable_write = state.intended_write = mark.write;
    state.durable = state.intended = mark.last;
    if (!is_behind(mark.last, state.promised)) state.promised = {};
    // No leader takes away what is committed (Raft §5.4, Leader Completeness). A repair does, and a new base.
    const bool taken_away = mark.truncated_from.value != 0 && mark.truncated_from <= state.commit;
    if (account.end == LogEnd::ahead && taken_away) state.commit = mark.commit;
    state.commit = std::clamp(state.commit, log_->base().index, mark.last.index);
    if (account.end == LogEnd::complete) return state;
    // Hard state and log did not arrive together. A log that holds entries of a term is in that term. No vote of
    // that term can be lost with the slot: a vote is synced before it leaves, and this slot was not.
    if (mark.last.term > state.hard.term) {
        state.hard.term = mark.last.term;
        state.hard.vote = {};
    }
    // The configuration in force is the newest that the log holds (effective at append, thesis §4.1).
    if (!account.configurations.empty()) {
        state.hard.configuration = account.configurations.back().id;
    } else if (state.hard.configuration.index > log_->base().index) {
        state.hard.configuration = {};
    }
    return state;
}

}  // namespace

Result<OpenedLog> open_log(const std::string& directory, const Identity& identity,
                           const LogProgress& progress) {
    return Opening(directory, identity, progress).run();
}

}  // namespace socai::storage
