// Two versions of the program in one cluster (design/architecture.md 10): the release before this one, built from its tag
// (build_earlier), and this one. Nodes are replaced one by one under load; what is new comes into force by vote, and a node that
// was forgotten stops and says why, and goes on once it has the new program.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "ledger/disclosure.hpp"
#include "ledger/jwk.hpp"
#include "ledger/time.hpp"
#include "support/clients.hpp"
#include "support/local_cluster.hpp"
#include "support/writers.hpp"

namespace socai::cluster_tests {
namespace {

namespace json = boost::json;

const std::string earlier = SOCAI_EARLIER_PROGRAM;

class Upgrade : public ::testing::Test {
  protected:
    std::string version(const std::string& node) const {
        const json::object status = cluster_.status(node);
        const auto* version = status.if_contains("version");
        return version == nullptr ? std::string() : std::string(version->as_string());
    }
    // The node is stopped, and started by this program.
    void replace(const std::string& node) {
        cluster_.must("stop", {node});
        cluster_.must("start", {node});
        ASSERT_TRUE(cluster_.await_whole(node)) << cluster_.describe();
        EXPECT_NE(version(node), old_version_);
    }
    void act(const std::string& agency, Names words) const {
        Names command{program(), "governance"};
        command.insert(command.end(), words.begin(), words.end());
        command.insert(command.end(),
                       {"--dir", cluster_.dir(), "--key", cluster_.dir() + "/keys/" + agency + "/registrar.jwk"});
        const ProgramResult done = run_program(command);
        ASSERT_EQ(done.exit_status, 0) << done.output;
    }
    // Of a submission to the node: "committed", or the reason of the error.
    std::string write(const std::string& node, const std::string& agency, const std::string& record,
                      const Names& told = {}) const {
        const std::string statement = ledger::sign_statement(cluster_.key(agency), cluster_.origin(), record, false);
        json::object params{{"statement", statement}};
        if (!told.empty()) {
            json::array& list = params["disclosures"].emplace_array();
            for (const std::string& each : told) list.emplace_back(each);
        }
        const auto answer = NodeClient(cluster_.endpoint(node)).call("ledger.submit", params);
        return answer ? "committed" : answer.error().reason;
    }
    // By an activation of customs and the votes of three members.
    void bring_into_force(const std::string& node) const {
        EXPECT_EQ(write(node, "customs",
                        event("customs", "activation", "v2",
                              {{"activation", "08/v2"}, {"schema_set", 1}, {"rule_engine", 2}, {"refs", json::array()}})),
                  "committed");
        act("customs", {"propose", "versions", "--id", "p-1", "--title", "v2", "--change",
                        R"({"record":{"source":"customs","id":"v2"}})"});
        for (const char* member : {"customs", "most", "mard"}) act(member, {"vote", "customs/p-1", "yes"});
    }
    // A record of a form that the earlier program does not know.
    std::string check() const {
        return event("most.dost-hcm", "post_check", "c-1",
                     {{"check_no", "08/c-1"},
                      {"type", "market_check"},
                      {"status", "planned"},
                      {"_sd", json::array{ledger::commitment_text(told_.digest)}},
                      {"refs", json::array()}});
    }
    bool stopped_for_an_upgrade(const std::string& node) const {
        return cluster_.await_gone(node) &&
               read_text(cluster_.log(node)).find("upgrade_required") != std::string::npos;
    }
    // Makes it lead, if it does not.
    void let_lead(const std::string& node) {
        if (cluster_.await_leader() != node) cluster_.must("transfer", {node});
        EXPECT_EQ(cluster_.await_leader(), node);
    }

    LocalCluster cluster_{{"customs", "most", "mard", "moit"}, {"--votes"}, earlier};
    std::string old_version_;
    const ledger::Disclosure told_ = ledger::make_disclosure("finding", "the name of a person");
};

TEST_F(Upgrade, GoesNodeByNodeUnderLoadAndComesIntoForceByVote) {
    ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
    old_version_ = version("customs-1");
    ASSERT_EQ(old_version_, "0.1.0");
    Writers writers(cluster_, 2, "upgrade", 7, gentle);
    cluster_.run_by(program());
    const Names nodes = cluster_.nodes();
    const std::string forgotten = nodes.back();

    replace(nodes[0]);
    // One new node leads three old ones, and is led by an old one.
    let_lead(nodes[0]);
    const std::uint64_t before = writers.answered();
    EXPECT_TRUE(wait_until([&] { return writers.answered() > before + 20; }));
    let_lead(forgotten);
    const std::uint64_t later = writers.answered();
    EXPECT_TRUE(wait_until([&] { return writers.answered() > later + 20; }));
    for (std::size_t i = 1; i + 1 < nodes.size(); ++i) replace(nodes[i]);
    EXPECT_EQ(version(forgotten), old_version_);

    // What the old program does not know is not in force: neither version takes it, whichever leads.
    const std::string check = this->check();
    let_lead(nodes[0]);
    EXPECT_EQ(write(nodes[0], "most.dost-hcm", check, {told_.text}), "not_in_force");
    EXPECT_EQ(write(forgotten, "most.dost-hcm", check), "reserved_member");

    // The members put it in force. The node that was forgotten ends before it would judge what it does not know.
    bring_into_force(nodes[0]);
    EXPECT_TRUE(stopped_for_an_upgrade(forgotten));
    EXPECT_EQ(write(nodes[0], "most.dost-hcm", check, {told_.text}), "committed");

    cluster_.must("start", {forgotten});
    ASSERT_TRUE(cluster_.await_whole(forgotten)) << cluster_.describe();
    EXPECT_EQ(write(forgotten, "most.dost-hcm", check, {told_.text}), "committed") << "a repeat";
    const Journal journal = writers.finish();
    ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
    expect_ledgers_keep(cluster_, journal);
    cluster_.must("stop");
    const ProgramResult audit =
        run_program({program(), "audit", "--source", cluster_.data(forgotten), "--policy", cluster_.policy()});
    EXPECT_EQ(audit.exit_status, 0) << audit.output;
}

// It was away, and is sent the vote and, right behind it, what it cannot read: that is no leader's fault.
TEST_F(Upgrade, AForgottenNodeThatWasAwaySaysTheSame) {
    ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
    const Names nodes = cluster_.nodes();
    const std::string forgotten = nodes.back();
    cluster_.run_by(program());
    for (std::size_t i = 0; i + 1 < nodes.size(); ++i) replace(nodes[i]);
    cluster_.must("stop", {forgotten});
    bring_into_force(nodes[0]);
    EXPECT_EQ(write(nodes[0], "most.dost-hcm", check(), {told_.text}), "committed");
    cluster_.run_by(earlier);
    EXPECT_NE(cluster_.verb("start", {forgotten, "--no-wait"}).exit_status, 2);
    EXPECT_TRUE(stopped_for_an_upgrade(forgotten));
    EXPECT_EQ(read_text(cluster_.log(forgotten)).find("broke the protocol"), std::string::npos);
    cluster_.run_by(program());
    cluster_.must("start", {forgotten});
    EXPECT_TRUE(cluster_.await_whole(forgotten)) << cluster_.describe();
    EXPECT_TRUE(cluster_.await_agreement()) << cluster_.describe();
}

}  // namespace
}  // namespace socai::cluster_tests
