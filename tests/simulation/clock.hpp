// One node's clocks. Its monotonic clock runs at its own rate and never falls; its wall clock, which stamps accepted
// times, is off besides.
#pragma once

#include "tests/simulation/dice.hpp"

namespace socai::simulation {

// What the wall clock shows when virtual time begins: some time after the genesis.
inline constexpr std::int64_t epoch_ms = 1'633'046'400'000;

class Clock {
  public:
    // From `now` on. `per_million`: how much it gains.
    void set(Micros now, std::int64_t per_million, std::int64_t wall_offset_ms) {
        reference_ = monotonic(now);
        since_ = now;
        per_million_ = per_million;
        offset_ms_ = wall_offset_ms + (now - reference_) / 1'000;  // off from the true time, not from its own
    }
    Micros monotonic(Micros now) const {
        const Micros passed = now - since_;
        return reference_ + passed + passed * per_million_ / 1'000'000;
    }
    // The virtual time at which the monotonic clock shows `shown`, or a little later.
    Micros when(Micros shown, Micros now) const {
        const Micros left = shown - monotonic(now);
        if (left <= 0) return now;
        return now + left * 1'000'000 / (1'000'000 + per_million_) + 1;
    }
    std::int64_t wall_ms(Micros now) const { return epoch_ms + monotonic(now) / 1'000 + offset_ms_; }

  private:
    Micros reference_ = 0;
    Micros since_ = 0;
    std::int64_t per_million_ = 0;
    std::int64_t offset_ms_ = 0;
};

}  // namespace socai::simulation
