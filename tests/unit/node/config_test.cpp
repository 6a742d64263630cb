#include "node/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "temporary_folder.hpp"

namespace socai::node {
namespace {

using test::put;
using test::TemporaryFolder;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

const std::string hash(64, 'a');

Config example() {
    Config config;
    config.node = "customs-1";
    config.data = "data";
    config.genesis = "../genesis";
    config.genesis_hash = hash;
    config.log_key = "log.jwk";
    config.cosigner_key = "cosigner.jwk";
    config.node_key = "/keys/with \"quotes\" and \\ in the name.jwk";
    config.tls_key = "tls.jwk";
    config.tls = {true, false, 30, {"ledger.most.gov.vn", "10.0.0.1"}, "/etc/api.pem", "/etc/api.key"};
    config.api_port = 8001;
    config.open_bundles = true;
    config.open_metrics = true;
    config.anonymous = "agency";
    config.peer_port = 8002;
    config.peers = {{"most-1", "10.0.0.2", 7001}, {"mard-1", "10.0.0.3", 7002}};
    config.consensus.election_timeout = 1'500'000;
    config.consensus.heartbeat_interval = 100'000;
    config.consensus.window_appends = 7;
    config.limits.max_connections = 99;
    config.limits.websocket_idle_ms = 5'000;
    config.outbox = {60'000, 5, std::size_t{2} << 20, 70'000, 80'000, 6};
    config.verify_threads = 3;
    config.log_level = "debug";
    return config;
}

class ConfigTest : public testing::Test {
  protected:
    std::string write(const std::string& text) {
        const std::string path = folder_ / "node.toml";
        put(path, text);
        return path;
    }
    // The example's text with one line's beginning `from` replaced by `to`; its line number.
    std::pair<std::string, std::size_t> with(const std::string& from, const std::string& to) {
        std::string text = config_text(example());
        const std::size_t place = text.find("\n" + from) + 1;
        EXPECT_NE(place, 0U) << from;
        const auto line = static_cast<std::size_t>(
                              std::count(text.begin(), text.begin() + static_cast<long>(place), '\n')) +
                          1;
        text.replace(place, from.size(), to);
        return {write(text), line};
    }
    void expect_fault(const std::string& from, const std::string& to, const std::string& reason,
                      const std::string& words) {
        const auto [path, line] = with(from, to);
        const Result<Config> config = load_config(path);
        ASSERT_FALSE(config) << to;
        EXPECT_EQ(config.error().reason, reason) << config.error().detail;
        EXPECT_EQ(config.error().exit, Exit::usage);
        EXPECT_THAT(config.error().detail,
                    AllOf(StartsWith(path + ":" + std::to_string(line) + ": "), HasSubstr(words)));
    }
    TemporaryFolder folder_;
};

TEST_F(ConfigTest, WhatIsWrittenIsReadAgain) {
    const Config config = example();
    const std::string path = write(config_text(config));
    const ConfigReading read = read_config(path);
    ASSERT_TRUE(read.faults.empty()) << read.faults.front().detail;
    const Config& got = read.config;
    EXPECT_EQ(got.node, config.node);
    EXPECT_EQ(got.data, folder_ / "data");
    EXPECT_EQ(got.genesis, std::filesystem::path(folder_.path()).parent_path() / "genesis");
    EXPECT_EQ(got.genesis_hash, hash);
    EXPECT_EQ(got.log_key, folder_ / "log.jwk");
    EXPECT_EQ(got.node_key, config.node_key);
    EXPECT_EQ(got.tls, config.tls);
    EXPECT_EQ(got.api_port, 8001);
    EXPECT_TRUE(got.open_bundles);
    EXPECT_TRUE(got.open_metrics);
    EXPECT_EQ(got.anonymous, "agency");
    EXPECT_EQ(got.peer_port, 8002);
    ASSERT_EQ(got.peers.size(), 2U);
    EXPECT_EQ(got.peers[1].node, "mard-1");
    EXPECT_EQ(got.peers[1].host, "10.0.0.3");
    EXPECT_EQ(got.peers[1].port, 7002);
    EXPECT_EQ(got.consensus.election_timeout, 1'500'000);
    EXPECT_EQ(got.consensus.heartbeat_interval, 100'000);
    EXPECT_EQ(got.consensus.window_appends, 7U);
    EXPECT_EQ(got.limits.max_connections, 99U);
    EXPECT_EQ(got.limits.websocket_idle_ms, 5'000);
    EXPECT_EQ(got.outbox, config.outbox);
    EXPECT_EQ(got.verify_threads, 3U);
    EXPECT_EQ(got.log_level, "debug");
    // Paths resolved, the text is a fixed point.
    const std::string again = config_text(got);
    EXPECT_EQ(config_text(read_config(write(again)).config), again);
}

TEST_F(ConfigTest, NamesLineAndKeyOfATypo) {
    expect_fault("election_timeout_ms", "election_timout_ms", "config_unknown_key",
                 "[consensus] has no key `election_timout_ms`; did you mean `election_timeout_ms`?");
    expect_fault("[limits]", "[limitz]", "config_unknown_key", "no key `limitz`; did you mean `limits`?");
    expect_fault("open_bundles", "zzz", "config_unknown_key", "[api] has no key `zzz`; remove it");
}

TEST_F(ConfigTest, NamesLineAndKeyOfAWrongType) {
    expect_fault("open_bundles = true", "open_bundles = \"yes\"", "config_wrong_type",
                 "`open_bundles` in [api] must be true or false, not a string");
    expect_fault("verify_threads = 3", "verify_threads = 3.5", "config_wrong_type", "must be an integer");
    expect_fault("name = \"customs-1\"", "name = 1", "config_wrong_type", "`name` in [node]");
}

TEST_F(ConfigTest, NamesLineAndKeyOfAValueOutOfRange) {
    expect_fault("anonymous = \"agency\"", "anonymous = \"all\"", "config_bad_value",
                 "`anonymous` in [api] must be \"public\" or \"agency\"");
    expect_fault("verify_threads = 3", "verify_threads = 0", "config_out_of_range", "from 1 to 256");
    expect_fault("port = 8001", "port = 65536", "config_out_of_range", "`port` in [api] is 65536");
    expect_fault("port = 7001", "port = -1", "config_out_of_range", "`port` in [[peers]]");
    expect_fault("max_batch = 1000", "max_batch = 9223372036854775807", "config_out_of_range", "max_batch");
    expect_fault("heartbeat_interval_ms = 100", "heartbeat_interval_ms = 1000", "config_bad_value",
                 "at most half of election_timeout_ms (1500)");
}

// Without TLS only on the machine's own address.
TEST_F(ConfigTest, TlsIsSwitchedOffOnlyWhereNobodyElseCanReach) {
    std::string text = config_text(example());
    const std::string off = "peer = \"off\"";
    ASSERT_NE(text.find(off), std::string::npos);
    EXPECT_TRUE(read_config(write(text)).faults.empty());
    text.replace(text.find("host = \"127.0.0.1\"", text.find("\n[peer]")), 18, "host = \"10.0.0.7\"");
    const auto faults = read_config(write(text)).faults;
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(faults.front().reason, "config_bad_value");
    EXPECT_THAT(faults.front().detail, HasSubstr("not 10.0.0.7"));
    expect_fault("peer = \"off\"", "peer = \"maybe\"", "config_bad_value", "must be \"on\" or \"off\"");
    expect_fault("certificate_days = 30", "certificate_days = 398", "config_out_of_range", "from 1 to 397");
    expect_fault("names = [", "names = [\"bad name\", ", "config_bad_value", "neither a host name");
    expect_fault("names = [", "names = [1, ", "config_wrong_type", "a list of strings");
    // Told at the one that stands.
    const Result<Config> alone = load_config(with("api_key = ", "# ").first);
    ASSERT_FALSE(alone);
    EXPECT_EQ(alone.error().reason, "config_bad_value");
    EXPECT_THAT(alone.error().detail, HasSubstr("go together"));
}

TEST_F(ConfigTest, NamesLineAndKeyOfAValueThatMeansNothing) {
    expect_fault("log_level = \"debug\"", "log_level = \"loud\"", "config_bad_value", "`log_level`");
    expect_fault("genesis_hash = \"aa", "genesis_hash = \"AA", "config_bad_value", "64 lower-case");
    expect_fault("name = \"customs-1\"", "name = \"../customs\"", "config_bad_value", "a-z");
    expect_fault("node = \"mard-1\"", "node = \"most-1\"", "config_bad_value", "a second time");
    expect_fault("node = \"mard-1\"", "node = \"customs-1\"", "config_bad_value", "this node itself");
}

TEST_F(ConfigTest, NamesWhatIsMissing) {
    const Result<Config> config = load_config(with("port = 8001", "# port = 8001").first);
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().reason, "config_missing_key");
    EXPECT_THAT(config.error().detail, HasSubstr("[api] needs `port`"));
}

TEST_F(ConfigTest, NamesTheLineOfWhatIsNotToml) {
    expect_fault("verify_threads = 3", "verify_threads = = 3", "config_syntax", "not TOML");
    expect_fault("io_threads = 1", "verify_threads = 4", "config_syntax", "");
}

TEST_F(ConfigTest, ListsEveryFaultInOrderOfLines) {
    const std::string path = write("[node]\nname = 3\ndatta = \"d\"\n[api]\nport = \"x\"\n");
    const ConfigReading reading = read_config(path);
    std::vector<std::string> reasons;
    for (const Error& fault : reading.faults) reasons.push_back(fault.reason);
    EXPECT_GE(reasons.size(), 8U);
    EXPECT_THAT(reasons,
                testing::IsSupersetOf({"config_wrong_type", "config_unknown_key", "config_missing_key"}));
    const Result<Config> first = load_config(path);
    ASSERT_FALSE(first);
    EXPECT_THAT(first.error().detail, HasSubstr("lists them all"));
}

TEST_F(ConfigTest, AFileThatIsNotThereIsUnreadable) {
    const Result<Config> config = load_config(folder_ / "nowhere.toml");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().reason, "file_unreadable");
    EXPECT_EQ(config.error().exit, Exit::unreachable);
    EXPECT_EQ(load_config(folder_.path()).error().reason, "file_unreadable");
}

TEST_F(ConfigTest, AHugeFileIsRefused) {
    const Result<Config> config = load_config(write(std::string(2 * 1024 * 1024, '#')));
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().reason, "file_too_large");
}

}  // namespace
}  // namespace socai::node
