#include "node/tls/operator_certificate.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <utility>

#include "api/stream.hpp"
#include "network/pinned_chain.hpp"
#include "node/files.hpp"
#include "node/key_file.hpp"

namespace socai::node::tls {

namespace {

constexpr std::size_t max_pem_bytes = 1024 * 1024;

// OpenSSL's words for its last error; they name no content of a file.
std::string last_words() {
    const char* words = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return words == nullptr ? "not PEM" : words;
}

// A key with a passphrase would have OpenSSL ask for it on the terminal.
int no_passphrase(char*, int, int, void*) {
    return 0;
}

}  // namespace

OperatorCertificate::OperatorCertificate(std::string certificate, std::string key)
    : certificate_(std::move(certificate)), key_(std::move(key)) {}

OperatorCertificate::Stamps OperatorCertificate::stamps() const {
    Stamps stamps;
    for (std::size_t i = 0; i < stamps.size(); ++i) {
        struct stat status {};
        if (::stat((i == 0 ? certificate_ : key_).c_str(), &status) != 0) continue;
        stamps[i] = {status.st_ino, status.st_size,
                     status.st_mtim.tv_sec * std::int64_t{1'000'000'000} + status.st_mtim.tv_nsec};
    }
    return stamps;
}

Result<OperatorCertificate::Loaded> OperatorCertificate::read() const {
    for (const std::string& path : {certificate_, key_})
        if (const auto text = read_file(path, max_pem_bytes); !text) return text.error();
    if (key_file_is_exposed(key_))
        return Error{Exit::usage, "key_exposed",
                     key_ + " may be read or written by others than its owner; `chmod 600 " + key_ + "`"};
    Loaded loaded{api::make_server_tls(), 0};
    SSL_CTX* native = loaded.context->native_handle();
    SSL_CTX_set_default_passwd_cb(native, &no_passphrase);
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(native, certificate_.c_str()) != 1)
        return Error{
            Exit::usage, "bad_tls_certificate",
            certificate_ + " cannot be used (" + last_words() +
                "); it must hold the node's certificate, then those that lead to its authority, in PEM"};
    if (SSL_CTX_use_PrivateKey_file(native, key_.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(native) != 1)
        return Error{Exit::usage, "bad_tls_certificate",
                     key_ + " cannot be used (" + last_words() +
                         "); it must hold the private key of the certificate in " + certificate_ +
                         ", in PEM, without a passphrase"};
    loaded.not_after_s = network::not_after_s(*SSL_CTX_get0_certificate(native));
    return loaded;
}

Result<void> OperatorCertificate::load() {
    judged_ = seen_ = stamps();
    auto loaded = read();
    if (!loaded) return loaded.error();
    const std::lock_guard lock(mutex_);
    loaded_ = *std::move(loaded);
    return {};
}

OperatorCertificate::Look OperatorCertificate::look() {
    const Stamps now = stamps();
    const bool stands_still = std::exchange(seen_, now) == now;
    if (now == judged_ || !stands_still) return Look::same;
    judged_ = now;
    auto loaded = read();
    if (!loaded) {
        refusal_ = loaded.error();
        return Look::refused;
    }
    const std::lock_guard lock(mutex_);
    loaded_ = *std::move(loaded);
    return Look::taken;
}

Context OperatorCertificate::context() const {
    const std::lock_guard lock(mutex_);
    return loaded_.context;
}

std::int64_t OperatorCertificate::not_after_s() const {
    const std::lock_guard lock(mutex_);
    return loaded_.not_after_s;
}

}  // namespace socai::node::tls
