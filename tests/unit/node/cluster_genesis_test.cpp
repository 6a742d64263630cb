#include "node/cluster/genesis_maker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "ledger/hash.hpp"
#include "ledger/policy_leaf.hpp"
#include "node/client/trust.hpp"
#include "node/config.hpp"
#include "node/key_file.hpp"
#include "node/tls/certificate.hpp"
#include "storage/log_store.hpp"
#include "temporary_folder.hpp"
#include "tests/project_folder.hpp"

namespace socai::node::cluster {
namespace {

using test::get;
using test::put;
using test::TemporaryFolder;
using testing::HasSubstr;

constexpr std::int64_t now_ms = 1'790'000'000'000;

class GenesisMakerTest : public testing::Test {
  protected:
    void SetUp() override {
        Wishes wishes;
        wishes.registry = project_file("data/genesis_registry.json");
        wishes.nodes = 5;
        wishes.historical_import = true;
        settings_ = plan(wishes).value();
    }
    Materials make() {
        Result<Materials> materials = make_materials(folder_, settings_, now_ms);
        EXPECT_TRUE(materials) << materials.error().detail;
        return materials ? *materials : Materials{};
    }
    ledger::Genesis genesis() { return ledger::parse_genesis(get(folder_.genesis())).value(); }

    TemporaryFolder temporary_;
    Folder folder_{temporary_ / "d"};
    Settings settings_;
};

TEST_F(GenesisMakerTest, EveryAgencyThatSignsHasAKeyWithItsRightAndEveryMemberARootAndARegistrarKey) {
    const Materials materials = make();
    const ledger::Genesis made = genesis();
    EXPECT_EQ(made.origin, "ledger.example.vn/ktcn");
    EXPECT_EQ(made.registry.agencies().size(), 19U);
    EXPECT_EQ(made.registry.keys().size(), 16U + 8U)
        << "all but the three traders, and four members' two more";
    EXPECT_EQ(materials.keys.size(), 16U + 8U);
    for (const auto& [kid, path] : materials.keys) {
        const ledger::RegisteredKey* key = made.registry.key(kid);
        ASSERT_NE(key, nullptr) << kid;
        EXPECT_EQ(kid, key->agency + "/" + std::string(ledger::word_of(key->purpose)) + "-1");
        EXPECT_EQ(key->has_right("historical_import"), key->purpose == ledger::KeyPurpose::record);
        EXPECT_EQ(key->has_right(ledger::policy_right), kid == "customs/record-1");
        const ledger::Jwk jwk = read_key_file(path).value();
        EXPECT_EQ(jwk.kid, kid);
        EXPECT_EQ(jwk.key.public_key(), key->key);
        struct stat mode {};
        ASSERT_EQ(::stat(path.c_str(), &mode), 0);
        EXPECT_EQ(mode.st_mode & 0777, 0600U) << path;
    }
    EXPECT_TRUE(made.registry.may_speak_for("customs.nsw", "importer.9900000023"));
    EXPECT_EQ(made.registry.key("importer.9900000023/record-1"), nullptr);
}

TEST_F(GenesisMakerTest, EveryMemberAgreesAlsoThoseWithoutANode) {
    Wishes wishes;
    wishes.registry = project_file("data/genesis_registry.json");
    wishes.agencies = {"most", "customs"};
    settings_ = plan(wishes).value();
    make();
    const ledger::Genesis made = genesis();
    std::vector<std::string> agreed;
    for (const ledger::Consent& consent : made.consents) agreed.push_back(consent.agency);
    EXPECT_THAT(agreed, testing::ElementsAre("customs", "mard", "moit", "most"));
    EXPECT_EQ(made.nodes.front().name, "most-1");
    EXPECT_TRUE(made.registry.key("most/record-1")->has_right(ledger::policy_right));
    EXPECT_EQ(
        get(folder_.agency_key("mard", ledger::KeyPurpose::root)).find("mard/root-1") == std::string::npos,
        false);
}

TEST_F(GenesisMakerTest, AnAgencyBelowNoMemberIsRefused) {
    Wishes wishes;
    wishes.registry = temporary_ / "registry.json";
    wishes.agencies = {"customs"};
    put(*wishes.registry, R"([{"code":"customs","parent":null,"roles":["member"]},)"
                          R"({"code":"lab.1","parent":null,"roles":["conformity_body"]}])");
    settings_ = plan(wishes).value();
    const auto materials = make_materials(folder_, settings_, now_ms);
    ASSERT_FALSE(materials);
    EXPECT_EQ(materials.error().reason, "bad_registry");
    EXPECT_THAT(materials.error().detail, HasSubstr("lab.1"));
}

TEST_F(GenesisMakerTest, ThePolicyListsEveryNodesLogKeyAndNoQuorum) {
    make();
    const ledger::Policy policy = ledger::parse_policy(get(folder_.policy())).value();
    const ledger::Genesis made = genesis();
    EXPECT_EQ(get(folder_.policy()), made.policy);
    EXPECT_EQ(policy, ledger::consortium_policy(made.origin, made.nodes));
    ASSERT_EQ(policy.logs.size(), 5U);
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_EQ(policy.logs[i].key.name, made.origin);
        EXPECT_EQ(policy.logs[i].key.key, made.nodes[i].log_key);
        EXPECT_EQ(made.nodes[i].raft_id, i + 1);
        EXPECT_EQ(made.nodes[i].name, settings_.nodes[i].node);
    }
}

TEST_F(GenesisMakerTest, EveryConfigurationPassesItsOwnCheck) {
    const Materials materials = make();
    EXPECT_EQ(materials.genesis_hash, ledger::to_hex(ledger::sha256(get(folder_.genesis()))));
    for (const NodeSettings& node : settings_.nodes) {
        const Config config = load_config(folder_.config(node.node)).value();
        EXPECT_EQ(config.genesis_hash, materials.genesis_hash);
        EXPECT_EQ(config.api_port, node.api_port);
        EXPECT_EQ(config.peers.size(), 4U);
        for (const PeerConfig& peer : config.peers)
            EXPECT_NE(peer.port, settings_.node(peer.node)->peer_port)
                << "peers are reached through the proxy";
        const std::vector<Error> faults = check_config(config);
        EXPECT_TRUE(faults.empty()) << faults.front().detail;
    }
}

TEST_F(GenesisMakerTest, TheFileForClientsHoldsEveryNodesAnchor) {
    make();
    const std::string bundle = get(folder_.ca());
    for (const NodeSettings& node : settings_.nodes) {
        const auto key = read_key_file(folder_.node_key(node.node, "tls"));
        ASSERT_TRUE(key);
        EXPECT_NE(bundle.find(tls::to_pem(*tls::make_anchor(key->key, node.node, settings_.origin))),
                  std::string::npos)
            << node.node;
    }
    EXPECT_TRUE(client::Trust::make(folder_.ca(), {}));
}

TEST_F(GenesisMakerTest, WhatIsThereStays) {
    const Materials first = make();
    const std::string entry = get(folder_.genesis());
    const std::string tuned = get(folder_.config("most-1")) + "# tuned\n";
    put(folder_.config("most-1"), tuned);
    std::filesystem::remove(folder_.policy());
    const Materials second = make();
    EXPECT_EQ(get(folder_.genesis()), entry);
    EXPECT_EQ(get(folder_.config("most-1")), tuned);
    EXPECT_EQ(get(folder_.policy()), genesis().policy);
    EXPECT_EQ(second.keys, first.keys);
    EXPECT_EQ(second.genesis_hash, first.genesis_hash);
}

TEST_F(GenesisMakerTest, AHalfMadeFolderIsCompletedWithTheKeysThatAreThere) {
    const Materials first = make();
    const std::string kept = get(folder_.record_key("customs/record-1"));
    std::filesystem::remove(folder_.genesis());
    std::filesystem::remove(folder_.policy());
    std::filesystem::remove(folder_.record_key("moit.attp/record-1"));
    std::filesystem::remove_all(folder_.node("moit-1"));
    for (const NodeSettings& node : settings_.nodes) std::filesystem::remove(folder_.config(node.node));
    const Materials second = make();
    EXPECT_NE(second.genesis_hash, first.genesis_hash);
    EXPECT_EQ(get(folder_.record_key("customs/record-1")), kept);
    EXPECT_EQ(genesis().registry.keys().size(), 24U);
    for (const NodeSettings& node : settings_.nodes)
        EXPECT_TRUE(check_config(load_config(folder_.config(node.node)).value()).empty());
}

TEST_F(GenesisMakerTest, ALostOrForeignKeyIsNamed) {
    make();
    const std::string path = folder_.record_key("mard/record-1");
    std::filesystem::remove(path);
    Result<Materials> materials = make_materials(folder_, settings_, now_ms);
    ASSERT_FALSE(materials);
    EXPECT_EQ(materials.error().reason, "key_lost");
    EXPECT_THAT(materials.error().detail, HasSubstr(path));
    ASSERT_TRUE(write_key_file(path, {"mard/record-1", ledger::KeyPair::generate()}));
    materials = make_materials(folder_, settings_, now_ms);
    ASSERT_FALSE(materials);
    EXPECT_EQ(materials.error().reason, "key_mismatch");
}

TEST_F(GenesisMakerTest, ADamagedGenesisAndAChangedRegistryAreTold) {
    make();
    put(folder_.genesis(), get(folder_.genesis()) + "x");
    EXPECT_EQ(make_materials(folder_, settings_, now_ms).error().reason, "invalid_genesis");
    std::filesystem::remove(folder_.genesis());
    put(temporary_ / "registry.json", R"([{"code":"customs","parent":null,"roles":["member"]}])");
    settings_.registry = temporary_ / "registry.json";
    EXPECT_EQ(make_materials(folder_, settings_, now_ms).error().reason, "registry_changed");
}

TEST_F(GenesisMakerTest, ChecksTellWhatDoesNotBelongTogether) {
    make();
    const Config good = load_config(folder_.config("most-1")).value();
    const auto reasons = [](const Config& config) {
        std::vector<std::string> words;
        for (const Error& fault : check_config(config)) words.push_back(fault.reason);
        return words;
    };
    using testing::ElementsAre;
    Config config = good;
    config.genesis_hash = std::string(64, '0');
    EXPECT_THAT(reasons(config), ElementsAre("genesis_mismatch"));
    config = good;
    config.node = "most-9";
    EXPECT_THAT(reasons(config), ElementsAre("unknown_node"));
    config = good;
    config.log_key = folder_.node_key("customs-1", "log");
    EXPECT_THAT(reasons(config), ElementsAre("key_mismatch"));
    config = good;
    config.node_key = good.log_key;
    EXPECT_THAT(reasons(config), ElementsAre("key_mismatch", "key_shared"));
    config = good;
    config.cosigner_key = folder_.dir() + "/nowhere.jwk";
    EXPECT_THAT(reasons(config), ElementsAre("file_unreadable"));
    config = good;
    config.peers.front().node = "nobody-1";
    EXPECT_THAT(reasons(config), ElementsAre("wrong_peers", "wrong_peers"));
    config = good;
    config.api_host = "localhost";
    EXPECT_THAT(reasons(config), ElementsAre("bad_address"));
    config = good;
    std::filesystem::create_directories(good.data);
    ASSERT_TRUE(storage::LogStore::open(good.data, {settings_.origin, "moit-1", good.genesis_hash}));
    EXPECT_THAT(reasons(config), ElementsAre("wrong_identity")) << "the folder of another node";
    std::filesystem::remove_all(good.data);
    std::filesystem::create_directories(good.data);
    ASSERT_TRUE(
        storage::LogStore::open(good.data, {"ledger.example.vn/other", "most-1", std::string(64, 'b')}));
    EXPECT_THAT(reasons(config), ElementsAre("wrong_identity")) << "the folder of another cluster";
    std::filesystem::remove_all(good.data);
    ::chmod(good.log_key.c_str(), 0644);
    EXPECT_THAT(reasons(config), ElementsAre("key_exposed"));
}

}  // namespace
}  // namespace socai::node::cluster
