#include "network/frame_buffer.hpp"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <utility>

#include "network/frame.hpp"

namespace socai::network {
namespace {

constexpr std::size_t first_capacity = 64 * 1024;
constexpr std::size_t kept_capacity = 1024 * 1024;  // more is given back once it is empty

}  // namespace

FrameBuffer::FrameBuffer(std::size_t limit) : limit_(limit) {}

std::span<char> FrameBuffer::free_space() {
    const std::size_t first = std::min(first_capacity, limit_ + frame_length_bytes);
    const std::size_t held = end_ - begin_;
    if (held == 0 && capacity_ > kept_capacity)
        move_to(first);
    else if (capacity_ < first)
        move_to(first);
    else if (held > capacity_ / 2)
        move_to(std::min(2 * capacity_, limit_ + frame_length_bytes));
    else if (begin_ > 0 && capacity_ - end_ < capacity_ / 2)
        move_to(capacity_);
    assert(end_ < capacity_);
    return {bytes_.get() + end_, capacity_ - end_};
}

void FrameBuffer::commit(std::size_t size) {
    assert(size <= capacity_ - end_);
    end_ += size;
}

std::optional<std::string_view> FrameBuffer::next() {
    const auto length = announced();
    if (!length || *length > limit_ || end_ - begin_ < frame_length_bytes + *length) return std::nullopt;
    const std::string_view body(bytes_.get() + begin_ + frame_length_bytes, *length);
    begin_ += frame_length_bytes + *length;
    return body;
}

std::optional<std::size_t> FrameBuffer::oversized() const {
    const auto length = announced();
    return length && *length > limit_ ? length : std::nullopt;
}

std::optional<std::size_t> FrameBuffer::announced() const {
    if (end_ - begin_ < frame_length_bytes) return std::nullopt;
    std::size_t length = 0;
    for (std::size_t i = 0; i < frame_length_bytes; ++i)
        length = length << 8 | static_cast<std::uint8_t>(bytes_[begin_ + i]);
    return length;
}

void FrameBuffer::move_to(std::size_t capacity) {
    const std::size_t held = end_ - begin_;
    assert(held <= capacity);
    if (capacity == capacity_) {
        if (begin_ > 0) std::memmove(bytes_.get(), bytes_.get() + begin_, held);
    } else {
        auto moved = std::make_unique_for_overwrite<char[]>(capacity);
        if (held > 0) std::memcpy(moved.get(), bytes_.get() + begin_, held);
        bytes_ = std::move(moved);
        capacity_ = capacity;
    }
    begin_ = 0;
    end_ = held;
}

}  // namespace socai::network
