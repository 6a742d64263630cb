// The certificates that a node makes for itself, in this process and without files: an anchor, whose key the membership
// pins, and leaves that the anchor issues (docs/decisions/0023).
//
// Values made by pure functions, but for the random key and serial number of a leaf; any thread.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ledger/jwk.hpp"

namespace socai::node::tls {

struct FreeCertificate {
    void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using CertificatePtr = std::unique_ptr<X509, FreeCertificate>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeKey>;

// Self-signed by the node's TLS key, without an end (RFC 5280 §4.1.2.5: 99991231235959Z): only the pin says how long it is
// believed. The same key, node and origin give the same bytes, so that a copy of it stays right.
CertificatePtr make_anchor(const ledger::KeyPair& tls_key, const std::string& node,
                           const std::string& origin);

struct Leaf {
    CertificatePtr certificate;
    KeyPtr key;  // P-256, made for this leaf and never written anywhere
};
// `hosts`: names and IP addresses under which the node is reached, beside its own name.
Leaf issue_leaf(const ledger::KeyPair& tls_key, const X509& anchor, const std::string& node,
                const std::string& origin, const std::vector<std::string>& hosts, std::int64_t not_before_s,
                std::int64_t not_after_s);

std::string to_pem(const X509& certificate);
// The private key, PKCS#8 (RFC 8410): a secret.
std::string to_pem(const ledger::KeyPair& key);

}  // namespace socai::node::tls
