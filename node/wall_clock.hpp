// The wall clock as this node takes it: the machine's, shifted for tests and drills. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace socai::node {

class WallClock {
  public:
    explicit WallClock(std::int64_t offset_ms) : offset_ms_(offset_ms) {}

    // Milliseconds since the Unix epoch.
    std::int64_t now_ms() const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
                   .count() +
               offset_ms_.load(std::memory_order_relaxed);
    }
    void shift(std::int64_t offset_ms) { offset_ms_.store(offset_ms, std::memory_order_relaxed); }

  private:
    std::atomic<std::int64_t> offset_ms_;
};

}  // namespace socai::node
