#include "node/http_call.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/parse.hpp>

#include "node/client/secure_stream.hpp"

namespace socai::node {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

struct Target {
    bool tls = false;
    std::string host;  // without brackets
    std::string port;
    std::string path;
};

std::optional<Target> parse_target(const std::string& url) {
    const auto parsed = boost::urls::parse_uri(url);
    const bool tls = parsed && parsed->scheme() == "https";
    if (!parsed || (!tls && parsed->scheme() != "http") || parsed->host().empty() || parsed->has_fragment() ||
        parsed->has_userinfo())
        return std::nullopt;
    const std::string port(parsed->port());
    const std::string path(parsed->encoded_resource());
    return Target{tls, std::string(parsed->host_address()),
                  !port.empty() ? port
                  : tls         ? "443"
                                : "80",
                  path.empty() || path.front() != '/' ? "/" + path : path};
}

asio::awaitable<HttpReply> call(const Target& target, const std::string& url, const std::string* body,
                                const HttpLimits& limits, std::shared_ptr<const client::Trust> trust) {
    const auto executor = co_await asio::this_coro::executor;
    asio::ip::tcp::resolver resolver(executor);
    const auto addresses = co_await resolver.async_resolve(target.host, target.port, asio::use_awaitable);
    client::ServerCheck check(trust, target.host);
    api::Stream stream(executor, target.tls ? trust->context() : nullptr);
    stream.expires_after(limits.patience);
    co_await stream.tcp().async_connect(addresses, asio::use_awaitable);
    co_await client::secure(stream, check, url);
    http::request<http::string_body> request(body == nullptr ? http::verb::get : http::verb::post,
                                             target.path, 11);
    request.set(http::field::host, target.host);
    request.set(http::field::connection, "close");
    if (body != nullptr) {
        request.body() = *body;
        request.prepare_payload();
    }
    co_await http::async_write(stream, request, asio::use_awaitable);
    http::response_parser<http::string_body> parser;
    parser.body_limit(limits.max_body_bytes);
    beast::flat_buffer buffer(64 * 1024);
    co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
    HttpReply reply;
    reply.status = parser.get().result_int();
    reply.content_type = std::string(parser.get()[http::field::content_type]);
    reply.body = std::move(parser.get().body());
    co_return reply;
}

}  // namespace

bool is_http_url(const std::string& url) {
    return parse_target(url).has_value();
}

Result<HttpReply> http_call(const std::string& url, const std::string* body, const HttpLimits& limits,
                            std::shared_ptr<const client::Trust> trust) {
    const auto target = parse_target(url);
    if (!target)
        return Error{
            Exit::usage, "bad_url",
            "'" + url + "' is no address of the form https://host:port/path or http://host:port/path"};
    if (!trust) trust = client::Trust::system();
    asio::io_context io(1);
    std::optional<HttpReply> reply;
    std::optional<Error> untrusted;
    std::string failure = "no answer within " + std::to_string(limits.patience.count()) + " ms";
    asio::co_spawn(io, call(*target, url, body, limits, trust),
                   [&](std::exception_ptr error, HttpReply answer) {
                       if (!error) {
                           reply = std::move(answer);
                           return;
                       }
                       try {
                           std::rethrow_exception(error);
                       } catch (const client::NotSecure& what) {
                           untrusted = what.error;
                       } catch (const std::exception& what) {
                           failure = what.what();
                       }
                   });
    io.run_for(limits.patience);
    if (reply) return *std::move(reply);
    if (untrusted) return *untrusted;
    return Error{Exit::unreachable, "no_answer", url + ": " + failure};
}

}  // namespace socai::node
