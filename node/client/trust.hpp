// Which servers a client believes over TLS: those with a certificate by a given authority, those with a pinned TLS key, or,
// where neither is given, those that this system's authorities vouch for. Clients show no certificate; nothing below TLS 1.3
// is spoken.
//
// Trust is immutable, for any thread. A ServerCheck belongs to one connection.
#pragma once

#include <boost/beast/core/error.hpp>
#include <memory>
#include <string>
#include <vector>

#include "api/stream.hpp"
#include "network/pinned_chain.hpp"
#include "node/error.hpp"

namespace socai::node::client {

class Trust {
  public:
    // `ca`: a file of certificates in PEM, each of which may be the end of a chain; `pins`: TLS keys of nodes in base64url,
    // as cluster.members and `socai key show` give them. A pinned key is the whole answer: no authority is asked and no host
    // name looked at, but the certificate must be in its time. Errors: file_unreadable, bad_ca, bad_pin.
    static Result<std::shared_ptr<const Trust>> make(const std::string& ca,
                                                     const std::vector<std::string>& pins);
    // This system's authorities (SSL_CERT_FILE, SSL_CERT_DIR, else OpenSSL's folders), as they are now.
    static std::shared_ptr<const Trust> system();

    const api::TlsContext& context() const { return context_; }
    const std::vector<network::AnchorKey>& pins() const { return pins_; }

  private:
    Trust() = default;
    api::TlsContext context_;
    std::vector<network::AnchorKey> pins_;
};

class ServerCheck {
  public:
    // `host`: as the user wrote it, a name or an address.
    ServerCheck(std::shared_ptr<const Trust> trust, std::string host);
    ServerCheck(const ServerCheck&) = delete;
    ServerCheck& operator=(const ServerCheck&) = delete;

    // Before the handshake; stays where it is until after it. `lowest`: the oldest version that is spoken.
    void prepare(SSL& connection, int lowest = TLS1_3_VERSION);

    // Why the handshake failed: tls_untrusted (it is another server than it must be, or its certificate is bad),
    // tls_refused (no handshake came about), and what to change; Exit::unreachable. `url`: of the server, for the sentence.
    Error explain(const boost::beast::error_code& error, SSL& connection, const std::string& url) const;

  private:
    const std::shared_ptr<const Trust> trust_;
    const std::string host_;
    network::PinCheck pins_;
};

// The other side answered a plain request with "speak TLS here".
Error tls_required(const std::string& url);

}  // namespace socai::node::client
