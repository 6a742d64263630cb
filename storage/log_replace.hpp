// Puts a new database in the place of a damaged one: what the old one provably holds is copied into
// `directory`/log.new, the old one is moved aside as evidence to `directory`/log.damaged-<n>, of which the newest
// two are kept, and the new one takes its name. Interrupted anywhere, the next start finishes or forgets it.
#pragma once

#include <string>

#include "storage/log_scan.hpp"

namespace socai::storage {

struct Replaced {
    std::string moved_to;  // the evidence; empty when there was no old database
    std::string deleted;   // older evidence that went, if any
};

// To be called before `directory`/log is opened.
Result<void> finish_replacement(const std::string& directory);

// `old` is borrowed, open for salvage, and null when nothing could be read; `findings` is what scan_log found in
// it. The caller holds the lock of `directory`/log. `mark` describes the new log; its end is findings.end.
// Errors: no_space (there must be room for a second copy), io_error; the old database is then where it was.
Result<Replaced> replace_log(const std::string& directory, const Identity& identity, const LogDatabase* old,
                             const LogFindings& findings, const LogMark& mark, const LogProgress& progress);

}  // namespace socai::storage
