#include "api/http_session.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <chrono>
#include <iterator>
#include <utility>

#include "api/websocket_session.hpp"

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace socai::api {
namespace {

constexpr std::uint32_t max_header_bytes = 8 * 1024;
constexpr std::uint64_t max_body_bytes = 64 * 1024;
// Of TLS, whatever the limits say.
constexpr std::chrono::milliseconds longest_handshake{10'000};
// How long a client may take to read the last answer and close its side.
constexpr std::chrono::seconds linger{2};

std::string_view view(beast::string_view text) {
    return {text.data(), text.size()};
}

HttpAnswer unreadable_answer(beast::error_code error) {
    if (error == http::error::header_limit) {
        return http_error(431, "unreadable", "header_too_large",
                          "the request's header is over " + std::to_string(max_header_bytes) + " bytes");
    }
    if (error == http::error::body_limit) {
        return http_error(413, "unreadable", "body_too_large",
                          "the request's body is over " + std::to_string(max_body_bytes) + " bytes");
    }
    return http_error(400, "unreadable", "malformed_request",
                      "the request is not HTTP/1.1: " + error.message());
}

}  // namespace

HttpSession::HttpSession(Stream&& stream, std::shared_ptr<ServerContext> context, ConnectionSlot slot,
                         Session session, bool over_limit)
    : stream_(std::move(stream)),
      context_(std::move(context)),
      slot_(std::move(slot)),
      session_(std::move(session)),
      over_limit_(over_limit) {
    context_->metrics.connected(Protocol::http);
}

HttpSession::~HttpSession() {
    context_->metrics.disconnected(Protocol::http);
}

void HttpSession::run() {
    slot_->serve(shared_from_this());
    asio::dispatch(stream_.get_executor(), [self = shared_from_this()] {
        if (self->stream_.is_secure())
            self->secure();
        else
            self->read();
    });
}

void HttpSession::shut_down() {
    asio::post(stream_.get_executor(), [self = shared_from_this()] {
        if (!self->slot_) return;  // the WebSocket session has the socket
        self->closing_ = true;
        if (!self->writing_) self->stream_.close();
    });
}

// Within the time that a request has: a handshake that trickles in buys none beyond it.
void HttpSession::secure() {
    if (closing_) return;
    const std::chrono::milliseconds idle(context_->options.limits.http_idle_ms);
    stream_.expires_after(std::min<std::chrono::milliseconds>(idle, longest_handshake));
    stream_.async_accept_tls(
        [self = shared_from_this()](beast::error_code error, bool plain) { self->on_secure(error, plain); });
}

void HttpSession::on_secure(beast::error_code error, bool plain) {
    if (!error) {
        // A certificate of nobody known is no certificate: browsers and other clients show what they have.
        if (const auto key = stream_.client_key())
            if (auto signed_in = context_->sign_ins->vouched_for(*key)) session_.vouch(*std::move(signed_in));
        read();
        return;
    }
    context_->metrics.refused_handshake();
    if (!plain) {
        stream_.close();
        return;
    }
    // RFC 9110 §15.5.22: it needs to speak something else. Said in the open, which is all that it understands.
    const auto message =
        std::make_shared<http::response<http::string_body>>(http::status::upgrade_required, 11);
    HttpAnswer answer =
        http_error(426, "plain", "tls_required",
                   "this port speaks TLS 1.3 alone; write https:// or wss:// instead of http:// or ws://");
    message->set(http::field::content_type, answer.content_type);
    message->set(http::field::upgrade, "TLS/1.3");
    message->set(http::field::connection, "upgrade, close");
    message->body() = std::move(answer.body);
    message->prepare_payload();
    context_->metrics.requested(answer.route, answer.status);
    stream_.expires_after(linger);
    http::async_write(stream_.tcp(), *message,
                      [self = shared_from_this(), message](beast::error_code failure, std::size_t) {
                          if (!failure) self->finish();
                      });
}

void HttpSession::read() {
    if (closing_) {
        finish();
        return;
    }
    parser_.emplace();
    parser_->header_limit(max_header_bytes);
    parser_->body_limit(max_body_bytes);
    // One deadline for the whole request, so that bytes that trickle in buy no time (slow-loris); it bounds
    // the idle time between requests as well.
    const std::chrono::milliseconds idle(context_->options.limits.http_idle_ms);
    stream_.expires_after(over_limit_ ? std::min<std::chrono::milliseconds>(idle, linger) : idle);
    http::async_read(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](beast::error_code error, std::size_t) { self->on_read(error); });
}

void HttpSession::on_read(beast::error_code error) {
    if (error) {
        on_unreadable(error);
        return;
    }
    if (closing_) {
        finish();
        return;
    }
    serve(parser_->release());
}

void HttpSession::on_unreadable(beast::error_code error) {
    // What a client's parser sent wrong is answered; a timeout, a reset or an end is not.
    const bool is_http = error.category() == http::make_error_code(http::error::end_of_stream).category();
    if (!is_http || error == http::error::end_of_stream || error == http::error::partial_message) {
        finish();
        return;
    }
    closing_ = true;
    write(unreadable_answer(error), nullptr);
}

void HttpSession::serve(Request&& request) {
    if (over_limit_) {
        closing_ = true;
        write(http_error(503, "refused", "too_many_connections",
                         "this node has its fill of connections, in all or from this address; close some or "
                         "try another "
                         "node"),
              &request);
        return;
    }
    if (auto refused = identify(request)) {
        // Looking at a token costs more than most requests: who brings bad ones must come anew for each.
        context_->budgets.charge({false, session_.address()}, Budgets::Of::calls, 1);
        closing_ = true;
        write(std::move(*refused), &request);
        return;
    }
    const Asker asker = session_.asker();
    if (auto refused = over_limit(request, Payer::of(asker))) {
        write(std::move(*refused), &request);
        return;
    }
    const std::string_view path = view(request.target()).substr(0, view(request.target()).find('?'));
    if (beast::websocket::is_upgrade(request) && path == "/rpc") {
        upgrade(std::move(request));
        return;
    }
    if (is_add_checkpoint(view(request.method_string()), view(request.target()))) {
        add_checkpoint(std::move(request));
        return;
    }
    if (may_take_long(path)) {
        read_in_turn(std::move(request), asker);
        return;
    }
    write(answer_http(*context_, asker, view(request.method_string()), view(request.target())), &request);
}

std::optional<HttpAnswer> HttpSession::over_limit(const Request& request, const Payer& payer) {
    if (is_health(view(request.target()))) return std::nullopt;
    Budgets& budgets = context_->budgets;
    std::int64_t wait_ms = 0;
    for (const Budgets::Of what : {Budgets::Of::calls, Budgets::Of::bytes, Budgets::Of::cost})
        wait_ms = std::max(wait_ms, budgets.wait_ms(payer, what));
    if (wait_ms > 0) {
        context_->metrics.refused("rate_limited");
        return http_overloaded(429, rate_limited("requests", wait_ms));
    }
    budgets.charge(payer, Budgets::Of::calls, 1);
    budgets.charge(payer, Budgets::Of::bytes, request.body().size());
    return std::nullopt;
}

// In the pool; nothing more is read from the connection until it is answered.
void HttpSession::read_in_turn(Request&& request, const Asker& asker) {
    const auto kept = std::make_shared<Request>(std::move(request));
    stream_.expires_never();
    const bool taken = context_->reads.run(Payer::of(asker), [self = shared_from_this(), kept, asker] {
        const auto answer = std::make_shared<HttpAnswer>();
        try {
            *answer = answer_http(*self->context_, asker, view(kept->method_string()), view(kept->target()));
        } catch (const std::exception& fault) {
            spdlog::error("api: an HTTP read failed: {}", fault.what());
            *answer = http_error(500, "unknown", "internal", "the node failed to answer; its log says why");
        }
        constexpr std::size_t bytes_a_unit = 1'024;
        self->context_->budgets.charge(Payer::of(asker), Budgets::Of::cost,
                                       1 + answer->body.size() / bytes_a_unit);
        asio::post(self->stream_.get_executor(),
                   [self, kept, answer] { self->write(std::move(*answer), kept.get()); });
    });
    if (taken) return;
    Error full{Code::overloaded, "reads_full", "too many reads wait at this node; ask again later", true};
    full.retry_after_ms = 1'000;
    context_->metrics.refused(full.reason);
    write(http_overloaded(503, full), kept.get());
}

std::optional<HttpAnswer> HttpSession::identify(const Request& request) {
    constexpr std::string_view scheme = "Bearer ";
    const auto fields = request.equal_range(http::field::authorization);
    if (fields.first == fields.second) {
        session_.sign_out();
        return std::nullopt;
    }
    const std::string_view value = view(fields.first->value());
    if (std::next(fields.first) != fields.second || !beast::iequals(value.substr(0, scheme.size()), scheme))
        return http_error(401, "refused", "malformed_token",
                          "the Authorization header must be one, of the form \"Bearer <access token>\"");
    const auto signed_in = session_.sign_in(value.substr(scheme.size()));
    if (signed_in) return std::nullopt;
    return http_error(signed_in.error().code == Code::overloaded ? 429 : 401, "refused",
                      signed_in.error().reason, signed_in.error().detail);
}

// The answer comes when the backend has it; nothing more is read from the connection until then.
void HttpSession::add_checkpoint(Request&& request) {
    auto kept = std::make_shared<Request>(std::move(request));
    std::string body = std::exchange(kept->body(), {});
    stream_.expires_never();
    api::add_checkpoint(*context_, std::move(body), [self = shared_from_this(), kept](HttpAnswer answer) {
        asio::post(self->stream_.get_executor(), [self, kept, answer = std::move(answer)]() mutable {
            self->write(std::move(answer), kept.get());
        });
    });
}

void HttpSession::upgrade(Request&& request) {
    if (buffer_.size() > 0) {
        closing_ = true;
        write(http_error(400, "rpc", "malformed_request",
                         "bytes follow the upgrade request; wait for the answer before sending frames"),
              &request);
        return;
    }
    context_->metrics.requested("rpc", 101);
    ConnectionSlot slot = std::move(*slot_);
    slot_.reset();
    std::make_shared<WebSocketSession>(std::move(stream_), context_, std::move(slot), std::move(session_))
        ->run(std::move(request));
}

void HttpSession::write(HttpAnswer&& answer, const Request* request) {
    const bool keep_alive = !closing_ && request != nullptr && request->keep_alive();
    const bool head = request != nullptr && request->method() == http::verb::head;
    const auto message = std::make_shared<http::response<http::string_body>>();
    message->version(request != nullptr ? request->version() : 11);
    message->result(answer.status);
    message->set(http::field::server, "socai/" + context_->options.version);
    message->set(http::field::content_type, answer.content_type);
    message->set(http::field::cache_control, answer.cache_control);
    message->set("X-Content-Type-Options", "nosniff");
    if (!answer.allow.empty()) message->set(http::field::allow, answer.allow);
    if (answer.retry_after_s > 0)
        message->set(http::field::retry_after, std::to_string(answer.retry_after_s));
    if (answer.status == 401) message->set(http::field::www_authenticate, "Bearer");
    if (answer.status == 426) message->set(http::field::upgrade, "websocket");
    message->keep_alive(keep_alive);
    message->content_length(answer.body.size());
    if (!head) message->body() = std::move(answer.body);
    context_->metrics.requested(answer.route, answer.status);
    closing_ = !keep_alive;
    writing_ = true;
    stream_.expires_after(std::chrono::milliseconds(context_->options.limits.http_idle_ms));
    http::async_write(stream_, *message,
                      [self = shared_from_this(), message](beast::error_code error, std::size_t bytes) {
                          self->writing_ = false;
                          self->context_->metrics.sent(bytes);
                          if (error) return;
                          self->read();
                      });
}

void HttpSession::finish() {
    stream_.expires_after(linger);
    stream_.async_end([self = shared_from_this()](beast::error_code) {});
}

}  // namespace socai::api
