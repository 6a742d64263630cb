#include "storage/log_account.hpp"

#include "consensus/membership.hpp"

namespace socai::storage {
namespace {

using consensus::EntryId;
using consensus::Index;

bool is_damage(const Error& error) {
    return error.reason == "corrupt_log";
}

std::string number(std::uint64_t value) {
    return std::to_string(value);
}

Result<void> read_damaged(const LogDatabase& log, Account& account) {
    auto indices = log.known_damaged();
    if (!indices) return indices.error();
    for (const Index index : *indices) {
        auto previous = log.find_id(index - 1);
        if (!previous) return previous.error();
        auto id = log.find_id(index);
        if (!id) return id.error();
        if (!*previous || !*id) {
            return Error{"corrupt_log", log.path() + ": the id of Raft index " + number(index.value) +
                                            " or the one before is missing."};
        }
        account.damaged.push_back({**previous, **id});
    }
    return {};
}

Result<void> read_configurations(const LogDatabase& log, Account& account) {
    auto of_base = log.base_configuration();
    if (!of_base) return of_base.error();
    if (*of_base) account.configurations.push_back(**of_base);
    auto ids = log.configurations();
    if (!ids) return ids.error();
    for (const EntryId& id : *ids) {
        auto entries = log.read(id.index, id.index, 0);
        if (!entries) return entries.error();
        if (entries->empty() || entries->front()->id != id) {
            return Error{"corrupt_log", log.path() + ": the configuration at Raft index " +
                                            number(id.index.value) + " is missing."};
        }
        auto configuration = consensus::decode_configuration(entries->front()->payload);
        if (!configuration) {
            return Error{"wrong_version",
                         log.path() + ": the configuration at Raft index " + number(id.index.value) +
                             " is intact, but in a form that this program does not know. Run "
                             "the version of the program that wrote it, or a newer one."};
        }
        configuration->id = id;
        account.configurations.push_back(*std::move(configuration));
    }
    return {};
}

Result<void> read_account(const LogDatabase& log, const SideState& side, const std::string& directory,
                          Account& account) {
    auto mark = log.mark();
    if (!mark) return mark.error();
    account.mark = *mark;
    auto end = judge_end(side, *mark, directory);
    if (!end) return end.error();
    account.end = *end;
    auto runs = log.runs();
    if (!runs) return runs.error();
    account.runs = *std::move(runs);
    const EntryId base = log.base();
    const bool covered = account.runs.empty() ? mark->last == base
                                              : account.runs.back().term == mark->last.term &&
                                                    account.runs.back().first <= mark->last.index;
    if (!covered) {
        return Error{"corrupt_log", log.path() + ": the table of terms does not reach the last entry."};
    }
    if (auto done = read_damaged(log, account); !done) return done;
    if (auto done = read_configurations(log, account); !done) return done;
    return log.check_tail(mark->last, indices_of(account.damaged));
}

// A sentence when the log lacks what this node acknowledged; nothing when it does not.
Result<std::optional<std::string>> what_is_missing(const LogDatabase& log, const SideState& side,
                                                   const Account& account) {
    const LogMark& mark = *account.mark;
    if (account.end == LogEnd::lost) {
        const EntryId promised = promised_after(side, LogEnd::lost);
        return std::optional(log.path() + " ends at Raft index " + number(mark.last.index.value) +
                             " of term " + number(mark.last.term.value) + " (write " + number(mark.write) +
                             "), but this node acknowledged everything to Raft index " +
                             number(promised.index.value) + " of term " + number(promised.term.value) +
                             " (write " + number(side.intended_write) + ").");
    }
    // The log is one write ahead of the side file. What stood before that write must still be there, but for
    // what it truncated.
    const EntryId& before = side.intended;
    const bool truncated = mark.truncated_from.value != 0 && before.index >= mark.truncated_from;
    if (account.end != LogEnd::ahead || truncated || before.index.value == 0)
        return std::optional<std::string>();
    auto still = log.find_id(before.index);
    if (!still) return still.error();
    if (*still == before) return std::optional<std::string>();
    return std::optional(log.path() + " holds another entry at Raft index " + number(before.index.value) +
                         " than this node acknowledged.");
}

}  // namespace

Result<Account> examine_log(const LogDatabase& log, const SideState& side, const std::string& directory) {
    Account account;
    if (auto done = read_account(log, side, directory, account); !done) {
        if (!is_damage(done.error())) return done.error();
        account.wrong = done.error().detail;
        return account;
    }
    auto missing = what_is_missing(log, side, account);
    if (!missing && !is_damage(missing.error())) return missing.error();
    if (!missing || *missing) {
        account.wrong = missing ? **missing : missing.error().detail;
        account.end = LogEnd::lost;
    }
    return account;
}

std::vector<Index> indices_of(const std::vector<consensus::DamagedEntry>& damaged) {
    std::vector<Index> indices;
    for (const consensus::DamagedEntry& entry : damaged) indices.push_back(entry.id.index);
    return indices;
}

}  // namespace socai::storage
