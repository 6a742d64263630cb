// When a node has kept its promise: the one rule, for audits, evidence and who reads a refusal (docs/formats.md, "When a
// promise is kept"). All times are the promising node's own: those in its promise and refusal, and the second that its
// cosigner key puts beside a head. Pure; safe from any thread.
//
// A promise is broken by a head that the node itself cosigned past the promised time, under which a promised record
// stands nowhere, unless the node had refused the statement by then. Nothing else breaks it: neither a leaf's accepted
// time, which is the leader's, nor what others signed while the node was cut off.
#pragma once

#include <cstdint>
#include <optional>

#include "ledger/node_statement.hpp"

namespace socai::ledger {

// Is a head that the node cosigned at `cosigned_s`, Unix seconds, past the promised time? Seconds are whole: only one that is
// later than include-by's own is surely later.
inline bool past_due(const Promise& promise, std::uint64_t cosigned_s) {
    return promise.include_by_ms < 0 ||
           cosigned_s > static_cast<std::uint64_t>(promise.include_by_ms) / 1'000;
}

// Does a refusal of the promised statement, of `refused_ms`, answer the promise? `cosigned_s`: when the node cosigned the
// head that is held against it; nothing: no such head is at hand. A refusal ends the promises that were received before it,
// so not one that is made anew; it is in time up to include-by, and up to the first head past it.
inline bool refused_in_time(const Promise& promise, std::int64_t refused_ms,
                            std::optional<std::uint64_t> cosigned_s) {
    if (refused_ms < promise.received_ms) return false;
    if (refused_ms <= promise.include_by_ms) return true;
    return cosigned_s && static_cast<std::uint64_t>(refused_ms) / 1'000 <= *cosigned_s;
}

}  // namespace socai::ledger
