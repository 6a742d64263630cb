#include "api/websocket_session.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "server_test.hpp"

namespace json = boost::json;

namespace socai::api::testing {
namespace {

class WebSocketSessionTest : public ServerTest {
  protected:
    void start_with_leaf() {
        backend.append({record_text("a")});
        start();
    }
    json::value exchange(RpcClient& client, std::string_view text) {
        client.send(text);
        return client.receive_json();
    }
};

TEST_F(WebSocketSessionTest, AnswersWhatIsNoRequestAndGoesOn) {
    start_with_leaf();
    RpcClient client(port());
    json::value answer = exchange(client, "not json");
    EXPECT_EQ(answer.at("error").at("code"), -32700);
    EXPECT_EQ(answer.at("error").at("data").at("reason"), "not_json");
    EXPECT_EQ(answer.at("id"), nullptr);
    EXPECT_EQ(answer.at("jsonrpc"), "2.0");
    answer = exchange(client, R"({"jsonrpc":"1.0","method":"node.status","id":5})");
    EXPECT_EQ(answer.at("error").at("code"), -32600);
    EXPECT_EQ(answer.at("id"), 5);
    answer = exchange(client, "[]");
    EXPECT_EQ(answer.at("error").at("data").at("reason"), "empty_batch");
    EXPECT_EQ(client.result("node.status").at("role"), "leader");
}

TEST_F(WebSocketSessionTest, AnswersABatchTogetherAndInOrder) {
    start_with_leaf();
    RpcClient client(port());
    const json::value answers = exchange(client, R"([
        {"jsonrpc":"2.0","method":"node.status","id":"a"},
        {"jsonrpc":"2.0","method":"node.status"},
        7,
        {"jsonrpc":"2.0","method":"none","id":"b"},
        {"jsonrpc":"2.0","method":"ledger.get","params":{"index":0,"read":"linearizable"},"id":null}])");
    ASSERT_EQ(answers.as_array().size(), 4U);
    EXPECT_EQ(answers.at(0).at("id"), "a");
    EXPECT_TRUE(answers.at(0).as_object().contains("result"));
    EXPECT_EQ(answers.at(1).at("error").at("code"), -32600);
    EXPECT_EQ(answers.at(2).at("error").at("code"), -32601);
    EXPECT_EQ(answers.at(2).at("id"), "b");
    EXPECT_EQ(answers.at(3).at("result").at("index"), 0);
    EXPECT_EQ(answers.at(3).at("id"), nullptr);
}

TEST_F(WebSocketSessionTest, GivesNotificationsNoAnswer) {
    start_with_leaf();
    RpcClient client(port());
    client.send(R"({"jsonrpc":"2.0","method":"node.status"})");
    client.send(R"({"jsonrpc":"2.0","method":"none"})");
    client.send(R"({"jsonrpc":"2.0","method":"ledger.submit","params":{"statement":"noted"}})");
    client.send(R"([{"jsonrpc":"2.0","method":"node.status"},{"jsonrpc":"2.0","method":"none"}])");
    client.send(R"({"jsonrpc":"2.0","method":"node.status","id":"only"})");
    EXPECT_EQ(client.receive_json().at("id"), "only");
    EXPECT_EQ(backend.last_submit().statements, std::vector<std::string>{"noted"});
}

TEST_F(WebSocketSessionTest, RefusesABatchOverItsBound) {
    options.limits.max_batch = 2;
    start();
    RpcClient client(port());
    EXPECT_EQ(exchange(client, "[1,2,3]").at("error").at("data").at("reason"), "batch_too_large");
    EXPECT_EQ(exchange(client, "[1,2]").as_array().size(), 2U);
}

TEST_F(WebSocketSessionTest, ClosesOnABinaryFrame) {
    start();
    RpcClient client(port());
    client.send_binary(R"({"jsonrpc":"2.0","method":"node.status","id":1})");
    EXPECT_EQ(client.closed_with(), 1003U);
}

TEST_F(WebSocketSessionTest, TakesAMessageOfTheLargestSizeAndClosesOnOneMore) {
    start();
    RpcClient client(port());
    const std::string begin = R"({"jsonrpc":"2.0","method":"none","params":{"x":")";
    const std::string end = R"("},"id":1})";
    const std::size_t limit = 1024 * 1024;
    std::string text = begin + std::string(limit - begin.size() - end.size(), 'x') + end;
    ASSERT_EQ(text.size(), limit);
    EXPECT_EQ(exchange(client, text).at("error").at("code"), -32601);
    client.send(text + " ");
    EXPECT_EQ(client.closed_with(), 1009U);
}

TEST_F(WebSocketSessionTest, ClosesOnTextThatIsNotUtf8) {
    start();
    RpcClient client(port());
    client.send("{\"jsonrpc\":\"2.0\",\"method\":\"\xff\",\"id\":1}");
    EXPECT_EQ(client.closed_with(), 1007U);
}

TEST_F(WebSocketSessionTest, AnswersOutOfOrderWhenACallTakesLong) {
    start_with_leaf();
    backend.hold_submissions();
    RpcClient client(port());
    client.send(R"({"jsonrpc":"2.0","method":"ledger.submit","params":{"statement":"s"},"id":"slow"})");
    client.send(R"({"jsonrpc":"2.0","method":"node.status","id":"quick"})");
    EXPECT_EQ(client.receive_json().at("id"), "quick");
    backend.release_submissions();
    EXPECT_EQ(client.receive_json().at("id"), "slow");
}

TEST_F(WebSocketSessionTest, StopsReadingWhileTooManyCallsAreUnderWay) {
    options.limits.max_pending_per_connection = 2;
    start_with_leaf();
    backend.hold_submissions();
    RpcClient client(port());
    for (int id = 1; id <= 3; ++id) {
        client.send(R"({"jsonrpc":"2.0","method":"ledger.submit","params":{"statement":"s"},"id":)" +
                    std::to_string(id) + "}");
    }
    ASSERT_TRUE(eventually([&] { return backend.held() == 2; }));
    // A second connection proves that the server had time to read the third message, had it wanted to.
    RpcClient other(port());
    for (int i = 0; i < 100; ++i) other.result("node.status");
    EXPECT_EQ(backend.held(), 2U);
    backend.release_submissions();
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(client.receive_json().as_object().contains("result"));
}

TEST_F(WebSocketSessionTest, DropsAnswersThatComeAfterTheConnectionDied) {
    start_with_leaf();
    backend.hold_submissions();
    {
        RpcClient client(port());
        client.send(R"({"jsonrpc":"2.0","method":"ledger.submit","params":{"statement":"s"},"id":1})");
        ASSERT_TRUE(eventually([&] { return backend.held() == 1; }));
    }
    HttpClient http(port());
    ASSERT_TRUE(eventually([&] {
        return http.get("/metrics").body().find("socai_api_connections{protocol=\"websocket\"} 0") !=
               std::string::npos;
    }));
    backend.release_submissions();
    EXPECT_EQ(RpcClient(port()).result("node.status").at("role"), "leader");
}

TEST_F(WebSocketSessionTest, RefusesAnAnswerThatDoesNotFit) {
    options.limits.max_send_queue_bytes = 4'000;
    for (int i = 0; i < 20; ++i) backend.append({record_text("r" + std::to_string(i))});
    start();
    RpcClient client(port());
    const json::object error = client.error("ledger.query");
    EXPECT_EQ(error.at("code"), -32008);
    EXPECT_EQ(error.at("data").at("reason"), "answer_too_large");
    EXPECT_EQ(client.result("ledger.query", {{"limit", 2}}).at("items").as_array().size(), 2U);

    std::string batch;
    for (int i = 0; i < 20; ++i) {
        batch += batch.empty() ? '[' : ',';
        batch += R"({"jsonrpc":"2.0","method":"ledger.query","params":{"limit":5},"id":1})";
    }
    const json::value answers = exchange(client, batch + "]");
    ASSERT_EQ(answers.as_array().size(), 20U);
    // Long reads take turns in a pool: which of them come too late to fit is not said.
    int fit = 0;
    for (const json::value& answer : answers.as_array()) {
        if (answer.as_object().contains("result"))
            ++fit;
        else
            EXPECT_EQ(answer.at("error").at("data").at("reason"), "answer_too_large");
    }
    EXPECT_GT(fit, 0);
    EXPECT_LT(fit, 20);
}

TEST_F(WebSocketSessionTest, AnswersThousandsOfPipelinedReads) {
    start_with_leaf();
    RpcClient client(port());
    constexpr int calls = 5'000;
    int sent = 0;
    int received = 0;
    while (received < calls) {
        while (sent < calls && sent - received < 500) {
            client.send(R"({"jsonrpc":"2.0","method":"ledger.get","params":{"index":0},"id":)" +
                        std::to_string(sent++) + "}");
        }
        EXPECT_EQ(client.receive_json().at("id"), received++);
    }
}

TEST_F(WebSocketSessionTest, SaysGoingAwayWhenTheServerStops) {
    start();
    RpcClient client(port());
    client.result("node.status");
    EXPECT_EQ(backend.listeners(), 1U);
    server->stop();
    server->stop();
    EXPECT_EQ(client.closed_with(), 1001U);
    EXPECT_EQ(backend.listeners(), 0U);
}

}  // namespace
}  // namespace socai::api::testing
