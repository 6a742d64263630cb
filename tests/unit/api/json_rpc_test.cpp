#include "api/json_rpc.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace json = boost::json;

namespace socai::api {
namespace {

constexpr std::size_t max_batch = 3;

RpcRejected rejected(std::string_view text) {
    const RpcMessage message = parse_message(text, max_batch);
    EXPECT_FALSE(message.batch);
    EXPECT_EQ(message.calls.size(), 1U);
    return std::get<RpcRejected>(message.calls.front());
}

RpcRequest request(std::string_view text) {
    return std::get<RpcRequest>(parse_message(text, max_batch).calls.front());
}

TEST(JsonRpc, ReadsARequest) {
    const RpcRequest call = request(R"({"jsonrpc":"2.0","method":"a.b","params":{"x":1},"id":"7"})");
    EXPECT_EQ(call.method, "a.b");
    EXPECT_EQ(call.params.at("x"), 1);
    EXPECT_EQ(call.id, "7");
    EXPECT_FALSE(call.notification);
}

TEST(JsonRpc, KeepsEveryKindOfId) {
    EXPECT_EQ(request(R"({"jsonrpc":"2.0","method":"m","id":null})").id, nullptr);
    EXPECT_EQ(request(R"({"jsonrpc":"2.0","method":"m","id":-4})").id, -4);
    EXPECT_EQ(request(R"({"jsonrpc":"2.0","method":"m","id":1.5})").id, 1.5);
    EXPECT_FALSE(request(R"({"jsonrpc":"2.0","method":"m","id":null})").notification);
    EXPECT_TRUE(request(R"({"jsonrpc":"2.0","method":"m"})").notification);
}

TEST(JsonRpc, RefusesWhatIsNotJson) {
    for (const char* text : {"", "{", "nonsense", "{\"jsonrpc\":\"2.0\",}", "\"\\ud800\"", "1 2", "\xff"}) {
        const RpcRejected call = rejected(text);
        EXPECT_EQ(call.error.code, Code::parse_error) << text;
        EXPECT_EQ(call.error.reason, "not_json") << text;
        EXPECT_EQ(call.id, nullptr) << text;
    }
}

TEST(JsonRpc, RefusesANameThatStandsTwiceInOneObject) {
    for (const char* text : {
             R"({"jsonrpc":"2.0","method":"a","method":"b","id":1})",
             R"({"jsonrpc":"2.0","method":"a","params":{"x":1,"x":1},"id":1})",
             R"({"jsonrpc":"2.0","method":"a","params":{"x":1,"\u0078":2},"id":1})",
             R"([{"jsonrpc":"2.0","method":"a","params":{"f":{"":0,"":0}},"id":1}])",
         }) {
        const RpcRejected call = rejected(text);
        EXPECT_EQ(call.error.code, Code::parse_error) << text;
        EXPECT_EQ(call.error.reason, "duplicate_name") << text;
        EXPECT_EQ(call.id, nullptr) << text;
    }
    const RpcRequest nested =
        request(R"({"jsonrpc":"2.0","method":"a","params":{"x":{"x":1},"y":{"x":[{"x":2}]}},"id":1})");
    EXPECT_EQ(nested.params.at("x").at("x"), 1) << "the same name in another object";
}

TEST(JsonRpc, LeavesNumbersToTheMethods) {
    const RpcRequest call = request(
        R"({"jsonrpc":"2.0","method":"a","params":{"a":1.5,"b":18446744073709551615,"c":-1,"d":1e300},"id":1})");
    EXPECT_EQ(call.params.at("a"), 1.5);
    EXPECT_EQ(call.params.at("b"), 18'446'744'073'709'551'615U);
    EXPECT_EQ(call.params.at("c"), -1);
    EXPECT_EQ(call.params.at("d"), 1e300);
}

TEST(JsonRpc, RefusesDeepNesting) {
    const std::string text = std::string(10'000, '[') + std::string(10'000, ']');
    EXPECT_EQ(rejected(text).error.code, Code::parse_error);
}

TEST(JsonRpc, RefusesWhatIsNoRequestObject) {
    for (const char* text : {
             "1",
             "\"x\"",
             "null",
             "{}",
             R"({"jsonrpc":"2.0"})",
             R"({"jsonrpc":"2.0","method":1})",
             R"({"method":"m","id":1})",
             R"({"jsonrpc":"1.0","method":"m","id":1})",
             R"({"jsonrpc":2.0,"method":"m","id":1})",
             R"({"jsonrpc":"2.0","method":"m","params":1,"id":1})",
             R"({"jsonrpc":"2.0","method":"m","params":null,"id":1})",
             R"({"jsonrpc":"2.0","method":"m","id":{}})",
             R"({"jsonrpc":"2.0","method":"m","id":true})",
         }) {
        const RpcRejected call = rejected(text);
        EXPECT_EQ(call.error.code, Code::invalid_request) << text;
        EXPECT_EQ(call.error.reason, "invalid_request") << text;
    }
    EXPECT_EQ(rejected(R"({"jsonrpc":"1.0","method":"m","id":9})").id, 9);
    EXPECT_EQ(rejected(R"({"jsonrpc":"2.0","method":"m","id":[9]})").id, nullptr);
}

TEST(JsonRpc, ReadsBatchesWithinTheirBound) {
    const RpcMessage message = parse_message(R"([1,{"jsonrpc":"2.0","method":"m","id":1}])", max_batch);
    EXPECT_TRUE(message.batch);
    ASSERT_EQ(message.calls.size(), 2U);
    EXPECT_TRUE(std::holds_alternative<RpcRejected>(message.calls[0]));
    EXPECT_TRUE(std::holds_alternative<RpcRequest>(message.calls[1]));
    EXPECT_EQ(rejected("[]").error.reason, "empty_batch");
    EXPECT_EQ(rejected("[1,2,3,4]").error.reason, "batch_too_large");
}

TEST(JsonRpc, NotesParametersByPosition) {
    EXPECT_TRUE(request(R"({"jsonrpc":"2.0","method":"m","params":[1],"id":1})").by_position);
}

TEST(JsonRpc, WritesResponses) {
    EXPECT_EQ(response_text(3, json::object{{"a", 1}}), R"({"jsonrpc":"2.0","result":{"a":1},"id":3})");
    const json::value error =
        json::parse(response_text("x", Error{Code::conflict, "known_records", "say why", true}));
    EXPECT_EQ(error, json::parse(R"({"jsonrpc":"2.0","error":{"code":-32003,"message":"conflict",
        "data":{"reason":"known_records","detail":"say why","retryable":true}},"id":"x"})"));
    EXPECT_EQ(notification_text("n", {{"a", 1}}), R"({"jsonrpc":"2.0","method":"n","params":{"a":1}})");
}

RC_GTEST_PROP(JsonRpc, NeverFailsOnAnyBytes, (const std::string& bytes)) {
    RC_ASSERT(!parse_message(bytes, max_batch).calls.empty());
}

}  // namespace
}  // namespace socai::api
