// Leaf 0: the genesis statement vn.socai.genesis.v1. It fixes origin, registry, keys, delegations, rights,
// nodes, policy and parameters; it is checked by its own keys and trusted by its pinned hash. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/error.hpp"
#include "ledger/registry.hpp"

namespace socai::ledger {

// A node of the first membership. Each key is the node's own; none is shared (formats.md, "Keys").
struct GenesisNode {
    std::string name;  // "customs-1"
    std::string agency;
    std::uint64_t raft_id = 0;  // 1.. in the order of the genesis
    PublicKey log_key{};        // note type 0x01, name = origin
    PublicKey cosigner_key{};   // note type 0x04, name = <agency>.<origin>
    PublicKey node_key{};       // signs append headers, votes, promises
};

struct Parameters {
    std::int64_t max_future_ms = 5 * 60 * 1000;                 // signed time after accepted time
    std::int64_t max_backdate_ms = 30LL * 24 * 60 * 60 * 1000;  // earlier is accepted and marked late
};

struct Genesis {
    std::string origin;  // C2SP origin, e.g. "ledger.example.vn/ktcn"
    Registry registry;
    std::vector<GenesisNode> nodes;
    Parameters parameters;
    std::string policy;  // C2SP tlog-policy text
};

// The record's JSON bytes for `genesis`, of source `source`, at signed time `time` (RFC 3339).
std::string genesis_record(const Genesis& genesis, std::string_view source, std::string_view time);
// Parses and checks leaf 0: form, self-signature by a key that it registers, consistency of everything in it.
Result<Genesis> parse_genesis(std::string_view entry);

}  // namespace socai::ledger
