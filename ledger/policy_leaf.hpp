// The quorum policy as a leaf of the ledger: a record of type vn.socai.policy.v1 replaces the genesis' policy and
// nodes (design/formats.md: "A policy is itself a leaf: the policy at leaf i governs sizes > i, and the first head it
// governs needs the old and the new quorum"). Pure; safe from any thread.
//
// The record's `data` has exactly the members `nodes` and `policy`, formed as in the genesis, and `refs` []. Its
// subject is the origin. It is signed by a key of a member with the right `policy`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/error.hpp"
#include "ledger/genesis.hpp"
#include "ledger/policy.hpp"
#include "ledger/record.hpp"
#include "ledger/statement.hpp"

namespace socai::ledger {

inline constexpr std::string_view policy_type = "vn.socai.policy.v1";
inline constexpr std::string_view policy_right = "policy";

struct PolicyLeaf {
    std::vector<GenesisNode> nodes;  // every node whose keys the policy names, raft ids ascending
    Policy policy;
    bool operator==(const PolicyLeaf&) const = default;
};

// The record's JSON bytes.
std::string policy_record(const PolicyLeaf& leaf, std::string_view origin, std::string_view source,
                          std::string_view id, std::string_view time);
// The leaf that opens a new epoch (recovery_leaf.hpp) holds nodes and a policy too, and is read as a policy leaf wherever
// policies are looked for. Checks the record's type and subject, and `data`: members, nodes (as the genesis checks them, gaps between raft ids
// allowed; whether their agencies are members is admission's), a policy that parses, has a quorum other than none,
// whose logs are exactly the nodes' log keys and whose witnesses include the nodes' cosigner keys. Errors,
// Fault::invalid_statement: malformed_policy_leaf, malformed_policy.
Result<PolicyLeaf> parse_policy_leaf(const Record& record, std::string_view origin);
// The text of the policy in such a record, whatever else is wrong with it; empty: it has none. Lives as long as the record.
std::string_view policy_text(const Record& record);
// The policy leaf that an admitted statement is; nothing when it is none.
std::optional<PolicyLeaf> policy_in(const Statement& statement, std::string_view origin);
// The policy of leaf 0, with the genesis' nodes.
Result<PolicyLeaf> genesis_policy(const Genesis& genesis);

// The consortium's usual policy: a log line for each node; a group `any` of each agency's nodes, named after the
// agency; quorum k of the agencies, k = ceil((2n+1)/3) unless `threshold` says (1..n). `witnesses` from outside stand
// in front and are all needed besides (group `outside` all). A witness has its node's name; a name that is taken gets
// "_" behind it, which no agency code has. Precondition: nodes not empty; the names of `witnesses` are unique words.
Policy consortium_policy(std::string_view origin, const std::vector<GenesisNode>& nodes,
                         std::optional<std::uint32_t> threshold = std::nullopt,
                         const std::vector<PolicyWitness>& witnesses = {});

}  // namespace socai::ledger
