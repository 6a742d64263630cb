// One connection through a proxied link: from the dialler to the target's peer port, and back.
//
// Forward bytes are delayed by the link's delay, in order; what waits is bounded, after that the dialler is
// read no further. The way back carries only the answer to the greeting and is never delayed. Once cut, a
// relay swallows what either side sends and hides that a side closed, as a network that drops packets does,
// until it is closed.
//
// Used on the proxy's strand only. Kept in a shared_ptr, which its pending operations share.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "network/stream.hpp"

namespace socai::network {

// What a link does to its connections, and what it has done. Outlives them.
struct LinkCondition {
    bool cut = false;
    std::uint32_t delay_ms = 0;
    std::uint64_t forwarded_bytes = 0;  // both ways
    std::uint64_t swallowed_bytes = 0;
};

class ProxyRelay : public std::enable_shared_from_this<ProxyRelay> {
  public:
    ProxyRelay(Socket dialler, std::shared_ptr<LinkCondition> link);

    // Returns when the connection is over. A link that is cut never gets to the target.
    boost::asio::awaitable<void> run(std::string target_host, std::uint16_t target_port);
    void cut();
    bool was_cut() const { return cut_; }
    void close();

  private:
    using Clock = std::chrono::steady_clock;
    struct Chunk {
        Clock::time_point due;
        std::string bytes;
        bool last = false;  // the dialler closed
    };

    boost::asio::awaitable<void> forward();
    boost::asio::awaitable<void> write_delayed();
    boost::asio::awaitable<void> backward();
    // False: the relay is closed.
    boost::asio::awaitable<bool> write(Socket& to, const char* bytes, std::size_t size);
    void delay(Chunk chunk);

    Socket dialler_;
    Socket target_;
    const std::shared_ptr<LinkCondition> link_;
    bool cut_ = false;
    bool closed_ = false;
    std::deque<Chunk> waiting_;
    std::size_t waiting_bytes_ = 0;
    bool writing_ = false;               // write_delayed() holds a chunk that it took from waiting_
    boost::asio::steady_timer due_;      // write_delayed(): until the next chunk is due, or one comes
    boost::asio::steady_timer room_;     // forward(): until fewer bytes wait
    boost::asio::steady_timer closing_;  // run(): until close()
};

}  // namespace socai::network
