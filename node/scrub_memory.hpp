// What the scrub remembers over a restart, in the file `scrub` of the data folder, JSON: {"rounds", "last_round_ms",
// "last_ended_ms", "place": {"raft_index", "raft_term", "raft_hash", "leaves", "peaks"} or absent, "sum": hex SHA-256 of
// the rest}. Best effort: what cannot be read, or is not as it was written, is begun anew.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "node/error.hpp"
#include "storage/ledger_check.hpp"

namespace socai::node {

struct ScrubMemory {
    std::uint64_t rounds = 0;
    std::int64_t last_round_ms = 0;
    std::int64_t last_ended_ms = 0;
    std::optional<storage::LedgerCheck::Place> place;  // where an interrupted round goes on
};

ScrubMemory recall_scrub(const std::string& path);
// Error: file_unwritable.
Result<void> remember_scrub(const std::string& path, const ScrubMemory& memory);

}  // namespace socai::node
