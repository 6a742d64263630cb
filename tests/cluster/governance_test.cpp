// Members that vote, and keys that change, in a cluster that runs: what docs/governance.md says, by its commands.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>

#include "node/key_file.hpp"
#include "support/assembly.hpp"
#include "support/clients.hpp"
#include "support/local_cluster.hpp"
#include "support/own_node.hpp"
#include "support/writers.hpp"

namespace socai::cluster_tests {
namespace {

class Governance : public ::testing::Test {
  protected:
    Governance() : cluster_({"customs", "most", "mard", "moit"}, {"--votes"}) {}

    ProgramResult governance(Names words) const { return members_.governance(std::move(words)); }
    ProgramResult act(const std::string& agency, Names words) const { return members_.act(agency, std::move(words)); }
    void propose(const std::string& id, const std::string& matter, const std::string& change) const {
        EXPECT_EQ(members_.pass(id, matter, change, {}), "");
    }
    void vote(const std::string& id, const Names& members) const {
        for (const std::string& member : members) {
            const ProgramResult done = act(member, {"vote", "customs/" + id, "yes"});
            ASSERT_EQ(done.exit_status, 0) << done.output;
        }
    }
    std::string state_of(const std::string& id) const { return members_.state_of(id); }
    // Signs a record with the key and submits it to the node: "committed", or the reason of the error.
    std::string write(const std::string& node, const std::string& source, const std::string& id,
                      const ledger::Jwk& key) const {
        const SubmitOutcome outcome =
            NodeClient(cluster_.endpoint(node))
                .submit(ledger::sign_statement(key, cluster_.origin(), risk_signal(source, id), false));
        return outcome ? "committed" : outcome.error().reason;
    }

    LocalCluster cluster_;
    Assembly members_{cluster_};
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

// Makes the keys of a ministry that is no member yet, and gives the change that makes it one.
std::string describe_health(const std::string& folder) {
    std::filesystem::create_directories(folder);
    for (const std::string name : {"root", "registrar", "record-1"})
        EXPECT_EQ(run_program({program(), "key", "new", "--kid", "moh/" + name, "--out", folder + "/" + name + ".jwk"}).exit_status, 0);
    const ProgramResult described =
        run_program({program(), "governance", "describe-member", "--agency", "moh", "--name-vi", "Bộ Y tế", "--name-en",
                     "Ministry of Health", "--root", folder + "/root.jwk", "--registrar", folder + "/registrar.jwk"});
    EXPECT_EQ(described.exit_status, 0) << described.output;
    EXPECT_EQ(described.output.find("\"d\""), std::string::npos);
    for (const std::string agency : {"moh", "most", "MOH"}) {  // one key for both, another's keys, no code
        const std::string registrar = folder + (agency == "moh" ? "/root.jwk" : "/registrar.jwk");
        EXPECT_EQ(run_program({program(), "governance", "describe-keys", "--agency", agency, "--root", folder + "/root.jwk", "--registrar",
                               registrar})
                      .exit_status,
                  2)
            << agency;
    }
    return described.output;
}

TEST_F(Governance, AMemberJoinsByVoteAndItsOfficesWrite) {
    const std::string folder = cluster_.dir() + "/moh";
    const std::string change = describe_health(folder);
    propose("p-1", "member_addition", change);
    vote("p-1", {"customs", "most", "mard"});
    ASSERT_EQ(state_of("p-1"), "passed");
    // The new member acts for itself, and has a vote.
    members_.give_key("moh", folder + "/registrar.jwk");
    EXPECT_EQ(act("moh", {"register-key", folder + "/record-1.jwk"}).exit_status, 0);
    EXPECT_EQ(write("mard-1", "moh", "r-1", node::read_key_file(folder + "/record-1.jwk").value()), "committed");
    propose("p-2", "hold", R"({"agency":"moit.attp","held":true})");
    vote("p-2", {"customs", "most", "mard"});
    EXPECT_EQ(state_of("p-2"), "open");  // four of five by now
    EXPECT_EQ(act("moh", {"vote", "customs/p-2", "yes"}).exit_status, 0);
    EXPECT_EQ(state_of("p-2"), "passed");
    ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
}

TEST_F(Governance, ANodeJoinsByVoteAndAnotherLeaves) {
    OwnNode joining(cluster_, "customs-2", "customs");
    boost::json::object change = boost::json::parse(joining.change()).as_object();
    change["remove"] = boost::json::array{"moit-1"};
    propose("p-1", "nodes", boost::json::serialize(change));
    const std::string shown = governance({"show", "customs/p-1"}).output;
    EXPECT_NE(shown.find("its number (raft_id) is 1001"), std::string::npos) << shown;
    ASSERT_EQ(joining.configure(1001), "");

    Writers writers(cluster_, 2, "joining", 7, gentle);
    vote("p-1", {"customs", "most", "mard"});
    ASSERT_EQ(state_of("p-1"), "passed");
    joining.start();
    ASSERT_TRUE(wait_until([&] { return members_.role_of("customs-2") == "voter"; })) << last_lines(joining.log(), 20);
    ASSERT_TRUE(wait_until([&] {
        const std::string role = members_.role_of("moit-1");
        return role == "removed" || role == "none";
    }));
    const Journal journal = writers.finish();
    EXPECT_TRUE(journal.complaints.empty());
    EXPECT_EQ(write("customs-1", "customs", "after", cluster_.key("customs")), "committed");
}

// Nothing of it is in the genesis: neither the ministry, nor its node, nor the node that leads when it joins.
TEST_F(Governance, AMinistryThatJoinedRunsANodeUnderALeaderThatJoined) {
    const std::string folder = cluster_.dir() + "/moh";
    ASSERT_EQ(members_.pass("p-1", "member_addition", describe_health(folder), {"customs", "most", "mard"}), "");
    members_.give_key("moh", folder + "/registrar.jwk");
    Writers writers(cluster_, 2, "ministry", 7, gentle);

    const Names four{"customs", "most", "mard", "moh"};
    OwnNode first(cluster_, "customs-2", "customs");
    ASSERT_EQ(members_.pass("p-2", "nodes", first.change(), four), "");
    ASSERT_EQ(first.configure(1001), "");
    first.start();
    ASSERT_TRUE(wait_until([&] { return members_.role_of("customs-2") == "voter"; })) << last_lines(first.log(), 20);
    const auto first_leads = [&] {
        if (const auto answer = NodeClient(first.endpoint()).call("node.status"); answer && text(answer->as_object(), "role") == "leader")
            return true;
        if (const auto leader = cluster_.leader()) NodeClient(cluster_.endpoint(*leader)).call("node.transfer", {{"to", "customs-2"}});
        return false;
    };
    ASSERT_TRUE(wait_until(first_leads)) << last_lines(first.log(), 20);

    OwnNode own(cluster_, "moh-1", "moh");
    ASSERT_EQ(members_.pass("p-3", "nodes", own.change(), four), "");
    ASSERT_EQ(own.configure(1002, {&first}), "");
    own.start();
    ASSERT_TRUE(wait_until([&] { return members_.role_of("moh-1") == "voter"; })) << last_lines(own.log(), 20);
    const Journal journal = writers.finish();
    EXPECT_TRUE(journal.complaints.empty());

    // It takes its own ministry's records, and holds what all others hold.
    ASSERT_EQ(act("moh", {"register-key", folder + "/record-1.jwk"}).exit_status, 0);
    NodeClient client(own.endpoint());
    const ledger::Jwk key = node::read_key_file(folder + "/record-1.jwk").value();
    const SubmitOutcome outcome = client.submit(ledger::sign_statement(key, cluster_.origin(), risk_signal("moh", "r-1"), false));
    ASSERT_TRUE(outcome) << outcome.error().reason;
    EXPECT_TRUE(wait_until([&] {
        const auto status = client.call("node.status", {{"read", "linearizable"}});
        if (!status) return false;
        const NodeView view = cluster_.view("mard-1");
        return view.applied_size == status->at("applied_size").to_number<std::uint64_t>() &&
               view.root == text(status->as_object(), "root");
    })) << cluster_.describe();
}

// Its root and registrar keys are gone, perhaps in wrong hands: the others give it new ones.
TEST_F(Governance, AMemberThatLostItsKeysGetsNewOnesByVote) {
    const std::string folder = cluster_.dir() + "/moit-2";
    std::filesystem::create_directories(folder);
    for (const std::string name : {"root-2", "registrar-2", "record-9"})
        ASSERT_EQ(run_program({program(), "key", "new", "--kid", "moit/" + name, "--out", folder + "/" + name + ".jwk"}).exit_status, 0);
    const ProgramResult change = run_program({program(), "governance", "describe-keys", "--agency", "moit", "--root",
                                              folder + "/root-2.jwk", "--registrar", folder + "/registrar-2.jwk"});
    ASSERT_EQ(change.exit_status, 0) << change.output;
    ASSERT_EQ(members_.pass("p-1", "root_keys", change.output, {"customs", "most", "mard"}), "");
    const auto stolen = act("moit", {"register-key", folder + "/record-9.jwk"});
    EXPECT_NE(stolen.output.find("key_not_valid"), std::string::npos) << stolen.output;
    members_.give_key("moit", folder + "/registrar-2.jwk");
    EXPECT_EQ(act("moit", {"register-key", folder + "/record-9.jwk"}).exit_status, 0);
    EXPECT_EQ(write("moit-1", "moit", "r-1", node::read_key_file(folder + "/record-9.jwk").value()), "committed");
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
