// Promises held against an audited ledger by the one rule of ledger/promise_rule.hpp: what a node promised to include stands
// under every head that the node itself cosigned past its time, or was refused with its signature before, or its time
// has not come. One thread.
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

// A head of the audited ledger that a node's own cosigner key signed, and when, by that node's clock.
struct OwnHead {
    const ledger::Head* head = nullptr;
    std::uint64_t time_s = 0;
};
using OwnHeads = std::map<std::string, std::vector<OwnHead>>;  // by node, earliest first

// What the nodes themselves put their names to among `heads`, which are of the audited ledger, and outlive the result. Heads
// with a line that does not verify are left out.
OwnHeads own_heads(const PolicyHistory& history, const ledger::Policy& pinned,
                   const std::vector<const ledger::Head*>& heads);

// A promise that was not kept, for who wants to show it to others.
struct NotKept {
    std::string file;
    ledger::Note note;  // as the node signed it
    std::string node;
    std::vector<const ledger::Head*> shown_by;  // each shows it
};

struct PromiseCount {
    std::uint64_t kept = 0;
    std::uint64_t refused = 0;
    std::uint64_t waiting = 0;      // not due by the node's own word, as far as it is at hand
    std::vector<Finding> findings;  // broken, and files that are no promises
    std::vector<NotKept> not_kept;  // those that are broken
    std::vector<std::string>
        notes;  // kept late; past its time, with nothing of the node's at hand. At most max_findings
};

// Of epochs that ended too. What a node that the recovery gave up promised and did not keep nobody keeps any more: it is lost.
// Every file *.promise in `folder`, with refusals from its files *.refusal. `last_leaf_ms`: accepted time of the last leaf, for
// notes alone. Errors: files_in's, the source's.
Result<PromiseCount> hold_promises(const std::string& folder, const std::string& origin,
                                   const PolicyHistory& history, const RecordTable& table,
                                   ProvenLedger& ledger, const OwnHeads& own, std::int64_t last_leaf_ms);

}  // namespace socai::node::audit
