// Entries of the most advanced survivor's log, for one that is behind: it takes them before it is opened, so that every node
// of the new membership holds the same log when the first of them votes. The chain of hashes ties them to the log that the
// plan names, so the file needs no signature.
//
// The file: "socai log entries v1\n"; the id of the entry before the first, 48 bytes (storage/log_format.hpp); then of each
// entry: its term u64, length u32 and bytes as the log stores it. Integers big-endian.
#pragma once

#include <string>
#include <vector>

#include "consensus/types.hpp"
#include "node/error.hpp"
#include "storage/log_store.hpp"

namespace socai::node::recover {

struct LogEntries {
    consensus::EntryId previous;
    std::vector<consensus::EntryPtr> entries;  // each follows the one before it
};

// The entries after `previous` to the end of the log, into `path`. Errors: the log's; file_unwritable.
Result<std::uint64_t> write_entries(const storage::LogStore& log, consensus::Index previous,
                                    const std::string& path);
// Errors: file_unreadable, file_too_large; malformed_entries (Exit::usage): cut off, altered, or none of ours.
Result<LogEntries> read_entries(const std::string& path);

}  // namespace socai::node::recover
