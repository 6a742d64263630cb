// C2SP signed-note, tlog-checkpoint and vkeys (reference/transparency_log.md §1.2-1.4). Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/error.hpp"
#include "ledger/hash.hpp"
#include "ledger/jwk.hpp"
#include "ledger/statement.hpp"

namespace socai::ledger {

// Signature types of C2SP signed-note that we make or check.
enum class NoteKeyType : std::uint8_t { ed25519 = 0x01, cosignature = 0x04 };

// A verifier key: "name+<8 hex>+<base64(type || key)>".
struct VerifierKey {
    std::string name;
    NoteKeyType type = NoteKeyType::ed25519;
    PublicKey key{};

    std::uint32_t id() const;  // SHA-256(name || 0x0A || type || key)[:4], big-endian
    std::string to_string() const;
};
Result<VerifierKey> parse_vkey(std::string_view text);

struct NoteSignature {
    std::string name;
    std::uint32_t id = 0;
    std::string bytes;  // after the four bytes of the key id
};

struct Note {
    std::string text;  // ends in one newline; the signed bytes of type 0x01
    std::vector<NoteSignature> signatures;
    std::string to_string() const;
};
// Errors: Fault::invalid_statement, reason malformed_note. At most 100 signatures, 1 MiB.
Result<Note> parse_note(std::string_view bytes);

// Adds a 0x01 line of `key` under `name`.
void sign_note(Note& note, std::string_view name, const KeyPair& key);
// Verifies against `keys`: unknown (name, id) are ignored, a known key with a bad signature is an error, and
// at least one known good signature must be there. Returns the keys that verified, as positions in `keys`.
Result<std::vector<std::size_t>> verify_note(const Note& note, std::span<const VerifierKey> keys);

// The text of a checkpoint: origin, size, root.
struct Checkpoint {
    std::string origin;
    std::uint64_t size = 0;
    Hash root{};
    std::string to_string() const;  // the note text, three lines
};
Result<Checkpoint> parse_checkpoint(std::string_view note_text);

}  // namespace socai::ledger
