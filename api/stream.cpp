#include "api/stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/error.hpp>
#include <string_view>

namespace socai::api {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

namespace {

constexpr std::size_t drained_at_once = 4096;
constexpr long longest_client_chain = 16 * 1024;

// RFC 7301 §3.2: what both know, or the handshake ends.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
    constexpr std::string_view known = "http/1.1";
    for (unsigned int at = 0; at < offered_size; at += 1U + offered[at]) {
        const std::string_view name(reinterpret_cast<const char*>(offered + at + 1), offered[at]);
        if (name != known) continue;
        *chosen = offered + at + 1;
        *size = offered[at];
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Any certificate will do: that the client holds its key, TLS itself makes it prove (RFC 8446 §4.4.3).
int take_any(X509_STORE_CTX*, void*) {
    return 1;
}

template <class... Arguments>
std::variant<beast::tcp_stream, beast::ssl_stream<beast::tcp_stream>> make_carrier(const TlsContext& tls,
                                                                                   Arguments&&... arguments) {
    using Carrier = std::variant<beast::tcp_stream, beast::ssl_stream<beast::tcp_stream>>;
    if (!tls) return Carrier(std::in_place_index<0>, std::forward<Arguments>(arguments)...);
    return Carrier(std::in_place_index<1>, beast::tcp_stream(std::forward<Arguments>(arguments)...), *tls);
}

}  // namespace

Stream::Stream(tcp::socket&& socket, TlsContext tls)
    : tls_(std::move(tls)), carrier_(make_carrier(tls_, std::move(socket))) {}

Stream::Stream(const executor_type& executor, TlsContext tls)
    : tls_(std::move(tls)), carrier_(make_carrier(tls_, executor)) {}

beast::tcp_stream& Stream::tcp() {
    auto* secure = std::get_if<Secure>(&carrier_);
    return secure != nullptr ? secure->next_layer() : std::get<beast::tcp_stream>(carrier_);
}

void Stream::async_accept_tls(std::function<void(beast::error_code, bool)> done) {
    std::get<Secure>(carrier_).async_handshake(
        asio::ssl::stream_base::server, [done = std::move(done)](beast::error_code error) {
            // OpenSSL knows an HTTP request by its first letters, and sends no alert after it.
            const bool plain =
                error.category() == asio::error::get_ssl_category() &&
                ERR_GET_REASON(static_cast<unsigned long>(error.value())) == SSL_R_HTTP_REQUEST;
            done(error, plain);
        });
}

std::optional<std::array<std::uint8_t, 32>> Stream::client_key() {
    if (!is_secure()) return std::nullopt;
    const X509* certificate = SSL_get0_peer_certificate(native());
    const EVP_PKEY* key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate);
    if (key == nullptr || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519) return std::nullopt;
    std::array<std::uint8_t, 32> raw{};
    std::size_t size = raw.size();
    if (EVP_PKEY_get_raw_public_key(key, raw.data(), &size) != 1 || size != raw.size()) return std::nullopt;
    return raw;
}

void Stream::async_connect_tls(Done done) {
    std::get<Secure>(carrier_).async_handshake(asio::ssl::stream_base::client, std::move(done));
}

void Stream::async_end(Done done) {
    auto* secure = std::get_if<Secure>(&carrier_);
    const auto end_tcp = [this](Done then) {
        beast::error_code ignored;
        tcp().socket().shutdown(tcp::socket::shutdown_send, ignored);
        drain(std::move(then));
    };
    if (secure == nullptr || SSL_is_init_finished(native()) == 0) return end_tcp(std::move(done));
    // Having sent close_notify, it reads until the other side's comes, the connection ends or data does: all the same here.
    secure->async_shutdown(
        [end_tcp, done = std::move(done)](beast::error_code) mutable { end_tcp(std::move(done)); });
}

void Stream::drain(Done done) {
    const auto dropped = std::make_shared<std::array<char, drained_at_once>>();
    tcp().async_read_some(asio::buffer(*dropped), [this, dropped, done = std::move(done)](
                                                      beast::error_code error, std::size_t) mutable {
        if (!error) return drain(std::move(done));
        tcp().close();
        done({});
    });
}

void teardown(beast::role_type, Stream& stream, beast::error_code& error) {
    error = {};
    stream.close();
}

void beast_close_socket(Stream& stream) {
    stream.close();
}

TlsContext make_server_tls() {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    SSL_CTX* native = context->native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_3_VERSION);
    SSL_CTX_set_alpn_select_cb(native, &choose_protocol, nullptr);
    SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);  // ask for one; who shows none is let in all the same
    SSL_CTX_set_cert_verify_callback(native, &take_any, nullptr);
    SSL_CTX_set_max_cert_list(native, longest_client_chain);
    // A ticket holds the certificate, and is good for this port alone.
    constexpr std::string_view id = "socai-api";
    SSL_CTX_set_session_id_context(native, reinterpret_cast<const unsigned char*>(id.data()), id.size());
    return context;
}

}  // namespace socai::api
