// Leaf 0: the genesis statement vn.socai.genesis.v1. It fixes origin, registry, keys, delegations, rights,
// nodes, policy and parameters; it is checked by its own keys and trusted by its pinned hash. Pure; safe from
// any thread.
//
// The record's `data` has exactly these members, in this order:
//   origin       "ledger.example.vn/ktcn"; also the record's subject and the statement's aud
//   agencies     [{code, parent, roles[], name_vi, name_en}], a parent before its children; parent may be
//   null keys         [{kid, kty "OKP", crv "Ed25519", x, valid_from, valid_to, rights[]}]; valid_to may be
//   null delegations  [{delegate, source}] nodes        [{name, agency, raft_id, log_key, cosigner_key,
//   node_key, tls_key}] parameters   {max_future_ms, max_backdate_ms} policy       C2SP tlog-policy text refs []
// x and a node's keys are raw Ed25519 public keys in base64url, as in a JWK (RFC 8037 §2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/error.hpp"
#include "ledger/registry.hpp"

namespace socai::ledger {

inline constexpr std::string_view genesis_type = "vn.socai.genesis.v1";
inline constexpr std::size_t max_genesis_nodes = 64;

// A node of the first membership. Each key is the node's own; none is shared (formats.md, "Keys").
struct GenesisNode {
    std::string name;           // "customs-1": spelt like an agency code, unique
    std::string agency;         // with the role "member"
    std::uint64_t raft_id = 0;  // 1.. in the order of the genesis
    PublicKey log_key{};        // note type 0x01, name = origin
    PublicKey cosigner_key{};   // note type 0x04, name = <agency>.<origin>
    PublicKey node_key{};       // signs append headers, votes, promises
    PublicKey tls_key{};        // of the anchor certificate that its connections are known by
    bool operator==(const GenesisNode&) const = default;
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
    std::string policy;  // C2SP tlog-policy text; its logs are exactly the nodes' log keys
};

// The record's JSON bytes for `genesis`, of source `source`, at signed time `time` (RFC 3339). One genesis
// has one text: agencies parents first, then by code, keys and delegations sorted, nodes in their order. To
// be signed by a key of `source`, a member, and checked with parse_genesis before it is trusted.
std::string genesis_record(const Genesis& genesis, std::string_view source, std::string_view time);
// Parses and checks leaf 0: form, self-signature by a key that it registers, consistency of everything in it.
// Errors: split_entry's, parse_statement's, the registry's, malformed_genesis, wrong_audience, unknown_kid,
// bad_signature, future_time; Fault::forbidden with source_not_allowed.
Result<Genesis> parse_genesis(std::string_view entry);

}  // namespace socai::ledger
