// The way from the connections to the host's handlers, which can be shut.
//
// Thread-safe. After shut() with `wait`, no handler runs and none will. A handler may itself call shut()
// without `wait`; others may then still be ending on other threads.
#pragma once

#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "network/transport.hpp"

namespace socai::network {

class Delivery {
  public:
    explicit Delivery(Transport::Handlers handlers) : handlers_(std::move(handlers)) {}

    void message(consensus::NodeId from, consensus::Message message) {
        call(handlers_.on_message, from, std::move(message));
    }
    void parcel(consensus::NodeId from, Parcel parcel) { call(handlers_.on_parcel, from, std::move(parcel)); }
    void unreachable(consensus::NodeId peer) { call(handlers_.on_unreachable, peer); }

    void shut(bool wait) {
        shut_ = true;
        if (!wait) return;
        const std::unique_lock none_running(mutex_);
    }

  private:
    template <class Handler, class... Arguments>
    void call(const Handler& handler, Arguments&&... arguments) {
        if (shut_ || !handler) return;
        const std::shared_lock running(mutex_);
        if (!shut_) handler(std::forward<Arguments>(arguments)...);
    }

    const Transport::Handlers handlers_;
    std::atomic<bool> shut_ = false;
    std::shared_mutex mutex_;  // shared while a handler runs
};

}  // namespace socai::network
