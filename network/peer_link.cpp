#include "network/peer_link.hpp"

#include <spdlog/logger.h>

#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <utility>

#include "network/spawn.hpp"

namespace socai::network {

namespace asio = boost::asio;

namespace {

// One write gathers this much: fewer system calls (and TLS records) under load, without holding back the
// first frame, since nothing waits for more to come.
constexpr std::size_t batch_bytes = 1024 * 1024;
constexpr std::size_t kept_buffer_bytes = 4 * batch_bytes;

}  // namespace

PeerLink::PeerLink(asio::io_context& io, const TransportOptions& options, PeerAddress peer,
                   std::shared_ptr<Delivery> delivery, std::shared_ptr<spdlog::logger> logger)
    : peer_(std::move(peer)),
      identity_{options.origin, options.genesis_hash, options.self},
      connect_timeout_(options.connect_timeout),
      hello_timeout_(options.hello_timeout),
      write_timeout_(options.write_timeout),
      settled_after_(options.retry_most),
      signed_size_(options.signed_size),
      signed_by_(options.signed_by),
      delivery_(std::move(delivery)),
      logger_(std::move(logger)),
      sign_(options.sign),
      tls_(options.tls),
      queue_(options.max_queue_bytes),
      strand_(asio::make_strand(io)),
      timer_(strand_),
      // The seed only has to differ from pair to pair.
      backoff_(options.retry_first, options.retry_most, options.self.value * 1'000'003 + peer_.id.value) {}

void PeerLink::start() {
    spawn(strand_, [self = shared_from_this()] { return self->run(); });
}

void PeerLink::stop(const std::string& why) {
    asio::post(strand_, [self = shared_from_this(), why] {
        self->stopping_ = true;
        self->timer_.cancel();
        if (self->connection_) self->connection_->close(why);
    });
}

void PeerLink::send(consensus::Message message) {
    if (queue_.push(std::move(message))) wake();
}

bool PeerLink::send_parcel(Parcel parcel) {
    const auto pushed = queue_.push(std::move(parcel));
    if (pushed == SendQueue::Pushed::queued_and_wake) wake();
    return pushed != SendQueue::Pushed::refused;
}

void PeerLink::wake() {
    asio::post(strand_, [self = shared_from_this()] { self->timer_.cancel(); });
}

PeerMetrics PeerLink::metrics() const {
    const SendQueue::Figures queue = queue_.figures();
    const std::uint64_t connections = connections_;
    PeerMetrics metrics;
    metrics.connected = connected_;
    metrics.sent_bytes = sent_bytes_;
    metrics.sent_messages = sent_messages_;
    metrics.dropped_messages = queue.dropped;
    metrics.reconnects = connections > 0 ? connections - 1 : 0;
    metrics.queue_bytes = queue.bytes;
    metrics.queue_messages = queue.messages;
    return metrics;
}

asio::awaitable<void> PeerLink::run() {
    while (!stopping_) {
        const auto started = std::chrono::steady_clock::now();
        const bool was_connected = co_await connect_and_send();
        const std::string why = std::exchange(connection_, nullptr)->why_closed();
        if (was_connected) {
            queue_.close();
            if (!stopping_) {
                logger_->warn("peer {}: connection lost: {}", peer_.name, why);
                delivery_->unreachable(peer_.id);
            }
            // A peer that greets and hangs up at once is not to be dialled twenty times a second.
            if (std::chrono::steady_clock::now() - started >= settled_after_) backoff_.reset();
        } else if (!stopping_) {
            report_failure(why);
        }
        if (stopping_) break;
        timer_.expires_after(backoff_.next());
        co_await timer_.async_wait(as_result);
    }
}

asio::awaitable<bool> PeerLink::connect_and_send() {
    connection_ = std::make_shared<Connection>(strand_);
    connection_->start();
    const bool welcome = co_await greet();
    if (!welcome) co_return false;

    logger_->info("peer {}: connected to {}:{}", peer_.name, peer_.host, peer_.port);
    reported_.clear();
    queue_.open();
    ++connections_;
    connected_ = true;
    spawn(strand_,
          [self = shared_from_this(), connection = connection_] { return self->await_end(connection); });
    co_await send_queued();
    connected_ = false;
    co_return true;
}

asio::awaitable<bool> PeerLink::greet() {
    const std::string no_greeting =
        "no greeting came within " + std::to_string(hello_timeout_.count()) + " ms";
    connection_->set_deadline(connect_timeout_,
                              "no connection within " + std::to_string(connect_timeout_.count()) + " ms");
    const Resolved resolved = co_await resolve(strand_, peer_.host, peer_.port);
    if (resolved.error) connection_->close(resolved.error.message());
    if (connection_->closed()) co_return false;
    const auto error = co_await connect(connection_->stream().socket(), resolved.endpoints);
    if (error) connection_->close(error.message());
    if (tls_ && !connection_->closed()) {
        connection_->set_deadline(
            hello_timeout_, "no TLS handshake within " + std::to_string(hello_timeout_.count()) + " ms");
        if (const auto refused = co_await secure()) connection_->close(*refused);
    }
    const std::string hello = encode(make_hello(identity_, peer_.id, signed_size_ ? signed_size_() : 0));
    if (!co_await connection_->write(hello, hello_timeout_)) co_return false;
    connection_->set_deadline(hello_timeout_, no_greeting);
    const auto frame = co_await connection_->read_frame();
    if (!frame) co_return false;

    const auto decoded = decode(*frame);
    const auto* failure = std::get_if<DecodeError>(&decoded);
    const auto* payload = std::get_if<Payload>(&decoded);
    const auto* refusal = payload != nullptr ? std::get_if<Refusal>(payload) : nullptr;
    const auto* answer = payload != nullptr ? std::get_if<Hello>(payload) : nullptr;
    if (failure != nullptr)
        connection_->close("its greeting cannot be read: " + failure->detail);
    else if (refusal != nullptr)
        connection_->close("it refuses this node: " + printable(refusal->detail, max_refusal_bytes));
    else if (answer == nullptr)
        connection_->close("it answered the greeting with something else");
    else if (const auto refused = refuse_hello(*answer, identity_))
        connection_->close(*refused);
    else if (answer->from != peer_.id)
        connection_->close("node " + std::to_string(answer->from.value) +
                           " answers there: correct this peer's address");
    else if (const auto old = refuse_old_copy(*answer, signed_by_ ? signed_by_(peer_.id) : 0))
        connection_->close(*old);
    connection_->clear_deadline();
    const auto& certificate = connection_->stream().certificate();
    if (!connection_->closed() && certificate && tls_->seen) tls_->seen(peer_.id, *certificate);
    co_return !connection_->closed();
}

asio::awaitable<std::optional<std::string>> PeerLink::secure() {
    // Looked up once: what a node's key is may change while others are being read.
    const auto pinned = tls_->pin(peer_.id);
    if (!pinned) co_return "nobody says which TLS key it has [unknown_tls_key]";
    // A name of its own: see Listener::secure.
    std::function<bool(const AnchorKey&)> trusts = [key = *pinned](const AnchorKey& shown) {
        return shown == key;
    };
    auto refused =
        co_await connection_->stream().secure(tls_->context(Side::dialler), Side::dialler, std::move(trusts));
    if (refused && connection_->stream().shows_wrong_key()) *refused += " [wrong_tls_key]";
    co_return refused;
}

asio::awaitable<void> PeerLink::send_queued() {
    while (!connection_->closed()) {
        if (!queue_.take(batch_, batch_bytes)) {
            timer_.expires_at(std::chrono::steady_clock::time_point::max());
            co_await timer_.async_wait(as_result);
            continue;
        }
        bytes_.clear();
        for (const SendQueue::Item& item : batch_) append_frame_of(item);
        const std::size_t messages = batch_.size();
        batch_.clear();  // lets go of the entries while the bytes travel
        if (!co_await connection_->write(bytes_, write_timeout_)) break;
        sent_bytes_ += bytes_.size();
        sent_messages_ += messages;
        if (bytes_.capacity() > kept_buffer_bytes) bytes_ = {};
    }
}

// Signed here, not where it was decided: the thread of the link has time, the one of the core does not.
void PeerLink::append_frame_of(const SendQueue::Item& item) {
    const auto* message = std::get_if<consensus::Message>(&item);
    if (message == nullptr) return append_frame(bytes_, std::get<Parcel>(item));
    const bool is_signed = sign_ && needs_signature(*message);
    append_frame(bytes_, *message, is_signed ? sign_(peer_.id, *message) : WireSignature{});
}

// Nothing comes after the greeting but the end, or the reason for it.
asio::awaitable<void> PeerLink::await_end(std::shared_ptr<Connection> connection) {
    const auto frame = co_await connection->read_frame();
    if (frame) {
        const auto decoded = decode(*frame);
        const auto* payload = std::get_if<Payload>(&decoded);
        const auto* refusal = payload != nullptr ? std::get_if<Refusal>(payload) : nullptr;
        connection->close(refusal != nullptr ? "it refuses what this node sends: " +
                                                   printable(refusal->detail, max_refusal_bytes)
                                             : "it sent something where nothing belongs");
    }
    if (connection == connection_) timer_.cancel();
}

void PeerLink::report_failure(const std::string& why) {
    if (why == reported_) {
        logger_->debug("peer {}: cannot be reached at {}:{}: {}", peer_.name, peer_.host, peer_.port, why);
        return;
    }
    reported_ = why;
    logger_->warn("peer {}: cannot be reached at {}:{}: {}; trying again until it answers", peer_.name,
                  peer_.host, peer_.port, why);
}

}  // namespace socai::network
