#include "certificates.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace socai::network::test {

namespace {

void must(bool done) {
    if (!done) throw std::runtime_error("OpenSSL makes no certificate");
}

void extend(X509* certificate, X509* issuer, int extension, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> made(
        X509V3_EXT_conf_nid(nullptr, &context, extension, value.c_str()), X509_EXTENSION_free);
    must(made != nullptr && X509_add_ext(certificate, made.get(), -1) == 1);
}

CertificatePtr blank(const std::string& name, EVP_PKEY* key, long begins_s, long ends_s) {
    static long serial = 1;
    CertificatePtr made(X509_new(), X509_free);
    must(made != nullptr && X509_set_version(made.get(), X509_VERSION_3) == 1);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), begins_s);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), ends_s);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    must(X509_set_pubkey(made.get(), key) == 1);
    return made;
}

}  // namespace

Certified make_anchor(const std::string& name) {
    const KeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
    must(key != nullptr);
    const CertificatePtr made = blank(name, key.get(), -86'400, 86'400L * 3'650);
    X509_set_issuer_name(made.get(), X509_get_subject_name(made.get()));
    extend(made.get(), made.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    extend(made.get(), made.get(), NID_key_usage, "critical,keyCertSign");
    must(X509_sign(made.get(), key.get(), nullptr) > 0);
    return {made, key};
}

Certified make_leaf(const Certified& anchor, const LeafWish& wish) {
    const KeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free);
    must(key != nullptr);
    const CertificatePtr made = blank("leaf", key.get(), wish.begins_s, wish.ends_s);
    X509_set_issuer_name(made.get(), X509_get_subject_name(anchor.certificate.get()));
    extend(made.get(), anchor.certificate.get(), NID_basic_constraints,
           wish.is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (!wish.uses.empty()) extend(made.get(), anchor.certificate.get(), NID_ext_key_usage, wish.uses);
    extend(made.get(), anchor.certificate.get(), NID_subject_alt_name, wish.names);
    must(X509_sign(made.get(), anchor.key.get(), nullptr) > 0);
    return {made, key};
}

AnchorKey pin_of(const Certified& anchor) {
    return anchor_key(*anchor.certificate).value();
}

std::string to_pem(const Certified& certified) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_X509(memory.get(), certified.certificate.get());
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

std::string key_to_pem(const Certified& certified) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PrivateKey(memory.get(), certified.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

void show(boost::asio::ssl::context& context, const Certified& leaf, const Certified* anchor) {
    SSL_CTX* native = context.native_handle();
    must(SSL_CTX_use_certificate(native, leaf.certificate.get()) == 1);
    must(SSL_CTX_use_PrivateKey(native, leaf.key.get()) == 1);
    if (anchor != nullptr) must(SSL_CTX_add1_chain_cert(native, anchor->certificate.get()) == 1);
}

}  // namespace socai::network::test
