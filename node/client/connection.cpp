#include "node/client/connection.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/json/parse.hpp>
#include <cassert>
#include <utility>
#include <vector>

#include "ledger/ijson.hpp"

namespace socai::node::client {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace json = boost::json;
namespace websocket = boost::beast::websocket;

// A page of 1,000 records of the largest size, with room to spare.
constexpr std::size_t max_answer_bytes = 128 * 1024 * 1024;
// An answer carries records as they were signed, as deep as the ledger admits, inside an envelope of its own.
constexpr std::size_t max_envelope_depth = 32;
constexpr std::size_t max_answer_depth = ledger::max_json_depth + max_envelope_depth;
// How often deadlines of calls are looked at: their precision.
constexpr std::chrono::milliseconds sweep_interval{50};

// RFC 9110 §15.5.22, as api/http_session.cpp answers.
bool asks_for_tls(const websocket::response_type& answer) {
    return answer.result() == beast::http::status::upgrade_required &&
           std::string_view(answer[beast::http::field::upgrade]).starts_with("TLS/");
}

RpcError lost(const Endpoint& endpoint, const std::string& why) {
    return {0, "connection_lost", "the connection to " + endpoint.url() + " was lost (" + why + ")", true};
}

}  // namespace

std::shared_ptr<Connection> Connection::create(asio::io_context& io, Endpoint endpoint, Timeouts timeouts) {
    return std::shared_ptr<Connection>(new Connection(io, std::move(endpoint), timeouts));
}

Connection::Connection(asio::io_context& io, Endpoint endpoint, Timeouts timeouts)
    : endpoint_(std::move(endpoint)),
      timeouts_(timeouts),
      resolver_(io),
      stream_(io.get_executor(), endpoint_.trust ? endpoint_.trust->context() : nullptr),
      timer_(io) {
    if (endpoint_.trust) check_.emplace(endpoint_.trust, endpoint_.host);
}

void Connection::connect(std::function<void(RpcResult<void>)> done) {
    assert(state_ == State::fresh);
    state_ = State::connecting;
    on_connected_ = std::move(done);
    auto self = shared_from_this();
    timer_.expires_after(timeouts_.connect);
    timer_.async_wait([this, self](beast::error_code error) {
        if (!error && state_ == State::connecting)
            cannot_connect("no answer within " + std::to_string(timeouts_.connect.count()) + " ms");
    });
    resolver_.async_resolve(
        endpoint_.host, endpoint_.port, [this, self](beast::error_code error, auto found) {
            if (state_ != State::connecting) return;
            if (error) return cannot_connect(error.message());
            stream_.next_layer().tcp().async_connect(
                found, [this, self](beast::error_code failure, const auto&) {
                    if (state_ != State::connecting) return;
                    if (failure) return cannot_connect(failure.message());
                    beast::error_code ignored;
                    stream_.next_layer().tcp().socket().set_option(asio::ip::tcp::no_delay(true), ignored);
                    if (check_)
                        secure();
                    else
                        handshake();
                });
        });
}

void Connection::secure() {
    check_->prepare(*stream_.next_layer().native());
    stream_.next_layer().async_connect_tls([this, self = shared_from_this()](beast::error_code error) {
        if (state_ != State::connecting) return;
        if (error)
            return cannot_trust(check_->explain(error, *stream_.next_layer().native(), endpoint_.url()));
        handshake();
    });
}

void Connection::handshake() {
    websocket::stream_base::timeout limits;
    limits.handshake_timeout = timeouts_.connect;
    limits.idle_timeout = timeouts_.idle;
    limits.keep_alive_pings = true;
    stream_.set_option(limits);
    stream_.read_message_max(max_answer_bytes);
    stream_.text(true);
    stream_.auto_fragment(false);
    stream_.async_handshake(greeting_, endpoint_.authority(), endpoint_.path,
                            [this, self = shared_from_this()](beast::error_code error) {
                                if (state_ != State::connecting) return;
                                if (error == websocket::error::upgrade_declined && asks_for_tls(greeting_))
                                    return cannot_trust(tls_required(endpoint_.url()));
                                if (error) return cannot_connect(error.message());
                                connected();
                            });
}

void Connection::connected() {
    state_ = State::open;
    timer_.cancel();
    read();
    std::exchange(on_connected_, nullptr)(RpcResult<void>());
}

void Connection::cannot_connect(const std::string& why) {
    shut();
    std::exchange(on_connected_, nullptr)(
        RpcError{0, "cannot_connect",
                 "cannot reach " + endpoint_.url() + " (" + why + "); is the node running?", true});
}

void Connection::cannot_trust(const Error& why) {
    shut();
    std::exchange(on_connected_, nullptr)(RpcError{0, why.reason, why.detail, false});
}

void Connection::call(std::string_view method, std::string_view params, Answer done) {
    if (state_ != State::open) {
        asio::post(stream_.get_executor(),
                   [done = std::move(done), error = lost(endpoint_, "it is closed")] { done(error); });
        return;
    }
    const std::uint64_t id = ++last_id_;
    std::string text;
    text.reserve(params.size() + method.size() + 64);
    text.append(R"({"jsonrpc":"2.0","id":)").append(std::to_string(id)).append(R"(,"method":")");
    text.append(method).append(R"(","params":)").append(params).append("}");
    pending_.emplace(id, Pending{std::move(done), Clock::now() + timeouts_.answer});
    output_.push_back(std::move(text));
    if (!writing_) write();
    if (!sweeping_) watch_deadlines();
}

void Connection::write() {
    writing_ = true;
    stream_.async_write(asio::buffer(output_.front()),
                        [this, self = shared_from_this()](beast::error_code error, std::size_t) {
                            writing_ = false;
                            if (state_ != State::open) return;
                            if (error) return fail(lost(endpoint_, error.message()));
                            output_.pop_front();
                            if (!output_.empty()) write();
                        });
}

void Connection::read() {
    stream_.async_read(input_, [this, self = shared_from_this()](beast::error_code error, std::size_t) {
        if (state_ != State::open) return;
        if (error == websocket::error::closed) {
            const auto& reason = stream_.reason();
            return fail(lost(endpoint_, "the node closed it with code " + std::to_string(reason.code) + " " +
                                            std::string(reason.reason.data(), reason.reason.size())));
        }
        if (error) return fail(lost(endpoint_, error.message()));
        const auto data = input_.cdata();
        take({static_cast<const char*>(data.data()), data.size()});
        if (state_ != State::open) return;
        input_.consume(input_.size());
        read();
    });
}

void Connection::take(std::string_view text) {
    const auto bad = [this](const char* what) {
        fail({0, "bad_answer", endpoint_.url() + " sent " + what + "; is it a node of the ledger?", true});
    };
    json::error_code error;
    json::parse_options options;
    options.max_depth = max_answer_depth;
    json::value message = json::parse(text, error, {}, options);
    if (error || !message.is_object()) return bad("something that is not JSON-RPC");
    json::object& members = message.get_object();

    if (const auto* method = members.if_contains("method")) {
        const auto* params = members.if_contains("params");
        if (!method->is_string() || params == nullptr || !params->is_object())
            return bad("a notification without parameters");
        const auto notify = on_notification;  // a copy: the callback may close this connection
        if (notify) notify(method->get_string(), params->get_object());
        return;
    }
    const auto* id = members.if_contains("id");
    if (id == nullptr || !id->is_number()) return bad("an answer without an id");
    json::error_code out_of_range;
    const auto found = pending_.find(id->to_number<std::uint64_t>(out_of_range));
    if (out_of_range || found == pending_.end()) return;  // its call has run out of time
    Answer done = std::move(found->second.done);
    pending_.erase(found);
    if (auto* result = members.if_contains("result")) return done(std::move(*result));
    if (const auto* failure = members.if_contains("error"); failure != nullptr && failure->is_object())
        return done(parse_rpc_error(failure->get_object()));
    done(RpcError{0, "bad_answer", endpoint_.url() + " answered with neither result nor error", true});
}

void Connection::watch_deadlines() {
    sweeping_ = true;
    timer_.expires_after(sweep_interval);
    timer_.async_wait([this, self = shared_from_this()](beast::error_code error) {
        sweeping_ = false;
        if (error || state_ != State::open) return;
        const auto now = Clock::now();
        std::vector<Answer> late;
        for (auto call = pending_.begin(); call != pending_.end();) {
            if (call->second.deadline > now) {
                ++call;
                continue;
            }
            late.push_back(std::move(call->second.done));
            call = pending_.erase(call);
        }
        for (const Answer& done : late)
            done(RpcError{0, "no_answer",
                          endpoint_.url() + " did not answer within " +
                              std::to_string(timeouts_.answer.count()) + " ms",
                          true});
        if (!pending_.empty() && state_ == State::open && !sweeping_) watch_deadlines();
    });
}

void Connection::fail(RpcError why) {
    assert(state_ == State::open);
    shut();
    auto pending = std::exchange(pending_, {});
    auto closed = std::exchange(on_closed, nullptr);
    for (auto& [id, call] : pending) call.done(why);
    if (closed) closed(why);
}

void Connection::shut() {
    state_ = State::closed;
    on_notification = nullptr;
    timer_.cancel();
    resolver_.cancel();
    stream_.next_layer().close();
}

void Connection::close() {
    if (state_ == State::closing || state_ == State::closed) return;
    pending_.clear();
    on_closed = nullptr;
    on_connected_ = nullptr;
    if (state_ != State::open || writing_) return shut();
    state_ = State::closing;
    on_notification = nullptr;
    timer_.cancel();
    stream_.async_close(websocket::close_code::normal, [this, self = shared_from_this()](beast::error_code) {
        if (state_ != State::closed) shut();
    });
}

}  // namespace socai::node::client
