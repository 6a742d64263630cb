#include "inspection/kinds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "sample_kinds.hpp"

namespace socai::inspection {
namespace {

std::string reason_of(const ledger::Record& record) {
    static const KindRules rules;
    static const ledger::Registry registry = test::sample_registry();
    const ledger::Result<void> checked = rules.check(record, registry);
    if (checked) return "accepted";
    EXPECT_NE(checked.error().detail.find(" / "), std::string::npos);
    return checked.error().reason;
}
std::string reason_of_type(std::string_view type) {
    ledger::Record record;
    record.type = type;
    return reason_of(record);
}

TEST(Kinds, AreSortedEachOnce) {
    EXPECT_EQ(kinds().size(), 40u);
    EXPECT_TRUE(std::ranges::is_sorted(kinds()));
    EXPECT_EQ(std::ranges::adjacent_find(kinds()), kinds().end());
    for (const std::string_view kind : kinds()) EXPECT_TRUE(is_known_kind(kind));
}

TEST(Kinds, AdmitWhatTheSampleShipmentsHold) {
    for (const char* name : {"shipment_toys", "shipment_mangosteen", "catalog_tt28_2026_bct",
                             "compliance_criteria", "risk_table", "rule_sets", "working_days"}) {
        std::istringstream lines(test::file_text(std::string("data/") + name + ".jsonl"));
        for (std::string line; std::getline(lines, line);)
            EXPECT_EQ(reason_of(ledger::parse_record(line).value()), "accepted") << line;
    }
}

TEST(Kinds, AdmitTheAcceptedExamplesAndNoneOfTheRefused) {
    for (const EmbeddedKind& kind : embedded_kinds()) {
        const test::Examples examples = test::examples_of(kind);
        EXPECT_EQ(reason_of(test::record_of(examples.accepted)), "accepted");
        // What a policy must be is admission's (ledger/policy_leaf.hpp).
        for (const test::RefusedExample& refused : examples.refused)
            EXPECT_EQ(reason_of(test::record_of(refused.record)) == "accepted", kind.name == "policy")
                << refused.rule;
    }
}

TEST(Kinds, RefuseOthers) {
    for (const char* kind : {"genesis", "alerts", "aler", "zzz", "a"}) {
        EXPECT_FALSE(is_known_kind(kind));
        EXPECT_EQ(reason_of_type("vn.socai." + std::string(kind) + ".v1"), "unknown_kind");
    }
    EXPECT_FALSE(is_known_kind(""));
    EXPECT_EQ(reason_of_type("vn.socai.alert.v2"), "unknown_version");
    EXPECT_EQ(reason_of_type("org.example.alert.v1"), "unknown_kind");
}

}  // namespace
}  // namespace socai::inspection
