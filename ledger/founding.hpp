// Putting a genesis together from the parts of its members (genesis_part.hpp). Pure; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/error.hpp"
#include "ledger/genesis.hpp"
#include "ledger/genesis_part.hpp"
#include "ledger/jwk.hpp"

namespace socai::ledger {

// What no part says: whoever puts the genesis together proposes it, and each member reads it before it pins the hash.
struct FoundingTerms {
    Parameters parameters;
    std::optional<std::uint32_t> quorum;  // agencies that make a head final; by default ceil((2n+1)/3) of n
};

// The genesis of these parts. Nodes are dealt in turn: the first of every part, in the order of the parts, then the second of
// each, and so on. The policy is consortium_policy's. Precondition: the parts came out of parse_part.
// Errors, Fault::invalid_statement; the sentence names the agencies:
// no_parts; other_origin; repeated_part, two of one agency; overlapping_parts, an agency, a key or a node's name in two
// parts; no_nodes; bad_quorum, not from 1 to the number of agencies with a node.
Result<Genesis> found(const std::vector<GenesisPart>& parts, const FoundingTerms& terms);

// Leaf 0's bytes: `genesis` signed by `signer`, a record key of a member, and accepted at `time_ms`. Checked with
// parse_genesis, whose errors it gives.
Result<std::string> founding_entry(const Genesis& genesis, const Jwk& signer, std::int64_t time_ms);

}  // namespace socai::ledger
