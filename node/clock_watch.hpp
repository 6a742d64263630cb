// Is this node's wall clock right? The members tell each other their clocks about once a second; a node that is
// more than a second from the median of the others' does not lead, and does not stand for election, until it is
// back within half a second (architecture.md 9). No clock is set by this.
//
// Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "consensus/types.hpp"
#include "network/frame.hpp"
#include "node/wall_clock.hpp"

namespace socai::node {

inline constexpr std::int64_t clock_off_ms = 1'000;
inline constexpr std::int64_t clock_back_ms = 500;

class ClockWatch {
  public:
    using Clock = std::chrono::steady_clock;
    using Send = std::function<void(consensus::NodeId to, network::Parcel)>;
    struct Reading {
        // Of the others' median against this clock: what would have to be added to be right. Nothing while too few
        // have answered lately to judge.
        std::optional<std::int64_t> offset_ms;
        std::size_t peers = 0;  // that answered lately
        bool off = false;
    };

    // `wall` outlives this object.
    ClockWatch(const WallClock& wall, Send send);

    // Asks `members` (this node left out). About once a second.
    void ask(const std::vector<consensus::NodeId>& members, Clock::time_point now);
    // A question or an answer about clocks; false when the parcel is another's business.
    bool on_parcel(consensus::NodeId from, const network::Parcel& parcel, Clock::time_point now);
    // Judged against the members asked last: more than half of all, this node included, must have answered.
    Reading read(Clock::time_point now);

  private:
    struct Offset {
        std::int64_t offset_ms = 0;
        Clock::time_point at;
    };

    const WallClock& wall_;
    const Send send_;
    std::mutex mutex_;  // guards all below
    std::vector<consensus::NodeId> members_;
    std::map<consensus::NodeId, Offset> offsets_;
    bool off_ = false;
};

// The median of `offsets`, not empty; of two middle ones the one nearer to 0, which speaks for this node.
std::int64_t median_offset(std::vector<std::int64_t> offsets);

}  // namespace socai::node
