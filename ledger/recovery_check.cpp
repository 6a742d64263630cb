// A recovery leaf held against the ledger before it (recovery_leaf.hpp).
#include <algorithm>
#include <set>

#include "ledger/epochs.hpp"
#include "ledger/governance/matters.hpp"
#include "ledger/merkle_tree.hpp"
#include "ledger/node_list.hpp"
#include "ledger/recovery_leaf.hpp"
#include "ledger/syntax.hpp"

namespace socai::ledger {
namespace {

Error refused(std::string reason, std::string detail) {
    return {Fault::refused, std::move(reason), "recovery: " + std::move(detail)};
}

Error bad_approval(const RecoveryApproval& approval, const std::string& why) {
    return {Fault::forbidden, "bad_approval",
            "the approval of " + quote(approval.agency) + " does not count: " + why +
                "; have the agency sign the plan with a root key of its own"};
}

Result<void> check_approval(const BeforeRecovery& before, const RecoveryPlan& plan,
                            const RecoveryApproval& approval) {
    const Agency* agency = before.registry.agency(approval.agency);
    if (agency == nullptr || !agency->has_role(member_role))
        return bad_approval(approval, "it is no member of this ledger");
    const RegisteredKey* key = before.registry.key(approval.kid);
    if (key == nullptr || key->agency != approval.agency || key->purpose != KeyPurpose::root)
        return bad_approval(approval, quote(approval.kid) + " is no root key of it");
    if (!key->valid_at(before.size))
        return bad_approval(approval, "its key " + quote(approval.kid) + " is not valid at leaf " +
                                          std::to_string(before.size));
    if (!verify_ed25519(key->key, approval_signing_input(plan, approval), approval.signature))
        return bad_approval(approval,
                            "its signature is not that of " + quote(approval.kid) + " over this plan");
    return {};
}

Result<void> check_carried(const BeforeRecovery& before, const RecoveryPlan& plan) {
    if (plan.size != before.size || plan.root != before.root)
        return refused("wrong_carried_tree", "it carries on " + std::to_string(plan.size) +
                                                 " leaves with the root " + to_hex(plan.root) +
                                                 ", but before it stand " + std::to_string(before.size) +
                                                 " with the root " + to_hex(before.root) +
                                                 ": it is of another log, make a plan for this one");
    return {};
}

// An epoch that ends before any head of it is known to be final leaves its successor the head that it was opened on: that very
// note, or a plan could go behind what is known to be final, or do without lines that its signatures need.
Result<void> check_final(const Epoch& ends, const Facts& facts, const RecoveryPlan& plan) {
    const Result<Head> head = parse_head(plan.final_head);
    if (!head) return head.error();
    const Checkpoint& last = head->checkpoint;
    if (last.origin != ends.origin && plan.final_head != head_at_opening(facts))
        return refused("wrong_final_head",
                       "the final head of " + std::to_string(last.size) + " leaves is of " +
                           quote(last.origin) + ", and not the one that the epoch " + quote(ends.origin) +
                           " was opened on: take a head of that epoch, or else that one");
    if (last.origin == ends.origin && last.size <= ends.leaf)
        return refused("wrong_final_head", "the final head of " + std::to_string(last.size) +
                                               " leaves holds no leaf of its epoch, which began with leaf " +
                                               std::to_string(ends.leaf));
    const bool extends = last.size == plan.size ? plan.consistency.empty() && last.root == plan.root
                                                : verify_consistency(last.size, plan.size, last.root,
                                                                     plan.root, plan.consistency);
    if (extends) return {};
    return refused("wrong_final_head",
                   "the leaves that are carried on do not extend the final head of " +
                       std::to_string(last.size) +
                       " leaves: what was final would change. Take the log of another survivor");
}

// Every node that the ledger counts on goes on or is given up, by name.
Result<void> check_nodes(const BeforeRecovery& before, const RecoveryPlan& plan) {
    if (const auto members = check_nodes_against(before.registry, plan.nodes, "malformed_recovery"); !members)
        return refused("wrong_nodes", members.error().detail);
    for (const std::string& name : wanted_nodes(before.genesis, before.facts)) {
        const bool goes_on = std::ranges::find(plan.nodes, name, &GenesisNode::name) != plan.nodes.end();
        if (!goes_on && !std::ranges::binary_search(plan.lost, name))
            return refused("wrong_nodes",
                           "node " + quote(name) +
                               " neither goes on nor is given up: name it under `lost`, or bring its "
                               "survey");
    }
    for (const GenesisNode& node : plan.nodes) {
        const auto voted = voted_node(before.facts, node.name);
        if (voted && (!voted->stands || node_digest(voted->node) != node_digest(node)))
            return refused("wrong_nodes",
                           "node " + quote(node.name) +
                               " was voted out, or stands in the ledger with other keys: only nodes of "
                               "the ledger go on");
    }
    return {};
}

}  // namespace

Result<void> check_approvals(const BeforeRecovery& before, const RecoveryLeaf& leaf) {
    for (const RecoveryApproval& approval : leaf.approvals)
        if (auto good = check_approval(before, leaf.plan, approval); !good) return good;
    // Sorted, each once: parse_recovery.
    const std::size_t needed = recovery_quorum(before.registry, before.facts);
    if (leaf.approvals.size() >= needed) return {};
    return Error{Fault::forbidden, "no_root_quorum",
                 "the recovery is approved by " + std::to_string(leaf.approvals.size()) + " of the " +
                     std::to_string(before.registry.members().size()) + " members; " +
                     std::to_string(needed) + " are needed: have " +
                     std::to_string(needed - leaf.approvals.size()) +
                     " more sign the plan with their root keys"};
}

Result<void> check_recovery(const BeforeRecovery& before, const RecoveryLeaf& leaf) {
    const RecoveryPlan& plan = leaf.plan;
    const Epoch current = current_epoch(before.genesis, before.facts);
    if (plan.epoch != current.number + 1 || plan.previous_origin != current.origin)
        return refused("wrong_epoch", "it ends the epoch " + quote(plan.previous_origin) +
                                          ", the ledger is in " + quote(current.origin) +
                                          ": make a plan from surveys of this ledger");
    if (auto carried = check_carried(before, plan); !carried) return carried;
    if (auto last = check_final(current, before.facts, plan); !last) return last;
    if (auto nodes = check_nodes(before, plan); !nodes) return nodes;
    return check_approvals(before, leaf);
}

void take_recovery(const Genesis& genesis, const RecoveryLeaf& leaf, FactDraft& facts) {
    const RecoveryPlan& plan = leaf.plan;
    Epoch epoch{plan.epoch, plan.size, plan.origin, {}};
    for (const RecoveryApproval& approval : leaf.approvals) epoch.agencies.push_back(approval.agency);
    begin_epoch(epoch, plan.final_head, facts);
    for (const std::string& name : plan.lost) give_up_node(genesis, name, {plan.size, 0}, facts);
}

}  // namespace socai::ledger
