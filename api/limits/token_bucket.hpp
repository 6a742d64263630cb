// How much of something may be used: a burst at once, then so much a second. Whole numbers; the clock is the caller's. Not safe
// from several threads.
//
// What something costs is often known only afterwards, so a bucket gives while there is anything in it and may then owe; whoever
// owes waits until it is paid. It never owes more than one burst: no single use shuts anybody out for long.
#pragma once

#include <algorithm>
#include <cstdint>

namespace socai::api {

class TokenBucket {
  public:
    // Full at first. Both at least 1; below 2^40.
    TokenBucket(std::uint64_t per_second, std::uint64_t burst)
        : per_second_(static_cast<std::int64_t>(per_second)),
          most_(static_cast<std::int64_t>(burst) * scale),
          level_(most_) {}

    // 0: there is something. Else for how many milliseconds there will be nothing.
    std::int64_t wait_ms(std::int64_t now_ms) {
        fill(now_ms);
        if (level_ > 0) return 0;
        return -level_ / per_second_ + 1;
    }
    void charge(std::uint64_t amount, std::int64_t now_ms) {
        fill(now_ms);
        const std::int64_t units =
            static_cast<std::int64_t>(std::min<std::uint64_t>(amount, std::uint64_t{1} << 40));
        level_ = std::max(level_ - units * scale, -most_);
    }
    bool is_full(std::int64_t now_ms) {
        fill(now_ms);
        return level_ == most_;
    }

  private:
    // Thousandths, so that a millisecond brings a whole number of them.
    static constexpr std::int64_t scale = 1'000;

    void fill(std::int64_t now_ms) {
        if (now_ms <= filled_ms_) return;
        // Beyond what fills it the time does not matter; and the product stays small.
        const std::int64_t enough_ms = (most_ - level_) / per_second_ + 1;
        const std::int64_t passed_ms = std::min(now_ms - filled_ms_, enough_ms);
        level_ = std::min(level_ + passed_ms * per_second_, most_);
        filled_ms_ = now_ms;
    }

    std::int64_t per_second_;
    std::int64_t most_;
    std::int64_t level_;
    std::int64_t filled_ms_ = 0;
};

}  // namespace socai::api
