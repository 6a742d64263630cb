// The generator's chance: one number that a seed begins, the same on every machine. <random>'s distributions differ
// between libraries, so here are none: whole numbers only. Pure values.
#pragma once

#include <cassert>
#include <cstdint>

namespace socai::node::generator {

// For products of two numbers. ISO C++ has no such integer; every compiler of ours does.
__extension__ typedef unsigned __int128 Wide;

// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014): a counter that grows by the golden
// ratio, and a mix of its bits. Good enough for trade; no secret may rest on it.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}
    // A stream of its own for the `number`th thing of a `purpose`: what one thing draws does not move what another does.
    Dice(std::uint64_t seed, std::uint64_t purpose, std::uint64_t number)
        : state_(mix(mix(seed + golden * (purpose + 1)) + golden * (number + 1))) {}

    std::uint64_t next() { return mix(state_ += golden); }
    // 0 to bound - 1. The high half of a product (Lemire 2019) without its correction: off by less than bound / 2^64.
    std::uint64_t below(std::uint64_t bound) {
        assert(bound > 0);
        return static_cast<std::uint64_t>(static_cast<Wide>(next()) * bound >> 64);
    }
    // least to most, both included.
    std::int64_t from_to(std::int64_t least, std::int64_t most) {
        return least + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least) + 1));
    }
    bool happens(std::uint64_t parts_per_million) { return below(1'000'000) < parts_per_million; }

  private:
    static constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;
    static std::uint64_t mix(std::uint64_t z) {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    std::uint64_t state_;
};

}  // namespace socai::node::generator
