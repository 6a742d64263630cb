// A queue that many threads fill and one thread empties in batches. Push never blocks; bounds are the
// producers' business (submissions, transport queues and the core's windows are bounded where they enter).
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace socai::node {

template <class T>
class EventQueue {
  public:
    void push(T item) {
        {
            const std::lock_guard lock(mutex_);
            if (closed_) return;
            items_.push_back(std::move(item));
        }
        ready_.notify_one();
    }

    // After close(), pushes are dropped and wait() returns what is left, then false for ever.
    void close() {
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
        }
        ready_.notify_all();
    }

    // Moves everything queued into `out` (cleared first), waiting until there is something, `deadline` passes
    // or the queue is closed. False when closed and empty.
    bool wait_until(std::vector<T>& out, std::chrono::steady_clock::time_point deadline) {
        out.clear();
        std::unique_lock lock(mutex_);
        ready_.wait_until(lock, deadline, [this] { return closed_ || !items_.empty(); });
        out.swap(items_);
        return !(closed_ && out.empty());
    }
    bool wait(std::vector<T>& out) {
        out.clear();
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [this] { return closed_ || !items_.empty(); });
        out.swap(items_);
        return !(closed_ && out.empty());
    }

    std::size_t depth() const {
        const std::lock_guard lock(mutex_);
        return items_.size();
    }

  private:
    mutable std::mutex mutex_;
    std::condition_variable ready_;
    std::vector<T> items_;
    bool closed_ = false;
};

}  // namespace socai::node
