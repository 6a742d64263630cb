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

ConnectionSlot Connections::enter(const std::string& address) {
    const std::scoped_lock lock(mutex_);
    const std::uint64_t id = next_id_++;
    open_.emplace(id, Open{address, {}});
    ++by_address_[address];
    return ConnectionSlot(*this, id);
}

std::size_t Connections::from(const std::string& address) const {
    const std::scoped_lock lock(mutex_);
    const auto found = by_address_.find(address);
    return found == by_address_.end() ? 0 : found->second;
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
        for (const auto& [id, open] : open_) {
            if (auto strong = open.connection.lock()) alive.push_back(std::move(strong));
        }
    }
    for (const auto& connection : alive) connection->shut_down();
}

void Connections::serve(std::uint64_t id, const std::shared_ptr<Connection>& connection) {
    {
        const std::scoped_lock lock(mutex_);
        open_[id].connection = connection;
        if (!shut_down_) return;
    }
    connection->shut_down();
}

void Connections::leave(std::uint64_t id) {
    const std::scoped_lock lock(mutex_);
    const auto found = open_.find(id);
    const auto count = by_address_.find(found->second.address);
    if (--count->second == 0) by_address_.erase(count);
    open_.erase(found);
}

}  // namespace socai::api
