// Promises held against an audited ledger: what a node promised to include stands in time, or was refused with its
// signature, or its time has not come (ledger/node_statement.hpp). One thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ledger/note.hpp"
#include "node/audit/policy_history.hpp"
#include "node/audit/proven_ledger.hpp"
#include "node/audit/record_table.hpp"

namespace socai::node::audit {

// A promise that was not kept, for who wants to show it to others.
struct NotKept {
    std::string file;
    ledger::Note note;  // as the node signed it
    std::string node;
    // Under a head of at most so many leaves a promised record is missing.
    std::uint64_t missing_up_to = 0;
};

struct PromiseCount {
    std::uint64_t kept = 0;
    std::uint64_t refused = 0;
    std::uint64_t waiting = 0;
    std::vector<Finding> findings;  // broken, and files that are no promises
    std::vector<NotKept> not_kept;  // those that are broken
};

// How far the ledger has come in time, milliseconds of the Unix epoch: its last leaf's accepted time; and, of each node, when
// it cosigned the audited head, by its own clock: a quiet ledger's promises fall due too.
struct LedgerTime {
    std::int64_t last_leaf_ms = 0;
    const std::map<std::string, std::int64_t>& cosigned_ms;
};

// Every file *.promise in `folder`, with refusals from its files *.refusal. Errors: files_in's, the source's.
Result<PromiseCount> hold_promises(const std::string& folder, const std::string& origin,
                                   const PolicyHistory& history, const RecordTable& table,
                                   ProvenLedger& ledger, const LedgerTime& time);

}  // namespace socai::node::audit
