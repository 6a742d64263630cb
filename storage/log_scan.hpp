// The search for damage: what of a log is proven, entry by entry, when something was found wrong with it. The
// rules are those of protocol-aware recovery (FAST 2018, §3.3): an entry whose content is lost while its id is
// known keeps its place and is fetched by that id; where an id is lost, the log ends before it.
//
// An entry is proven by its content, which hashes, together with the id before it, to its id. Content that reads
// well and does not fit ends the log before it: whether it, its id, or all that stands before it (tables of an
// earlier moment) is wrong cannot be told. A lost entry that is a configuration, or may be one, ends the log
// too: the core cannot do without knowing it.
#pragma once

#include <vector>

#include "storage/log_database.hpp"
#include "storage/log_store.hpp"

namespace socai::storage {

struct LogFindings {
    consensus::EntryId base;
    consensus::EntryId end;  // everything to here is proven, or held by id; at least `base`
    std::vector<consensus::DamagedEntry> damaged;
    std::vector<consensus::TermRun> runs;            // computed from the ids
    std::vector<consensus::EntryId> configurations;  // by their content
    std::uint64_t intact = 0;                        // entries
};

// Reads the whole log. `of` is told to `progress` as the length to expect. `stated_end` is where the log says
// that it ends, when that could be read: entries without content at the very end are believed only when they
// lead to it. Errors other than damage, which is what is looked for.
Result<LogFindings> scan_log(const LogDatabase& log, const std::optional<consensus::EntryId>& stated_end,
                             consensus::Index of, const LogProgress& progress);

}  // namespace socai::storage
