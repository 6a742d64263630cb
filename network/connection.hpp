// One stream between two nodes, in frames, with a deadline for whatever it is waiting for. Used by the side
// that dialled (peer_link.hpp) and by the side that accepted (listener.hpp).
//
// Everything but stop() runs on the stream's executor, a strand. Keep it in a shared_ptr: its pending
// operations share it.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "network/frame.hpp"
#include "network/frame_buffer.hpp"
#include "network/stream.hpp"

namespace socai::network {

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    using Duration = std::chrono::milliseconds;

    // The other half is open once connected.
    explicit Connection(const boost::asio::any_io_executor& executor);
    explicit Connection(Socket accepted);

    // Starts to keep the deadlines. Once, before the first of them.
    void start();
    // Closes the connection unless clear_deadline() or another deadline comes within `duration`; `why` is
    // then the reason.
    void set_deadline(Duration duration, std::string why);
    void clear_deadline();

    // Ends every pending operation. The first reason given is the one that stays.
    void close(const std::string& why);
    // The peer broke the protocol: `why` is the reason for the close() that follows, whatever that says.
    void blame(const std::string& why);
    // close() from any thread; takes effect later on the strand.
    void stop(const std::string& why);
    bool closed() const { return closed_; }
    const std::string& why_closed() const { return why_; }
    bool faulty() const { return faulty_; }

    Stream& stream() { return stream_; }
    const Stream& stream() const { return stream_; }
    FrameBuffer& frames() { return frames_; }

    // The next frame's body, valid until the next call; nothing: the connection is closed. `received` of what
    // was read for it counts towards received_bytes().
    boost::asio::awaitable<std::optional<std::string_view>> read_frame();
    // All of `bytes`, which outlive the call. Each part must make progress within `patience`. False: closed.
    boost::asio::awaitable<bool> write(std::string_view bytes, Duration patience);

    // Read since the last call.
    std::uint64_t take_received_bytes() { return std::exchange(received_bytes_, 0); }

  private:
    using Clock = std::chrono::steady_clock;

    boost::asio::awaitable<void> keep_deadlines();

    Stream stream_;
    FrameBuffer frames_;
    boost::asio::steady_timer timer_;
    Clock::time_point deadline_ = Clock::time_point::max();
    std::string late_;  // the reason when the deadline passes
    bool closed_ = false;
    std::string why_;
    bool faulty_ = false;
    std::uint64_t received_bytes_ = 0;
};

}  // namespace socai::network
