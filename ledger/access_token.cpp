#include "ledger/access_token.hpp"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <span>
#include <utility>

#include "ledger/base64.hpp"
#include "ledger/ijson.hpp"
#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 3> header_members{"alg", "typ", "kid"};
constexpr std::array<std::string_view, 5> claim_members{"aud", "iat", "exp", "jti", "for"};
constexpr std::size_t min_id_bytes = 8;
// Header and claims are flat.
constexpr std::size_t token_depth = 1;
// Beyond this a time in ms would not fit what JSON can count.
constexpr std::int64_t max_seconds = max_json_integer / 1'000;

Error malformed(std::string detail) {
    return invalid("malformed_token", "access token: " + std::move(detail));
}

// Only what is listed, an allow-list: whatever else a JWS header may say (crit, jwk, jku, …) would change what the signature
// means. Names are not quoted: a token that was cut in the wrong place must not end in a log.
Result<json::object> object_of(std::string_view part, std::string_view name,
                               std::span<const std::string_view> members) {
    const std::string which(name);
    const std::optional<std::string> bytes = base64url_decode(part);
    if (!bytes) return malformed("the " + which + " is not strict base64url without padding");
    Result<json::value> value = parse_ijson(*bytes, token_depth);
    if (!value || !value->is_object())
        return malformed("the " + which + " is no flat JSON object with each name once");
    for (const json::key_value_pair& member : value->get_object())
        if (std::ranges::find(members, std::string_view(member.key())) == members.end())
            return malformed("the " + which + " has a member that is not of those it may have");
    return std::move(value->get_object());
}

std::optional<std::string_view> text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string_view(value->get_string());
}

std::optional<std::int64_t> seconds_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_int64()) return std::nullopt;
    if (value->get_int64() < 0 || value->get_int64() > max_seconds) return std::nullopt;
    return value->get_int64();
}

Result<void> read_header(const json::object& header, AccessToken& token) {
    const auto algorithm = text_of(header, "alg");
    if (algorithm != "EdDSA" && algorithm != "Ed25519") return malformed("alg must be \"EdDSA\"");
    if (text_of(header, "typ") != "JWT") return malformed("typ must be \"JWT\"");
    const auto kid = text_of(header, "kid");
    if (!kid || kid->empty() || kid->size() > max_kid_bytes)
        return malformed("kid must name the key, 1 to 256 bytes");
    token.kid = *kid;
    return {};
}

Result<void> read_claims(const json::object& claims, AccessToken& token) {
    const auto audience = text_of(claims, "aud");
    if (!audience || !is_origin(*audience)) return malformed("aud must be the ledger's origin");
    const auto issued = seconds_of(claims, "iat");
    const auto expires = seconds_of(claims, "exp");
    if (!issued || !expires) return malformed("iat and exp must be whole seconds since the Unix epoch");
    const auto id = text_of(claims, "jti");
    if (!id || id->size() < min_id_bytes || !is_kid_name(*id))
        return malformed("jti must be 8 to 64 of A-Z a-z 0-9 . _ -");
    if (claims.contains("for")) {
        const auto source = text_of(claims, "for");
        if (!source || !is_agency_code(*source)) return malformed("for must be a source's code");
        token.on_behalf = std::string(*source);
    }
    if (*expires <= *issued || *expires - *issued > max_token_lifetime_s)
        return invalid("token_lifetime", "access token: exp must be after iat, by at most " +
                                             std::to_string(max_token_lifetime_s) + " seconds");
    token.audience = *audience;
    token.issued_s = *issued;
    token.expires_s = *expires;
    token.id = *id;
    return {};
}

}  // namespace

Result<AccessToken> parse_access_token(std::string_view text) {
    if (text.size() > max_token_bytes) return malformed("longer than 2,048 bytes");
    const std::size_t first = text.find('.');
    const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
    if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos)
        return malformed("it is not three parts of base64url joined by two dots");

    const auto header = object_of(text.substr(0, first), "header", header_members);
    if (!header) return header.error();
    const auto claims = object_of(text.substr(first + 1, second - first - 1), "claims", claim_members);
    if (!claims) return claims.error();
    const auto signature = base64url_decode(text.substr(second + 1));
    AccessToken token;
    if (!signature || signature->size() != token.signature.size())
        return malformed("the signature is not 64 bytes in base64url");
    if (const auto read = read_header(*header, token); !read) return read.error();
    if (const auto read = read_claims(*claims, token); !read) return read.error();
    std::ranges::copy(*signature, token.signature.begin());
    token.signing_input = text.substr(0, second);
    return token;
}

Result<void> check_access_token(const AccessToken& token, const PublicKey& key, std::string_view origin,
                                std::int64_t now_ms) {
    if (token.audience != origin)
        return Error{Fault::forbidden, "wrong_audience",
                     "the access token is for another ledger; aud must be " + quote(origin)};
    if (now_ms >= token.ends_ms())
        return Error{Fault::forbidden, "token_expired",
                     "the access token's time is over by this node's clock; make a new one"};
    if ((token.issued_s - token_clock_tolerance_s) * 1'000 > now_ms)
        return Error{
            Fault::forbidden, "token_from_the_future",
            "the access token was made later than now by this node's clock; set the clock that made it"};
    if (!verify_ed25519(key, token.signing_input, token.signature))
        return Error{Fault::forbidden, "bad_token_signature",
                     "the access token's signature is not of the key that it names"};
    return {};
}

std::string make_access_token(const Jwk& jwk, const TokenClaims& claims) {
    const json::object header{{"alg", "EdDSA"}, {"typ", "JWT"}, {"kid", jwk.kid}};
    json::object body{{"aud", claims.audience},
                      {"iat", claims.issued_s},
                      {"exp", claims.issued_s + claims.lifetime_s},
                      {"jti", claims.id}};
    if (claims.on_behalf) body["for"] = *claims.on_behalf;
    std::string token = base64url(json::serialize(header)) + "." + base64url(json::serialize(body));
    const Signature signature = jwk.key.sign(token);
    token += "." + base64url({reinterpret_cast<const char*>(signature.data()), signature.size()});
    return token;
}

}  // namespace socai::ledger
