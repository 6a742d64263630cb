// The body of C2SP tlog-witness add-checkpoint: what is asked of a witness, and the decision that it makes
// (reference/transparency_log.md §1.6). Pure; safe from any thread. Keeping the state is the caller's
// (node/cosigner.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/head.hpp"
#include "ledger/merkle_tree.hpp"
#include "ledger/proof_lines.hpp"

namespace socai::ledger {

inline constexpr std::size_t max_add_checkpoint_bytes = max_note_bytes + 8'192;

struct AddCheckpoint {
    std::uint64_t old_size = 0;
    std::vector<Hash> proof;  // consistency old_size -> head's size; at most 63
    Head head;
    std::string to_string() const;
};

// Form only. Errors, Fault::invalid_statement: malformed_add_checkpoint, and parse_head's.
Result<AddCheckpoint> parse_add_checkpoint(std::string_view body);

// What a witness last cosigned for an origin; size 0 and the empty root before the first.
struct WitnessedTree {
    std::uint64_t size = 0;
    Hash root = empty_root();
    bool operator==(const WitnessedTree&) const = default;
};

// The witness's answer by the table of §1.6, the trust in the log's keys aside: 200 may be cosigned; 400 old size
// larger than the checkpoint's; 409 `old` is not what it last cosigned; 422 the proof does not hold.
enum class WitnessVerdict : std::uint16_t {
    cosign = 200,
    bad_request = 400,
    conflict = 409,
    unprovable = 422
};
WitnessVerdict judge(const AddCheckpoint& request, const WitnessedTree& last);

}  // namespace socai::ledger
