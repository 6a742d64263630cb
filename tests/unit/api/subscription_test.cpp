#include "api/subscription.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <deque>
#include <map>

#include "server_test.hpp"

namespace json = boost::json;

namespace socai::api::testing {
namespace {

// The state machine alone.

TEST(Subscription, GoesOnWhereThereWasNoRoom) {
    FakeBackend backend;
    for (int i = 0; i < 50; ++i) backend.append({record_text("r" + std::to_string(i))});
    Subscription subscription(1, 3, {});
    std::vector<std::int64_t> seen;
    for (;;) {
        const auto progress =
            subscription.advance(backend, inspection::Viewer::all(), [&](const std::string& message) {
                seen.push_back(json::parse(message).at("params").at("index").as_int64());
                return seen.size() % 7 != 0;
            });
        ASSERT_TRUE(progress);
        if (*progress == Subscription::Progress::caught_up) break;
    }
    ASSERT_EQ(seen.size(), 47U);
    for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], static_cast<std::int64_t>(i) + 3);
    EXPECT_EQ(subscription.next_index(), 50U);
}

TEST(Subscription, StopsAtALeafThatCannotBeRead) {
    class Damaged : public FakeBackend {
      public:
        Result<std::vector<std::string>> entries(std::uint64_t, std::size_t) const override {
            return std::vector<std::string>{"1000 not-a-statement"};
        }
    } backend;
    Subscription subscription(1, 0, {});
    const auto progress =
        subscription.advance(backend, inspection::Viewer::all(), [](const std::string&) { return true; });
    ASSERT_FALSE(progress);
    EXPECT_EQ(subscription.next_index(), 0U);
}

// Over a server.

class SubscribeTest : public ServerTest {
  protected:
    void expect_leaves(RpcClient& client, std::int64_t from, std::int64_t to) {
        for (std::int64_t index = from; index < to; ++index) {
            ASSERT_EQ(client.notification().at("index"), index);
        }
    }
    void append(int count) {
        for (int i = 0; i < count; ++i) backend.append({record_text("r" + std::to_string(next_++))});
    }
    int next_ = 0;
};

TEST_F(SubscribeTest, ReplaysAndThenFollows) {
    append(100);
    start();
    RpcClient client(port());
    const json::value answer = client.result("ledger.subscribe", {{"from_index", 90}});
    EXPECT_EQ(answer.at("from_index"), 90);
    const json::object first = client.notification();
    EXPECT_EQ(first.at("subscription"), answer.at("subscription"));
    EXPECT_EQ(first.at("index"), 90);
    EXPECT_EQ(first.at("time"), 1'090);
    EXPECT_EQ(first.at("statement").as_string(), backend.leaf(90)->statement);
    EXPECT_EQ(first.at("records").at(0).at("n"), 0);
    EXPECT_EQ(first.at("records").at(0).at("record").at("id"), "r90");
    EXPECT_EQ(first.size(), 5U);
    expect_leaves(client, 91, 100);
    append(10);
    expect_leaves(client, 100, 110);
}

TEST_F(SubscribeTest, BeginsWithTheNextLeafByDefault) {
    append(5);
    start();
    RpcClient client(port());
    EXPECT_EQ(client.result("ledger.subscribe").at("from_index"), 5);
    append(1);
    expect_leaves(client, 5, 6);
}

TEST_F(SubscribeTest, MayBeginInTheFuture) {
    append(1);
    start();
    RpcClient client(port());
    client.result("ledger.subscribe", {{"from_index", 4}});
    append(5);
    expect_leaves(client, 4, 6);
}

TEST_F(SubscribeTest, AnnouncesASubscriptionBeforeItsFirstLeaf) {
    append(3);
    start();
    RpcClient client(port());
    client.send(R"([{"jsonrpc":"2.0","method":"ledger.subscribe","params":{"from_index":0},"id":1},
                    {"jsonrpc":"2.0","method":"ledger.get","params":{"index":0,"read":"linearizable"},"id":2}])");
    EXPECT_TRUE(client.receive_json().is_array());
    expect_leaves(client, 0, 3);
}

TEST_F(SubscribeTest, FiltersLeavesAndRecords) {
    backend.append({record_text("a", "D-1")});
    backend.append({record_text("b", "D-2"), record_text("c", "D-1"), record_text("d", "D-2")});
    backend.append({record_text("e", "D-3")});
    backend.append({record_text("f", "D-2")});
    start();
    RpcClient client(port());
    client.result("ledger.subscribe", {{"from_index", 0}, {"filter", {{"dossier_no", "D-2"}}}});
    const json::object bundle = client.notification();
    EXPECT_EQ(bundle.at("index"), 1);
    ASSERT_EQ(bundle.at("records").as_array().size(), 2U);
    EXPECT_EQ(bundle.at("records").at(0).at("n"), 0);
    EXPECT_EQ(bundle.at("records").at(1).at("n"), 2);
    EXPECT_EQ(client.notification().at("index"), 3);
}

TEST_F(SubscribeTest, PacesASlowReaderAndLosesNothing) {
    options.limits.max_send_queue_bytes = 256 * 1024;
    // Over 30 MB of notifications: more than the queue and the sockets' buffers hold together.
    constexpr int history = 200;
    constexpr int leaves = 500;
    const auto append_large = [&](int from, int to) {
        for (int i = from; i < to; ++i) {
            backend.append({record_text("r" + std::to_string(i), "D-1", "customs", 30'000)});
        }
    };
    append_large(0, history);
    start();
    RpcClient client(port());
    client.result("ledger.subscribe", {{"from_index", 0}});
    append_large(history, leaves);
    // The client has read nothing yet; the server holds back what it cannot send, and serves others.
    EXPECT_EQ(RpcClient(port()).result("node.status").at("role"), "leader");
    const std::string metrics = HttpClient(port()).get("/metrics").body();
    const std::string name = "\nsocai_api_notifications_total ";
    ASSERT_NE(metrics.find(name), std::string::npos);
    EXPECT_LT(std::stod(metrics.substr(metrics.find(name) + name.size())), leaves);
    expect_leaves(client, 0, leaves);
}

TEST_F(SubscribeTest, SendsEachLeafOnceWhileOthersAppend) {
    start();
    constexpr int each = 300;
    std::deque<RpcClient> clients;
    for (int i = 0; i < 3; ++i) clients.emplace_back(port());
    std::thread appender([&] { append(each); });
    for (RpcClient& client : clients) client.result("ledger.subscribe", {{"from_index", 0}});
    for (RpcClient& client : clients) expect_leaves(client, 0, each);
    appender.join();
}

TEST_F(SubscribeTest, TakesTurnsBetweenSubscriptionsOfAConnection) {
    options.limits.max_send_queue_bytes = 32 * 1024;
    append(500);
    start();
    RpcClient client(port());
    const std::int64_t one =
        client.result("ledger.subscribe", {{"from_index", 0}}).at("subscription").as_int64();
    const std::int64_t two =
        client.result("ledger.subscribe", {{"from_index", 0}}).at("subscription").as_int64();
    EXPECT_NE(one, two);
    std::map<std::int64_t, std::int64_t> next;
    for (int i = 0; i < 1'000; ++i) {
        const json::object params = client.notification();
        EXPECT_EQ(params.at("index"), next[params.at("subscription").as_int64()]++);
    }
    EXPECT_EQ(next[one], 500);
    EXPECT_EQ(next[two], 500);
}

TEST_F(SubscribeTest, SendsNothingAfterUnsubscribe) {
    start();
    RpcClient client(port());
    const json::value id = client.result("ledger.subscribe").at("subscription");
    append(1);
    expect_leaves(client, 0, 1);
    EXPECT_EQ(client.result("ledger.unsubscribe", {{"subscription", id}}).at("subscription"), id);
    append(1);
    client.result("node.status");
    client.send(R"({"jsonrpc":"2.0","method":"node.status","id":"next"})");
    EXPECT_EQ(client.receive_json().at("id"), "next");
    const json::object error = client.error("ledger.unsubscribe", {{"subscription", id}});
    EXPECT_EQ(error.at("code"), -32007);
    EXPECT_EQ(error.at("data").at("reason"), "unknown_subscription");
}

TEST_F(SubscribeTest, BoundsSubscriptions) {
    options.limits.max_subscriptions = 2;
    start();
    RpcClient client(port());
    client.result("ledger.subscribe");
    const json::value id = client.result("ledger.subscribe").at("subscription");
    const json::object error = client.error("ledger.subscribe");
    EXPECT_EQ(error.at("code"), -32005);
    EXPECT_EQ(error.at("data").at("reason"), "too_many_subscriptions");
    client.result("ledger.unsubscribe", {{"subscription", id}});
    client.result("ledger.subscribe");
}

TEST_F(SubscribeTest, RefusesWrongFilters) {
    start();
    RpcClient client(port());
    EXPECT_EQ(client.error("ledger.subscribe", {{"filter", {{"colour", "red"}}}}).at("data").at("reason"),
              "unknown_parameter");
    EXPECT_EQ(client.error("ledger.subscribe", {{"filter", {{"hs_prefix", "x"}}}}).at("data").at("reason"),
              "malformed_value");
    EXPECT_EQ(client.error("ledger.subscribe", {{"from_index", -1}}).at("data").at("reason"), "out_of_range");
}

TEST_F(SubscribeTest, EndsWithItsConnection) {
    start();
    {
        RpcClient client(port());
        client.result("ledger.subscribe");
    }
    HttpClient http(port());
    EXPECT_TRUE(eventually([&] {
        append(1);
        return http.get("/metrics").body().find("socai_api_subscriptions 0") != std::string::npos;
    }));
}

}  // namespace
}  // namespace socai::api::testing
