// C2SP signed notes (reference/transparency_log.md §1.2): a text and lines of signatures over it. The keys
// are in verifier_key.hpp, the text that logs sign in checkpoint.hpp. Pure; safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/checkpoint.hpp"
#include "ledger/error.hpp"
#include "ledger/jwk.hpp"
#include "ledger/verifier_key.hpp"

namespace socai::ledger {

inline constexpr std::size_t max_note_bytes = std::size_t{1} << 20;
inline constexpr std::size_t max_note_signatures = 100;

struct NoteSignature {
    std::string name;
    std::uint32_t id = 0;  // names the key together with `name`
    std::string bytes;     // after the four bytes of the key id; not empty
    bool operator==(const NoteSignature&) const = default;
};

struct Note {
    std::string text;  // ends in one newline; the signed bytes of type 0x01
    std::vector<NoteSignature> signatures;
    std::string to_string() const;
    bool operator==(const Note&) const = default;
};

// Errors: Fault::invalid_statement, reason malformed_note. At most 100 signatures, 1 MiB. Checks the form
// only, whatever the types of the signatures.
Result<Note> parse_note(std::string_view bytes);

// Adds a 0x01 line of `key` under `name`. Preconditions: note.text ends in a newline; is_key_name(name).
void sign_note(Note& note, std::string_view name, const KeyPair& key);

// Adds a 0x04 line, a tlog-cosignature v1 as of `time_s`, Unix seconds. Preconditions: those of sign_note; time_s is at
// most 2^63 - 1.
void cosign_note(Note& note, std::string_view name, const KeyPair& key, std::uint64_t time_s);
// The time that a 0x04 line says; nothing when it is too short. Means nothing before the line is verified.
std::optional<std::uint64_t> cosignature_time(const NoteSignature& line);

// A line that verified: positions in the keys and in note.signatures.
struct VerifiedLine {
    std::size_t key = 0;
    std::size_t line = 0;
    bool operator==(const VerifiedLine&) const = default;
};
// Every line of a key in `keys`, in the note's order; other lines are ignored. None is no error. Errors:
// Fault::invalid_statement, bad_note_signature (a known key, a bad line).
Result<std::vector<VerifiedLine>> verify_lines(const Note& note, std::span<const VerifierKey> keys);

// Verifies against `keys`: unknown (name, id) are ignored, a known key with a bad signature is an error, and
// at least one known good signature must be there. Returns the keys that verified, as positions in `keys`,
// ascending, each once. Whether a key's name is the origin in the text is the caller's to compare. Errors:
// Fault::invalid_statement, reason bad_note_signature or no_known_signature.
Result<std::vector<std::size_t>> verify_note(const Note& note, std::span<const VerifierKey> keys);

}  // namespace socai::ledger
