#include "storage/backup.hpp"

#include <algorithm>
#include <filesystem>

#include "storage/backup_files.hpp"
#include "storage/file.hpp"
#include "storage/log_database.hpp"
#include "storage/state_database.hpp"
#include "storage/state_nodes.hpp"

namespace socai::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view unfinished_name = "unfinished";

Result<void> remove_all(const std::string& path) {
    std::error_code failure;
    fs::remove_all(path, failure);
    if (failure) return system_error("cannot delete", path, failure.value());
    return {};
}

std::uint64_t bytes_in(const std::string& folder) {
    std::uint64_t bytes = 0;
    std::error_code failure;
    for (const std::string& name : files_in(folder, failure)) {
        const auto size = fs::file_size(folder + "/" + name, failure);
        if (!failure) bytes += size;
    }
    return bytes;
}

// What the copied state says of itself.
Result<void> describe_state(const std::string& path, BackupManifest& manifest) {
    auto state = StateDatabase::look(path, manifest.identity);
    if (!state) return state.error();
    auto position = (*state)->position();
    if (!position) return position.error();
    if (position->size == 0)
        return Error{"corrupt_state",
                     path +
                         " holds no leaf yet: it is being rebuilt. Wait until the node has applied its "
                         "log, then begin the backup again."};
    auto frontier = read_frontier(**state, position->size);
    if (!frontier) return frontier.error();
    manifest.size = position->size;
    manifest.root = frontier->root();
    manifest.last.index = position->raft_index;
    manifest.last.hash = position->raft_hash;
    return {};
}

Result<void> copy_databases(const std::string& scratch, const std::string& folder, BackupManifest& manifest,
                            const BackupProgress& progress) {
    BackupMeter meter{progress};
    for (const std::string_view name : backup_databases)
        meter.of += bytes_in(scratch + "/" + std::string(name));
    for (const std::string_view name : backup_databases) {
        const std::string from = scratch + "/" + std::string(name);
        const std::string to = folder + "/" + std::string(name);
        if (auto made = make_folder(to); !made) return made;
        std::error_code failure;
        const auto names = files_in(from, failure);
        if (failure) return system_error("cannot read the folder", from, failure.value());
        for (const std::string& file : names) {
            if (!is_copied(file)) continue;
            auto copied = hash_file(from + "/" + file, to + "/" + file, meter);
            if (!copied) return copied.error();
            copied->name = std::string(name) + "/" + file;
            manifest.files.push_back(*std::move(copied));
        }
        if (auto synced = sync_folder(to); !synced) return synced;
    }
    return {};
}

}  // namespace

Result<void> check_backup_folder(const std::string& folder) {
    std::error_code failure;
    if (!fs::exists(folder, failure)) return {};
    if (fs::exists(folder + "/" + std::string(manifest_name), failure))
        return Error{"backup_exists", folder + " holds a finished backup already. Name another folder."};
    const auto names = files_in(folder, failure);
    if (failure) return system_error("cannot read the folder", folder, failure.value());
    const bool ours = std::ranges::find(names, unfinished_name) != names.end();
    if (names.empty() || ours) return {};
    return Error{"folder_not_empty", folder + " holds something else than a backup. Name another folder."};
}

Result<BackupManifest> make_backup(const LogDatabase& log, const StateDatabase& state,
                                   const Identity& identity, const std::string& scratch,
                                   const std::string& folder, std::int64_t made_ms,
                                   const BackupProgress& progress) {
    if (auto fine = check_backup_folder(folder); !fine) return fine.error();
    if (auto made = make_folder(folder); !made) return made.error();
    if (auto noted = write_whole(folder + "/" + std::string(unfinished_name), "this backup is being made\n");
        !noted)
        return noted.error();
    for (const std::string& old : {folder + "/log", folder + "/state", scratch})
        if (auto gone = remove_all(old); !gone) return gone.error();
    if (auto made = make_folder(scratch); !made) return made.error();
    BackupManifest manifest;
    manifest.identity = identity;
    manifest.made_ms = made_ms;
    manifest.log_format = log_format_version;
    manifest.state_format = state_format_version;
    const auto work = [&]() -> Result<void> {
        if (const auto status = state.files().checkpoint(scratch + "/state"); !status.ok())
            return state.error(status, "making a checkpoint");
        if (const auto status = log.files().checkpoint(scratch + "/log"); !status.ok())
            return explain(status,
                           {"corrupt_log", log.path() + ", making a checkpoint", std::string(log_cure)});
        if (auto described = describe_state(scratch + "/state", manifest); !described) return described;
        auto last = log.find_id(manifest.last.index);
        if (!last) return last.error();
        if (!*last || (*last)->hash != manifest.last.hash)
            return Error{"corrupt_state",
                         "The state was not made from this log. Restart the node: it is rebuilt."};
        manifest.last = **last;
        return copy_databases(scratch, folder, manifest, progress);
    };
    const auto worked = work();
    if (auto gone = remove_all(scratch); worked && !gone) return gone.error();
    if (!worked) return worked.error();
    std::ranges::sort(manifest.files, {}, &BackupFile::name);
    if (auto written = write_whole(folder + "/" + std::string(manifest_name), encode_manifest(manifest));
        !written)
        return written.error();
    if (auto gone = remove_all(folder + "/" + std::string(unfinished_name)); !gone) return gone.error();
    if (auto synced = sync_folder(folder); !synced) return synced.error();
    return manifest;
}

}  // namespace socai::storage
