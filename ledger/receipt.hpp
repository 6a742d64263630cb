// A receipt: proof, checkable offline with a pinned policy alone, that a statement stands in the ledger, who signed it,
// and that its author's key was registered (design/formats.md, "Receipt"). Pure; safe from any thread.
//
//   {"entry": "<the leaf>", "proof": "<tlog-proof>",
//    "key": {"kid": "customs/record-1", "x": "<base64url>", "entry": "<the leaf that registers it>", "proof": "<tlog-proof>"},
//    "policies": [{"entry": "<a policy leaf>", "proof": "<tlog-proof>"}, …]}
//
// `policies` leads from the pinned policy to the one that governs the proof's head; each link's head is the first that
// the new policy governs, and satisfies the old one and the new one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/entry.hpp"
#include "ledger/policy_leaf.hpp"
#include "ledger/registry.hpp"
#include "ledger/tlog_proof.hpp"

namespace socai::ledger {

inline constexpr std::size_t max_receipt_bytes = std::size_t{4} << 20;
inline constexpr std::size_t max_policy_links = 1'000;

// An entry with the proof that it stands in the ledger.
struct ProvenEntry {
    std::string entry;
    TlogProof proof;
    bool operator==(const ProvenEntry&) const = default;
};

struct Receipt {
    ProvenEntry leaf;
    std::string kid;
    PublicKey key{};
    ProvenEntry key_leaf;               // genesis, or a key event
    std::vector<ProvenEntry> policies;  // oldest first
    std::string to_json() const;        // one line, ends in a newline
    bool operator==(const Receipt&) const = default;
};

// Form only, everything bounded. Errors, Fault::invalid_statement: malformed_receipt, and those of its parts.
Result<Receipt> parse_receipt(std::string_view json);

// A policy and the place that it stands at.
struct PolicyInForce {
    Policy policy;
    std::optional<std::uint64_t> leaf;  // it governs larger sizes; nothing: it is the pinned one
};
// The policy in force after `links`, each checked as above, beginning with `pinned`. Links up to the last that holds
// the pinned policy itself are not needed: a node serves the whole chain, whatever its reader has pinned. The author of
// a policy leaf is not checked here: the old policy's quorum cosigned the tree in which it stands. Errors:
// verify_tlog_proof's, parse_policy_leaf's, broken_chain.
Result<PolicyInForce> policy_in_force(const Policy& pinned, const std::vector<ProvenEntry>& links);
Result<Policy> follow_policies(const Policy& pinned,
                               const std::vector<ProvenEntry>& links);  // without the place

struct VerifiedReceipt {
    std::uint64_t index = 0;
    std::int64_t time_ms = 0;  // accepted
    std::string kid;           // the author's key
    std::shared_ptr<const Statement> statement;
    Checkpoint checkpoint;
    HeadSigners signers;  // under the policy that governs
    Policy policy;        // that one
    // The registry shows that the key may speak for the source. False: the source, or its delegation, was registered by a later leaf
    // than the key; that the quorum cosigned the leaf says that it was admitted.
    bool speaker_shown = true;
};
// Everything: both proofs, the chain of policies, the key in its leaf, the key's validity at the index, whether it may
// speak for the records' source, the author's signature, the audience. Errors: the parts'; wrong_key (the key's leaf
// does not register it), key_not_valid, wrong_audience, bad_signature; Fault::forbidden, source_not_allowed.
Result<VerifiedReceipt> verify_receipt(const Receipt& receipt, const Policy& pinned);

// The same in steps, for many receipts that share chains and keys. All of them together are verify_receipt.

// Does the entry stand where its proof says, under a head that `policy` governs? Errors: verify_tlog_proof's,
// broken_chain.
Result<void> verify_proven(const ProvenEntry& proven, const PolicyInForce& policy);
// The registry that a key's leaf holds: the genesis', or just the keys that an act or a proposal brings, with their agency.
// Errors: parse_genesis's, parse_statement's, wrong_key.
Result<Registry> registry_in(const ProvenEntry& key_leaf);
// The leaf, its place and its author, whose key must stand in `registry`. `policy` governs. Errors: verify_receipt's.
Result<VerifiedReceipt> verify_leaf(const ProvenEntry& leaf, std::string_view kid, const PublicKey& key,
                                    const Registry& registry, const PolicyInForce& policy);

}  // namespace socai::ledger
