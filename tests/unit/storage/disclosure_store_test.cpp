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
    const std::vector told{ledger::make_disclosure("finding", "lead"), ledger::make_disclosure("action", "x")};
    {
        const auto store = open();
        ASSERT_TRUE(store->add(told, 1'000));
        ASSERT_TRUE(store->add(told, 2'000)) << "again";
        EXPECT_EQ(store->size().count, 2u);
    }
    const auto store = open();
    EXPECT_EQ(store->size().count, 2u);
    EXPECT_EQ(store->size().bytes, told[0].text.size() + told[1].text.size());
    EXPECT_EQ(store->find(told[0].digest).value(), told[0].text);
    EXPECT_EQ(store->find(ledger::sha256("nothing")).value(), std::nullopt);
    std::map<ledger::Hash, std::int64_t> seen;
    ASSERT_TRUE(store->scan([&](const ledger::Hash& commitment, std::int64_t received_ms, std::string_view) {
        seen.emplace(commitment, received_ms);
        return true;
    }));
    EXPECT_EQ(seen, (std::map<ledger::Hash, std::int64_t>{{told[0].digest, 1'000}, {told[1].digest, 1'000}}));
}

TEST_F(DisclosureStoreTest, LeavesNothingOnTheDiskOfWhatItErased) {
    // Not compressible: what is found or not found is the text itself.
    const ledger::Disclosure gone = ledger::make_disclosure("finding", "the name of a person");
    const ledger::Disclosure stays = ledger::make_disclosure("finding", "the name of another");
    const auto store = open();
    ASSERT_TRUE(store->add(std::vector{gone, stays}, 1));
    EXPECT_TRUE(is_on_disk(gone.text));
    const std::vector erased{gone.digest, ledger::sha256("never was here")};
    EXPECT_EQ(store->erase(erased).value(), 1u);
    EXPECT_EQ(store->erase(erased).value(), 0u) << "again";
    EXPECT_FALSE(is_on_disk(gone.text));
    EXPECT_EQ(store->find(gone.digest).value(), std::nullopt);
    EXPECT_EQ(store->find(stays.digest).value(), stays.text);
    EXPECT_EQ(store->size().count, 1u);
}

// The same where it has long stood in a table of its own, behind a restart.
TEST_F(DisclosureStoreTest, ErasesWhatStandsInTables) {
    std::vector<ledger::Disclosure> many;
    for (int i = 0; i < 50; ++i) many.push_back(ledger::make_disclosure("finding", boost::json::value("person " + std::to_string(i))));
    ASSERT_TRUE(open()->add(many, 1));
    ASSERT_EQ(open()->erase(std::vector{many[7].digest}).value(), 1u);
    EXPECT_FALSE(is_on_disk(many[7].text));
    const auto store = open();
    ASSERT_EQ(store->erase(std::vector{many[8].digest, many[30].digest}).value(), 2u);
    EXPECT_FALSE(is_on_disk(many[8].text));
    EXPECT_FALSE(is_on_disk(many[30].text));
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
