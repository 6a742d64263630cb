#include "api/connections.hpp"

#include <utility>
#include <vector>

namespace socai::api {

ConnectionSlot::ConnectionSlot(ConnectionSlot&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), id_(other.id_) {}

ConnectionSlot::~ConnectionSlot() {
    if (owner_ != nullptr) owner_->leave(id_);
}

void ConnectionSlot::serve(const std::shared_ptr<Connection>& connection) const {
    owner_->serve(id_, connection);
}

ConnectionSlot Connections::enter() {
    const std::scoped_lock lock(mutex_);
    const std::uint64_t id = next_id_++;
    open_.emplace(id, std::weak_ptr<Connection>{});
    return ConnectionSlot(*this, id);
}

std::size_t Connections::size() const {
    const std::scoped_lock lock(mutex_);
    return open_.size();
}

void Connections::shut_down() {
    std::vector<std::shared_ptr<Connection>> alive;
    {
        const std::scoped_lock lock(mutex_);
        shut_down_ = true;
        for (const auto& [id, connection] : open_) {
            if (auto strong = connection.lock()) alive.push_back(std::move(strong));
        }
    }
    for (const auto& connection : alive) connection->shut_down();
}

void Connections::serve(std::uint64_t id, const std::shared_ptr<Connection>& connection) {
    {
        const std::scoped_lock lock(mutex_);
        open_[id] = connection;
        if (!shut_down_) return;
    }
    connection->shut_down();
}

void Connections::leave(std::uint64_t id) {
    const std::scoped_lock lock(mutex_);
    open_.erase(id);
}

}  // namespace socai::api
