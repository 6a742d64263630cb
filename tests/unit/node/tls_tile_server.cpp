#include "tls_tile_server.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <filesystem>
#include <stdexcept>

#include "temporary_folder.hpp"

namespace socai::node::test {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

namespace {

template <class T>
T* made(T* pointer) {
    if (pointer == nullptr) throw std::runtime_error("OpenSSL makes no certificate");
    return pointer;
}

std::string text_of(BIO* memory) {
    char* bytes = nullptr;
    const long length = BIO_get_mem_data(memory, &bytes);
    return {bytes, static_cast<std::size_t>(length)};
}

}  // namespace

Certificate make_certificate(const std::string& name, long seconds) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(made(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")), EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(made(X509_new()), X509_free);
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3'600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), seconds);
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test of an audit"), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), subject);
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> names(
        made(X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name.c_str())), X509_EXTENSION_free);
    X509_add_ext(certificate.get(), names.get(), -1);
    if (X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0) made<X509>(nullptr);

    const std::unique_ptr<BIO, decltype(&BIO_free)> public_half(made(BIO_new(BIO_s_mem())), BIO_free);
    const std::unique_ptr<BIO, decltype(&BIO_free)> private_half(made(BIO_new(BIO_s_mem())), BIO_free);
    PEM_write_bio_X509(public_half.get(), certificate.get());
    PEM_write_bio_PrivateKey(private_half.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return {text_of(public_half.get()), text_of(private_half.get())};
}

TlsTileServer::TlsTileServer(std::string folder, const Certificate& certificate, int highest)
    : folder_(std::move(folder)) {
    SSL_CTX_set_max_proto_version(tls_.native_handle(), highest);
    tls_.use_certificate_chain(asio::buffer(certificate.certificate));
    tls_.use_private_key(asio::buffer(certificate.key), asio::ssl::context::pem);
    acceptor_.open(tcp::v4());
    acceptor_.bind({asio::ip::address_v4::loopback(), 0});
    acceptor_.listen();
    acceptor_thread_ = std::thread([this] { accept(); });
}

TlsTileServer::~TlsTileServer() {
    running_ = false;
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);  // wakes the thread that accepts
    acceptor_thread_.join();
    {
        const std::lock_guard lock(mutex_);
        for (const auto& socket : sockets_) ::shutdown(socket->native_handle(), SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
}

std::string TlsTileServer::url() const {
    return "https://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

void TlsTileServer::accept() {
    while (running_) {
        boost::system::error_code error;
        auto socket = std::make_shared<Socket>(io_);
        acceptor_.accept(*socket, error);
        if (error) return;
        const std::lock_guard lock(mutex_);
        sockets_.push_back(socket);
        threads_.emplace_back([this, socket] { serve(socket); });
    }
}

void TlsTileServer::serve(const std::shared_ptr<Socket>& socket) {
    asio::ssl::stream<Socket&> stream(*socket, tls_);
    boost::system::error_code error;
    stream.handshake(asio::ssl::stream_base::server, error);
    boost::beast::flat_buffer buffer;
    while (running_ && !error) {
        http::request<http::empty_body> request;
        http::read(stream, buffer, request, error);
        if (error) break;
        ++requests_;
        const std::string file = folder_ + std::string(request.target());
        http::response<http::string_body> response(http::status::ok, 11);
        if (!std::filesystem::is_regular_file(file)) response.result(http::status::not_found);
        response.body() = response.result() == http::status::ok ? get(file) : "";
        response.prepare_payload();
        http::write(stream, response, error);
    }
    ::shutdown(socket->native_handle(), SHUT_RDWR);
}

}  // namespace socai::node::test
