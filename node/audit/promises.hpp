// Promises held against an audited ledger: what a node promised to include stands in time, or was refused with its
// signature, or its time has not come (ledger/node_statement.hpp). One thread.
#pragma once

#include <string>

#include "node/audit/policy_history.hpp"
#include "node/audit/proven_ledger.hpp"
#include "node/audit/record_table.hpp"

namespace socai::node::audit {

struct PromiseCount {
    std::uint64_t kept = 0;
    std::uint64_t refused = 0;
    std::uint64_t waiting = 0;
    std::vector<Finding> findings;  // broken, and files that are no promises
};

// Every file *.promise in `folder`, with refusals from its files *.refusal. `last_time_ms`: accepted time of the
// ledger's last leaf. Errors: files_in's, the source's.
Result<PromiseCount> hold_promises(const std::string& folder, const std::string& origin,
                                   const PolicyHistory& history, const RecordTable& table,
                                   ProvenLedger& ledger, std::int64_t last_time_ms);

}  // namespace socai::node::audit
