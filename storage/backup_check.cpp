// Verifying a backup.
#include <filesystem>
#include <set>

#include "consensus/membership.hpp"
#include "storage/backup_files.hpp"
#include "storage/ledger_check.hpp"
#include "storage/log_database.hpp"
#include "storage/state_database.hpp"

namespace socai::storage {
namespace {

namespace fs = std::filesystem;

Result<void> check_files(const std::string& folder, const BackupManifest& manifest, BackupMeter& meter) {
    std::set<std::string> listed;
    for (const BackupFile& file : manifest.files) {
        listed.insert(file.name);
        const std::string path = folder + "/" + file.name;
        std::error_code failure;
        if (!fs::is_regular_file(fs::symlink_status(path, failure)))
            return bad_backup(folder, file.name + " is missing, or is no file");
        if (fs::file_size(path, failure) != file.bytes || failure)
            return bad_backup(folder, file.name + " has another length than the manifest says");
        auto found = hash_file(path, {}, meter);
        if (!found) return found.error();
        if (found->sha256 != file.sha256)
            return bad_backup(folder,
                              file.name + " is not the file that was backed up: its SHA-256 is another");
    }
    for (const std::string_view name : backup_databases) {
        std::error_code failure;
        for (const std::string& file : files_in(folder + "/" + std::string(name), failure))
            if (is_copied(file) && !listed.contains(std::string(name) + "/" + file))
                return bad_backup(folder, std::string(name) + "/" + file + " is not in the manifest");
        if (failure) return bad_backup(folder, std::string(name) + "/ is missing");
    }
    return {};
}

// An error of a database inside a backup is the backup's.
Error of_backup(const std::string& folder, const Error& error) {
    const bool damage = error.reason.starts_with("corrupt_") || error.reason == "wrong_identity";
    return damage ? bad_backup(folder, error.detail.substr(0, error.detail.find(log_cure))) : error;
}

Result<void> check_ledger(const std::string& folder, const LogDatabase& log, const StateDatabase& state,
                          BackupContents& contents, BackupMeter& meter) {
    const BackupManifest& manifest = contents.manifest;
    if (log.base().index.value != 0) return bad_backup(folder, "its log does not begin with the genesis");
    auto position = state.position();
    if (!position) return of_backup(folder, position.error());
    if (position->size != manifest.size || position->raft_index != manifest.last.index)
        return bad_backup(folder, "the manifest's size is not the state's");
    auto first = log.read({1}, {1}, 0);
    if (!first) return of_backup(folder, first.error());
    if (first->empty() ||
        ledger::to_hex(ledger::sha256(first->front()->payload)) != manifest.identity.genesis_hash)
        return bad_backup(folder, "its first leaf is not the genesis that the manifest names");
    contents.genesis = first->front()->payload;
    LedgerCheck check(log, {},
                      [&](std::uint32_t level, std::uint64_t row) { return state.row_once(level, row); });
    while (true) {
        auto stretch = check.advance(manifest.last.index, manifest.size);
        if (!stretch) return of_backup(folder, stretch.error());
        if (stretch->unreadable)
            return bad_backup(
                folder, "its log cannot be read at Raft index " + std::to_string(stretch->unreadable->value));
        if (stretch->ended) break;
        if (!meter.add(stretch->bytes)) return backup_interrupted();
    }
    contents.entries = check.entries();
    if (check.contradiction()) return bad_backup(folder, *check.contradiction());
    const auto place = check.place();
    if (place.tree.size() != manifest.size || place.tree.root() != manifest.root)
        return bad_backup(folder, "its entries lead to another root than the manifest says");
    // Entries that are no leaves may follow the last leaf.
    auto last = log.find_id(manifest.last.index);
    if (!last) return of_backup(folder, last.error());
    if (!*last || **last != manifest.last)
        return bad_backup(folder, "its log ends elsewhere than the manifest says");
    if (!check.tree().wrong().empty() || check.tree().too_many())
        return bad_backup(folder, "its tiles do not hold what its entries lead to");
    return {};
}

Result<void> read_configurations(const std::string& folder, const LogDatabase& log,
                                 BackupContents& contents) {
    auto ids = log.configurations();
    if (!ids) return of_backup(folder, ids.error());
    for (const consensus::EntryId& id : *ids) {
        auto entries = log.read(id.index, id.index, 0);
        if (!entries) return of_backup(folder, entries.error());
        auto decoded =
            entries->empty() ? std::nullopt : consensus::decode_configuration(entries->front()->payload);
        if (!decoded) return bad_backup(folder, "a configuration in its log is malformed");
        decoded->id = id;
        contents.configurations.push_back(*std::move(decoded));
    }
    return {};
}

}  // namespace

Result<void> check_databases(const std::string& folder, BackupContents& contents, BackupMeter& meter) {
    const Identity& identity = contents.manifest.identity;
    auto log = LogDatabase::open(folder + "/log", identity, LogDatabase::Mode::look);
    if (!log) return of_backup(folder, log.error());
    auto state = StateDatabase::look(folder + "/state", identity);
    if (!state) return of_backup(folder, state.error());
    // What no entry and no tile stands in: indexes, filters, footers.
    for (const auto& [files, name] :
         {std::pair{&(*log)->files(), "log"}, std::pair{&(*state)->files(), "state"}})
        if (const auto status = files->verify_tables(); !status.ok())
            return bad_backup(folder, std::string(name) + "/ holds a table that is not what was written: " +
                                          status.ToString());
    if (auto checked = check_ledger(folder, **log, **state, contents, meter); !checked) return checked;
    return read_configurations(folder, **log, contents);
}

Result<BackupContents> verify_backup(const std::string& folder, const BackupProgress& progress) {
    auto manifest = read_manifest(folder);
    if (!manifest) return manifest.error();
    BackupContents contents;
    contents.manifest = *std::move(manifest);
    BackupMeter meter{progress, 2 * contents.manifest.bytes()};
    if (auto files = check_files(folder, contents.manifest, meter); !files) return files.error();
    if (auto checked = check_databases(folder, contents, meter); !checked) return checked.error();
    return contents;
}

}  // namespace socai::storage
