#include "network/frame_buffer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "network/frame.hpp"

namespace socai::network {
namespace {

std::string framed(const std::string& body) {
    std::string length;
    for (int shift = 24; shift >= 0; shift -= 8) length += static_cast<char>(body.size() >> shift);
    return length + body;
}

// Gives `bytes` in pieces of at most `piece` and collects the frames.
std::vector<std::string> frames_of(FrameBuffer& buffer, std::string_view bytes, std::size_t piece) {
    std::vector<std::string> frames;
    while (!bytes.empty()) {
        const auto space = buffer.free_space();
        const std::size_t size = std::min({piece, space.size(), bytes.size()});
        std::copy_n(bytes.begin(), size, space.begin());
        buffer.commit(size);
        bytes.remove_prefix(size);
        while (const auto frame = buffer.next()) frames.emplace_back(*frame);
        if (buffer.oversized()) break;
    }
    return frames;
}

RC_GTEST_PROP(FrameBuffer, AnyDivisionOfTheBytesGivesTheSameFrames, ()) {
    std::vector<std::string> bodies;
    std::string bytes;
    for (const auto size :
         *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 3000))) {
        bodies.emplace_back(size, static_cast<char>('a' + bodies.size() % 26));
        bytes += framed(bodies.back());
    }
    FrameBuffer buffer(4096);
    RC_ASSERT(frames_of(buffer, bytes, *rc::gen::inRange<std::size_t>(1, 9000)) == bodies);
    RC_ASSERT(buffer.capacity() <= 4096 + frame_length_bytes);
}

TEST(FrameBuffer, MemoryFollowsTheBytesNotTheAnnouncedLength) {
    FrameBuffer buffer(max_frame_bytes);
    frames_of(buffer, std::string("\1\0\0\0", 4) + std::string(1000, 'x'), 100);  // announces 16 MiB
    EXPECT_LE(buffer.capacity(), 64U * 1024);
    frames_of(buffer, std::string(1024 * 1024, 'x'), 5000);
    EXPECT_LE(buffer.capacity(), 3U * 1024 * 1024);
}

TEST(FrameBuffer, AFrameOfTheLimitFitsAndOneMoreByteDoesNot) {
    FrameBuffer buffer(max_frame_bytes);
    const std::string largest(max_frame_bytes, 'x');
    const auto frames = frames_of(buffer, framed(largest) + framed("after"), 1 << 20);
    ASSERT_EQ(frames.size(), 2U);
    EXPECT_EQ(frames[0], largest);
    EXPECT_EQ(frames[1], "after");
    EXPECT_FALSE(buffer.oversized());
    frames_of(buffer, std::string("\1\0\0\1", 4), 4);
    EXPECT_EQ(buffer.oversized(), max_frame_bytes + 1);
    EXPECT_FALSE(buffer.next());
}

TEST(FrameBuffer, GivesBackTheMemoryOfALargeFrame) {
    FrameBuffer buffer(max_frame_bytes);
    frames_of(buffer, framed(std::string(8 * 1024 * 1024, 'x')), 1 << 20);
    buffer.free_space();
    EXPECT_EQ(buffer.capacity(), 64U * 1024);
}

}  // namespace
}  // namespace socai::network
