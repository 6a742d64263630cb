#include "node/client/cluster_nodes.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ledger/base64.hpp"
#include "ledger/verifier_key.hpp"

namespace socai::node::client {

namespace json = boost::json;

namespace {

std::string text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<ledger::GenesisNode> read_node(const json::object& object) {
    ledger::GenesisNode node;
    node.name = text_of(object, "node");
    node.agency = text_of(object, "agency");
    json::error_code error;
    const json::value* raft_id = object.if_contains("raft_id");
    node.raft_id = raft_id == nullptr ? 0 : raft_id->to_number<std::uint64_t>(error);
    const auto log_key = ledger::parse_vkey(text_of(object, "log_key"));
    const auto cosigner_key = ledger::parse_vkey(text_of(object, "cosigner_key"));
    const auto node_key = ledger::base64_decode(text_of(object, "node_key"));
    const auto tls_key = ledger::base64_decode(text_of(object, "tls_key"));
    if (error || node.raft_id == 0 || !log_key || !cosigner_key || !node_key ||
        node_key->size() != node.node_key.size() || !tls_key || tls_key->size() != node.tls_key.size())
        return std::nullopt;
    node.log_key = log_key->key;
    node.cosigner_key = cosigner_key->key;
    std::ranges::copy(*node_key, node.node_key.begin());
    std::ranges::copy(*tls_key, node.tls_key.begin());
    return node;
}

}  // namespace

Result<std::vector<ClusterNode>> nodes_in(const json::object& members) {
    const Error not_understood{Exit::unreachable, "bad_answer", "the node's answer to cluster.members is not understood"};
    const json::value* nodes = members.if_contains("nodes");
    if (nodes == nullptr || !nodes->is_array()) return not_understood;
    std::vector<ClusterNode> found;
    for (const json::value& value : nodes->get_array()) {
        if (!value.is_object()) return not_understood;
        auto node = read_node(value.get_object());
        if (!node) return not_understood;
        found.push_back({*std::move(node), text_of(value.get_object(), "role")});
    }
    return found;
}

}  // namespace socai::node::client
