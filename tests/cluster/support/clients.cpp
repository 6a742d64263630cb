#include "clients.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <stdexcept>

#include "ledger/time.hpp"

namespace socai::cluster_tests {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace json = boost::json;
using beast::error_code;

constexpr std::size_t max_answer_bytes = 64 * 1024 * 1024;

// Starts one asynchronous operation and runs it to its end, which the stream's own deadline bounds.
template <class Start>
error_code finish(asio::io_context& io, Start start) {
    error_code outcome;
    start([&outcome](error_code error, auto&&...) { outcome = error; });
    io.restart();
    io.run();
    return outcome;
}

asio::ip::tcp::endpoint address_of(const Endpoint& node) {
    return {asio::ip::make_address(node.host), static_cast<std::uint16_t>(std::stoul(node.port))};
}

api::TlsContext context_of(const Endpoint& node) {
    return node.trust ? node.trust->context() : nullptr;
}

// Nothing, or why there is no connection; with the handshake, where there is TLS.
std::optional<std::string> connect(asio::io_context& io, api::Stream& stream,
                                   node::client::ServerCheck& check, const Endpoint& node) {
    if (const auto error = finish(io, [&](auto done) { stream.tcp().async_connect(address_of(node), done); }))
        return error.message();
    if (!stream.is_secure()) return std::nullopt;
    check.prepare(*stream.native());
    const auto error = finish(io, [&](auto done) { stream.async_connect_tls(done); });
    if (error) return check.explain(error, *stream.native(), node.url()).detail;
    return std::nullopt;
}

}  // namespace

HttpReply http_get(const Endpoint& node, const std::string& target, milliseconds deadline) {
    asio::io_context io(1);
    node::client::ServerCheck check(node.trust, node.host);
    api::Stream stream(io.get_executor(), context_of(node));
    stream.expires_after(deadline);
    if (connect(io, stream, check, node)) return {};
    http::request<http::empty_body> request(http::verb::get, target, 11);
    request.set(http::field::host, node.authority());
    request.keep_alive(false);
    if (finish(io, [&](auto done) { http::async_write(stream, request, done); })) return {};
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(max_answer_bytes);
    if (finish(io, [&](auto done) { http::async_read(stream, buffer, parser, done); })) return {};
    return {parser.get().result_int(), std::move(parser.get().body())};
}

NodeClient::NodeClient(Endpoint node, Timeouts timeouts) : client_({std::move(node)}, timeouts) {}

RpcResult<json::value> NodeClient::call(std::string_view method, const json::object& params) {
    return client_.call(method, params);
}

SubmitOutcome NodeClient::submit(std::string_view statement, milliseconds timeout) {
    const auto answer =
        client_.call("ledger.submit", {{"statement", statement}, {"timeout_ms", timeout.count()}});
    if (!answer) return answer.error();
    return node::client::parse_submit_result(answer->at("results").at(0));
}

RpcResult<json::object> NodeClient::find(std::string_view source, std::string_view id, json::object more) {
    more["source"] = source;
    more["id"] = id;
    auto answer = client_.call("ledger.get", more);
    if (!answer) return answer.error();
    return std::move(answer->as_object());
}

RawWebSocket::RawWebSocket(const Endpoint& node)
    : check_(node.trust, node.host), stream_(io_.get_executor(), context_of(node)) {
    stream_.next_layer().expires_after(patience);
    if (const auto failure = connect(io_, stream_.next_layer(), check_, node))
        throw std::runtime_error(node.url() + ": " + *failure);
    stream_.read_message_max(max_answer_bytes);
    stream_.auto_fragment(false);
    const error_code error =
        finish(io_, [&](auto done) { stream_.async_handshake(node.authority(), node.path, done); });
    if (error) throw std::runtime_error(node.url() + ": " + error.message());
}

void RawWebSocket::send_text(std::string_view bytes) {
    stream_.text(true);
    finish(io_, [&](auto done) { stream_.async_write(asio::buffer(bytes), done); });
}

void RawWebSocket::send_binary(std::string_view bytes) {
    stream_.binary(true);
    finish(io_, [&](auto done) { stream_.async_write(asio::buffer(bytes), done); });
}

std::optional<std::string> RawWebSocket::receive() {
    if (finish(io_, [&](auto done) { stream_.async_read(buffer_, done); })) return std::nullopt;
    std::string message = beast::buffers_to_string(buffer_.data());
    buffer_.clear();
    return message;
}

unsigned RawWebSocket::close_code() {
    while (receive()) {
    }
    return stream_.reason().code;
}

std::string risk_signal(std::string_view source, std::string_view id, std::string_view note,
                        std::int64_t time_ms) {
    return json::serialize(json::object{{"specversion", "1.0"},
                                        {"id", id},
                                        {"source", source},
                                        {"type", "vn.socai.risk_signal.v1"},
                                        {"subject", id},
                                        {"time", ledger::format_rfc3339(time_ms)},
                                        {"datacontenttype", "application/json"},
                                        {"data",
                                         {{"hs_code", "95030099"},
                                          {"country_of_origin", "CN"},
                                          {"severity", "low"},
                                          {"description", std::string(note)},
                                          {"refs", json::array{}}}}});
}

std::string event(std::string_view source, std::string_view kind, std::string_view id, json::object data) {
    return json::serialize(json::object{{"specversion", "1.0"},
                                        {"id", id},
                                        {"source", source},
                                        {"type", "vn.socai." + std::string(kind) + ".v1"},
                                        {"subject", "08/" + std::string(id)},
                                        {"time", ledger::format_rfc3339(now_ms())},
                                        {"datacontenttype", "application/json"},
                                        {"data", std::move(data)}});
}

std::string statement_of(const LocalCluster& cluster, const std::string& source, std::string_view record) {
    return ledger::sign_statement(cluster.key(source), cluster.origin(), record, false);
}

std::uint64_t number(const json::object& object, std::string_view name) {
    return object.at(name).to_number<std::uint64_t>();
}

std::string text(const json::object& object, std::string_view name) {
    return std::string(object.at(name).as_string());
}

}  // namespace socai::cluster_tests
