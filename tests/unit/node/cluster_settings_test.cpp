#include "node/cluster/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <set>

#include "node/cluster/registry_file.hpp"
#include "node/ports.hpp"
#include "temporary_folder.hpp"
#include "tests/project_folder.hpp"

namespace socai::node::cluster {
namespace {

using test::put;
using test::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string sample_registry = project_file("data/genesis_registry.json");

Wishes wishes() {
    Wishes wishes;
    wishes.registry = sample_registry;
    return wishes;
}

std::vector<std::string> names(const Settings& settings) {
    std::vector<std::string> names;
    for (const NodeSettings& node : settings.nodes) names.push_back(node.node);
    return names;
}

void expect_refused(const Wishes& asked, const std::string& reason, const std::string& words) {
    const Result<Settings> settings = plan(asked);
    ASSERT_FALSE(settings) << words;
    EXPECT_EQ(settings.error().reason, reason);
    EXPECT_EQ(settings.error().exit, Exit::usage);
    EXPECT_THAT(settings.error().detail, HasSubstr(words));
}

TEST(ClusterPlanTest, FourAgenciesByDefault) {
    const Settings settings = plan(wishes()).value();
    EXPECT_THAT(names(settings), ElementsAre("customs-1", "most-1", "mard-1", "moit-1"));
    EXPECT_EQ(settings.links.size(), 12U);
    EXPECT_TRUE(settings.open_bundles);
    EXPECT_FALSE(settings.historical_import);
    std::set<std::uint16_t> ports = {settings.control_port};
    for (const NodeSettings& node : settings.nodes) ports.insert({node.api_port, node.peer_port});
    for (const LinkSettings& link : settings.links) ports.insert(link.port);
    EXPECT_EQ(ports.size(), 21U) << "every port is its own";
    EXPECT_GE(*ports.begin(), 1024);
}

TEST(ClusterPlanTest, NodesAreDealtRoundRobin) {
    Wishes asked = wishes();
    asked.agencies = {{"moit", "customs"}};
    asked.nodes = 5;
    EXPECT_THAT(names(plan(asked).value()),
                ElementsAre("moit-1", "customs-1", "moit-2", "customs-2", "moit-3"));
    asked.nodes = 14;
    EXPECT_EQ(plan(asked).value().links.size(), 14U * 13U);
}

TEST(ClusterPlanTest, RefusesWhatCannotBe) {
    Wishes asked = wishes();
    asked.agencies = {{"customs", "mots"}};
    expect_refused(asked, "bad_agencies",
                   "`mots`, which is no member agency of the registry; choose from customs,mard,moit,most");
    asked.agencies = {{"customs", "customs.nsw"}};
    expect_refused(asked, "bad_agencies", "`customs.nsw`");
    asked.agencies = {{"customs", "customs"}};
    expect_refused(asked, "bad_agencies", "twice");
    asked = wishes();
    asked.nodes = 3;
    expect_refused(asked, "bad_node_count", "fewer than the 4 agencies");
    asked.nodes = 0;
    expect_refused(asked, "bad_node_count", "1 to 32");
    asked.nodes = 33;
    expect_refused(asked, "bad_node_count", "1 to 32");
    asked = wishes();
    asked.origin = "two words";
    expect_refused(asked, "bad_origin", "`two words`");
    asked = wishes();
    asked.base_port = 65'530;
    expect_refused(asked, "bad_address", "no room for 21 ports");
}

TEST(ClusterPlanTest, APortInUseIsNamed) {
    const std::uint16_t first = find_free_ports(21).value();
    boost::asio::io_context io;
    boost::asio::ip::tcp::acceptor taken(
        io, {boost::asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(first + 9)});
    Wishes asked = wishes();
    asked.base_port = first;
    expect_refused(asked, "port_in_use", "127.0.0.1:" + std::to_string(first + 9));
    taken.close();
    const Result<Settings> settings = plan(asked);
    ASSERT_TRUE(settings) << settings.error().detail;
    EXPECT_EQ(settings->nodes.front().api_port, first);
    EXPECT_EQ(settings->control_port, first + 8);
}

TEST(ClusterSettingsTest, AreKept) {
    TemporaryFolder temporary;
    const Folder folder(temporary.path());
    Wishes asked = wishes();
    asked.historical_import = true;
    const Settings settings = plan(asked).value();
    ASSERT_TRUE(save_settings(folder, settings));
    const Settings loaded = load_settings(folder).value();
    EXPECT_EQ(names(loaded), names(settings));
    EXPECT_EQ(loaded.agencies, settings.agencies);
    EXPECT_EQ(loaded.origin, settings.origin);
    EXPECT_EQ(loaded.registry_hash, settings.registry_hash);
    EXPECT_EQ(loaded.base_port, std::nullopt);
    EXPECT_TRUE(loaded.historical_import);
    EXPECT_EQ(loaded.control_port, settings.control_port);
    ASSERT_EQ(loaded.links.size(), settings.links.size());
    EXPECT_EQ(loaded.links.back().port, settings.links.back().port);
}

TEST(ClusterSettingsTest, OtherWishesAreRefusedByName) {
    const Settings settings = plan(wishes()).value();
    EXPECT_TRUE(agree(settings, {}, "D")) << "what is not asked for stays as it was";
    EXPECT_TRUE(agree(settings, wishes(), "D"));
    Wishes asked = wishes();
    asked.nodes = 7;
    asked.historical_import = true;
    asked.base_port = 9000;
    asked.agencies = {{"customs"}};
    asked.origin = "other";
    asked.open_bundles = false;
    const Result<void> agreed = agree(settings, asked, "D");
    ASSERT_FALSE(agreed);
    EXPECT_EQ(agreed.error().reason, "different_options");
    for (const char* words : {"--nodes was 4, now 7", "--historical-import was no, now yes",
                              "--base-port was chosen by the program, now 9000",
                              "--agencies was customs,most,mard,moit, now customs", "--origin was",
                              "--open-bundles was yes, now no"})
        EXPECT_THAT(agreed.error().detail, HasSubstr(words));
    TemporaryFolder folder;
    put(folder / "r.json", R"([{"code":"customs","parent":null,"roles":["member"]}])");
    Wishes other_registry;
    other_registry.registry = folder / "r.json";
    EXPECT_THAT(agree(settings, other_registry, "D").error().detail, HasSubstr("--registry"));
}

TEST(ClusterSettingsTest, AFolderOfSomethingElseIsRefused) {
    TemporaryFolder temporary;
    const Folder folder(temporary.path());
    EXPECT_TRUE(folder.claim()) << "an empty folder will do";
    EXPECT_EQ(folder.require().error().reason, "not_a_cluster");
    EXPECT_EQ(Folder(temporary / "nowhere").require().error().reason, "not_a_cluster");
    put(temporary / "thesis.txt", "mine");
    const Result<void> claimed = folder.claim();
    ASSERT_FALSE(claimed);
    EXPECT_EQ(claimed.error().reason, "not_a_cluster");
    EXPECT_THAT(claimed.error().detail, HasSubstr("thesis.txt"));
    for (const char* text : {"", "{}", R"({"format":"other"})", R"({"format":"socai-cluster-1"})"}) {
        put(folder.settings(), text);
        const Result<Settings> settings = load_settings(folder);
        ASSERT_FALSE(settings) << text;
        EXPECT_EQ(settings.error().reason, "not_a_cluster");
    }
}

TEST(ClusterFolderTest, APurgeDeletesWhatTheProgramMadeAndNothingElse) {
    TemporaryFolder temporary;
    const Folder folder(temporary / "cluster");
    ASSERT_TRUE(folder.claim());
    std::filesystem::create_directories(folder.data("customs-1"));
    put(folder.settings(), "x");
    put(folder.dir() + "/notes.txt", "mine");
    const Result<void> purged = folder.purge();
    ASSERT_FALSE(purged);
    EXPECT_EQ(purged.error().reason, "folder_not_empty");
    EXPECT_EQ(test::get(folder.dir() + "/notes.txt"), "mine");
    EXPECT_FALSE(std::filesystem::exists(folder.node("customs-1")));
    EXPECT_FALSE(std::filesystem::exists(folder.settings()));
    std::filesystem::remove(folder.dir() + "/notes.txt");
    EXPECT_TRUE(folder.purge());
    EXPECT_FALSE(std::filesystem::exists(folder.dir()));
}

TEST(RegistryFileTest, TheSampleIsFoundAndRead) {
    EXPECT_TRUE(std::filesystem::exists(find_registry(std::nullopt).value()));
    const RegistryFile file = read_registry_file(sample_registry).value();
    EXPECT_EQ(file.registry.agencies().size(), 19U);
    EXPECT_TRUE(file.registry.may_speak_for("customs.nsw", "importer.9900000016"));
    EXPECT_FALSE(file.registry.may_speak_for("customs", "importer.9900000016"));
    EXPECT_TRUE(file.registry.keys().empty());
}

TEST(RegistryFileTest, TheOrderOfEntriesDoesNotMatter) {
    TemporaryFolder folder;
    put(folder / "r.json",
        R"([{"code":"a.b.c","parent":"a.b","roles":["trader"]},{"code":"a.b","parent":"a","roles":["x"]},
                              {"code":"a","parent":null,"roles":["member"]}])");
    EXPECT_TRUE(read_registry_file(folder / "r.json").value().registry.may_speak_for("a.b", "a.b.c"));
}

TEST(RegistryFileTest, FaultsNameTheEntry) {
    TemporaryFolder folder;
    const std::string path = folder / "r.json";
    const std::pair<const char*, const char*> cases[] = {
        {"{", "not JSON"},
        {"{}", "array"},
        {"[1]", "entry 1 is not an object"},
        {R"([{"code":"a","parent":null,"roles":["m"]},{"code":"A","parent":null,"roles":["m"]}])",
         "entry 2 needs `code`"},
        {R"([{"code":"../a","parent":null,"roles":["m"]}])", "entry 1 needs `code`"},
        {R"([{"code":"a","parent":null,"roles":[]}])", "entry 1 needs `roles`"},
        {R"([{"code":"a","parent":1,"roles":["m"]}])", "entry 1 needs `parent`"},
        {R"([{"code":"a","parent":null,"role":["m"]}])", "unknown member `role`"},
        {R"([{"code":"a","parent":"b","roles":["m"]}])", "parent `b`"},
        {R"([{"code":"a","parent":"a","roles":["m"]}])", "parent `a`"},
        {R"([{"code":"a","parent":null,"roles":["trader"]}])", "needs a `parent`"},
        {R"([{"code":"a","parent":null,"roles":["m"]},{"code":"a","parent":null,"roles":["m"]}])",
         "entry 2 (a)"}};
    for (const auto& [text, words] : cases) {
        put(path, text);
        const Result<RegistryFile> file = read_registry_file(path);
        ASSERT_FALSE(file) << text;
        EXPECT_EQ(file.error().reason, "bad_registry");
        EXPECT_THAT(file.error().detail, HasSubstr(path + ": "));
        EXPECT_THAT(file.error().detail, HasSubstr(words)) << text;
    }
    EXPECT_EQ(read_registry_file(folder / "nowhere").error().reason, "file_unreadable");
}

}  // namespace
}  // namespace socai::node::cluster
