// Nodes that must not start: a port in use, a data folder that belongs to another node or another ledger, a
// configuration with a typo. Each says what is wrong, where, with its exit status, and leaves every ledger as
// it was.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "support/clients.hpp"
#include "support/held_port.hpp"
#include "support/local_cluster.hpp"

namespace socai::cluster_tests {
namespace {

// "key = value" in the first line of `config` that begins so, replaced. Returns the line's number, from 1.
std::size_t replace_line(std::string& config, const std::string& beginning, const std::string& with) {
    const std::size_t begin = config.find("\n" + beginning) + 1;
    const std::size_t end = config.find('\n', begin);
    config.replace(begin, end - begin, with);
    return 1 + static_cast<std::size_t>(
                   std::count(config.begin(), config.begin() + static_cast<std::ptrdiff_t>(begin), '\n'));
}

class BadSetup : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
        size_ = cluster_.view(node_).applied_size;
        root_ = cluster_.view(node_).root;
        cluster_.must("stop", {node_});
    }
    // The ledger comes back as it was.
    void TearDown() override {
        cluster_.must("start");
        EXPECT_TRUE(cluster_.await_agreement()) << cluster_.describe();
        EXPECT_EQ(cluster_.view(node_).applied_size, size_);
        EXPECT_EQ(cluster_.view(node_).root, root_);
    }

    // Runs `node_` with a changed configuration that stands beside its own, so that relative paths hold.
    ProgramResult run_with(const std::string& config, const std::string& verb = "run") const {
        const std::string path =
            std::filesystem::path(cluster_.config(node_)).replace_filename("changed.toml");
        write_text(path, config);
        return run_program({program(), "node", verb, "--config", path}, 20s);
    }
    std::string config() const { return read_text(cluster_.config(node_)); }

    static void expect_refusal(const ProgramResult& result, std::vector<int> statuses,
                               const std::vector<std::string>& words) {
        EXPECT_NE(std::find(statuses.begin(), statuses.end(), result.exit_status), statuses.end())
            << "exit status " << result.exit_status << "\n"
            << result.output;
        for (const std::string& word : words)
            EXPECT_NE(result.output.find(word), std::string::npos) << "`" << word << "` is missing in:\n"
                                                                   << result.output;
    }

    LocalCluster cluster_{{"customs", "most", "mard"}};
    const std::string node_ = cluster_.nodes().front();
    std::uint64_t size_ = 0;
    std::string root_;
};

TEST_F(BadSetup, APortInUseIsNamed) {
    const std::string api_port = cluster_.endpoint(node_).port;
    {
        const HeldPort held(static_cast<std::uint16_t>(std::stoul(api_port)));
        expect_refusal(run_program({program(), "node", "run", "--config", cluster_.config(node_)}, 20s), {3},
                       {"port_in_use", api_port});
        expect_refusal(cluster_.verb("start", {node_}), {2, 3}, {"port_in_use", api_port, node_});
    }
    // The port of a node that runs: the same for the peers' listener.
    std::string changed = config();
    const std::size_t peer_section = changed.find("\n[peer]");
    ASSERT_NE(peer_section, std::string::npos);
    std::string tail = changed.substr(peer_section);
    const std::string taken = cluster_.endpoint(cluster_.nodes()[1]).port;
    replace_line(tail, "port =", "port = " + taken);
    changed = changed.substr(0, peer_section) + tail;
    expect_refusal(run_with(changed), {3}, {"port_in_use", taken});
}

TEST_F(BadSetup, TheDataFolderOfAnotherNodeIsRefused) {
    const std::string other = cluster_.nodes()[1];
    cluster_.must("stop", {other});
    std::string changed = config();
    replace_line(changed, "data =", "data = \"../" + other + "/data\"");
    expect_refusal(run_with(changed), {1, 2}, {"wrong_identity", other, node_, "data"});
    expect_refusal(run_with(changed, "check"), {1, 2}, {"wrong_identity", other, node_});
}

TEST_F(BadSetup, TheDataFolderOfAnotherLedgerIsRefused) {
    LocalCluster stranger({"customs"});
    stranger.must("stop");
    std::string changed = config();
    const std::string foreign = stranger.dir() + "/nodes/" + stranger.nodes().front() + "/data";
    replace_line(changed, "data =", "data = \"" + foreign + "\"");
    expect_refusal(run_with(changed), {1, 2}, {"wrong_identity", foreign});
    stranger.must("start");
    EXPECT_TRUE(stranger.await_agreement()) << stranger.describe();
}

// A running node keeps its folder for itself.
TEST_F(BadSetup, ADataFolderInUseIsRefused) {
    const std::string other = cluster_.nodes()[1];
    std::string changed = read_text(cluster_.config(other));
    const std::string path = std::filesystem::path(cluster_.config(other)).replace_filename("changed.toml");
    for (const char* section : {"\n[peer]", "\n[api]"}) {
        const std::size_t begin = changed.find(section);
        std::string tail = changed.substr(begin);
        replace_line(tail, "port =", "port = 0");
        changed = changed.substr(0, begin) + tail;
    }
    write_text(path, changed);
    const ProgramResult result = run_program({program(), "node", "run", "--config", path}, 20s);
    EXPECT_GT(result.exit_status, 0) << result.output;
    EXPECT_NE(result.output.find(other + "/data"), std::string::npos) << result.output;
}

TEST_F(BadSetup, AnotherGenesisThanThePinnedOneIsRefused) {
    std::string changed = config();
    replace_line(changed, "genesis_hash =", "genesis_hash = \"" + std::string(64, '0') + "\"");
    expect_refusal(run_with(changed), {2}, {"genesis_mismatch", std::string(64, '0')});
}

TEST_F(BadSetup, ATypoNamesItsLine) {
    struct Typo {
        std::string beginning;
        std::string with;
        std::string word;
    };
    for (const Typo& typo :
         {Typo{"data =", "dta = \"data\"", "dta"}, Typo{"log_level =", "log_level = 5", "log_level"},
          Typo{"log_level =", "log_level = \"loud\"", "log_level"},
          Typo{"io_threads =", "io_threads = 0", "io_threads"}, Typo{"io_threads =", "io_threads 2", "TOML"},
          Typo{"[api]", "[apis]", "apis"},
          Typo{"election_timeout_ms =", "election_timeout_ms = -3", "election_timeout_ms"}}) {
        SCOPED_TRACE(typo.with);
        std::string changed = config();
        const std::size_t line = replace_line(changed, typo.beginning, typo.with);
        const std::string place = "changed.toml:" + std::to_string(line) + ":";
        expect_refusal(run_with(changed, "check"), {2}, {place, typo.word});
        const ProgramResult run = run_with(changed);
        expect_refusal(run, {2}, {"changed.toml:"});
    }
}

}  // namespace
}  // namespace socai::cluster_tests
