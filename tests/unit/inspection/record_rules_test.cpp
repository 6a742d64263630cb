#include "inspection/records/record_rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <sstream>

#include "inspection/kinds.hpp"
#include "inspection/records/rules.hpp"
#include "sample_kinds.hpp"

namespace socai::inspection {
namespace {

namespace json = boost::json;
using test::record_of;

const RecordRules& record_rules() {
    static const RecordRules rules;
    return rules;
}

std::string told(const std::vector<Breach>& breaches) {
    std::string text;
    for (const Breach& breach : breaches) text += breach.text() + "\n";
    return text;
}

TEST(RecordRules, KnowEveryKind) {
    std::vector<std::string_view> names;
    for (const Kind& kind : record_rules().kinds()) {
        names.push_back(kind.traits.kind);
        EXPECT_NE(kind.title.find(" / "), std::string::npos) << kind.title;
        EXPECT_FALSE(kind.article.empty()) << kind.traits.kind;
    }
    EXPECT_TRUE(std::ranges::equal(names, kinds()));
}

// Every relation leads to kinds that there are, and what is required can stand.
TEST(RecordRules, HaveASoundTableOfKinds) {
    static const std::set<std::string_view> roles{
        "member",          "list_owner",          "inspection_agency", "market_surveillance",
        "conformity_body", "customs_office",      "nsw_operator",      "asw_gateway",
        "trader",          "provincial_committee"};
    for (const Kind& kind : record_rules().kinds()) {
        EXPECT_FALSE(kind.traits.writers.empty()) << kind.traits.kind;
        for (const std::string_view role : kind.traits.writers) EXPECT_TRUE(roles.contains(role)) << role;
        for (const Relation& relation : kind.traits.relations) {
            EXPECT_EQ(kind.traits.relation(relation.rel), &relation)
                << kind.traits.kind << " " << relation.rel;
            for (const std::string_view target : relation.kinds) EXPECT_TRUE(is_known_kind(target)) << target;
            if (relation.rel == "supersedes") {
                EXPECT_EQ(relation.kinds, std::vector{kind.traits.kind});
            }
        }
        for (const auto& group : kind.traits.required)
            for (const std::string_view rel : group)
                EXPECT_NE(kind.traits.relation(rel), nullptr) << kind.traits.kind << " " << rel;
    }
}

TEST(RecordRules, HaveIdsOfTheirOwnAndBothLanguages) {
    std::set<std::string_view> ids;
    for (const Rule* rule : all_rules()) {
        EXPECT_TRUE(ids.insert(rule->id).second) << rule->id;
        EXPECT_FALSE(rule->en.empty());
        EXPECT_FALSE(rule->vi.empty());
    }
}

TEST(RecordRules, AcceptAndRefuseTheExamplesOfEveryKind) {
    const test::SampleSurroundings surroundings;
    std::set<std::string> broken;
    for (const EmbeddedKind& kind : embedded_kinds()) {
        const test::Examples examples = test::examples_of(kind);
        const auto record = record_of(examples.accepted);
        EXPECT_EQ(record.kind(), kind.name);
        EXPECT_EQ(told(record_rules().judge(record, surroundings)), "") << kind.name;
        EXPECT_GE(examples.refused.size(), 3U) << kind.name;
        for (const test::RefusedExample& refused : examples.refused) {
            const auto breaches = record_rules().judge(record_of(refused.record), surroundings);
            ASSERT_FALSE(breaches.empty()) << kind.name << " " << refused.rule;
            EXPECT_EQ(breaches[0].rule->id, refused.rule) << kind.name << "\n" << told(breaches);
            EXPECT_EQ(breaches[0].place, refused.at) << kind.name << "\n" << told(breaches);
            EXPECT_EQ(breaches.size(), 1U) << kind.name << "\n" << told(breaches);
            broken.insert(refused.rule);
        }
    }
    // The examples show nearly every rule; these have tests of their own.
    std::set<std::string> unseen;
    for (const Rule* rule : all_rules())
        if (!broken.contains(std::string(rule->id))) unseen.insert(std::string(rule->id));
    EXPECT_EQ(unseen, (std::set<std::string>{"commitment.count", "commitment.kind", "commitment.member",
                                             "correction.supersedes", "form.decimal", "form.number",
                                             "form.text", "kind.unknown", "kind.version", "reference.kind",
                                             "reference.unknown", "supersession.one", "writer.registered"}));
}

// Whatever the project itself writes: the worked shipments, the catalog, the rule sets of the law.
TEST(RecordRules, AcceptTheSampleData) {
    test::SampleSurroundings surroundings;
    int records = 0;
    for (const char* name :
         {"shipment_toys", "shipment_mangosteen", "catalog_tt28_2026_bct", "compliance_criteria",
          "risk_table", "rule_sets", "rule_sets_other", "working_days"}) {
        std::istringstream lines(test::file_text(std::string("data/") + name + ".jsonl"));
        for (std::string line; std::getline(lines, line); ++records) {
            const auto record = ledger::parse_record(line).value();
            EXPECT_EQ(told(record_rules().judge(record, surroundings)), "") << line;
            surroundings.add(record);
        }
    }
    EXPECT_EQ(records, 25 + 15 + 382 + 1 + 1 + 4 + 2);
}

// Whatever a record holds, judging it ends, within the limit, with places that lie in the record.
TEST(RecordRules, JudgeWhateverParses) {
    const test::SampleSurroundings surroundings;
    std::mt19937 dice(11);
    int in_order = 0;
    for (const EmbeddedKind& kind : embedded_kinds()) {
        const test::Examples examples = test::examples_of(kind);
        for (int i = 0; i < 300; ++i) {
            json::value record = examples.accepted;
            for (int j = 0; j <= i % 4; ++j) test::mutate(i % 2 == 0 ? record.at("data") : record, dice);
            const auto parsed = ledger::parse_record(json::serialize(record));
            if (!parsed) continue;
            const auto breaches = record_rules().judge(*parsed, surroundings, 5);
            EXPECT_LE(breaches.size(), 5U);
            for (const Breach& breach : breaches) EXPECT_TRUE(breach.place.starts_with('/')) << breach.text();
            in_order += breaches.empty() ? 1 : 0;
        }
    }
    EXPECT_GT(in_order, 100);
}

class RecordRulesTest : public testing::Test {
  protected:
    json::value example(std::string_view kind, const json::value& patch = json::object()) const {
        const auto found = std::ranges::find(embedded_kinds(), kind, &EmbeddedKind::name);
        json::value record = test::examples_of(*found).accepted;
        test::merge(record, patch);
        return record;
    }
    std::string first(const json::value& record) const {
        const auto breaches = record_rules().judge(record_of(record), surroundings_);
        return breaches.empty() ? "accepted" : std::string(breaches[0].rule->id) + " " + breaches[0].place;
    }
    test::SampleSurroundings surroundings_;
};

TEST_F(RecordRulesTest, RefuseKindsAndVersionsThatTheyDoNotKnow) {
    EXPECT_EQ(first(example("alert", {{"type", "vn.socai.alarm.v1"}})), "kind.unknown /type");
    EXPECT_EQ(first(example("alert", {{"type", "vn.socai.alert.v2"}})), "kind.version /type");
    EXPECT_EQ(first(example("alert", {{"type", "vn.socai.genesis.v1"}})), "kind.unknown /type");
}

TEST_F(RecordRulesTest, RefuseSourcesThatAreNotRegistered) {
    EXPECT_EQ(first(example("alert", {{"source", "most.unknown"}})), "writer.registered /source");
    const Surroundings nothing_known;
    EXPECT_TRUE(record_rules()
                    .judge(record_of(example("alert", {{"source", "most.unknown"}})), nothing_known)
                    .empty());
}

TEST_F(RecordRulesTest, FollowReferencesToTheKindsThatTheyMayLeadTo) {
    surroundings_.add(record_of(example("customs_declaration")));
    EXPECT_EQ(first(example("clearance_decision")), "accepted");
    const json::value wrong = example(
        "clearance_decision",
        json::parse(R"({"data": {"refs": [{"rel": "about", "source": "customs.haiphong", "id": "t-06"}]}})"));
    EXPECT_EQ(first(wrong), "accepted");  // t-06 is not known
    surroundings_.add(record_of(example("channel_decision")));
    EXPECT_EQ(first(wrong), "reference.kind /data/refs/0");
    // As admission asks it.
    const auto record = record_of(wrong);
    EXPECT_FALSE(record_rules().judge_reference(record, 0, "customs_declaration"));
    EXPECT_EQ(record_rules().judge_reference(record, 0, "channel_decision").value().place, "/data/refs/0");
    EXPECT_TRUE(KindRules().check_reference(record, 0, ""));
    // To nothing: with the kind's article, in both languages.
    const ledger::Error nothing = KindRules().unknown_reference(record, 0);
    EXPECT_EQ(nothing.reason, "unknown_reference");
    EXPECT_EQ(nothing.fault, ledger::Fault::invalid_statement);
    for (const char* part :
         {"/data/refs/0: ", "must lead to a record", " / dẫn chiếu phải ", "reference.unknown; "})
        EXPECT_NE(nothing.detail.find(part), std::string::npos) << nothing.detail;
    EXPECT_EQ(KindRules().check_reference(record, 0, "channel_decision").error().reason, "wrong_reference");
}

TEST_F(RecordRulesTest, SupersedeOneRecordOfTheirOwnSource) {
    const auto correction = [&](const char* refs) {
        return example("inspection_result",
                       {{"data", {{"correction_reason", "Sai số"}, {"refs", json::parse(refs)}}}});
    };
    EXPECT_EQ(first(correction(R"([{"rel":"supersedes","source":"most.qlcl","id":"a"},
                                   {"rel":"decides","source":"importer.9900000016","id":"t-03"}])")),
              "accepted");
    EXPECT_EQ(first(correction(R"([{"rel":"supersedes","source":"most.qlcl","id":"a"},
                                   {"rel":"supersedes","source":"most.qlcl","id":"b"},
                                   {"rel":"decides","source":"importer.9900000016","id":"t-03"}])")),
              "supersession.one /data/refs/1");
    EXPECT_EQ(first(correction(R"([{"rel":"decides","source":"importer.9900000016","id":"t-03"}])")),
              "correction.supersedes /data/refs");
    EXPECT_EQ(first(example("inspection_result", {{"data", {{"outcome", "annulled"}}}})),
              "correction.supersedes /data/refs");
}

TEST_F(RecordRulesTest, TieAnAmendedDeclarationToTheOneBefore) {
    const json::object amended{{"subject", "104000123451"},
                               {"data", {{"declaration_no", "104000123451"}, {"version", 1}}}};
    EXPECT_EQ(first(example("customs_declaration", amended)), "declaration.amendment /data/refs");
    json::value complete = example("customs_declaration", amended);
    complete.at("data").at("refs").as_array().push_back(
        {{"rel", "supersedes"}, {"source", "customs.haiphong"}, {"id", "t-05"}});
    EXPECT_EQ(first(complete), "accepted");
    json::value first_version = example("customs_declaration");
    first_version.at("data").at("refs") = complete.at("data").at("refs");
    EXPECT_EQ(first(first_version), "declaration.amendment /data/refs");
}

TEST_F(RecordRulesTest, ReadDecimalsAndTexts) {
    const auto worth = [&](const char* value) {
        json::value record = example("customs_declaration");
        record.at("data").at("items").at(0).as_object()["customs_value"] = value;
        return first(record);
    };
    for (const char* value : {"0", "12", "0.5", "-3.25", "120000000.00"})
        EXPECT_EQ(worth(value), "accepted") << value;
    for (const char* value : {".5", "5.", "01", "1,5", "1e3", "--1", "-", " 1"})
        EXPECT_EQ(worth(value), "form.decimal /data/items/0/customs_value") << value;
    for (const char* number : {" 1", "1 ", "1\t2", "1\x7f"})
        EXPECT_EQ(first(example("violation", {{"data", {{"batch", number}}}})), "form.number /data/batch")
            << number;
}

TEST_F(RecordRulesTest, ReadTextsForPeople) {
    const auto finding = [&](const char* text) {
        return first(example("violation", {{"data", {{"finding", text}}}}));
    };
    EXPECT_EQ(finding("Dòng một\nDòng hai"), "accepted");
    for (const char* text : {" a", "a\n", "a\x07", "\ta"})
        EXPECT_EQ(finding(text), "form.text /data/finding") << text;
}

TEST_F(RecordRulesTest, LetAnAlertBeAmendedAndLifted) {
    const auto alert = [&](const char* status, const char* rel) {
        json::value record = example("alert", {{"data", {{"status", status}}}});
        record.at("data").at("refs").as_array().push_back(
            {{"rel", rel}, {"source", "most.qlcl"}, {"id", "t-12"}});
        return first(record);
    };
    EXPECT_EQ(alert("lifted", "closes"), "accepted");
    EXPECT_EQ(alert("amended", "supersedes"), "accepted");
    EXPECT_EQ(alert("lifted", "supersedes"), "alert.lifting /data/refs");
    EXPECT_EQ(alert("amended", "caused_by"), "alert.lifting /data/refs");
    EXPECT_EQ(alert("issued", "closes"), "alert.lifting /data/status");
}

// To close a record of the same kind is to correct it: nobody does that to another's. An order is closed by whoever carries
// it out.
TEST_F(RecordRulesTest, LetNobodyCloseAnothersRecordOfTheSameKind) {
    const auto closing = [&](const char* kind, const char* source) {
        json::value record = example(kind);
        record.at("data").at("refs").as_array().push_back(
            {{"rel", "closes"}, {"source", source}, {"id", "x-1"}});
        return first(record);
    };
    for (const char* kind : {"catalog_item", "violation", "post_check", "conformity_result", "procedure"}) {
        const std::string own(example(kind).at("source").as_string());
        EXPECT_EQ(closing(kind, own.c_str()), "accepted") << kind;
        EXPECT_TRUE(closing(kind, "mard").starts_with("supersession.own")) << kind;
    }
    EXPECT_EQ(first(example("remedy_completion")), "accepted");
}

TEST_F(RecordRulesTest, TellAllThatIsWrong) {
    const auto breaches = record_rules().judge(
        record_of(example("inspection_registration",
                          json::parse(R"({"source": "most.qlcl", "subject": "x", "data": {
            "importer": {"tax_code": "9900000017"}, "regime": "none", "quantity": null, "refs": []}})"))),
        surroundings_);
    std::vector<std::string_view> rules;
    for (const Breach& breach : breaches) rules.push_back(breach.rule->id);
    EXPECT_EQ(rules, (std::vector<std::string_view>{"form.tax_code", "schema.required", "schema.word",
                                                    "writer.role", "reference.required"}));
    EXPECT_EQ(record_rules()
                  .judge(record_of(example("inspection_registration",
                                           json::parse(R"({"data": {"refs": [], "regime": 1}})"))),
                         surroundings_, 1)
                  .size(),
              1U);
}

TEST_F(RecordRulesTest, MakeErrorsOfBreaches) {
    const auto breaches = record_rules().judge(
        record_of(example("clearance_decision", {{"source", "most.qlcl"}})), surroundings_);
    const ledger::Error error = breaches.at(0).error();
    EXPECT_EQ(error.fault, ledger::Fault::forbidden);
    EXPECT_EQ(error.reason, "writer_not_entitled");
    EXPECT_EQ(error.detail,
              "/source: only sources of certain roles may write records of this kind (found most.qlcl with "
              "the roles "
              "inspection_agency, wanted customs_office) / chỉ nguồn giữ một số vai trò mới được ghi loại "
              "bản ghi này "
              "[writer.role; NĐ 85/2019/NĐ-CP Đ24.1; Luật Hải quan 54/2014/QH13 Đ37]");
}

}  // namespace
}  // namespace socai::inspection
