// What a log says of itself when it is opened, and whether that is to be believed. Reads only; bounded: does not
// grow with the log.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/log_database.hpp"
#include "storage/recovery.hpp"

namespace socai::storage {

// What a log says of itself, and what its end means; complete where nothing is wrong.
struct Account {
    std::optional<LogMark> mark;
    LogEnd end = LogEnd::lost;
    std::vector<consensus::TermRun> runs;
    std::vector<consensus::ConfigurationEntry> configurations;  // of the base, and of entries
    std::vector<consensus::DamagedEntry> damaged;               // as known
    std::optional<std::string> wrong;                           // why it is not to be believed as it is
};

// `side` is the side file's state, and `directory` the folder of both. Damage, and the lack of what was
// acknowledged, is told in `wrong`; errors are those that no repair can help: corrupt_side_file, wrong_version,
// io_error.
Result<Account> examine_log(const LogDatabase& log, const SideState& side, const std::string& directory);

std::vector<consensus::Index> indices_of(const std::vector<consensus::DamagedEntry>& damaged);

}  // namespace socai::storage
