#include "ledger/jwk.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "tests/unit/ledger/hex.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

// RFC 8037 appendix A.
constexpr std::string_view rfc_seed = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
constexpr std::string_view rfc_public = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

KeyPair rfc_key() {
    return KeyPair::from_seed(to_array<32>(*base64url_decode(rfc_seed)));
}

template <std::size_t size>
std::string base64url_of(const std::array<std::uint8_t, size>& bytes) {
    return base64url({reinterpret_cast<const char*>(bytes.data()), size});
}

TEST(Jwk, SignsTheExampleOfRfc8037) {
    const KeyPair key = rfc_key();
    EXPECT_EQ(base64url_of(key.public_key()), rfc_public);
    const std::string input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    const Signature signature = key.sign(input);
    EXPECT_EQ(base64url_of(signature),
              "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
    EXPECT_TRUE(verify_ed25519(key.public_key(), input, signature));
    EXPECT_FALSE(verify_ed25519(key.public_key(), input + "x", signature));
    EXPECT_EQ(jwk_thumbprint(key.public_key()), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

TEST(Jwk, SecretIsTheSeedAndThePublicHalf) {
    const KeyPair key = rfc_key();
    const auto seed = to_array<32>(*base64url_decode(rfc_seed));
    EXPECT_TRUE(std::equal(seed.begin(), seed.end(), key.secret().begin()));
    EXPECT_TRUE(std::equal(key.public_key().begin(), key.public_key().end(), key.secret().begin() + 32));
}

TEST(Jwk, NewKeysDiffer) {
    const KeyPair first = KeyPair::generate();
    const KeyPair second = KeyPair::generate();
    EXPECT_NE(first.public_key(), second.public_key());
    EXPECT_TRUE(is_registrable(first.public_key()));
    EXPECT_TRUE(verify_ed25519(first.public_key(), "text", first.sign("text")));
    EXPECT_FALSE(verify_ed25519(second.public_key(), "text", first.sign("text")));
}

RC_GTEST_PROP(Jwk, AnAlteredSignatureNeverVerifies, (const std::string& message)) {
    const KeyPair key = rfc_key();
    Signature signature = key.sign(message);
    RC_ASSERT(verify_ed25519(key.public_key(), message, signature));
    signature[*rc::gen::inRange<std::size_t>(0, 64)] ^=
        static_cast<std::uint8_t>(1U << *rc::gen::inRange(0, 8));
    RC_ASSERT(!verify_ed25519(key.public_key(), message, signature));
}

TEST(Jwk, RegistersOnlyCanonicalKeysOfPrimeOrder) {
    EXPECT_TRUE(is_registrable(rfc_key().public_key()));
    for (const char* key : {// The identity, the point of order 2, and one of order 8: small subgroups.
                            "0100000000000000000000000000000000000000000000000000000000000000",
                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                            // The identity, spelt with y = p + 1: not canonical.
                            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            // y = 2: no point of the curve.
                            "0200000000000000000000000000000000000000000000000000000000000000"}) {
        EXPECT_FALSE(is_registrable(to_array<32>(from_hex(key)))) << key;
    }
}

TEST(Jwk, PrivateFileComesBack) {
    const Jwk jwk{"customs.haiphong/record-1", rfc_key()};
    const std::string text = jwk_text(jwk);
    EXPECT_EQ(text, R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",)"
                    R"("kid":"customs.haiphong/record-1","alg":"EdDSA",)"
                    R"("d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"})"
                    "\n");
    const auto parsed = parse_jwk(text);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->kid, jwk.kid);
    EXPECT_EQ(parsed->key.secret(), jwk.key.secret());
}

TEST(Jwk, PublicFileHasNoSecret) {
    const std::string text = public_jwk_text({"most/record-1", rfc_key()});
    EXPECT_EQ(text, R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",)"
                    R"("kid":"most/record-1","alg":"EdDSA"})"
                    "\n");
    const auto parsed = parse_jwk(text);
    ASSERT_FALSE(parsed);
    EXPECT_NE(parsed.error().detail.find("public key"), std::string::npos);
}

// The private file with member `name` set to `value`; removed when `value` is null.
std::string with_member(std::string_view name, const json::value& value) {
    json::object object = json::parse(jwk_text({"most/record-1", rfc_key()})).as_object();
    if (value.is_null()) {
        object.erase(name);
    } else {
        object[name] = value;
    }
    return json::serialize(object);
}

TEST(Jwk, TakesWhatOtherToolsWrite) {
    EXPECT_TRUE(parse_jwk(with_member("alg", nullptr)));
    EXPECT_TRUE(parse_jwk(with_member("alg", "Ed25519")));
    EXPECT_TRUE(parse_jwk(with_member("use", "sig")));
    EXPECT_TRUE(parse_jwk(with_member("key_ops", json::array{"sign"})));
}

TEST(Jwk, RefusesOtherFilesAndNamesTheMember) {
    const KeyPair other = KeyPair::generate();
    struct Case {
        std::string text;
        const char* says;
    };
    for (const Case& test : {
             Case{"", "not a JSON object"},
             Case{"[]", "not a JSON object"},
             Case{"{", "not a JSON object"},
             Case{with_member("kty", "EC"), "\"kty\""},
             Case{with_member("kty", nullptr), "\"kty\""},
             Case{with_member("crv", "X25519"), "\"crv\""},
             Case{with_member("crv", 1), "\"crv\""},
             Case{with_member("alg", "none"), "\"alg\""},
             Case{with_member("alg", json::array{}), "\"alg\""},
             Case{with_member("kid", nullptr), "\"kid\""},
             Case{with_member("kid", ""), "\"kid\""},
             Case{with_member("kid", json::string(257, 'k')), "\"kid\""},
             Case{with_member("d", nullptr), "\"d\""},
             Case{with_member("d", json::string(std::string(rfc_seed) + "=")), "\"d\""},
             Case{with_member("d", "AAAA"), "\"d\""},
             Case{with_member("d", 7), "\"d\""},
             Case{with_member("x", nullptr), "\"x\""},
             Case{with_member("x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp"), "\"x\""},  // a spare bit
             Case{with_member("x", json::string(base64url_of(other.public_key()))), "public half"},
             Case{std::string(5'000, ' ') + jwk_text({"k", other}), "4,096"},
         }) {
        const auto parsed = parse_jwk(test.text);
        ASSERT_FALSE(parsed) << test.text;
        EXPECT_EQ(parsed.error().fault, Fault::invalid_statement);
        EXPECT_EQ(parsed.error().reason, "malformed_jwk");
        EXPECT_NE(parsed.error().detail.find(test.says), std::string::npos) << parsed.error().detail;
        EXPECT_EQ(parsed.error().detail.find(rfc_seed), std::string::npos) << "quotes the secret";
    }
}

TEST(Jwk, SignsAStatement) {
    const Jwk jwk{"customs.nsw/record-1", rfc_key()};
    const std::string payload = R"({"specversion":"1.0"})";
    const std::string statement = sign_statement(jwk, "ledger.example.vn/ktcn", payload, false);

    const std::size_t first = statement.find('.');
    const std::size_t second = statement.rfind('.');
    ASSERT_LT(first, second);
    EXPECT_EQ(base64url_decode(statement.substr(0, first)),
              R"({"alg":"EdDSA","kid":"customs.nsw/record-1","typ":"socai+jws",)"
              R"("aud":"ledger.example.vn/ktcn","cty":"application/cloudevents+json"})");
    EXPECT_EQ(base64url_decode(statement.substr(first + 1, second - first - 1)), payload);
    const auto signature = base64url_decode(statement.substr(second + 1));
    ASSERT_TRUE(signature);
    EXPECT_TRUE(verify_ed25519(jwk.key.public_key(), statement.substr(0, second), to_array<64>(*signature)));
}

TEST(Jwk, SignsABundleUnderItsOwnContentType) {
    const std::string statement = sign_statement({"most/record-1", rfc_key()}, "origin", "[]", true);
    EXPECT_EQ(base64url_decode(statement.substr(0, statement.find('.'))),
              R"({"alg":"EdDSA","kid":"most/record-1","typ":"socai+jws","aud":"origin",)"
              R"("cty":"application/cloudevents-batch+json"})");
}

}  // namespace
}  // namespace socai::ledger
