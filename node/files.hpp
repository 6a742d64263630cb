// Whole small files: read with a bound, written so that a reader sees the old bytes or the new ones, never
// half of them. Safe from any thread.
#pragma once

#include <sys/types.h>
#include <cstdint>
#include <string>
#include <string_view>

#include "node/error.hpp"

namespace socai::node {

// Errors: file_unreadable (Exit::unreachable), file_too_large (Exit::usage).
Result<std::string> read_file(const std::string& path, std::size_t max_bytes);
// Writes beside `path`, syncs, renames over it and syncs the folder. Error: file_unwritable.
Result<void> write_file(const std::string& path, std::string_view bytes, mode_t mode);
// Makes `path` and its parents. Only the last folder gets `mode`. Error: file_unwritable.
Result<void> make_folder(const std::string& path, mode_t mode);

}  // namespace socai::node
