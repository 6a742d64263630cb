#include "node/client/policy_draft.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <set>
#include <string_view>

#include "ledger/base64.hpp"

namespace socai::node::client {

namespace json = boost::json;

namespace {

constexpr const char* outside_group = "outside";  // as consortium_policy() names it

Error not_understood() {
    return {Exit::unreachable, "bad_answer", "the node's answer to cluster.members is not understood"};
}

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

ledger::Policy policy_for(const std::string& origin, const std::vector<ledger::GenesisNode>& nodes,
                          const ledger::Policy& before, std::optional<std::uint32_t> threshold) {
    const auto group = std::ranges::find(before.groups, outside_group, &ledger::PolicyGroup::name);
    std::vector<ledger::PolicyWitness> needed;
    std::vector<ledger::PolicyWitness> named;
    for (const ledger::PolicyWitness& witness : before.witnesses) {
        // A node's, perhaps of one that has left: `<agency>.<origin>`.
        if (witness.key.name.ends_with("." + origin)) continue;
        const bool is_needed = group != before.groups.end() &&
                               std::ranges::find(group->members, witness.name) != group->members.end();
        (is_needed ? needed : named).push_back(witness);
    }
    ledger::Policy policy = ledger::consortium_policy(origin, nodes, threshold, needed);
    const auto is_taken = [&policy](const std::string& name) {
        return std::ranges::find(policy.witnesses, name, &ledger::PolicyWitness::name) !=
                   policy.witnesses.end() ||
               std::ranges::find(policy.groups, name, &ledger::PolicyGroup::name) != policy.groups.end();
    };
    for (ledger::PolicyWitness& witness : named) {
        while (is_taken(witness.name)) witness.name += "_";
        policy.witnesses.push_back(std::move(witness));
    }
    return policy;
}

Result<PolicyDraft> draft_policy(const json::object& members, const std::string& origin,
                                 const std::function<bool(const std::string& node)>& counts,
                                 std::optional<std::uint32_t> threshold) {
    const auto policy = ledger::parse_policy(text_of(members, "policy"));
    const json::value* nodes = members.if_contains("nodes");
    if (!policy || nodes == nullptr || !nodes->is_array()) return not_understood();
    PolicyDraft draft;
    std::set<std::string> agencies;
    for (const json::value& value : nodes->get_array()) {
        if (!value.is_object() || text_of(value.get_object(), "role") != "voter") continue;
        auto node = read_node(value.get_object());
        if (!node) return not_understood();
        if (!counts(node->name)) continue;
        agencies.insert(node->agency);
        draft.leaf.nodes.push_back(*std::move(node));
    }
    if (draft.leaf.nodes.empty()) return Error{Exit::no, "no_nodes", "no node that votes is left to be counted"};
    if (threshold && (*threshold == 0 || *threshold > agencies.size()))
        return Error{Exit::usage, "wrong_use",
                     "the nodes are of " + std::to_string(agencies.size()) + " agencies: a head cannot need " +
                         std::to_string(*threshold) + " of them"};
    std::ranges::sort(draft.leaf.nodes, {}, &ledger::GenesisNode::raft_id);
    draft.leaf.policy = policy_for(origin, draft.leaf.nodes, *policy, threshold);
    draft.differs = draft.leaf.policy != *policy;
    return draft;
}

}  // namespace socai::node::client
