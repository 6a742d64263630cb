#include "node/client/trust.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <string_view>
#include <utility>

#include "ledger/base64.hpp"
#include "node/files.hpp"

namespace socai::node::client {

namespace asio = boost::asio;

namespace {

constexpr std::size_t max_ca_bytes = 16 * 1024 * 1024;

api::TlsContext make_context() {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
    SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
    context->set_verify_mode(asio::ssl::verify_peer);
    // A node's anchor ends its chain, and so may whatever an operator puts into the file.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context->native_handle()), X509_V_FLAG_PARTIAL_CHAIN);
    return context;
}

bool is_address(const std::string& host) {
    boost::system::error_code no_address;
    asio::ip::make_address(host, no_address);
    return !no_address;
}

}  // namespace

Result<std::shared_ptr<const Trust>> Trust::make(const std::string& ca,
                                                 const std::vector<std::string>& pins) {
    if (ca.empty() && pins.empty()) return system();
    std::shared_ptr<Trust> trust(new Trust());
    trust->context_ = make_context();
    for (const std::string& pin : pins) {
        network::AnchorKey key{};
        const auto bytes = ledger::base64url_decode(pin);
        if (!bytes || bytes->size() != key.size())
            return Error{Exit::usage, "bad_pin",
                         "'" + pin.substr(0, 80) +
                             "' is no TLS key; a pin is the 43 characters of a node's tls_key, in base64url"};
        std::ranges::copy(*bytes, key.begin());
        trust->pins_.push_back(key);
    }
    if (!pins.empty()) {
        network::require_pins(*trust->context_);
        return std::shared_ptr<const Trust>(std::move(trust));
    }
    const auto text = read_file(ca, max_ca_bytes);
    if (!text) return text.error();
    boost::system::error_code error;
    trust->context_->add_certificate_authority(asio::buffer(*text), error);
    if (error)
        return Error{
            Exit::usage, "bad_ca",
            ca + " holds no certificate in PEM; give the file of the authority that issued the server's, "
                 "for a local cluster its ca.pem"};
    return std::shared_ptr<const Trust>(std::move(trust));
}

std::shared_ptr<const Trust> Trust::system() {
    std::shared_ptr<Trust> trust(new Trust());
    trust->context_ = make_context();
    boost::system::error_code ignored;  // a system without any: nobody is believed
    trust->context_->set_default_verify_paths(ignored);
    return trust;
}

ServerCheck::ServerCheck(std::shared_ptr<const Trust> trust, std::string host)
    : trust_(std::move(trust)), host_(std::move(host)) {}

void ServerCheck::prepare(SSL& connection, int lowest) {
    SSL_set_min_proto_version(&connection, lowest);
    // RFC 7301 §3.1: a length, then the name.
    static constexpr std::string_view protocols = "\x08http/1.1";
    SSL_set_alpn_protos(&connection, reinterpret_cast<const unsigned char*>(protocols.data()),
                        static_cast<unsigned>(protocols.size()));
    // RFC 6066 §3: names only, no addresses.
    if (!is_address(host_)) SSL_set_tlsext_host_name(&connection, host_.c_str());
    if (!trust_->pins().empty()) {
        pins_.trusts = [this](const network::AnchorKey& key) {
            return std::ranges::find(trust_->pins(), key) != trust_->pins().end();
        };
        pins_.keeps_time = true;
        network::attach(connection, pins_);
        return;
    }
    X509_VERIFY_PARAM* rules = SSL_get0_param(&connection);
    if (is_address(host_))
        X509_VERIFY_PARAM_set1_ip_asc(rules, host_.c_str());
    else
        X509_VERIFY_PARAM_set1_host(rules, host_.c_str(), host_.size());
}

Error ServerCheck::explain(const boost::beast::error_code& error, SSL& connection,
                           const std::string& url) const {
    const auto untrusted = [&](const std::string& why) {
        return Error{Exit::unreachable, "tls_untrusted",
                     "cannot trust " + url + ": " + why +
                         ". Give --ca FILE with the certificate of its authority (of a cluster on this "
                         "machine: --dir D, or "
                         "D/ca.pem), or --pin KEY with the node's TLS key; what you give must come from its "
                         "operator, not "
                         "from the connection"};
    };
    const auto refused = [&](const std::string& why) {
        return Error{Exit::unreachable, "tls_refused", "no TLS connection to " + url + ": " + why};
    };
    if (!pins_.refused.empty()) return untrusted(pins_.refused);
    // A chain that was not accepted says so whatever error came last: other libraries' errors may lie on top of it.
    if (const long why = SSL_get_verify_result(&connection); why != X509_V_OK) {
        if (why == X509_V_ERR_HOSTNAME_MISMATCH || why == X509_V_ERR_IP_ADDRESS_MISMATCH)
            return untrusted("its certificate is not for " + host_);
        return untrusted("its certificate is not accepted (" +
                         std::string(X509_verify_cert_error_string(why)) + ")");
    }
    if (error.category() != asio::error::get_ssl_category()) {
        if (error == asio::ssl::error::stream_truncated || error == asio::error::eof ||
            error == asio::error::connection_reset)
            return refused("the other side hung up during the handshake; is it a node's API port?");
        return refused(error.message());
    }
    switch (ERR_GET_REASON(static_cast<unsigned long>(error.value()))) {
        case SSL_R_WRONG_VERSION_NUMBER:
        case SSL_R_PACKET_LENGTH_TOO_LONG:
        case SSL_R_UNEXPECTED_MESSAGE:
            return refused(
                "the other side speaks no TLS; write ws:// or http:// if its node has [tls] api = \"off\"");
        case SSL_R_UNSUPPORTED_PROTOCOL:
        case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
            return refused("the other side does not speak TLS 1.3, and nothing less is accepted");
        default:
            return refused(error.message());
    }
}

Error tls_required(const std::string& url) {
    return {Exit::unreachable, "tls_required",
            url + " speaks TLS alone; write wss:// or https:// instead of ws:// or http://"};
}

}  // namespace socai::node::client
