#include "node/client/endpoint.hpp"

#include <gtest/gtest.h>

namespace socai::node::client {
namespace {

TEST(Endpoint, TakesWhatPeopleWrite) {
    for (const char* text : {"ws://127.0.0.1:7001/rpc", "ws://127.0.0.1:7001", "ws://127.0.0.1:7001/",
                             "http://127.0.0.1:7001", "127.0.0.1:7001"}) {
        const auto endpoint = parse_endpoint(text);
        ASSERT_TRUE(endpoint.has_value()) << text;
        EXPECT_EQ(endpoint->url(), "ws://127.0.0.1:7001/rpc") << text;
    }
    EXPECT_EQ(parse_endpoint("ws://[::1]:7001/other")->url(), "ws://[::1]:7001/other");
    EXPECT_EQ(parse_endpoint("ledger.example.vn:7001")->host, "ledger.example.vn");
}

TEST(Endpoint, NamesWhatIsWrong) {
    for (const char* text :
         {"", "ws://", "ws://127.0.0.1", "ws://:7001", "ws://127.0.0.1:0", "ftp://127.0.0.1:1",
          "ws://127.0.0.1:70000", "ws://u@127.0.0.1:1", "ws://127.0.0.1:1/rpc?x", "a b:1"}) {
        const auto endpoint = parse_endpoint(text);
        ASSERT_TRUE(endpoint.has_error()) << text;
        EXPECT_EQ(endpoint.error().reason, "bad_url") << text;
        EXPECT_EQ(endpoint.error().exit, Exit::usage);
    }
}

TEST(Endpoint, TlsIsWhereTheSchemeSaysSoOrWhomToBelieveIsGiven) {
    for (const char* text : {"wss://127.0.0.1:7001/rpc", "https://127.0.0.1:7001"}) {
        const auto endpoint = parse_endpoint(text);
        ASSERT_TRUE(endpoint) << text;
        EXPECT_EQ(endpoint->url(), "wss://127.0.0.1:7001/rpc");
    }
    const auto trust = Trust::system();
    EXPECT_EQ(parse_endpoint("127.0.0.1:7001", trust)->url(), "wss://127.0.0.1:7001/rpc");
    EXPECT_EQ(parse_endpoint("127.0.0.1:7001", trust)->trust, trust);
    EXPECT_EQ(parse_endpoint("127.0.0.1:7001")->url(), "ws://127.0.0.1:7001/rpc");
    EXPECT_EQ(parse_endpoint("ws://127.0.0.1:7001", trust)->url(), "ws://127.0.0.1:7001/rpc");
}

TEST(Endpoints, ReadsListsAndWantsAtLeastOne) {
    const std::vector<std::string> urls{"a:1,b:2", "c:3"};
    const auto endpoints = parse_endpoints(urls);
    ASSERT_TRUE(endpoints.has_value());
    ASSERT_EQ(endpoints->size(), 3u);
    EXPECT_EQ((*endpoints)[2].host, "c");
    EXPECT_EQ(parse_endpoints({}).error().reason, "no_target");
    const std::vector<std::string> empty{","};
    EXPECT_EQ(parse_endpoints(empty).error().reason, "no_target");
}

}  // namespace
}  // namespace socai::node::client
