#include "network/send_queue.hpp"

#include <cassert>
#include <utility>

namespace socai::network {

bool SendQueue::push(consensus::Message message) {
    const std::size_t size = frame_size(message);
    const bool fits = fits_frame(message) && size <= max_bytes_;
    const std::lock_guard lock(mutex_);
    if (fits) {
        messages_.push_back({std::move(message), size});
        message_bytes_ += size;
    } else {
        ++dropped_;
    }
    while (message_bytes_ + parcel_bytes_ > max_bytes_ && !messages_.empty()) drop_oldest_message();
    while (!open_ && messages_.size() > kept_while_closed) drop_oldest_message();
    return !messages_.empty() && std::exchange(waiting_, false);
}

SendQueue::Pushed SendQueue::push(Parcel parcel) {
    const std::size_t size = frame_size(parcel);
    const std::lock_guard lock(mutex_);
    if (!open_ || !fits_frame(parcel) || parcel_bytes_ + size > max_bytes_ / 2 ||
        message_bytes_ + parcel_bytes_ + size > max_bytes_)
        return Pushed::refused;
    parcels_.push_back({std::move(parcel), size});
    parcel_bytes_ += size;
    return std::exchange(waiting_, false) ? Pushed::queued_and_wake : Pushed::queued;
}

bool SendQueue::take(std::vector<Item>& batch, std::size_t bytes) {
    batch.clear();
    const std::lock_guard lock(mutex_);
    std::size_t taken = 0;
    while (taken < bytes && (!messages_.empty() || !parcels_.empty())) {
        if (!messages_.empty()) {
            message_bytes_ -= messages_.front().bytes;
            move_front(messages_, batch, taken);
        }
        if (!parcels_.empty()) {
            parcel_bytes_ -= parcels_.front().bytes;
            move_front(parcels_, batch, taken);
        }
    }
    waiting_ = batch.empty();
    return !batch.empty();
}

void SendQueue::open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
}

void SendQueue::close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
    waiting_ = false;
    parcels_.clear();
    parcel_bytes_ = 0;
    while (messages_.size() > kept_while_closed) drop_oldest_message();
}

SendQueue::Figures SendQueue::figures() const {
    const std::lock_guard lock(mutex_);
    return {message_bytes_ + parcel_bytes_, messages_.size() + parcels_.size(), dropped_};
}

void SendQueue::drop_oldest_message() {
    assert(!messages_.empty());
    message_bytes_ -= messages_.front().bytes;
    messages_.pop_front();
    ++dropped_;
}

template <class T>
void SendQueue::move_front(std::deque<Sized<T>>& lane, std::vector<Item>& batch, std::size_t& taken) {
    taken += lane.front().bytes;
    batch.emplace_back(std::move(lane.front().value));
    lane.pop_front();
}

}  // namespace socai::network
