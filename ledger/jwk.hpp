// Ed25519 key pairs and their JWK files (RFC 7517, RFC 8037): members kty, crv, x, d, kid, alg. Pure apart
// from the random bytes that a new key needs; reading and writing files is the caller's (node/key_file.hpp).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/error.hpp"
#include "ledger/statement.hpp"

namespace socai::ledger {

// A private key with its public half. The seed is wiped when the object dies.
class KeyPair {
  public:
    static KeyPair generate();                                           // from libsodium's randombytes
    static KeyPair from_seed(const std::array<std::uint8_t, 32>& seed);  // RFC 8032 seed ("d")
    KeyPair(const KeyPair&) = default;
    KeyPair& operator=(const KeyPair&) = default;
    ~KeyPair();

    const PublicKey& public_key() const { return public_; }
    Signature sign(std::string_view message) const;
    const std::array<std::uint8_t, 64>& secret() const { return secret_; }  // libsodium form: seed || public

  private:
    KeyPair() = default;
    std::array<std::uint8_t, 64> secret_{};
    PublicKey public_{};
};

struct Jwk {
    std::string kid;
    KeyPair key;
};

// Strict: kty OKP, crv Ed25519, x matches d. Errors: reason malformed_jwk.
Result<Jwk> parse_jwk(std::string_view json);
std::string jwk_text(const Jwk& jwk);         // private, for a 0600 file
std::string public_jwk_text(const Jwk& jwk);  // without d

// Registered keys must be canonical and of prime order: crypto_core_ed25519_is_valid_point.
bool is_registrable(const PublicKey& key);

std::string base64url(std::string_view bytes);  // no padding
std::optional<std::string> base64url_decode(
    std::string_view text);                  // strict: no '=', no white space, spare bits zero
std::string base64(std::string_view bytes);  // standard alphabet, padded
std::optional<std::string> base64_decode(std::string_view text);  // strict, padded

// Makes a statement: header {alg, kid, typ, aud, cty} and payload, signed. `payload` is one record's JSON
// bytes, or for a bundle the array's. Does not check the payload.
std::string sign_statement(const Jwk& jwk, std::string_view audience, std::string_view payload, bool bundle);

}  // namespace socai::ledger
