#include "api/websocket_session.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <cassert>
#include <chrono>
#include <string_view>
#include <utility>

#include "api/json_rpc.hpp"

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace json = boost::json;
namespace websocket = boost::beast::websocket;

namespace socai::api {
namespace {

// A peer that does not answer a close frame is cut off after this.
constexpr std::chrono::seconds close_timeout{5};
// Notifications are queued only while less than this share of the send queue is taken, so that answers to
// calls always find room.
constexpr std::size_t notification_share = 4;
// What a connection keeps of its read buffer between messages.
constexpr std::size_t kept_buffer_bytes = 64 * 1024;

}  // namespace

WebSocketSession::WebSocketSession(Stream&& stream, std::shared_ptr<ServerContext> context,
                                   ConnectionSlot slot, Session session)
    : stream_(std::move(stream)),
      context_(std::move(context)),
      slot_(std::move(slot)),
      paused_(stream_.get_executor()),
      session_(std::move(session)),
      expiry_(stream_.get_executor()),
      throttle_(stream_.get_executor()),
      pace_(stream_.get_executor()) {
    context_->metrics.connected(Protocol::websocket);
}

WebSocketSession::~WebSocketSession() {
    context_->feed.remove(this);
    for (const auto& [id, payer] : payers_) context_->budgets.close_subscription(payer);
    context_->metrics.subscribed(-static_cast<int>(subscriptions_.size()));
    context_->metrics.disconnected(Protocol::websocket);
}

void WebSocketSession::run(UpgradeRequest&& request) {
    slot_.serve(shared_from_this());
    const Limits& limits = context_->options.limits;
    beast::get_lowest_layer(stream_).expires_never();  // the WebSocket layer has its own timers
    stream_.set_option(
        websocket::stream_base::timeout{.handshake_timeout = close_timeout,
                                        .idle_timeout = std::chrono::milliseconds(limits.websocket_idle_ms),
                                        .keep_alive_pings = true});
    stream_.set_option(websocket::stream_base::decorator([this](websocket::response_type& response) {
        response.set(beast::http::field::server, "socai/" + context_->options.version);
    }));
    // The limit is kept in on_read. Beast 1.81 would close the socket while the rest of a frame that is too big
    // still arrives, and the reset that follows can overtake the close frame on its way to the client.
    stream_.read_message_max(0);
    stream_.auto_fragment(false);  // one message, one frame
    stream_.text(true);
    const auto kept = std::make_shared<UpgradeRequest>(std::move(request));
    stream_.async_accept(*kept, [self = shared_from_this(), kept](beast::error_code error) {
        if (!error) self->read_if_room();
    });
}

void WebSocketSession::shut_down() {
    asio::post(stream_.get_executor(), [self = shared_from_this()] {
        self->close({websocket::close_code::going_away, "the node is stopping"});
    });
}

void WebSocketSession::read_if_room() {
    const Limits& limits = context_->options.limits;
    if (reading_ || closing_) return;
    // call_finished and on_written resume.
    if (throttled_ || calls_under_way_ >= limits.max_pending_per_connection ||
        queue_bytes_ >= limits.max_send_queue_bytes) {
        pause();
        return;
    }
    paused_.cancel();
    reading_ = true;
    read_more();
}

void WebSocketSession::read_more() {
    const std::size_t room = context_->options.limits.max_message_bytes + 1 - buffer_.size();
    stream_.async_read_some(buffer_, room, [self = shared_from_this()](beast::error_code error, std::size_t) {
        self->on_read(error);
    });
}

void WebSocketSession::pause() {
    // Calls under way refer to the session weakly, so without a read something else must own it.
    paused_.expires_at(std::chrono::steady_clock::time_point::max());
    paused_.async_wait([self = shared_from_this()](beast::error_code) {});
}

void WebSocketSession::on_read(beast::error_code error) {
    if (error) {
        // Beast has answered what broke the protocol by itself: 1007 not UTF-8, 1002 the rest.
        // Ends the write that may be under way; its bytes stay in the queue until then.
        closing_ = true;
        beast::get_lowest_layer(stream_).close();
        return;
    }
    if (closing_) return;
    // Closing reads what is still on its way and drops it, for close_timeout at most.
    if (stream_.got_binary()) {
        close({websocket::close_code::unknown_data, "send JSON-RPC as text frames"});
        return;
    }
    if (buffer_.size() > context_->options.limits.max_message_bytes) {
        close({websocket::close_code::too_big, "the message is too large; send it in parts"});
        return;
    }
    if (!stream_.is_message_done()) {
        read_more();
        return;
    }
    context_->metrics.received(buffer_.size());
    take_message();
    buffer_.consume(buffer_.size());
    if (buffer_.capacity() > kept_buffer_bytes) buffer_.shrink_to_fit();
    reading_ = false;  // only now: calls that finish at once must not start the next read into this buffer
    read_if_room();
}

void WebSocketSession::take_message() {
    const Limits& limits = context_->options.limits;
    // Values of the request and its answers share one arena, freed when the exchange is over.
    const auto storage = json::make_shared_resource<json::monotonic_resource>();
    const asio::const_buffer bytes = buffer_.cdata();
    RpcMessage message = parse_message(std::string_view(static_cast<const char*>(bytes.data()), bytes.size()),
                                       limits.max_batch, storage);
    calls_under_way_ += message.calls.size();
    const auto refused = is_sign_in(message) ? std::nullopt : over_limit(bytes.size());
    if (!refused)
        context_->budgets.charge(Payer::of(session_.asker()), Budgets::Of::calls, message.calls.size());
    std::make_shared<Exchange>(weak_from_this(), storage, limits.max_send_queue_bytes)
        ->start(std::move(message), context_->dispatcher, refused);
}

bool WebSocketSession::is_sign_in(const RpcMessage& message) {
    constexpr int most = 4;
    if (session_.signed_in() || message.calls.size() != 1 || sign_ins_ >= most) return false;
    const auto* request = std::get_if<RpcRequest>(&message.calls.front());
    if (request == nullptr || request->method != "session.sign_in") return false;
    ++sign_ins_;
    return true;
}

std::optional<Error> WebSocketSession::over_limit(std::size_t bytes) {
    constexpr std::int64_t longest_ms = 1'000;
    const Payer payer = Payer::of(session_.asker());
    Budgets& budgets = context_->budgets;
    const std::int64_t calls_ms = budgets.wait_ms(payer, Budgets::Of::calls);
    const std::int64_t bytes_ms = budgets.wait_ms(payer, Budgets::Of::bytes);
    if (calls_ms == 0 && bytes_ms == 0) {
        budgets.charge(payer, Budgets::Of::bytes, bytes);
        return std::nullopt;
    }
    const std::int64_t wait_ms = std::max(calls_ms, bytes_ms);
    context_->metrics.refused("rate_limited");
    // Refusing costs too: a flood waits in its own socket.
    throttled_ = true;
    throttle_.expires_after(std::chrono::milliseconds(std::min(wait_ms, longest_ms)));
    throttle_.async_wait([weak = weak_from_this()](beast::error_code) {
        const auto self = weak.lock();
        if (!self) return;
        self->throttled_ = false;
        self->read_if_room();
    });
    return rate_limited(calls_ms >= bytes_ms ? "calls" : "bytes", wait_ms);
}

void WebSocketSession::post(std::function<void()> work) {
    asio::post(stream_.get_executor(), [self = shared_from_this(), work = std::move(work)] { work(); });
}

void WebSocketSession::call_finished() {
    assert(calls_under_way_ > 0);
    --calls_under_way_;
    read_if_room();
}

void WebSocketSession::send(std::string message) {
    if (closing_) return;
    queue_bytes_ += message.size();
    queue_.push_back(std::move(message));
    if (queue_.size() == 1) write_next();
}

void WebSocketSession::write_next() {
    stream_.async_write(
        asio::buffer(queue_.front()),
        [self = shared_from_this()](beast::error_code error, std::size_t) { self->on_written(error); });
}

void WebSocketSession::on_written(beast::error_code error) {
    if (error) {
        closing_ = true;
        paused_.cancel();
        return;
    }
    const std::size_t bytes = queue_.front().size();
    context_->metrics.sent(bytes);
    queue_bytes_ -= bytes;
    queue_.pop_front();
    if (closing_) return;
    if (!queue_.empty()) write_next();
    read_if_room();
    if (!subscriptions_.empty() && room_for_notifications()) schedule_advance();
}

void WebSocketSession::close(websocket::close_reason reason) {
    if (closing_) return;
    closing_ = true;
    paused_.cancel();
    if (!stream_.is_open()) {  // the handshake is still going on
        beast::get_lowest_layer(stream_).close();
        return;
    }
    stream_.async_close(reason, [self = shared_from_this()](beast::error_code) {});
}

Result<Caller::Subscribed> WebSocketSession::open_subscription(std::optional<std::uint64_t> from_index,
                                                               inspection::Filter filter,
                                                               std::optional<inspection::Viewer> audience) {
    const std::size_t most = context_->options.limits.max_subscriptions;
    if (subscriptions_.size() >= most) {
        return Error{Code::overloaded, "too_many_subscriptions",
                     "a connection follows at most " + std::to_string(most) +
                         " subscriptions; end one or open another connection"};
    }
    const Asker asker = session_.asker();
    const Payer payer = Payer::of(asker);
    if (!context_->budgets.open_subscription(payer)) {
        return Error{Code::overloaded, "too_many_subscriptions",
                     "this account, or without account this address, has " +
                         std::to_string(context_->options.limits.max_subscriptions_per_account) +
                         " subscriptions on all its connections; end one"};
    }
    const std::uint64_t from = from_index ? *from_index : context_->backend.as_of().size;
    const std::uint64_t id = next_subscription_++;
    subscriptions_.emplace(id, Subscription(id, from, std::move(filter), asker.source, std::move(audience)));
    payers_.emplace(id, payer);
    context_->metrics.subscribed(+1);
    if (subscriptions_.size() == 1) context_->feed.add(shared_from_this());
    watch_expiry();
    return Caller::Subscribed{id, from};
}

Result<void> WebSocketSession::close_subscription(std::uint64_t id) {
    if (!subscriptions_.contains(id)) {
        return Error{Code::not_found, "unknown_subscription",
                     "this connection has no subscription " + std::to_string(id)};
    }
    forget_subscription(id);
    return {};
}

void WebSocketSession::forget_subscription(std::uint64_t id) {
    subscriptions_.erase(id);
    const auto payer = payers_.find(id);
    context_->budgets.close_subscription(payer->second);
    payers_.erase(payer);
    context_->metrics.subscribed(-1);
    if (subscriptions_.empty()) context_->feed.remove(this);
}

void WebSocketSession::end_subscription(std::uint64_t id) {
    const auto found = subscriptions_.find(id);
    const Error why = sign_in_expired();
    send(notification_text("ledger.subscription_ended", {{"subscription", id},
                                                         {"next_index", found->second.next_index()},
                                                         {"reason", why.reason},
                                                         {"detail", why.detail}}));
    forget_subscription(id);
}

// Nobody may be left to think that nothing happens: a subscription ends when the sign-in does, also while the ledger is still.
void WebSocketSession::watch_expiry() {
    const auto& signed_in = session_.signed_in();
    if (!signed_in || !signed_in->ends_ms) return;
    const std::int64_t left_ms = std::max<std::int64_t>(*signed_in->ends_ms - context_->backend.now_ms(), 0);
    expiry_.expires_after(std::chrono::milliseconds(left_ms) + std::chrono::milliseconds(10));
    expiry_.async_wait([weak = weak_from_this()](beast::error_code error) {
        const auto self = weak.lock();
        if (!error && self && !self->subscriptions_.empty()) self->schedule_advance();
    });
}

void WebSocketSession::activate_subscription(std::uint64_t id) {
    const auto found = subscriptions_.find(id);
    if (found == subscriptions_.end()) return;  // ended within the batch that opened it
    found->second.active = true;
    schedule_advance();
}

void WebSocketSession::applied() {
    schedule_advance();
}

void WebSocketSession::schedule_advance() {
    if (advance_scheduled_.exchange(true)) return;
    asio::post(stream_.get_executor(), [self = shared_from_this()] {
        // Reset before reading: leaves applied from here on schedule the next round.
        self->advance_scheduled_.store(false);
        self->advance_subscriptions();
    });
}

bool WebSocketSession::room_for_notifications() const {
    return !closing_ && queue_bytes_ < context_->options.limits.max_send_queue_bytes / notification_share;
}

// What a leaf left behind that came without its bytes may be anything: a fault in reading it ends this connection, not the node.
Result<Subscription::Progress> WebSocketSession::advance(Subscription& subscription, const inspection::Viewer& viewer) {
    try {
        return subscription.advance(context_->backend, viewer, [this](std::string message) {
            context_->metrics.notified();
            send(std::move(message));
            return room_for_notifications();
        });
    } catch (const std::exception& fault) {
        return Error{Code::internal_error, "internal", fault.what(), false};
    }
}

void WebSocketSession::advance_subscriptions() {
    bool more = false;
    const Asker asker = session_.asker();
    const Payer payer = Payer::of(asker);
    const std::size_t rounds = subscriptions_.size();
    for (std::size_t round = 0; round < rounds && !subscriptions_.empty(); ++round) {
        if (!room_for_notifications()) return;  // on_written resumes
        auto next = subscriptions_.upper_bound(turn_);
        if (next == subscriptions_.end()) next = subscriptions_.begin();
        turn_ = next->first;
        Subscription& subscription = next->second;
        if (!subscription.active) continue;
        const auto viewer = subscription.viewer_now(asker, context_->backend);
        if (!viewer) {
            end_subscription(next->first);
            continue;
        }
        if (const auto wait_ms = context_->budgets.wait_ms(payer, Budgets::Of::cost); wait_ms > 0) {
            // Paced, not refused: what follows waits in the ledger.
            pace_.expires_after(std::chrono::milliseconds(wait_ms));
            pace_.async_wait([weak = weak_from_this()](beast::error_code error) {
                if (const auto self = weak.lock(); !error && self) self->schedule_advance();
            });
            return;
        }
        const auto progress = advance(subscription, *viewer);
        context_->budgets.charge(payer, Budgets::Of::cost, subscription.take_cost());
        if (!progress) {
            // Nothing may be left out silently: the reader is told where to take up again.
            spdlog::error("api: subscription stops before leaf {}: {}", subscription.next_index(),
                          progress.error().detail);
            close({websocket::close_code::internal_error, "stopped before index " +
                                                              std::to_string(subscription.next_index()) +
                                                              ": " + progress.error().reason});
            return;
        }
        more = more || *progress == Subscription::Progress::more;
    }
    if (more && room_for_notifications()) schedule_advance();
}

}  // namespace socai::api
