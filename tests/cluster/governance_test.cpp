// Members that vote, and keys that change, in a cluster that runs: what docs/governance.md says, by its commands.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>

#include "ledger/json_members.hpp"
#include "node/cluster/cluster_file.hpp"
#include "node/cluster/process.hpp"
#include "node/key_file.hpp"
#include "node/ports.hpp"
#include "support/clients.hpp"
#include "support/local_cluster.hpp"
#include "support/writers.hpp"

namespace socai::cluster_tests {
namespace {

class Governance : public ::testing::Test {
  protected:
    Governance() : cluster_({"customs", "most", "mard", "moit"}, {"--votes"}) {}

    ProgramResult governance(Names words) const {
        Names command{program(), "governance"};
        command.insert(command.end(), words.begin(), words.end());
        command.insert(command.end(), {"--dir", cluster_.dir()});
        return run_program(command);
    }
    // An act signed with an agency's registrar key.
    ProgramResult act(const std::string& agency, Names words) const {
        words.insert(words.end(), {"--key", cluster_.dir() + "/keys/" + agency + "/registrar.jwk"});
        return governance(std::move(words));
    }
    void propose(const std::string& id, const std::string& matter, const std::string& change) const {
        const ProgramResult done =
            act("customs", {"propose", matter, "--id", id, "--title", id, "--change", change});
        ASSERT_EQ(done.exit_status, 0) << done.output;
    }
    void vote(const std::string& id, const Names& members) const {
        for (const std::string& member : members) {
            const ProgramResult done = act(member, {"vote", "customs/" + id, "yes"});
            ASSERT_EQ(done.exit_status, 0) << done.output;
        }
    }
    std::string state_of(const std::string& id) const {
        const auto answer =
            NodeClient(cluster_.endpoint("customs-1"))
                .call("governance.votes", {{"source", "customs"}, {"id", id}, {"read", "linearizable"}});
        return answer ? text(answer->as_object(), "state") : answer.error().reason;
    }
    // Signs a record with the key and submits it to the node: "committed", or the reason of the error.
    std::string write(const std::string& node, const std::string& source, const std::string& id,
                      const ledger::Jwk& key) const {
        const SubmitOutcome outcome =
            NodeClient(cluster_.endpoint(node))
                .submit(ledger::sign_statement(key, cluster_.origin(), risk_signal(source, id), false));
        return outcome ? "committed" : outcome.error().reason;
    }

    LocalCluster cluster_;
};

TEST_F(Governance, AMajorityHoldsAnAgencyAndLetsItGo) {
    EXPECT_EQ(write("most-1", "most.qlcl", "r-1", cluster_.key("most.qlcl")), "committed");
    propose("p-1", "hold", R"({"agency":"most.qlcl","held":true})");
    const ProgramResult shown = governance({"show", "customs/p-1"});
    EXPECT_NE(shown.output.find("may write no records"), std::string::npos) << shown.output;
    vote("p-1", {"customs", "mard"});
    EXPECT_EQ(state_of("p-1"), "open");
    EXPECT_EQ(act("customs", {"vote", "customs/p-1", "yes"}).exit_status, 1);  // once
    vote("p-1", {"moit"});
    EXPECT_EQ(state_of("p-1"), "passed");
    EXPECT_EQ(write("most-1", "most.qlcl", "r-2", cluster_.key("most.qlcl")), "agency_held");
    propose("p-2", "hold", R"({"agency":"most.qlcl","held":false})");
    vote("p-2", {"customs", "mard", "moit"});
    EXPECT_EQ(write("most-1", "most.qlcl", "r-2", cluster_.key("most.qlcl")), "committed");
}

TEST_F(Governance, KeysRotateUnderLoadAndARevokedOneStaysRevoked) {
    Writers writers(cluster_, 2, "rotation", 7, gentle);
    const std::string file = cluster_.dir() + "/record-2.jwk";
    ASSERT_EQ(
        run_program({program(), "key", "new", "--kid", "most.qlcl/record-2", "--out", file}).exit_status, 0);
    const ledger::Jwk fresh = node::read_key_file(file).value();
    EXPECT_EQ(write("most-1", "most.qlcl", "n-0", fresh), "unknown_kid");

    const ProgramResult registered = act("most", {"register-key", file});
    ASSERT_EQ(registered.exit_status, 0) << registered.output;
    // On every node, whatever each has applied: both keys, for a while.
    for (const std::string& node : cluster_.nodes()) {
        EXPECT_EQ(write(node, "most.qlcl", "new-" + node, fresh), "committed");
        EXPECT_EQ(write(node, "most.qlcl", "old-" + node, cluster_.key("most.qlcl")), "committed");
    }
    const ProgramResult revoked = act("most", {"revoke-key", "most.qlcl/record-1", "--reason", "card lost"});
    ASSERT_EQ(revoked.exit_status, 0) << revoked.output;
    for (const std::string& node : cluster_.nodes())
        EXPECT_EQ(write(node, "most.qlcl", "late-" + node, cluster_.key("most.qlcl")), "key_not_valid");

    // A node that starts again knows it too, also when its state is made anew from the log.
    cluster_.must("kill", {"most-1"});
    ASSERT_TRUE(cluster_.await_gone("most-1"));
    std::filesystem::remove_all(cluster_.data("most-1") + "/state");
    cluster_.must("start", {"most-1"});
    ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
    EXPECT_EQ(write("most-1", "most.qlcl", "late-again", cluster_.key("most.qlcl")), "key_not_valid");
    EXPECT_EQ(write("most-1", "most.qlcl", "new-again", fresh), "committed");
    const Journal journal = writers.finish();
    ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
    expect_ledgers_keep(cluster_, journal);

    const auto receipt = run_program({program(), "receipt", "get", "most.qlcl", "new-again", "--dir",
                                      cluster_.dir(), "--out", cluster_.dir() + "/receipt"});
    EXPECT_EQ(receipt.exit_status, 0) << receipt.output;
    const auto verified = run_program(
        {program(), "receipt", "verify", cluster_.dir() + "/receipt", "--policy", cluster_.policy()});
    EXPECT_EQ(verified.exit_status, 0) << verified.output;
    cluster_.must("stop");
    for (const Names& depth : {Names{}, Names{"--signatures-only"}}) {
        Names command{program(), "audit", "--source", cluster_.data("most-1"), "--policy", cluster_.policy()};
        command.insert(command.end(), depth.begin(), depth.end());
        const ProgramResult audit = run_program(command);
        EXPECT_EQ(audit.exit_status, 0) << audit.output;
    }
}

TEST_F(Governance, NamesChangeAndTakeNothingAway) {
    const auto agency = [&](const std::string& code) {
        const auto answer = NodeClient(cluster_.endpoint("mard-1"))
                                .call("governance.registry", {{"agency", code}, {"read", "linearizable"}});
        if (answer)
            for (const auto& each : answer->at("agencies").as_array())
                if (each.at("code").as_string() == code) return each.as_object();
        return boost::json::object();
    };
    const auto rename = [&](const std::string& code, Names more = {}) {
        Names words{"register-agency", code, "--name-vi", "Tên mới", "--name-en", "A new name"};
        words.insert(words.end(), more.begin(), more.end());
        return act("most", std::move(words));
    };
    // An office from above, and a ministry its own.
    for (const std::string code : {"most.qlcl", "most"}) {
        const boost::json::object before = agency(code);
        const ProgramResult renamed = rename(code);
        ASSERT_EQ(renamed.exit_status, 0) << renamed.output;
        const boost::json::object after = agency(code);
        EXPECT_EQ(text(after, "name_vi"), "Tên mới");
        EXPECT_EQ(after.at("roles"), before.at("roles")) << code;
        EXPECT_EQ(after.at("parent"), before.at("parent")) << code;
        EXPECT_EQ(after.at("keys"), before.at("keys")) << code;
    }
    EXPECT_EQ(write("most-1", "most.qlcl", "renamed", cluster_.key("most.qlcl")), "committed");
    // Roles go when that is said.
    const ProgramResult bare = rename("most.qlcl", {"--no-roles"});
    ASSERT_EQ(bare.exit_status, 0) << bare.output;
    EXPECT_TRUE(agency("most.qlcl").at("roles").as_array().empty());
    // A new office signs for nobody until another lets it.
    const ProgramResult office = rename("most.hue", {"--parent", "most"});
    ASSERT_EQ(office.exit_status, 0) << office.output;
    const ProgramResult delegated = act("most", {"delegate", "customs.nsw", "most.hue"});
    ASSERT_EQ(delegated.exit_status, 0) << delegated.output;
    EXPECT_EQ(agency("customs.nsw").at("speaks_for").as_array().back(), boost::json::value("most.hue"));
    const ProgramResult ended = act("most", {"delegate", "customs.nsw", "most.hue", "--end"});
    ASSERT_EQ(ended.exit_status, 0) << ended.output;
}

TEST_F(Governance, AMemberJoinsByVoteAndItsOfficesWrite) {
    const std::string folder = cluster_.dir() + "/moh";
    std::filesystem::create_directories(folder);
    boost::json::array keys;
    for (const char* purpose : {"root", "registrar"}) {
        const std::string file = folder + "/" + purpose + ".jwk";
        ASSERT_EQ(
            run_program({program(), "key", "new", "--kid", std::string("moh/") + purpose, "--out", file})
                .exit_status,
            0);
        const auto key = node::read_key_file(file).value();
        keys.push_back({{"kid", key.kid},
                        {"purpose", purpose},
                        {"kty", "OKP"},
                        {"crv", "Ed25519"},
                        {"x", ledger::key_text(key.key.public_key())},
                        {"valid_from", nullptr},
                        {"valid_to", nullptr}});
    }
    const boost::json::object change{
        {"member", {{"code", "moh"}, {"name_vi", "Bộ Y tế"}, {"name_en", "Ministry of Health"}}},
        {"keys", keys}};
    propose("p-1", "member_addition", boost::json::serialize(change));
    vote("p-1", {"customs", "most", "mard"});
    ASSERT_EQ(state_of("p-1"), "passed");
    // The new member acts for itself, and has a vote.
    const Names by_moh{"--key", folder + "/registrar.jwk"};
    const auto with = [&](Names words) {
        words.insert(words.end(), by_moh.begin(), by_moh.end());
        return governance(words);
    };
    const std::string record = folder + "/record.jwk";
    ASSERT_EQ(run_program({program(), "key", "new", "--kid", "moh/record-1", "--out", record}).exit_status,
              0);
    EXPECT_EQ(with({"register-key", record}).exit_status, 0);
    EXPECT_EQ(write("mard-1", "moh", "r-1", node::read_key_file(record).value()), "committed");
    propose("p-2", "hold", R"({"agency":"moit.attp","held":true})");
    vote("p-2", {"customs", "most", "mard"});
    EXPECT_EQ(state_of("p-2"), "open");  // four of five by now
    EXPECT_EQ(with({"vote", "customs/p-2", "yes"}).exit_status, 0);
    EXPECT_EQ(state_of("p-2"), "passed");
    ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
}

// A node of its own, run as an agency would; stopped with the object.
class RunningNode {
  public:
    RunningNode(const std::string& config, const std::string& log)
        : process_(
              node::cluster::start_process({program(), "node", "run", "--config", config}, log).value()) {}
    ~RunningNode() {
        node::cluster::send_signal(process_, SIGTERM);
        if (!node::cluster::wait_gone(process_, patience)) node::cluster::send_signal(process_, SIGKILL);
    }
    RunningNode(const RunningNode&) = delete;
    RunningNode& operator=(const RunningNode&) = delete;

  private:
    node::cluster::ProcessId process_;
};

TEST_F(Governance, ANodeJoinsByVoteAndAnotherLeaves) {
    // As docs/governance.md says: keys and configuration on the new node's own machine.
    const std::string folder = cluster_.dir() + "/customs-2";
    std::filesystem::create_directories(folder);
    const std::uint16_t port = node::find_free_ports(2).value();
    boost::json::object node{
        {"name", "customs-2"}, {"agency", "customs"}, {"host", "127.0.0.1"}, {"port", port}};
    for (const char* purpose : {"log", "cosigner", "node", "tls"}) {
        const std::string file = folder + "/" + purpose + ".jwk";
        const std::string kid = std::string("customs/customs-2-") + purpose;
        ASSERT_EQ(run_program({program(), "key", "new", "--kid", kid, "--out", file}).exit_status, 0);
        node[std::string(purpose) + "_key"] =
            ledger::key_text(node::read_key_file(file).value().key.public_key());
    }
    const boost::json::object change{{"add", boost::json::array{node}},
                                     {"remove", boost::json::array{"moit-1"}}};
    propose("p-1", "nodes", boost::json::serialize(change));
    const std::string shown = governance({"show", "customs/p-1"}).output;
    EXPECT_NE(shown.find("its number (raft_id) is 1001"), std::string::npos) << shown;

    Names init{program(), "node", "init", "--config", folder + "/node.toml", "--node", "customs-2"};
    init.insert(init.end(),
                {"--genesis", cluster_.dir() + "/genesis", "--keys", folder, "--data", folder + "/data"});
    init.insert(init.end(), {"--raft-id", "1001", "--agency", "customs"});
    init.insert(init.end(), {"--peer-port", std::to_string(port), "--api-port", std::to_string(port + 1)});
    const std::string path = cluster_.dir() + "/cluster.json";
    for (const auto& other : node::cluster::parse_cluster_file(read_text(path), path).value().nodes)
        init.insert(init.end(), {"--peer", other.node + "=" + other.peer});
    const ProgramResult made = run_program(init);
    ASSERT_EQ(made.exit_status, 0) << made.output;

    Writers writers(cluster_, 2, "joining", 7, gentle);
    vote("p-1", {"customs", "most", "mard"});
    ASSERT_EQ(state_of("p-1"), "passed");
    const RunningNode running(folder + "/node.toml", folder + "/log");
    const auto role_of = [&](const std::string& name) {
        const auto leader = cluster_.leader();
        if (!leader) return std::string();
        const auto answer = NodeClient(cluster_.endpoint(*leader)).call("cluster.members");
        if (!answer) return std::string();
        for (const auto& member : answer->as_object().at("nodes").as_array())
            if (member.as_object().at("node").as_string() == name) return text(member.as_object(), "role");
        return std::string("none");
    };
    ASSERT_TRUE(wait_until([&] { return role_of("customs-2") == "voter"; }))
        << last_lines(folder + "/log", 20);
    ASSERT_TRUE(wait_until([&] {
        const std::string role = role_of("moit-1");
        return role == "removed" || role == "none";
    }));
    const Journal journal = writers.finish();
    EXPECT_TRUE(journal.complaints.empty());
    EXPECT_EQ(write("customs-1", "customs", "after", cluster_.key("customs")), "committed");
}

TEST_F(Governance, NobodyChangesTheNodesWithoutAVote) {
    const ProgramResult added = cluster_.verb("add-node", {"--agency", "most", "--timeout", "20"});
    EXPECT_NE(added.exit_status, 0);
    EXPECT_NE(added.output.find("vote_needed"), std::string::npos) << added.output;
    EXPECT_NE(act("customs", {"propose", "nodes", "--title", "x", "--change",
                              R"({"add":[],"remove":["customs-1","most-1","mard-1","moit-1"]})"})
                  .output.find("locks_out"),
              std::string::npos);
    // A node that is voted out leaves, and is told when it may be switched off.
    propose("p-1", "nodes", R"({"add":[],"remove":["moit-1"]})");
    vote("p-1", {"customs", "most", "mard"});
    ASSERT_TRUE(wait_until([&] {
        const auto answer = NodeClient(cluster_.endpoint(cluster_.await_leader())).call("cluster.members");
        if (!answer) return false;
        for (const auto& node : answer->as_object().at("nodes").as_array())
            if (node.as_object().at("node").as_string() == "moit-1")
                return node.as_object().at("role").as_string() == "removed" &&
                       node.as_object().at("may_switch_off").as_bool();
        return true;
    })) << cluster_.describe();
    EXPECT_EQ(write("customs-1", "customs", "after", cluster_.key("customs")), "committed");
}

// Three of four agencies must sign a head. Of two nodes that are voted out one stays until the members have a policy that can do
// without it: or nothing would be final again, that policy included.
TEST_F(Governance, WhoeverThePolicyNeedsStaysUntilItIsReplaced) {
    propose("p-1", "nodes", R"({"add":[],"remove":["mard-1","moit-1"]})");
    vote("p-1", {"customs", "most", "mard"});
    const auto rows = [&] {
        const ProgramResult shown = governance({"nodes"});
        return shown.exit_status == 0 ? shown.output : std::string();
    };
    const auto count = [](const std::string& text, std::string_view word) {
        std::size_t found = 0;
        for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
        return found;
    };
    ASSERT_TRUE(wait_until([&] { return count(rows(), "voter") == 3; })) << rows();
    const auto is_final = [&](const std::string& id) {
        const std::string statement = ledger::sign_statement(cluster_.key("customs"), cluster_.origin(), risk_signal("customs", id), false);
        const auto answer = NodeClient(cluster_.endpoint("customs-1"))
                                .call("ledger.submit", {{"statement", statement}, {"wait", "final"}, {"timeout_ms", 30'000}});
        return answer ? "final" : answer.error().reason;
    };
    EXPECT_EQ(is_final("between"), "final");
    const std::string standing = rows();
    EXPECT_EQ(count(standing, "voter"), 3U) << standing;
    EXPECT_EQ(count(standing, "ask the leader"), 0U) << standing;  // all nodes are asked: one of them leads

    // As docs/governance.md says.
    const std::string draft = cluster_.dir() + "/policy-draft.json";
    const ProgramResult drafted = run_program({program(), "policy", "draft", "--out", draft, "--dir", cluster_.dir()});
    ASSERT_EQ(drafted.exit_status, 0) << drafted.output;
    EXPECT_NE(drafted.output.find("counts       2 nodes"), std::string::npos) << drafted.output;
    const std::string keys = cluster_.dir() + "/keys/";
    const ProgramResult early = run_program({program(), "policy", "write", draft, "--key", keys + "most/record-1.jwk", "--dir", cluster_.dir()});
    EXPECT_NE(early.output.find("right_missing"), std::string::npos) << early.output;
    const ProgramResult proposed = run_program({program(), "policy", "propose", draft, "--id", "p-2", "--key",
                                                keys + "customs/registrar.jwk", "--dir", cluster_.dir()});
    ASSERT_EQ(proposed.exit_status, 0) << proposed.output;
    vote("p-2", {"customs", "most", "mard"});
    const ProgramResult written = run_program({program(), "policy", "write", draft, "--key", keys + "most/record-1.jwk", "--dir", cluster_.dir()});
    ASSERT_EQ(written.exit_status, 0) << written.output;
    EXPECT_EQ(is_final("after"), "final");
    ASSERT_TRUE(wait_until([&] { return count(rows(), "voter") == 2; })) << rows();
    EXPECT_EQ(is_final("last"), "final");
}

}  // namespace
}  // namespace socai::cluster_tests
