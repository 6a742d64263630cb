// Confidential members in the ledger's derived state, and who opens them (confidential/commitments.hpp, access/visibility.hpp).
#include "inspection/confidential/commitments.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "inspection/access/account.hpp"
#include "inspection/access/visibility.hpp"
#include "inspection/access/visibility_table.hpp"
#include "inspection/activation.hpp"
#include "inspection/records/embedded_kinds.hpp"
#include "inspection/records/record_rules.hpp"
#include "ledger/disclosure.hpp"
#include "tests/unit/inspection/world.hpp"

namespace socai::inspection::test {
namespace {

const std::string when = "2022-02-10T08:00:00+07:00";

std::string committing_data(const std::vector<ledger::Disclosure>& told) {
    json::array list;
    for (const auto& each : told) list.emplace_back(ledger::commitment_text(each.digest));
    return json::serialize(json::object{{"_sd", std::move(list)}});
}

class Commitments : public ::testing::Test {
  protected:
    void activate() {
        ASSERT_TRUE(world_.add("customs", "activation", "v2", when, R"({"schema_set":1,"rule_engine":2})"));
    }
    ledger::Result<ledger::Address> commit(const std::string& source, const std::string& id,
                                           const std::vector<ledger::Disclosure>& told) {
        return world_.add(source, "post_check", id, when, committing_data(told));
    }
    ledger::Result<ledger::Address> erase(const std::string& source, const std::string& id,
                                          const std::string& refs, const std::string& basis = R"(["Luật 91/2025 Đ14"])") {
        return world_.add(source, "erasure", id, when,
                          R"({"decision_no":"1","reason":"x","legal_basis":)" + basis + "}", refs);
    }

    World world_{[](const ledger::Coming& coming, ledger::FactDraft& facts) {
        if (auto taken = take_activation(coming, facts); !taken) return taken;
        return take_commitments(coming, facts);
    }};
    const ledger::Disclosure finding_ = ledger::make_disclosure("finding", "lead");
    const ledger::Disclosure other_ = ledger::make_disclosure("finding", "tin");
};

TEST_F(Commitments, ComeIntoForceWithTheEngine) {
    EXPECT_EQ(commit("most.dost-hcm", "c-1", {finding_}).error().reason, "not_in_force");
    ASSERT_TRUE(erase("most", "e-0", "[]")) << "of before: it ends nothing";
    activate();
    const auto at = commit("most.dost-hcm", "c-1", {finding_});
    ASSERT_TRUE(at) << at.error().detail;
    const auto found = committing(world_.facts(), finding_.digest);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->source, "most.dost-hcm");
    EXPECT_EQ(found->id, "c-1");
    EXPECT_EQ(found->type, "vn.socai.post_check.v1");
    EXPECT_EQ(found->at, *at);
    EXPECT_EQ(found->commitments, std::vector{finding_.digest});
    EXPECT_FALSE(committing(world_.facts(), other_.digest));
}

TEST_F(Commitments, StandInOneRecord) {
    activate();
    ASSERT_TRUE(commit("most.dost-hcm", "c-1", {finding_}));
    const auto again = commit("most.dost-hcm", "c-2", {other_, finding_});
    EXPECT_EQ(again.error().reason, "commitment_known");
    EXPECT_EQ(again.error().fault, ledger::Fault::conflict);
}

TEST_F(Commitments, AreErasedByTheMemberAboveTheWriter) {
    activate();
    ASSERT_TRUE(commit("most.dost-hcm", "c-1", {finding_}));
    const std::string about = R"([["about","most.dost-hcm","c-1"]])";
    EXPECT_EQ(erase("customs", "e-1", about).error().reason, "not_yours_to_erase");
    EXPECT_EQ(erase("most", "e-2", about, "[]").error().reason, "erasure_without_basis");
    EXPECT_FALSE(erasure_of(world_.facts(), "most.dost-hcm", "c-1"));
    const auto at = erase("most", "e-3", about);
    ASSERT_TRUE(at) << at.error().detail;
    const auto erasure = erasure_of(world_.facts(), "most.dost-hcm", "c-1");
    ASSERT_TRUE(erasure);
    EXPECT_EQ(erasure->id, "e-3");
    EXPECT_EQ(erasure->at, *at);
    EXPECT_EQ(erasure->legal_basis, std::vector<std::string>{"Luật 91/2025 Đ14"});
    ASSERT_TRUE(erase("most", "e-4", about));
    EXPECT_EQ(erasure_of(world_.facts(), "most.dost-hcm", "c-1")->id, "e-3") << "the first stands";
    EXPECT_TRUE(committing(world_.facts(), finding_.digest)) << "the commitment stands for ever";
}

TEST_F(Commitments, AreScannedInTheirOrder) {
    activate();
    const auto first = commit("most.dost-hcm", "c-2", {finding_});
    const auto second = commit("most.dost-hcm", "c-1", {other_});
    ASSERT_TRUE(erase("most", "e-1", R"([["about","most.dost-hcm","c-1"],["about","most.dost-hcm","c-2"]])"));
    std::vector<std::string> seen;
    scan_commitments(world_.facts(), {}, [&](const ledger::Address& at, const Committing& record) {
        EXPECT_EQ(at, seen.empty() ? *first : *second);
        seen.push_back(record.id);
        return true;
    });
    EXPECT_EQ(seen, (std::vector<std::string>{"c-2", "c-1"}));
    seen.clear();
    scan_commitments(world_.facts(), *second, [&](const ledger::Address&, const Committing& record) {
        seen.push_back(record.id);
        return true;
    });
    EXPECT_EQ(seen, std::vector<std::string>{"c-1"});
    seen.clear();
    scan_erased(world_.facts(), {}, [&](const ledger::Address&, const Committing& record) {
        seen.push_back(record.id);
        return seen.size() < 1;
    });
    EXPECT_EQ(seen, std::vector<std::string>{"c-1"});
}

// Whoever may keep a member out of the leaf finds its name in the schema; none is required, so the clear part stands alone.
TEST(ConfidentialMembers, AreOptionalInEverySchema) {
    const RecordRules rules;
    std::size_t kinds = 0;
    for (const Kind& kind : rules.kinds()) {
        kinds += kind.confidential.empty() ? 0 : 1;
        if (kind.confidential.empty()) continue;
        const VisibilityRow* row = visibility_of(kind.traits.kind);
        ASSERT_NE(row, nullptr);
        EXPECT_TRUE(row->everybody.empty()) << kind.traits.kind << " is public";
        const auto embedded = std::ranges::find(embedded_kinds(), kind.traits.kind, &EmbeddedKind::name);
        const json::value schema = json::parse(json::string_view(embedded->schema));
        for (const json::value& name : schema.at("required").as_array())
            EXPECT_FALSE(std::ranges::binary_search(kind.confidential, std::string(name.as_string())))
                << kind.traits.kind << " " << name;
    }
    EXPECT_EQ(kinds, 10u);
}

TEST(ConfidentialMembers, AreOfKindsThatAllowThem) {
    const RecordRules rules;
    const auto first_rule = [&](const ledger::Record& record, std::vector<std::string> names = {}) -> std::string {
        const auto breaches = names.empty() ? rules.judge(record, Surroundings(), 1)
                                            : rules.judge_opened(record, names, Surroundings(), 1);
        return breaches.empty() ? "kept" : std::string(breaches.front().rule->id);
    };
    const auto check = [](const std::string& more) {
        return R"({"check_no":"subject","type":"market_check","status":"planned",)" + more + "}";
    };
    const ledger::Disclosure one = ledger::make_disclosure("finding", "lead");
    const ledger::Disclosure two = ledger::make_disclosure("finding", "tin");
    const std::string a = ledger::commitment_text(one.digest), b = ledger::commitment_text(two.digest);
    const auto made = [&](const std::string& more) {
        return World::made("most.dost-hcm", "post_check", "c-1", when, check(more));
    };
    EXPECT_EQ(first_rule(made(R"("_sd":[")" + a + "\"]")), "kept");
    EXPECT_EQ(first_rule(made(R"("_sd":[")" + a + "\",\"" + b + "\"]")), "commitment.count");
    EXPECT_EQ(first_rule(World::made("most", "ruleset", "r-1", when, R"({"_sd":[")" + a + "\"]}")), "commitment.kind");
    EXPECT_EQ(first_rule(made(R"("finding":"lead")"), {"finding"}), "kept");
    EXPECT_EQ(first_rule(made(R"("finding":5)"), {"finding"}), "schema.type");
    EXPECT_EQ(first_rule(made(R"("finding":"lead")"), {"check_no"}), "commitment.member");
}

TEST(ConfidentialMembers, AreOpenedToWhoMayReadThem) {
    const ledger::Registry registry = sample_registry();
    const auto opens = [&](const char* who, const char* source, const char* kind) {
        const auto record = World::made(source, kind, "c-1", when, "{}");
        const Viewer viewer = viewer_for(registry, who);
        return may_open(registry, viewer, record, seen_by(viewer, record, nullptr));
    };
    // A check by an agency: agencies; a declaration: customs alone, and the members whose offices these are.
    EXPECT_TRUE(opens("most.dost-hcm", "most.dost-hcm", "post_check"));
    EXPECT_TRUE(opens("customs.haiphong", "most.dost-hcm", "post_check"));
    EXPECT_TRUE(opens("customs.haiphong", "customs.haiphong", "customs_declaration"));
    EXPECT_TRUE(opens("customs", "customs.haiphong", "customs_declaration"));
    EXPECT_FALSE(opens("most", "customs.haiphong", "customs_declaration"));
    EXPECT_FALSE(opens("most.dost-hcm", "customs.haiphong", "customs_declaration"));
    EXPECT_FALSE(opens("nobody", "most.dost-hcm", "post_check"));
    EXPECT_FALSE(may_open(registry, Viewer{}, World::made("most", "post_check", "c", when, "{}"), {Sight::whole}));
    Viewer auditor;
    auditor.whole = auditor.agency = auditor.opens_all = true;
    EXPECT_TRUE(may_open(registry, auditor, World::made("customs.haiphong", "customs_declaration", "d", when, "{}"),
                         {Sight::whole}));
    EXPECT_TRUE(may_hold(registry, "customs", "customs.haiphong", "vn.socai.customs_declaration.v1"));
    EXPECT_FALSE(may_hold(registry, "most", "customs.haiphong", "vn.socai.customs_declaration.v1"));
    EXPECT_TRUE(may_hold(registry, "most", "most.dost-hcm", "vn.socai.post_check.v1"));
}

}  // namespace
}  // namespace socai::inspection::test
