// Certificates for the tests of TLS, made by hand and not by the code under test: good chains and all kinds of bad ones.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "network/pinned_chain.hpp"

namespace socai::network::test {

using KeyPtr = std::shared_ptr<EVP_PKEY>;
using CertificatePtr = std::shared_ptr<X509>;

struct Certified {
    CertificatePtr certificate;
    KeyPtr key;
};

// Self-signed, Ed25519.
Certified make_anchor(const std::string& name);
struct LeafWish {
    long begins_s = -3'600;  // from now
    long ends_s = 3'600;
    std::string uses = "serverAuth,clientAuth";
    std::string names = "IP:127.0.0.1,DNS:localhost";
    bool is_authority = false;
};
Certified make_leaf(const Certified& anchor, const LeafWish& wish = {});
AnchorKey pin_of(const Certified& anchor);
std::string to_pem(const Certified& certified);
std::string key_to_pem(const Certified& certified);

// Shows the leaf and, unless null, the anchor.
void show(boost::asio::ssl::context& context, const Certified& leaf, const Certified* anchor);

}  // namespace socai::network::test
