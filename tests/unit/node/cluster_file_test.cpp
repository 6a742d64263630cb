#include "node/cluster/cluster_file.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace socai::node::cluster {
namespace {

ClusterFile example() {
    return {"ledger.example.vn/ktcn",
            "/d/policy",
            std::nullopt,
            {{"customs", "customs-1", 4711, "ws://127.0.0.1:11000/rpc", "127.0.0.1:11004",
              "/d/nodes/customs-1/data", "/d/nodes/customs-1/log"},
             {"most", "most-1", std::nullopt, "ws://127.0.0.1:11001/rpc", "127.0.0.1:11005",
              "/d/nodes/mo\"st-1/data", "/d/nodes/most-1/log"}},
            {{"customs/record-1", "/d/keys/customs/record-1.jwk"},
             {"most/record-1", "/d/keys/most/record-1.jwk"}}};
}

TEST(ClusterFileTest, RoundTrip) {
    ClusterFile file = example();
    EXPECT_EQ(parse_cluster_file(cluster_file_text(file), "f").value(), file);
    file.ca = "/d/ca.pem";
    EXPECT_EQ(parse_cluster_file(cluster_file_text(file), "f").value(), file);
    file.nodes.clear();
    file.keys.clear();
    EXPECT_EQ(parse_cluster_file(cluster_file_text(file), "f").value(), file);
}

TEST(ClusterFileTest, HasExactlyTheMembersOfTheContract) {
    const boost::json::value expected = boost::json::parse(R"({
        "origin": "ledger.example.vn/ktcn", "policy": "/d/policy",
        "nodes": [
            {"agency": "customs", "node": "customs-1", "pid": 4711, "api": "ws://127.0.0.1:11000/rpc",
             "peer": "127.0.0.1:11004", "data": "/d/nodes/customs-1/data", "log": "/d/nodes/customs-1/log"},
            {"agency": "most", "node": "most-1", "pid": null, "api": "ws://127.0.0.1:11001/rpc",
             "peer": "127.0.0.1:11005", "data": "/d/nodes/mo\"st-1/data", "log": "/d/nodes/most-1/log"}],
        "keys": {"customs/record-1": "/d/keys/customs/record-1.jwk", "most/record-1": "/d/keys/most/record-1.jwk"}})");
    EXPECT_EQ(boost::json::parse(cluster_file_text(example())), expected);
}

TEST(ClusterFileTest, OtherThingsAreRefused) {
    const std::string whole = cluster_file_text(example());
    for (const std::string& text :
         {std::string(), std::string("[]"), std::string("{}"), whole.substr(0, whole.size() / 2),
          std::string(R"({"origin":"o","policy":"p","nodes":[{}],"keys":{}})"),
          std::string(R"({"origin":"o","policy":"p","nodes":[],"keys":{"k":1}})"),
          std::string(R"({"origin":"o","policy":"p","ca":1,"nodes":[],"keys":{}})")}) {
        const Result<ClusterFile> file = parse_cluster_file(text, "D/cluster.json");
        ASSERT_FALSE(file) << text;
        EXPECT_EQ(file.error().reason, "bad_cluster_file");
        EXPECT_NE(file.error().detail.find("D/cluster.json"), std::string::npos);
    }
}

}  // namespace
}  // namespace socai::node::cluster
