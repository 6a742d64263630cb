#include "node/client/policy_draft.hpp"

#include <algorithm>
#include <set>

#include "node/client/cluster_nodes.hpp"

namespace socai::node::client {

namespace json = boost::json;

namespace {

constexpr const char* outside_group = "outside";  // as consortium_policy() names it

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
    const json::value* text = members.if_contains("policy");
    const auto policy = ledger::parse_policy(text != nullptr && text->is_string() ? std::string(text->get_string()) : "");
    if (!policy) return Error{Exit::unreachable, "bad_answer", "the node's answer to cluster.members holds no policy"};
    const auto nodes = nodes_in(members);
    if (!nodes) return nodes.error();
    PolicyDraft draft;
    std::set<std::string> agencies;
    for (const ClusterNode& each : *nodes) {
        if (each.role != "voter" || !counts(each.node.name)) continue;
        agencies.insert(each.node.agency);
        draft.leaf.nodes.push_back(each.node);
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
