#include "node/cluster/policy_change.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <chrono>

#include "ledger/base64.hpp"
#include "ledger/policy_leaf.hpp"
#include "ledger/time.hpp"
#include "node/cluster/leader.hpp"
#include "node/files.hpp"
#include "node/key_file.hpp"

namespace socai::node::cluster {

namespace json = boost::json;

namespace {

constexpr const char* outside_group = "outside";  // as consortium_policy() names it

Error not_understood() {
    return {Exit::unreachable, "bad_answer", "the leader's answer is not understood"};
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

struct Change {
    ledger::PolicyLeaf leaf;
    bool needed = false;
};

Result<Change> plan_change(const Supervisor& supervisor, const Surroundings& around) {
    const auto answer = ask_leader(supervisor, "cluster.members", {}, around);
    if (!answer) return answer.error();
    const auto policy = ledger::parse_policy(text_of(*answer, "policy"));
    const json::value* nodes = answer->if_contains("nodes");
    if (!policy || nodes == nullptr || !nodes->is_array()) return not_understood();
    Change change;
    for (const json::value& value : nodes->get_array()) {
        if (!value.is_object() || text_of(value.get_object(), "role") != "voter") continue;
        auto node = read_node(value.get_object());
        if (!node) return not_understood();
        change.leaf.nodes.push_back(*std::move(node));
    }
    if (change.leaf.nodes.empty()) return not_understood();
    std::ranges::sort(change.leaf.nodes, {}, &ledger::GenesisNode::raft_id);
    change.leaf.policy = policy_for(supervisor.origin(), change.leaf.nodes, *policy);
    change.needed = change.leaf.policy != *policy;
    return change;
}

}  // namespace

ledger::Policy policy_for(const std::string& origin, const std::vector<ledger::GenesisNode>& nodes,
                          const ledger::Policy& before) {
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
    ledger::Policy policy = ledger::consortium_policy(origin, nodes, std::nullopt, needed);
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

Result<void> renew_policy(const Supervisor& supervisor, const Surroundings& around) {
    const Result<Change> change = plan_change(supervisor, around);
    if (!change) return change.error();
    const Settings& settings = supervisor.settings();
    if (change->needed) {
        const std::string& founder = settings.agencies.front();
        const auto key = read_key_file(supervisor.folder().record_key(founder + "/record-1"));
        if (!key) return key.error();
        const std::int64_t now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count();
        const std::string record =
            ledger::policy_record(change->leaf, supervisor.origin(), founder,
                                  "policy-" + std::to_string(now_ms), ledger::format_rfc3339(now_ms));
        const std::string statement = ledger::sign_statement(*key, supervisor.origin(), record, false);
        around.tell("writing the policy that counts the nodes that vote");
        const auto written =
            ask_leader(supervisor, "ledger.submit", {{"statement", statement}, {"wait", "final"}}, around);
        if (!written && written.error().reason == "right_missing") {
            around.tell(
                "this ledger's genesis gives nobody the right to change its policy: it stays as it is");
            return {};
        }
        if (!written) return written.error();
    }
    return write_file(supervisor.folder().policy(), change->leaf.policy.to_string(), 0644);
}

}  // namespace socai::node::cluster
