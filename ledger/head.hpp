// A head of a log - a checkpoint with its signatures - held against a policy: is its log line good, and has the
// policy's quorum cosigned it (C2SP tlog-policy, tlog-cosignature; design/formats.md, "Tree, checkpoint")? Pure;
// safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/checkpoint.hpp"
#include "ledger/error.hpp"
#include "ledger/note.hpp"
#include "ledger/policy.hpp"

namespace socai::ledger {

struct Head {
    Checkpoint checkpoint;
    Note note;  // its text is the checkpoint
    bool operator==(const Head&) const = default;
};

// A signed note whose text is a checkpoint. Form only. Errors: parse_note's and parse_checkpoint's.
Result<Head> parse_head(std::string_view bytes);

// Who signed a head, as the policy knows them.
struct HeadSigners {
    struct Cosigner {
        std::size_t witness = 0;   // position in policy.witnesses
        std::uint64_t time_s = 0;  // Unix seconds that it put its name to
    };
    std::vector<std::size_t> logs;    // positions in policy.logs, ascending
    std::vector<Cosigner> cosigners;  // by position, ascending; of several lines of one, the latest time
    bool quorum = false;              // the cosigners are enough; "none" always is
};

// Verifies every line of a key that the policy names; others are ignored. Errors, Fault::invalid_statement:
// wrong_origin (no log of the policy has this origin), bad_note_signature (a known key, a bad line).
Result<HeadSigners> head_signers(const Policy& policy, const Head& head);

// The whole question: may `head` be relied upon under `policy`? Errors: head_signers's; no_known_signature (no log
// line); no_quorum, whose detail says which of the cosigners are missing.
Result<HeadSigners> check_head(const Policy& policy, const Head& head);

// Do `witnesses` (positions, any order) meet the policy's quorum?
bool meets_quorum(const Policy& policy, const std::vector<std::size_t>& witnesses);

// The lines of `head` that `policy` needs and no more: one log line and a smallest quorum, in the policy's order;
// of several such, the first. `assumed` are positions of witnesses that count as if they had signed, and bring no line of
// their own unless they did. Precondition: check_head holds, or would with those. At most 16 lines for a consortium of 15
// agencies.
Head trimmed_head(const Policy& policy, const Head& head, const std::vector<std::size_t>& assumed = {});

// SHA-256 of policy.to_string() as eight groups of five decimal digits ("04711 65280 …"), the hash's first 16 bytes as
// big-endian 16-bit numbers: what two people compare by telephone.
std::string policy_fingerprint(const Policy& policy);

}  // namespace socai::ledger
