// Who is asking, over a server: tokens that are taken and refused, what an account sees, and how it ends.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "api/access/session.hpp"
#include "matrix_ledger.hpp"
#include "server_test.hpp"

namespace json = boost::json;

namespace socai::api::testing {
namespace {

class AccessTest : public ServerTest {
  protected:
    void SetUp() override {
        ServerTest::SetUp();
        options.origin = test_origin;
        options.open_bundles = false;
        backend.seen_by_strangers = {};
        backend.know(registry_with_keys());
        backend.append({record_text("a", "D-1", "most.qlcl")});
    }
    std::int64_t now_s() const { return backend.now / 1'000; }
    ledger::TokenClaims claims() {
        return {.audience = std::string(test_origin),
                .issued_s = now_s(),
                .lifetime_s = 300,
                .id = "token-" + std::to_string(1'000 + next_++)};
    }
    std::string token(std::string_view source) { return made(source, claims()); }
    std::string made(std::string_view source, const ledger::TokenClaims& claims) {
        said_.push_back(ledger::make_access_token(key_of(source), claims));
        return said_.back();
    }
    std::string refusal(RpcClient& client, const std::string& token) {
        const json::object error = client.error("session.sign_in", {{"token", token}});
        EXPECT_FALSE(error.at("data").at("detail").as_string().empty());
        heard_ += json::serialize(error);
        return std::string(error.at("data").at("reason").as_string());
    }
    // The registry with the source's key valid until now.
    void revoke(std::string_view source) {
        ledger::Registry registry;
        const ledger::Registry all = registry_with_keys();
        std::vector<ledger::Agency> left;
        for (const auto& [code, agency] : all.agencies()) left.push_back(agency);
        while (!left.empty()) {  // parents first
            std::vector<ledger::Agency> waiting;
            for (const auto& agency : left)
                if (!registry.add_agency(agency)) waiting.push_back(agency);
            left = std::move(waiting);
        }
        for (auto [kid, key] : all.keys()) {
            if (key.agency == source) key.valid_to = backend.as_of().size;
            registry.add_key(key).value();
        }
        backend.know(std::move(registry));
    }
    // Nothing that was answered holds a token, or a part of one that would do.
    void TearDown() override {
        if (server) {
            HttpClient client(port());
            heard_ += client.get("/metrics").body();
        }
        for (const std::string& each : said_) {
            EXPECT_EQ(heard_.find(each), std::string::npos);
            EXPECT_EQ(heard_.find(each.substr(each.rfind('.') + 1)), std::string::npos);
        }
        ServerTest::TearDown();
    }

    int next_ = 0;
    std::vector<std::string> said_;
    std::string heard_;
};

TEST_F(AccessTest, WithoutAccountOnlyThePublicPart) {
    start();
    RpcClient client(port());
    EXPECT_EQ(client.error("ledger.get", {{"index", 0}}).at("data").at("reason"), "no_such_leaf");
    EXPECT_TRUE(client.result("ledger.query").at("items").as_array().empty());
}

TEST_F(AccessTest, SignsInOverAnOpenConnection) {
    start();
    RpcClient client(port());
    const json::value signed_in = client.result("session.sign_in", {{"token", token("mard.bvtv")}});
    EXPECT_EQ(signed_in.at("account"), "mard.bvtv");
    EXPECT_EQ(signed_in.at("kid"), "mard.bvtv/record-1");
    EXPECT_EQ(signed_in.at("roles"), (json::array{"list_owner", "inspection_agency"}));
    EXPECT_EQ(signed_in.at("visibility"), "agency own public");
    EXPECT_EQ(signed_in.at("expires").as_int64(), (now_s() + 360) * 1'000);
    EXPECT_EQ(client.result("ledger.get", {{"index", 0}}).at("records").as_array().size(), 1U);
    EXPECT_EQ(client.result("session.sign_out").at("visibility"), "public");
    EXPECT_EQ(client.error("ledger.get", {{"index", 0}}).at("code"), -32007);
}

TEST_F(AccessTest, SignsInWithTheUpgrade) {
    start();
    RpcClient client(port(), "Bearer " + token("mard.bvtv"));
    EXPECT_EQ(client.result("ledger.get", {{"index", 0}}).at("records").as_array().size(), 1U);
    EXPECT_THROW(RpcClient(port(), "Bearer " + token("nobody")), std::runtime_error);
    EXPECT_THROW(RpcClient(port(), "Basic abc"), std::runtime_error);
}

TEST_F(AccessTest, AnHttpRequestIsWhoItSays) {
    start();
    HttpClient client(port());
    EXPECT_EQ(client.get("/tile/entries/000.p/1").result_int(), 401U);
    client.authorization = "Bearer " + token("most");
    EXPECT_EQ(client.get("/tile/entries/000.p/1").result_int(), 200U);
    EXPECT_EQ(client.get("/tile/entries/000.p/1").result_int(),
              200U);  // the same token on the same connection
    client.authorization = "Bearer " + token("audit.kiemtoan");
    EXPECT_EQ(client.get("/tile/entries/000.p/1").result_int(), 200U);
    client.authorization = "Bearer " + token("most.qlcl");  // an office: not all of every record
    EXPECT_EQ(json::parse(client.get("/tile/entries/000.p/1").body()).at("error").at("reason"),
              "credential_required");
    client.authorization.clear();
    EXPECT_EQ(client.get("/tile/entries/000.p/1").result_int(), 401U);
    client.authorization = "Bearer x";
    const HttpResponse refused = client.get("/checkpoint");  // a bad credential is not passed over
    EXPECT_EQ(refused.result_int(), 401U);
    EXPECT_EQ(json::parse(refused.body()).at("error").at("reason"), "malformed_token");
    heard_ += refused.body();
}

TEST_F(AccessTest, RefusesWhatIsForgedOldOrNotForIt) {
    start();
    RpcClient client(port());
    EXPECT_EQ(refusal(client, "x"), "malformed_token");
    EXPECT_EQ(refusal(client, std::string(3'000, 'x')), "malformed_token");
    ledger::TokenClaims other = claims();
    other.audience = "another.test";
    EXPECT_EQ(refusal(client, made("most", other)), "wrong_audience");
    ledger::TokenClaims old = claims();
    old.issued_s -= 400;
    EXPECT_EQ(refusal(client, made("most", old)), "token_expired");
    ledger::TokenClaims early = claims();
    early.issued_s += 61;
    EXPECT_EQ(refusal(client, made("most", early)), "token_from_the_future");
    ledger::TokenClaims lasting = claims();
    lasting.lifetime_s = 901;
    EXPECT_EQ(refusal(client, made("most", lasting)), "token_lifetime");
    EXPECT_EQ(refusal(client, token("nobody")), "unknown_kid");
    const std::string forged =
        ledger::make_access_token({"most/record-1", ledger::KeyPair::from_seed({1})}, claims());
    EXPECT_EQ(refusal(client, forged), "bad_token_signature");
    ledger::TokenClaims other_trader = claims();
    other_trader.on_behalf = "importer.9900000016";
    EXPECT_EQ(refusal(client, made("most", other_trader)), "not_delegated");
    EXPECT_EQ(client.error("ledger.get", {{"index", 0}}).at("code"), -32007);  // nobody yet
}

TEST_F(AccessTest, SpeaksForATraderThatDelegated) {
    start();
    RpcClient client(port());
    ledger::TokenClaims on_behalf = claims();
    on_behalf.on_behalf = "importer.9900000016";
    const json::value signed_in =
        client.result("session.sign_in", {{"token", made("customs.nsw", on_behalf)}});
    EXPECT_EQ(signed_in.at("account"), "importer.9900000016");
    EXPECT_EQ(signed_in.at("kid"), "customs.nsw/record-1");
    EXPECT_EQ(signed_in.at("visibility"), "trader:9900000016 own public");
    EXPECT_EQ(client.error("ledger.get", {{"index", 0}}).at("code"), -32007);
}

TEST_F(AccessTest, ATokenIsOfOneConnection) {
    start();
    const std::string stolen = token("most");
    {
        RpcClient owner(port());
        owner.result("session.sign_in", {{"token", stolen}});
        owner.result("session.sign_in", {{"token", stolen}});
        RpcClient thief(port());
        EXPECT_EQ(refusal(thief, stolen), "token_replayed");
        owner.close();
    }
    RpcClient later(port());
    EXPECT_EQ(refusal(later, stolen), "token_replayed");
    HttpClient http(port());
    http.authorization = "Bearer " + stolen;
    EXPECT_EQ(http.get("/checkpoint").result_int(), 401U);
}

TEST_F(AccessTest, IsOverWithItsTime) {
    start();
    RpcClient client(port());
    client.result("session.sign_in", {{"token", token("most")}});
    backend.now += 359'000;
    client.result("ledger.get", {{"index", 0}});
    backend.now += 2'000;
    for (const char* method : {"ledger.query", "inspection.catalog", "inspection.alerts"}) {
        const json::object error = client.error(method);
        EXPECT_EQ(error.at("code"), -32002) << method;
        EXPECT_EQ(error.at("data").at("reason"), "sign_in_expired") << method;
        EXPECT_EQ(error.at("data").at("retryable"), true) << method;
    }
    EXPECT_EQ(client.error("ledger.subscribe").at("data").at("reason"), "sign_in_expired");
    client.result("ledger.checkpoint");  // the same for everybody
    client.result("ledger.query", {{"audience", "public"}});
    client.result("session.sign_in", {{"token", token("most")}});
    EXPECT_EQ(client.result("ledger.query").at("items").as_array().size(), 1U);
    backend.now += 361'000;
    client.result("session.sign_out");
    EXPECT_TRUE(client.result("ledger.query").at("items").as_array().empty());
}

TEST_F(AccessTest, IsOverWithItsKey) {
    start();
    RpcClient client(port());
    client.result("session.sign_in", {{"token", token("most")}});
    client.result("ledger.get", {{"index", 0}});
    revoke("most");
    EXPECT_EQ(client.error("ledger.get", {{"index", 0}}).at("data").at("reason"), "sign_in_expired");
    EXPECT_EQ(refusal(client, token("most")), "key_not_valid");
    client.result("session.sign_in", {{"token", token("mard")}});
    client.result("ledger.get", {{"index", 0}});
}

TEST_F(AccessTest, IsOverWithTheDelegation) {
    start();
    RpcClient client(port());
    ledger::TokenClaims on_behalf = claims();
    on_behalf.on_behalf = "importer.9900000016";
    client.result("session.sign_in", {{"token", made("customs.nsw", on_behalf)}});
    client.result("ledger.query");
    revoke("nobody");  // without the delegations
    EXPECT_EQ(client.error("ledger.query").at("data").at("reason"), "sign_in_expired");
}

TEST_F(AccessTest, SubscriptionsThatSawMoreEndWithTheSignIn) {
    start();
    RpcClient client(port());
    client.result("ledger.subscribe", {{"from_index", 0}});  // without account
    client.result("session.sign_in", {{"token", token("mard")}});
    const auto subscription = client.result("ledger.subscribe", {{"from_index", 0}}).at("subscription");
    EXPECT_EQ(client.notification().at("subscription"), subscription);
    revoke("mard");
    backend.append({record_text("b", "D-2", "most.qlcl")});
    const json::object ended = client.notification();
    EXPECT_EQ(ended.at("subscription"), subscription);
    EXPECT_EQ(ended.at("reason"), "sign_in_expired");
    EXPECT_EQ(ended.at("next_index"), 1);
    EXPECT_EQ(client.error("ledger.unsubscribe", {{"subscription", subscription}}).at("code"), -32007);
    // Signed in again, it goes on from there.
    client.result("session.sign_in", {{"token", token("most.qlcl")}});
    client.result("ledger.subscribe", {{"from_index", 1}});
    EXPECT_EQ(client.notification().at("index"), 1);
}

TEST_F(AccessTest, ASubscriptionOutlivesARenewedToken) {
    start();
    RpcClient client(port());
    client.result("session.sign_in", {{"token", token("mard")}});
    client.result("ledger.subscribe", {{"from_index", 0}});
    EXPECT_EQ(client.notification().at("index"), 0);
    backend.now += 300'000;
    client.result("session.sign_in", {{"token", token("mard")}});
    backend.now += 300'000;
    backend.append({record_text("b", "D-2", "most.qlcl")});
    EXPECT_EQ(client.notification().at("index"), 1);
    // As somebody else it is another subscription.
    client.result("session.sign_in", {{"token", token("most")}});
    backend.append({record_text("c", "D-3", "most.qlcl")});
    EXPECT_EQ(client.notification().at("reason"), "sign_in_expired");
}

TEST_F(AccessTest, WhatTheConnectionVouchesForNeedsNoToken) {
    const auto sign_ins = std::make_shared<SignIns>(backend, std::string(test_origin), 10);
    Session session(sign_ins, 7, "192.0.2.1", false);
    session.vouch({{"most/record-1", "most"}, std::nullopt});
    EXPECT_TRUE(session.asker().viewer.whole);
    ASSERT_TRUE(session.sign_in(token("most.qlcl")));
    EXPECT_EQ(session.asker().source, "most.qlcl");
    session.sign_out();
    EXPECT_EQ(session.asker().source, "most");
    revoke("most");
    EXPECT_TRUE(session.asker().lapsed);
}

// An agency registers its keys itself, whatever they are for: none of them shows it more than the members gave it to see.
TEST_F(AccessTest, NoPurposeOfAKeyAddsToWhatItsAgencySees) {
    const SignIns sign_ins(backend, std::string(test_origin), 10);
    for (const std::string agency :
         {"cab.cn-09", "importer.9900000016", "most.qlcl", "customs.haiphong", "most", "audit.kiemtoan"}) {
        const inspection::Viewer own = inspection::viewer_for(registry_with_keys(), agency);
        EXPECT_EQ(own.opens_all, agency == "audit.kiemtoan");
        using enum ledger::KeyPurpose;
        for (const ledger::KeyPurpose purpose : {record, registrar, root, auditor}) {
            ledger::Registry registry = registry_with_keys();
            const std::string kid = agency + "/another";
            registry.add_key({.kid = kid, .agency = agency, .purpose = purpose, .key = key_of("another").key.public_key()})
                .value();
            backend.know(std::move(registry));
            const auto viewer = sign_ins.viewer_of({{kid, agency}, std::nullopt});
            ASSERT_TRUE(viewer) << kid;
            EXPECT_EQ(inspection::described(*viewer), inspection::described(own)) << kid;
            EXPECT_EQ(viewer->opens_all, own.opens_all) << kid;
        }
    }
}

}  // namespace
}  // namespace socai::api::testing
