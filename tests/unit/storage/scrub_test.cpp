// The scrub of a stopped node's folder.
#include "storage/scrub.hpp"

#include <gtest/gtest.h>

#include "small_node.hpp"

namespace socai::storage {
namespace {

using test::SmallNode;
using test::TempFolder;

class ScrubTest : public testing::Test {
  protected:
    ScrubTest() : node(folder / "data") {
        node.open();
        node.grow(600);
        node.reopen();
        node.close();
    }
    ScrubReport scrub() {
        const auto report = scrub_folder(node.folder(), {});
        EXPECT_TRUE(report) << report.error().detail;
        return report ? *report : ScrubReport{};
    }
    std::string table_of(const std::string& family) {
        node.open();
        std::string path;
        for (rocksdb::DB* database : {&node.log_files(), &node.state_files()})
            for (const TableFile& table : table_files(*database))
                if (table.family == family) path = table.path;
        node.close();
        return path;
    }

    TempFolder folder;
    SmallNode node;
};

TEST_F(ScrubTest, ASoundFolder) {
    const ScrubReport report = scrub();
    EXPECT_EQ(report.found(), 0U) << (report.faults.empty() ? "" : report.faults.front());
    EXPECT_EQ(report.entries, 600U);
    EXPECT_EQ(report.leaves, 600U);
    EXPECT_EQ(report.identity, node.identity());
    EXPECT_GT(report.files, 0U);
}

TEST_F(ScrubTest, WhileTheNodeRuns) {
    node.open();
    EXPECT_EQ(test::reason_of(scrub_folder(node.folder(), {})), "locked");
}

TEST_F(ScrubTest, WhatIsNoDataFolder) {
    EXPECT_EQ(test::reason_of(scrub_folder(folder / "nothing", {})), "io_error");
}

TEST_F(ScrubTest, LostEntriesAreToBeFetchedAndTheNextStartKnowsThem) {
    test::flip(table_of("entries"), 60);
    const ScrubReport report = scrub();
    EXPECT_GT(report.to_fetch, 0U);
    EXPECT_FALSE(report.faults.empty());
    node.open();
    EXPECT_EQ(node.log().start().log.damaged.size(), report.to_fetch);
}

TEST_F(ScrubTest, ADamagedTableOfIdsIsLeftToTheNextStart) {
    test::flip(table_of("ids"), 60);
    const ScrubReport report = scrub();
    EXPECT_GT(report.found(), 0U);
    node.open();
    EXPECT_TRUE(node.log().start().damage);
    node.close();
    EXPECT_EQ(scrub().at_next_start, 0U);
}

TEST_F(ScrubTest, ADamagedStateIsRebuiltAtTheNextStart) {
    std::vector<std::string> paths;
    for (const std::string family : {"tree", "records", "postings", "leaves"})
        paths.push_back(table_of(family));
    for (const std::string& path : paths) {
        ASSERT_FALSE(path.empty());
        test::flip(path, 40);
        const ScrubReport report = scrub();
        EXPECT_EQ(report.at_next_start, 1U) << path;
        EXPECT_EQ(report.to_fetch, 0U) << path;
        test::flip(path, 40);
    }
    node.open();
    EXPECT_TRUE(node.rebuilt());
}

TEST_F(ScrubTest, AWrongRowOfTheTree) {
    node.open();
    std::string row = **node.state().database().row_once(0, 1);
    row[5] ^= 1;
    ASSERT_TRUE(node.state().rewrite_row(0, 1, row));
    node.close();
    EXPECT_EQ(scrub().at_next_start, 1U);
    node.open();
    EXPECT_TRUE(node.rebuilt());
}

TEST_F(ScrubTest, ASideFileWithOneDamagedCopyIsWrittenAnew) {
    test::flip(node.folder() + "/acknowledged", 100);
    const ScrubReport report = scrub();
    EXPECT_EQ(report.repaired, 1U);
    EXPECT_EQ(report.found(), 1U);
    EXPECT_EQ(scrub().found(), 0U);
    node.open();
    EXPECT_FALSE(node.log().start().damage);
}

TEST_F(ScrubTest, ASideFileWithALostSlotIsNotCalledRepaired) {
    const std::string side = node.folder() + "/acknowledged";
    std::string bytes = test::read_file(side);
    bytes.replace(0, bytes.size() / 2, bytes.size() / 2, '\0');
    test::write_file(side, bytes);
    const ScrubReport report = scrub();
    EXPECT_EQ(report.beyond_repair, 1U);
    EXPECT_EQ(report.repaired, 0U);
    EXPECT_EQ(test::read_file(side), bytes);
}

TEST_F(ScrubTest, AMissingOrCutTableIsNoOtherNodesLog) {
    const std::string copy = folder / "copy";
    for (const std::string part : {"/log", "/state"}) {
        for (const std::string& path : test::files_like(node.folder() + part, "", ".sst")) {
            for (const bool cut : {false, true}) {
                test::copy_folder(node.folder(), copy);
                const std::string table = copy + path.substr(node.folder().size());
                if (cut)
                    std::filesystem::resize_file(table, std::filesystem::file_size(table) / 2);
                else
                    std::filesystem::remove(table);
                const auto report = scrub_folder(copy, {});
                ASSERT_TRUE(report) << path << " " << report.error().detail;
                EXPECT_GT(report->found(), 0U) << path;
                EXPECT_FALSE(report->contradiction) << path;
                for (const std::string& fault : report->faults)
                    EXPECT_EQ(fault.find("belongs to"), std::string::npos) << fault;
                const auto log = LogStore::open(copy, node.identity());
                ASSERT_TRUE(log) << log.error().detail;
                EXPECT_EQ((*log)->start().damage.has_value(), part == "/log") << path;
            }
        }
    }
}

TEST_F(ScrubTest, ALogThatDoesNotOpenIsLeftToTheStartWithoutAFigure) {
    for (const std::string& file : test::files_like(node.folder() + "/log", "MANIFEST-", ""))
        std::filesystem::resize_file(file, 0);
    const ScrubReport report = scrub();
    EXPECT_TRUE(report.unread);
    EXPECT_EQ(report.to_fetch, 0U);
    EXPECT_EQ(report.at_next_start, 1U);
    node.open();
    EXPECT_TRUE(node.log().start().damage);
}

TEST_F(ScrubTest, ALogThatHoldsFewerLeavesThanTheTree) {
    node.open();
    node.cut_log(590);
    node.close();
    const ScrubReport report = scrub();
    EXPECT_TRUE(report.contradiction);
}

TEST_F(ScrubTest, WithoutASideFile) {
    std::filesystem::remove(node.folder() + "/acknowledged");
    EXPECT_EQ(test::reason_of(scrub_folder(node.folder(), {})), "corrupt_side_file");
}

TEST_F(ScrubTest, EveryFileDamagedIsFoundAndNoneCrashesIt) {
    const std::string copy = folder / "copy";
    std::size_t files = 0;
    for (const auto& [path, bytes] : test::listing(node.folder())) {
        const std::string name = std::filesystem::path(path).filename().string();
        if (bytes == 0 || std::filesystem::is_directory(path)) continue;
        if (name.starts_with("LOG") || name.starts_with("OPTIONS") || name == "IDENTITY") continue;
        ++files;
        for (const std::size_t at : {bytes / 3, bytes / 2, bytes - 1}) {
            test::copy_folder(node.folder(), copy);
            test::flip(copy + path.substr(node.folder().size()), at);
            const auto report = scrub_folder(copy, {});
            if (!report) continue;  // refused with a reason
            EXPECT_GT(report->found(), 0U) << path << " at " << at;
        }
    }
    EXPECT_GT(files, 8U);
}

}  // namespace
}  // namespace socai::storage
