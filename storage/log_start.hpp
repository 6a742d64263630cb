// Opening a log: log and side file are compared, what is wrong is repaired as far as this disk can, and both are
// left settled: equal, and durable. LogStore::open says what is promised; recovery.hpp, log_scan.hpp and
// log_replace.hpp hold the rules.
//
// A crash may come anywhere in a repair. So what is promised is written first, the log second, and the end of
// the log to the side file last; and a log whose end was changed by a repair bears a new write number, one above
// the side file's, by which the next start knows it ("ahead").
#pragma once

#include <memory>
#include <vector>

#include "storage/log_database.hpp"
#include "storage/log_store.hpp"

namespace socai::storage {

struct OpenedLog {
    std::unique_ptr<LogDatabase> log;
    std::unique_ptr<SideFile> side;
    LogMark mark;  // of the log
    std::vector<consensus::TermRun> runs;
    LogStart start;
};

Result<OpenedLog> open_log(const std::string& directory, const Identity& identity,
                           const LogProgress& progress);

}  // namespace socai::storage
