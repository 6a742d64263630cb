#include "node/client/policy_draft.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "head_signing.hpp"

namespace socai::node::client {
namespace {

using test::Consortium;

TEST(PolicyDraft, WitnessesFromOutsideStayAsTheyWere) {
    const Consortium consortium{5};
    const auto nodes = consortium.leaf_of({0, 1, 4}).nodes;
    for (const bool is_needed : {true, false}) {
        const ledger::PolicyLeaf before = consortium.leaf_with_court(4, is_needed);
        const ledger::Policy after = policy_for(Consortium::origin, nodes, before.policy);
        EXPECT_EQ(ledger::parse_policy(after.to_string()).value(), after);
        EXPECT_EQ(after.witnesses.size(), 4U) << "three nodes and the court: the nodes that left are gone";
        const auto court =
            std::ranges::find(after.witnesses, consortium.court_key(), &ledger::PolicyWitness::key);
        ASSERT_NE(court, after.witnesses.end());
        EXPECT_EQ(court->name, "court");
        EXPECT_EQ(after.quorum == "quorum", is_needed);
        EXPECT_EQ(policy_for(Consortium::origin, nodes, after), after) << "once is enough";
    }
}

TEST(PolicyDraft, ANameThatIsTakenGivesWay) {
    const Consortium consortium{2};
    ledger::PolicyLeaf before = consortium.leaf_with_court(1, false);
    before.policy.witnesses.back().name = "a1-1";  // as the node is called that joins
    const ledger::Policy after =
        policy_for(Consortium::origin, consortium.leaf_of({0, 1}).nodes, before.policy);
    EXPECT_EQ(ledger::parse_policy(after.to_string()).value(), after);
    EXPECT_EQ(after.witnesses.back().name, "a1-1_");
    EXPECT_EQ(after.witnesses.back().key, consortium.court_key());
}

}  // namespace
}  // namespace socai::node::client
