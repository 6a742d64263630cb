#include "clients.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <stdexcept>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace json = boost::json;

namespace socai::api::testing {
namespace {

constexpr std::chrono::seconds deadline{30};

// Starts one asynchronous operation and runs it to its end.
template <class Start>
beast::error_code finish(asio::io_context& io, Start start) {
    std::optional<beast::error_code> outcome;
    start([&outcome](beast::error_code error, auto&&...) { outcome = error; });
    io.restart();
    io.run_for(deadline);
    if (!outcome) throw std::runtime_error("the test's deadline has passed");
    return *outcome;
}

asio::ip::tcp::endpoint local(std::uint16_t port) {
    return {asio::ip::make_address("127.0.0.1"), port};
}

void require(beast::error_code error) {
    if (error) throw std::runtime_error(error.message());
}

}  // namespace

RpcClient::RpcClient(std::uint16_t port, const std::string& authorization) {
    auto& tcp = beast::get_lowest_layer(stream_);
    require(finish(io_, [&](auto done) { tcp.async_connect(local(port), done); }));
    tcp.socket().set_option(asio::ip::tcp::no_delay(true));
    stream_.read_message_max(64 * 1024 * 1024);
    if (!authorization.empty())
        stream_.set_option(
            beast::websocket::stream_base::decorator([&](beast::websocket::request_type& request) {
                request.set(http::field::authorization, authorization);
            }));
    require(finish(io_, [&](auto done) { stream_.async_handshake("127.0.0.1", "/rpc", done); }));
}

void RpcClient::send(std::string_view text) {
    stream_.text(true);
    require(finish(io_, [&](auto done) { stream_.async_write(asio::buffer(text), done); }));
}

void RpcClient::send_binary(std::string_view bytes) {
    stream_.binary(true);
    require(finish(io_, [&](auto done) { stream_.async_write(asio::buffer(bytes), done); }));
}

std::optional<std::string> RpcClient::receive() {
    const auto error = finish(io_, [&](auto done) { stream_.async_read(buffer_, done); });
    if (error) {
        end_ = error;
        return std::nullopt;
    }
    std::string text = beast::buffers_to_string(buffer_.data());
    buffer_.clear();
    return text;
}

json::value RpcClient::receive_json() {
    const auto text = receive();
    if (!text) throw std::runtime_error("the connection ended: " + end_.message());
    return json::parse(*text);
}

json::object RpcClient::call(std::string_view method, json::value params) {
    const std::int64_t id = next_id_++;
    send(json::serialize(
        json::object{{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}, {"id", id}}));
    for (;;) {
        json::object message = receive_json().as_object();
        if (message.contains("method")) {
            notifications_.push_back(std::move(message));
            continue;
        }
        if (message.at("id") != json::value(id)) throw std::runtime_error("an answer to something else");
        return message;
    }
}

json::value RpcClient::result(std::string_view method, json::value params) {
    const json::object answer = call(method, std::move(params));
    if (!answer.contains("result")) throw std::runtime_error(json::serialize(answer));
    return answer.at("result");
}

json::object RpcClient::error(std::string_view method, json::value params) {
    const json::object answer = call(method, std::move(params));
    if (!answer.contains("error")) throw std::runtime_error(json::serialize(answer));
    return answer.at("error").as_object();
}

json::object RpcClient::notification() {
    if (notifications_.empty()) notifications_.push_back(receive_json().as_object());
    json::object params = notifications_.front().at("params").as_object();
    notifications_.pop_front();
    return params;
}

unsigned RpcClient::closed_with() {
    while (receive()) {
    }
    return stream_.reason().code;
}

void RpcClient::close() {
    finish(io_, [&](auto done) { stream_.async_close(beast::websocket::close_code::normal, done); });
}

HttpClient::HttpClient(std::uint16_t port) {
    require(finish(io_, [&](auto done) { stream_.async_connect(local(port), done); }));
}

HttpResponse HttpClient::request(http::verb method, std::string_view target, std::string body) {
    http::request<http::string_body> request(method, {target.data(), target.size()}, 11);
    request.set(http::field::host, "127.0.0.1");
    if (!authorization.empty()) request.set(http::field::authorization, authorization);
    request.body() = std::move(body);
    request.prepare_payload();
    require(finish(io_, [&](auto done) { http::async_write(stream_, request, done); }));
    auto response = receive(method == http::verb::head);
    if (!response) throw std::runtime_error("the connection ended");
    return std::move(*response);
}

void HttpClient::send_raw(std::string_view bytes) {
    require(finish(io_, [&](auto done) { asio::async_write(stream_, asio::buffer(bytes), done); }));
}

std::optional<HttpResponse> HttpClient::receive(bool head) {
    http::response_parser<http::string_body> parser;
    parser.body_limit(64 * 1024 * 1024);
    parser.skip(head);
    const auto error = finish(io_, [&](auto done) { http::async_read(stream_, buffer_, parser, done); });
    if (error) return std::nullopt;
    return parser.release();
}

bool HttpClient::closed() {
    char byte = 0;
    const auto error = finish(io_, [&](auto done) { stream_.async_read_some(asio::buffer(&byte, 1), done); });
    return static_cast<bool>(error);
}

}  // namespace socai::api::testing
