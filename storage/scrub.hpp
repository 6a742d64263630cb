// The scrub of a node that does not run: its log, its state, its side file and its outbox are read and compared with
// what was written. (Not: `cosigned`, which its reader in node/cosigner.hpp judges, and `final`, `evidence` and the note
// of the last scrub, which a start does without.)
// What the folder itself can make good is repaired, or left to the next start, which is told; what only other nodes
// have is counted. The scrub of a running node: node/scrub.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "storage/error.hpp"
#include "storage/identity.hpp"

namespace socai::storage {

struct ScrubReport {
    Identity identity;                // whose folder it is; empty when the log does not tell
    std::uint64_t files = 0;          // tables
    std::uint64_t entries = 0;        // that are whole
    std::uint64_t leaves = 0;         // of the tree that was recomputed
    std::uint64_t repaired = 0;       // faults that are gone
    std::uint64_t at_next_start = 0;  // faults that the next start repairs by itself
    std::uint64_t to_fetch = 0;       // entries that only other nodes have
    std::uint64_t beyond_repair = 0;  // faults that a person has to decide about
    bool unread = false;              // the log does not open: what of it is lost only a start can tell
    bool contradiction = false;       // log and tree do not fit together: evidence
    std::vector<std::string> faults;  // a sentence each, at most 100

    std::uint64_t found() const {
        return repaired + at_next_start + to_fetch + beyond_repair + (contradiction ? 1 : 0);
    }
};

// `progress` is told of entries, done of about so many; false stops the scrub (io_error). Errors: locked (the node
// runs), corrupt_side_file, wrong_version, io_error.
Result<ScrubReport> scrub_folder(const std::string& directory,
                                 const std::function<bool(std::uint64_t, std::uint64_t)>& progress);

}  // namespace socai::storage
