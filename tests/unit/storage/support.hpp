// What the storage tests share: folders of their own, entries that chain, statements that need no signature.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "consensus/chain.hpp"
#include "consensus/core.hpp"
#include "consensus/membership.hpp"
#include "ledger/admission.hpp"
#include "storage/log_format.hpp"
#include "storage/log_store.hpp"

namespace socai::storage::test {

// A folder that goes with the object.
class TempFolder {
  public:
    TempFolder() {
        // In memory where there is such a place: these tests are about bytes, and sync thousands of times.
        const std::filesystem::path memory = "/dev/shm";
        const bool fast = ::access(memory.c_str(), W_OK) == 0;
        std::string name =
            ((fast ? memory : std::filesystem::temp_directory_path()) / "socai-storage-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        path_ = name;
    }
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    const std::string& path() const { return path_; }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

inline std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}
inline void write_file(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}
// Every file below `folder` with its length.
inline std::map<std::string, std::uintmax_t> listing(const std::string& folder) {
    std::map<std::string, std::uintmax_t> files;
    std::error_code gone;
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder, gone)) {
        files[file.path().string()] = file.is_directory(gone) ? 0 : file.file_size(gone);
    }
    return files;
}
// The folder as a killed process leaves it. A database that is open may be tidying in the background; its
// files only grow, appear and vanish, so a copy during which none did is one moment's.
inline void copy_folder(const std::string& from, const std::string& to) {
    std::map<std::string, std::uintmax_t> before;
    std::error_code failure;
    do {
        before = listing(from);
        std::filesystem::remove_all(to);
        std::filesystem::copy(from, to, std::filesystem::copy_options::recursive, failure);
    } while (failure || listing(from) != before);
}
// Files of `folder` whose names begin and end so, sorted.
inline std::vector<std::string> files_like(const std::string& folder, const std::string& begin,
                                           const std::string& end) {
    std::vector<std::string> found;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        const std::string name = file.path().filename().string();
        if (name.starts_with(begin) && name.ends_with(end)) found.push_back(file.path().string());
    }
    std::sort(found.begin(), found.end());
    return found;
}

inline Identity identity() {
    return {"ledger.example.vn/test", "customs-1", std::string(64, 'a')};
}

inline std::string reason_of(const auto& result) {
    return result ? "none" : result.error().reason;
}

inline consensus::EntryPtr next_entry(const consensus::EntryId& previous, std::uint64_t term,
                                      const std::string& payload,
                                      consensus::EntryKind kind = consensus::EntryKind::payload,
                                      std::optional<consensus::Digest> mark = std::nullopt) {
    return consensus::make_entry(previous, {term}, kind, digest_of(kind, payload), mark, payload);
}

inline consensus::EntryPtr next_configuration(const consensus::EntryId& previous, std::uint64_t term,
                                              std::vector<consensus::NodeId> voters) {
    return consensus::make_configuration(previous, {term}, {std::move(voters), {}, {}}, "note");
}

// `count` entries of `term` after `previous`.
inline std::vector<consensus::EntryPtr> next_entries(consensus::EntryId previous, std::uint64_t term,
                                                     std::size_t count, std::size_t bytes = 20) {
    std::vector<consensus::EntryPtr> entries;
    for (std::size_t i = 0; i < count; ++i) {
        std::string payload = std::to_string(previous.index.value + 1) + " of " + std::to_string(term) + " ";
        payload.resize(std::max(payload.size(), bytes), static_cast<char>('a' + i % 26));
        entries.push_back(next_entry(previous, term, payload));
        previous = entries.back()->id;
    }
    return entries;
}

inline consensus::StorageJob append_job(std::vector<consensus::EntryPtr> entries) {
    consensus::StorageJob job;
    job.append = std::move(entries);
    return job;
}

inline consensus::HardState hard_state(std::uint64_t term, std::uint64_t vote = 0) {
    return {{term}, {vote}, {}};
}

inline bool same_entry(const consensus::Entry& a, const consensus::Entry& b) {
    return a.id == b.id && a.kind == b.kind && a.digest == b.digest && a.mark == b.mark &&
           a.payload == b.payload;
}

// Everything in the log, or the error.
inline Result<std::vector<consensus::EntryPtr>> read_log(const LogStore& log) {
    return log.read(log.start().log.base.index + 1, log.start().log.last.index, ~std::size_t{0});
}

inline std::unique_ptr<LogStore> open_log(const std::string& folder) {
    auto log = LogStore::open(folder, identity());
    EXPECT_TRUE(log) << log.error().reason << ": " << log.error().detail;
    return log ? *std::move(log) : nullptr;
}

}  // namespace socai::storage::test
