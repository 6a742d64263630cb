// What this node knows against itself, as the core is told (consensus::Fitness): a clock that is off, a disk that is
// nearly full. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "consensus/core.hpp"

namespace socai::node {

class FitnessKeeper {
  public:
    // `min_free_bytes`: with less free the node is full, until there is half as much again.
    FitnessKeeper(std::uint64_t min_free_bytes, std::function<void(consensus::Fitness)> tell);

    void clock(bool off, std::int64_t offset_ms);
    void space(std::uint64_t free_bytes);

    bool clock_is_right() const { return !off_; }
    bool has_space() const { return !full_; }
    std::uint64_t free_bytes() const { return free_bytes_; }
    // "clock_off", "no_space".
    std::vector<std::string> reasons() const;

  private:
    const std::uint64_t min_free_bytes_;
    const std::function<void(consensus::Fitness)> tell_;
    std::mutex mutex_;  // one change after the other
    std::atomic<bool> off_{false};
    std::atomic<bool> full_{false};
    std::atomic<std::uint64_t> free_bytes_{0};
};

}  // namespace socai::node
