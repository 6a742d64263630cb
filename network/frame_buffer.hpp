// Cuts a stream of bytes into frames (frame.hpp). Memory follows the bytes that have come, not the length
// that a peer announces: the buffer at most doubles, and never passes the limit. One owner at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace socai::network {

class FrameBuffer {
  public:
    // Frames of more than `limit` bytes (after the length) are refused.
    explicit FrameBuffer(std::size_t limit);

    void set_limit(std::size_t limit) { limit_ = limit; }
    std::size_t limit() const { return limit_; }
    // Room for the next read, never empty while no complete frame is held. Ends the life of what next() gave.
    std::span<char> free_space();
    // `size` bytes of the free space were filled.
    void commit(std::size_t size);
    // The body of the next complete frame, valid until free_space(); nothing: more bytes are needed, or the
    // next frame is oversized.
    std::optional<std::string_view> next();
    // The length that the next frame announces, when that is over the limit. It stays so: close the stream.
    std::optional<std::size_t> oversized() const;

    std::size_t capacity() const { return capacity_; }

  private:
    std::optional<std::size_t> announced() const;
    void move_to(std::size_t capacity);

    std::size_t limit_;
    std::size_t capacity_ = 0;
    std::unique_ptr<char[]> bytes_;
    std::size_t begin_ = 0;  // [begin_, end_) is not yet handed out
    std::size_t end_ = 0;
};

}  // namespace socai::network
