// The files that an auditor hands in by the folder: receipts, promises, refusals.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "node/error.hpp"

namespace socai::node::audit {

inline constexpr std::size_t max_files = 1'000'000;

// Names, sorted, of the regular files in `folder` that end in `suffix`; any when it is empty. Errors: file_unreadable,
// too_many_files.
Result<std::vector<std::string>> files_in(const std::string& folder, std::string_view suffix);

}  // namespace socai::node::audit
