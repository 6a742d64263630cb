// Finality in clusters of real processes: who waits for it, what of it a policy alone can check, and when there is none.
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <csignal>
#include <filesystem>

#include "ledger/head.hpp"
#include "ledger/receipt.hpp"
#include "support/clients.hpp"
#include "support/local_cluster.hpp"

namespace socai::cluster_tests {
namespace {

namespace json = boost::json;

ledger::Policy policy_of(const LocalCluster& cluster) {
    return ledger::parse_policy(read_text(cluster.policy())).value();
}

// The result of one statement; `final` is waited for.
json::object submit_final(const LocalCluster& cluster, const std::string& node, const std::string& id,
                          int timeout_ms = 30'000) {
    const auto answer =
        NodeClient(cluster.endpoint(node), {.connect = 5'000ms, .answer = patience})
            .call("ledger.submit",
                  {{"statement", statement_of(cluster, "customs", risk_signal("customs", id))},
                   {"wait", "final"},
                   {"timeout_ms", timeout_ms}});
    if (!answer) throw std::runtime_error(answer.error().reason + ": " + answer.error().detail);
    return answer->as_object().at("results").as_array().at(0).as_object();
}

std::uint64_t final_size(const LocalCluster& cluster, const std::string& node) {
    const json::object status = cluster.status(node);
    return status.contains("final_size") ? number(status, "final_size") : 0;
}

bool await_final(const LocalCluster& cluster, std::uint64_t size, const Names& nodes) {
    return wait_until([&] {
        return std::all_of(nodes.begin(), nodes.end(),
                           [&](const std::string& node) { return final_size(cluster, node) >= size; });
    });
}

// What `asked` has seen `node` sign.
std::uint64_t known_signed(const LocalCluster& cluster, const std::string& asked, const std::string& node) {
    const auto members = NodeClient(cluster.endpoint(asked)).call("cluster.members");
    if (!members) return 0;
    for (const auto& member : members->as_object().at("nodes").as_array())
        if (text(member.as_object(), "node") == node) return number(member.as_object(), "signed_size");
    return 0;
}

void expect_receipt(const json::object& result, const ledger::Policy& policy) {
    ASSERT_TRUE(result.contains("receipt"));
    const auto receipt = ledger::parse_receipt(json::serialize(result.at("receipt")));
    ASSERT_TRUE(receipt) << receipt.error().detail;
    const auto verified = ledger::verify_receipt(*receipt, policy);
    ASSERT_TRUE(verified) << verified.error().reason << ": " << verified.error().detail;
    EXPECT_EQ(verified->index, number(result, "index"));
}

TEST(Finality, WhoWaitsForItGetsAReceiptThatThePolicyAloneCanCheck) {
    LocalCluster cluster;
    const ledger::Policy policy = policy_of(cluster);
    EXPECT_NE(policy.quorum, "none");
    std::uint64_t size = 0;
    for (const std::string& node : cluster.nodes()) {
        SCOPED_TRACE(node);
        const json::object result = submit_final(cluster, node, "by-" + node);
        EXPECT_EQ(text(result, "status"), "final");
        expect_receipt(result, policy);
        size = number(result, "index") + 1;
        const auto leaf = NodeClient(cluster.endpoint(node)).find("customs", "by-" + node);
        ASSERT_TRUE(leaf) << leaf.error().detail;
        EXPECT_EQ(text(*leaf, "status"), "final");
        EXPECT_GE(number(leaf->at("as_of").as_object(), "final_size"), size);
    }
    ASSERT_TRUE(await_final(cluster, size, cluster.nodes()));
    for (const std::string& node : cluster.nodes()) {
        const auto head = ledger::parse_head(http_get(cluster.endpoint(node), "/checkpoint").body);
        ASSERT_TRUE(head) << node << ": " << head.error().detail;
        const auto checked = ledger::check_head(policy, *head);
        EXPECT_TRUE(checked) << node << ": " << checked.error().detail;
        EXPECT_LE(head->note.signatures.size(), 16U);
        EXPECT_EQ(head->note.signatures.front().name, cluster.origin());
        const std::string hash = ledger::to_hex(ledger::sha256(cluster.origin()));
        EXPECT_EQ(http_get(cluster.endpoint(node), "/" + hash + "/checkpoint").status, 200U);
        const auto proof = NodeClient(cluster.endpoint(node)).call("ledger.prove_inclusion", {{"index", 1}});
        ASSERT_TRUE(proof) << proof.error().detail;
        json::object object = proof->as_object();
        expect_receipt(object, policy);
        EXPECT_EQ(number(object, "size"), size);
    }
}

TEST(Finality, ItNeedsTheQuorumAndComesBackWithIt) {
    // Two more nodes, of agencies that have one: four of six commit, three of four agencies make final.
    LocalCluster cluster;
    cluster.must("add-node", {"--agency", "customs"});
    cluster.must("add-node", {"--agency", "most"});
    cluster.reread();
    cluster.must("kill", {"mard-1"});
    EXPECT_EQ(text(submit_final(cluster, "customs-1", "first"), "status"), "final")
        << "three of four agencies";
    cluster.must("pause", {"moit-1"});
    const json::object second = submit_final(cluster, "customs-1", "second", 3'000);
    EXPECT_EQ(text(second, "status"), "committed") << "two agencies are too few, and four nodes commit";
    EXPECT_FALSE(second.contains("receipt"));
    const std::uint64_t size = number(second, "index") + 1;
    EXPECT_LT(final_size(cluster, "customs-1"), size);
    cluster.must("resume", {"moit-1"});
    EXPECT_TRUE(await_final(cluster, size, cluster.others({"mard-1"}))) << cluster.describe();
    cluster.must("start", {"mard-1"});
    EXPECT_TRUE(await_final(cluster, size, cluster.nodes())) << cluster.describe();
}

TEST(Finality, ItSurvivesTheDeathOfAllAndNeverGoesBack) {
    LocalCluster cluster;
    std::uint64_t size = 0;
    for (int round = 0; round < 3; ++round) {
        size =
            number(submit_final(cluster, cluster.nodes()[round], "round-" + std::to_string(round)), "index") +
            1;
        ASSERT_TRUE(await_final(cluster, size, cluster.nodes()));
        cluster.must("kill", cluster.nodes());
        cluster.must("start");
        EXPECT_TRUE(await_final(cluster, size, cluster.nodes())) << cluster.describe();
    }
}

TEST(Finality, ThePolicyFollowsTheMembers) {
    LocalCluster cluster;
    const ledger::Policy founders = policy_of(cluster);
    submit_final(cluster, "customs-1", "before");
    cluster.must("add-node", {"--agency", "most"});
    cluster.reread();
    const ledger::Policy now = policy_of(cluster);
    EXPECT_NE(now, founders);
    EXPECT_EQ(now.witnesses.size(), 5U);
    const json::object result = submit_final(cluster, "most-2", "after");
    EXPECT_EQ(text(result, "status"), "final");
    expect_receipt(result, founders);  // by the chain of policies
    expect_receipt(result, now);
    cluster.must("remove-node", {"most-1"});
    cluster.reread();
    const json::object last = submit_final(cluster, "most-2", "last");
    EXPECT_EQ(text(last, "status"), "final");
    expect_receipt(last, founders);
    EXPECT_EQ(policy_of(cluster).witnesses.size(), 4U);
}

TEST(Finality, AnOldCopyOfANodeIsRefusedByTheOthers) {
    LocalCluster cluster;
    const std::string node = "moit-1";
    std::uint64_t size = number(submit_final(cluster, node, "copied"), "index") + 1;
    ASSERT_TRUE(await_final(cluster, size, cluster.nodes()));
    cluster.must("stop", {node});
    const std::string copy = cluster.dir() + "/copy";
    std::filesystem::copy(cluster.data(node), copy, std::filesystem::copy_options::recursive);
    cluster.must("start", {node});
    ASSERT_TRUE(cluster.await_ready()) << cluster.describe();
    // It signs on, and others see it.
    size = number(submit_final(cluster, node, "later"), "index") + 1;
    for (const std::string& other : cluster.others({node}))
        ASSERT_TRUE(wait_until([&] { return known_signed(cluster, other, node) >= size; })) << other;
    cluster.must("stop", {node});
    std::filesystem::remove_all(cluster.data(node));
    std::filesystem::rename(copy, cluster.data(node));
    const std::uint64_t logged = cluster.logged_bytes(node);
    cluster.verb("start", {node, "--timeout", "5"});
    EXPECT_TRUE(wait_until([&] {
        return cluster.logged_since(node, logged).find("its data folder is an old copy") != std::string::npos;
    })) << cluster.logged_since(node, logged);
    EXPECT_EQ(text(submit_final(cluster, "customs-1", "without-it"), "status"), "final");
}

}  // namespace
}  // namespace socai::cluster_tests
