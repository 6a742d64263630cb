// Audits over HTTPS: only from a server whose certificate this machine trusts, and never by waiting for one that does not
// answer.
#include <gtest/gtest.h>

#include <cstdlib>

#include "audit_fixture.hpp"
#include "tile_server.hpp"
#include "tls_tile_server.hpp"

namespace socai::node::audit {
namespace {

using namespace std::chrono_literals;
using test::Certificate;
using test::TlsTileServer;

// What the machine trusts, for as long as the object lives.
class Trusted {
  public:
    explicit Trusted(const std::string& file) { ::setenv(name, file.c_str(), 1); }
    ~Trusted() { ::unsetenv(name); }
    Trusted(const Trusted&) = delete;
    Trusted& operator=(const Trusted&) = delete;

  private:
    static constexpr const char* name = "SSL_CERT_FILE";
};

class AuditHttpsTest : public AuditTest {
  protected:
    AuditHttpsTest() { ledger_.write_tiles(tiles(), ledger_.head()); }
    Result<AuditReport> run(const std::string& url, std::chrono::milliseconds patience = 20s) const {
        AuditOptions options = AuditTest::options();
        options.source = url;
        options.limits.request = patience;
        return AuditTest::run(options);
    }
    // `certificate` as the one that the machine trusts.
    std::string trust(const Certificate& certificate) const {
        test::put(folder_ / "trusted.pem", certificate.certificate);
        return folder_ / "trusted.pem";
    }
    static std::string why(const Result<AuditReport>& report) {
        if (!report) return report.error().reason + ": " + report.error().detail;
        return reasons(*report);
    }
    static void expect_distrusted(const Result<AuditReport>& report, const TlsTileServer& server,
                                  const std::string& because) {
        EXPECT_FALSE(report && report->passed());
        EXPECT_NE(why(report).find("tls_untrusted"), std::string::npos) << why(report);
        EXPECT_NE(why(report).find("its certificate is not " + because), std::string::npos) << why(report);
        EXPECT_NE(why(report).find("--ca FILE"), std::string::npos) << why(report);
        EXPECT_EQ(server.requests(), 0U) << "it was asked all the same";
    }
};

TEST_F(AuditHttpsTest, AServerThatIsTrustedPasses) {
    const Certificate certificate = test::make_certificate("IP:127.0.0.1");
    const TlsTileServer server(tiles(), certificate);
    const Trusted trusted(trust(certificate));
    const auto report = run(server.url());
    ASSERT_TRUE(report) << why(report);
    EXPECT_TRUE(report->passed()) << why(report);
    EXPECT_EQ(report->coverage.entries, leaves);
    EXPECT_GT(server.requests(), 3U);
}

TEST_F(AuditHttpsTest, ACertificateOfNobodyIsRefused) {
    const TlsTileServer server(tiles(), test::make_certificate("IP:127.0.0.1"));
    expect_distrusted(run(server.url()), server, "accepted (self-signed certificate");
}

// Another certificate with all the same names is another key's.
TEST_F(AuditHttpsTest, ACertificateThatLooksLikeTheTrustedOneIsRefused) {
    const TlsTileServer server(tiles(), test::make_certificate("IP:127.0.0.1"));
    const Trusted trusted(trust(test::make_certificate("IP:127.0.0.1")));
    expect_distrusted(run(server.url()), server, "");
}

TEST_F(AuditHttpsTest, ATrustedCertificateForAnotherNameIsRefused) {
    for (const std::string name : {"IP:127.0.0.2", "DNS:ledger.example.vn", "DNS:127.0.0.1"}) {
        const Certificate certificate = test::make_certificate(name);
        const TlsTileServer server(tiles(), certificate);
        const Trusted trusted(trust(certificate));
        expect_distrusted(run(server.url()), server, "for 127.0.0.1");
    }
}

TEST_F(AuditHttpsTest, ACertificateThatHasRunOutIsRefused) {
    const Certificate certificate = test::make_certificate("IP:127.0.0.1", -60);
    const TlsTileServer server(tiles(), certificate);
    const Trusted trusted(trust(certificate));
    expect_distrusted(run(server.url()), server, "accepted (certificate has expired");
}

// A server of the other protocol, each way round; and one that takes connections and never says a word.
TEST_F(AuditHttpsTest, WhatIsNoTlsIsAnErrorAndNoWait) {
    const test::TileServer plain(tiles());
    const auto over_plain = run("https" + plain.url().substr(4), 5s);
    EXPECT_FALSE(over_plain && over_plain->passed());
    EXPECT_NE(why(over_plain).find("tls_refused"), std::string::npos) << why(over_plain);

    const TlsTileServer secure(tiles(), test::make_certificate("IP:127.0.0.1"));
    const auto over_secure = run("http" + secure.url().substr(5), 5s);
    EXPECT_FALSE(over_secure && over_secure->passed());

    boost::asio::io_context io;
    boost::asio::ip::tcp::acceptor silent(io, {boost::asio::ip::address_v4::loopback(), 0});
    const auto over_silence =
        run("https://127.0.0.1:" + std::to_string(silent.local_endpoint().port()), 500ms);
    EXPECT_FALSE(over_silence && over_silence->passed());
    EXPECT_NE(why(over_silence).find("cannot_connect"), std::string::npos) << why(over_silence);
}

}  // namespace
}  // namespace socai::node::audit
