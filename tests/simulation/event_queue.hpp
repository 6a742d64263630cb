// Virtual time: what happens next, in the order of time and, within one instant, of its planning. Nothing here
// ever sleeps.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "consensus/types.hpp"
#include "tests/simulation/action.hpp"

namespace socai::simulation {

class EventQueue {
  public:
    consensus::Micros now() const { return now_; }
    std::uint64_t done() const { return done_; }

    void at(consensus::Micros when, Action action) {
        assert(when >= now_);
        std::uint32_t slot = 0;
        if (free_.empty()) {
            slot = static_cast<std::uint32_t>(actions_.size());
            actions_.push_back(std::move(action));
        } else {
            slot = free_.back();
            free_.pop_back();
            actions_[slot] = std::move(action);
        }
        heap_.push_back({when, planned_++, slot});
        std::push_heap(heap_.begin(), heap_.end(), later);
    }
    void after(consensus::Micros delay, Action action) { at(now_ + delay, std::move(action)); }

    // Runs the next event that is due by `until`. False when there is none; time is then `until`.
    bool run_next(consensus::Micros until) {
        if (heap_.empty() || heap_.front().when > until) {
            now_ = std::max(now_, until);
            return false;
        }
        const Planned next = heap_.front();
        std::pop_heap(heap_.begin(), heap_.end(), later);
        heap_.pop_back();
        now_ = next.when;
        Action action = std::move(actions_[next.slot]);
        free_.push_back(next.slot);
        ++done_;
        action();
        return true;
    }

  private:
    struct Planned {
        consensus::Micros when;
        std::uint64_t order;
        std::uint32_t slot;
    };
    static bool later(const Planned& a, const Planned& b) {
        return a.when != b.when ? a.when > b.when : a.order > b.order;
    }

    consensus::Micros now_ = 0;
    std::uint64_t planned_ = 0;
    std::uint64_t done_ = 0;
    std::vector<Planned> heap_;
    std::deque<Action> actions_;  // by slot; those in free_ are empty
    std::vector<std::uint32_t> free_;
};

}  // namespace socai::simulation
