#include "storage/log_replace.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <vector>

#include "storage/file.hpp"
#include "storage/log_batch.hpp"
#include "storage/room.hpp"

namespace socai::storage {
namespace {

namespace fs = std::filesystem;
using consensus::EntryId;
using consensus::Index;

constexpr std::size_t kept_evidence = 2;
constexpr std::string_view evidence_name = "log.damaged-";
constexpr std::uint64_t entries_a_write = 4'096;
constexpr std::size_t bytes_a_write = 4U << 20U;
constexpr std::uint64_t entries_a_report = 1U << 16U;

Result<void> delete_folder(const std::string& path) {
    std::error_code failure;
    fs::remove_all(path, failure);
    if (failure) return system_error("cannot delete", path, failure.value());
    return {};
}

Result<void> rename_folder(const std::string& from, const std::string& to) {
    std::error_code failure;
    fs::rename(from, to, failure);
    if (failure) return system_error("cannot rename to", to, failure.value());
    return sync_folder(fs::path(to).parent_path().string());
}

std::uint64_t bytes_in(const std::string& path) {
    std::uint64_t bytes = 0;
    std::error_code failure;
    for (auto file = fs::directory_iterator(path, failure); !failure && file != fs::directory_iterator();
         file.increment(failure)) {
        const std::uintmax_t size = file->file_size(failure);
        if (!failure) bytes += size;
    }
    return bytes;
}

// Numbers of the evidence in `directory`, ascending.
std::vector<std::uint64_t> evidence_in(const std::string& directory) {
    std::vector<std::uint64_t> numbers;
    std::error_code failure;
    for (auto file = fs::directory_iterator(directory, failure); !failure && file != fs::directory_iterator();
         file.increment(failure)) {
        const std::string name = file->path().filename().string();
        if (!name.starts_with(evidence_name)) continue;
        std::uint64_t number = 0;
        const char* end = name.data() + name.size();
        const auto parsed = std::from_chars(name.data() + evidence_name.size(), end, number);
        if (parsed.ec == std::errc() && parsed.ptr == end) numbers.push_back(number);
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

std::string evidence_path(const std::string& directory, std::uint64_t number) {
    return directory + "/" + std::string(evidence_name) + std::to_string(number);
}

Result<void> check_room(const std::string& directory, const LogFindings& findings) {
    if (findings.end == findings.base) return {};
    const std::uint64_t wanted = bytes_in(directory + "/log") + room_to_work(directory);
    auto free = free_bytes(directory);
    if (!free) return free.error();
    if (*free >= wanted) return {};
    return Error{"no_space",
                 directory + "/log is damaged, and to repair it, what is sound must be copied: that takes " +
                     std::to_string(wanted >> 20U) + " MiB, and " + std::to_string(*free >> 20U) +
                     " MiB are free. Free space on this disk, then try again."};
}

// Writes one log into another, a batch at a time.
class Copy {
  public:
    Copy(const LogDatabase& from, LogDatabase& to, const LogFindings& findings)
        : from_(from), to_(to), findings_(findings) {}

    Result<void> begin() {
        if (findings_.base == EntryId{}) return {};
        auto configuration = from_.base_configuration();
        if (!configuration) return configuration.error();
        LogBatch batch(to_, mark_, runs_);
        batch.restart(findings_.base, *configuration);
        return write(batch);
    }
    bool done() const { return mark_.last.index >= findings_.end.index; }
    Index end() const { return mark_.last.index; }

    Result<void> advance() {
        assert(!done());
        LogBatch batch(to_, mark_, runs_);
        if (append_damaged(batch)) return write(batch);
        const Index next = mark_.last.index + 1;
        const Index last = std::min(next + (entries_a_write - 1), findings_.end.index);
        auto entries = from_.read(next, last, bytes_a_write);
        if (!entries) return entries.error();
        if (entries->empty()) {
            return Error{"io_error",
                         from_.path() + ": Raft index " + std::to_string(next.value) +
                             " could be read, and cannot be read again. Check the disk, then start "
                             "the node again."};
        }
        consensus::StorageJob job;
        job.append = *std::move(entries);
        if (auto added = batch.add(job); !added) return added;
        return write(batch);
    }

  private:
    // The damaged entries that come next. False: the next one is whole.
    bool append_damaged(LogBatch& batch) {
        const std::size_t before = damaged_;
        while (damaged_ < findings_.damaged.size() && damaged_ - before < entries_a_write &&
               findings_.damaged[damaged_].id.index == batch.mark().last.index + 1) {
            batch.append_damaged(findings_.damaged[damaged_++].id);
        }
        return damaged_ != before;
    }
    Result<void> write(LogBatch& batch) {
        if (auto done = to_.write(batch.finish({})); !done) return done;
        to_.set_base(batch.base());
        mark_ = batch.mark();
        runs_ = batch.runs();
        return {};
    }

    const LogDatabase& from_;
    LogDatabase& to_;
    const LogFindings& findings_;
    LogMark mark_;
    std::vector<consensus::TermRun> runs_;
    std::size_t damaged_ = 0;  // of the findings, copied
};

Result<void> copy_log(const LogDatabase& from, LogDatabase& to, const LogFindings& findings,
                      const LogProgress& progress) {
    Copy copy(from, to, findings);
    if (auto begun = copy.begin(); !begun) return begun;
    std::uint64_t reported = 0;
    while (!copy.done()) {
        if (auto advanced = copy.advance(); !advanced) return advanced;
        if (progress && copy.end().value - reported >= entries_a_report) {
            reported = copy.end().value;
            progress(reported, findings.end.index.value);
        }
    }
    return {};
}

Result<Replaced> swap(const std::string& directory) {
    const std::string path = directory + "/log";
    Replaced replaced;
    std::error_code failure;
    std::vector<std::uint64_t> evidence = evidence_in(directory);
    if (fs::exists(path, failure)) {
        evidence.push_back(evidence.empty() ? 1 : evidence.back() + 1);
        replaced.moved_to = evidence_path(directory, evidence.back());
        if (auto done = rename_folder(path, replaced.moved_to); !done) return done.error();
    }
    if (auto done = rename_folder(path + ".new", path); !done) return done.error();
    for (std::size_t i = 0; i + kept_evidence < evidence.size(); ++i) {
        replaced.deleted = evidence_path(directory, evidence[i]);
        if (auto done = delete_folder(replaced.deleted); !done) return done.error();
    }
    return replaced;
}

}  // namespace

// The old database gives up its name only when the new one is whole; so a new one without a neighbour is whole,
// and one beside a neighbour may not be.
Result<void> finish_replacement(const std::string& directory) {
    const std::string path = directory + "/log";
    std::error_code failure;
    if (!fs::exists(path + ".new", failure)) return {};
    if (fs::exists(path, failure)) {
        // Unless another process is making it just now.
        auto lock = FolderLock::take(path);
        if (!lock) return lock.error();
        return delete_folder(path + ".new");
    }
    return rename_folder(path + ".new", path);
}

Result<Replaced> replace_log(const std::string& directory, const Identity& identity, const LogDatabase* old,
                             const LogFindings& findings, const LogMark& mark, const LogProgress& progress) {
    assert(mark.last == findings.end);
    assert(old != nullptr || findings.end == EntryId{});
    const std::string draft = directory + "/log.new";
    if (auto done = delete_folder(draft); !done) return done.error();
    if (auto room = check_room(directory, findings); !room) return room.error();
    {
        auto made = LogDatabase::open(draft, identity, LogDatabase::Mode::create);
        if (!made) return made.error();
        if (old != nullptr) {
            if (auto done = copy_log(*old, **made, findings, progress); !done) return done.error();
        }
        if (auto done = (*made)->settle(mark); !done) return done.error();
    }
    return swap(directory);
}

}  // namespace socai::storage
