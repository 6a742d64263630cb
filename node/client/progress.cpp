#include "node/client/progress.hpp"

#include <algorithm>
#include <cassert>
#include <cstdio>

namespace socai::node::client {
namespace {

constexpr std::uint64_t bar_cells = 24;
constexpr std::chrono::milliseconds redraw_interval{100};

}  // namespace

std::string with_separators(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t from_right = 3; from_right < digits.size(); from_right += 4)
        digits.insert(digits.size() - from_right, 1, ',');
    return digits;
}

std::string progress_line(std::string_view label, std::uint64_t done, std::uint64_t total,
                          std::chrono::milliseconds elapsed) {
    assert(total > 0);
    done = std::min(done, total);
    const std::uint64_t full = done * bar_cells / total;
    std::string percent = std::to_string(done * 100 / total) + "%";
    percent.insert(0, 4 - percent.size(), ' ');
    std::string line = std::string(label) + " [" + std::string(full, '#') +
                       std::string(bar_cells - full, '-') + "] " + percent + "  " + with_separators(done) +
                       "/" + with_separators(total);
    if (elapsed.count() <= 0 || done == 0) return line;
    const double rate = static_cast<double>(done) * 1'000.0 / static_cast<double>(elapsed.count());
    line += "  " + with_separators(static_cast<std::uint64_t>(rate)) + "/s";
    const auto seconds = static_cast<std::uint64_t>(static_cast<double>(total - done) / rate + 0.5);
    return seconds == 0 ? line : line + "  " + with_separators(seconds) + " s left";
}

Progress::Progress(std::string label, std::uint64_t total, bool shown)
    : label_(std::move(label)), total_(total), shown_(shown) {
    assert(total > 0);
}

Progress::~Progress() {
    clear();
}

void Progress::update(std::uint64_t done) {
    done_ = done;
    if (!shown_) return;
    const auto now = Clock::now();
    if (drawn_ && now - last_ < redraw_interval && done < total_) return;
    last_ = now;
    draw();
}

void Progress::draw() {
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start_);
    // Carriage return and "erase to the end of the line" (ECMA-48 EL).
    std::fprintf(stderr, "\r\x1b[K%s", progress_line(label_, done_, total_, elapsed).c_str());
    std::fflush(stderr);
    drawn_ = true;
}

void Progress::clear() {
    if (!drawn_) return;
    std::fputs("\r\x1b[K", stderr);
    std::fflush(stderr);
    drawn_ = false;
}

}  // namespace socai::node::client
