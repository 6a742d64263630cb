#include "storage/room.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "storage/file.hpp"
#include "support.hpp"

namespace socai::storage {
namespace {

TEST(Room, BuffersFitTheDisk) {
    const test::TempFolder folder;
    const std::size_t buffer = write_buffer_bytes(folder.path());
    EXPECT_GE(buffer, 1U << 20U);
    EXPECT_LE(buffer, 32U << 20U);
    EXPECT_EQ(room_to_work(folder.path()), 8 * buffer);
}

TEST(Room, FreeSpaceIsWhatTheSystemSays) {
    const test::TempFolder folder;
    const auto free = free_bytes(folder.path());
    ASSERT_TRUE(free);
    EXPECT_GT(*free, 0U);
    EXPECT_LE(*free, std::filesystem::space(folder.path()).capacity);
    EXPECT_EQ(test::reason_of(free_bytes(folder / "nothing")), "io_error");
}

// Nothing is set aside in advance: an empty log takes a few hundred KiB.
TEST(Room, AnEmptyLogIsSmall) {
    const test::TempFolder folder;
    const auto log = test::open_log(folder.path());
    std::uint64_t blocks = 0;
    for (const auto& [path, bytes] : test::listing(folder.path())) {
        struct stat status {};
        ASSERT_EQ(::stat(path.c_str(), &status), 0);
        blocks += static_cast<std::uint64_t>(status.st_blocks) * 512;
    }
    EXPECT_LT(blocks, 1U << 20U);
}

}  // namespace
}  // namespace socai::storage
