// Every byte of every kind of file, changed under a database that is open: does anybody find it?
#include "storage/table_files.hpp"

#include <gtest/gtest.h>

#include "small_node.hpp"
#include "storage/side_file.hpp"
#include "storage/write_ahead_log.hpp"

namespace socai::storage {
namespace {

using test::SmallNode;
using test::TempFolder;

class TableFiles : public testing::Test {
  protected:
    TableFiles() : node(folder / "data") {
        node.open();
        node.grow(300);
        node.reopen();  // what was written stands in tables
        node.grow(20);  // and in the write-ahead log
    }
    std::string only(const std::string& begin, const std::string& end) const {
        std::string found;
        for (const auto& file : test::files_like(node.folder() + "/log", begin, end))
            if (std::filesystem::file_size(file) > 0) found = file;
        return found;
    }

    TempFolder folder;
    SmallNode node;
};

TEST_F(TableFiles, AreSoundAsTheyWereWritten) {
    for (rocksdb::DB* database : {&node.log_files(), &node.state_files()}) {
        const auto tables = table_files(*database);
        EXPECT_FALSE(tables.empty());
        for (const TableFile& table : tables) {
            EXPECT_FALSE(table.checksum.empty()) << table.path;
            EXPECT_EQ(check_table(*database, table, test::free_pace), Finding::sound) << table.path;
        }
    }
    EXPECT_EQ(check_write_ahead_log(node.log_files(), test::free_pace), Finding::sound);
    EXPECT_EQ(check_manifest(node.folder() + "/log"), Finding::sound);
    EXPECT_TRUE(node.log().side_file_is_whole());
}

TEST_F(TableFiles, AnyByteOfATable) {
    for (rocksdb::DB* database : {&node.log_files(), &node.state_files()}) {
        for (const TableFile& table : table_files(*database)) {
            for (std::size_t at = 0; at < table.bytes; at += at + 128 < table.bytes ? 41 : 1) {
                test::flip(table.path, at);
                ASSERT_EQ(check_table(*database, table, test::free_pace), Finding::damaged)
                    << table.path << " at " << at;
                test::flip(table.path, at);
            }
            EXPECT_EQ(check_table(*database, table, test::free_pace), Finding::sound);
        }
    }
}

TEST_F(TableFiles, ATableWithoutANotedSumIsReadBlockByBlock) {
    for (TableFile table : table_files(node.log_files())) {
        table.checksum.clear();
        EXPECT_EQ(check_table(node.log_files(), table, test::free_pace), Finding::sound);
        test::flip(table.path, 20);
        EXPECT_EQ(check_table(node.log_files(), table, test::free_pace), Finding::damaged);
        test::flip(table.path, 20);
    }
}

TEST_F(TableFiles, ATableThatIsCutOrMissing) {
    const TableFile table = table_files(node.log_files()).front();
    const std::string bytes = test::read_file(table.path);
    test::write_file(table.path, bytes.substr(0, bytes.size() / 2));
    EXPECT_EQ(check_table(node.log_files(), table, test::free_pace), Finding::damaged);
    test::write_file(table.path, bytes + "more");
    EXPECT_EQ(check_table(node.log_files(), table, test::free_pace), Finding::damaged);
    std::filesystem::remove(table.path);
    EXPECT_EQ(check_table(node.log_files(), table, test::free_pace), Finding::damaged);
    TableFile other = table;
    other.path = node.folder() + "/log/999999.sst";
    EXPECT_EQ(check_table(node.log_files(), other, test::free_pace), Finding::gone);
}

TEST_F(TableFiles, APaceEndsACheck) {
    const TableFile table = table_files(node.log_files()).front();
    const auto stop = [](std::size_t) { return false; };
    EXPECT_EQ(check_table(node.log_files(), table, stop), Finding::stopped);
    EXPECT_EQ(check_write_ahead_log(node.log_files(), stop), Finding::stopped);
}

TEST_F(TableFiles, AnyByteOfTheWriteAheadLogAndItIsWrittenElsewhere) {
    const std::string wal = only("", ".log");
    ASSERT_FALSE(wal.empty());
    const std::size_t bytes = std::filesystem::file_size(wal);
    for (std::size_t at = 0; at < bytes; at += 13) {
        test::flip(wal, at);
        ASSERT_EQ(check_write_ahead_log(node.log_files(), test::free_pace), Finding::damaged) << "at " << at;
        test::flip(wal, at);
    }
    ASSERT_EQ(check_write_ahead_log(node.log_files(), test::free_pace), Finding::sound);
    test::flip(wal, bytes / 2);
    ASSERT_TRUE(node.log().database().renew_write_ahead_log());
    EXPECT_EQ(check_write_ahead_log(node.log_files(), test::free_pace), Finding::sound);
    node.grow(3);
    EXPECT_EQ(check_write_ahead_log(node.log_files(), test::free_pace), Finding::sound);
    node.reopen();
    EXPECT_FALSE(node.log().start().damage);
    EXPECT_EQ(node.log().start().log.last, node.entries().back()->id);
}

TEST_F(TableFiles, AnyByteOfTheManifestIsFoundOnceItWasSeen) {
    const std::string manifest = only("MANIFEST-", "");
    GrowingFiles files;
    EXPECT_TRUE(files.check(node.folder() + "/log").empty());
    const std::size_t bytes = std::filesystem::file_size(manifest);
    for (std::size_t at = 0; at < bytes; at += 7) {
        test::flip(manifest, at);
        ASSERT_EQ(files.check(node.folder() + "/log"), std::vector{manifest}) << "at " << at;
        test::flip(manifest, at);
    }
    EXPECT_TRUE(files.check(node.folder() + "/log").empty());
    node.grow(1);
    ASSERT_TRUE(node.log().database().renew_write_ahead_log());  // it grows
    EXPECT_TRUE(files.check(node.folder() + "/log").empty());
    test::flip(manifest, bytes / 2);
    EXPECT_EQ(check_manifest(node.folder() + "/log"), Finding::damaged);  // also by who never saw it
    test::flip(manifest, bytes / 2);
    const std::string current = node.folder() + "/log/CURRENT";
    test::flip(current, 3);
    EXPECT_EQ(check_manifest(node.folder() + "/log"), Finding::damaged);
    test::flip(current, 3);
}

TEST_F(TableFiles, AnyByteOfTheSideFileAndItIsWrittenAnew) {
    const std::string side = node.folder() + "/acknowledged";
    const std::size_t bytes = std::filesystem::file_size(side);
    for (std::size_t at = 0; at < bytes; at += 3) {
        test::flip(side, at);
        ASSERT_FALSE(node.log().side_file_is_whole()) << "at " << at;
        test::flip(side, at);
    }
    EXPECT_TRUE(node.log().side_file_is_whole());
    test::flip(side, 100);
    ASSERT_TRUE(node.log().renew_side_file());
    EXPECT_TRUE(node.log().side_file_is_whole());
    node.reopen();
    EXPECT_FALSE(node.log().start().damage);
}

TEST_F(TableFiles, ALostSlotOfTheSideFileIsFound) {
    const std::string side = node.folder() + "/acknowledged";
    const std::string bytes = test::read_file(side);
    const std::size_t half = bytes.size() / 2;
    ASSERT_EQ(SideFile::condition(side), SideFile::Condition::whole);
    test::flip(side, half + 20);
    EXPECT_EQ(SideFile::condition(side), SideFile::Condition::copy_lost);
    for (const std::size_t slot : {std::size_t{0}, half}) {
        std::string zeroed = bytes;
        zeroed.replace(slot, half, half, '\0');
        test::write_file(side, zeroed);
        EXPECT_EQ(SideFile::condition(side), SideFile::Condition::slot_lost);
        EXPECT_FALSE(node.log().side_file_is_whole());
    }
    // Writes that never came: the slot holds what it held before.
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(node.log().renew_side_file());
    const std::string now = test::read_file(side);
    ASSERT_NE(now, bytes);
    test::write_file(side, bytes.substr(0, half) + now.substr(half));
    EXPECT_EQ(SideFile::condition(side), SideFile::Condition::slot_lost);
    test::write_file(side, now);
    EXPECT_EQ(SideFile::condition(side), SideFile::Condition::whole);
    const std::string fresh = folder / "fresh";
    ASSERT_TRUE(SideFile::open(fresh, true));
    EXPECT_EQ(SideFile::condition(fresh), SideFile::Condition::whole);
}

TEST_F(TableFiles, ADamagedTableOfEntriesTellsWhichAreLostAndTheyCanBeRepaired) {
    const auto tables = table_files(node.log_files());
    const auto table =
        std::ranges::find_if(tables, [](const TableFile& file) { return file.family == "entries"; });
    ASSERT_NE(table, tables.end());
    EXPECT_TRUE(test::read_log(node.log()));  // and now it is in memory
    test::flip(table->path, 60);
    const auto damaged = node.log().damage_of(*table);
    ASSERT_TRUE(damaged) << damaged.error().detail;
    ASSERT_FALSE(damaged->lost.empty());
    EXPECT_TRUE(damaged->confined);
    std::vector<consensus::EntryPtr> content;
    for (const auto& entry : damaged->lost) content.push_back(node.entries()[entry.id.index.value - 1]);
    const auto repaired = node.log().repair(content);
    ASSERT_TRUE(repaired) << repaired.error().detail;
    EXPECT_EQ(repaired->size(), damaged->lost.size());
    const auto whole = node.log().damage_of(*table);
    ASSERT_TRUE(whole);
    EXPECT_TRUE(whole->lost.empty());
    EXPECT_TRUE(whole->confined);
    // What was made good does not hide what comes on top of it.
    ASSERT_LT(table->bytes, 20'000U);  // one block, and what RocksDB needs to read it
    for (std::size_t at = table->bytes - 600; at < table->bytes; at += 7) {
        const bool unused = at >= table->bytes - 52 && at < table->bytes - 12;  // padding of the footer
        test::flip(table->path, at);
        const auto more = node.log().damage_of(*table);
        EXPECT_TRUE(!more || !more->confined || unused) << at;
        test::flip(table->path, at);
    }
    const std::string away = folder / "away";
    std::filesystem::rename(table->path, away);
    const auto gone = node.log().damage_of(*table);
    EXPECT_TRUE(!gone || !gone->confined);
    std::filesystem::rename(away, table->path);
    node.reopen();
    EXPECT_TRUE(node.log().start().log.damaged.empty());
}

}  // namespace
}  // namespace socai::storage
