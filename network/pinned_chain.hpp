// Who is on the other side of a TLS connection: a certificate is believed because the key of the anchor that issued it
// is pinned, and for no other reason. No certificate authority, no host name, and unless asked no clock is looked at
// (docs/decisions/0023): the pin is the authority.
//
// The other side shows a leaf and the self-signed anchor that issued it (RFC 5280 §6.1 with the anchor as the only
// trust anchor). A pin is the anchor's Ed25519 public key.
#pragma once

#include <openssl/ossl_typ.h>

#include <array>
#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace socai::network {

using AnchorKey = std::array<std::uint8_t, 32>;  // raw, RFC 8032

// What the other side showed and was believed for.
struct PeerCertificate {
    AnchorKey anchor{};
    // Of the leaf, seconds since 1970.
    std::int64_t not_before_s = 0;
    std::int64_t not_after_s = 0;
};

// What one connection demands of the other side, and what it learns. Outlives the connection's handshake, stays where
// it is. Used on the connection's strand.
struct PinCheck {
    std::function<bool(const AnchorKey&)> trusts;  // called during the handshake; not null
    bool keeps_time = false;                       // true: a leaf out of its time is refused
    // After the handshake:
    std::optional<PeerCertificate> shown;  // of who was believed
    std::string refused;                   // why it was not: a sentence without its end
    bool wrong_key = false;                // it was the key
};

// Every connection of `context` must show a chain, and is checked by the PinCheck attached to it; one without is
// refused.
void require_pins(boost::asio::ssl::context& context);
// `check` outlives `connection`'s handshake.
void attach(ssl_st& connection, PinCheck& check);

// The Ed25519 key of a certificate; nothing: it has one of another kind.
std::optional<AnchorKey> anchor_key(const X509& certificate);
// A certificate's time, in seconds since 1970.
std::int64_t not_before_s(const X509& certificate);
std::int64_t not_after_s(const X509& certificate);

}  // namespace socai::network
