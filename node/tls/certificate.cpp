#include "node/tls/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <stdexcept>

namespace socai::node::tls {

namespace {

constexpr long version_3 = 2;                            // as RFC 5280 §4.1.2.1 counts
constexpr const char* anchor_from = "20000101000000Z";   // before any clock that is roughly right
constexpr const char* anchor_until = "99991231235959Z";  // RFC 5280 §4.1.2.5
constexpr std::size_t longest_name = 64;                 // ub-common-name, ub-organization-name
constexpr std::size_t serial_bytes = 16;

// Nothing here depends on input that others give: what fails is memory or the library.
void must(bool done) {
    if (!done) throw std::runtime_error("OpenSSL cannot make a certificate");
}

KeyPtr private_key(const ledger::KeyPair& key) {
    // libsodium's form is the seed, then the public key.
    KeyPtr made(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, key.secret().data(), 32));
    must(made != nullptr);
    return made;
}

void set_name(X509_NAME* name, const std::string& node, const std::string& origin) {
    const auto add = [name](const char* field, const std::string& text) {
        const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
        const int size = static_cast<int>(std::min(text.size(), longest_name));
        must(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, bytes, size, -1, 0) == 1);
    };
    add("O", origin);
    add("CN", node);
}

void extend(X509* certificate, X509* issuer, int extension, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* made = X509V3_EXT_conf_nid(nullptr, &context, extension, value);
    must(made != nullptr);
    const int added = X509_add_ext(certificate, made, -1);
    X509_EXTENSION_free(made);
    must(added == 1);
}

void add_hosts(X509* certificate, const std::vector<std::string>& hosts) {
    GENERAL_NAMES* names = sk_GENERAL_NAME_new_null();
    must(names != nullptr);
    for (const std::string& host : hosts) {
        boost::system::error_code no_address;
        const auto address = boost::asio::ip::make_address(host, no_address);
        GENERAL_NAME* name = GENERAL_NAME_new();
        must(name != nullptr);
        if (!no_address) {
            GENERAL_NAME_set0_value(name, GEN_IPADD, a2i_IPADDRESS(address.to_string().c_str()));
        } else {
            ASN1_IA5STRING* text = ASN1_IA5STRING_new();
            must(ASN1_STRING_set(text, host.data(), static_cast<int>(host.size())) == 1);
            GENERAL_NAME_set0_value(name, GEN_DNS, text);
        }
        must(sk_GENERAL_NAME_push(names, name) > 0);
    }
    const int added = X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0);
    GENERAL_NAMES_free(names);
    must(added == 1);
}

void set_random_serial(X509* certificate) {
    std::array<unsigned char, serial_bytes> bytes{};
    must(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
    bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7f) | 0x40);  // positive, and always as long
    BIGNUM* number = BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr);
    must(number != nullptr && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr);
    BN_free(number);
}

}  // namespace

CertificatePtr make_anchor(const ledger::KeyPair& tls_key, const std::string& node,
                           const std::string& origin) {
    const KeyPtr key = private_key(tls_key);
    CertificatePtr made(X509_new());
    X509* anchor = made.get();
    must(anchor != nullptr && X509_set_version(anchor, version_3) == 1);
    must(ASN1_INTEGER_set(X509_get_serialNumber(anchor), 1) == 1);
    must(ASN1_TIME_set_string_X509(X509_getm_notBefore(anchor), anchor_from) == 1);
    must(ASN1_TIME_set_string_X509(X509_getm_notAfter(anchor), anchor_until) == 1);
    set_name(X509_get_subject_name(anchor), node, origin);
    must(X509_set_issuer_name(anchor, X509_get_subject_name(anchor)) == 1);
    must(X509_set_pubkey(anchor, key.get()) == 1);
    extend(anchor, anchor, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    extend(anchor, anchor, NID_key_usage, "critical,keyCertSign");
    extend(anchor, anchor, NID_subject_key_identifier, "hash");
    extend(anchor, anchor, NID_authority_key_identifier, "keyid:always");
    must(X509_sign(anchor, key.get(), nullptr) > 0);
    return made;
}

Leaf issue_leaf(const ledger::KeyPair& tls_key, const X509& anchor, const std::string& node,
                const std::string& origin, const std::vector<std::string>& hosts, std::int64_t not_before_s,
                std::int64_t not_after_s) {
    const KeyPtr issuer_key = private_key(tls_key);
    CertificatePtr issuer(X509_dup(&anchor));
    Leaf leaf{CertificatePtr(X509_new()), KeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"))};
    X509* made = leaf.certificate.get();
    must(issuer != nullptr && made != nullptr && leaf.key != nullptr &&
         X509_set_version(made, version_3) == 1);
    set_random_serial(made);
    must(ASN1_TIME_set(X509_getm_notBefore(made), not_before_s) != nullptr);
    must(ASN1_TIME_set(X509_getm_notAfter(made), not_after_s) != nullptr);
    // A subject of its own: were it the anchor's, the leaf would look self-issued.
    set_name(X509_get_subject_name(made), node, origin);
    must(X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "OU", MBSTRING_ASC,
                                    reinterpret_cast<const unsigned char*>("TLS"), -1, -1, 0) == 1);
    must(X509_set_issuer_name(made, X509_get_subject_name(&anchor)) == 1);
    must(X509_set_pubkey(made, leaf.key.get()) == 1);
    extend(made, issuer.get(), NID_basic_constraints, "critical,CA:FALSE");
    extend(made, issuer.get(), NID_key_usage, "critical,digitalSignature");
    extend(made, issuer.get(), NID_ext_key_usage, "serverAuth,clientAuth");
    extend(made, issuer.get(), NID_subject_key_identifier, "hash");
    extend(made, issuer.get(), NID_authority_key_identifier, "keyid:always");
    std::vector<std::string> names{node};
    for (const std::string& host : hosts)
        if (std::ranges::find(names, host) == names.end()) names.push_back(host);
    add_hosts(made, names);
    must(X509_sign(made, issuer_key.get(), nullptr) > 0);
    return leaf;
}

namespace {

template <class Write>
std::string pem_of(const BIO_METHOD* kind, const Write& write) {
    BIO* memory = BIO_new(kind);
    must(memory != nullptr && write(memory) == 1);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(memory, &bytes);
    std::string text(bytes, static_cast<std::size_t>(size));
    BIO_free(memory);
    return text;
}

}  // namespace

std::string to_pem(const X509& certificate) {
    return pem_of(BIO_s_mem(), [&](BIO* out) { return PEM_write_bio_X509(out, &certificate); });
}

std::string to_pem(const ledger::KeyPair& key) {
    return pem_of(BIO_s_secmem(), [&](BIO* out) {
        return PEM_write_bio_PKCS8PrivateKey(out, private_key(key).get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
}

}  // namespace socai::node::tls
