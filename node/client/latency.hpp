// Latencies of a load run and their percentiles. Exact: every value is kept, in microseconds. Pure values.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <vector>

namespace socai::node::client {

class Latencies {
  public:
    void reserve(std::size_t count) { micros_.reserve(count); }
    // Negative durations count as 0, those beyond an hour as an hour.
    void add(std::chrono::nanoseconds duration);
    std::size_t count() const { return micros_.size(); }

    // The smallest value that at least `percent` (0-100] of the values do not exceed (nearest rank), in
    // milliseconds; 0 when there are none.
    double percentile_ms(double percent);
    double mean_ms() const;
    // {"p50", "p90", "p99", "p99.9", "max", "mean"} in milliseconds.
    boost::json::object summary();

  private:
    std::vector<std::uint32_t> micros_;
    bool sorted_ = true;
};

}  // namespace socai::node::client
