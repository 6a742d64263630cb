#include "node/fitness.hpp"

#include <spdlog/spdlog.h>

namespace socai::node {

FitnessKeeper::FitnessKeeper(std::uint64_t min_free_bytes, std::function<void(consensus::Fitness)> tell)
    : min_free_bytes_(min_free_bytes), tell_(std::move(tell)) {}

void FitnessKeeper::clock(bool off, std::int64_t offset_ms) {
    const std::lock_guard lock(mutex_);
    if (off == off_) return;
    off_ = off;
    if (off)
        spdlog::warn(
            "This node's clock is {} ms from the median of the others': it does not lead until that is "
            "mended. Look at NTP",
            -offset_ms);
    else
        spdlog::warn("This node's clock is right again");
    tell_({.may_lead = !off_, .may_append = !full_});
}

void FitnessKeeper::space(std::uint64_t free_bytes) {
    const std::lock_guard lock(mutex_);
    free_bytes_ = free_bytes;
    const bool full =
        full_ ? free_bytes < min_free_bytes_ + min_free_bytes_ / 2 : free_bytes < min_free_bytes_;
    if (full == full_) return;
    full_ = full;
    if (full)
        spdlog::warn(
            "Only {} bytes are free where the data is, fewer than min_free_bytes ({}): nothing more is "
            "appended until there is room; reads go on",
            free_bytes, min_free_bytes_);
    else
        spdlog::warn("There is room again: {} bytes are free", free_bytes);
    tell_({.may_lead = !off_, .may_append = !full_});
}

std::vector<std::string> FitnessKeeper::reasons() const {
    std::vector<std::string> reasons;
    if (off_) reasons.emplace_back("clock_off");
    if (full_) reasons.emplace_back("no_space");
    return reasons;
}

}  // namespace socai::node
