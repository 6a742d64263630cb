// Reads a ledger once for what only all of its leaves can show: that a promised record is in none of them
// (ledger::AbsenceCheck). From any source that can be audited; believed in nothing, since the check holds the leaves against
// the head that was signed. One thread.
#pragma once

#include <cstdint>
#include <functional>

#include "ledger/evidence.hpp"
#include "node/audit/source.hpp"

namespace socai::node::audit {

// Feeds leaves 0 … check.size() - 1 to the check; `progress` is told how many it has. Errors, all Exit::unreachable - what a
// source does not hold says nothing about the promise: bad_bundle, the source's.
Result<void> read_leaves(Source& source, ledger::AbsenceCheck& check,
                         const std::function<void(std::uint64_t done)>& progress);

}  // namespace socai::node::audit
