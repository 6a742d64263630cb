#include "network/proxy_relay.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "network/spawn.hpp"

namespace socai::network {

namespace asio = boost::asio;

namespace {

constexpr std::size_t chunk_bytes = 64 * 1024;
constexpr std::size_t max_waiting_bytes = 4 * 1024 * 1024;

}  // namespace

ProxyRelay::ProxyRelay(Socket dialler, std::shared_ptr<LinkCondition> link)
    : dialler_(std::move(dialler)),
      target_(dialler_.get_executor()),
      link_(std::move(link)),
      due_(dialler_.get_executor()),
      room_(dialler_.get_executor()),
      closing_(dialler_.get_executor(), Clock::time_point::max()) {}

asio::awaitable<void> ProxyRelay::run(std::string target_host, std::uint16_t target_port) {
    cut_ = cut_ || link_->cut;
    if (!cut_) {
        const Resolved resolved = co_await resolve(dialler_.get_executor(), target_host, target_port);
        auto error = resolved.error;
        if (!error && !closed_) error = co_await connect(target_, resolved.endpoints);
        // A target that does not listen looks to the dialler as it would without the proxy: the connection
        // ends.
        if (error && !cut_) close();
    }
    if (closed_) {
        network::close(target_);
        co_return;
    }
    const auto self = shared_from_this();
    spawn(dialler_.get_executor(), [self] { return self->forward(); });
    spawn(dialler_.get_executor(), [self] { return self->write_delayed(); });
    if (target_.is_open()) spawn(dialler_.get_executor(), [self] { return self->backward(); });
    while (!closed_) co_await closing_.async_wait(as_result);
}

void ProxyRelay::cut() {
    cut_ = true;
    for (const Chunk& chunk : waiting_) link_->swallowed_bytes += chunk.bytes.size();
    waiting_.clear();
    waiting_bytes_ = 0;
    room_.cancel();
}

void ProxyRelay::close() {
    if (std::exchange(closed_, true)) return;
    network::close(dialler_);
    network::close(target_);
    due_.cancel();
    room_.cancel();
    closing_.cancel();
}

asio::awaitable<void> ProxyRelay::forward() {
    std::vector<char> buffer(chunk_bytes);
    while (!closed_) {
        const auto [error, size] = co_await dialler_.async_read_some(asio::buffer(buffer), as_result);
        const bool straight = link_->delay_ms == 0 && waiting_.empty() && !writing_;
        if (error) {
            if (cut_) break;
            if (straight)
                close();
            else
                delay({Clock::now(), {}, true});
            break;
        }
        if (cut_) {
            link_->swallowed_bytes += size;
        } else if (straight) {
            if (!co_await write(target_, buffer.data(), size)) break;
        } else {
            delay({Clock::now() + std::chrono::milliseconds(link_->delay_ms),
                   std::string(buffer.data(), size)});
            while (!closed_ && waiting_bytes_ >= max_waiting_bytes) {
                room_.expires_at(Clock::time_point::max());
                co_await room_.async_wait(as_result);
            }
        }
    }
}

asio::awaitable<void> ProxyRelay::write_delayed() {
    while (!closed_) {
        if (waiting_.empty() || waiting_.front().due > Clock::now()) {
            due_.expires_at(waiting_.empty() ? Clock::time_point::max() : waiting_.front().due);
            co_await due_.async_wait(as_result);
            continue;
        }
        const Chunk chunk = std::move(waiting_.front());
        waiting_.pop_front();
        waiting_bytes_ -= chunk.bytes.size();
        room_.cancel();
        if (chunk.last) {
            close();
            break;
        }
        writing_ = true;
        co_await write(target_, chunk.bytes.data(), chunk.bytes.size());
        writing_ = false;
    }
}

asio::awaitable<void> ProxyRelay::backward() {
    std::vector<char> buffer(chunk_bytes);
    while (!closed_) {
        const auto [error, size] = co_await target_.async_read_some(asio::buffer(buffer), as_result);
        if (error) {
            if (!cut_) close();
            break;
        }
        if (cut_)
            link_->swallowed_bytes += size;
        else if (!co_await write(dialler_, buffer.data(), size))
            break;
    }
}

asio::awaitable<bool> ProxyRelay::write(Socket& to, const char* bytes, std::size_t size) {
    const auto [error, written] = co_await asio::async_write(to, asio::buffer(bytes, size), as_result);
    link_->forwarded_bytes += written;
    if (error && !cut_) close();
    co_return !closed_;
}

void ProxyRelay::delay(Chunk chunk) {
    // A delay that was shortened must not let later bytes overtake.
    if (!waiting_.empty()) chunk.due = std::max(chunk.due, waiting_.back().due);
    waiting_bytes_ += chunk.bytes.size();
    waiting_.push_back(std::move(chunk));
    due_.cancel();
}

}  // namespace socai::network
