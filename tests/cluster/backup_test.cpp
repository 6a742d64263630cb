// A backup of a running node under load, verified; and a new node made of it, which catches up.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "support/clients.hpp"
#include "support/local_cluster.hpp"
#include "support/seed.hpp"
#include "support/small_disk.hpp"
#include "support/writers.hpp"

namespace socai::cluster_tests {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

ProgramResult socai(const Names& words) {
    Names command{program()};
    command.insert(command.end(), words.begin(), words.end());
    return run_program(command, 2 * patience);
}

class BackupCluster : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
        write_some();
    }
    void write_some(std::uint64_t count = 100) const {
        const std::uint64_t before = writers_.answered();
        ASSERT_TRUE(wait_until([&] { return writers_.answered() >= before + count; })) << cluster_.describe();
    }
    std::string out() const { return folder_.path() + "/backup"; }
    ProgramResult back_up(const std::string& node) const {
        return socai({"backup", "--config", cluster_.config(node), "--out", out(), "--json"});
    }
    ProgramResult restore(const std::string& node, const std::string& agency) const {
        return socai(
            {"restore", "--dir", cluster_.dir(), "--from", out(), "--node", node, "--agency", agency});
    }
    static std::string bytes_of(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    TemporaryFolder folder_;
    LocalCluster cluster_;
    Writers writers_{cluster_, 4, "backup", seed_from("SOCAI_BACKUP_SEED"), gentle};
};

TEST_F(BackupCluster, IsTakenUnderLoadVerifiedAndMakesANewNode) {
    const ProgramResult made = back_up("customs-1");
    ASSERT_EQ(made.exit_status, 0) << made.output;
    const ProgramResult verified = socai({"backup", "verify", out(), "--json"});
    ASSERT_EQ(verified.exit_status, 0) << verified.output;
    const json::object said = json::parse(verified.output).as_object();
    EXPECT_EQ(text(said, "node"), "customs-1");
    EXPECT_EQ(back_up("customs-1").exit_status, 2);  // one is there

    // Not with the names of others, nor as the old node.
    for (const std::string name : {"customs-1", "most-1"}) {
        const ProgramResult refused = restore(name, "customs");
        EXPECT_EQ(refused.exit_status, 1) << refused.output;
        EXPECT_NE(refused.output.find("node_exists"), std::string::npos);
    }
    ASSERT_NO_FATAL_FAILURE(write_some());
    const ProgramResult restored = restore("customs-2", "customs");
    ASSERT_EQ(restored.exit_status, 0) << restored.output;
    cluster_.reread();
    const json::object status = cluster_.status("customs-2");
    EXPECT_EQ(text(status, "member"), "learner");
    EXPECT_TRUE(cluster_.await_whole("customs-2")) << cluster_.describe();
    for (const std::string key : {"log", "cosigner", "node"})
        EXPECT_NE(bytes_of(cluster_.dir() + "/nodes/customs-2/" + key + ".jwk"),
                  bytes_of(cluster_.dir() + "/nodes/customs-1/" + key + ".jwk"));
    // The same command again changes nothing; then it votes, and the old node goes.
    const ProgramResult again = restore("customs-2", "customs");
    EXPECT_EQ(again.exit_status, 0) << again.output;
    cluster_.must("add-node", {"customs-2"});
    cluster_.must("remove-node", {"customs-1"});
    cluster_.reread();
    ASSERT_NO_FATAL_FAILURE(write_some());
    // Its new key has signed nothing yet, and may: without it three of four agencies are not to be had.
    cluster_.must("kill", {"moit-1"});
    const json::object now = cluster_.status("customs-2");
    EXPECT_TRUE(now.at("finality").as_object().at("signs").as_bool()) << json::serialize(now.at("finality"));
    const std::uint64_t committed = number(now, "committed_size") + 1;
    ASSERT_NO_FATAL_FAILURE(write_some());
    EXPECT_TRUE(wait_until([&] { return cluster_.view("customs-2").final_size > committed; }))
        << cluster_.describe();
    cluster_.must("start", {"moit-1"});
    const Journal journal = writers_.finish();
    EXPECT_GT(expect_ledgers_keep(cluster_, journal), number(said, "size"));
}

TEST_F(BackupCluster, ADiskThatIsTooSmallIsNotFilled) {
    const std::string place = folder_.path() + "/small";
    fs::create_directory(place);
    const auto disk = SmallDisk::under(place, 128U << 10U);
    if (!disk) {
        std::cout << "backup: no privilege to mount a small disk" << std::endl;
        return;
    }
    const std::uint64_t free = disk->free_bytes();
    const ProgramResult refused =
        socai({"backup", "--config", cluster_.config("customs-1"), "--out", place + "/backup"});
    EXPECT_EQ(refused.exit_status, 1) << refused.output;
    EXPECT_NE(refused.output.find("no_space"), std::string::npos) << refused.output;
    EXPECT_GE(disk->free_bytes() + (64U << 10U), free)
        << "no more than the mark of a backup that is unfinished";
}

// What a node promised is in its outbox alone.
TEST_F(BackupCluster, ItSaysWhatWasPromisedAndIsNotInIt) {
    writers_.finish();
    ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
    cluster_.must("kill", cluster_.others({"moit-1"}));
    const auto promised =
        NodeClient(cluster_.endpoint("moit-1"))
            .call("ledger.submit",
                  {{"statement", statement_of(cluster_, "customs", risk_signal("customs", "waits"))},
                   {"wait", "accepted"}});
    ASSERT_TRUE(promised) << promised.error().detail;
    const auto waiting = [](const ProgramResult& said) {
        EXPECT_EQ(said.exit_status, 0) << said.output;
        return number(json::parse(said.output).as_object(), "promises_waiting");
    };
    EXPECT_EQ(waiting(back_up("moit-1")), 1U);
    EXPECT_EQ(waiting(socai({"backup", "verify", out(), "--json"})), 1U);
    cluster_.must("stop", {"moit-1"});
    const std::string second = folder_.path() + "/second";
    EXPECT_EQ(waiting(socai({"backup", "--data", cluster_.data("moit-1"), "--out", second, "--json"})), 1U);
}

TEST_F(BackupCluster, AnAlteredBackupIsRefusedAndAStoppedNodeCanBeBackedUp) {
    EXPECT_EQ(socai({"backup", "--data", folder_.path() + "/nothing", "--out", out()}).exit_status, 3);
    // Killed, its state is older than its ledger, and so would be a backup.
    cluster_.must("kill", {"moit-1"});
    const ProgramResult behind = socai({"backup", "--data", cluster_.data("moit-1"), "--out", out()});
    EXPECT_EQ(behind.exit_status, 1) << behind.output;
    EXPECT_NE(behind.output.find("state_behind"), std::string::npos) << behind.output;
    EXPECT_FALSE(fs::exists(out()));
    cluster_.must("start", {"moit-1"});
    cluster_.must("stop", {"moit-1"});
    const ProgramResult made = socai({"backup", "--data", cluster_.data("moit-1"), "--out", out(), "--json"});
    ASSERT_EQ(made.exit_status, 0) << made.output;
    cluster_.must("start", {"moit-1"});
    ASSERT_EQ(socai({"backup", "verify", out()}).exit_status, 0);
    const std::string fresh = folder_.path() + "/node";
    const ProgramResult restored =
        socai({"restore", "--from", out(), "--data", fresh + "/", "--node", "moit-7", "--agency", "moit"});
    EXPECT_EQ(restored.exit_status, 0) << restored.output;
    EXPECT_NE(restored.output.find("--config " + fresh + "/node.toml"), std::string::npos) << restored.output;
    EXPECT_TRUE(fs::exists(fresh + "/data/acknowledged"));
    EXPECT_TRUE(fs::exists(fresh + "/data/cosigned"));
    // Which id it gets only the members know.
    const ProgramResult check = socai({"node", "check", "--config", fresh + "/node.toml"});
    EXPECT_EQ(check.exit_status, 2) << check.output;
    EXPECT_NE(check.output.find("raft_id"), std::string::npos) << check.output;
    // A backup is no data folder, and stays what it is.
    EXPECT_NE(socai({"backup", "--data", out(), "--out", folder_.path() + "/copy"}).exit_status, 0);
    EXPECT_EQ(socai({"backup", "verify", out()}).exit_status, 0);
    EXPECT_EQ(socai({"restore", "--from", out(), "--data", fresh, "--node", "moit-8", "--agency", "moit"})
                  .exit_status,
              1);
    std::string largest;
    for (const auto& file : fs::directory_iterator(out() + "/log"))
        if (largest.empty() || file.file_size() > fs::file_size(largest)) largest = file.path().string();
    std::fstream(largest, std::ios::binary | std::ios::in | std::ios::out)
        .seekp(100)
        .put('?')
        .put('?')
        .put('!');
    const ProgramResult refused = socai({"backup", "verify", out()});
    EXPECT_EQ(refused.exit_status, 1) << refused.output;
    EXPECT_NE(refused.output.find("bad_backup"), std::string::npos);
    EXPECT_EQ(restore("moit-9", "moit").exit_status, 1);
    writers_.finish();
}

}  // namespace
}  // namespace socai::cluster_tests
