#include "network/connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "network/spawn.hpp"

namespace socai::network {

namespace asio = boost::asio;

namespace {

// A TLS handshake record, read as a length: its type 22, then the major version 3 (RFC 8446 §5.1).
bool begins_tls(std::uint64_t length) {
    return length >> 16 == 0x1603;
}

}  // namespace

Connection::Connection(const asio::any_io_executor& executor)
    : stream_(executor), frames_(max_hello_frame_bytes), timer_(executor) {}

Connection::Connection(Socket accepted)
    : stream_(std::move(accepted)), frames_(max_hello_frame_bytes), timer_(stream_.get_executor()) {}

void Connection::start() {
    spawn(stream_.get_executor(), [self = shared_from_this()] { return self->keep_deadlines(); });
}

void Connection::set_deadline(Duration duration, std::string why) {
    deadline_ = Clock::now() + duration;
    late_ = std::move(why);
    // The timer is left alone while it fires early enough: this is called for every write.
    if (timer_.expiry() > deadline_) timer_.cancel();
}

void Connection::clear_deadline() {
    deadline_ = Clock::time_point::max();
}

asio::awaitable<void> Connection::keep_deadlines() {
    while (!closed_) {
        timer_.expires_at(deadline_);
        co_await timer_.async_wait(as_result);
        if (!closed_ && deadline_ <= Clock::now()) close(late_);
    }
}

void Connection::close(const std::string& why) {
    if (std::exchange(closed_, true)) return;
    if (!faulty_) why_ = why;
    network::close(stream_.socket());
    timer_.cancel();
}

void Connection::blame(const std::string& why) {
    if (closed_ || std::exchange(faulty_, true)) return;
    why_ = why;
}

void Connection::stop(const std::string& why) {
    asio::post(stream_.get_executor(), [self = shared_from_this(), why] { self->close(why); });
}

asio::awaitable<std::optional<std::string_view>> Connection::read_frame() {
    while (!closed_) {
        if (const auto frame = frames_.next()) co_return frame;
        if (const auto length = frames_.oversized()) {
            blame(begins_tls(*length)
                      ? std::string("it speaks TLS, and [tls] peer is \"off\" here: both sides need the same")
                      : "it announced a frame of " + std::to_string(*length) + " bytes, over the limit of " +
                            std::to_string(frames_.limit()));
            close(why_);
            break;
        }
        const auto space = frames_.free_space();
        const auto [error, size] =
            co_await stream_.async_read_some(asio::buffer(space.data(), space.size()), as_result);
        if (error == asio::error::eof)
            close("it closed the connection");
        else if (error)
            close(describe(error));
        else
            frames_.commit(size);
        received_bytes_ += size;
    }
    co_return std::nullopt;
}

asio::awaitable<bool> Connection::write(std::string_view bytes, Duration patience) {
    while (!closed_ && !bytes.empty()) {
        set_deadline(patience, "it took no bytes for " + std::to_string(patience.count()) + " ms");
        const auto [error, size] =
            co_await stream_.async_write_some(asio::buffer(bytes.data(), bytes.size()), as_result);
        if (error) close(describe(error));
        bytes.remove_prefix(size);
    }
    clear_deadline();
    co_return !closed_;
}

}  // namespace socai::network
