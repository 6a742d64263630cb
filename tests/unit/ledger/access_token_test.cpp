#include "ledger/access_token.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "ledger/base64.hpp"

namespace socai::ledger {
namespace {

constexpr std::string_view origin = "ledger.example.vn/ktcn";
constexpr std::int64_t now_s = 1'795'301'139;

Jwk key() {
    return {"most.qlcl/record-1", KeyPair::from_seed({1, 2, 3})};
}
TokenClaims claims() {
    return {.audience = std::string(origin), .issued_s = now_s, .lifetime_s = 300, .id = "jti-0123"};
}
std::string signed_token(std::string_view header, std::string_view body, const KeyPair& with = key().key) {
    std::string token = base64url(header) + "." + base64url(body);
    const Signature signature = with.sign(token);
    return token + "." + base64url({reinterpret_cast<const char*>(signature.data()), signature.size()});
}
constexpr std::string_view good_header = R"({"alg":"EdDSA","typ":"JWT","kid":"most.qlcl/record-1"})";
constexpr std::string_view good_claims =
    R"({"aud":"ledger.example.vn/ktcn","iat":1795301139,"exp":1795301439,"jti":"jti-0123"})";

std::string reason_of(const std::string& token) {
    const auto parsed = parse_access_token(token);
    return parsed ? "accepted" : parsed.error().reason;
}
std::string verdict(const std::string& token, std::int64_t at_s, std::string_view where = origin) {
    const auto parsed = parse_access_token(token);
    if (!parsed) return parsed.error().reason;
    const auto checked = check_access_token(*parsed, key().key.public_key(), where, at_s * 1'000);
    return checked ? "accepted" : checked.error().reason;
}

TEST(AccessToken, IsReadAsItWasMade) {
    TokenClaims made = claims();
    made.on_behalf = "importer.9900000016";
    const auto token = parse_access_token(make_access_token(key(), made));
    ASSERT_TRUE(token) << token.error().detail;
    EXPECT_EQ(token->kid, "most.qlcl/record-1");
    EXPECT_EQ(token->audience, origin);
    EXPECT_EQ(token->issued_s, now_s);
    EXPECT_EQ(token->expires_s, now_s + 300);
    EXPECT_EQ(token->id, "jti-0123");
    EXPECT_EQ(token->on_behalf, "importer.9900000016");
    EXPECT_TRUE(check_access_token(*token, key().key.public_key(), origin, now_s * 1'000));
}

TEST(AccessToken, IsWhatAnyJoseLibraryMakes) {
    EXPECT_EQ(verdict(signed_token(good_header, good_claims), now_s), "accepted");
    EXPECT_EQ(
        verdict(signed_token(R"({"kid":"most.qlcl/record-1","typ":"JWT","alg":"Ed25519"})", good_claims),
                now_s),
        "accepted");
}

TEST(AccessToken, HoldsForItsTimeAndAMinuteAroundIt) {
    const std::string token = make_access_token(key(), claims());
    EXPECT_EQ(verdict(token, now_s - 60), "accepted");
    EXPECT_EQ(verdict(token, now_s - 61), "token_from_the_future");
    EXPECT_EQ(verdict(token, now_s + 359), "accepted");
    EXPECT_EQ(verdict(token, now_s + 360), "token_expired");
}

TEST(AccessToken, LivesForAQuarterOfAnHourAtMost) {
    TokenClaims made = claims();
    made.lifetime_s = max_token_lifetime_s;
    EXPECT_EQ(reason_of(make_access_token(key(), made)), "accepted");
    made.lifetime_s = max_token_lifetime_s + 1;
    EXPECT_EQ(reason_of(make_access_token(key(), made)), "token_lifetime");
    made.lifetime_s = 0;
    EXPECT_EQ(reason_of(make_access_token(key(), made)), "token_lifetime");
    made.lifetime_s = -5;
    EXPECT_EQ(reason_of(make_access_token(key(), made)), "token_lifetime");
}

TEST(AccessToken, IsOfOneLedgerAndOneKey) {
    const std::string token = make_access_token(key(), claims());
    EXPECT_EQ(verdict(token, now_s, "another.example.vn/ktcn"), "wrong_audience");
    EXPECT_EQ(verdict(signed_token(good_header, good_claims, KeyPair::from_seed({9})), now_s),
              "bad_token_signature");
}

TEST(AccessToken, HasOnlyTheMembersThatAreListed) {
    const std::vector<std::pair<std::string_view, std::string_view>> refused{
        {R"({"alg":"none","typ":"JWT","kid":"k"})", good_claims},
        {R"({"alg":"HS256","typ":"JWT","kid":"k"})", good_claims},
        {R"({"alg":"EdDSA","typ":"socai+jws","kid":"k"})", good_claims},
        {R"({"alg":"EdDSA","kid":"k"})", good_claims},
        {R"({"alg":"EdDSA","typ":"JWT"})", good_claims},
        {R"({"alg":"EdDSA","typ":"JWT","kid":""})", good_claims},
        {R"({"alg":"EdDSA","typ":"JWT","kid":"k","crit":["b64"]})", good_claims},
        {R"({"alg":"EdDSA","typ":"JWT","kid":"k","jwk":"x"})", good_claims},
        {R"({"alg":"EdDSA","alg":"EdDSA","typ":"JWT","kid":"k"})", good_claims},
        {R"(["EdDSA"])", good_claims},
        {"", good_claims},
        {good_header,
         R"({"aud":["ledger.example.vn/ktcn"],"iat":1795301139,"exp":1795301439,"jti":"jti-0123"})"},
        {good_header, R"({"aud":"ledger.example.vn/ktcn","iat":1795301139,"exp":1795301439})"},
        {good_header, R"({"aud":"ledger.example.vn/ktcn","iat":1795301139,"exp":1795301439,"jti":"short"})"},
        {good_header,
         R"({"aud":"ledger.example.vn/ktcn","iat":"1795301139","exp":1795301439,"jti":"jti-0123"})"},
        {good_header,
         R"({"aud":"ledger.example.vn/ktcn","iat":1795301139.5,"exp":1795301439,"jti":"jti-0123"})"},
        {good_header, R"({"aud":"ledger.example.vn/ktcn","iat":-1,"exp":200,"jti":"jti-0123"})"},
        {good_header,
         R"({"aud":"ledger.example.vn/ktcn","iat":1795301139,"exp":9007199254740991,"jti":"jti-0123"})"},
        {good_header,
         R"({"aud":"ledger.example.vn/ktcn","iat":1795301139,"exp":1795301439,"jti":"jti-0123","sub":"x"})"},
        {good_header,
         R"({"aud":"ledger.example.vn/ktcn","iat":1795301139,"exp":1795301439,"jti":"jti-0123","for":"A B"})"},
        {good_header,
         R"({"aud":"ledger.example.vn/ktcn","iat":1795301139,"exp":1795301439,"jti":"jti-0123","nbf":1})"},
    };
    for (const auto& [header, body] : refused)
        EXPECT_EQ(reason_of(signed_token(header, body)), "malformed_token") << header << " " << body;
}

TEST(AccessToken, HasOneSpelling) {
    const std::string token = make_access_token(key(), claims());
    EXPECT_EQ(reason_of(token + "="), "malformed_token");
    EXPECT_EQ(reason_of(" " + token), "malformed_token");
    EXPECT_EQ(reason_of(token + "."), "malformed_token");
    EXPECT_EQ(reason_of(token.substr(0, token.rfind('.'))), "malformed_token");
    EXPECT_EQ(reason_of(token.substr(0, token.size() - 1)), "malformed_token");
    EXPECT_EQ(reason_of(std::string(max_token_bytes + 1, 'A')), "malformed_token");
    EXPECT_EQ(reason_of(""), "malformed_token");
}

// What is refused is never said: errors go into logs.
TEST(AccessToken, IsNotQuotedByAnyError) {
    const std::string token = make_access_token(key(), claims());
    for (std::size_t cut = 0; cut < token.size(); ++cut) {
        const auto parsed = parse_access_token(std::string_view(token).substr(0, cut));
        ASSERT_FALSE(parsed);
        EXPECT_EQ(parsed.error().detail.find("eyJ"), std::string::npos);
    }
}

RC_GTEST_PROP(AccessToken, NoChangedTokenIsAccepted, ()) {
    std::string token = make_access_token(key(), claims());
    const auto place = *rc::gen::inRange<std::size_t>(0, token.size());
    const char other = *rc::gen::elementOf(std::string("ABCDabcd0123-_.="));
    RC_PRE(token[place] != other);
    token[place] = other;
    RC_ASSERT(verdict(token, now_s) != "accepted");
}

}  // namespace
}  // namespace socai::ledger
