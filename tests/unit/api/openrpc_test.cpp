#include "api/openrpc.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <set>

#include "api/openrpc_schemas.hpp"
#include "server_test.hpp"

namespace json = boost::json;

namespace socai::api::testing {
namespace {

// Every "$ref" below `value`.
void collect_references(const json::value& value, std::set<std::string>& references) {
    if (const auto* object = value.if_object()) {
        for (const auto& member : *object) {
            if (member.key() == "$ref") references.emplace(member.value().as_string());
            collect_references(member.value(), references);
        }
    } else if (const auto* array = value.if_array()) {
        for (const json::value& element : *array) collect_references(element, references);
    }
}

TEST(OpenRpc, ListsExactlyTheTable) {
    const MethodTable table{Limits{}};
    const json::value document = json::parse(openrpc_document(table, "9.9.9"));
    EXPECT_EQ(document.at("openrpc"), "1.2.6");
    EXPECT_EQ(document.at("info").at("version"), "9.9.9");
    std::vector<std::string> listed;
    for (const json::value& method : document.at("methods").as_array()) {
        listed.emplace_back(method.at("name").as_string());
    }
    std::vector<std::string> dispatched;
    for (const Method& method : table.all()) dispatched.emplace_back(method.name);
    EXPECT_EQ(listed, dispatched);
    EXPECT_EQ(listed.size(), 34U);
}

TEST(OpenRpc, HoldsWhatItRefersTo) {
    const json::value document = json::parse(openrpc_document(MethodTable{Limits{}}, "1"));
    std::set<std::string> references;
    collect_references(document, references);
    EXPECT_GT(references.size(), 20U);
    for (const std::string& reference : references) {
        ASSERT_TRUE(reference.starts_with("#/"));
        boost::system::error_code error;
        EXPECT_NE(document.find_pointer(reference.substr(1), error), nullptr) << reference;
    }
}

TEST(OpenRpc, DescribesParameters) {
    const json::value document = json::parse(openrpc_document(MethodTable{Limits{}}, "1"));
    for (const json::value& method : document.at("methods").as_array()) {
        EXPECT_EQ(method.at("paramStructure"), "by-name");
        EXPECT_FALSE(method.at("summary").as_string().empty());
        if (method.at("name") != "ledger.query") continue;
        std::set<std::string> names;
        for (const json::value& parameter : method.at("params").as_array()) {
            names.emplace(parameter.at("name").as_string());
            EXPECT_TRUE(parameter.at("schema").is_object());
        }
        EXPECT_EQ(names, (std::set<std::string>{"type", "source", "subject", "dossier_no", "declaration_no",
                                                "hs_prefix", "tax_code", "goods_key", "from_time", "to_time",
                                                "from_index", "order", "limit", "cursor", "audience", "read",
                                                "min_size", "timeout_ms"}));
    }
}

class OpenRpcTest : public ServerTest {};

TEST_F(OpenRpcTest, ListsWhatTheServerKnows) {
    start();
    const json::value document = json::parse(HttpClient(port()).get("/openrpc.json").body());
    RpcClient client(port());
    for (const json::value& method : document.at("methods").as_array()) {
        const std::string name(method.at("name").as_string());
        const json::object answer = client.call(name, {{"no_such_parameter", 1}});
        const std::string reason(answer.at("error").at("data").at("reason").as_string());
        EXPECT_EQ(reason, "unknown_parameter") << name;
    }
}

}  // namespace
}  // namespace socai::api::testing
