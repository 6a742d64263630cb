// How far the state has come. A value.
#pragma once

#include <cstdint>

#include "consensus/types.hpp"
#include "ledger/hash.hpp"

namespace socai::storage {

// `size` leaves are applied; the Raft entry `raft_index` is the last one looked at, and `raft_hash` its chain
// hash, which names it and the whole log before it.
struct AppliedPosition {
    consensus::Index raft_index;
    std::uint64_t size = 0;
    std::int64_t last_time_ms = 0;  // accepted time of the last leaf; 0 when there is none
    consensus::Digest raft_hash{};
    ledger::Hash facts{};  // ledger::digest_after of all leaves' changes
    bool operator==(const AppliedPosition&) const = default;
};

}  // namespace socai::storage
