// An access token: by which a client says who it is. A compact JWS (RFC 7515, RFC 7519, RFC 8037) that the client makes itself
// from a registered key, for one ledger and a few minutes. Pure; safe from any thread.
//
// header: exactly {alg: "EdDSA" | "Ed25519", typ: "JWT", kid}
// claims: exactly {aud: the ledger's origin, iat, exp: seconds since the Unix epoch, jti: 8 to 64 of A-Z a-z 0-9 . _ -, and
//         perhaps `for`: a source that the key's agency may speak for}
//
// `typ` keeps it apart from a statement ("socai+jws"): neither can be presented as the other. No error quotes a token.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/error.hpp"
#include "ledger/jwk.hpp"

namespace socai::ledger {

inline constexpr std::size_t max_token_bytes = 2'048;
// A token lives so long at most: what a stolen one is good for (issue, point 7).
inline constexpr std::int64_t max_token_lifetime_s = 15 * 60;
// How far the clock of whoever made it may be off, either way.
inline constexpr std::int64_t token_clock_tolerance_s = 60;

struct AccessToken {
    std::string kid;
    std::string audience;
    std::int64_t issued_s = 0;
    std::int64_t expires_s = 0;
    std::string id;                          // jti: unique among the tokens of a key that are alive
    std::optional<std::string> on_behalf{};  // `for`
    std::string signing_input;               // header "." claims
    Signature signature{};

    // The last moment at which it is taken, in ms since the Unix epoch.
    std::int64_t ends_ms() const { return (expires_s + token_clock_tolerance_s) * 1'000; }
};

// The strict form. Does not look at keys, clock or audience. Errors, Fault::invalid_statement: malformed_token;
// token_lifetime: exp is not after iat, or more than 15 minutes after it.
Result<AccessToken> parse_access_token(std::string_view text);

// Errors, Fault::forbidden: wrong_audience, token_expired, token_from_the_future, bad_token_signature. The signature is
// looked at last: it costs the most.
Result<void> check_access_token(const AccessToken& token, const PublicKey& key, std::string_view origin,
                                std::int64_t now_ms);

struct TokenClaims {
    std::string audience;
    std::int64_t issued_s = 0;
    std::int64_t lifetime_s = 5 * 60;
    std::string id;
    std::optional<std::string> on_behalf{};
};
std::string make_access_token(const Jwk& jwk, const TokenClaims& claims);

}  // namespace socai::ledger
