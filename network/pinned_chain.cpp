#include "network/pinned_chain.hpp"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <ctime>
#include <memory>

namespace socai::network {

namespace {

struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }  // not what is in it
};

std::int64_t seconds(const ASN1_TIME* given) {
    std::tm time{};
    return ASN1_TIME_to_tm(given, &time) == 1 ? timegm(&time) : 0;
}

// Where a connection keeps its PinCheck: one number for the whole process, as OpenSSL hands them out.
int check_slot() {
    static const int slot = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return slot;
}

// The certificate among those sent, beside the leaf, whose key is pinned. Null: none.
X509* pinned_anchor(STACK_OF(X509) * sent, const X509* leaf, const PinCheck& check) {
    for (int i = 0; i < sk_X509_num(sent); ++i) {
        X509* certificate = sk_X509_value(sent, i);
        if (X509_cmp(certificate, leaf) == 0) continue;
        const auto key = anchor_key(*certificate);
        if (key && check.trusts(*key)) return certificate;
    }
    return nullptr;
}

int verify(X509_STORE_CTX* store, void*) {
    const auto* connection =
        static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* check =
        connection == nullptr ? nullptr : static_cast<PinCheck*>(SSL_get_ex_data(connection, check_slot()));
    if (check == nullptr) return 0;
    X509* leaf = X509_STORE_CTX_get0_cert(store);
    STACK_OF(X509)* sent = X509_STORE_CTX_get0_untrusted(store);
    X509* anchor = pinned_anchor(sent, leaf, *check);
    if (anchor == nullptr) {
        check->wrong_key = true;
        check->refused = "the TLS key that its certificate rests on is not the one that is pinned for it";
        X509_STORE_CTX_set_error(store, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN);
        return 0;
    }
    // OpenSSL checks the path itself: signatures, what each certificate may be used for, lengths, critical extensions.
    const std::unique_ptr<STACK_OF(X509), FreeStack> trusted(sk_X509_new_null());
    if (!trusted || sk_X509_push(trusted.get(), anchor) == 0) return 0;
    X509_STORE_CTX_set0_trusted_stack(store, trusted.get());
    X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(store);
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_CHECK_SS_SIGNATURE);
    if (!check->keeps_time) X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_NO_CHECK_TIME);
    const int verified = X509_verify_cert(store);
    if (verified != 1) {
        check->refused = std::string("its certificate is not in order (") +
                         X509_verify_cert_error_string(X509_STORE_CTX_get_error(store)) + ")";
        return 0;
    }
    check->shown = PeerCertificate{*anchor_key(*anchor), not_before_s(*leaf), not_after_s(*leaf)};
    return 1;
}

}  // namespace

std::optional<AnchorKey> anchor_key(const X509& certificate) {
    EVP_PKEY* key = X509_get0_pubkey(&certificate);
    if (key == nullptr || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519) return std::nullopt;
    AnchorKey raw{};
    std::size_t size = raw.size();
    if (EVP_PKEY_get_raw_public_key(key, raw.data(), &size) != 1 || size != raw.size()) return std::nullopt;
    return raw;
}

std::int64_t not_before_s(const X509& certificate) {
    return seconds(X509_get0_notBefore(&certificate));
}

std::int64_t not_after_s(const X509& certificate) {
    return seconds(X509_get0_notAfter(&certificate));
}

void require_pins(boost::asio::ssl::context& context) {
    SSL_CTX* native = context.native_handle();
    SSL_CTX_set_verify(native, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(native, &verify, nullptr);
}

void attach(ssl_st& connection, PinCheck& check) {
    SSL_set_ex_data(&connection, check_slot(), &check);
}

}  // namespace socai::network
