// A statement: compact JWS (RFC 7515) over one record or a bundle, EdDSA (RFC 8037), as design/formats.md
// restricts it. Pure; safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/error.hpp"
#include "ledger/record.hpp"

namespace socai::ledger {

using PublicKey = std::array<std::uint8_t, 32>;  // Ed25519 (RFC 8032), compressed
using Signature = std::array<std::uint8_t, 64>;  // Ed25519

inline constexpr std::size_t max_entry_bytes = 65'535;  // tlog-tiles: entry bundles count bytes in 16 bits
// What is left beside 13 digits of accepted time (until the year 2286) and the space.
inline constexpr std::size_t max_statement_bytes = max_entry_bytes - 14;
inline constexpr std::size_t max_bundle_records = 4'096;

struct Statement {
    std::string text;               // the compact serialisation, byte for byte
    std::size_t signing_bytes = 0;  // text[0, signing_bytes) is what was signed: header "." payload
    std::string kid;                // <agency>/<key name>
    std::string audience;           // the ledger's origin
    bool bundle = false;            // an array payload (cty …-batch+json)
    Signature signature{};
    std::vector<Record> records;  // one, or 2..max_bundle_records of one kind and one source
    // Whoever parsed it has verified the signature under the key that the ledger registers for the kid. A kid keeps its key
    // for ever, so that this holds wherever the statement comes to stand.
    bool signature_checked = false;

    std::string_view signing_input() const { return std::string_view(text).substr(0, signing_bytes); }
};

// Parses the strict form: three base64url parts without padding or spare bits, exactly the header members
// alg, kid, typ, aud, cty; then every record. Does not look at keys or state. Errors:
// - Fault::too_large: entry_too_large
// - Fault::invalid_statement, of the whole: malformed_statement, bad_base64url, malformed_signature
// - of the header: parse_ijson's, malformed_header, header_member_unknown, header_member_missing,
//   unsupported_algorithm, wrong_type, wrong_content_type
// - of the payload: parse_record's, payload_not_array, bundle_size, mixed_bundle, repeated_record
// - Fault::conflict: other_content (two records of the bundle under one id)
Result<Statement> parse_statement(std::string_view text);

// libsodium crypto_sign_verify_detached: the one verifier that decides admission (architecture.md 7).
bool verify_signature(const Statement& statement, const PublicKey& key);

}  // namespace socai::ledger
