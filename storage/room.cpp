#include "storage/room.hpp"

#include <sys/statvfs.h>

#include <algorithm>

namespace socai::storage {
namespace {

constexpr std::uint64_t smallest_buffer = 1U << 20U;
constexpr std::uint64_t largest_buffer = 32U << 20U;
constexpr std::uint64_t part_of_disk = 32;
constexpr std::uint64_t buffers_to_work = 8;

}  // namespace

std::size_t write_buffer_bytes(const std::string& path) {
    struct statvfs space {};
    if (::statvfs(path.c_str(), &space) != 0) return largest_buffer;
    const std::uint64_t capacity = std::uint64_t{space.f_blocks} * space.f_frsize;
    return std::clamp(capacity / part_of_disk, smallest_buffer, largest_buffer);
}

std::uint64_t room_to_work(const std::string& directory) {
    return buffers_to_work * write_buffer_bytes(directory);
}

}  // namespace socai::storage
