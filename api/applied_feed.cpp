#include "api/applied_feed.hpp"

#include <utility>
#include <vector>

namespace socai::api {

void AppliedFeed::add(const std::shared_ptr<AppliedListener>& listener) {
    const std::scoped_lock lock(mutex_);
    listeners_[listener.get()] = listener;
}

void AppliedFeed::remove(const AppliedListener* listener) {
    const std::scoped_lock lock(mutex_);
    listeners_.erase(listener);
}

void AppliedFeed::publish() const {
    // Strong references are kept until the lock is gone: a listener that dies here removes itself.
    std::vector<std::shared_ptr<AppliedListener>> alive;
    {
        const std::scoped_lock lock(mutex_);
        alive.reserve(listeners_.size());
        for (const auto& [key, listener] : listeners_) {
            if (auto strong = listener.lock()) alive.push_back(std::move(strong));
        }
    }
    for (const auto& listener : alive) listener->applied();
}

}  // namespace socai::api
