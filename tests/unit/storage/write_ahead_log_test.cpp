// The write-ahead log under a database that is open: changed, cut, gone, by whatever was looked at before.
#include "storage/write_ahead_log.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "small_node.hpp"

namespace socai::storage {
namespace {

using test::SmallNode;
using test::TempFolder;

class WriteAheadLog : public testing::Test {
  protected:
    WriteAheadLog() : node(folder / "data") {
        node.open();
        node.grow(100);
        node.reopen();
    }
    Finding look() { return check_write_ahead_log(node.log_files(), test::free_pace); }
    std::string file() const { return test::files_like(node.folder() + "/log", "", ".log").back(); }
    // Renewed, it is sound, and a crash loses nothing.
    void expect_made_good() {
        ASSERT_EQ(look(), Finding::damaged);
        ASSERT_TRUE(node.log().database().renew_write_ahead_log());
        EXPECT_EQ(look(), Finding::sound);
        node.grow(5);
        EXPECT_EQ(look(), Finding::sound);
        const std::string crashed = folder / "crashed";
        test::copy_folder(node.folder(), crashed);
        const auto log = LogStore::open(crashed, node.identity());
        ASSERT_TRUE(log) << log.error().detail;
        EXPECT_FALSE((*log)->start().damage);
        EXPECT_EQ((*log)->start().log.last, node.entries().back()->id);
    }

    TempFolder folder;
    SmallNode node;
};

TEST_F(WriteAheadLog, OfAnIdleNodeIsSound) {
    EXPECT_EQ(look(), Finding::sound);
    node.grow(1);
    EXPECT_EQ(look(), Finding::sound);
    EXPECT_GT(write_ahead_log_bytes(node.log_files()), 0U);
}

TEST_F(WriteAheadLog, AFlippedByteIsFoundAlsoWhereItWasSeenSoundBefore) {
    for (int i = 0; i < 20; ++i) node.grow(150);
    const std::string path = file();
    const std::size_t bytes = std::filesystem::file_size(path);
    ASSERT_GT(bytes, 256U << 10U);
    ASSERT_EQ(look(), Finding::sound);
    for (const std::size_t at : {std::size_t{0}, std::size_t{6}, std::size_t{10}, std::size_t{40},
                                 std::size_t{2'000}, std::size_t{40'000}, bytes / 2, bytes - 1}) {
        test::flip(path, at);
        EXPECT_EQ(look(), Finding::damaged) << at;
        test::flip(path, at);
        EXPECT_EQ(look(), Finding::sound) << at;
    }
    test::flip(path, 10);
    expect_made_good();
}

TEST_F(WriteAheadLog, ADeletedOne) {
    node.grow(50);
    ASSERT_EQ(look(), Finding::sound);
    std::filesystem::remove(file());
    expect_made_good();
}

TEST_F(WriteAheadLog, ADeletedOneThatNothingStoodIn) {
    std::filesystem::remove(file());
    expect_made_good();
}

TEST_F(WriteAheadLog, ACutOne) {
    node.grow(50);
    ASSERT_EQ(look(), Finding::sound);
    const std::size_t bytes = std::filesystem::file_size(file());
    for (const std::size_t left : {bytes - 1, bytes / 2, std::size_t{0}}) {
        std::filesystem::resize_file(file(), left);
        ASSERT_EQ(look(), Finding::damaged) << left;
    }
    node.grow(1);  // goes on where it was: what is between is a hole
    expect_made_good();
}

TEST_F(WriteAheadLog, ThePaceEndsTheLook) {
    node.grow(1);
    EXPECT_EQ(check_write_ahead_log(node.log_files(), [](std::size_t) { return false; }), Finding::stopped);
}

// Under the writer, and under moves into tables, nothing sound is called damaged.
TEST_F(WriteAheadLog, IsSoundWhileItIsWritten) {
    std::atomic<bool> done = false;
    std::atomic<std::uint64_t> looks = 0;
    std::thread scrub([&] {
        while (!done) {
            EXPECT_EQ(look(), Finding::sound);
            ++looks;
        }
    });
    for (int i = 0; i < 200 || looks < 100; ++i) {
        node.grow(3);
        if (i % 10 == 0) {
            EXPECT_TRUE(node.log().database().renew_write_ahead_log());
        }
    }
    done = true;
    scrub.join();
}

// Two families, one of which alone is moved into tables: the older file is still needed.
TEST(WriteAheadLogOfMany, AMissingOneBeforeTheLast) {
    const TempFolder folder;
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, folder / "db", &opened).ok());
    const std::unique_ptr<rocksdb::DB> database(opened);
    rocksdb::ColumnFamilyHandle* other = nullptr;
    ASSERT_TRUE(database->CreateColumnFamily({}, "other", &other).ok());
    ASSERT_TRUE(database->Put({}, other, "a", "1").ok());
    ASSERT_TRUE(database->Put({}, "b", "2").ok());
    ASSERT_TRUE(database->Flush({}).ok());
    ASSERT_TRUE(database->Put({}, "c", "3").ok());
    const auto files = test::files_like(folder / "db", "", ".log");
    ASSERT_EQ(files.size(), 2U);
    EXPECT_EQ(check_write_ahead_log(*database, test::free_pace), Finding::sound);
    for (const std::string& path : files) {
        const std::string bytes = test::read_file(path);
        std::filesystem::rename(path, folder / "away");
        EXPECT_EQ(check_write_ahead_log(*database, test::free_pace), Finding::damaged);
        std::filesystem::rename(folder / "away", path);
        std::filesystem::resize_file(path, 0);
        EXPECT_EQ(check_write_ahead_log(*database, test::free_pace), Finding::damaged);
        test::write_file(path, bytes);
        EXPECT_EQ(check_write_ahead_log(*database, test::free_pace), Finding::sound);
    }
    EXPECT_TRUE(database->DestroyColumnFamilyHandle(other).ok());
}

}  // namespace
}  // namespace socai::storage
