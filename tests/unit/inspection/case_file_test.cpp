#include "inspection/case_file.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/inspection/sample_case.hpp"

namespace socai::inspection {
namespace {

using samples::add_leaf;

class CaseFile : public testing::Test {
  protected:
    std::string reason_of(const Case& file) {
        const auto parsed = parse_case(file.to_json());
        if (!parsed) return parsed.error().reason;
        EXPECT_EQ(*parsed, file);
        const auto verified = verify_case(*parsed, pinned_);
        if (verified) return "verified";
        detail_ = verified.error().detail;
        EXPECT_FALSE(detail_.empty());
        return verified.error().reason;
    }
    Case good() const { return samples::sample_case(ledger_); }
    Case empty(CaseScope scope) const {
        Case file = good();
        file.scope = std::move(scope);
        file.records.clear();
        file.receipts.clear();
        file.keys.clear();
        file.chains.clear();
        return file;
    }

    samples::SampleLedger ledger_;
    ledger::Policy pinned_ = *ledger::parse_policy(ledger::samples::founded().policy);
    std::string detail_;
};

TEST_F(CaseFile, IsVerifiedWhole) {
    const Case file = good();
    const auto verified = verify_case(file, pinned_);
    ASSERT_TRUE(verified) << verified.error().detail;
    ASSERT_EQ(verified->places.size(), 5U);
    EXPECT_EQ(verified->places[2].record.id, "b-1");
    EXPECT_EQ(verified->places[3].record.id, "decision");
    EXPECT_EQ(verified->receipts.size(), 5U);
    EXPECT_EQ(verified->receipts[3].kid, "most/1");
    EXPECT_EQ(reason_of(file), "verified");
    // The genesis stands in it once for each key, not once for each receipt.
    EXPECT_EQ(file.keys.size(), 2U);
    EXPECT_EQ(file.chains.size(), 1U);
    EXPECT_EQ(file.receipt_of(file.receipts[1]), ledger_.receipt_of(2));
}

TEST_F(CaseFile, ARecordThatWasAlteredIsFound) {
    Case file = good();
    file.records[1].bytes.replace(file.records[1].bytes.find("cleared"), 7, "refused");
    EXPECT_EQ(reason_of(file), "other_record");
    file = good();
    file.records[1].bytes += " ";
    EXPECT_EQ(reason_of(file), "other_record");
    file = good();
    file.records[1].time_ms -= 1;
    EXPECT_EQ(reason_of(file), "other_record");
    file = good();
    file.records[1].kid = "most/1";
    EXPECT_EQ(reason_of(file), "other_record");
    file = good();
    file.records[2].address.n = 0;  // the bundle's other record
    EXPECT_EQ(reason_of(file), "other_record");
    file = good();
    file.records[2].address.n = 2;
    EXPECT_EQ(reason_of(file), "other_record");
}

TEST_F(CaseFile, NothingStandsInItWithoutAReceipt) {
    Case file = good();
    file.receipts.erase(file.receipts.begin() + 1);
    EXPECT_EQ(reason_of(file), "no_receipt");
    EXPECT_NE(detail_.find("record 2"), std::string::npos) << detail_;
    file = good();
    file.receipts.clear();
    EXPECT_EQ(reason_of(file), "no_receipt");
    file = good();
    file.records[1].address.index = 3;
    EXPECT_EQ(reason_of(file), "no_receipt");
}

TEST_F(CaseFile, ARecordThatWasTakenOutLeavesItsReceipt) {
    Case file = good();
    file.records.erase(file.records.begin() + 4);
    EXPECT_EQ(reason_of(file), "spare_receipt");
    // Who takes out both is not found: receipts do not show that a case is complete.
    file = good();
    file.records.pop_back();
    file.receipts.pop_back();
    EXPECT_EQ(reason_of(file), "verified");
}

TEST_F(CaseFile, AReceiptThatWasAlteredIsFound) {
    Case file = good();
    file.receipts[1].leaf.entry.back() = file.receipts[1].leaf.entry.back() == 'A' ? 'Q' : 'A';
    EXPECT_NE(reason_of(file), "verified");
    EXPECT_NE(detail_.find("leaf 2"), std::string::npos) << detail_;
    file = good();
    file.receipts[1].leaf.proof.hashes[0][0] ^= 1;
    EXPECT_EQ(reason_of(file), "wrong_proof");
    file = good();
    file.receipts[1].leaf.proof.head.note.signatures.pop_back();
    EXPECT_EQ(reason_of(file), "no_quorum");
    file = good();
    file.keys[0].key = file.keys[1].key;
    EXPECT_EQ(reason_of(file), "wrong_key");
    file = good();
    file.receipts[0].key = 1;
    EXPECT_EQ(reason_of(file), "wrong_key");
    file = good();
    file.keys[0].leaf.proof.hashes.clear();
    EXPECT_EQ(reason_of(file), "wrong_proof");
    file = good();
    file.origin = "other.example/log";
    EXPECT_EQ(reason_of(file), "wrong_origin");
    EXPECT_EQ(
        verify_case(good(), ledger::consortium_policy("other.example/log", ledger::samples::founded().nodes))
            .error()
            .reason,
        "wrong_origin");
    // Also a case of no records, which shows no head.
    file = empty(good().scope);
    EXPECT_EQ(reason_of(file), "verified");
    file.origin = "other.example/log";
    EXPECT_EQ(reason_of(file), "wrong_origin");
}

TEST_F(CaseFile, HoldsNothingOfOtherCases) {
    Case file = empty(good().scope);
    add_leaf(file, ledger_, 1, {0});
    add_leaf(file, ledger_, 3, {0});
    EXPECT_EQ(reason_of(file), "foreign_record");
    file = empty(good().scope);
    add_leaf(file, ledger_, 4, {0, 1});
    EXPECT_EQ(reason_of(file), "foreign_record");
    // A reference belongs only with what it leads to.
    file = empty(good().scope);
    add_leaf(file, ledger_, 5, {0});
    EXPECT_EQ(reason_of(file), "foreign_record");
    // Enterprises and declarations hold what carries the number, nothing by reference.
    file = empty({CaseKind::declaration, "104000123450", {}, {}});
    add_leaf(file, ledger_, 1, {0});
    EXPECT_EQ(reason_of(file), "foreign_record");
}

TEST_F(CaseFile, KeepsToItsPeriod) {
    // The samples are signed for 2021-09-30T23:00:00Z.
    Case file = good();
    file.scope.from_time_ms = 1'633'042'800'000;
    file.scope.to_time_ms = 1'633'042'800'001;
    EXPECT_EQ(reason_of(file), "verified");
    file.scope.to_time_ms = 1'633'042'800'000;
    EXPECT_EQ(reason_of(file), "foreign_record");
    file = good();
    file.scope.from_time_ms = 1'633'042'800'001;
    EXPECT_EQ(reason_of(file), "foreign_record");
}

TEST_F(CaseFile, OfADeclarationAndOfAnEnterprise) {
    boost::json::object record = ledger::samples::record("decl");
    record["data"].as_object()["declaration_no"] = "104000123450";
    record["data"].as_object()["tax_code"] = "9900000016";
    const std::uint64_t index = ledger_.append(record, "customs.haiphong/1");
    for (const CaseScope& scope : {CaseScope{CaseKind::declaration, "104000123450", {}, {}},
                                   CaseScope{CaseKind::enterprise, "9900000016", {}, {}}}) {
        Case file = empty(scope);
        file.as_of_size = ledger_.size();
        add_leaf(file, ledger_, index, {0});
        EXPECT_EQ(reason_of(file), "verified");
        add_leaf(file, ledger_,
                 ledger_.append(ledger::samples::record("x" + file.scope.number), "customs.haiphong/1"), {0});
        EXPECT_EQ(reason_of(file), "foreign_record");
    }
}

// Chains of policies in the middle of a case: the later receipts rest on another policy than the earlier ones.
TEST_F(CaseFile, SpansAChangeOfPolicy) {
    Case file = empty(good().scope);
    add_leaf(file, ledger_, 1, {0});
    ledger::PolicyLeaf next{ledger::samples::founded().nodes, {}};
    next.nodes.push_back(ledger::samples::node_named("most-2", "most", 3));
    next.policy = ledger::consortium_policy(ledger::samples::origin, next.nodes);
    const std::uint64_t at = ledger_.append_policy(next, "p-1");
    const std::uint64_t index = ledger_.append(samples::carrying("late"), "customs.haiphong/1");
    const ledger::ProvenEntry link =
        ledger_.proven(at, ledger_.head(at + 1, ledger::samples::founded().nodes));
    const ledger::Head head = ledger_.head(ledger_.size(), {next.nodes[0], next.nodes[2]});
    ledger::Receipt receipt = ledger_.receipt(index, "customs.haiphong/1", head);
    receipt.policies = {link};
    const auto statement =
        ledger::parse_statement(ledger::split_entry(ledger_.entry(index)).value().statement).value();
    file.records.push_back(
        {{index, 0}, ledger::samples::now_ms, statement.kid, record_bytes(statement).at(0)});
    file.add(receipt);
    EXPECT_EQ(file.chains.size(), 2U);
    EXPECT_EQ(file.keys.size(), 2U);  // the same key, proven under each policy
    EXPECT_EQ(reason_of(file), "verified");
    EXPECT_EQ(file.receipt_of(file.receipts[1]), receipt);
    file.receipts[1].chain = 0;
    EXPECT_EQ(reason_of(file), "no_quorum");
}

TEST_F(CaseFile, RefusesOtherForms) {
    const std::string text = good().to_json();
    ASSERT_TRUE(parse_case(text));
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string changed = text;
        const std::size_t place = changed.find(from);
        EXPECT_NE(place, std::string::npos) << from;
        return changed.replace(place, from.size(), to);
    };
    const std::string scope = R"("case":{"dossier_no":"NSW-2021-0004711"})";
    for (const std::string& bad : {
             std::string(),
             std::string("{}"),
             std::string("[]"),
             std::string("7"),
             std::string(100'000, '['),
             std::string(max_case_bytes + 1, ' '),
             text.substr(0, text.size() / 2),
             text + "{}",
             with("socai-case-v1", "socai-case-v2"),
             with("\"origin\":\"", "\"origin\":\" "),
             with(scope, R"("case":{})"),
             with(scope, R"("case":[])"),
             with(scope, R"("case":{"dossier_no":""})"),
             with(scope, R"("case":{"dossier_no":7})"),
             with(scope, R"("case":{"dossier_no":"a","tax_code":"b"})"),
             with(scope, R"("case":{"dossier_no":"a","from_time":"yesterday"})"),
             with(scope, R"("case":{"dossier_no":"a","more":"b"})"),
             with("\"as_of\":{\"size\":", "\"as_of\":{\"size\":-"),
             with("\"as_of\":{", "\"as_of\":{\"more\":1,"),
             with("\"records\":[{", "\"records\":[{\"more\":1,"),
             with("\"records\":[{", "\"records\":[7,{"),
             with("\"index\":1,\"n\":0", "\"index\":1,\"n\":4096"),
             with("\"index\":1,\"n\":0", "\"index\":-1,\"n\":0"),
             with("\"index\":1,\"n\":0", "\"index\":1,\"n\":0.5"),
             with("\"index\":1,\"n\":0", "\"index\":2,\"n\":0"),  // twice the same
             with("\"index\":1,\"n\":0", "\"index\":9,\"n\":0"),  // out of order
             with("\"key\":0,\"chain\":0", "\"key\":2,\"chain\":0"),
             with("\"key\":0,\"chain\":0", "\"key\":0,\"chain\":1"),
             with("\"key\":0,\"chain\":0", "\"key\":-1,\"chain\":0"),
             with("\"chains\":[[]]", "\"chains\":[{}]"),
             with("\"chains\":[[]]", "\"chains\":[[7]]"),
             with("\"chains\":[[]]", "\"chains\":[]"),
             with("\"keys\":[{", "\"keys\":[{\"d\":1,"),
             with("\"x\":\"", "\"x\":\"AAAA"),
         }) {
        const auto file = parse_case(bad);
        ASSERT_FALSE(file) << bad.substr(0, 300);
        EXPECT_EQ(file.error().reason, "malformed_case") << file.error().detail;
        EXPECT_FALSE(file.error().detail.empty());
    }
    EXPECT_EQ(parse_case(with("tlog-proof@v1", "tlog-proof@v9")).error().reason, "malformed_tlog_proof");
    // Receipts out of order.
    Case swapped = good();
    std::swap(swapped.receipts[0], swapped.receipts[1]);
    EXPECT_EQ(reason_of(swapped), "malformed_case");
}

TEST_F(CaseFile, HasBoundsOnItsLists) {
    Case file = empty(good().scope);
    file.records.assign(max_case_records + 1, {{1, 0}, 0, "k", "x"});
    EXPECT_EQ(parse_case(file.to_json()).error().reason, "malformed_case");
    file.records.clear();
    file.chains.assign(max_case_chains + 1, {});
    EXPECT_EQ(parse_case(file.to_json()).error().reason, "malformed_case");
}

RC_GTEST_FIXTURE_PROP(CaseFile, AnAlteredFileNeverSaysSomethingElse, ()) {
    const Case made = good();
    std::string text = made.to_json();
    const auto place = *rc::gen::inRange<std::size_t>(0, text.size());
    text[place] = *rc::gen::suchThat(rc::gen::arbitrary<char>(), [&](char c) { return c != text[place]; });
    const auto parsed = parse_case(text);
    if (!parsed || !verify_case(*parsed, pinned_)) return;
    // What no signature covers: the spelling of JSON, as_of, and the scope where the records bear it.
    RC_ASSERT(parsed->records == made.records);
}

}  // namespace
}  // namespace socai::inspection
