#include "node/read_barriers.hpp"

#include <boost/asio/post.hpp>
#include <vector>

namespace socai::node {
namespace {

// How often deadlines are looked at, and reads that found no leader are asked again.
constexpr auto tick_interval = std::chrono::milliseconds(20);

}  // namespace

ReadBarriers::ReadBarriers(boost::asio::io_context& io, std::function<void(consensus::Event)> post)
    : post_(std::move(post)), timer_(io) {}

ReadBarriers::~ReadBarriers() {
    stop();
}

bool ReadBarriers::satisfied(const Barrier& barrier) const {
    if (barrier.asks && (!barrier.index || *barrier.index > applied_index_)) return false;
    return applied_size_ >= barrier.min_size;
}

void ReadBarriers::await(const api::ReadBarrier& wanted, std::function<void(bool)> done) {
    std::uint64_t context = 0;
    {
        const std::lock_guard lock(mutex_);
        Barrier barrier;
        barrier.asks = wanted.linearizable;
        barrier.min_size = wanted.min_size;
        barrier.deadline = Clock::now() + std::chrono::milliseconds(wanted.timeout_ms);
        if (!stopped_ && !satisfied(barrier)) {
            barrier.done = std::move(done);
            context = next_context_++;
            barriers_.emplace(context, std::move(barrier));
            schedule();
        }
    }
    if (context == 0) {
        done(!stopped_);
    } else if (wanted.linearizable) {
        post_(consensus::Read{context});
    }
}

void ReadBarriers::confirm_leadership(std::function<void(bool)> done) {
    std::uint64_t context = 0;
    {
        const std::lock_guard lock(mutex_);
        if (!stopped_) {
            Barrier barrier;
            barrier.asks = true;
            barrier.once = true;
            barrier.deadline = Clock::now() + std::chrono::seconds(10);
            barrier.done = std::move(done);
            context = next_context_++;
            barriers_.emplace(context, std::move(barrier));
            schedule();
        }
    }
    if (context == 0) {
        done(false);
    } else {
        post_(consensus::Read{context});
    }
}

void ReadBarriers::answered(const consensus::ReadAnswer& answer) {
    std::function<void(bool)> done;
    bool result = false;
    {
        const std::lock_guard lock(mutex_);
        const auto found = barriers_.find(answer.context);
        if (found == barriers_.end()) return;
        Barrier& barrier = found->second;
        if (answer.index) barrier.index = answer.index;
        result = satisfied(barrier);
        const bool refused_for_good = !answer.index && barrier.once;
        if (!result && !refused_for_good) return;  // waits for apply; or tick() asks again
        done = std::move(barrier.done);
        barriers_.erase(found);
    }
    done(result);
}

void ReadBarriers::applied(consensus::Index index, std::uint64_t size) {
    std::vector<std::function<void(bool)>> ready;
    {
        const std::lock_guard lock(mutex_);
        applied_index_ = index;
        applied_size_ = size;
        for (auto item = barriers_.begin(); item != barriers_.end();) {
            if (!satisfied(item->second)) {
                ++item;
                continue;
            }
            ready.push_back(std::move(item->second.done));
            item = barriers_.erase(item);
        }
    }
    for (const auto& done : ready) done(true);
}

// Precondition: mutex_ is held.
void ReadBarriers::schedule() {
    if (timer_armed_) return;
    timer_armed_ = true;
    timer_.expires_after(tick_interval);
    timer_.async_wait([this](boost::system::error_code error) {
        if (!error) tick();
    });
}

void ReadBarriers::tick() {
    std::vector<std::function<void(bool)>> late;
    std::vector<std::uint64_t> again;
    {
        const std::lock_guard lock(mutex_);
        timer_armed_ = false;
        if (stopped_) return;
        const auto now = Clock::now();
        for (auto item = barriers_.begin(); item != barriers_.end();) {
            Barrier& barrier = item->second;
            if (barrier.deadline <= now) {
                late.push_back(std::move(barrier.done));
                item = barriers_.erase(item);
                continue;
            }
            // Asked again whether it was refused or lost on the way: the core answers each at most once, and
            // a repeat is harmless.
            if (barrier.asks && !barrier.index && !barrier.once) again.push_back(item->first);
            ++item;
        }
        if (!barriers_.empty()) schedule();
    }
    for (const auto context : again) post_(consensus::Read{context});
    for (const auto& done : late) done(false);
}

void ReadBarriers::stop() {
    std::map<std::uint64_t, Barrier> left;
    {
        const std::lock_guard lock(mutex_);
        if (stopped_) return;
        stopped_ = true;
        timer_.cancel();
        left.swap(barriers_);
    }
    for (auto& [context, barrier] : left) barrier.done(false);
}

std::size_t ReadBarriers::waiting() const {
    const std::lock_guard lock(mutex_);
    return barriers_.size();
}

}  // namespace socai::node
