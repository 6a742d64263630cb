// Two heads that cannot both be true, kept as they came: files in the folder `evidence` of the data folder. Safe from
// any thread.
#pragma once

#include <string>
#include <string_view>

#include "ledger/head.hpp"
#include "node/error.hpp"

namespace socai::node {

// Writes `theirs` and `ours` (signed notes) to <folder>/head-<size>-<first 16 digits of the SHA-256 of its text>.theirs and
// .ours; the same again changes nothing. Answers with the first file's path. Error: file_unwritable.
Result<std::string> keep_two_heads(const std::string& folder, const ledger::Head& theirs,
                                   const ledger::Head& ours);

}  // namespace socai::node
