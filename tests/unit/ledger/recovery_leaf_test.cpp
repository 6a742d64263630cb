#include "ledger/recovery_leaf.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "ledger/governance/matters.hpp"
#include "ledger/receipt.hpp"
#include "tests/unit/ledger/recovered_ledger.hpp"

namespace socai::ledger {
namespace {

using samples::RecoveredLedger;

const std::vector<std::string> three{"customs", "mard", "most"};

std::string reason_with(const std::function<void(RecoveryPlan&)>& change) {
    RecoveryPlan plan = RecoveredLedger().plan();
    change(plan);
    const auto read = parse_plan(plan_text(plan));
    if (read) return "read";
    EXPECT_FALSE(read.error().detail.empty());
    return read.error().reason;
}

// The reason with which the ledger refuses a plan that is good by itself and approved by three.
std::string refused_with(const std::function<void(RecoveryPlan&)>& change) {
    RecoveredLedger ledger;
    RecoveryPlan plan = ledger.plan();
    change(plan);
    return ledger.open(RecoveredLedger::approved(plan, three));
}

TEST(RecoveryLeaf, APlanComesBackFromItsText) {
    const RecoveryPlan plan = RecoveredLedger().plan();
    const auto read = parse_plan(plan_text(plan));
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(*read, plan);
    EXPECT_EQ(plan_fingerprint(*read), plan_fingerprint(plan));
    RecoveryPlan other = plan;
    other.reason += ".";
    EXPECT_NE(plan_fingerprint(other), plan_fingerprint(plan));
}

TEST(RecoveryLeaf, APlanThatContradictsItselfIsRefused) {
    EXPECT_EQ(reason_with([](RecoveryPlan&) {}), "read");
    const std::vector<std::function<void(RecoveryPlan&)>> faults{
        [](RecoveryPlan& plan) { plan.epoch = 3; },
        [](RecoveryPlan& plan) { plan.origin = "ledger.example.vn/other"; },
        [](RecoveryPlan& plan) { plan.previous_origin = plan.origin; },
        [](RecoveryPlan& plan) { plan.size = 3; },
        [](RecoveryPlan& plan) { plan.final_head = "no head"; },
        [](RecoveryPlan& plan) { plan.log.opens_term = plan.log.term; },
        [](RecoveryPlan& plan) { plan.log.index = 0; },
        [](RecoveryPlan& plan) { plan.nodes.clear(); },
        [](RecoveryPlan& plan) {
            plan.lost = {"most-1", "mard-1"};
        },
        [](RecoveryPlan& plan) { plan.lost.insert(plan.lost.begin(), "customs-1"); },
        [](RecoveryPlan& plan) { plan.policy += "log x\n"; },
        [](RecoveryPlan& plan) { plan.reason.clear(); },
        [](RecoveryPlan& plan) { plan.legal_basis.clear(); },
        // The old policy names the ended epoch's keys.
        [](RecoveryPlan& plan) {
            plan.policy = consortium_policy(plan.previous_origin, plan.nodes).to_string();
        },
    };
    for (std::size_t i = 0; i < faults.size(); ++i)
        EXPECT_TRUE(reason_with(faults[i]).starts_with("malformed_")) << i << ": " << reason_with(faults[i]);
    EXPECT_EQ(parse_plan("{}").error().reason, "malformed_recovery");
    EXPECT_EQ(parse_plan("{\"epoch\":2,").error().reason, "malformed_recovery");
}

// Else whoever makes the plan could let one key of his own make heads final, behind a fingerprint that nobody can read.
TEST(RecoveryLeaf, ItsPolicyIsTheUsualOne) {
    const RecoveryPlan plan = RecoveredLedger().plan();
    EXPECT_EQ(recovery_agencies(plan), 1u);
    EXPECT_EQ(recovery_cosigners(plan), 1u);
    EXPECT_EQ(reason_with([](RecoveryPlan& changed) {
                  const VerifierKey own{"anybody", NoteKeyType::cosignature, samples::key_named("own").key.public_key()};
                  changed.policy = consortium_policy(changed.origin, changed.nodes, 1, {{"own", own, ""}}).to_string();
              }),
              "malformed_recovery");
    EXPECT_EQ(reason_with([](RecoveryPlan& changed) {
                  changed.policy += "# a remark\n";
              }),
              "malformed_recovery");
}

TEST(RecoveryLeaf, AnApprovalIsOfOnePlan) {
    const RecoveryPlan plan = RecoveredLedger().plan();
    const std::string text =
        sign_approval(plan, "most", samples::key_named("most/root"), "2021-10-01T00:00:00.000Z");
    const auto read = parse_approval(text, plan);
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->agency, "most");
    EXPECT_EQ(read->kid, "most/root");
    RecoveryPlan other = plan;
    other.lost.pop_back();
    EXPECT_EQ(parse_approval(text, other).error().reason, "other_plan");
    const std::string entry = recovery_entry(RecoveredLedger::approved(plan, three),
                                             samples::key_named("customs/registrar"), samples::now_ms);
    EXPECT_EQ(parse_approval(entry.substr(entry.find(' ') + 1), plan).error().reason, "malformed_approval");
}

TEST(RecoveryLeaf, ComesBackFromItsEntry) {
    const RecoveryLeaf leaf = RecoveredLedger::approved(RecoveredLedger().plan(), three);
    const auto read =
        parse_recovery_entry(recovery_entry(leaf, samples::key_named("customs/registrar"), samples::now_ms));
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(*read, leaf);
    RecoveryLeaf unsorted = leaf;
    std::swap(unsorted.approvals[0], unsorted.approvals[1]);
    EXPECT_EQ(parse_recovery_entry(
                  recovery_entry(unsorted, samples::key_named("customs/registrar"), samples::now_ms))
                  .error()
                  .reason,
              "malformed_recovery");
}

TEST(RecoveryLeaf, OpensTheEpoch) {
    RecoveredLedger ledger;
    const RecoveryPlan plan = ledger.plan();
    ASSERT_EQ(ledger.open(RecoveredLedger::approved(plan, three)), "admitted") << ledger.detail();
    const Epoch epoch = current_epoch(ledger.genesis(), ledger.tail().facts());
    EXPECT_EQ(epoch, (Epoch{2, 6, plan.origin, three}));
    EXPECT_EQ(wanted_nodes(ledger.genesis(), ledger.tail().facts()), std::vector<std::string>{"customs-1"});
    // Statements are of the new epoch from here on.
    EXPECT_EQ(ledger.record("r-new", plan.origin), "admitted") << ledger.detail();
    EXPECT_EQ(ledger.record("r-old", samples::origin), "wrong_audience");
    EXPECT_EQ(ledger.record("r-next", epoch_origin(samples::origin, 3)), "wrong_audience");
}

TEST(RecoveryLeaf, BeforeItNoStatementIsOfTheNextEpoch) {
    RecoveredLedger ledger;
    EXPECT_EQ(ledger.record("r-early", epoch_origin(samples::origin, 2)), "wrong_audience");
}

TEST(RecoveryLeaf, NeedsRootKeysOfAQuorumOfMembers) {
    RecoveredLedger ledger;
    const RecoveryPlan plan = ledger.plan();
    EXPECT_EQ(ledger.open(RecoveredLedger::approved(plan, {})), "no_root_quorum");
    EXPECT_EQ(ledger.open(RecoveredLedger::approved(plan, {"customs", "most"})), "no_root_quorum");
    EXPECT_NE(ledger.detail().find("1 more"), std::string::npos) << ledger.detail();

    // Whatever else the third brings, only a member's own root key over this very plan counts.
    const auto with_third = [&](RecoveryApproval third) {
        RecoveryLeaf leaf = RecoveredLedger::approved(plan, {"customs", "most"});
        leaf.approvals.push_back(std::move(third));
        std::ranges::sort(leaf.approvals, {}, &RecoveryApproval::agency);
        return ledger.open(leaf);
    };
    EXPECT_EQ(with_third(RecoveredLedger::approval(plan, "mard", "mard/registrar")), "bad_approval");
    EXPECT_EQ(with_third(RecoveredLedger::approval(plan, "mard", "customs/root")), "bad_approval");
    EXPECT_EQ(with_third(RecoveredLedger::approval(plan, "mard", "mard/unknown")), "bad_approval");
    EXPECT_EQ(with_third(RecoveredLedger::approval(plan, "customs.haiphong", "customs.haiphong/record")),
              "bad_approval");
    RecoveryApproval forged = RecoveredLedger::approval(plan, "mard", "mard/root");
    forged.signature[5] ^= 1;
    EXPECT_EQ(with_third(forged), "bad_approval");
    EXPECT_EQ(with_third(RecoveredLedger::approval(plan, "mard", "mard/root")), "admitted")
        << ledger.detail();
}

TEST(RecoveryLeaf, OneAgencyCountsOnce) {
    RecoveredLedger ledger;
    const RecoveryPlan plan = ledger.plan();
    RecoveryLeaf leaf = RecoveredLedger::approved(plan, {"customs", "most"});
    leaf.approvals.insert(leaf.approvals.begin() + 1, leaf.approvals.front());
    EXPECT_EQ(ledger.open(leaf), "malformed_recovery");
}

TEST(RecoveryLeaf, IsOfTheTreeThatStands) {
    EXPECT_EQ(refused_with([](RecoveryPlan&) {}), "admitted");
    EXPECT_EQ(refused_with([](RecoveryPlan& plan) { plan.root = sha256("another"); }), "wrong_carried_tree");
    EXPECT_EQ(refused_with([](RecoveryPlan& plan) { plan.size += 1; }), "wrong_carried_tree");
    EXPECT_EQ(refused_with([](RecoveryPlan& plan) { plan.consistency.clear(); }), "wrong_final_head");
    EXPECT_EQ(refused_with([](RecoveryPlan& plan) { plan.consistency.front()[0] ^= 1; }), "wrong_final_head");
    EXPECT_EQ(refused_with([](RecoveryPlan& plan) {
                  RecoveredLedger other;
                  other.record("more", samples::origin);
                  plan.final_head = other.final_head(6).note.to_string();
                  plan.consistency.clear();
              }),
              "admitted")
        << "the head of all that is carried on needs no proof";
}

TEST(RecoveryLeaf, FollowsTheEpochInForce) {
    RecoveredLedger ledger;
    const RecoveryPlan plan = ledger.plan();
    ASSERT_EQ(ledger.open(RecoveredLedger::approved(plan, three)), "admitted");
    EXPECT_EQ(ledger.open(RecoveredLedger::approved(plan, three)), "wrong_audience") << "once";
}

// The majority is lost again before a head of the new epoch is known to be final: the next one rests on the same head.
TEST(RecoveryLeaf, RestsOnTheHeadThatTheEpochWasOpenedOn) {
    RecoveredLedger ledger;
    const RecoveryPlan second = ledger.plan();
    ASSERT_EQ(ledger.open(RecoveredLedger::approved(second, three)), "admitted") << ledger.detail();
    ASSERT_EQ(ledger.record("r-second", second.origin), "admitted") << ledger.detail();
    const RecoveryPlan third = ledger.plan_after(second);
    ASSERT_EQ(ledger.open(RecoveredLedger::approved(third, three)), "admitted") << ledger.detail();
    EXPECT_EQ(current_epoch(ledger.genesis(), ledger.tail().facts()), (Epoch{3, 8, third.origin, three}));
    EXPECT_EQ(ledger.record("r-third", third.origin), "admitted") << ledger.detail();
    const RecoveryPlan fourth = ledger.plan_after(third);
    EXPECT_EQ(ledger.open(RecoveredLedger::approved(fourth, three)), "admitted") << ledger.detail();
}

TEST(RecoveryLeaf, RestsOnNoOtherHeadOfAnEarlierEpoch) {
    RecoveredLedger ledger;
    const RecoveryPlan second = ledger.plan();
    const Head later = ledger.final_head(5);
    ASSERT_EQ(ledger.open(RecoveredLedger::approved(second, three)), "admitted") << ledger.detail();
    const auto refused = [&](const Head& head, const std::vector<Hash>& consistency) {
        RecoveryPlan plan = ledger.plan_after(second);
        plan.final_head = head.note.to_string();
        plan.consistency = consistency;
        return ledger.open(RecoveredLedger::approved(plan, three));
    };
    EXPECT_EQ(refused(ledger.final_head(3), ledger.proof(3)), "wrong_final_head") << "goes behind what was final";
    EXPECT_EQ(refused(later, ledger.proof(5)), "wrong_final_head");
    Head fewer = ledger.final_head(4);
    fewer.note.signatures.pop_back();
    EXPECT_EQ(refused(fewer, ledger.proof(4)), "wrong_final_head") << "without a line of it";
    // Of the epoch itself, but of leaves before it.
    EXPECT_EQ(refused(ledger.final_head(5, second.origin), ledger.proof(5)), "wrong_final_head");
    EXPECT_EQ(refused(ledger.final_head(6, second.origin), ledger.proof(6)), "wrong_final_head");
    // Of one that has not begun.
    EXPECT_EQ(refused(ledger.final_head(7, epoch_origin(samples::origin, 3)), {}), "malformed_recovery");
    EXPECT_EQ(refused(ledger.final_head(7, second.origin), {}), "admitted") << ledger.detail();
}

TEST(RecoveryLeaf, PassesOverNoNode) {
    EXPECT_EQ(refused_with([](RecoveryPlan& plan) { plan.lost.pop_back(); }), "wrong_nodes");
    EXPECT_EQ(refused_with([](RecoveryPlan& plan) {
                  plan.nodes[0].agency = "customs.haiphong";
                  plan.policy = consortium_policy(plan.origin, plan.nodes).to_string();
              }),
              "node_changed");
    EXPECT_EQ(refused_with([](RecoveryPlan& plan) {
                  plan.nodes[0].node_key = samples::key_named("stranger").key.public_key();
              }),
              "node_changed");
}

TEST(RecoveryLeaf, IsHandedInByAMembersRegistrarOrRootKey) {
    RecoveredLedger ledger;
    const RecoveryLeaf leaf = RecoveredLedger::approved(ledger.plan(), three);
    EXPECT_EQ(ledger.open(leaf, "customs/record"), "wrong_purpose");
    EXPECT_EQ(ledger.open(leaf, "customs.haiphong/record"), "wrong_purpose");
    EXPECT_EQ(ledger.open(leaf, "most/root"), "admitted") << ledger.detail();
}

TEST(RecoveryLeaf, ItsFinalHeadNeedsTheOldPolicy) {
    const RecoveredLedger ledger;
    const RecoveryPlan plan = ledger.plan();
    const Policy old = parse_policy(ledger.genesis().policy).value();
    EXPECT_TRUE(check_final_head(plan, old));
    EXPECT_FALSE(check_final_head(plan, parse_policy(plan.policy).value()));
}

TEST(RecoveryLeaf, IsAPolicyLeafToWhoeverLooksForOne) {
    const RecoveryPlan plan = RecoveredLedger().plan();
    const std::string entry = recovery_entry(RecoveredLedger::approved(plan, three),
                                             samples::key_named("customs/registrar"), samples::now_ms);
    const auto statement = parse_statement(std::string_view(entry).substr(entry.find(' ') + 1)).value();
    const auto policy = policy_in(statement, plan.origin);
    ASSERT_TRUE(policy);
    EXPECT_EQ(policy->nodes, plan.nodes);
    EXPECT_EQ(policy->policy.to_string(), plan.policy);
    EXPECT_FALSE(policy_in(statement, samples::origin));
}

TEST(RecoveryLeaf, NoChainOfPoliciesLeadsOverIt) {
    const RecoveredLedger ledger;
    const RecoveryPlan plan = ledger.plan();
    const std::string entry = recovery_entry(RecoveredLedger::approved(plan, three),
                                             samples::key_named("customs/registrar"), samples::now_ms);
    const Checkpoint checkpoint{plan.origin, 7, sha256("root")};
    const ProvenEntry link{entry, {6, {}, {checkpoint, {checkpoint.to_string(), {}}}}};
    const auto old = policy_in_force(parse_policy(ledger.genesis().policy).value(), {link});
    ASSERT_FALSE(old);
    EXPECT_EQ(old.error().reason, "epoch_ended");
    EXPECT_NE(old.error().detail.find(plan.origin), std::string::npos);
    EXPECT_TRUE(policy_in_force(parse_policy(plan.policy).value(), {link}));
}

}  // namespace
}  // namespace socai::ledger
