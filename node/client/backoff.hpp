// Pauses between attempts: doubling, with a random part so that many clients do not come back at once.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace socai::node::client {

class Backoff {
  public:
    using Duration = std::chrono::milliseconds;

    Backoff(Duration first, Duration most) : first_(first), most_(most), next_(first) {}

    // Between half of the present pause and the whole of it.
    Duration next() {
        const Duration pause = next_;
        next_ = std::min(next_ * 2, most_);
        return Duration(
            std::uniform_int_distribution<Duration::rep>(pause.count() / 2, pause.count())(random_));
    }
    void reset() { next_ = first_; }

  private:
    Duration first_, most_, next_;
    std::minstd_rand random_{std::random_device{}()};
};

}  // namespace socai::node::client
