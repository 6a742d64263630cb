#include "node/audit/absence.hpp"

#include "ledger/tiles.hpp"

namespace socai::node::audit {

Result<void> read_leaves(Source& source, ledger::AbsenceCheck& check,
                         const std::function<void(std::uint64_t done)>& progress) {
    for (std::uint64_t first = 0; first < check.size(); first += ledger::tile_width) {
        const std::uint64_t index = first / ledger::tile_width;
        const std::uint32_t wanted = ledger::tile_width_at(0, index, check.size());
        const auto read = source.entries(index, wanted);
        const auto fault = read ? read->fault : std::optional(read.error());
        if (fault) return Error{Exit::unreachable, fault->reason, fault->detail};
        // A ledger that has grown since may give more.
        const auto entries = ledger::split_bundle(read->bundle);
        if (!entries || entries->size() < wanted)
            return Error{Exit::unreachable, "bad_bundle",
                         "the source holds no entry bundle of the " + std::to_string(wanted) +
                             " leaves from " + std::to_string(first) + " on; copy it again"};
        for (std::uint32_t i = 0; i < wanted; ++i) check.add((*entries)[i]);
        progress(first + wanted);
    }
    return {};
}

}  // namespace socai::node::audit
