// Keeps what strangers can provoke from filling the log: the first few lines of each second pass, the rest
// are counted. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

namespace socai::network {

class LogLimit {
  public:
    using Clock = std::chrono::steady_clock;

    explicit LogLimit(std::uint32_t lines_a_second) : lines_a_second_(lines_a_second) {}

    // Nothing: keep silent. Else write the line; the number says how many were kept back since the last.
    std::optional<std::uint64_t> admit(Clock::time_point now) {
        const std::lock_guard lock(mutex_);
        if (now - second_ >= std::chrono::seconds(1)) {
            second_ = now;
            lines_ = 0;
        }
        if (lines_ == lines_a_second_) {
            ++kept_back_;
            return std::nullopt;
        }
        ++lines_;
        return std::exchange(kept_back_, 0);
    }

  private:
    const std::uint32_t lines_a_second_;
    std::mutex mutex_;
    Clock::time_point second_{};
    std::uint32_t lines_ = 0;
    std::uint64_t kept_back_ = 0;
};

}  // namespace socai::network
