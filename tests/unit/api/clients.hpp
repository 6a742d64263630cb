// Clients of the tests: every wait has a deadline and fails the test loudly when it passes.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace socai::api::testing {

class RpcClient {
  public:
    // `authorization`: that header at the upgrade; empty: none.
    explicit RpcClient(std::uint16_t port, const std::string& authorization = {});

    void send(std::string_view text);
    void send_binary(std::string_view bytes);
    // The next message; nothing when the connection ended instead.
    std::optional<std::string> receive();
    // The next message as JSON; throws when the connection ended instead.
    boost::json::value receive_json();
    // Sends a request with a fresh id and returns the response to it, keeping notifications for later.
    boost::json::object call(std::string_view method, boost::json::value params = boost::json::object{});
    boost::json::value result(std::string_view method, boost::json::value params = boost::json::object{});
    boost::json::object error(std::string_view method, boost::json::value params = boost::json::object{});
    // The next notification's params.
    boost::json::object notification();
    // Reads until the server closes; its close code, 0 when there was none.
    unsigned closed_with();
    void close();

  private:
    boost::asio::io_context io_;
    boost::beast::websocket::stream<boost::beast::tcp_stream> stream_{io_};
    boost::beast::flat_buffer buffer_;
    boost::beast::error_code end_;  // why the connection ended
    std::deque<boost::json::object> notifications_;
    std::int64_t next_id_ = 1;
};

using HttpResponse = boost::beast::http::response<boost::beast::http::string_body>;

class HttpClient {
  public:
    explicit HttpClient(std::uint16_t port);
    HttpResponse request(boost::beast::http::verb method, std::string_view target, std::string body = {});
    HttpResponse get(std::string_view target) { return request(boost::beast::http::verb::get, target); }
    // Of every request from now on.
    std::string authorization;
    void send_raw(std::string_view bytes);
    // The next response; nothing when the server closed instead.
    std::optional<HttpResponse> receive(bool head = false);
    // True once the server has closed its side.
    bool closed();

  private:
    boost::asio::io_context io_;
    boost::beast::tcp_stream stream_{io_};
    boost::beast::flat_buffer buffer_;
};

}  // namespace socai::api::testing
