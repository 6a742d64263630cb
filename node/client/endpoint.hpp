// Where a node's API listens: a ws URL, as `api` in cluster.json. Values; safe from any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "node/error.hpp"

namespace socai::node::client {

struct Endpoint {
    std::string host;  // name or address, without brackets
    std::string port;
    std::string path = "/rpc";

    std::string url() const;
    std::string authority() const;  // "host:port", brackets around an IPv6 address
};

// "ws://127.0.0.1:7000/rpc"; scheme and path may be left out, http stands for ws. Errors: bad_url,
// not_supported (wss).
Result<Endpoint> parse_endpoint(std::string_view url);
// Each of `urls`; each may itself be a list with commas. At least one. Errors as above, and no_target.
Result<std::vector<Endpoint>> parse_endpoints(std::span<const std::string> urls);

}  // namespace socai::node::client
