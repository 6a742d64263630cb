// One HTTP request to a server that is not trusted: bounded in time and in bytes, nothing kept open. Blocks its caller;
// any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "node/client/trust.hpp"
#include "node/error.hpp"

namespace socai::node {

struct HttpReply {
    unsigned status = 0;
    std::string content_type;
    std::string body;
};

struct HttpLimits {
    std::chrono::milliseconds patience{5'000};  // for the whole call
    std::size_t max_body_bytes = std::size_t{2} << 20;
};

// `url` is "http://host[:port][/path]", or https, whose server `trust` believes; null: the system's authorities. A body
// makes it a POST. Errors: bad_url (Exit::usage), no_answer (Exit::unreachable: not reached, too slow, too long, or not
// HTTP), tls_untrusted, tls_refused.
Result<HttpReply> http_call(const std::string& url, const std::string* body, const HttpLimits& limits = {},
                            std::shared_ptr<const client::Trust> trust = nullptr);

// Is `url` one that http_call takes?
bool is_http_url(const std::string& url);

}  // namespace socai::node
