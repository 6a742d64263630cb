#include "consensus/progress.hpp"

#include <algorithm>
#include <cassert>

namespace socai::consensus {

Progress::Progress(Index next, Window window, Micros now)
    : contact(now), window_(window), next_(next), quiet_since_(now) {
    assert(next.value > 0);
    assert(window.appends > 0);
}

bool Progress::may_send() const {
    if (reading) return false;
    if (probing_) return !waiting_;
    return inflight_.size() < window_.appends && (inflight_.empty() || inflight_bytes_ < window_.bytes);
}

void Progress::sent(const EntryId& last, std::size_t bytes, Micros now) {
    assert(last.index >= next_ - 1);
    if (probing_) {
        waiting_ = true;
        return;
    }
    if (last.index < next_) return;  // a probe within replicate: nothing new is under way
    assert(may_send());
    if (match_ + 1 == next_) quiet_since_ = now;
    inflight_.push_back({last.index, bytes});
    inflight_bytes_ += bytes;
    next_ = last.index + 1;
    previous_ = last;
    check();
}

bool Progress::accepted(Index index, Micros now) {
    if (index < match_) return false;
    needs_base_ = false;
    const bool news = index > match_;
    match_ = index;
    quiet_since_ = now;
    while (!inflight_.empty() && inflight_.front().last <= index) {
        inflight_bytes_ -= inflight_.front().bytes;
        inflight_.pop_front();
    }
    if (probing_) {
        next_ = match_ + 1;
        if (!restarts_too_often(now)) {
            probing_ = false;
            waiting_ = false;
        }
    }
    next_ = std::max(next_, match_ + 1);
    check();
    return news;
}

bool Progress::refused(Index previous, Index agreement, Micros now) {
    // At or below match the peer agreed before: the answer is old, or the peer lost what it acknowledged.
    // Either way nothing is learnt, and answering would go round for ever.
    if (previous <= match_) return false;
    if (!probing_) {
        if (!may_restart(now)) return false;
        probe_from(match_ + 1);
        return true;
    }
    if (previous != next_ - 1) return false;  // answers an earlier probe
    probe_from(std::max(std::min(previous, agreement + 1), match_ + 1));
    waiting_ = restarts_too_often(now);
    return true;
}

bool Progress::heartbeat_answered(Micros now, Micros patience) {
    if (probing_) {
        waiting_ = false;
        return false;
    }
    if (match_ + 1 == next_ || now - quiet_since_ < patience) return false;
    quiet_since_ = now;
    return true;
}

bool Progress::lost(Index held, Micros now) {
    if (match_ <= held) return false;
    match_ = held;
    probe_from(held + 1);
    if (!may_restart(now)) waiting_ = true;
    return true;
}

bool Progress::may_restart(Micros now) {
    if (now - restarts_since_ >= window_.restart_interval) {
        restarts_since_ = now;
        restarts_seen_ = 0;
    }
    return ++restarts_seen_ <= restarts || window_.restart_interval == 0;
}

bool Progress::restarts_too_often(Micros now) const {
    return restarts_seen_ > restarts && now - restarts_since_ < window_.restart_interval;
}

bool Progress::require_base() {
    if (needs_base_) return false;
    if (!probing_) probe_from(match_ + 1);
    waiting_ = false;
    return needs_base_ = true;
}

void Progress::base_sent() {
    if (!probing_) probe_from(match_ + 1);
    waiting_ = true;
}

void Progress::unreachable() {
    if (!probing_) probe_from(match_ + 1);
    waiting_ = true;
}

std::optional<EntryId> Progress::previous() const {
    if (previous_ && previous_->index + 1 == next_) return previous_;
    return std::nullopt;
}

void Progress::probe_from(Index next) {
    assert(next > match_);
    probing_ = true;
    waiting_ = false;
    next_ = next;
    inflight_.clear();
    inflight_bytes_ = 0;
    check();
}

void Progress::check() const {
    assert(match_ < next_);
    assert(inflight_.empty() || !probing_);
    assert(inflight_.empty() || inflight_.back().last + 1 == next_);
    assert(inflight_.size() <= window_.appends);
}

}  // namespace socai::consensus
