// GET from a server that is not to be trusted, over one connection: bounded in bytes and time whatever it answers.
//
// Follows no redirect, accepts no encoding, no answer without end, no header of more than 16 KiB, no body of more
// than it is told; one deadline for everything from the first byte sent to the last received, so that a drip buys
// no time. One thread at a time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "node/client/trust.hpp"
#include "node/error.hpp"

namespace socai::node::audit {

struct HttpTarget {
    bool tls = false;
    std::string host;  // name or address, without brackets
    std::string port;
    std::string prefix;  // of every path; begins with a slash or is empty, and ends in none

    std::string authority() const;  // "host:port", brackets around an IPv6 address
    std::string url() const;
};

// "http://HOST[:PORT][/PATH]", or https. Errors, Exit::usage: bad_url.
Result<HttpTarget> parse_http_target(const std::string& url);

struct HttpReply {
    unsigned status = 0;
    std::string body;
};

class HttpFetch {
  public:
    // Once `given_up`, which outlives it, is true, a call ends as if its deadline had come.
    // `trust`: over TLS, whom to believe; null: this system's authorities.
    HttpFetch(HttpTarget target, std::chrono::milliseconds deadline, unsigned attempts,
              const std::atomic<bool>& given_up, std::shared_ptr<const client::Trust> trust = nullptr);
    ~HttpFetch();
    HttpFetch(const HttpFetch&) = delete;
    HttpFetch& operator=(const HttpFetch&) = delete;

    // `path` begins with a slash. An answer of another status than 200 comes without its body. A connection that
    // breaks is tried again; a deadline that passes is not. Errors: cannot_connect, no_answer, tls_untrusted,
    // tls_refused (all Exit::unreachable); too_much_data, bad_answer (Exit::no).
    Result<HttpReply> get(const std::string& path, std::size_t max_bytes);

  private:
    class Connection;
    const HttpTarget target_;
    const std::chrono::milliseconds deadline_;
    const unsigned attempts_;
    const std::atomic<bool>& given_up_;
    const std::shared_ptr<const client::Trust> trust_;  // null without TLS
    std::unique_ptr<Connection> connection_;            // null: to be made
};

}  // namespace socai::node::audit
