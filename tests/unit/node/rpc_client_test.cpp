#include "node/client/rpc_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "fake_node.hpp"
#include "ledger/ijson.hpp"

namespace socai::node::client {
namespace {

namespace json = boost::json;
using test::answer_to;
using test::error_to;
using test::FakeNode;

// A port that nobody listens on: it was a node's until now.
Endpoint dead_endpoint() {
    return FakeNode([](auto&, const auto&) {}).endpoint();
}

TEST(RpcClient, AnswersWithTheResult) {
    FakeNode node([](FakeNode::Session& session, const json::object& request) {
        session.send(
            answer_to(request, {{"method", request.at("method")}, {"params", request.at("params")}}));
    });
    RpcClient client({node.endpoint()});
    const auto answer = client.call("ledger.get", {{"index", 12}});
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(*answer, (json::value{{"method", "ledger.get"}, {"params", {{"index", 12}}}}));
}

TEST(RpcClient, TakesTheDeepestRecordThatTheLedgerAdmits) {
    // The record's own object and `data` are the two outermost of its levels.
    const std::size_t levels = ledger::max_json_depth - 2;
    const std::string deepest =
        R"({"data":{"deep":)" + std::string(levels, '[') + std::string(levels, ']') + "}}";
    const auto record = ledger::parse_ijson(deepest);
    ASSERT_TRUE(record.has_value());
    ASSERT_TRUE(ledger::parse_ijson("[" + deepest + "]").has_error());
    FakeNode node([&record](FakeNode::Session& session, const json::object& request) {
        session.send(answer_to(request, {{"items", json::array{json::object{{"record", *record}}}}}));
    });
    RpcClient client({node.endpoint()});
    const auto answer = client.call("ledger.query", {});
    ASSERT_TRUE(answer.has_value()) << answer.error().detail;
    EXPECT_EQ(answer->at("items").at(0).at("record"), *record);
}

TEST(RpcClient, GivesTheNodesErrorWithItsReason) {
    FakeNode node([](FakeNode::Session& session, const json::object& request) {
        session.send(error_to(request, -32007, "not_found", false));
    });
    RpcClient client({node.endpoint()});
    const auto answer = client.call("ledger.get", {});
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, -32007);
    EXPECT_EQ(answer.error().reason, "not_found");
    EXPECT_EQ(to_error(answer.error()).exit, Exit::no);
}

TEST(RpcClient, MatchesAnswersToCallsByIdWhateverTheirOrder) {
    std::vector<json::object> kept;
    FakeNode node([&kept](FakeNode::Session& session, const json::object& request) {
        kept.push_back(request);
        if (kept.size() < 3) return;
        for (auto last = kept.rbegin(); last != kept.rend(); ++last)
            session.send(answer_to(*last, last->at("params")));
    });
    RpcClient client({node.endpoint()});
    const std::vector<Request> requests{{"a", {{"n", 0}}}, {"a", {{"n", 1}}}, {"a", {{"n", 2}}}};
    const auto answers = client.call_all(requests);
    ASSERT_EQ(answers.size(), 3u);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(answers[static_cast<std::size_t>(i)]->at("n").as_int64(), i);
}

TEST(RpcClient, GoesToTheNextNodeWhenOneCannotBeReached) {
    FakeNode node([](FakeNode::Session& session, const json::object& request) {
        session.send(answer_to(request, "here"));
    });
    RpcClient client({dead_endpoint(), node.endpoint()});
    EXPECT_EQ(client.call("node.status", {}).value(), "here");
    EXPECT_EQ(client.endpoint().port, node.endpoint().port);
}

TEST(RpcClient, GoesToTheNextNodeWhenOneDiesBeforeItsAnswer) {
    FakeNode dying([](FakeNode::Session& session, const json::object&) { session.drop(); });
    FakeNode node([](FakeNode::Session& session, const json::object& request) {
        session.send(answer_to(request, "here"));
    });
    RpcClient client({dying.endpoint(), node.endpoint()});
    EXPECT_EQ(client.call("node.status", {}).value(), "here");
}

TEST(RpcClient, GoesToTheNextNodeWhenOneIsUnavailable) {
    FakeNode cut_off([](FakeNode::Session& session, const json::object& request) {
        session.send(error_to(request, -32006, "no_quorum", true));
    });
    FakeNode node([](FakeNode::Session& session, const json::object& request) {
        session.send(answer_to(request, "here"));
    });
    RpcClient client({cut_off.endpoint(), node.endpoint()});
    EXPECT_EQ(client.call("ledger.get", {}).value(), "here");
}

TEST(RpcClient, DoesNotAskAnotherNodeWhenTheAnswerIsNo) {
    std::atomic<int> asked = 0;
    const auto handler = [&asked](FakeNode::Session& session, const json::object& request) {
        ++asked;
        session.send(error_to(request, -32007, "not_found", false));
    };
    FakeNode first(handler), second(handler);
    RpcClient client({first.endpoint(), second.endpoint()});
    EXPECT_EQ(client.call("ledger.get", {}).error().reason, "not_found");
    EXPECT_EQ(asked, 1);
}

TEST(RpcClient, SaysWhenNobodyCanBeReached) {
    RpcClient client({dead_endpoint()});
    const auto answer = client.call("node.status", {});
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().reason, "cannot_connect");
    EXPECT_EQ(to_error(answer.error()).exit, Exit::unreachable);
}

TEST(RpcClient, DoesNotWaitForEverForAnAnswer) {
    FakeNode silent([](FakeNode::Session&, const json::object&) {});
    RpcClient client({silent.endpoint()}, {.answer = std::chrono::milliseconds(100)});
    EXPECT_EQ(client.call("node.status", {}).error().reason, "no_answer");
}

TEST(RpcClient, DoesNotWaitForEverForAHandshake) {
    boost::asio::io_context io;
    using tcp = boost::asio::ip::tcp;
    // Takes connections into its backlog and never says a word, as a paused process does.
    tcp::acceptor paused(io, {boost::asio::ip::address_v4::loopback(), 0});
    RpcClient client({{.host = "127.0.0.1", .port = std::to_string(paused.local_endpoint().port())}},
                     {.connect = std::chrono::milliseconds(100)});
    EXPECT_EQ(client.call("node.status", {}).error().reason, "cannot_connect");
}

TEST(RpcClient, RefusesAnswersThatAreNotJsonRpc) {
    for (const char* text : {"hello", "[]", "{}", R"({"jsonrpc":"2.0","id":"x","result":1})",
                             R"({"jsonrpc":"2.0","method":"ledger.entry"})"}) {
        FakeNode node([text](FakeNode::Session& session, const json::object&) { session.send_text(text); });
        RpcClient client({node.endpoint()});
        EXPECT_EQ(client.call("node.status", {}).error().reason, "bad_answer") << text;
    }
}

TEST(RpcClient, ConnectsAnewAfterALostConnection) {
    int calls = 0;
    FakeNode node([&calls](FakeNode::Session& session, const json::object& request) {
        if (++calls == 2) return session.drop();
        session.send(answer_to(request, calls));
    });
    RpcClient client({node.endpoint()});
    EXPECT_EQ(client.call("a", {}).value(), 1);
    EXPECT_EQ(client.call("a", {}).error().reason, "connection_lost");
    EXPECT_EQ(client.call("a", {}).value(), 3);
}

TEST(ToError, GivesTheExitStatusOfTheContract) {
    const auto exit_of = [](int code) { return to_error({code, "r", "d", false}).exit; };
    EXPECT_EQ(exit_of(0), Exit::unreachable);
    for (const int code : {-32004, -32005, -32006}) EXPECT_EQ(exit_of(code), Exit::unreachable) << code;
    for (const int code : {-32001, -32002, -32003, -32007, -32008, -32009})
        EXPECT_EQ(exit_of(code), Exit::no);
    for (const int code : {-32600, -32601, -32602, -32700}) EXPECT_EQ(exit_of(code), Exit::usage) << code;
}

TEST(ParseRpcError, ToleratesAnErrorWithoutData) {
    const auto error = parse_rpc_error({{"code", -32601}, {"message", "Method not found"}});
    EXPECT_EQ(error.code, -32601);
    EXPECT_EQ(error.detail, "Method not found");
    EXPECT_FALSE(error.retryable);
    EXPECT_EQ(parse_rpc_error({}).reason, "bad_answer");
}

}  // namespace
}  // namespace socai::node::client
