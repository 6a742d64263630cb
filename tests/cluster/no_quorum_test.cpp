// Two of four nodes are no majority: what the others still answer, what they must not, and that "unavailable"
// and "outcome unknown" are each said only where they are the truth.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/clients.hpp"
#include "support/ledger_dump.hpp"
#include "support/local_cluster.hpp"

namespace socai::cluster_tests {
namespace {

constexpr milliseconds short_call{500};

class NoQuorum : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(cluster_.await_ready()) << cluster_.describe();
        leader_ = cluster_.await_leader();
        followers_ = cluster_.others({leader_});
    }
    NodeClient client(const std::string& node) const { return NodeClient(cluster_.endpoint(node)); }
    std::string signed_record(const std::string& id) const {
        return statement_of(cluster_, source_, risk_signal(source_, id));
    }

    const std::string source_ = "mard";
    LocalCluster cluster_;
    std::string leader_;
    Names followers_;
};

TEST_F(NoQuorum, NothingIsTakenAndNothingIsInDoubt) {
    const auto first = client(leader_).submit(signed_record("before"));
    ASSERT_TRUE(first) << first.error().detail;
    ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
    const std::uint64_t size = cluster_.view(leader_).applied_size;

    cluster_.must("kill", {followers_[1], followers_[2]});
    const Names left = {leader_, followers_[0]};
    ASSERT_TRUE(cluster_.await_not_ready(left)) << cluster_.describe();
    std::map<std::string, std::string> statements;  // by the node that was asked
    for (const std::string& node : left) {
        SCOPED_TRACE(node);
        EXPECT_EQ(http_get(cluster_.endpoint(node), "/readyz").status, 503U);
        EXPECT_EQ(http_get(cluster_.endpoint(node), "/healthz").status, 200U);

        // The leader has stepped down: nobody could have put the statement into a log.
        statements[node] = signed_record("during-" + node);
        const auto refused = client(node).submit(statements[node], short_call);
        ASSERT_FALSE(refused) << "acknowledged without a majority, at " << refused->index;
        EXPECT_EQ(refused.error().code, code::unavailable) << refused.error().detail;
        EXPECT_EQ(refused.error().reason, "no_leader");
        EXPECT_TRUE(refused.error().retryable);

        const auto local = client(node).find(source_, "before");
        ASSERT_TRUE(local) << local.error().detail;
        EXPECT_EQ(number(*local, "index"), first->index);

        const auto fresh = client(node).find(source_, "before",
                                             {{"read", "linearizable"}, {"timeout_ms", short_call.count()}});
        ASSERT_FALSE(fresh) << "a linearizable read without a majority";
        EXPECT_EQ(fresh.error().code, code::unavailable) << fresh.error().detail;
        EXPECT_TRUE(fresh.error().retryable);
        EXPECT_EQ(cluster_.view(node).applied_size, size);
    }

    cluster_.must("start", {followers_[1], followers_[2]});
    ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
    for (const auto& [node, statement] : statements) {
        SCOPED_TRACE(node);
        const std::string id = "during-" + node;
        // "Unavailable" promised that it is not in the ledger, and never comes into it by itself.
        const auto absent = client(followers_[2]).find(source_, id, {{"read", "linearizable"}});
        ASSERT_FALSE(absent);
        EXPECT_EQ(absent.error().code, code::not_found) << absent.error().detail;
        const auto taken = client(followers_[1]).submit(statement);
        ASSERT_TRUE(taken) << taken.error().detail;
        EXPECT_FALSE(taken->duplicate);
        const auto again = client(followers_[2]).submit(statement);
        ASSERT_TRUE(again) << again.error().detail;
        EXPECT_TRUE(again->duplicate);
        EXPECT_EQ(again->index, taken->index);
    }
}

// The leader takes a statement while its followers cannot: whether it will stand, nobody knows.
TEST_F(NoQuorum, AStatementThatTheLeaderHadAppendedIsInDoubt) {
    bool seen_in_doubt = false;
    // Whether the leader takes it before it steps down is a race: a handful of tries loses it every time only
    // if the answer is never given.
    for (int attempt = 0; attempt < 5 && !seen_in_doubt; ++attempt) {
        const std::string leader = cluster_.await_leader();
        const Names followers = cluster_.others({leader});
        const std::string id = "doubtful-" + std::to_string(attempt);
        const std::string statement = signed_record(id);
        NodeClient at_leader = client(leader);
        ASSERT_TRUE(at_leader.call("node.status"));  // connected before the pause

        cluster_.must("pause", {followers[0], followers[1]});
        const auto answer = at_leader.submit(statement, 1'500ms);
        ASSERT_FALSE(answer) << "acknowledged without a majority, at " << answer->index;
        EXPECT_TRUE(answer.error().retryable);
        const bool in_doubt = answer.error().code == code::outcome_unknown;
        EXPECT_EQ(answer.error().code, in_doubt ? code::outcome_unknown : code::unavailable)
            << answer.error().detail;
        EXPECT_EQ(answer.error().reason, in_doubt ? "outcome_unknown" : "no_leader");
        seen_in_doubt = in_doubt;

        cluster_.must("resume");
        ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
        const auto found = client(followers[2]).find(source_, id, {{"read", "linearizable"}});
        // Either there or not at all; not there, when the answer was `unavailable`.
        if (!found) {
            EXPECT_EQ(found.error().code, code::not_found) << found.error().detail;
        }
        EXPECT_TRUE(in_doubt || !found);
        const auto settled = client(followers[0]).submit(statement);
        ASSERT_TRUE(settled) << settled.error().detail;
        EXPECT_EQ(settled->duplicate, found.has_value());
        if (found) {
            EXPECT_EQ(settled->index, number(*found, "index"));
        }
        const auto again = client(leader).submit(statement);
        ASSERT_TRUE(again) << again.error().detail;
        EXPECT_TRUE(again->duplicate);
        EXPECT_EQ(again->index, settled->index);

        ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
        const auto content = content_of(read_ledger(cluster_, leader));
        EXPECT_TRUE(content.faults.empty()) << content.faults.front();
        EXPECT_EQ(std::count(content.statements.begin(), content.statements.end(), statement), 1);
    }
    EXPECT_TRUE(seen_in_doubt);
}

// A statement that was forwarded to a leader which then fell silent: within the caller's time the follower
// asks the next leader, and the caller learns where it stands.
TEST_F(NoQuorum, AForwardedStatementOutlivesItsLeader) {
    NodeClient at_follower = client(followers_[0]);
    ASSERT_TRUE(at_follower.call("node.status"));
    cluster_.must("pause", {leader_});
    const std::string statement = signed_record("forwarded");
    // Long enough for the others to elect a leader, which then takes it.
    const auto answer = at_follower.submit(statement, 30s);
    ASSERT_TRUE(answer) << answer.error().reason << ": " << answer.error().detail;
    cluster_.must("resume");
    ASSERT_TRUE(cluster_.await_agreement()) << cluster_.describe();
    for (const std::string& node : cluster_.nodes()) {
        const auto found = client(node).find(source_, "forwarded");
        ASSERT_TRUE(found) << node << ": " << found.error().detail;
        EXPECT_EQ(number(*found, "index"), answer->index) << node;
        EXPECT_EQ(text(*found, "statement"), statement) << node;
    }
}

}  // namespace
}  // namespace socai::cluster_tests
