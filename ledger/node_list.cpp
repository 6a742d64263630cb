#include "ledger/node_list.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <set>
#include <utility>

#include "ledger/ijson.hpp"
#include "ledger/json_members.hpp"
#include "ledger/jwk.hpp"
#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr std::string_view member_role = "member";

std::string who(const GenesisNode& node) {
    return "node " + quote(node.name);
}

}  // namespace

json::array nodes_json(const std::vector<GenesisNode>& nodes) {
    json::array list;
    for (const GenesisNode& node : nodes) {
        json::object item;
        item["name"] = node.name;
        item["agency"] = node.agency;
        item["raft_id"] = node.raft_id;
        item["log_key"] = key_text(node.log_key);
        item["cosigner_key"] = key_text(node.cosigner_key);
        item["node_key"] = key_text(node.node_key);
        item["tls_key"] = key_text(node.tls_key);
        list.push_back(std::move(item));
    }
    return list;
}

Result<GenesisNode> read_node(const json::value& value, const std::string& reason, std::string place) {
    JsonMembers members(value, reason, std::move(place),
                        {"name", "agency", "raft_id", "log_key", "cosigner_key", "node_key", "tls_key"});
    GenesisNode node;
    node.name = members.text("name");
    node.agency = members.text("agency");
    node.raft_id = static_cast<std::uint64_t>(members.number("raft_id", max_json_integer));
    node.log_key = members.key("log_key");
    node.cosigner_key = members.key("cosigner_key");
    node.node_key = members.key("node_key");
    node.tls_key = members.key("tls_key");
    if (members.fault()) return *members.fault();
    return node;
}

Result<void> check_node_list(const std::vector<GenesisNode>& nodes, const std::string& reason) {
    if (nodes.empty() || nodes.size() > max_genesis_nodes) {
        return invalid(reason, "it must name 1 to " + std::to_string(max_genesis_nodes) + " nodes");
    }
    std::set<std::string_view> names;
    std::set<PublicKey> keys;
    std::uint64_t last_id = 0;
    for (const GenesisNode& node : nodes) {
        if (!is_agency_code(node.name)) {
            return invalid(reason, who(node) + ": a name is spelt like an agency code");
        }
        if (!names.insert(node.name).second) return invalid(reason, who(node) + " is named twice");
        if (!is_agency_code(node.agency)) {
            return invalid(reason, who(node) + ": " + quote(node.agency) + " is no agency code");
        }
        if (node.raft_id <= last_id) {
            return invalid(reason,
                           who(node) + ": raft_id must be larger than that of the node before, 1 or more");
        }
        last_id = node.raft_id;
        for (const PublicKey& key : {node.log_key, node.cosigner_key, node.node_key, node.tls_key}) {
            if (!is_registrable(key)) {
                return invalid(reason, who(node) + ": a key is not a valid Ed25519 point");
            }
            if (!keys.insert(key).second) return invalid(reason, who(node) + ": a key is used twice");
        }
    }
    return {};
}

Result<void> check_nodes_against(const Registry& registry, const std::vector<GenesisNode>& nodes,
                                 const std::string& reason) {
    std::set<PublicKey> keys;
    for (const auto& [kid, key] : registry.keys()) keys.insert(key.key);
    for (const GenesisNode& node : nodes) {
        const Agency* agency = registry.agency(node.agency);
        if (agency == nullptr || !agency->has_role(member_role)) {
            return invalid(reason, who(node) + ": agency " + quote(node.agency) + " is not a member");
        }
        for (const PublicKey& key : {node.log_key, node.cosigner_key, node.node_key, node.tls_key}) {
            if (keys.contains(key)) return invalid(reason, who(node) + ": a key is a record key too");
        }
    }
    return {};
}

Hash node_digest(const GenesisNode& node) {
    return sha256(json::serialize(nodes_json({node})));
}

Result<void> check_policy_logs(const Policy& policy, const std::vector<GenesisNode>& nodes,
                               std::string_view origin, const std::string& reason) {
    std::set<PublicKey> listed;
    for (const PolicyLog& log : policy.logs) {
        if (log.key.name != origin) {
            return invalid(reason,
                           "policy: the log " + quote(log.key.name) + " does not bear the origin's name");
        }
        listed.insert(log.key.key);
    }
    for (const GenesisNode& node : nodes) {
        if (listed.erase(node.log_key) == 0) {
            return invalid(reason, "policy: no log line for the log key of node " + quote(node.name));
        }
    }
    if (!listed.empty()) return invalid(reason, "policy: a log line is of no node");
    return {};
}

}  // namespace socai::ledger
