// Audits of a ledger that lost its majority and was recovered (ledger/recovery_leaf.hpp): the approvals are counted again, and
// what was lost shows.
#include <gtest/gtest.h>

#include <filesystem>

#include "audit_fixture.hpp"
#include "ledger/entry.hpp"
#include "ledger/epochs.hpp"
#include "ledger/node_statement.hpp"
#include "ledger/promise_file.hpp"
#include "ledger/recovery_leaf.hpp"
#include "ledger/time.hpp"
#include "tests/unit/ledger/founders.hpp"

namespace socai::node::audit {
namespace {

constexpr std::size_t carried = 590;
constexpr std::size_t final_size = 580;
const std::string new_origin = ledger::epoch_origin(AuditLedger::origin, 2);
const std::string third_origin = ledger::epoch_origin(AuditLedger::origin, 3);

ledger::Jwk root_key(const std::string& agency) {
    return ledger::samples::member_key(agency, ledger::KeyPurpose::root);
}

// The tree of these entries.
class Tree : public ledger::NodeReader {
  public:
    explicit Tree(const std::vector<std::string>& entries) : entries_(entries) {}
    std::optional<ledger::Hash> node(std::uint32_t level, std::uint64_t at) const override {
        if (level == 0) return ledger::leaf_hash(entries_[at]);
        return ledger::node_hash(*node(level - 1, 2 * at), *node(level - 1, 2 * at + 1));
    }

  private:
    const std::vector<std::string>& entries_;
};

// ledger_ is what the lost nodes knew; after_ goes on from its first `carried` leaves with the nodes of a and b.
class AuditRecovery : public AuditTest {
  protected:
    AuditRecovery() {
        after_.entries.resize(carried);
        std::filesystem::create_directories(folder_ / "receipts");
        std::filesystem::create_directories(folder_ / "promises");
    }

    ledger::RecoveryPlan plan() const {
        ledger::RecoveryPlan plan;
        plan.epoch = 2;
        plan.origin = new_origin;
        plan.previous_origin = AuditLedger::origin;
        plan.size = carried;
        plan.root = after_.root(carried);
        plan.final_head = ledger_.head(final_size).note.to_string();
        plan.consistency = *ledger::consistency_proof(final_size, carried, Tree(after_.entries));
        plan.log = {carried + 3, 2, ledger::sha256("log"), 3};
        plan.nodes = {after_.nodes[0].facts, after_.nodes[1].facts};
        plan.lost = {"c-1", "d-1"};
        plan.policy = ledger::consortium_policy(plan.origin, plan.nodes).to_string();
        plan.reason = "A flood";
        plan.legal_basis = {"Decision 1"};
        return plan;
    }
    // The recovery leaf, and a record after it.
    void recover(const ledger::RecoveryPlan& plan, const std::vector<std::string>& agencies) {
        ledger::RecoveryLeaf leaf{plan, {}};
        for (const std::string& agency : agencies)
            leaf.approvals.push_back(
                ledger::parse_approval(
                    ledger::sign_approval(plan, agency, root_key(agency), ledger::format_rfc3339(next_ms())),
                    plan)
                    .value());
        after_.add_entry(ledger::recovery_entry(leaf, root_key("a"), next_ms()));
        add_record("opened-" + std::to_string(plan.epoch), plan.origin);
        test::put(folder_ / "new-policy", plan.policy);
    }
    void recover() { recover(plan(), {"a", "b", "c"}); }
    // The majority is lost a second time, before a head of the new epoch was final. The nodes go on as they are.
    ledger::RecoveryPlan second_plan() const {
        ledger::RecoveryPlan second = plan();
        second.epoch = 3;
        second.origin = third_origin;
        second.previous_origin = new_origin;
        second.size = after_.entries.size();
        second.root = after_.root(second.size);
        second.consistency = *ledger::consistency_proof(final_size, second.size, Tree(after_.entries));
        second.log = {second.size + 9, 4, ledger::sha256("later log"), 6};
        second.lost = {};
        second.policy = ledger::consortium_policy(second.origin, second.nodes).to_string();
        return second;
    }
    void recover_again() {
        recover();
        after_.entries.pop_back();
        add_record("between", new_origin);
        std::filesystem::copy(folder_ / "new-policy", folder_ / "policy-between");
        between_ = new_head();
        origin_ = third_origin;
        recover(second_plan(), {"a", "b", "c"});
    }
    std::int64_t next_ms() const {
        return AuditLedger::first_ms + static_cast<std::int64_t>(after_.entries.size()) * 1'000;
    }
    // As AuditLedger::add, signed for another name.
    void add_record(const std::string& id, const std::string& audience) {
        const std::string record =
            R"({"specversion":"1.0","id":")" + id +
            R"(","source":"a","type":"vn.socai.risk_signal.v1","subject":"test","time":")" +
            ledger::format_rfc3339(next_ms()) +
            R"(","datacontenttype":"application/json","data":{"severity":"low","description":"","refs":[]}})";
        after_.add_entry(
            ledger::make_entry(next_ms(), ledger::sign_statement(after_.keys[0], audience, record, false)));
    }
    // Of all leaves, by the nodes that went on.
    ledger::Head new_head() const {
        const std::size_t size = after_.entries.size();
        ledger::Head head{{origin_, size, after_.root(size)}, {}};
        head.note.text = head.checkpoint.to_string();
        ledger::sign_note(head.note, origin_, after_.nodes[0].log);
        for (const std::size_t i : {0, 1})
            ledger::cosign_note(head.note, after_.nodes[i].facts.agency + "." + origin_,
                                after_.nodes[i].cosigner, 1'700'000'700);
        return head;
    }
    AuditReport audited(const std::string& policy, Depth depth = Depth::everything) {
        std::filesystem::remove_all(tiles());
        after_.write_tiles(tiles(), new_head());
        AuditOptions asked = options();
        asked.policy = folder_ / policy;
        asked.depth = depth;
        return audit(asked);
    }
    AuditReport held(const std::string& policy) {
        std::filesystem::remove_all(tiles());
        after_.write_tiles(tiles(), new_head());
        AuditOptions asked = options();
        asked.policy = folder_ / policy;
        asked.receipts = folder_ / "receipts";
        asked.promises = folder_ / "promises";
        if (std::filesystem::exists(folder_ / "late.head")) asked.heads = {folder_ / "late.head"};
        return audit(asked);
    }
    // A promise of the old epoch, of a record that stands nowhere.
    void put_promise(std::size_t node) const {
        const ledger::NodeStatement statement{
            AuditLedger::origin, ledger_.nodes[node].facts.name,
            ledger::Promise{AuditLedger::first_ms,
                            AuditLedger::first_ms + 595'000,
                            ledger::sha256("a statement"),
                            {{"a", "promised", ledger::sha256("its record")}}}};
        const ledger::Note note = ledger::sign_node_statement(statement, ledger_.nodes[node].node);
        test::put(folder_ / "promises/1.promise", ledger::PromiseFile{note, std::nullopt, {}}.to_json());
    }

    AuditLedger after_ = ledger_;
    std::string origin_ = new_origin;     // of the epoch that stands
    std::optional<ledger::Head> between_;  // of the epoch that ended before a head of it was final
};

TEST_F(AuditRecovery, PassesUnderTheOldPolicyAndTheNewOne) {
    recover();
    for (const char* policy : {"policy", "new-policy"}) {
        for (const Depth depth : {Depth::everything, Depth::signatures}) {
            const AuditReport report = audited(policy, depth);
            EXPECT_TRUE(report.passed()) << policy << ": " << reasons(report);
            ASSERT_EQ(report.epochs.size(), 1U) << policy;
            EXPECT_EQ(report.epochs[0].leaf, carried);
            EXPECT_EQ(report.epochs[0].origin, new_origin);
            EXPECT_EQ(report.epochs[0].final_size, final_size);
            EXPECT_EQ(report.epochs[0].agencies, (std::vector<std::string>{"a", "b", "c"}));
            EXPECT_EQ(report.governing_leaf, carried);
        }
    }
    // Hashes alone tell nothing of a recovery: there only who pins the new policy relies on the head.
    EXPECT_TRUE(audited("new-policy", Depth::hashes).passed());
    EXPECT_FALSE(audited("policy", Depth::hashes).passed());
}

TEST_F(AuditRecovery, TooFewApprovalsAreFoundInBothDepths) {
    recover(plan(), {"a", "b"});
    for (const Depth depth : {Depth::everything, Depth::signatures})
        for (const char* policy : {"policy", "new-policy"})
            expect_found(audited(policy, depth), "no_root_quorum", carried);
}

TEST_F(AuditRecovery, AFinalHeadThatNobodyMadeFinalIsFound) {
    ledger::RecoveryPlan forged = plan();
    forged.final_head = ledger_.head(final_size, {0}).note.to_string();
    recover(forged, {"a", "b", "c"});
    for (const Depth depth : {Depth::everything, Depth::signatures})
        expect_found(audited("policy", depth), "no_quorum", carried);
}

TEST_F(AuditRecovery, ATreeThatDoesNotExtendTheFinalHeadIsFound) {
    after_.entries[final_size - 1] = after_.make_entry("exchanged", final_size - 1);
    ledger::RecoveryPlan forged = plan();
    recover(forged, {"a", "b", "c"});
    for (const Depth depth : {Depth::everything, Depth::signatures})
        expect_found(audited("policy", depth), "wrong_final_head", carried);
}

TEST_F(AuditRecovery, AStatementOfAnotherEpochIsFoundInBothDepths) {
    recover();
    add_record("too-late", AuditLedger::origin);
    for (const Depth depth : {Depth::everything, Depth::signatures})
        expect_found(audited("policy", depth), "wrong_audience", carried + 2);
    after_.entries.pop_back();
    add_record("too-early", third_origin);
    for (const Depth depth : {Depth::everything, Depth::signatures})
        expect_found(audited("policy", depth), "wrong_audience", carried + 2);
}

TEST_F(AuditRecovery, AStatementOfALaterEpochBeforeItIsFoundInBothDepths) {
    after_.entries.resize(carried - 1);
    add_record("too-early", new_origin);
    recover();
    for (const Depth depth : {Depth::everything, Depth::signatures})
        expect_found(audited("policy", depth), "wrong_audience", carried - 1);
}

TEST_F(AuditRecovery, AnEpochWithoutAFinalHeadIsPassedOver) {
    recover_again();
    for (const char* policy : {"policy", "new-policy"}) {
        for (const Depth depth : {Depth::everything, Depth::signatures}) {
            const AuditReport report = audited(policy, depth);
            EXPECT_TRUE(report.passed()) << policy << ": " << reasons(report);
            ASSERT_EQ(report.epochs.size(), 2U) << policy;
            EXPECT_EQ(report.epochs[1].leaf, carried + 2);
            EXPECT_EQ(report.epochs[1].origin, third_origin);
            EXPECT_EQ(report.epochs[1].final_size, final_size);
            EXPECT_TRUE(noted(report, "knew no head of \"" + new_origin + "\" to be final"));
            EXPECT_FALSE(noted(report, "knew no head of \"" + std::string(AuditLedger::origin) + "\""));
        }
    }
    // Of the epoch between no head shows that the tree with its policy is the one that its owners meant.
    for (const Depth depth : {Depth::everything, Depth::signatures}) {
        const AuditReport report = audited("policy-between", depth);
        EXPECT_TRUE(found(report, "broken_chain")) << reasons(report);
    }
}

TEST_F(AuditRecovery, AHeadThatTheEpochWasNotOpenedOnIsFound) {
    recover();
    origin_ = third_origin;
    ledger::RecoveryPlan forged = second_plan();
    forged.final_head = ledger_.head(final_size - 1).note.to_string();
    forged.consistency = *ledger::consistency_proof(final_size - 1, forged.size, Tree(after_.entries));
    recover(forged, {"a", "b", "c"});
    for (const Depth depth : {Depth::everything, Depth::signatures})
        expect_found(audited("policy", depth), "wrong_final_head", carried + 2);
}

// What was final between after all, and no survivor knew of it: its leaves stand, or show as lost.
TEST_F(AuditRecovery, AHeadOfTheEpochThatWasPassedOverStillCounts) {
    recover_again();
    write_head("late.head", *between_);
    EXPECT_TRUE(held("policy").passed()) << reasons(held("policy"));
    ++between_->checkpoint.size;
    between_->note = {between_->checkpoint.to_string(), {}};
    ledger::sign_note(between_->note, new_origin, after_.nodes[0].log);
    for (const std::size_t i : {0, 1})
        ledger::cosign_note(between_->note, after_.nodes[i].facts.agency + "." + new_origin,
                            after_.nodes[i].cosigner, 1'700'000'690);
    write_head("late.head", *between_);
    EXPECT_TRUE(found(held("policy"), "lost_leaves")) << reasons(held("policy"));
}

TEST_F(AuditRecovery, ReceiptsAndHeadsOfTheEndedEpochShowWhatWasLost) {
    recover();
    test::put(folder_ / "receipts/kept.receipt", ledger_.receipt(5, ledger_.head(400)).to_json());
    for (const char* policy : {"policy", "new-policy"}) {
        const AuditReport kept = held(policy);
        EXPECT_TRUE(kept.passed()) << policy << ": " << reasons(kept);
    }
    test::put(folder_ / "receipts/lost.receipt", ledger_.receipt(595, ledger_.head(600)).to_json());
    for (const char* policy : {"policy", "new-policy"}) {
        const AuditReport report = held(policy);
        EXPECT_TRUE(found(report, "lost_record")) << policy << ": " << reasons(report);
        EXPECT_TRUE(found(report, "lost_leaves")) << policy << ": " << reasons(report);
        EXPECT_TRUE(std::ranges::any_of(report.findings, [](const Finding& finding) {
            return finding.detail.find("record-595") != std::string::npos;
        }));
    }
    std::filesystem::remove(folder_ / "receipts/lost.receipt");
    write_head("late.head", ledger_.head(598, {0}));
    const AuditReport report = held("new-policy");
    EXPECT_TRUE(found(report, "lost_leaves")) << reasons(report);
    EXPECT_FALSE(found(report, "lost_record")) << reasons(report);
}

TEST_F(AuditRecovery, APromiseOfANodeThatWasGivenUpIsLost) {
    recover();
    put_promise(3);
    EXPECT_TRUE(found(held("policy"), "lost_promise"));
    EXPECT_TRUE(found(held("new-policy"), "unknown_node") || found(held("new-policy"), "lost_promise"));
}

TEST_F(AuditRecovery, APromiseOfANodeThatGoesOnIsItsOwn) {
    recover();
    put_promise(0);
    // It cosigned a head past the time of its promise: its recovery is no excuse.
    EXPECT_TRUE(found(held("policy"), "broken_promise")) << reasons(held("policy"));
}

TEST_F(AuditRecovery, ALaterAuditGoesOnBehindIt) {
    recover();
    after_.write_tiles(tiles(), new_head());
    AuditOptions asked = options();
    asked.state = folder_ / "state";
    EXPECT_TRUE(audit(asked).passed()) << reasons(audit(asked));
    for (int i = 2; i < 6; ++i) add_record("after-" + std::to_string(i), new_origin);
    std::filesystem::remove_all(tiles());
    after_.write_tiles(tiles(), new_head());
    const AuditReport report = audit(asked);
    EXPECT_TRUE(report.passed()) << reasons(report);
    EXPECT_EQ(report.coverage.from, carried + 2);
    EXPECT_EQ(report.epochs.size(), 1U);
}

}  // namespace
}  // namespace socai::node::audit
