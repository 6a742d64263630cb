// A node that was put back as a raw old copy of its folder, where it could not be refused: those who knew what it had
// signed were away. When they meet, the fork is told loudly, and proven where two signatures of one key show it.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <filesystem>

#include "support/clients.hpp"
#include "support/local_cluster.hpp"

namespace socai::cluster_tests {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

// What `asked` has seen `node` sign.
std::uint64_t known_signed(const LocalCluster& cluster, const std::string& asked, const std::string& node) {
    const auto members = NodeClient(cluster.endpoint(asked)).call("cluster.members");
    if (!members) return 0;
    for (const auto& member : members->as_object().at("nodes").as_array())
        if (text(member.as_object(), "node") == node) return number(member.as_object(), "signed_size");
    return 0;
}

class OldCopy : public ::testing::Test {
  protected:
    // Commits `count` records through `node` and gives the leaves that there are then.
    std::uint64_t grow(const std::string& node, const std::string& name, int count) {
        NodeClient client(cluster_.endpoint(node));
        std::uint64_t size = 0;
        for (int i = 0; i < count; ++i) {
            const auto sent = client.submit(
                statement_of(cluster_, "customs", risk_signal("customs", name + "-" + std::to_string(i))),
                patience);
            EXPECT_TRUE(sent) << name << " " << i << ": " << (sent ? "" : sent.error().detail);
            if (!sent) return size;
            size = sent->index + 1;
        }
        return size;
    }
    // most-1 signs of one tree with customs-1, is put back, and signs of another with mard-1. Nothing of either is final.
    void fork(int before, int after) {
        const std::uint64_t copied = grow("customs-1", "all", 5);
        ASSERT_TRUE(wait_until([&] {
            return std::ranges::all_of(cluster_.nodes(), [&](const std::string& node) {
                return cluster_.view(node).final_size >= copied;
            });
        })) << cluster_.describe();
        cluster_.must("stop", {"most-1"});
        const std::string copy = cluster_.dir() + "/copy";
        fs::copy(cluster_.data("most-1"), copy, fs::copy_options::recursive);
        cluster_.must("start", {"most-1"});
        ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();

        cluster_.must("kill", {"mard-1"});
        const std::uint64_t one = grow("customs-1", "one", before);
        ASSERT_TRUE(wait_until([&] { return known_signed(cluster_, "customs-1", "most-1") >= one; }));
        cluster_.must("stop", {"customs-1", "most-1"});
        fs::remove_all(cluster_.data("most-1"));
        fs::rename(copy, cluster_.data("most-1"));

        cluster_.must("start", {"mard-1", "most-1"});
        const std::uint64_t other = grow("mard-1", "other", after);
        ASSERT_TRUE(wait_until([&] { return known_signed(cluster_, "mard-1", "most-1") >= other; }));
        EXPECT_EQ(alarms("mard-1").size(), 0U) << "nobody who is here can know";
        cluster_.verb("start", {"customs-1", "--timeout", "2"});  // it never gets ready
    }
    json::array alarms(const std::string& node) {
        const json::object status = cluster_.status(node);
        return status.contains("alarms") ? status.at("alarms").as_array() : json::array();
    }
    // The file of the first alarm of `node` that is proven and names `accused`.
    std::string proof(const std::string& node, const std::string& accused) {
        for (const auto& value : alarms(node)) {
            const json::object& alarm = value.as_object();
            if (text(alarm, "kind") == "fork" && alarm.at("proven").as_bool() &&
                text(alarm, "what").find(accused) != std::string::npos)
                return text(alarm, "file");
        }
        return {};
    }
    void expect_proof(const std::string& node) {
        std::string file;
        const std::string accused = "both were signed by most." + cluster_.origin();
        ASSERT_TRUE(wait_until([&] { return !(file = proof(node, accused)).empty(); }))
            << json::serialize(alarms(node)) << cluster_.describe();
        const ProgramResult verified =
            run_program({program(), "evidence", "verify", file, "--policy", cluster_.policy()}, patience);
        EXPECT_EQ(verified.exit_status, 0) << verified.output;
        EXPECT_NE(verified.output.find("most." + cluster_.origin()), std::string::npos) << verified.output;
        EXPECT_EQ(http_get(cluster_.endpoint(node), "/metrics").body.find("\nsocai_alarms 0\n"),
                  std::string::npos);
        EXPECT_NE(cluster_.logged_since(node, 0).find("alarm: "), std::string::npos);
    }

    LocalCluster cluster_{{"customs", "most", "mard"}};
};

TEST_F(OldCopy, TheForkIsProvenByThoseThatWentOnWithItAndSeenByWhoWasAway) {
    ASSERT_NO_FATAL_FAILURE(fork(10, 20));
    expect_proof("mard-1");
    expect_proof("most-1");  // against itself
    EXPECT_TRUE(wait_until([&] {
        return std::ranges::any_of(alarms("customs-1"), [](const json::value& alarm) {
            return text(alarm.as_object(), "kind") == "contradicting_leader";
        });
    })) << json::serialize(cluster_.status("customs-1"));
    EXPECT_TRUE(wait_until([&] {
        return cluster_.view("customs-1").why.find("contradicts this log") != std::string::npos;
    })) << json::serialize(cluster_.status("customs-1"));
}

TEST_F(OldCopy, TheForkIsProvenByWhoWasAwayAndKnowsMore) {
    ASSERT_NO_FATAL_FAILURE(fork(20, 10));
    expect_proof("customs-1");
    EXPECT_NE(cluster_.logged_since("customs-1", 0).find("its data folder is an old copy"),
              std::string::npos);
}

}  // namespace
}  // namespace socai::cluster_tests
