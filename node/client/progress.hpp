// Progress of long work on standard error: one line that is drawn over itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace socai::node::client {

// "label [######----]  60%  600/1,000  210/s  2 s left". Pure.
std::string progress_line(std::string_view label, std::uint64_t done, std::uint64_t total,
                          std::chrono::milliseconds elapsed);
// "1,234,567".
std::string with_separators(std::uint64_t number);

class Progress {
  public:
    // Draws nothing unless `shown`. `total` is not 0.
    Progress(std::string label, std::uint64_t total, bool shown);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // Cheap: draws at most ten times a second.
    void update(std::uint64_t done);
    // Takes the line away, so that something else can be printed; the next update draws it again.
    void clear();

  private:
    using Clock = std::chrono::steady_clock;
    void draw();

    std::string label_;
    std::uint64_t total_;
    std::uint64_t done_ = 0;
    bool shown_;
    bool drawn_ = false;
    Clock::time_point start_ = Clock::now();
    Clock::time_point last_;
};

}  // namespace socai::node::client
