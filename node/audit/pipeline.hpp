// Bundles from a source through the checks to a judge, on many threads: readers fetch, workers check, and the caller
// gets the results in the ledger's order. Bounded: no more than a window of bundles is under way, whatever the source
// sends and however slowly the judge works.
#pragma once

#include <atomic>
#include <functional>

#include "node/audit/bundle_check.hpp"
#include "node/audit/source.hpp"

namespace socai::node::audit {

struct PipelineLimits {
    unsigned workers = 1;  // threads that check
    bool with_tiles = true;
};

// Called on the calling thread for each bundle, in order. False: enough.
using Judge = std::function<bool(CheckedBundle)>;

// Runs bundles [first, …) of a ledger of `size` leaves. Returns when the judge has had the last, or had enough, or
// `stop` turned true (then the source is given up), or when nothing can be read any more: then the error (Exit::unreachable).
Result<void> run_pipeline(Source& source, const LedgerFacts& facts, std::uint64_t first, std::uint64_t size,
                          const PipelineLimits& limits, const std::function<bool()>& stop,
                          const Judge& judge);

}  // namespace socai::node::audit
