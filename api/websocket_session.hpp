// One WebSocket connection: messages in, answers and notifications out, both bounded.
//
// Back-pressure: while too many calls are under way, or too many bytes wait to be sent, no further message is
// read. Subscriptions are advanced only while the send queue is short, so that a slow reader is paced by its
// own socket and loses nothing.
#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "api/applied_feed.hpp"
#include "api/connections.hpp"
#include "api/exchange.hpp"
#include "api/server_context.hpp"
#include "api/stream.hpp"
#include "api/subscription.hpp"

namespace socai::api {

// Owned by its pending operations; runs on the stream's strand but for shut_down, applied and post.
class WebSocketSession final : public Connection,
                               public AppliedListener,
                               public ExchangeHost,
                               public std::enable_shared_from_this<WebSocketSession> {
  public:
    using UpgradeRequest = boost::beast::http::request<boost::beast::http::string_body>;

    // `session`: who it is, from the upgrade request.
    WebSocketSession(Stream&& stream, std::shared_ptr<ServerContext> context, ConnectionSlot slot,
                     Session session);
    ~WebSocketSession() override;

    void run(UpgradeRequest&& request);  // once, on the strand

    void shut_down() override;
    void applied() override;

    void post(std::function<void()> work) override;
    void send(std::string message) override;
    void call_finished() override;
    Result<Caller::Subscribed> open_subscription(std::optional<std::uint64_t> from_index,
                                                 inspection::Filter filter,
                                                 std::optional<inspection::Viewer> audience) override;
    Session& session() override { return session_; }
    Budgets& budgets() override { return context_->budgets; }
    Result<void> close_subscription(std::uint64_t id) override;
    void activate_subscription(std::uint64_t id) override;

  private:
    void read_if_room();
    void read_more();
    void pause();
    void on_read(boost::beast::error_code error);
    void take_message();
    // A first word by which somebody without account becomes one: taken also where strangers at the same address have used up
    // what it may ask for. A few times a connection.
    bool is_sign_in(const RpcMessage& message);
    // Whether the message is over what its sender may send; then no more is read for a while.
    std::optional<Error> over_limit(std::size_t bytes);
    void write_next();
    void on_written(boost::beast::error_code error);
    void close(boost::beast::websocket::close_reason reason);
    // Sends what subscriptions have to say, in turns, while the send queue is short.
    void advance_subscriptions();
    Result<Subscription::Progress> advance(Subscription& subscription, const inspection::Viewer& viewer);
    void schedule_advance();  // any thread
    bool room_for_notifications() const;
    // Tells that a subscription showed more than the connection may see now, and drops it.
    void end_subscription(std::uint64_t id);
    void watch_expiry();
    void forget_subscription(std::uint64_t id);

    boost::beast::websocket::stream<Stream> stream_;
    std::shared_ptr<ServerContext> context_;  // before the slot, which refers into it
    ConnectionSlot slot_;
    boost::asio::steady_timer paused_;  // waits while nothing is read, and so owns the session
    Session session_;
    boost::asio::steady_timer expiry_;    // of the sign-in, while there are subscriptions
    boost::asio::steady_timer throttle_;  // until the next message is read, after one that was over a limit
    boost::asio::steady_timer pace_;      // until subscriptions may go on, after they cost what they may
    bool throttled_ = false;
    int sign_ins_ = 0;                       // that were taken whatever the budget
    std::map<std::uint64_t, Payer> payers_;  // of subscriptions, by id
    boost::beast::flat_buffer buffer_;       // the message that is being read
    bool reading_ = false;                   // a message is being read or taken out of the buffer
    bool closing_ = false;                   // nothing is read, queued or written any more
    std::size_t calls_under_way_ = 0;
    std::deque<std::string> queue_;  // to be sent; the first is being written
    std::size_t queue_bytes_ = 0;
    std::map<std::uint64_t, Subscription> subscriptions_;
    std::uint64_t next_subscription_ = 1;
    std::uint64_t turn_ = 0;                       // the subscription after this one is advanced first
    std::atomic<bool> advance_scheduled_ = false;  // coalesces wake-ups; any thread
};

}  // namespace socai::api
