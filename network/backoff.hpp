// How long to wait before dialling again: doubling from the first delay to the most, each shortened by up to
// a half at random, so that nodes that lost one peer do not return to it in step.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace socai::network {

class Backoff {
  public:
    using Delay = std::chrono::milliseconds;

    Backoff(Delay first, Delay most, std::uint64_t seed)
        : first_(first), most_(most), next_(first), random_(seed) {}

    Delay next() {
        const auto longest = next_.count();
        next_ = std::min(2 * next_, most_);
        return Delay(std::uniform_int_distribution<Delay::rep>(longest / 2, longest)(random_));
    }
    void reset() { next_ = first_; }

  private:
    Delay first_;
    Delay most_;
    Delay next_;
    std::mt19937_64 random_;
};

}  // namespace socai::network
