// SplitMix64 (Steele, Lea, Flood 2014): a whole generator in one word of state, the same on every machine.
// Only spreads timeouts and names forwarded reads; nothing secret rests on it.
#pragma once

#include <cassert>
#include <cstdint>

namespace socai::consensus {

class Random {
  public:
    explicit Random(std::uint64_t seed = 0) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    // Below `bound`; the slight bias of the remainder does not matter here.
    std::uint64_t below(std::uint64_t bound) {
        assert(bound > 0);
        return next() % bound;
    }

  private:
    std::uint64_t state_;
};

}  // namespace socai::consensus
