// What waits to be sent to one peer, bounded in bytes. Two lanes, each in order: consensus messages, of which
// the oldest give way when the queue is full (Raft repeats them), and parcels, which are refused instead
// (their sender answers a client). Parcels get at most half of the bytes, so that they cannot stop consensus.
//
// While there is no connection only the latest few messages are kept (a vote or two, so that an election does
// not lose a round to a reconnection), and no parcels.
//
// Thread-safe; never blocks for longer than it takes to move a few pointers.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <variant>
#include <vector>

#include "network/frame.hpp"

namespace socai::network {

class SendQueue {
  public:
    using Item = std::variant<consensus::Message, Parcel>;
    struct Figures {
        std::size_t bytes = 0;
        std::size_t messages = 0;   // both lanes
        std::uint64_t dropped = 0;  // consensus messages, ever
    };
    static constexpr std::size_t kept_while_closed = 64;  // messages

    explicit SendQueue(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    // True: the sender waits and must be woken. A message that cannot be a frame is dropped.
    bool push(consensus::Message message);
    enum class Pushed { refused, queued, queued_and_wake };
    Pushed push(Parcel parcel);

    // Moves items into `batch` (emptied first), from both lanes in turn, until they make `bytes` or more.
    // False when there is nothing: the next push then asks for a wake-up, once.
    bool take(std::vector<Item>& batch, std::size_t bytes);

    void open();   // connected: keep all that fits, take parcels
    void close();  // the connection is gone
    Figures figures() const;

  private:
    template <class T>
    struct Sized {
        T value;
        std::size_t bytes;
    };
    void drop_oldest_message();
    template <class T>
    void move_front(std::deque<Sized<T>>& lane, std::vector<Item>& batch, std::size_t& taken);

    const std::size_t max_bytes_;
    mutable std::mutex mutex_;  // guards all below
    bool open_ = false;
    bool waiting_ = false;
    std::deque<Sized<consensus::Message>> messages_;
    std::deque<Sized<Parcel>> parcels_;
    std::size_t message_bytes_ = 0;
    std::size_t parcel_bytes_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace socai::network
