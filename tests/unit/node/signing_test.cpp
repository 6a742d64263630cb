#include "node/client/signing.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "node/client/statement_file.hpp"
#include "sample_input.hpp"

namespace socai::node::client {
namespace {

using test::key_of;
using test::record;

std::vector<InputRecord> records_of(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    auto file = parse_record_file(text);
    EXPECT_TRUE(file.faults.empty());
    return std::move(file.records);
}

KeyRing ring_of(const std::vector<std::string>& agencies) {
    KeyRing ring;
    for (const std::string& agency : agencies) ring.add(key_of(agency));
    return ring;
}

// How many records each statement holds.
std::vector<std::size_t> sizes(const Signing& signing) {
    std::vector<std::size_t> result;
    for (const auto& statement : signing.statements) result.push_back(statement.records);
    return result;
}

TEST(Signing, SignsTheExactBytesForTheLedgerGiven) {
    const std::string bytes = "{ " + record("moit.attp", "1").substr(1);
    const auto signing =
        sign_records(records_of({bytes}), ring_of({"moit.attp"}), {.audience = "ledger.x/y"});
    ASSERT_EQ(signing.statements.size(), 1u);
    const auto statement = ledger::parse_statement(signing.statements[0].text);
    ASSERT_TRUE(statement.has_value());
    EXPECT_EQ(statement->kid, "moit.attp/1");
    EXPECT_EQ(statement->audience, "ledger.x/y");
    EXPECT_FALSE(statement->bundle);
    EXPECT_EQ(statement->records[0].digest, ledger::sha256(bytes));
    EXPECT_TRUE(ledger::verify_signature(*statement, key_of("moit.attp").key.public_key()));
}

TEST(Signing, BundlesConsecutiveRecordsOfOneKindAndSource) {
    const auto records =
        records_of({record("a", "1"), record("a", "2"), record("a", "3"), record("a", "4", "violation"),
                    record("b", "5"), record("b", "6"), record("a", "7")});
    const auto signing = sign_records(records, ring_of({"a", "b"}), {.audience = "x", .bundle = 2});
    ASSERT_TRUE(signing.faults.empty());
    EXPECT_EQ(sizes(signing), (std::vector<std::size_t>{2, 1, 1, 2, 1}));
    EXPECT_EQ(signing.statements[1].line, 3u);
    const auto bundle = ledger::parse_statement(signing.statements[0].text);
    ASSERT_TRUE(bundle.has_value());
    EXPECT_TRUE(bundle->bundle);
    EXPECT_EQ(bundle->records[1].digest, ledger::sha256(record("a", "2")));
    EXPECT_TRUE(ledger::verify_signature(*bundle, key_of("a").key.public_key()));
}

TEST(Signing, EndsABundleBeforeItsEntryGetsTooLarge) {
    const std::string remark(10'000, 'x');
    std::vector<std::string> lines;
    for (int i = 0; i < 9; ++i) lines.push_back(record("a", std::to_string(i), "alert", remark));
    const auto signing = sign_records(records_of(lines), ring_of({"a"}), {.audience = "x", .bundle = 9});
    EXPECT_EQ(sizes(signing), (std::vector<std::size_t>{4, 4, 1}));
    for (const auto& statement : signing.statements)
        EXPECT_LE(statement.text.size() + 14, ledger::max_entry_bytes);
}

TEST(Signing, ARecordTooLargeForAnEntryIsAFault) {
    const auto records = records_of({record("a", "1", "alert", std::string(50'000, 'x')), record("a", "2")});
    const auto signing = sign_records(records, ring_of({"a"}), {.audience = "x", .bundle = 2});
    EXPECT_EQ(sizes(signing), (std::vector<std::size_t>{1}));
    ASSERT_EQ(signing.faults.size(), 1u);
    EXPECT_EQ(signing.faults[0].reason, "entry_too_large");
    EXPECT_EQ(signing.faults[0].line, 1u);
}

TEST(Signing, NamesEveryRecordThatNoKeySpeaksFor) {
    const auto records = records_of({record("a", "1"), record("c", "2"), record("c", "3")});
    const auto signing = sign_records(records, ring_of({"a", "b"}), {.audience = "x", .bundle = 3});
    EXPECT_EQ(signing.statements.size(), 1u);
    ASSERT_EQ(signing.faults.size(), 2u);
    EXPECT_EQ(signing.faults[1].reason, "no_key");
    EXPECT_EQ(signing.faults[1].line, 3u);
}

RC_GTEST_PROP(Signing, EveryRecordIsInExactlyOneAcceptableStatementInOrder, ()) {
    const auto kinds = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 4));
    const auto bundle = *rc::gen::inRange<std::size_t>(1, 6);
    RC_PRE(!kinds.empty());
    std::string text;
    for (std::size_t i = 0; i < kinds.size(); ++i)
        text +=
            record(kinds[i] / 2 == 0 ? "a" : "b", std::to_string(i), kinds[i] % 2 == 0 ? "alert" : "appeal") +
            "\n";
    const auto file = parse_record_file(text);
    const auto signing = sign_records(file.records, ring_of({"a", "b"}), {.audience = "x", .bundle = bundle});
    RC_ASSERT(signing.faults.empty());
    std::size_t next = 0;
    for (const auto& signed_statement : signing.statements) {
        const auto statement = ledger::parse_statement(signed_statement.text);
        RC_ASSERT(statement.has_value());
        RC_ASSERT(statement->records.size() <= bundle);
        RC_ASSERT(statement->records.size() == signed_statement.records);
        for (const auto& signed_record : statement->records)
            RC_ASSERT(signed_record.digest == ledger::sha256(file.records.at(next++).bytes));
    }
    RC_ASSERT(next == file.records.size());
}

TEST(KeyRing, ChoosesTheSourcesOwnKeyThenItsDelegates) {
    ledger::Registry registry;
    for (const char* code : {"customs.nsw", "importer.1", "moit"}) {
        ledger::Agency agency;
        agency.code = code;
        ASSERT_TRUE(registry.add_agency(agency).has_value());
    }
    ASSERT_TRUE(registry.add_delegation("customs.nsw", "importer.1").has_value());
    auto ring = ring_of({"customs.nsw", "moit"});
    EXPECT_EQ(ring.for_source("importer.1"), nullptr);
    ring.learn(registry);
    ASSERT_NE(ring.for_source("importer.1"), nullptr);
    EXPECT_EQ(ring.for_source("importer.1")->kid, "customs.nsw/1");
    EXPECT_EQ(ring.for_source("moit")->kid, "moit/1");
    EXPECT_EQ(ring.for_source("mard"), nullptr);
}

TEST(KeyRing, TakesRecordKeysOnly) {
    KeyRing ring;
    for (const char* kid : {"moit/root-1", "moit/registrar", "moit/auditor-2"})
        ring.add({kid, ledger::KeyPair::generate()});
    EXPECT_TRUE(ring.empty());
    EXPECT_EQ(ring.for_source("moit"), nullptr) << "not even alone";
    ring.add({"moit/rooted", ledger::KeyPair::generate()});
    ring.add({"moit/2026-1", ledger::KeyPair::generate()});
    EXPECT_EQ(ring.for_source("moit")->kid, "moit/rooted");
    // The registry knows better than a name.
    ledger::Registry registry;
    registry.add_agency({"moit", std::nullopt, {"member"}, "", ""}).value();
    ledger::RegisteredKey key;
    key.kid = "moit/rooted";
    key.agency = "moit";
    key.purpose = ledger::KeyPurpose::root;
    key.key = ledger::KeyPair::generate().public_key();
    registry.add_key(key).value();
    ring.learn(registry);
    EXPECT_EQ(ring.for_source("moit")->kid, "moit/2026-1");
}

TEST(KeyRing, ASingleKeySignsForEverySource) {
    auto ring = ring_of({"customs.nsw"});
    ring.learn(ledger::Registry());
    ASSERT_NE(ring.for_source("importer.1"), nullptr);
    EXPECT_EQ(ring.for_source("importer.1")->kid, "customs.nsw/1");
    EXPECT_EQ(KeyRing().for_source("importer.1"), nullptr);
}

TEST(StatementFile, TakesOneStatementALineAndNamesWhatIsNone) {
    const auto file = parse_statement_file("a.b.c\r\n\n {\"id\":1}\nd.e.f\nx y\nt\xC3\xA9\n");
    ASSERT_EQ(file.statements.size(), 2u);
    EXPECT_EQ(file.statements[0].text, "a.b.c");
    EXPECT_EQ(file.statements[1].line, 4u);
    ASSERT_EQ(file.faults.size(), 3u);
    EXPECT_EQ(file.faults[0].line, 3u);
    EXPECT_NE(file.faults[0].detail.find("sign"), std::string::npos);
    EXPECT_EQ(file.faults[2].line, 6u);
    EXPECT_EQ(parse_statement_file(std::string(70'000, 'a')).faults.at(0).reason, "entry_too_large");
    EXPECT_EQ(parse_statement_file("\n").faults.at(0).reason, "no_statements");
}

TEST(StatementFile, CountsTheRecordsOfABundle) {
    const auto records = records_of({record("a", "1"), record("a", "2"), record("a", "3"), record("b", "4")});
    const auto signing = sign_records(records, ring_of({"a", "b"}), {.audience = "x", .bundle = 3});
    ASSERT_EQ(signing.statements.size(), 2u);
    const auto file =
        parse_statement_file(signing.statements[0].text + "\n" + signing.statements[1].text + "\na.b.c\n");
    ASSERT_EQ(file.statements.size(), 3u);
    EXPECT_EQ(file.statements[0].records, 3u);
    EXPECT_EQ(file.statements[1].records, 1u);
    EXPECT_EQ(file.statements[2].records, 1u);  // the ledger will refuse it, as one
}

}  // namespace
}  // namespace socai::node::client
