#include "storage/backup.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "storage/backup_files.hpp"
#include "storage/file.hpp"
#include "storage/log_database.hpp"
#include "storage/room.hpp"
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

Result<void> remove_copies(const std::string& folder) {
    for (const std::string_view name : backup_databases)
        if (auto gone = remove_all(folder + "/" + std::string(name)); !gone) return gone;
    return {};
}

bool is_within(const std::string& folder, const std::string& data) {
    std::error_code failure;
    const fs::path inner = fs::weakly_canonical(fs::absolute(folder, failure), failure);
    const fs::path outer = fs::weakly_canonical(fs::absolute(data, failure), failure);
    const std::string from_data = inner.lexically_relative(outer).generic_string();
    return !failure && !from_data.empty() && from_data != ".." && !from_data.starts_with("../");
}

// A copy beside the node must leave it the room that it needs to go on.
Result<void> check_room(const std::string& folder, const std::string& data, std::uint64_t bytes) {
    struct stat here {
    }, there{};
    const bool shared = ::stat(folder.c_str(), &here) == 0 && ::stat(data.c_str(), &there) == 0 &&
                        here.st_dev == there.st_dev;
    const std::uint64_t wanted = bytes + (shared ? room_to_work(data) : 0);
    const auto free = free_bytes(folder);
    if (!free) return free.error();
    if (*free >= wanted) return {};
    return Error{"no_space", "A backup into " + folder + " takes " + std::to_string((wanted >> 20U) + 1) +
                                 " MiB, and " + std::to_string(*free >> 20U) +
                                 " MiB are free there. Make room, or name a folder on another disk."};
}

Error damaged(const std::string& data, const std::string& what) {
    return Error{"damaged_ledger",
                 "What " + data + " holds is damaged, and no backup was made of it: " + what +
                     ". Run `socai scrub`, which finds and repairs it, then begin the backup "
                     "again."};
}

// What the copied state, at `path`, says of itself.
Result<void> describe_state(const std::string& data, const std::string& path, BackupManifest& manifest) {
    const auto unreadable = [&](const Error& error) {
        return error.reason == "corrupt_state" ? damaged(data, "its state cannot be read") : error;
    };
    auto state = StateDatabase::look(path, manifest.identity);
    if (!state) return unreadable(state.error());
    auto position = (*state)->position();
    if (!position) return unreadable(position.error());
    if (position->size == 0)
        return Error{"corrupt_state",
                     path +
                         " holds no leaf yet: it is being rebuilt. Wait until the node has applied its "
                         "log, then begin the backup again."};
    auto frontier = read_frontier(**state, position->size);
    if (!frontier) return unreadable(frontier.error());
    manifest.size = position->size;
    manifest.root = frontier->root();
    manifest.last.index = position->raft_index;
    manifest.last.hash = position->raft_hash;
    return {};
}

// The state first, so that the log holds everything that it was made from.
Result<void> take_checkpoints(const BackupSource& source, const std::string& scratch,
                              BackupManifest& manifest) {
    const auto& [log, state, identity, data, waiting, made_ms] = source;
    if (const auto status = state.files().checkpoint(scratch + "/state"); !status.ok())
        return state.error(status, "making a checkpoint");
    if (const auto status = log.files().checkpoint(scratch + "/log"); !status.ok())
        return explain(status, {"corrupt_log", log.path() + ", making a checkpoint", std::string(log_cure)});
    if (auto described = describe_state(source.data, scratch + "/state", manifest); !described)
        return described;
    auto last = log.find_id(manifest.last.index);
    if (!last) return last.error();
    if (!*last || (*last)->hash != manifest.last.hash)
        return Error{"corrupt_state",
                     "The state was not made from this log. Restart the node: it is rebuilt."};
    manifest.last = **last;
    return {};
}

Result<void> copy_databases(const std::string& scratch, const std::string& folder, BackupManifest& manifest,
                            BackupMeter& meter) {
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

Result<void> check_backup_folder(const std::string& folder, const std::string& data) {
    std::error_code failure;
    if (is_within(folder, data))
        return Error{"inside_data", folder +
                                        " lies in the node's own data folder. Name a folder elsewhere, best "
                                        "on another disk."};
    if (!fs::exists(folder, failure)) return {};
    if (fs::exists(folder + "/" + std::string(manifest_name), failure))
        return Error{"backup_exists", folder + " holds a finished backup already. Name another folder."};
    const auto names = files_in(folder, failure);
    if (failure) return system_error("cannot read the folder", folder, failure.value());
    // The draft of the mark alone: it was killed before the mark had its name.
    const bool ours = std::ranges::find(names, unfinished_name) != names.end() ||
                      names == std::vector{std::string(unfinished_name) + ".new"};
    if (names.empty() || ours) return {};
    return Error{"folder_not_empty", folder + " holds something else than a backup. Name another folder."};
}

Result<BackupManifest> make_backup(const BackupSource& source, const std::string& folder,
                                   const BackupProgress& progress) {
    if (auto fine = check_backup_folder(folder, source.data); !fine) return fine.error();
    if (auto made = make_folder(folder); !made) return made.error();
    const std::string unfinished = folder + "/" + std::string(unfinished_name);
    if (auto noted = write_whole(unfinished, "this backup is being made\n"); !noted) return noted.error();
    const std::string scratch = source.data + "/checkpoint";
    if (auto gone = remove_copies(folder); !gone) return gone.error();
    if (auto gone = remove_all(scratch); !gone) return gone.error();
    if (auto made = make_folder(scratch); !made) return made.error();
    BackupManifest manifest;
    manifest.identity = source.identity;
    manifest.made_ms = source.made_ms;
    manifest.promises_waiting = source.promises_waiting;
    manifest.log_format = log_format_version;
    manifest.state_format = state_format_version;
    const auto work = [&]() -> Result<void> {
        if (auto taken = take_checkpoints(source, scratch, manifest); !taken) return taken;
        BackupMeter meter{progress, 2 * (bytes_in(scratch + "/log") + bytes_in(scratch + "/state"))};
        if (auto room = check_room(folder, source.data, meter.of / 2); !room) return room;
        if (auto copied = copy_databases(scratch, folder, manifest, meter); !copied) return copied;
        BackupContents contents;
        contents.manifest = manifest;
        auto checked = check_databases(folder, contents, meter);
        if (checked || checked.error().reason != "bad_backup") return checked;
        const std::string& detail = checked.error().detail;
        return damaged(source.data, detail.substr(0, detail.find(". Take another")));
    };
    const auto worked = work();
    if (auto gone = remove_all(scratch); worked && !gone) return gone.error();
    if (!worked) {
        if (auto gone = remove_copies(folder); !gone) return gone.error();
        return worked.error();
    }
    std::ranges::sort(manifest.files, {}, &BackupFile::name);
    if (auto written = write_whole(folder + "/" + std::string(manifest_name), encode_manifest(manifest));
        !written)
        return written.error();
    if (auto gone = remove_all(unfinished); !gone) return gone.error();
    if (auto synced = sync_folder(folder); !synced) return synced.error();
    return manifest;
}

}  // namespace socai::storage
