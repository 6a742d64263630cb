#include "node/client/endpoint.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace socai::node::client {
namespace {

Error bad_url(std::string_view url, const std::string& fault) {
    return {Exit::usage, "bad_url",
            "'" + std::string(url.substr(0, 200)) + "' " + fault + "; write wss://HOST:PORT/rpc"};
}

}  // namespace

std::string Endpoint::authority() const {
    const bool ipv6 = host.find(':') != std::string::npos;
    return (ipv6 ? "[" + host + "]" : host) + ":" + port;
}

std::string Endpoint::url() const {
    return (trust ? "wss://" : "ws://") + authority() + path;
}

Result<Endpoint> parse_endpoint(std::string_view url, std::shared_ptr<const Trust> trust) {
    const std::string text = url.find("://") == std::string_view::npos
                                 ? (trust ? "wss://" : "ws://") + std::string(url)
                                 : std::string(url);
    const auto parsed = boost::urls::parse_uri(text);
    if (!parsed) return bad_url(url, "is not a URL");
    const std::string scheme(parsed->scheme());
    const bool secure = scheme == "wss" || scheme == "https";
    if (!secure && scheme != "ws" && scheme != "http")
        return bad_url(url, "has a scheme other than wss or ws");
    if (parsed->has_userinfo() || parsed->has_query() || parsed->has_fragment())
        return bad_url(url, "has parts that a node's address does not have");
    Endpoint endpoint;
    if (secure) endpoint.trust = trust ? std::move(trust) : Trust::system();
    endpoint.host = parsed->host_address();
    if (endpoint.host.empty()) return bad_url(url, "names no host");
    endpoint.port = std::string(parsed->port());
    if (endpoint.port.empty() || parsed->port_number() == 0) return bad_url(url, "names no port");
    const std::string path(parsed->encoded_path());
    if (!path.empty() && path != "/") endpoint.path = path;
    return endpoint;
}

Result<std::vector<Endpoint>> parse_endpoints(std::span<const std::string> urls,
                                              const std::shared_ptr<const Trust>& trust) {
    std::vector<Endpoint> endpoints;
    for (const std::string& list : urls) {
        std::string_view rest = list;
        while (!rest.empty()) {
            const std::string_view one = rest.substr(0, rest.find(','));
            rest.remove_prefix(std::min(one.size() + 1, rest.size()));
            if (one.empty()) continue;
            auto endpoint = parse_endpoint(one, trust);
            if (!endpoint) return endpoint.error();
            endpoints.push_back(std::move(*endpoint));
        }
    }
    if (endpoints.empty())
        return Error{Exit::usage, "no_target",
                     "say which nodes to ask: --to URL[,URL], or --dir D of a cluster (its cluster.json)"};
    return endpoints;
}

}  // namespace socai::node::client
