#include "node/tls/certificate.hpp"

#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include "network/pinned_chain.hpp"

namespace socai::node::tls {
namespace {

constexpr const char* origin = "ledger.test/tls";
constexpr std::int64_t now_s = 1'790'000'000;
constexpr std::int64_t day_s = 86'400;

ledger::KeyPair fixed_key(std::uint8_t fill = 7) {
    std::array<std::uint8_t, 32> seed{};
    seed.fill(fill);
    return ledger::KeyPair::from_seed(seed);
}

std::string name_in(const X509& certificate, int field) {
    char text[256] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(&certificate), field, text, sizeof text);
    return text;
}

// What strict clients ask (Python's VERIFY_X509_STRICT, RFC 5280), at a moment of the test's own.
long verify(X509& leaf, X509& anchor, const char* host, std::int64_t at_s = now_s) {
    X509_STORE* store = X509_STORE_new();
    X509_STORE_add_cert(store, &anchor);
    X509_STORE_CTX* check = X509_STORE_CTX_new();
    X509_STORE_CTX_init(check, store, &leaf, nullptr);
    X509_STORE_CTX_set_purpose(check, X509_PURPOSE_SSL_SERVER);
    X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(check);
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
    X509_VERIFY_PARAM_set_time(rules, at_s);
    if (X509_VERIFY_PARAM_set1_ip_asc(rules, host) != 1) X509_VERIFY_PARAM_set1_host(rules, host, 0);
    const long result = X509_verify_cert(check) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(check);
    X509_STORE_CTX_free(check);
    X509_STORE_free(store);
    return result;
}

TEST(TlsCertificate, TheSameKeyMakesTheSameAnchor) {
    const std::string text = to_pem(*make_anchor(fixed_key(), "most-1", origin));
    EXPECT_EQ(to_pem(*make_anchor(fixed_key(), "most-1", origin)), text);
    EXPECT_NE(to_pem(*make_anchor(fixed_key(8), "most-1", origin)), text);
    EXPECT_NE(to_pem(*make_anchor(fixed_key(), "most-2", origin)), text);
}

TEST(TlsCertificate, AnAnchorIsAnAuthorityWithoutAnEndForOneLevel) {
    const CertificatePtr anchor = make_anchor(fixed_key(), "most-1", origin);
    EXPECT_EQ(network::anchor_key(*anchor), fixed_key().public_key());
    EXPECT_EQ(X509_check_ca(anchor.get()), 1);
    EXPECT_EQ(X509_get_pathlen(anchor.get()), 0);
    EXPECT_EQ(X509_get_key_usage(anchor.get()), static_cast<std::uint32_t>(KU_KEY_CERT_SIGN));
    const ASN1_TIME* end = X509_get0_notAfter(anchor.get());
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(end->data), static_cast<std::size_t>(end->length)),
              "99991231235959Z");
    EXPECT_EQ(name_in(*anchor, NID_commonName), "most-1");
    EXPECT_EQ(name_in(*anchor, NID_organizationName), origin);
}

TEST(TlsCertificate, ALongOriginStillFits) {
    const std::string longest(128, 'o');
    EXPECT_EQ(name_in(*make_anchor(fixed_key(), "most-1", longest), NID_organizationName).size(), 64U);
}

TEST(TlsCertificate, StrictClientsTakeALeafUnderEachOfItsNames) {
    const CertificatePtr anchor = make_anchor(fixed_key(), "most-1", origin);
    const Leaf leaf =
        issue_leaf(fixed_key(), *anchor, "most-1", origin, {"127.0.0.1", "ledger.most.gov.vn", "::1"},
                   now_s - 3'600, now_s + 90 * day_s);
    for (const char* host : {"most-1", "127.0.0.1", "ledger.most.gov.vn", "::1"})
        EXPECT_EQ(verify(*leaf.certificate, *anchor, host), X509_V_OK) << host;
    EXPECT_EQ(verify(*leaf.certificate, *anchor, "127.0.0.2"), X509_V_ERR_IP_ADDRESS_MISMATCH);
    EXPECT_EQ(verify(*leaf.certificate, *anchor, "customs-1"), X509_V_ERR_HOSTNAME_MISMATCH);
    EXPECT_EQ(verify(*leaf.certificate, *anchor, "most-1", now_s + 91 * day_s), X509_V_ERR_CERT_HAS_EXPIRED);
    const CertificatePtr other = make_anchor(fixed_key(9), "most-1", origin);
    EXPECT_NE(verify(*leaf.certificate, *other, "most-1"), X509_V_OK);
}

TEST(TlsCertificate, LeavesDifferInKeyAndNumber) {
    const CertificatePtr anchor = make_anchor(fixed_key(), "most-1", origin);
    const auto issue = [&] {
        return issue_leaf(fixed_key(), *anchor, "most-1", origin, {}, now_s, now_s + day_s);
    };
    const Leaf one = issue();
    const Leaf two = issue();
    EXPECT_EQ(X509_check_private_key(one.certificate.get(), one.key.get()), 1);
    EXPECT_EQ(X509_check_private_key(one.certificate.get(), two.key.get()), 0);
    EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(one.certificate.get()),
                               X509_get0_serialNumber(two.certificate.get())),
              0);
}

}  // namespace
}  // namespace socai::node::tls
