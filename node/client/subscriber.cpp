#include "node/client/subscriber.hpp"

#include <boost/json/serialize.hpp>
#include <cassert>
#include <csignal>

namespace socai::node::client {

namespace json = boost::json;

namespace {

std::optional<std::uint64_t> index_member(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    json::error_code error;
    const auto index = value->to_number<std::uint64_t>(error);
    return error ? std::nullopt : std::optional(index);
}

}  // namespace

Subscriber::Subscriber(SubscribeOptions options, Entry entry, Trouble trouble)
    : options_(std::move(options)),
      entry_(std::move(entry)),
      trouble_(std::move(trouble)),
      next_index_(options_.from_index) {
    assert(!options_.endpoints.empty());
}

RpcResult<void> Subscriber::run() {
    last_contact_ = std::chrono::steady_clock::now();
    signals_.add(SIGINT);
    signals_.add(SIGTERM);
    signals_.async_wait([this](boost::system::error_code error, int) {
        if (!error) stop({});
    });
    connect();
    io_.run();
    assert(outcome_.has_value());
    return *outcome_;
}

void Subscriber::stop(RpcResult<void> outcome) {
    if (outcome_) return;
    outcome_ = std::move(outcome);
    signals_.cancel();
    pause_.cancel();
    if (connection_ != nullptr) std::exchange(connection_, nullptr)->close();
}

void Subscriber::connect() {
    connection_ = Connection::create(io_, options_.endpoints[endpoint_], options_.timeouts);
    connection_->on_closed = [this](const RpcError& why) { retry_later(why); };
    connection_->on_notification = [this](std::string_view method, const json::object& params) {
        take(method, params);
    };
    connection_->connect([this](const RpcResult<void>& connected) {
        if (connected.has_error()) return retry_later(connected.error());
        distrusted_ = 0;
        subscribe();
    });
}

void Subscriber::subscribe() {
    json::object params;
    if (next_index_) params["from_index"] = *next_index_;
    if (!options_.filter.empty()) params["filter"] = options_.filter;
    connection_->call("ledger.subscribe", json::serialize(params),
                      [this](const RpcResult<json::value>& answer) {
                          if (outcome_) return;
                          if (answer.has_value()) {
                              subscribed(*answer);
                          } else if (answer.error().no_answer() || answer.error().retryable) {
                              retry_later(answer.error());
                          } else {
                              stop(answer.error());
                          }
                      });
}

void Subscriber::subscribed(const json::value& answer) {
    backoff_.reset();
    subscribed_ = true;
    if (next_index_) return;
    // Asked for what comes next: from here on, also through another node, it is known what that is.
    if (const auto* members = answer.if_object()) next_index_ = index_member(*members, "from_index");
}

void Subscriber::take(std::string_view method, const json::object& params) {
    if (outcome_ || method != "ledger.entry") return;
    const auto index = index_member(params, "index");
    if (!index) return retry_later({0, "bad_answer", "a ledger.entry without an index", true});
    if (next_index_ && *index < *next_index_) return;  // seen before the connection was lost
    next_index_ = *index + 1;
    if (!entry_(params)) stop({});
}

void Subscriber::retry_later(const RpcError& why) {
    if (outcome_ || connection_ == nullptr) return;
    if (why.is_tls() && ++distrusted_ >= options_.endpoints.size()) return stop(why);
    const auto now = std::chrono::steady_clock::now();
    if (std::exchange(subscribed_, false)) last_contact_ = now;  // it stood until this moment, news or not
    if (now - last_contact_ >= options_.retry_for) return stop(why);
    trouble_(why);
    std::exchange(connection_, nullptr)->close();
    endpoint_ = (endpoint_ + 1) % options_.endpoints.size();
    pause_.expires_after(backoff_.next());
    pause_.async_wait([this](boost::system::error_code error) {
        if (!error && !outcome_) connect();
    });
}

}  // namespace socai::node::client
