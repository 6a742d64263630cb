// C2SP tlog-checkpoint: the three lines that a log signs about its tree (reference/transparency_log.md §1.3).
// Pure; safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/error.hpp"
#include "ledger/hash.hpp"

namespace socai::ledger {

// The text of a checkpoint: origin, size, root.
struct Checkpoint {
    std::string origin;
    std::uint64_t size = 0;         // leaves
    Hash root{};                    // MTH(D[0:size])
    std::string to_string() const;  // the note text, three lines
    bool operator==(const Checkpoint&) const = default;
};

// `note_text` as Note::text. Strict: exactly three lines (extension lines are refused, as verifiers disagree
// about them), a decimal size without leading zeros, 44 characters of canonical base64; size 0 has the empty
// root. Errors: Fault::invalid_statement, reason malformed_checkpoint.
Result<Checkpoint> parse_checkpoint(std::string_view note_text);

}  // namespace socai::ledger
