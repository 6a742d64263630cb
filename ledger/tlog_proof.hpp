// C2SP tlog-proof@v1: an inclusion proof with the checkpoint that it leads to, one text, the heart of a receipt
// (reference/transparency_log.md §1.7). Pure; safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/head.hpp"
#include "ledger/merkle_tree.hpp"
#include "ledger/proof_lines.hpp"

namespace socai::ledger {

inline constexpr std::size_t max_tlog_proof_bytes = max_note_bytes + 8'192;

struct TlogProof {
    std::uint64_t index = 0;
    std::vector<Hash> hashes;  // leaf sibling first
    Head head;
    std::string to_string() const;  // without the optional `extra` line
    bool operator==(const TlogProof&) const = default;
};

// Form only; an `extra` line is checked for its form and dropped. Errors, Fault::invalid_statement:
// malformed_tlog_proof, and parse_head's.
Result<TlogProof> parse_tlog_proof(std::string_view text);

// Does `leaf` stand at the proof's index under its head, and is that head good under `policy`? Errors: check_head's;
// wrong_proof.
Result<void> verify_tlog_proof(const TlogProof& proof, const Hash& leaf, const Policy& policy);

}  // namespace socai::ledger
