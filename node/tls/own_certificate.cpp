#include "node/tls/own_certificate.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "api/stream.hpp"
#include "network/stream.hpp"

namespace socai::node::tls {

namespace {

constexpr std::int64_t day_s = 86'400;
// Clocks of clients may be behind.
constexpr std::int64_t backdated_s = 3'600;
// A leaf that is due as soon as it is made (a drill's) is not made again and again.
constexpr std::int64_t pause_ms = 60'000;
constexpr std::int64_t renewed_with_of = 3;  // with a third left …
constexpr std::int64_t overdue_with_of = 4;  // … and by a quarter somebody should look

void show(boost::asio::ssl::context& context, const Leaf& leaf, X509& anchor) {
    SSL_CTX* native = context.native_handle();
    const bool shown = SSL_CTX_use_certificate(native, leaf.certificate.get()) == 1 &&
                       SSL_CTX_use_PrivateKey(native, leaf.key.get()) == 1 &&
                       SSL_CTX_add1_chain_cert(native, &anchor) == 1;
    if (!shown) throw std::runtime_error("OpenSSL does not take the certificate that it made");
}

}  // namespace

OwnCertificate::OwnCertificate(ledger::KeyPair tls_key, Facts facts, std::int64_t now_ms)
    : tls_key_(std::move(tls_key)),
      facts_(std::move(facts)),
      anchor_(make_anchor(tls_key_, facts_.node, facts_.origin)),
      made_ms_(now_ms),
      current_(make(now_ms)) {}

std::shared_ptr<const OwnCertificate::Current> OwnCertificate::make(std::int64_t now_ms) const {
    auto made = std::make_shared<Current>();
    const std::int64_t from_s = now_ms / 1'000 - facts_.age_days * day_s;
    made->not_before_s = from_s - backdated_s;
    made->not_after_s = from_s + facts_.days * day_s;
    const Leaf leaf = issue_leaf(tls_key_, *anchor_, facts_.node, facts_.origin, facts_.hosts,
                                 made->not_before_s, made->not_after_s);
    made->peer = network::make_peer_tls();
    made->api = api::make_server_tls();
    show(*made->peer, leaf, *anchor_);
    show(*made->api, leaf, *anchor_);
    return made;
}

std::shared_ptr<const OwnCertificate::Current> OwnCertificate::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

bool OwnCertificate::look(std::int64_t now_ms) {
    const auto shown = current();
    const std::int64_t now_s = now_ms / 1'000;
    const bool due =
        (shown->not_after_s - now_s) * renewed_with_of <= facts_.days * day_s || now_s < shown->not_before_s;
    const bool just_made = now_ms >= made_ms_ && now_ms - made_ms_ < pause_ms;
    if (!due || just_made) return false;
    auto renewed = make(now_ms);
    made_ms_ = now_ms;
    const std::lock_guard lock(mutex_);
    current_ = std::move(renewed);
    return true;
}

Context OwnCertificate::peer() const {
    return current()->peer;
}

Context OwnCertificate::api() const {
    return current()->api;
}

std::int64_t OwnCertificate::not_after_s() const {
    return current()->not_after_s;
}

bool OwnCertificate::is_overdue(std::int64_t now_ms) const {
    return (not_after_s() - now_ms / 1'000) * overdue_with_of <= facts_.days * day_s;
}

}  // namespace socai::node::tls
