// Chance, from one seed: integers only, so that a seed gives the same run on every machine.
#pragma once

#include <cassert>
#include <cstdint>
#include <vector>

#include "consensus/random.hpp"
#include "consensus/types.hpp"

namespace socai::simulation {

using Micros = consensus::Micros;

class Dice {
  public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}

    std::uint64_t next() { return random_.next(); }
    std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
    // Both ends included.
    std::int64_t between(std::int64_t least, std::int64_t most) {
        assert(least <= most);
        return least + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(most - least) + 1));
    }
    bool chance(std::uint64_t per_million) { return random_.below(1'000'000) < per_million; }
    template <class T>
    T pick(const std::vector<T>& from) {
        assert(!from.empty());
        return from[random_.below(from.size())];
    }
    // Near an exponential distribution of this mean: each halving is as likely as the one before, and the
    // values between two halvings are even. Never above 40 times the half-life.
    Micros exponential(Micros mean) {
        const std::uint64_t bits = random_.next() | (std::uint64_t{1} << 40);
        const auto halvings = static_cast<std::int64_t>(__builtin_ctzll(bits));
        const auto part = static_cast<std::int64_t>(bits >> 54);  // of 1,024
        return mean * (halvings * 1024 + part) * 693 / 1'000 / 1'024;
    }

  private:
    consensus::Random random_;
};

}  // namespace socai::simulation
