// Where a node's API listens: a ws or wss URL, as `api` in cluster.json. Values; safe from any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "node/client/trust.hpp"
#include "node/error.hpp"

namespace socai::node::client {

struct Endpoint {
    std::string host;  // name or address, without brackets
    std::string port;
    std::string path = "/rpc";
    std::shared_ptr<const Trust> trust = nullptr;  // over TLS: whom to believe; null: no TLS

    std::string url() const;
    std::string authority() const;  // "host:port", brackets around an IPv6 address
};

// "wss://127.0.0.1:7000/rpc"; scheme and path may be left out, http stands for ws, https for wss. Without a scheme it is wss
// where `trust` is given. `trust`: of wss URLs; null: the system's authorities. Errors: bad_url.
Result<Endpoint> parse_endpoint(std::string_view url, std::shared_ptr<const Trust> trust = nullptr);
// Each of `urls`; each may itself be a list with commas. At least one. Errors as above, and no_target.
Result<std::vector<Endpoint>> parse_endpoints(std::span<const std::string> urls,
                                              const std::shared_ptr<const Trust>& trust = nullptr);

}  // namespace socai::node::client
