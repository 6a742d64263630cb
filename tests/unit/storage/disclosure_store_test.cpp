// What a node holds of confidential members (storage/disclosure_store.hpp).
#include "storage/disclosure_store.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "ledger/base64.hpp"
#include "support.hpp"

namespace socai::storage {
namespace {

using test::TempFolder;

class DisclosureStoreTest : public ::testing::Test {
  protected:
    std::unique_ptr<DisclosureStore> open() const {
        auto store = DisclosureStore::open(folder_.path(), test::identity());
        EXPECT_TRUE(store) << store.error().reason << ": " << store.error().detail;
        return store ? *std::move(store) : nullptr;
    }
    static ToldFor told(const std::string& id, const std::string& finding) {
        const auto made = ledger::make_disclosure("finding", boost::json::value(finding));
        return {"most", id, made.digest, made.text};
    }
    // Is the text in any file of the store?
    bool is_on_disk(const std::string& text) const {
        for (const auto& file : std::filesystem::directory_iterator(folder_.path() + "/disclosures")) {
            std::ifstream stream(file.path(), std::ios::binary);
            const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
            if (bytes.find(text) != std::string::npos) return true;
        }
        return false;
    }

    TempFolder folder_;
};

TEST_F(DisclosureStoreTest, KeepsWhatItWasGiven) {
    const std::vector all{told("c-1", "lead"), told("c-2", "tin")};
    {
        const auto store = open();
        EXPECT_EQ(store->add(all, 1'000).value(), all[0].disclosure.size() + all[1].disclosure.size());
        EXPECT_EQ(store->add(std::vector{all[0], all[0]}, 2'000).value(), 0u) << "again: its time is renewed";
        EXPECT_EQ(store->size().count, 2u);
    }
    const auto store = open();
    EXPECT_EQ(store->size().count, 2u);
    EXPECT_EQ(store->size().bytes, all[0].disclosure.size() + all[1].disclosure.size());
    EXPECT_EQ(store->find("most", "c-1", all[0].commitment).value(), all[0].disclosure);
    EXPECT_EQ(store->find("most", "c-1", ledger::sha256("nothing")).value(), std::nullopt);
    std::map<std::string, std::int64_t> seen;
    ASSERT_TRUE(store->scan([&](const ToldFor& each, std::int64_t received_ms) {
        EXPECT_EQ(each, all[each.id == "c-1" ? 0 : 1]);
        seen.emplace(each.id, received_ms);
        return true;
    }));
    EXPECT_EQ(seen, (std::map<std::string, std::int64_t>{{"c-1", 2'000}, {"c-2", 1'000}}));
}

// Another record with the same commitment has nothing of it.
TEST_F(DisclosureStoreTest, GivesItOutForItsRecordAlone) {
    const ToldFor mine = told("c-1", "lead");
    const auto store = open();
    ASSERT_TRUE(store->add(std::vector{mine}, 1));
    EXPECT_EQ(store->find("most", "c-2", mine.commitment).value(), std::nullopt);
    EXPECT_EQ(store->find("moit", "c-1", mine.commitment).value(), std::nullopt);
    ToldFor other = mine;
    other.source = "moit";
    EXPECT_EQ(store->erase(std::vector{other}).value(), 0u);
    EXPECT_EQ(store->find("most", "c-1", mine.commitment).value(), mine.disclosure);
}

TEST_F(DisclosureStoreTest, LeavesNothingOnTheDiskOfWhatItErased) {
    const ToldFor gone = told("c-1", "the name of a person"), stays = told("c-2", "the name of another");
    const auto store = open();
    ASSERT_TRUE(store->add(std::vector{gone, stays}, 1));
    EXPECT_TRUE(is_on_disk(gone.disclosure));
    EXPECT_EQ(store->erase(std::vector{gone, told("c-3", "never was here")}).value(), 1u);
    EXPECT_EQ(store->erase(std::vector{gone}).value(), 0u) << "again";
    ASSERT_TRUE(store->rewrite());
    EXPECT_FALSE(is_on_disk(gone.disclosure));
    EXPECT_EQ(store->find("most", "c-1", gone.commitment).value(), std::nullopt);
    EXPECT_EQ(store->find("most", "c-2", stays.commitment).value(), stays.disclosure);
    EXPECT_EQ(store->size().count, 1u);
}

// The same where it has long stood in tables, behind restarts; and where the node ended before its files were written again.
TEST_F(DisclosureStoreTest, EndsAnErasureThatWasInterrupted) {
    std::vector<ToldFor> many;
    for (int i = 0; i < 50; ++i) many.push_back(told("c-" + std::to_string(i), "person " + std::to_string(i)));
    ASSERT_TRUE(open()->add(many, 1));
    ASSERT_EQ(open()->erase(std::vector{many[7]}).value(), 1u);  // closed without rewrite(), as by a crash
    ASSERT_TRUE(open());
    EXPECT_FALSE(is_on_disk(many[7].disclosure));
    const auto store = open();
    ASSERT_EQ(store->erase(std::vector{many[8], many[30]}).value(), 2u);
    ASSERT_TRUE(store->rewrite());
    EXPECT_FALSE(is_on_disk(many[8].disclosure));
    EXPECT_FALSE(is_on_disk(many[30].disclosure));
    EXPECT_TRUE(is_on_disk(many[31].disclosure));
    EXPECT_EQ(store->size().count, 47u);
}

TEST_F(DisclosureStoreTest, IsOfOneNode) {
    open();
    Identity other = test::identity();
    other.node = "another";
    EXPECT_EQ(DisclosureStore::open(folder_.path(), other).error().reason, "wrong_identity");
    const auto held = open();
    EXPECT_EQ(DisclosureStore::open(folder_.path(), test::identity()).error().reason, "locked");
}

}  // namespace
}  // namespace socai::storage
