// Whom a client believes over TLS, and what it says of the others.
#include "node/client/trust.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "../network/certificates.hpp"
#include "ledger/base64.hpp"
#include "node/http_call.hpp"
#include "temporary_folder.hpp"
#include "tile_server.hpp"
#include "tls_tile_server.hpp"

namespace socai::node::client {
namespace {

using network::test::Certified;
using network::test::LeafWish;

class TrustTest : public ::testing::Test {
  protected:
    TrustTest() {
        test::put(folder_ / "file", "content");
        test::put(folder_ / "ca.pem", network::test::to_pem(anchor_));
    }
    // A server that shows a leaf of `anchor` and the anchor, as nodes do.
    std::unique_ptr<test::TlsTileServer> serve(const Certified& anchor, const LeafWish& wish = {},
                                               int highest = 0) const {
        const Certified leaf = network::test::make_leaf(anchor, wish);
        return std::make_unique<test::TlsTileServer>(
            folder_.path(),
            test::Certificate{network::test::to_pem(leaf) + network::test::to_pem(anchor),
                              network::test::key_to_pem(leaf)},
            highest);
    }
    static std::string pin_text(const Certified& anchor) {
        const network::AnchorKey key = network::test::pin_of(anchor);
        return ledger::base64url({reinterpret_cast<const char*>(key.data()), key.size()});
    }
    std::shared_ptr<const Trust> by_ca() const { return Trust::make(folder_ / "ca.pem", {}).value(); }
    static std::shared_ptr<const Trust> by_pin(const Certified& anchor) {
        return Trust::make({}, {pin_text(anchor)}).value();
    }
    static std::string outcome(const std::string& url, const std::shared_ptr<const Trust>& trust) {
        const auto reply = http_call(url + "/file", nullptr, {}, trust);
        return reply ? reply->body : reply.error().reason + ": " + reply.error().detail;
    }
    static void expect_refused(const std::string& outcome, const std::string& reason,
                               const std::string& words) {
        EXPECT_TRUE(outcome.starts_with(reason + ":")) << outcome;
        EXPECT_NE(outcome.find(words), std::string::npos) << outcome;
    }

    test::TemporaryFolder folder_;
    const Certified anchor_ = network::test::make_anchor("node");
    const Certified other_ = network::test::make_anchor("node");
};

TEST_F(TrustTest, AnAuthoritysFileIsEnough) {
    EXPECT_EQ(outcome(serve(anchor_)->url(), by_ca()), "content");
}

TEST_F(TrustTest, APinIsEnoughWhateverTheName) {
    const auto server = serve(anchor_, {.names = "DNS:elsewhere.example"});
    EXPECT_EQ(outcome(server->url(), by_pin(anchor_)), "content");
    expect_refused(outcome(server->url(), by_ca()), "tls_untrusted", "its certificate is not for 127.0.0.1");
}

TEST_F(TrustTest, AnotherAuthorityOrKeyIsRefusedBeforeAnythingIsAsked) {
    const auto server = serve(other_);
    expect_refused(outcome(server->url(), by_ca()), "tls_untrusted", "--ca FILE");
    expect_refused(outcome(server->url(), by_pin(anchor_)), "tls_untrusted", "--pin KEY");
    expect_refused(outcome(server->url(), nullptr), "tls_untrusted", "self-signed certificate");
    EXPECT_EQ(server->requests(), 0U);
}

TEST_F(TrustTest, AnExpiredCertificateIsRefusedAlsoWithAPin) {
    const auto server = serve(anchor_, {.begins_s = -7'200, .ends_s = -60});
    expect_refused(outcome(server->url(), by_ca()), "tls_untrusted", "certificate has expired");
    expect_refused(outcome(server->url(), by_pin(anchor_)), "tls_untrusted", "certificate has expired");
}

TEST_F(TrustTest, NothingBelowTls13IsSpoken) {
    const auto server = serve(anchor_, {}, TLS1_2_VERSION);
    expect_refused(outcome(server->url(), by_ca()), "tls_refused", "TLS 1.3");
    EXPECT_EQ(server->requests(), 0U);
}

TEST_F(TrustTest, AServerWithoutTlsIsNamed) {
    const test::TileServer plain(folder_.path());
    expect_refused(outcome("https" + plain.url().substr(4), by_ca()), "tls_refused", "no TLS connection to");
}

TEST_F(TrustTest, WhatIsNoAuthorityAndNoPinIsRefused) {
    EXPECT_EQ(Trust::make(folder_ / "file", {}).error().reason, "bad_ca");
    EXPECT_EQ(Trust::make(folder_ / "nowhere", {}).error().reason, "file_unreadable");
    for (const std::string& pin : {std::string("short"), std::string(43, '*'), pin_text(anchor_) + "A"})
        EXPECT_EQ(Trust::make({}, {pin}).error().reason, "bad_pin") << pin;
}

}  // namespace
}  // namespace socai::node::client
