// Reading what is left of a damaged database, without changing it. Where RocksDB cannot find its way - the
// manifest or the file that names it is damaged - a copy of hard links in `directory`/log.salvage is put through
// RocksDB's own repair, which gathers whatever tables can be read. What it gives back may be from different
// moments; nothing of it is believed that log_scan.hpp does not prove.
#pragma once

#include <memory>
#include <string>

#include "storage/log_database.hpp"

namespace socai::storage {

// The caller holds the lock of `directory`/log, if that is there. Null: nothing can be read. Errors other than
// damage: wrong_identity, wrong_version, io_error, no_space.
Result<std::unique_ptr<LogDatabase>> open_for_salvage(const std::string& directory, const Identity& identity);

// Deletes the copy, if there is one. Nobody reads it any more.
Result<void> forget_salvage(const std::string& directory);

}  // namespace socai::storage
