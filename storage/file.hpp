// The few operating-system calls that storage needs beside RocksDB: whole reads and writes, and syncing a
// file and the folder that names it. Errors carry the path and the system's own words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/error.hpp"

namespace socai::storage {

// io_error, or no_space for ENOSPC and EDQUOT: "`what` `path`: <the system's words>. <cure>"
Error system_error(std::string_view what, const std::string& path, int error_number);

// All of `bytes` at `offset`, continuing after short writes and interruptions.
Result<void> write_at(int fd, const std::string& path, std::string_view bytes, std::uint64_t offset);
// Writes `path`.new, syncs, renames over `path` and syncs the folder: a reader sees the old bytes or the new ones.
Result<void> write_whole(const std::string& path, std::string_view bytes);
// Everything in the file, at most `limit` bytes.
Result<std::string> read_all(int fd, const std::string& path, std::size_t limit);
// fdatasync: content, and the length where it changed.
Result<void> sync_data(int fd, const std::string& path);
// fsync of a folder: the names in it survive power loss.
Result<void> sync_folder(const std::string& path);
// Bytes that may still be written to the file system of `path`. A node stops appending long before none are
// left (consensus::Fitness), because RocksDB needs room to tidy up (room.hpp).
Result<std::uint64_t> free_bytes(const std::string& path);
// Creates the folder and its parents, and syncs the parent of each that is new.
Result<void> make_folder(const std::string& path);

}  // namespace socai::storage
