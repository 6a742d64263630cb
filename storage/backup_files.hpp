// The files of a backup (backup.hpp): read, hashed and copied. For those who make and verify one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/backup.hpp"

namespace socai::storage {

inline constexpr std::string_view manifest_name = "manifest.json";
inline constexpr std::string_view backup_databases[] = {"log", "state"};

// bad_backup: "`folder` is not a backup that can be believed: `what`. …"
Error bad_backup(const std::string& folder, const std::string& what);
Error backup_interrupted();

// Opens a plain file to read; -1, with errno EINVAL, for what is none: a backup may come from anywhere, and what waits
// for a writer would hold up whoever reads it.
int open_plain_file(const std::string& path);

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }

  private:
    const int fd_;
};

// Counts what was read, over several files.
struct BackupMeter {
    const BackupProgress& progress;
    std::uint64_t of = 0;
    std::uint64_t done = 0;
    // False: stop.
    bool add(std::uint64_t bytes) {
        done += bytes;
        return !progress || progress(done, of);
    }
};

// Opens both databases of `folder` and reads all of them, as verify_backup says; what `contents` already has is the
// manifest. For a copy that was just made, too.
Result<void> check_databases(const std::string& folder, BackupContents& contents, BackupMeter& meter);

// Reads all of `from`, and writes it to `to` unless that is empty. The name is left empty.
Result<BackupFile> hash_file(const std::string& from, const std::string& to, BackupMeter& meter);
// The names in `folder`, ascending.
std::vector<std::string> files_in(const std::string& folder, std::error_code& failure);
// RocksDB's own diary and lock are no part of a copy.
bool is_copied(const std::string& name);

}  // namespace socai::storage
