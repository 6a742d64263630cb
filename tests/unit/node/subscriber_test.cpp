#include "node/client/subscriber.hpp"

#include <gtest/gtest.h>

#include "fake_node.hpp"

namespace socai::node::client {
namespace {

namespace json = boost::json;
using test::answer_to;
using test::error_to;
using test::FakeNode;

json::object entry(std::uint64_t index) {
    return {
        {"jsonrpc", "2.0"}, {"method", "ledger.entry"}, {"params", {{"subscription", 1}, {"index", index}}}};
}

// Follows until `count` entries came; their indices.
std::vector<std::uint64_t> follow(SubscribeOptions options, std::size_t count) {
    std::vector<std::uint64_t> indices;
    Subscriber subscriber(
        std::move(options),
        [&](const json::object& params) {
            indices.push_back(params.at("index").to_number<std::uint64_t>());
            return indices.size() < count;
        },
        [](const RpcError&) {});
    EXPECT_TRUE(subscriber.run().has_value());
    return indices;
}

TEST(Subscriber, AsksForWhatMatchesFromTheLeafGiven) {
    json::object asked;
    FakeNode node([&](FakeNode::Session& session, const json::object& request) {
        asked = request;
        session.send(answer_to(request, {{"subscription", 1}, {"from_index", 5}}));
        session.send(entry(6));
    });
    EXPECT_EQ(follow({.endpoints = {node.endpoint()}, .from_index = 5, .filter = {{"source", "moit"}}}, 1),
              (std::vector<std::uint64_t>{6}));
    EXPECT_EQ(asked.at("method"), "ledger.subscribe");
    EXPECT_EQ(asked.at("params"), (json::value{{"from_index", 5}, {"filter", {{"source", "moit"}}}}));
}

TEST(Subscriber, MissesNothingAndRepeatsNothingAcrossNodes) {
    std::vector<std::int64_t> asked_from;
    FakeNode first([&](FakeNode::Session& session, const json::object& request) {
        session.send(answer_to(request, {{"subscription", 1}, {"from_index", 0}}));
        for (std::uint64_t index = 0; index < 3; ++index) session.send(entry(index));
        session.send(json::object{{"jsonrpc", "2.0"}, {"method", "cut"}, {"params", json::object{}}});
        session.send_text("no JSON: ends the connection once everything before it was read");
    });
    FakeNode second([&](FakeNode::Session& session, const json::object& request) {
        asked_from.push_back(request.at("params").at("from_index").as_int64());
        session.send(answer_to(request, {{"subscription", 9}, {"from_index", 3}}));
        for (std::uint64_t index = 2; index < 6; ++index) session.send(entry(index));
    });
    EXPECT_EQ(follow({.endpoints = {first.endpoint(), second.endpoint()}, .from_index = 0}, 6),
              (std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5}));
    EXPECT_EQ(asked_from, (std::vector<std::int64_t>{3}));
}

// "From now on" is settled by the first node: what is appended while the client moves on is not missed.
TEST(Subscriber, RemembersWhereNowWas) {
    std::vector<json::value> asked;
    FakeNode node([&](FakeNode::Session& session, const json::object& request) {
        asked.push_back(request.at("params"));
        session.send(answer_to(request, {{"subscription", 1}, {"from_index", 7}}));
        if (asked.size() == 1) return session.send_text("no JSON");
        session.send(entry(7));
    });
    EXPECT_EQ(follow({.endpoints = {node.endpoint()}}, 1), (std::vector<std::uint64_t>{7}));
    ASSERT_EQ(asked.size(), 2u);
    EXPECT_EQ(asked[0], json::value(json::object{}));
    EXPECT_EQ(asked[1], (json::value{{"from_index", 7}}));
}

TEST(Subscriber, EndsWithTheNodesRefusal) {
    FakeNode node([](FakeNode::Session& session, const json::object& request) {
        session.send(error_to(request, -32602, "invalid_params", false));
    });
    Subscriber subscriber(
        {.endpoints = {node.endpoint()}}, [](const auto&) { return true; }, [](const auto&) {});
    EXPECT_EQ(subscriber.run().error().reason, "invalid_params");
}

TEST(Subscriber, GivesUpWhenNobodyCanBeReached) {
    const auto dead = FakeNode([](auto&, const auto&) {}).endpoint();
    Subscriber subscriber(
        {.endpoints = {dead}, .retry_for = std::chrono::milliseconds(0)}, [](const auto&) { return true; },
        [](const auto&) {});
    EXPECT_EQ(subscriber.run().error().reason, "cannot_connect");
}

}  // namespace
}  // namespace socai::node::client
