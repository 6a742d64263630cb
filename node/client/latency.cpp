#include "node/client/latency.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace socai::node::client {
namespace {

constexpr double micros_per_ms = 1'000.0;
constexpr std::chrono::microseconds longest = std::chrono::hours(1);

}  // namespace

void Latencies::add(std::chrono::nanoseconds duration) {
    const auto micros = std::clamp(std::chrono::duration_cast<std::chrono::microseconds>(duration),
                                   std::chrono::microseconds(0), longest);
    micros_.push_back(static_cast<std::uint32_t>(micros.count()));
    sorted_ = false;
}

double Latencies::percentile_ms(double percent) {
    assert(percent > 0 && percent <= 100);
    if (micros_.empty()) return 0;
    if (!sorted_) std::sort(micros_.begin(), micros_.end());
    sorted_ = true;
    // The product may lie a hair above a whole number: 99.9 % of 1,000 is rank 999, not 1,000.
    const double exact = percent * static_cast<double>(micros_.size()) / 100.0;
    const auto rank = static_cast<std::size_t>(std::ceil(exact - 1e-9));
    return static_cast<double>(micros_[std::max<std::size_t>(rank, 1) - 1]) / micros_per_ms;
}

double Latencies::mean_ms() const {
    if (micros_.empty()) return 0;
    const auto sum = std::accumulate(micros_.begin(), micros_.end(), std::uint64_t{0});
    // To whole microseconds, as the values themselves.
    return std::round(static_cast<double>(sum) / static_cast<double>(micros_.size())) / micros_per_ms;
}

boost::json::object Latencies::summary() {
    return {{"p50", percentile_ms(50)},     {"p90", percentile_ms(90)},  {"p99", percentile_ms(99)},
            {"p99.9", percentile_ms(99.9)}, {"max", percentile_ms(100)}, {"mean", mean_ms()}};
}

}  // namespace socai::node::client
