#include "network/stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <cassert>

namespace socai::network {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

struct Alpn {
    // RFC 7301 §3.1: a length, then the name.
    std::string wire = static_cast<char>(peer_protocol.size()) + std::string(peer_protocol);
    const unsigned char* data() const { return reinterpret_cast<const unsigned char*>(wire.data()); }
};

bool agreed(const SSL* connection) {
    const unsigned char* name = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(connection, &name, &size);
    return std::string_view(reinterpret_cast<const char*>(name), size) == peer_protocol;
}

int choose_peer_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                         const unsigned char* offered, unsigned int offered_size, void*) {
    for (unsigned int at = 0; at < offered_size; at += 1U + offered[at]) {
        const std::string_view name(reinterpret_cast<const char*>(offered + at + 1), offered[at]);
        if (name != peer_protocol) continue;
        *chosen = offered + at + 1;
        *size = offered[at];
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

void set_options(Socket& stream) {
    error_code ignored;  // a connection without them still works
    stream.set_option(tcp::no_delay(true), ignored);
    stream.set_option(asio::socket_base::keep_alive(true), ignored);
}

}  // namespace

asio::awaitable<Resolved> resolve(asio::any_io_executor executor, std::string host, std::uint16_t port) {
    Resolved resolved;
    error_code not_an_address;
    const auto address = asio::ip::make_address(host, not_an_address);
    if (!not_an_address) {
        resolved.endpoints.emplace_back(address, port);
        co_return resolved;
    }
    tcp::resolver resolver(executor);
    const auto [error, results] = co_await resolver.async_resolve(host, std::to_string(port), as_result);
    resolved.error = error;
    for (const auto& result : results) resolved.endpoints.push_back(result.endpoint());
    co_return resolved;
}

asio::awaitable<error_code> connect(Socket& stream, std::vector<tcp::endpoint> endpoints) {
    const auto [error, endpoint] = co_await asio::async_connect(stream, endpoints, as_result);
    if (!error) set_options(stream);
    co_return error;
}

asio::awaitable<std::optional<std::string>> Stream::secure(std::shared_ptr<asio::ssl::context> context,
                                                           Side side,
                                                           std::function<bool(const AnchorKey&)> trusts) {
    assert(!secure_);
    secure_ = std::make_unique<Secure>(socket_, std::move(context));
    SSL* connection = secure_->stream.native_handle();
    secure_->check.trusts = std::move(trusts);
    attach(*connection, secure_->check);
    const bool dials = side == Side::dialler;
    if (dials) {
        const Alpn offered;
        SSL_set_alpn_protos(connection, offered.data(), static_cast<unsigned>(offered.wire.size()));
    }
    const auto [error] = co_await secure_->stream.async_handshake(
        dials ? asio::ssl::stream_base::client : asio::ssl::stream_base::server, as_result);
    if (!secure_->check.refused.empty()) co_return secure_->check.refused;
    if (error) co_return describe(error);
    if (!agreed(connection))
        co_return "it speaks TLS, but not as a node does: this is another program's port";
    if (!secure_->check.shown) co_return "it shows no certificate";
    co_return std::nullopt;
}

const std::optional<PeerCertificate>& Stream::certificate() const {
    static const std::optional<PeerCertificate> none;
    return secure_ ? secure_->check.shown : none;
}

void prepare_accepted(Socket& socket) {
    set_options(socket);
}

void close(Socket& socket) {
    error_code ignored;
    socket.shutdown(tcp::socket::shutdown_both, ignored);
    socket.close(ignored);
}

std::shared_ptr<asio::ssl::context> make_peer_tls() {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls);
    SSL_CTX* native = context->native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_3_VERSION);
    SSL_CTX_set_max_proto_version(native, TLS1_3_VERSION);
    SSL_CTX_set_num_tickets(native, 0);
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(native, &choose_peer_protocol, nullptr);
    require_pins(*context);
    return context;
}

std::string describe(const error_code& error) {
    if (error.category() != asio::error::get_ssl_category()) {
        if (error == asio::ssl::error::stream_truncated) return "it closed the connection";
        return error.message();
    }
    switch (ERR_GET_REASON(static_cast<unsigned long>(error.value()))) {
        case SSL_R_WRONG_VERSION_NUMBER:
        case SSL_R_HTTP_REQUEST:
        case SSL_R_HTTPS_PROXY_REQUEST:
            return "it speaks no TLS, and [tls] peer is \"on\" here: both sides need the same";
        case SSL_R_UNSUPPORTED_PROTOCOL:
        case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
            return "it does not speak TLS 1.3, and nothing less is spoken here";
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
            return "it shows no certificate";
        case SSL_R_NO_APPLICATION_PROTOCOL:
            return "it speaks TLS, but not as a node does";
        case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
        case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
        case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
            return "it does not accept this node's certificate: its membership names another TLS key for "
                   "this node";
        default:
            return "TLS: " + error.message();
    }
}

std::string remote_address(const Socket& socket) {
    error_code error;
    const auto endpoint = socket.remote_endpoint(error);
    if (error) return "an unknown address";
    return endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
}

std::optional<std::string> listen(Acceptor& acceptor, const std::string& host, std::uint16_t port,
                                  const std::string& what) {
    const std::string place = what + " " + host + ":" + std::to_string(port);
    error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (error) return place + " is not an IP address with a port: write one such as 127.0.0.1";
    const tcp::endpoint endpoint(address, port);
    acceptor.open(endpoint.protocol(), error);
    // A restarted node must not wait for the connections of the one before it to time out.
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) return std::nullopt;
    error_code ignored;
    acceptor.close(ignored);
    if (error == asio::error::address_in_use)
        return place + " is in use by another program: stop that program or choose another port";
    if (error == asio::error::access_denied)
        return place + " needs privileges that this program does not have: choose a port above 1023";
    return place + " cannot be listened on (" + error.message() + "): choose an address of this machine";
}

}  // namespace socai::network
