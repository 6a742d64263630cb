// One HTTP/1.1 connection: makes the TLS handshake where there is TLS, reads a request at a time within bounds, answers it, and hands the socket over at
// an upgrade to WebSocket.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <optional>

#include "api/connections.hpp"
#include "api/http_routes.hpp"
#include "api/server_context.hpp"
#include "api/stream.hpp"

namespace socai::api {

// Owned by its pending operation; everything but shut_down runs on the stream's strand.
class HttpSession final : public Connection, public std::enable_shared_from_this<HttpSession> {
  public:
    // `over_limit`: the server has its fill of connections; this one is told so and closed.
    HttpSession(Stream&& stream, std::shared_ptr<ServerContext> context, ConnectionSlot slot, Session session,
                bool over_limit);
    ~HttpSession() override;

    void run();  // once; any thread
    void shut_down() override;

  private:
    using Request = boost::beast::http::request<boost::beast::http::string_body>;
    using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

    void secure();
    void on_secure(boost::beast::error_code error, bool plain);
    void read();
    void on_read(boost::beast::error_code error);
    void on_unreadable(boost::beast::error_code error);
    void serve(Request&& request);
    // Who asks, by the request alone. An answer when the account that it names is not taken.
    std::optional<HttpAnswer> identify(const Request& request);
    // Refused for being more than the asker may ask for.
    std::optional<HttpAnswer> over_limit(const Request& request, const Payer& payer);
    void read_in_turn(Request&& request, const Asker& asker);
    void upgrade(Request&& request);
    void add_checkpoint(Request&& request);
    void write(HttpAnswer&& answer, const Request* request);
    void finish();  // says that nothing more comes, and waits for the client to close

    Stream stream_;
    std::shared_ptr<ServerContext> context_;  // before the slot, which refers into it
    std::optional<ConnectionSlot> slot_;      // empty once the socket was handed over
    Session session_;
    bool over_limit_;
    boost::beast::flat_buffer buffer_;
    std::optional<Parser> parser_;  // a fresh one for every request
    bool writing_ = false;
    bool closing_ = false;  // close after the answer that is being written
};

}  // namespace socai::api
