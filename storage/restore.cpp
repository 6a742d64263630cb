#include "storage/restore.hpp"

#include <algorithm>
#include <cassert>
#include <filesystem>

#include "storage/file.hpp"
#include "storage/log_database.hpp"
#include "storage/log_store.hpp"
#include "storage/room.hpp"

namespace socai::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t entries_a_write = 4'096;
constexpr std::size_t bytes_a_write = 4U << 20U;

Result<void> check_place(const std::string& directory, std::uint64_t bytes) {
    std::error_code failure;
    if (fs::exists(directory, failure) && !fs::is_empty(directory, failure))
        return Error{"folder_not_empty", directory +
                                             " holds something already; a restored node gets a folder of its "
                                             "own. Name another one."};
    std::string parent = fs::absolute(directory, failure).lexically_normal().parent_path().string();
    while (!parent.empty() && parent != "/" && !fs::exists(parent, failure))
        parent = fs::path(parent).parent_path().string();
    const auto free = free_bytes(parent);
    if (!free) return free.error();
    const std::uint64_t wanted = bytes + room_to_work(parent);
    if (*free >= wanted) return {};
    return Error{"no_space", "Restoring into " + directory + " takes " + std::to_string(wanted >> 20U) +
                                 " MiB, and " + std::to_string(*free >> 20U) + " MiB are free there."};
}

Result<void> copy_entries(const LogDatabase& from, LogStore& to, const BackupContents& contents,
                          const BackupProgress& progress) {
    const consensus::EntryId& end = contents.manifest.last;
    consensus::EntryId configuration;
    for (consensus::Index next{1}; next <= end.index;) {
        const consensus::Index last = std::min(end.index, next + (entries_a_write - 1));
        auto entries = from.read(next, last, bytes_a_write);
        if (!entries) return entries.error();
        if (entries->empty()) return Error{"bad_backup", "The backup's log ends early. Take another backup."};
        consensus::StorageJob job;
        job.append = *std::move(entries);
        for (const consensus::EntryPtr& entry : job.append)
            if (entry->kind == consensus::EntryKind::configuration) configuration = entry->id;
        next = job.append.back()->id.index + 1;
        // A log that holds entries of a term is in that term; nobody was voted for in it.
        job.hard = consensus::HardState{job.append.back()->id.term, {}, configuration};
        if (auto written = to.write({&job, 1}); !written) return written;
        if (progress && !progress(next.value - 1, end.index.value))
            return Error{"io_error", "The restore was interrupted. Give the same command again."};
    }
    to.note_commit({1});
    return to.flush_side_file();
}

}  // namespace

Result<void> restore_log(const std::string& folder, const BackupContents& contents,
                         const std::string& directory, const Identity& identity,
                         const std::vector<FirstFile>& first_files, const BackupProgress& progress) {
    assert(identity.node != contents.manifest.identity.node);
    if (auto place = check_place(directory, contents.manifest.bytes()); !place) return place;
    const std::string draft = directory + ".restoring";
    std::error_code failure;
    fs::remove_all(draft, failure);
    if (failure) return system_error("cannot delete", draft, failure.value());
    auto from = LogDatabase::open(folder + "/log", contents.manifest.identity, LogDatabase::Mode::look);
    if (!from) return from.error();
    {
        auto to = LogStore::open(draft, identity);
        if (!to) return to.error();
        if (auto copied = copy_entries(**from, **to, contents, progress); !copied) return copied;
    }
    for (const FirstFile& file : first_files)
        if (auto written = write_whole(draft + "/" + file.name, file.bytes); !written) return written;
    fs::remove(directory, failure);  // an empty folder, if it is there
    fs::rename(draft, directory, failure);
    if (failure) return system_error("cannot rename to", directory, failure.value());
    return sync_folder(fs::absolute(directory).lexically_normal().parent_path().string());
}

}  // namespace socai::storage
