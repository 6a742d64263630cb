// C2SP signed-note verifier keys ("vkeys") and key names (reference/transparency_log.md §1.2). Pure; safe
// from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/error.hpp"
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
    bool operator==(const VerifierKey&) const = default;
};

inline constexpr std::size_t max_vkey_bytes = 8'192;  // room for keys of types that we only recognise

// Errors: Fault::invalid_statement with reason malformed_vkey, or unknown_vkey_type for one that is well made
// but of a type that we do not check (ECDSA, ML-DSA, ...), so that a caller may ignore it.
Result<VerifierKey> parse_vkey(std::string_view text);

// Not empty, valid UTF-8, without control characters, Unicode white space and "+".
bool is_key_name(std::string_view name);

}  // namespace socai::ledger
