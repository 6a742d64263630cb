// The ledger of consortium.hpp with a real tree, whose majority is lost: what tests of a recovery plan, sign and admit. Of its
// four nodes customs-1 alone is left; three members' root keys are needed.
#pragma once

#include <string>
#include <vector>

#include "ledger/epochs.hpp"
#include "ledger/policy_leaf.hpp"
#include "ledger/recovery_leaf.hpp"
#include "ledger/time.hpp"
#include "tests/unit/ledger/consortium.hpp"
#include "tests/unit/ledger/naive_tree.hpp"

namespace socai::ledger::samples {

class RecoveredLedger {
  public:
    // Five leaves, and the genesis; the head of four was final.
    RecoveredLedger() {
        leaves_.push_back(leaf_hash("genesis"));
        for (int i = 0; i < 5; ++i) record("r-" + std::to_string(i), origin);
    }

    // An ordinary record that is meant for `audience`; the reason of its error, or "admitted".
    std::string record(const std::string& id, std::string_view audience) {
        boost::json::object event = samples::record(id, "customs.haiphong");
        event["type"] = "vn.socai.clearance_decision.v1";
        return admit_text(sign_statement(key_named("customs.haiphong/record"), audience, text(event), false),
                          now_ms);
    }

    RecoveryPlan plan() const {
        RecoveryPlan plan;
        plan.epoch = 2;
        plan.origin = epoch_origin(origin, 2);
        plan.previous_origin = origin;
        plan.size = leaves_.size();
        plan.root = naive::root(leaves_);
        plan.final_head = final_head(4).note.to_string();
        plan.consistency = naive::proof(4, leaves_);
        plan.log = {9, 3, sha256("the log"), 5};
        plan.nodes = {genesis_.nodes[0]};
        plan.lost = {"mard-1", "moit-1", "most-1"};
        plan.policy = consortium_policy(plan.origin, plan.nodes).to_string();
        plan.reason = "A fire in the data centre";
        plan.legal_basis = {"Decision 12/QD"};
        return plan;
    }
    // The next plan after `before`, which was opened: the majority is lost again, and no head of that epoch was final.
    RecoveryPlan plan_after(const RecoveryPlan& before) const {
        RecoveryPlan plan = before;
        plan.epoch = before.epoch + 1;
        plan.origin = epoch_origin(origin, plan.epoch);
        plan.previous_origin = before.origin;
        plan.size = leaves_.size();
        plan.root = naive::root(leaves_);
        plan.consistency = naive::proof(4, leaves_);
        plan.log = {before.log.index + 4, before.log.opens_term, sha256("the later log"), before.log.opens_term + 2};
        plan.lost = {};
        plan.policy = consortium_policy(plan.origin, plan.nodes).to_string();
        return plan;
    }
    // Of the first `size` leaves, signed by every node.
    Head final_head(std::uint64_t size, std::string_view name = origin) const {
        Head head{{std::string(name), size, naive::root(naive::Leaves(leaves_).first(size))}, {}};
        head.note.text = head.checkpoint.to_string();
        sign_note(head.note, name, key_named("customs-1 log").key);
        for (const GenesisNode& node : genesis_.nodes)
            cosign_note(head.note, node.agency + "." + std::string(name),
                        key_named(node.name + " cosigner").key, 1'633'046'401);
        return head;
    }

    static RecoveryApproval approval(const RecoveryPlan& plan, const std::string& agency,
                                     const std::string& kid) {
        return parse_approval(sign_approval(plan, agency, key_named(kid), format_rfc3339(now_ms)), plan)
            .value();
    }
    // Approved by the root keys of `agencies`, which are sorted.
    static RecoveryLeaf approved(const RecoveryPlan& plan, const std::vector<std::string>& agencies) {
        RecoveryLeaf leaf{plan, {}};
        for (const std::string& agency : agencies)
            leaf.approvals.push_back(approval(plan, agency, agency + "/root"));
        return leaf;
    }

    // The reason of the error with which the leaf is refused, or "admitted".
    std::string open(const RecoveryLeaf& leaf, std::string_view kid = "customs/registrar") {
        const std::string entry = recovery_entry(leaf, key_named(kid), now_ms);
        return admit_text(std::string(entry.substr(entry.find(' ') + 1)), now_ms);
    }

    std::string admit_text(const std::string& statement_text, std::int64_t time_ms) {
        auto statement = parse_statement(statement_text);
        if (!statement) return statement.error().reason;
        Verdict verdict =
            admit(context_, tail_, std::make_shared<const Statement>(*std::move(statement)), time_ms, false);
        if (const auto* error = std::get_if<Error>(&verdict)) {
            detail_ = error->detail;
            return error->reason;
        }
        auto* admitted = std::get_if<Admitted>(&verdict);
        if (admitted == nullptr) return "duplicate";
        leaves_.push_back(admitted->leaf);
        tail_.push(std::move(*admitted));
        return "admitted";
    }

    // That all leaves extend the first `size`.
    std::vector<Hash> proof(std::uint64_t size) const { return naive::proof(size, leaves_); }
    const Genesis& genesis() const { return genesis_; }
    const Tail& tail() const { return tail_; }
    const std::string& detail() const { return detail_; }  // of the last error

  private:
    static Frontier founded() {
        Frontier frontier;
        frontier.append(leaf_hash("genesis"));
        return frontier;
    }

    const Genesis genesis_ = consortium();
    const GovernedRules rules_;
    const Context context_{genesis_, rules_};
    const MapView base_;
    Tail tail_{base_, founded()};
    std::vector<Hash> leaves_;
    std::string detail_;
};

}  // namespace socai::ledger::samples
