#include "ledger/jwk.hpp"

#include <sodium.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstddef>
#include <new>
#include <utility>

#include "ledger/hash.hpp"
#include "ledger/sodium.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

const unsigned char* octets(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

template <std::size_t size>
std::string_view view(const std::array<std::uint8_t, size>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), size};
}

Error malformed(std::string detail) {
    return {Fault::invalid_statement, "malformed_jwk", "JWK key file: " + std::move(detail)};
}

// The member `name` as text; nothing when it is absent or not a string.
std::optional<std::string_view> text_member(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string_view(value->get_string());
}

// A member that holds 32 bytes in base64url: `x` and `d` (RFC 8037 §2).
Result<std::array<std::uint8_t, 32>> key_member(const json::object& object, std::string_view name) {
    const auto text = text_member(object, name);
    std::optional<std::string> bytes;
    if (text) bytes = base64url_decode(*text);
    std::array<std::uint8_t, 32> key;
    if (!bytes || bytes->size() != key.size()) {
        return malformed("member \"" + std::string(name) +
                         "\" must be 32 bytes in base64url without padding (43 characters)");
    }
    std::copy(bytes->begin(), bytes->end(), key.begin());
    sodium_memzero(bytes->data(), bytes->size());
    return key;
}

json::object public_members(const Jwk& jwk) {
    json::object object;
    object["kty"] = "OKP";
    object["crv"] = "Ed25519";
    object["x"] = base64url(view(jwk.key.public_key()));
    object["kid"] = jwk.kid;
    object["alg"] = "EdDSA";
    return object;
}

}  // namespace

KeyPair KeyPair::generate() {
    ensure_sodium();
    std::array<std::uint8_t, 32> seed;
    randombytes_buf(seed.data(), seed.size());
    KeyPair pair = from_seed(seed);
    sodium_memzero(seed.data(), seed.size());
    return pair;
}

KeyPair KeyPair::from_seed(const std::array<std::uint8_t, 32>& seed) {
    ensure_sodium();
    using Secret = std::array<std::uint8_t, 64>;
    void* const guarded = sodium_malloc(sizeof(Secret));
    if (guarded == nullptr) throw std::bad_alloc();
    auto* const secret = new (guarded) Secret{};
    KeyPair pair;
    pair.secret_ = {secret, [](const Secret* gone) { sodium_free(const_cast<Secret*>(gone)); }};
    crypto_sign_seed_keypair(pair.public_.data(), secret->data(), seed.data());
    sodium_mprotect_readonly(guarded);
    return pair;
}

Signature KeyPair::sign(std::string_view message) const {
    Signature signature;
    crypto_sign_detached(signature.data(), nullptr, octets(message), message.size(), secret_->data());
    return signature;
}

bool verify_ed25519(const PublicKey& key, std::string_view message, const Signature& signature) {
    ensure_sodium();
    return crypto_sign_verify_detached(signature.data(), octets(message), message.size(), key.data()) == 0;
}

bool is_registrable(const PublicKey& key) {
    ensure_sodium();
    return crypto_core_ed25519_is_valid_point(key.data()) == 1;
}

Result<Jwk> parse_jwk(std::string_view text) {
    if (text.size() > max_jwk_bytes) return malformed("longer than 4,096 bytes; is this a key file?");
    boost::system::error_code error;
    const json::value value = json::parse(text, error);
    if (error || !value.is_object()) return malformed("not a JSON object");
    const json::object& object = value.get_object();

    if (text_member(object, "kty") != "OKP") return malformed("member \"kty\" must be \"OKP\"");
    if (text_member(object, "crv") != "Ed25519") return malformed("member \"crv\" must be \"Ed25519\"");
    if (object.contains("alg")) {
        const auto algorithm = text_member(object, "alg");
        if (algorithm != "EdDSA" && algorithm != "Ed25519") {
            return malformed("member \"alg\" must be \"EdDSA\" or left out");
        }
    }
    const auto kid = text_member(object, "kid");
    if (!kid || kid->empty() || kid->size() > max_kid_bytes) {
        return malformed("member \"kid\" must be the key's name, 1 to 256 bytes");
    }
    if (!object.contains("d"))
        return malformed("member \"d\" is missing: this is a public key, not a private one");
    const auto public_key = key_member(object, "x");
    if (!public_key) return public_key.error();
    auto seed = key_member(object, "d");
    if (!seed) return seed.error();

    KeyPair pair = KeyPair::from_seed(*seed);
    sodium_memzero(seed->data(), seed->size());
    if (pair.public_key() != *public_key) return malformed("\"x\" is not the public half of \"d\"");
    return Jwk{std::string(*kid), std::move(pair)};
}

std::string jwk_text(const Jwk& jwk) {
    json::object object = public_members(jwk);
    object["d"] = base64url(view(jwk.key.secret()).substr(0, 32));
    return json::serialize(object) + "\n";
}

std::string public_jwk_text(const Jwk& jwk) {
    return json::serialize(public_members(jwk)) + "\n";
}

std::string jwk_thumbprint(const PublicKey& key) {
    // RFC 7638 §3: the required members only, names in order, no white space.
    const Hash hash = sha256(R"({"crv":"Ed25519","kty":"OKP","x":")" + base64url(view(key)) + R"("})");
    return base64url(view(hash));
}

std::string statement_signing_input(std::string_view kid, std::string_view audience, std::string_view payload,
                                    bool bundle) {
    json::object header;
    header["alg"] = "EdDSA";  // RFC 8037; stock verifiers know it, some do not yet know "Ed25519" (RFC 9864)
    header["kid"] = kid;
    header["typ"] = "socai+jws";
    header["aud"] = audience;
    header["cty"] = bundle ? "application/cloudevents-batch+json" : "application/cloudevents+json";
    return base64url(json::serialize(header)) + "." + base64url(payload);
}

std::string sign_statement(const Jwk& jwk, std::string_view audience, std::string_view payload, bool bundle) {
    std::string statement = statement_signing_input(jwk.kid, audience, payload, bundle);
    const Signature signature = jwk.key.sign(statement);
    statement += "." + base64url(view(signature));
    return statement;
}

}  // namespace socai::ledger
