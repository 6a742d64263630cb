#include "node/founding/part_maker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "node/key_file.hpp"
#include "temporary_folder.hpp"

namespace socai::node::founding {
namespace {

using ledger::KeyPurpose;
using test::put;
using test::TemporaryFolder;

constexpr std::int64_t now_ms = 1'790'000'000'000;

class PartMakerTest : public testing::Test {
  protected:
    PartMakerTest() {
        party_.origin = "ledger.test/founding";
        party_.agency = "most";
        party_.agencies.add_agency({"most", std::nullopt, {"member"}, "Bộ", "Ministry"}).value();
        party_.agencies.add_agency({"most.qlcl", "most", {"list_owner"}, "", ""}).value();
        party_.agencies.add_agency({"importer.1", "most", {"trader"}, "", ""}).value();
        party_.agencies.add_delegation("most", "importer.1").value();
        party_.nodes = {{"most-1", "10.0.0.1:7402"}, {"most-2", ""}};
    }
    // The reason of a refusal, or "made"; the text goes into `text_`.
    std::string make(std::int64_t at_ms = now_ms) {
        const Result<std::string> text = make_part(party_, places_, text_, at_ms);
        if (!text) return text.error().reason;
        text_ = *text;
        return "made";
    }
    std::string path(KeyPurpose purpose) const { return places_.of_agency("most", purpose); }

    TemporaryFolder temporary_;
    KeyPlaces places_ = places_in(temporary_ / "keys");
    Party party_;
    std::string text_;
};

TEST_F(PartMakerTest, MakesEveryKeyOnThisMachine) {
    party_.rights = {"historical_import"};
    party_.own_rights = {"policy"};
    party_.auditor = true;
    ASSERT_EQ(make(), "made");
    const ledger::GenesisPart part = ledger::parse_part(text_).value();
    std::vector<std::string> kids;
    for (const auto& [kid, key] : part.registry.keys()) {
        kids.push_back(kid);
        const std::string file = places_.of_agency(key.agency, key.purpose);
        EXPECT_EQ(read_key_file(file).value().key.public_key(), key.key);
        struct stat mode {};
        ASSERT_EQ(::stat(file.c_str(), &mode), 0);
        EXPECT_EQ(mode.st_mode & 0777, 0600U) << file;
    }
    EXPECT_THAT(kids, testing::ElementsAre("most.qlcl/record-1", "most/auditor-1", "most/record-1",
                                           "most/registrar-1", "most/root-1"));
    EXPECT_THAT(part.registry.key("most/record-1")->rights,
                testing::ElementsAre("historical_import", "policy"));
    EXPECT_THAT(part.registry.key("most.qlcl/record-1")->rights, testing::ElementsAre("historical_import"));
    EXPECT_TRUE(part.registry.key("most/root-1")->rights.empty());
    ASSERT_EQ(part.nodes.size(), 2U);
    for (const NodeKey& key : node_keys)
        EXPECT_EQ(read_key_file(places_.of_node("most-2", key.name)).value().key.public_key(),
                  part.nodes[1].*key.key);
    EXPECT_THAT(part.consent.addresses, testing::ElementsAre(testing::Pair("most-1", "10.0.0.1:7402")));
}

TEST_F(PartMakerTest, ComesOutTheSameAgain) {
    ASSERT_EQ(make(), "made");
    const std::string first = text_;
    ASSERT_EQ(make(now_ms + 1'000), "made");
    EXPECT_EQ(text_, first);
    std::filesystem::remove(path(KeyPurpose::root));
    ASSERT_EQ(make(now_ms + 2'000), "made") << "the root key is offline, and nothing has changed";
    EXPECT_EQ(text_, first);
    EXPECT_FALSE(std::filesystem::exists(path(KeyPurpose::root)));
    party_.nodes.pop_back();
    EXPECT_EQ(make(), "root_key_needed");
}

TEST_F(PartMakerTest, AChangeIsAnotherPartOfTheSameKeys) {
    ASSERT_EQ(make(), "made");
    const ledger::GenesisPart first = ledger::parse_part(text_).value();
    party_.nodes.push_back({"most-3", ""});
    ASSERT_EQ(make(now_ms + 1'000), "made");
    const ledger::GenesisPart second = ledger::parse_part(text_).value();
    EXPECT_EQ(second.nodes.size(), 3U);
    EXPECT_EQ(second.nodes[0], first.nodes[0]);
    EXPECT_NE(second.consent.time, first.consent.time);
    for (const auto& [kid, key] : first.registry.keys())
        EXPECT_EQ(second.registry.key(kid)->key, key.key) << kid;
}

TEST_F(PartMakerTest, LostAndForeignKeysAreNamed) {
    ASSERT_EQ(make(), "made");
    std::filesystem::remove(path(KeyPurpose::registrar));
    EXPECT_EQ(make(), "key_lost");
    ASSERT_TRUE(
        write_key_file(path(KeyPurpose::registrar), {"most/registrar-1", ledger::KeyPair::generate()}));
    EXPECT_EQ(make(), "key_mismatch");
}

TEST_F(PartMakerTest, NothingIsMadeOfNamesThatCannotBe) {
    party_.nodes = {{"../most-1", ""}};
    EXPECT_EQ(make(), "bad_node_name");
    party_.nodes = {{"most-1", "10.0.0.1"}};
    EXPECT_EQ(make(), "bad_address");
    party_.nodes.clear();
    party_.origin = "a b";
    EXPECT_EQ(make(), "bad_origin");
    EXPECT_FALSE(std::filesystem::exists(temporary_ / "keys"));
    party_.origin = "ledger.test/founding";
    EXPECT_EQ(make(), "made") << "a member may bring no node";
}

TEST_F(PartMakerTest, FilesAreReadStrictly) {
    ASSERT_EQ(make(), "made");
    put(temporary_ / "most.part", text_ + "\n");
    EXPECT_EQ(read_part_file(temporary_ / "most.part").value().consent.agency, "most");
    put(temporary_ / "most.part", text_ + "\n\n");
    EXPECT_EQ(read_part_file(temporary_ / "most.part").error().reason, "bad_base64url");
    EXPECT_EQ(read_part_file(temporary_ / "none").error().reason, "file_unreadable");
}

}  // namespace
}  // namespace socai::node::founding
