// Bad statements and bad messages, by name, end to end: through the leader and through a follower of one
// running cluster. Each asserts the code, the reason, and that no ledger changed.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <memory>
#include <set>

#include "support/bad_messages.hpp"
#include "support/bad_statements.hpp"
#include "support/clients.hpp"

namespace socai::cluster_tests {
namespace {

namespace json = boost::json;

// (size, root) of every node: one element while all agree.
std::set<std::pair<std::uint64_t, std::string>> heads(const LocalCluster& cluster) {
    std::set<std::pair<std::uint64_t, std::string>> found;
    for (const auto& [name, view] : cluster.views()) found.emplace(view.applied_size, view.root);
    return found;
}

class BadInput : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        cluster_ = std::make_unique<LocalCluster>();
        ASSERT_TRUE(cluster_->await_ready()) << cluster_->describe();
        NodeClient client(cluster_->endpoint(cluster_->await_leader()));
        for (const std::string& statement : standing_statements(*cluster_)) {
            const auto answer = client.submit(statement);
            ASSERT_TRUE(answer) << answer.error().detail;
            ++good_;
        }
    }
    static void TearDownTestSuite() { cluster_.reset(); }

    void SetUp() override {
        ASSERT_TRUE(cluster_ != nullptr);
        ASSERT_TRUE(cluster_->await_agreement()) << cluster_->describe();
        before_ = heads(*cluster_);
    }
    // Nothing reached the ledger: no node's head moved, and the next good record takes the next place, so
    // that nothing was on its way either.
    void TearDown() override {
        EXPECT_EQ(heads(*cluster_), before_);
        const auto answer = NodeClient(cluster_->endpoint(cluster_->nodes().front()))
                                .submit(statement_of(*cluster_, "moit", good_record()));
        ASSERT_TRUE(answer) << answer.error().detail;
        EXPECT_EQ(answer->index, before_.begin()->first);
        EXPECT_FALSE(answer->duplicate);
    }

    static std::string good_record() { return risk_signal("moit", "good-" + std::to_string(good_++)); }

    // The leader and a follower, told apart in messages.
    std::vector<std::pair<std::string, Endpoint>> doors() const {
        const std::string leader = cluster_->await_leader();
        const std::string follower = cluster_->others({leader}).front();
        return {{"leader " + leader, cluster_->endpoint(leader)},
                {"follower " + follower, cluster_->endpoint(follower)}};
    }

    static std::unique_ptr<LocalCluster> cluster_;
    static int good_;
    std::set<std::pair<std::uint64_t, std::string>> before_;
};

std::unique_ptr<LocalCluster> BadInput::cluster_;
int BadInput::good_ = 0;

TEST_F(BadInput, StatementsAreRefusedByName) {
    for (const auto& [door, endpoint] : doors()) {
        NodeClient client(endpoint);
        for (const BadStatement& bad : bad_statements(*cluster_)) {
            SCOPED_TRACE(bad.name + ", through the " + door);
            const auto answer = client.submit(bad.text);
            ASSERT_FALSE(answer) << "accepted at leaf " << answer->index;
            EXPECT_EQ(answer.error().code, bad.code) << answer.error().detail;
            EXPECT_EQ(answer.error().reason, bad.reason) << answer.error().detail;
            EXPECT_GT(answer.error().detail.size(), bad.reason.size());
            EXPECT_EQ(answer.error().retryable, bad.reason == "future_time");
            ASSERT_EQ(heads(*cluster_), before_);
        }
    }
}

// In one call each statement has a result of its own, in the order given.
TEST_F(BadInput, ManyStatementsOfOneCallAreAnsweredOneByOne) {
    const auto bad = bad_statements(*cluster_);
    for (const auto& [door, endpoint] : doors()) {
        SCOPED_TRACE(door);
        json::array statements;
        for (const BadStatement& statement : bad) statements.emplace_back(statement.text);
        const auto answer = NodeClient(endpoint).call("ledger.submit", {{"statements", statements}});
        ASSERT_TRUE(answer) << answer.error().detail;
        const json::array& results = answer->at("results").as_array();
        ASSERT_EQ(results.size(), bad.size());
        for (std::size_t i = 0; i < bad.size(); ++i) {
            const auto outcome = node::client::parse_submit_result(results[i]);
            ASSERT_FALSE(outcome) << bad[i].name;
            EXPECT_EQ(outcome.error().code, bad[i].code) << bad[i].name;
            EXPECT_EQ(outcome.error().reason, bad[i].reason) << bad[i].name;
        }
    }
}

TEST_F(BadInput, MessagesAreAnsweredByName) {
    for (const auto& [door, endpoint] : doors()) {
        RawWebSocket socket(endpoint);  // one for all: none of them costs the connection
        for (const BadMessage& bad : bad_messages()) {
            SCOPED_TRACE(bad.name + ", to the " + door);
            socket.send_text(bad.text);
            const auto message = socket.receive();
            ASSERT_TRUE(message) << "the connection ended";
            const json::object answer = json::parse(*message).as_object();
            ASSERT_TRUE(answer.contains("error")) << *message;
            EXPECT_EQ(answer.at("jsonrpc"), "2.0");
            EXPECT_EQ(answer.at("id"), bad.id);
            const RpcError error = node::client::parse_rpc_error(answer.at("error").as_object());
            EXPECT_EQ(error.code, bad.code) << *message;
            EXPECT_EQ(error.reason, bad.reason) << *message;
            EXPECT_FALSE(error.retryable);
            ASSERT_EQ(heads(*cluster_), before_);
        }
    }
}

TEST_F(BadInput, FramesThatAreNoMessagesCloseTheConnection) {
    for (const auto& [door, endpoint] : doors()) {
        SCOPED_TRACE(door);
        RawWebSocket binary(endpoint);
        binary.send_binary(R"({"jsonrpc":"2.0","id":1,"method":"node.status"})");
        EXPECT_EQ(binary.close_code(), 1003U);

        RawWebSocket too_big(endpoint);
        too_big.send_text(std::string(1024 * 1024 + 1, ' '));
        EXPECT_EQ(too_big.close_code(), 1009U);

        RawWebSocket not_utf8(endpoint);
        not_utf8.send_text("{\"jsonrpc\":\"2.0\",\"id\":\"\xC3\x28\",\"method\":\"node.status\"}");
        EXPECT_EQ(not_utf8.close_code(), 1007U);

        // The largest message that may be: understood, and others are still served.
        RawWebSocket largest(endpoint);
        std::string message = R"({"jsonrpc":"2.0","id":7,"method":"node.status","params":{}})";
        message.append(1024 * 1024 - message.size(), ' ');
        largest.send_text(message);
        const auto answer = largest.receive();
        ASSERT_TRUE(answer);
        EXPECT_TRUE(json::parse(*answer).as_object().contains("result")) << *answer;
    }
}

// A notification has no answer to be refused in; it must not slip past the checks either.
TEST_F(BadInput, NotificationsOfBadStatementsChangeNothing) {
    for (const auto& [door, endpoint] : doors()) {
        RawWebSocket socket(endpoint);
        for (const BadStatement& bad : bad_statements(*cluster_))
            socket.send_text(json::serialize(json::object{
                {"jsonrpc", "2.0"}, {"method", "ledger.submit"}, {"params", {{"statement", bad.text}}}}));
        socket.send_text(R"({"jsonrpc":"2.0","id":1,"method":"node.status"})");
        const auto answer = socket.receive();
        ASSERT_TRUE(answer);
        EXPECT_EQ(json::parse(*answer).at("id"), 1) << door;
    }
}

}  // namespace
}  // namespace socai::cluster_tests
