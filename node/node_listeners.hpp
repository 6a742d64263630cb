// Who is told when leaves have been applied (subscriptions), and small words that status and logs share.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "consensus/types.hpp"
#include "node/node.hpp"

namespace socai::node {

struct Node::Listeners : std::enable_shared_from_this<Node::Listeners> {
    using Listener = std::function<void(std::uint64_t)>;

    std::shared_ptr<void> add(Listener listener) {
        const std::lock_guard lock(mutex_);
        const std::uint64_t id = next_++;
        listeners_.emplace(id, std::make_shared<Listener>(std::move(listener)));
        return {nullptr, [weak = weak_from_this(), id](void*) {
                    if (const auto self = weak.lock()) {
                        const std::lock_guard inner(self->mutex_);
                        self->listeners_.erase(id);
                    }
                }};
    }

    void tell(std::uint64_t size) {
        std::vector<std::shared_ptr<Listener>> all;
        {
            const std::lock_guard lock(mutex_);
            for (const auto& [id, listener] : listeners_) all.push_back(listener);
        }
        for (const auto& listener : all) (*listener)(size);
    }

  private:
    std::mutex mutex_;
    std::map<std::uint64_t, std::shared_ptr<Listener>> listeners_;
    std::uint64_t next_ = 1;
};

inline std::string_view role_name(consensus::Role role) {
    switch (role) {
        case consensus::Role::follower:
            return "follower";
        case consensus::Role::pre_candidate:
            return "pre_candidate";
        case consensus::Role::candidate:
            return "candidate";
        case consensus::Role::leader:
            return "leader";
    }
    return "unknown";
}

}  // namespace socai::node
