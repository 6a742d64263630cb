// The connections that are open, so that they can be counted, bounded and shut down together. Safe from any
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace socai::api {

// What the server asks of a connection when it stops.
class Connection {
  public:
    virtual ~Connection() = default;
    // Ends the connection politely and soon. Any thread; hops to the connection's own.
    virtual void shut_down() = 0;
};

class Connections;

// One place among the open connections; given back when the holder dies. It moves with the socket: from the
// listener to the HTTP session, and on to the WebSocket session at an upgrade.
class ConnectionSlot {
  public:
    ConnectionSlot(Connections& owner, std::uint64_t id) : owner_(&owner), id_(id) {}
    ConnectionSlot(ConnectionSlot&& other) noexcept;
    ConnectionSlot(const ConnectionSlot&) = delete;
    ConnectionSlot& operator=(const ConnectionSlot&) = delete;
    ConnectionSlot& operator=(ConnectionSlot&&) = delete;
    ~ConnectionSlot();

    // Of no other connection of this process, before or after.
    std::uint64_t id() const { return id_; }

    // Names the session that holds the socket now. Shuts it down at once when the server has stopped already.
    void serve(const std::shared_ptr<Connection>& connection) const;

  private:
    Connections* owner_;
    std::uint64_t id_;
};

// Must outlive every slot it gave.
class Connections {
  public:
    // `address`: of the client, empty when it is not known.
    ConnectionSlot enter(const std::string& address = {});
    std::size_t from(const std::string& address) const;
    std::size_t size() const;
    // Shuts down what is open, and from now on whatever enters.
    void shut_down();

  private:
    friend class ConnectionSlot;
    void serve(std::uint64_t id, const std::shared_ptr<Connection>& connection);
    void leave(std::uint64_t id);

    struct Open {
        std::string address;
        std::weak_ptr<Connection> connection;
    };

    mutable std::mutex mutex_;  // guards everything below; never held while a connection is called
    std::map<std::uint64_t, Open> open_;
    std::unordered_map<std::string, std::size_t> by_address_;
    std::uint64_t next_id_ = 0;
    bool shut_down_ = false;
};

}  // namespace socai::api
