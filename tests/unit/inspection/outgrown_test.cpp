// A program whose rules the ledger has outgrown says so (inspection/kinds.hpp, activation.hpp).
#include <gtest/gtest.h>

#include "inspection/activation.hpp"
#include "inspection/kinds.hpp"
#include "tests/unit/inspection/world.hpp"

namespace socai::inspection::test {
namespace {

TEST(Outgrown, OnlyByVersionsThatTheProgramDoesNotKnow) {
    const KindRules rules;
    World world;
    EXPECT_EQ(rules.outgrown(world.facts()), std::nullopt);
    const auto activate = [&](const char* id, int engine) {
        return world.add("customs", "activation", id, "2022-01-01T08:00:00+07:00",
                         R"({"schema_set":1,"rule_engine":)" + std::to_string(engine) + "}");
    };
    ASSERT_TRUE(activate("v1", 1));
    EXPECT_EQ(rules.outgrown(world.facts()), std::nullopt);
    ASSERT_TRUE(activate("v2", static_cast<int>(program_versions.rule_engine)));
    EXPECT_EQ(rules.outgrown(world.facts()), std::nullopt);
    const std::string next = std::to_string(program_versions.rule_engine + 1);
    ASSERT_TRUE(activate("v3", static_cast<int>(program_versions.rule_engine) + 1));
    const auto why = rules.outgrown(world.facts());
    ASSERT_TRUE(why);
    EXPECT_NE(why->find("rule engine " + next), std::string::npos) << *why;
}

}  // namespace
}  // namespace socai::inspection::test
