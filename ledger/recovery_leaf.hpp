// The leaf that opens a new epoch after the loss of the majority: a record of type vn.socai.recovery.v1. The tree goes on: the
// leaves of the most advanced survivor stay as they are, and the next leaf is this one. It commits to the last head that is
// known to have been final, names the nodes that go on and those given up, and holds the signatures of offline root keys of
// as many member agencies as the ledger asks for (governance/matters.hpp: recovery_quorum). Pure; safe from any thread.
//
// The record is of a member, with the new origin as subject and aud, and signed by a registrar or root key of it: that
// signature authorises nothing, the approvals do. It comes into a log by `socai recover open` alone, never by ledger.submit.
// `data` has exactly these members, in this order:
//   epoch            number of the epoch that begins, 2 or more
//   origin           its name (epochs.hpp); also the record's subject and aud
//   previous_origin  that of the epoch that ends
//   carried          {size, root}: the leaves that stay; this leaf has the index `size`; root in hex
//   final_head       the last known final head, a C2SP signed note of the previous origin; where no head of that epoch is known
//                    to have been final, the very note that it was opened on
//   consistency      [hex]: proof (RFC 6962) that the carried tree extends that head; [] where they are one size
//   log              {index, term, hash, opens_term}: the nodes' log ends there; its next entry, this leaf, is of opens_term
//   nodes            the nodes that go on, as in the genesis
//   lost             names of the nodes that are given up, sorted
//   policy           C2SP tlog-policy text of the new epoch: policy_leaf.hpp's consortium_policy of `nodes`, without outside witnesses
//   reason           what happened, for people
//   legal_basis      [text]
//   approvals        [{agency, kid, time, signature}], by agency
//   refs             []
//
// An approval is the signature of a statement (compact JWS, statement.hpp) whose aud is the new origin and whose kid is a
// root key of the agency, over one record: type vn.socai.recovery_approval.v1, source the agency, subject the new origin, id
// "recovery-<epoch>", and `data` as above without `approvals`. It is rebuilt from the leaf byte by byte, so the leaf keeps the
// signature alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/error.hpp"
#include "ledger/facts.hpp"
#include "ledger/genesis.hpp"
#include "ledger/head.hpp"
#include "ledger/jwk.hpp"
#include "ledger/record.hpp"
#include "ledger/registry.hpp"

namespace socai::ledger {

inline constexpr std::string_view recovery_type = "vn.socai.recovery.v1";
inline constexpr std::string_view recovery_approval_type = "vn.socai.recovery_approval.v1";
inline constexpr std::size_t max_recovery_text_bytes = 4'096;  // of reason, and of each legal basis

// Where the nodes' log ends before a recovery, and the term in which it goes on.
struct RecoveryLog {
    std::uint64_t index = 0;
    std::uint64_t term = 0;
    Hash hash{};
    std::uint64_t opens_term = 0;  // above every term that a survivor has seen
    bool operator==(const RecoveryLog&) const = default;
};

// What the agencies agree to.
struct RecoveryPlan {
    std::uint64_t epoch = 2;
    std::string origin;
    std::string previous_origin;
    std::uint64_t size = 0;
    Hash root{};
    std::string final_head;
    std::vector<Hash> consistency;
    RecoveryLog log;
    std::vector<GenesisNode> nodes;
    std::vector<std::string> lost;
    std::string policy;
    std::string reason;
    std::vector<std::string> legal_basis;
    bool operator==(const RecoveryPlan&) const = default;
};

struct RecoveryApproval {
    std::string agency;
    std::string kid;   // its root key that signed
    std::string time;  // RFC 3339, as signed
    Signature signature{};
    bool operator==(const RecoveryApproval&) const = default;
};

struct RecoveryLeaf {
    RecoveryPlan plan;
    std::vector<RecoveryApproval> approvals;  // by agency, each once
    bool operator==(const RecoveryLeaf&) const = default;
};

// A plan as the text that people pass around: one JSON object, `data` without approvals and refs, ends in a newline.
std::string plan_text(const RecoveryPlan& plan);
// Strict; what can be told from the plan alone holds: names of the epochs, sizes, nodes, policy. Errors,
// Fault::invalid_statement: malformed_recovery, malformed_policy.
Result<RecoveryPlan> parse_plan(std::string_view text);
// Agencies with nodes that go on; and how many of them must cosign a head by the plan's policy. Nothing: it is not
// consortium_policy's, which no plan may have.
std::size_t recovery_agencies(const RecoveryPlan& plan);
std::optional<std::uint32_t> recovery_cosigners(const RecoveryPlan& plan);
// SHA-256 of plan_text in groups of digits, as policy_fingerprint: what agencies compare by telephone before they sign.
std::string plan_fingerprint(const RecoveryPlan& plan);

// The approval as its text, a statement; `time` is RFC 3339.
std::string sign_approval(const RecoveryPlan& plan, std::string_view agency, const Jwk& root,
                          std::string_view time);
// Is `text` an approval of just this plan? The key is looked up by check_recovery. Errors, Fault::invalid_statement:
// parse_statement's, malformed_approval; other_plan (what was signed is another plan).
Result<RecoveryApproval> parse_approval(std::string_view text, const RecoveryPlan& plan);

// What an approval of this plan is the signature of.
std::string approval_signing_input(const RecoveryPlan& plan, const RecoveryApproval& approval);

// The leaf's bytes, signed by `signer` for the agency in its kid, accepted at `time_ms`. Its form is checked by parse_recovery.
std::string recovery_entry(const RecoveryLeaf& leaf, const Jwk& signer, std::int64_t time_ms);
// Type, subject and `data`. Errors: parse_plan's, malformed_recovery.
Result<RecoveryLeaf> parse_recovery(const Record& record);
// The same of a leaf's bytes. Errors: those, split_entry's, parse_statement's, wrong_audience.
Result<RecoveryLeaf> parse_recovery_entry(std::string_view entry);

// The ledger before the leaf, as `leaf` is held against it.
struct BeforeRecovery {
    const Genesis& genesis;
    const Registry& registry;
    const Facts& facts;
    std::uint64_t size = 0;
    Hash root{};
};
// Whether the approvals are good and enough there. Errors, Fault::forbidden: bad_approval (names the agency), no_root_quorum
// (how many more are needed).
Result<void> check_approvals(const BeforeRecovery& before, const RecoveryLeaf& leaf);
// Everything that can be told where the leaf is to stand, but the signatures of the final head: the epoch follows, size and
// root are the tree's, the final head is of the epoch that ends or the one that it was opened on, the tree extends it, the
// nodes are those of members, no node that the ledger counts on is passed over, and check_approvals. Errors, Fault::refused: wrong_epoch, wrong_carried_tree, wrong_final_head, wrong_nodes;
// check_approvals's.
Result<void> check_recovery(const BeforeRecovery& before, const RecoveryLeaf& leaf);
// The final head against the policy that governed its size: check_head's errors.
Result<HeadSigners> check_final_head(const RecoveryPlan& plan, const Policy& policy);

// What follows from the leaf: the epoch, and that the lost nodes stand no more. Precondition: check_recovery holds.
void take_recovery(const Genesis& genesis, const RecoveryLeaf& leaf, FactDraft& facts);

}  // namespace socai::ledger
