// The outbox of a node that is cut off from all others (Decree 85/2019 Art 17): it takes records with signed promises,
// loses none of them to kills, and keeps its word when the link returns.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "ledger/base64.hpp"
#include "ledger/node_statement.hpp"
#include "support/clients.hpp"
#include "support/ledger_dump.hpp"
#include "support/local_cluster.hpp"

namespace socai::cluster_tests {
namespace {

class OutboxCluster : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
        node_ = cluster_.others({cluster_.await_leader()}).front();
        key_ = node_key();
    }
    void cut_off(const std::string& node) const {
        for (const std::string& other : cluster_.others({node})) cluster_.must("cut", {node, other});
        ASSERT_TRUE(cluster_.await_not_ready({node})) << cluster_.describe();
    }
    void kill_and_start() const {
        cluster_.signal(node_, SIGKILL);
        ASSERT_TRUE(cluster_.await_gone(node_));
        cluster_.must("start", {node_, "--no-wait"});
        ASSERT_TRUE(wait_until([&] { return cluster_.view(node_).reached; })) << cluster_.describe();
    }
    // A record that refers to the one with id `about`, or to nothing.
    std::string signed_record(const std::string& id, const std::string& about = "") const {
        std::string record = risk_signal(source_, id);
        if (!about.empty()) {
            const std::string none = R"("refs":[])";
            record.replace(
                record.find(none), none.size(),
                R"("refs":[{"rel":"about","source":")" + source_ + R"(","id":")" + about + R"("}])");
        }
        return statement_of(cluster_, source_, record);
    }
    RpcResult<boost::json::object> accept(const std::string& statement) const {
        NodeClient client(cluster_.endpoint(node_), {.connect = 2'000ms, .answer = patience});
        const auto answer = client.call("ledger.submit", {{"statement", statement}, {"wait", "accepted"}});
        if (!answer) return answer.error();
        return answer->at("results").at(0).as_object();
    }
    ledger::PublicKey node_key() const {
        const auto members = NodeClient(cluster_.endpoint(node_)).call("cluster.members");
        ledger::PublicKey key{};
        for (const auto& member : members.value().at("nodes").as_array()) {
            if (text(member.as_object(), "node") != node_) continue;
            const std::string bytes = ledger::base64_decode(text(member.as_object(), "node_key")).value();
            std::copy(bytes.begin(), bytes.end(), key.begin());
        }
        return key;
    }
    // What the node signed; throws when it did not.
    ledger::NodeFact fact(const std::string& note) const {
        const auto said = ledger::verify_node_statement(ledger::parse_note(note).value(), key_).value();
        EXPECT_EQ(said.node, node_);
        EXPECT_EQ(said.origin, cluster_.origin());
        return said.fact;
    }
    boost::json::object fate(const std::string& statement) const {
        const auto answer =
            NodeClient(cluster_.endpoint(node_))
                .call("ledger.promise", {{"statement", ledger::to_hex(ledger::sha256(statement))}});
        return answer ? answer->as_object() : boost::json::object{{"status", answer.error().reason}};
    }
    std::uint64_t waiting() const {
        const auto status = cluster_.status(node_);
        return status.contains("outbox") ? number(status.at("outbox").as_object(), "waiting") : ~0ULL;
    }
    // Everything stands once, in this order, in every ledger.
    void expect_in_order(const std::vector<std::string>& statements) const {
        ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
        const auto content = content_of(read_ledger(cluster_, node_));
        EXPECT_TRUE(content.faults.empty()) << content.faults.front();
        auto from = content.statements.begin();
        for (const std::string& statement : statements) {
            EXPECT_EQ(std::count(content.statements.begin(), content.statements.end(), statement), 1);
            from = std::find(from, content.statements.end(), statement);
            ASSERT_NE(from, content.statements.end()) << "missing, or before one that was promised earlier";
        }
    }

    const std::string source_ = "mard";
    LocalCluster cluster_;
    std::string node_;
    ledger::PublicKey key_{};
};

TEST_F(OutboxCluster, ANodeCutOffTakesRecordsAndKeepsItsWord) {
    const std::string before = signed_record("before");
    ASSERT_TRUE(NodeClient(cluster_.endpoint(node_)).submit(before));
    ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
    cut_off(node_);

    // What stands is answered with its place, cut off or not.
    const auto known = accept(before);
    ASSERT_TRUE(known) << known.error().detail;
    EXPECT_EQ(text(*known, "status"), "committed");
    EXPECT_TRUE(known->at("duplicate").as_bool());

    std::vector<std::string> chain;
    for (int i = 0; i < 10; ++i) {
        chain.push_back(
            signed_record("r-" + std::to_string(i), i == 0 ? "before" : "r-" + std::to_string(i - 1)));
        const auto taken = accept(chain.back());
        ASSERT_TRUE(taken) << taken.error().detail;
        EXPECT_EQ(text(*taken, "status"), "accepted");
        EXPECT_FALSE(taken->contains("index"));
        const auto promise = std::get<ledger::Promise>(fact(text(*taken, "promise")));
        EXPECT_EQ(promise.statement, ledger::sha256(chain.back()));
        EXPECT_EQ(promise.records.front().id, "r-" + std::to_string(i));
        EXPECT_EQ(promise.include_by_ms - promise.received_ms, 24 * 3'600'000);
    }
    const std::string orphan = signed_record("orphan", "never");
    ASSERT_TRUE(accept(orphan));
    EXPECT_EQ(waiting(), 11U);
    const std::string first_promise = text(fate(chain[0]), "promise");
    EXPECT_EQ(text(fate(chain[0]), "status"), "accepted");
    // The others go on meanwhile.
    ASSERT_TRUE(NodeClient(cluster_.endpoint(cluster_.await_leader())).submit(signed_record("meanwhile")));

    kill_and_start();
    EXPECT_EQ(waiting(), 11U);
    EXPECT_EQ(text(fate(chain[0]), "promise"), first_promise);
    const auto again = accept(chain[0]);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(text(*again, "promise"), first_promise);
    EXPECT_EQ(waiting(), 11U);

    cluster_.must("heal");
    ASSERT_TRUE(wait_until([&] { return waiting() == 0; })) << cluster_.describe();
    for (const std::string& statement : chain) EXPECT_EQ(text(fate(statement), "status"), "committed");
    const auto refused = fate(orphan);
    ASSERT_EQ(text(refused, "status"), "refused");
    const auto refusal = std::get<ledger::Refusal>(fact(text(refused, "refusal")));
    EXPECT_EQ(refusal.statement, ledger::sha256(orphan));
    EXPECT_EQ(refusal.reason, "unknown_reference");
    EXPECT_LE(refusal.size, cluster_.view(node_).applied_size);
    expect_in_order(chain);

    kill_and_start();
    EXPECT_EQ(waiting(), 0U);
    EXPECT_EQ(text(fate(orphan), "refusal"), text(refused, "refusal"));
    ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
    EXPECT_EQ(text(accept(chain[3]).value(), "status"), "committed");
}

// Killed at whatever moment, while it takes and while it brings in.
TEST_F(OutboxCluster, NothingPromisedIsLostToKills) {
    std::vector<std::string> promised;
    std::atomic<std::size_t> count{0};
    std::string next = signed_record("k-0");
    const auto take_until_it_fails = [&] {
        while (accept(next)) {
            promised.push_back(next);
            next = signed_record("k-" + std::to_string(++count));
        }
    };
    const auto kill_while_taking = [&](std::size_t more) {
        const std::size_t until = count + more;
        std::thread client(take_until_it_fails);
        EXPECT_TRUE(wait_until([&] { return count >= until; }));
        cluster_.signal(node_, SIGKILL);
        client.join();
        cluster_.await_gone(node_);
        cluster_.must("start", {node_, "--no-wait"});
        ASSERT_TRUE(wait_until([&] { return cluster_.view(node_).reached; })) << cluster_.describe();
    };
    kill_while_taking(20);  // connected: promised and brought in at the same time
    cut_off(node_);
    for (const std::size_t more : {15, 40, 5}) kill_while_taking(more);
    cluster_.must("heal");
    kill_while_taking(25);
    const std::string old_leader = cluster_.await_leader();
    if (old_leader != node_) cluster_.must("kill", {old_leader});
    ASSERT_TRUE(wait_until([&] { return waiting() == 0; })) << cluster_.describe();
    if (old_leader != node_) cluster_.must("start", {old_leader});
    EXPECT_GE(promised.size(), 105U);
    for (const std::string& statement : promised) ASSERT_EQ(text(fate(statement), "status"), "committed");
    expect_in_order(promised);
}

}  // namespace
}  // namespace socai::cluster_tests
