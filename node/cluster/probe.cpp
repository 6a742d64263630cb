#include "node/cluster/probe.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json/parse.hpp>

#include "node/client/secure_stream.hpp"

namespace socai::node::cluster {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace json = boost::json;
using Deadline = std::chrono::steady_clock::time_point;

constexpr std::size_t max_answer_bytes = 1024 * 1024;

// The "why" of a node that is not ready (its /readyz tells in JSON), else what it answered; one line, bounded.
std::string reason_in(std::string body) {
    boost::system::error_code error;
    const json::value value = json::parse(body, error);
    const json::object* object = error ? nullptr : value.if_object();
    const json::value* why = object == nullptr ? nullptr : object->if_contains("why");
    if (why != nullptr && why->is_string()) body = std::string(why->get_string());
    body.resize(std::min<std::size_t>(body.size(), 200));
    std::replace(body.begin(), body.end(), '\n', ' ');
    return body;
}

asio::ip::tcp::endpoint address_of(const client::Endpoint& endpoint) {
    return {asio::ip::make_address(endpoint.host), static_cast<std::uint16_t>(std::stoul(endpoint.port))};
}

asio::awaitable<void> ask_ready(const client::Endpoint& endpoint, Deadline deadline, NodeAnswer& answer) {
    const auto executor = co_await asio::this_coro::executor;
    const std::string url = endpoint.url();
    client::ServerCheck check(endpoint.trust, endpoint.host);
    api::Stream stream(executor, endpoint.trust ? endpoint.trust->context() : nullptr);
    stream.expires_at(deadline);
    co_await stream.tcp().async_connect(address_of(endpoint), asio::use_awaitable);
    co_await client::secure(stream, check, url);
    http::request<http::empty_body> request(http::verb::get, "/readyz", 11);
    request.set(http::field::host, "127.0.0.1");
    request.keep_alive(false);
    co_await http::async_write(stream, request, asio::use_awaitable);
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(max_answer_bytes);
    co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
    answer.reached = true;
    answer.ready = parser.get().result() == http::status::ok;
    if (!answer.ready) answer.why = reason_in(parser.get().body());
}

asio::awaitable<void> ask_status(const client::Endpoint& endpoint, Deadline deadline, NodeAnswer& answer) {
    const auto executor = co_await asio::this_coro::executor;
    const std::string url = endpoint.url();
    client::ServerCheck check(endpoint.trust, endpoint.host);
    beast::websocket::stream<api::Stream> stream(executor,
                                                 endpoint.trust ? endpoint.trust->context() : nullptr);
    stream.read_message_max(max_answer_bytes);
    stream.next_layer().expires_at(deadline);
    co_await stream.next_layer().tcp().async_connect(address_of(endpoint), asio::use_awaitable);
    co_await client::secure(stream.next_layer(), check, url);
    co_await stream.async_handshake("127.0.0.1", "/rpc", asio::use_awaitable);
    static constexpr std::string_view request =
        R"({"jsonrpc":"2.0","id":1,"method":"node.status","params":{}})";
    stream.text(true);
    co_await stream.async_write(asio::buffer(request), asio::use_awaitable);
    beast::flat_buffer buffer;
    co_await stream.async_read(buffer, asio::use_awaitable);
    boost::system::error_code error;
    const json::value value = json::parse(beast::buffers_to_string(buffer.data()), error);
    const json::object* object = error ? nullptr : value.if_object();
    const json::value* result = object == nullptr ? nullptr : object->if_contains("result");
    if (result != nullptr && result->is_object()) answer.status = result->get_object();
}

asio::awaitable<void> ask(const client::Endpoint& endpoint, Deadline deadline, NodeAnswer& answer) {
    // Sockets report by exception inside coroutines; here they become the answer's words.
    try {
        co_await ask_ready(endpoint, deadline, answer);
        co_await ask_status(endpoint, deadline, answer);
    } catch (const client::NotSecure& failure) {
        if (!answer.ready && answer.why.empty()) answer.why = failure.error.detail;
    } catch (const boost::system::system_error& error) {
        const bool late = error.code() == beast::error::timeout;
        if (!answer.ready && answer.why.empty())
            answer.why = late ? "no answer in time" : error.code().message();
    }
}

}  // namespace

std::vector<NodeAnswer> probe(const std::vector<client::Endpoint>& endpoints,
                              std::chrono::milliseconds patience) {
    std::vector<NodeAnswer> answers(endpoints.size());
    asio::io_context io(1);
    const Deadline deadline = std::chrono::steady_clock::now() + patience;
    for (std::size_t i = 0; i < endpoints.size(); ++i)
        asio::co_spawn(io, ask(endpoints[i], deadline, answers[i]), asio::detached);
    io.run();
    return answers;
}

std::string role_of(const NodeAnswer& answer) {
    const json::value* role = answer.status ? answer.status->if_contains("role") : nullptr;
    return role != nullptr && role->is_string() ? std::string(role->get_string()) : std::string();
}

std::uint64_t figure_of(const NodeAnswer& answer, std::string_view name) {
    const json::value* figure = answer.status ? answer.status->if_contains(name) : nullptr;
    if (figure == nullptr) return 0;
    json::error_code error;
    const auto number = figure->to_number<std::uint64_t>(error);
    return error ? 0 : number;
}

}  // namespace socai::node::cluster
