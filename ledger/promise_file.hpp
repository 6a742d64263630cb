// A promise as a submitter keeps it (`.promise`): the node's signed note and what introduces the node's key, so that who
// promised what by when can be checked offline with the ledger's pinned policy alone, and shown to others if the promise
// is broken (ledger/evidence.hpp). Pure; safe from any thread.
//
//   {"promise": "<note>",
//    "introduction": {"entry": "<the genesis, or the policy leaf that names the node>", "proof": "<tlog-proof>"},
//    "policies": [{"entry": "<a policy leaf>", "proof": "<tlog-proof>"}, …]}
//
// `introduction` is null where the node had no final head to give; the promise holds all the same, and the introduction
// can be put there later. `policies` is as in a receipt (ledger/receipt.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/node_statement.hpp"
#include "ledger/receipt.hpp"

namespace socai::ledger {

inline constexpr std::size_t max_promise_file_bytes = std::size_t{8} << 20;

struct PromiseFile {
    Note note;
    std::optional<ProvenEntry> introduction;
    std::vector<ProvenEntry> policies;
    std::string to_json() const;  // one line, ends in a newline
    bool operator==(const PromiseFile&) const = default;
};

// Form only, everything bounded. Errors, Fault::invalid_statement: malformed_promise_file, and those of its parts.
Result<PromiseFile> parse_promise_file(std::string_view json);

// The node that leaf `introduction` names, once the leaf's own proof is good under `policy`. Errors, all
// Fault::invalid_statement: verify_tlog_proof's, the leaf's own, wrong_introduction (it is of another ledger, or names no
// such node).
Result<GenesisNode> introduced_node(const ProvenEntry& introduction, const Policy& policy,
                                    std::string_view origin, std::string_view node);

struct VerifiedPromise {
    std::string origin;
    GenesisNode node;  // who promised
    Promise promise;
};
// Errors: follow_policies's, introduced_node's, verify_note's, parse_node_statement's; not_introduced (there is no
// introduction), not_a_promise (the note is another statement of a node).
Result<VerifiedPromise> verify_promise_file(const PromiseFile& file, const Policy& pinned);

}  // namespace socai::ledger
