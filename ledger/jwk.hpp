// Ed25519 key pairs and their JWK files (RFC 7517, RFC 8037): members kty, crv, x, d, kid, alg. Pure apart
// from the random bytes that a new key needs; reading and writing files is the caller's (node/key_file.hpp).
// Safe from any thread.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/base64.hpp"
#include "ledger/error.hpp"
#include "ledger/statement.hpp"

namespace socai::ledger {

// A private key with its public half. The seed is wiped when the object dies.
class KeyPair {
  public:
    static KeyPair generate();                                           // from libsodium's randombytes
    static KeyPair from_seed(const std::array<std::uint8_t, 32>& seed);  // RFC 8032 seed ("d")

    const PublicKey& public_key() const { return public_; }
    // Ed25519 (RFC 8032 §5.1.6): deterministic, pure (not prehashed).
    Signature sign(std::string_view message) const;
    const std::array<std::uint8_t, 64>& secret() const { return *secret_; }  // libsodium form: seed || public

  private:
    KeyPair() = default;
    // libsodium's guarded memory: not swapped, left out of core dumps, between pages that nobody may touch, overwritten when
    // it goes. Copies share it.
    std::shared_ptr<const std::array<std::uint8_t, 64>> secret_;
    PublicKey public_{};
};

// libsodium crypto_sign_verify_detached. The only Ed25519 verifier of the project: on edge cases libraries
// disagree, and two verifiers would split the ledger (architecture.md 7).
bool verify_ed25519(const PublicKey& key, std::string_view message, const Signature& signature);

// Registered keys must be canonical and of prime order: crypto_core_ed25519_is_valid_point.
bool is_registrable(const PublicKey& key);

// A private key file. `kid` is `<agency>/<key name>` for record keys.
struct Jwk {
    std::string kid;
    KeyPair key;
};

inline constexpr std::size_t max_jwk_bytes = 4'096;
inline constexpr std::size_t max_kid_bytes = 256;

// Strict: kty OKP, crv Ed25519, alg EdDSA or Ed25519 (or left out), kid of 1..256 bytes, x the public half of
// d. Members that are not ours ("use", "key_ops") are ignored, as RFC 7517 §4 asks. Errors:
// Fault::invalid_statement, reason malformed_jwk; `detail` never quotes the key.
Result<Jwk> parse_jwk(std::string_view json);
std::string jwk_text(const Jwk& jwk);         // private, for a 0600 file; one line, ends in a newline
std::string public_jwk_text(const Jwk& jwk);  // without d
// RFC 7638: base64url(SHA-256 of the canonical public JWK), as RFC 8037 §2 fixes it for Ed25519.
std::string jwk_thumbprint(const PublicKey& key);

// Makes a statement: header {alg, kid, typ, aud, cty} and payload, signed. `payload` is one record's JSON
// bytes, or for a bundle the array's. Does not check the payload.
std::string sign_statement(const Jwk& jwk, std::string_view audience, std::string_view payload, bool bundle);
// What sign_statement signs: header "." payload, in base64url.
std::string statement_signing_input(std::string_view kid, std::string_view audience, std::string_view payload,
                                    bool bundle);

}  // namespace socai::ledger
