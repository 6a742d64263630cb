#include "ledger/policy_leaf.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cassert>
#include <set>
#include <utility>

#include "ledger/json_members.hpp"
#include "ledger/node_list.hpp"
#include "ledger/recovery_leaf.hpp"
#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

constexpr std::string_view reason = "malformed_policy_leaf";

Error malformed(std::string detail) {
    return invalid(std::string(reason), "policy leaf: " + std::move(detail));
}

VerifierKey cosigner_vkey(const GenesisNode& node, std::string_view origin) {
    return {node.agency + "." + std::string(origin), NoteKeyType::cosignature, node.cosigner_key};
}

// Gives out names that are not given out yet.
class Names {
  public:
    std::string take(std::string name) {
        while (!taken_.insert(name).second) name += "_";
        return name;
    }

  private:
    std::set<std::string> taken_{"none"};
};

Result<PolicyLeaf> policy_of_recovery(const Record& record, std::string_view origin) {
    Result<RecoveryLeaf> recovery = parse_recovery(record);
    if (!recovery) return recovery.error();
    if (recovery->plan.origin != origin) return malformed("it opens another epoch than " + quote(origin));
    Result<Policy> policy = parse_policy(recovery->plan.policy);
    if (!policy) return policy.error();
    return PolicyLeaf{std::move(recovery->plan.nodes), *std::move(policy)};
}

}  // namespace

std::string policy_record(const PolicyLeaf& leaf, std::string_view origin, std::string_view source,
                          std::string_view id, std::string_view time) {
    json::object data;
    data["nodes"] = nodes_json(leaf.nodes);
    data["policy"] = leaf.policy.to_string();
    data["refs"] = json::array();

    json::object record;
    record["specversion"] = "1.0";
    record["id"] = id;
    record["source"] = source;
    record["type"] = policy_type;
    record["subject"] = origin;
    record["time"] = time;
    record["datacontenttype"] = "application/json";
    record["data"] = std::move(data);
    return json::serialize(record);
}

Result<PolicyLeaf> parse_policy_leaf(const Record& record, std::string_view origin) {
    if (record.type == recovery_type) return policy_of_recovery(record, origin);
    if (record.type != policy_type) return malformed("the record's type must be " + std::string(policy_type));
    if (record.subject != origin) return malformed("the record's subject must be the ledger's origin");
    JsonMembers members(record.json.at("data"), std::string(reason), "data", {"nodes", "policy", "refs"});
    PolicyLeaf leaf;
    const std::string policy_text = members.text("policy");
    if (!members.list("refs").empty()) return malformed("data.refs must be empty");
    std::size_t position = 0;
    for (const json::value& value : members.list("nodes")) {
        if (position == max_genesis_nodes) return malformed("data.nodes has more than 64 elements");
        Result<GenesisNode> node =
            read_node(value, std::string(reason), "data.nodes[" + std::to_string(position++) + "]");
        if (!node) return node.error();
        leaf.nodes.push_back(*std::move(node));
    }
    if (members.fault()) return *members.fault();
    if (auto checked = check_node_list(leaf.nodes, std::string(reason)); !checked) return checked.error();

    Result<Policy> policy = parse_policy(policy_text);
    if (!policy) return policy.error();
    leaf.policy = *std::move(policy);
    if (leaf.policy.quorum == "none") return malformed("the policy must have a quorum other than none");
    if (auto checked = check_policy_logs(leaf.policy, leaf.nodes, origin, std::string(reason)); !checked) {
        return checked.error();
    }
    for (const GenesisNode& node : leaf.nodes) {
        const VerifierKey wanted = cosigner_vkey(node, origin);
        if (std::ranges::none_of(leaf.policy.witnesses,
                                 [&](const PolicyWitness& witness) { return witness.key == wanted; })) {
            return malformed("the policy has no witness line for the cosigner key of node " +
                             quote(node.name) + ", " + wanted.to_string());
        }
    }
    return leaf;
}

std::string_view policy_text(const Record& record) {
    const json::value* text = record.data().if_contains("policy");
    return text != nullptr && text->is_string() ? std::string_view(text->get_string()) : std::string_view();
}

std::optional<PolicyLeaf> policy_in(const Statement& statement, std::string_view origin) {
    const std::string& type = statement.records.front().type;
    if (type != policy_type && type != recovery_type) return std::nullopt;
    auto leaf = parse_policy_leaf(statement.records.front(), origin);
    return leaf ? std::optional(*std::move(leaf)) : std::nullopt;
}

Result<PolicyLeaf> genesis_policy(const Genesis& genesis) {
    Result<Policy> policy = parse_policy(genesis.policy);
    if (!policy) return policy.error();
    return PolicyLeaf{genesis.nodes, *std::move(policy)};
}

Policy consortium_policy(std::string_view origin, const std::vector<GenesisNode>& nodes,
                         std::optional<std::uint32_t> threshold,
                         const std::vector<PolicyWitness>& witnesses) {
    assert(!nodes.empty());
    Policy policy;
    Names names;
    for (const GenesisNode& node : nodes) {
        policy.logs.push_back({VerifierKey{std::string(origin), NoteKeyType::ed25519, node.log_key}, ""});
    }
    PolicyGroup outside{"", static_cast<std::uint32_t>(witnesses.size()), {}};
    for (const PolicyWitness& witness : witnesses) {
        policy.witnesses.push_back(witness);
        outside.members.push_back(names.take(witness.name));
        policy.witnesses.back().name = outside.members.back();
    }
    // Agencies have their own names, whatever their nodes are called; they stand in the order of their first node.
    std::vector<PolicyGroup> agencies;
    std::vector<std::string> codes;
    for (const GenesisNode& node : nodes) {
        if (std::ranges::find(codes, node.agency) != codes.end()) continue;
        codes.push_back(node.agency);
        agencies.push_back({names.take(node.agency), 1, {}});
    }
    for (const GenesisNode& node : nodes) {
        const std::string name = names.take(node.name);
        const auto agency = std::ranges::find(codes, node.agency) - codes.begin();
        policy.witnesses.push_back({name, cosigner_vkey(node, origin), ""});
        agencies[static_cast<std::size_t>(agency)].members.push_back(name);
    }
    const auto count = static_cast<std::uint32_t>(agencies.size());
    PolicyGroup all{names.take("agencies"), std::min(threshold.value_or((2 * count + 1 + 2) / 3), count), {}};
    assert(all.threshold >= 1);
    for (PolicyGroup& agency : agencies) {
        all.members.push_back(agency.name);
        policy.groups.push_back(std::move(agency));
    }
    policy.groups.push_back(all);
    policy.quorum = all.name;
    if (!witnesses.empty()) {
        outside.name = names.take("outside");
        PolicyGroup quorum{names.take("quorum"), 2, {all.name, outside.name}};
        policy.groups.push_back(std::move(outside));
        policy.quorum = quorum.name;
        policy.groups.push_back(std::move(quorum));
    }
    return policy;
}

}  // namespace socai::ledger
