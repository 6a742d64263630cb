#include "node/clock_watch.hpp"

#include <algorithm>
#include <cassert>
#include <cstdlib>

#include "node/forwarding.hpp"

namespace socai::node {
namespace {

// An answer that took longer tells too little: half of its way is the error.
constexpr auto longest_round_trip = std::chrono::milliseconds(500);
constexpr auto fresh_for = std::chrono::seconds(5);

std::uint64_t micros(ClockWatch::Clock::time_point time) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count());
}

}  // namespace

std::int64_t median_offset(std::vector<std::int64_t> offsets) {
    assert(!offsets.empty());
    std::ranges::sort(offsets);
    const std::int64_t upper = offsets[offsets.size() / 2];
    if (offsets.size() % 2 == 1) return upper;
    const std::int64_t lower = offsets[offsets.size() / 2 - 1];
    return std::abs(lower) < std::abs(upper) ? lower : upper;
}

ClockWatch::ClockWatch(const WallClock& wall, Send send) : wall_(wall), send_(std::move(send)) {}

void ClockWatch::ask(const std::vector<consensus::NodeId>& members, Clock::time_point now) {
    {
        const std::lock_guard lock(mutex_);
        members_ = members;
        std::erase_if(offsets_, [&](const auto& item) {
            return now - item.second.at > fresh_for ||
                   std::ranges::find(members, item.first) == members.end();
        });
    }
    for (const consensus::NodeId member : members) send_(member, encode_clock_question({micros(now)}));
}

bool ClockWatch::on_parcel(consensus::NodeId from, const network::Parcel& parcel, Clock::time_point now) {
    if (const auto question = decode_clock_question(parcel)) {
        send_(from, encode_clock_answer({question->asked_at, wall_.now_ms()}));
        return true;
    }
    const auto answer = decode_clock_answer(parcel);
    if (!answer) return false;
    const std::uint64_t round_trip = micros(now) - answer->asked_at;
    if (answer->asked_at > micros(now) ||
        round_trip > static_cast<std::uint64_t>(std::chrono::microseconds(longest_round_trip).count()))
        return true;
    const std::int64_t theirs_now = answer->time_ms + static_cast<std::int64_t>(round_trip / 2'000);
    const std::lock_guard lock(mutex_);
    if (std::ranges::find(members_, from) != members_.end())
        offsets_[from] = {theirs_now - wall_.now_ms(), now};
    return true;
}

ClockWatch::Reading ClockWatch::read(Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    std::vector<std::int64_t> offsets;
    for (const auto& [peer, offset] : offsets_)
        if (now - offset.at <= fresh_for) offsets.push_back(offset.offset_ms);
    Reading reading{std::nullopt, offsets.size(), off_};
    const std::size_t all = members_.size() + 1;
    if (offsets.empty() || offsets.size() + 1 <= all / 2) return reading;  // too few to judge: as before
    // This node's own clock counts: between one that is early and one that is late the right one stands in the
    // middle, and must not hold itself for wrong.
    offsets.push_back(0);
    reading.offset_ms = median_offset(std::move(offsets));
    const std::int64_t distance = std::abs(*reading.offset_ms);
    off_ = off_ ? distance >= clock_back_ms : distance > clock_off_ms;
    reading.off = off_;
    return reading;
}

}  // namespace socai::node
