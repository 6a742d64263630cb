#include "ledger/governance/proposals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>

#include "ledger/governance/explain.hpp"
#include "ledger/governance/limits.hpp"
#include "ledger/governance/matters.hpp"
#include "ledger/json_members.hpp"
#include "ledger/node_list.hpp"
#include "ledger/policy_leaf.hpp"
#include "tests/unit/ledger/consortium.hpp"
#include "tests/unit/ledger/small_ledger.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;
using samples::Assembly;
using samples::key_json;

constexpr std::int64_t hour_ms = 60LL * 60 * 1000;

json::object limits_change(std::int64_t backdate_ms) {
    return {{"limits", json::object{{"max_backdate_ms", backdate_ms}}}};
}
json::object new_member(std::string_view code) {
    const std::string prefix(code);
    return {
        {"member", json::object{{"code", code}, {"name_vi", "Bộ Y tế"}, {"name_en", "Ministry of Health"}}},
        {"keys",
         json::array{key_json(prefix + "/root", "root"), key_json(prefix + "/registrar", "registrar")}}};
}
json::object new_node(const std::string& name, std::string_view agency) {
    json::object node = nodes_json({samples::node_named(name, agency, 1)})[0].as_object();
    node.erase("raft_id");
    node["host"] = "10.0.0.7";
    node["port"] = 7001;
    return node;
}
json::object nodes_change(json::array add, json::array remove) {
    return {{"add", std::move(add)}, {"remove", std::move(remove)}};
}
ProposalState state_of(const Assembly& ledger, std::string_view id, std::string_view source = "customs") {
    return find_proposal(ledger.facts(), {std::string(source), std::string(id)})->state;
}
// Proposed by customs and voted for by these.
std::string passed(Assembly& ledger, std::string_view id, std::string_view matter, json::object change,
                   std::initializer_list<std::string_view> voters = {"customs", "most", "mard"}) {
    if (const std::string done = ledger.propose("customs", id, matter, std::move(change)); done != "admitted")
        return done;
    for (const std::string_view voter : voters)
        if (const std::string done = ledger.vote(voter, id); done != "admitted") return done;
    return std::string(word_of(state_of(ledger, id)));
}

TEST(Passage, CountsMembers) {
    EXPECT_EQ(votes_needed(Passage::any, 14), 1u);
    EXPECT_EQ(votes_needed(Passage::majority, 4), 3u);
    EXPECT_EQ(votes_needed(Passage::majority, 5), 3u);
    EXPECT_EQ(votes_needed(Passage::two_thirds, 3), 2u);
    EXPECT_EQ(votes_needed(Passage::two_thirds, 4), 3u);
    EXPECT_EQ(votes_needed(Passage::two_thirds, 14), 10u);
    EXPECT_EQ(votes_needed(Passage::all, 14), 14u);
    for (std::size_t members = 1; members < 100; ++members) {
        EXPECT_GT(2 * votes_needed(Passage::majority, members), members);
        EXPECT_GE(3 * votes_needed(Passage::two_thirds, members), 2 * members);
        EXPECT_LT(3 * (votes_needed(Passage::two_thirds, members) - 1), 2 * members);
    }
}

TEST(Proposals, PassWithTheVoteThatIsEnoughAndTakeEffectThere) {
    Assembly ledger;
    ASSERT_EQ(ledger.propose("customs", "p-1", "limits", limits_change(45 * 24 * hour_ms)), "admitted")
        << ledger.detail();
    EXPECT_EQ(time_limits(ledger.genesis(), ledger.facts()).max_backdate_ms, 30 * 24 * hour_ms);
    ASSERT_EQ(ledger.vote("most", "p-1"), "admitted");
    ASSERT_EQ(ledger.vote("mard", "p-1", false), "admitted");
    ASSERT_EQ(ledger.vote("moit", "p-1"), "admitted");
    EXPECT_EQ(state_of(ledger, "p-1"), ProposalState::open);
    ASSERT_EQ(ledger.vote("customs", "p-1"), "admitted");
    EXPECT_EQ(state_of(ledger, "p-1"), ProposalState::passed);
    EXPECT_EQ(time_limits(ledger.genesis(), ledger.facts()).max_backdate_ms, 45 * 24 * hour_ms);
    EXPECT_EQ(find_proposal(ledger.facts(), {"customs", "p-1"})->decided->index, 5u);
}

TEST(Proposals, AreRejectedOnceTheyCannotPass) {
    Assembly ledger;
    ASSERT_EQ(ledger.propose("customs", "p-1", "limits", limits_change(45 * 24 * hour_ms)), "admitted");
    ASSERT_EQ(ledger.vote("most", "p-1", false), "admitted");
    EXPECT_EQ(state_of(ledger, "p-1"), ProposalState::open);
    ASSERT_EQ(ledger.vote("mard", "p-1", false), "admitted");
    EXPECT_EQ(state_of(ledger, "p-1"), ProposalState::rejected);
    EXPECT_EQ(ledger.vote("moit", "p-1"), "proposal_closed");
}

TEST(Proposals, BallotsCountOnceAndComeFromMembers) {
    Assembly ledger;
    ASSERT_EQ(ledger.propose("customs", "p-1", "limits", limits_change(45 * 24 * hour_ms)), "admitted");
    ASSERT_EQ(ledger.vote("most", "p-1"), "admitted");
    EXPECT_EQ(ledger.vote("most", "p-1"), "already_voted");
    EXPECT_EQ(ledger.vote("most", "p-1", false), "already_voted");
    EXPECT_EQ(ledger.vote("most", "p-9"), "unknown_reference");
    // An office's registrar is no member's; a record key does not vote; a member does not vote for another.
    ASSERT_EQ(ledger.act("customs/root", "agency_key", "k-1", key_json("customs.nsw/registrar", "registrar")),
              "admitted");
    EXPECT_EQ(ledger.vote("customs.nsw", "p-1"), "not_a_member");
    json::object data{{"vote", "yes"}, {"reason", ""}};
    data["refs"] = json::array{{{"rel", "about"}, {"source", "customs"}, {"id", "p-1"}}};
    EXPECT_EQ(ledger.act("mard/record", "ballot", "b-9", data), "wrong_purpose");
    EXPECT_EQ(ledger.act("mard/registrar", "ballot", "b-9", data, "moit"), "source_not_allowed");
    EXPECT_EQ(state_of(ledger, "p-1"), ProposalState::open);
    // A root key may vote too, once for its agency.
    ASSERT_EQ(ledger.act("mard/root", "ballot", "b-10", data), "admitted");
    EXPECT_EQ(ledger.vote("mard", "p-1"), "already_voted");
}

TEST(Proposals, CloseAtTheirTime) {
    Assembly ledger;
    ASSERT_EQ(ledger.propose("customs", "p-1", "limits", limits_change(45 * 24 * hour_ms)), "admitted");
    ledger.wait_ms(31 * 24 * hour_ms);
    EXPECT_EQ(ledger.vote("most", "p-1"), "proposal_closed");
    EXPECT_EQ(ledger.act("customs/registrar", "proposal", "p-2",
                         {{"title", "x"},
                          {"matter", "limits"},
                          {"change", limits_change(45 * 24 * hour_ms)},
                          {"closes", "2021-01-01T00:00:00Z"}}),
              "closes_out_of_range");
}

TEST(Proposals, AreWithdrawnByWhoMadeThem) {
    Assembly ledger;
    ASSERT_EQ(ledger.propose("customs", "p-1", "limits", limits_change(45 * 24 * hour_ms)), "admitted");
    json::object data{{"reason", "another one comes"}};
    data["refs"] = json::array{{{"rel", "about"}, {"source", "customs"}, {"id", "p-1"}}};
    EXPECT_EQ(ledger.act("most/registrar", "proposal_withdrawal", "w-1", data), "not_the_proposer");
    ASSERT_EQ(ledger.act("customs/registrar", "proposal_withdrawal", "w-1", data), "admitted");
    EXPECT_EQ(state_of(ledger, "p-1"), ProposalState::withdrawn);
    EXPECT_EQ(ledger.vote("most", "p-1"), "proposal_closed");
}

TEST(Proposals, WhatCouldNotBeCarriedOutIsNotProposed) {
    Assembly ledger;
    EXPECT_EQ(ledger.propose("customs", "p-1", "limits", limits_change(1)), "limit_out_of_range");
    EXPECT_EQ(ledger.propose("customs", "p-2", "weather", limits_change(1)), "unknown_matter");
    EXPECT_EQ(ledger.propose("customs", "p-3", "limits", {{"limits", json::object{{"leaves", 5}}}}),
              "unknown_limit");
    EXPECT_EQ(ledger.propose("customs", "p-4", "hold", {{"agency", "nobody"}, {"held", true}}),
              "unknown_agency");
    EXPECT_EQ(ledger.propose("customs", "p-5", "hold", {{"agency", "most"}, {"held", false}}), "no_effect");
    EXPECT_EQ(ledger.propose("customs", "p-6", "hold", {{"agency", "most"}}), "malformed_act");
    EXPECT_EQ(ledger.size(), 1u);
}

TEST(Proposals, WhatHasBecomeImpossibleFails) {
    Assembly ledger;
    ASSERT_EQ(ledger.propose("customs", "p-1", "member_addition", new_member("moh")), "admitted")
        << ledger.detail();
    ASSERT_EQ(passed(ledger, "p-2", "member_addition", new_member("moh")), "passed");
    ASSERT_EQ(ledger.vote("customs", "p-1"), "admitted");
    ASSERT_EQ(ledger.vote("most", "p-1"), "admitted");
    ASSERT_EQ(ledger.vote("mard", "p-1"), "admitted");
    ASSERT_EQ(state_of(ledger, "p-1"), ProposalState::open);  // five members by now: four are needed
    ASSERT_EQ(ledger.vote("moit", "p-1"), "admitted");
    EXPECT_EQ(state_of(ledger, "p-1"), ProposalState::failed);
    EXPECT_NE(find_proposal(ledger.facts(), {"customs", "p-1"})->why.find("already_member"),
              std::string::npos);
}

TEST(Matters, AMemberComesAndGoes) {
    Assembly ledger;
    ASSERT_EQ(passed(ledger, "p-1", "member_addition", new_member("moh")), "passed");
    EXPECT_EQ(ledger.registry().members().size(), 5u);
    EXPECT_EQ(ledger.act("moh/registrar", "agency_key", "k-1", key_json("moh/record", "record")), "admitted");
    EXPECT_EQ(ledger.record("moh/record", "r-1"), "admitted");
    EXPECT_EQ(ledger.propose("moh", "p-2", "member_removal", {{"agency", "moit"}}), "has_nodes");
    ASSERT_EQ(
        passed(ledger, "p-3", "nodes", nodes_change({}, {"moit-1"}), {"customs", "most", "mard", "moh"}),
        "passed");
    ASSERT_EQ(
        passed(ledger, "p-4", "member_removal", {{"agency", "moit"}}, {"customs", "most", "mard", "moh"}),
        "passed");
    EXPECT_EQ(ledger.registry().members().size(), 4u);
    EXPECT_EQ(ledger.propose("moit", "p-5", "member_removal", {{"agency", "moh"}}), "not_a_member");
    // It still stands as an agency, and what it wrote stays.
    EXPECT_NE(ledger.registry().agency("moit"), nullptr);
}

TEST(Matters, AMemberNeedsKeysToActWith) {
    Assembly ledger;
    json::object without = new_member("moh");
    without["keys"] = json::array{key_json("moh/root", "root")};
    EXPECT_EQ(ledger.propose("customs", "p-1", "member_addition", without), "locks_out");
    json::object foreign = new_member("moh");
    foreign["keys"].as_array().push_back(key_json("most/extra", "root"));
    EXPECT_EQ(ledger.propose("customs", "p-2", "member_addition", foreign), "malformed_act");
}

TEST(Matters, VotesOfWhoLeftCountNoMore) {
    Assembly ledger;
    ASSERT_EQ(ledger.propose("customs", "p-1", "limits", limits_change(45 * 24 * hour_ms)), "admitted");
    ASSERT_EQ(ledger.vote("moit", "p-1"), "admitted");
    ASSERT_EQ(passed(ledger, "p-2", "nodes", nodes_change({}, {"moit-1"})), "passed");
    ASSERT_EQ(passed(ledger, "p-3", "member_removal", {{"agency", "moit"}}), "passed");
    const auto proposal = find_proposal(ledger.facts(), {"customs", "p-1"});
    const Tally counted = tally(ledger.genesis(), ledger.registry(), ledger.facts(), *proposal,
                                ballots_on(ledger.facts(), proposal->name));
    EXPECT_EQ(counted.members, 3u);
    EXPECT_EQ(counted.needed, 2u);
    EXPECT_EQ(counted.yes, 0u);
}

TEST(Matters, AHeldAgencyWritesNothingAndStillVotes) {
    Assembly ledger;
    ASSERT_EQ(ledger.record("customs.haiphong/record", "r-0"), "admitted");
    ASSERT_EQ(passed(ledger, "p-1", "hold", {{"agency", "customs"}, {"held", true}}), "passed");
    EXPECT_EQ(ledger.record("customs/record", "r-1"), "agency_held");
    EXPECT_EQ(ledger.record("customs.haiphong/record", "r-1"), "agency_held");  // those below it too
    EXPECT_EQ(ledger.record("most/record", "r-1"), "admitted");
    EXPECT_EQ(passed(ledger, "p-2", "hold", {{"agency", "customs"}, {"held", false}}), "passed");
    EXPECT_EQ(ledger.record("customs/record", "r-1"), "admitted");
}

TEST(Matters, LostRootKeysAreReplacedByTheOthers) {
    Assembly ledger;
    ASSERT_EQ(passed(ledger, "p-1", "root_keys",
                     {{"agency", "moit"},
                      {"keys", json::array{key_json("moit/root-2", "root"),
                                           key_json("moit/registrar-2", "registrar")}}}),
              "passed")
        << ledger.detail();
    EXPECT_EQ(ledger.act("moit/root", "agency_key", "k-1", key_json("moit/x", "registrar")), "key_not_valid");
    EXPECT_EQ(ledger.act("moit/root-2", "agency_key", "k-1", key_json("moit/x", "registrar")), "admitted");
    EXPECT_EQ(ledger.record("moit/record", "r-1"), "admitted");  // record keys are its own business
    EXPECT_EQ(ledger.propose("customs", "p-2", "root_keys",
                             {{"agency", "moit"}, {"keys", json::array{key_json("moit/root-3", "root")}}}),
              "locks_out");
}

TEST(Matters, NodesComeAndGoTogether) {
    Assembly ledger;
    ASSERT_EQ(
        passed(ledger, "p-1", "nodes",
               nodes_change({new_node("customs-2", "customs"), new_node("most-2", "most")}, {"moit-1"})),
        "passed")
        << ledger.detail();
    EXPECT_EQ(wanted_nodes(ledger.genesis(), ledger.facts()),
              (std::vector<std::string>{"customs-1", "customs-2", "mard-1", "most-1", "most-2"}));
    EXPECT_EQ(voted_node(ledger.facts(), "most-2")->port, 7001);
    EXPECT_EQ(ledger.propose("customs", "p-2", "nodes", nodes_change({new_node("customs-2", "customs")}, {})),
              "node_changed");
    EXPECT_EQ(ledger.propose("customs", "p-3", "nodes", nodes_change({new_node("moit-1", "moit")}, {})),
              "node_changed");
    EXPECT_EQ(ledger.propose("customs", "p-4", "nodes", nodes_change({}, {"moit-1"})), "unknown_node");
    EXPECT_EQ(ledger.propose("customs", "p-5", "nodes",
                             nodes_change({}, {"customs-1", "customs-2", "mard-1", "most-1", "most-2"})),
              "locks_out");
    json::object twin = new_node("mard-2", "mard");
    twin["log_key"] = new_node("customs-2", "customs")["log_key"];
    EXPECT_EQ(ledger.propose("customs", "p-6", "nodes", nodes_change({twin}, {})), "key_in_use");
    EXPECT_EQ(
        ledger.propose("customs", "p-7", "nodes", nodes_change({new_node("x-1", "customs.haiphong")}, {})),
        "malformed_act");
    EXPECT_EQ(ledger.propose("customs", "p-8", "nodes", nodes_change({}, {})), "no_effect");
    // Nor does a key of a node, founded or voted in, become an agency's.
    for (const char* node : {"customs-1", "customs-2"}) {
        json::object borrowed = key_json("customs/x", "record");
        borrowed["x"] = new_node(node, "customs")["tls_key"];
        EXPECT_EQ(ledger.act("customs/registrar", "agency_key", std::string("k-") + node, borrowed),
                  "key_in_use");
    }
}

TEST(Matters, AGovernedRecordWaitsForItsVote) {
    Assembly ledger;
    ASSERT_EQ(ledger.record("most/record", "rules-1", "ruleset"), "admitted");
    EXPECT_FALSE(ledger.facts().get("count/ruleset"));
    EXPECT_EQ(ledger.propose("customs", "p-0", "versions",
                             {{"record", json::object{{"source", "most"}, {"id", "rules-1"}}}}),
              "not_governed");
    ASSERT_EQ(
        passed(ledger, "p-1", "rule_sets", {{"record", json::object{{"source", "most"}, {"id", "rules-1"}}}}),
        "passed")
        << ledger.detail();
    EXPECT_EQ(ledger.facts().get("last/ruleset"), "rules-1");
    // In force once.
    EXPECT_EQ(ledger.propose("customs", "p-2", "rule_sets",
                             {{"record", json::object{{"source", "most"}, {"id", "rules-1"}}}}),
              "no_such_record");
    // What the rules would refuse is refused before it waits.
    EXPECT_EQ(ledger.act("most/record", "ruleset", "broken", {}), "broken_rule");
}

TEST(Matters, FoundersMayLetOneMemberDecide) {
    Genesis genesis = samples::consortium();
    genesis.parameters.passage["rule_sets"] = "any";
    Assembly ledger(genesis);
    ASSERT_EQ(ledger.record("most/record", "rules-1", "ruleset"), "admitted");
    EXPECT_EQ(ledger.facts().get("last/ruleset"), "rules-1");
}

TEST(Matters, RulesOfPassageAreGovernedByThemselves) {
    Genesis genesis = samples::consortium();
    genesis.parameters.passage["limits"] = "all";
    genesis.parameters.passage["passage"] = "majority";
    Assembly ledger(genesis);
    ASSERT_EQ(ledger.propose("customs", "p-1", "passage", {{"matter", "limits"}, {"rule", "any"}}),
              "admitted");
    for (const char* member : {"customs", "most", "mard"}) ASSERT_EQ(ledger.vote(member, "p-1"), "admitted");
    // Three of four are enough to change rules, but not this one, which asks for all.
    EXPECT_EQ(state_of(ledger, "p-1"), ProposalState::open);
    ASSERT_EQ(ledger.vote("moit", "p-1"), "admitted");
    EXPECT_EQ(state_of(ledger, "p-1"), ProposalState::passed);
    EXPECT_EQ(passed(ledger, "p-2", "limits", limits_change(45 * 24 * hour_ms), {"most"}), "passed");
    EXPECT_EQ(ledger.propose("customs", "p-3", "passage", {{"matter", "passage"}, {"rule", "all"}}),
              "locks_out");
    EXPECT_EQ(ledger.propose("customs", "p-4", "passage", {{"matter", "limits"}, {"rule", "most"}}),
              "unknown_rule");
}

TEST(Matters, APolicyIsWrittenByVote) {
    Assembly ledger;
    const Policy strict = consortium_policy(samples::origin, ledger.genesis().nodes, 4);
    const json::object record = json::parse(policy_record({ledger.genesis().nodes, strict}, samples::origin,
                                                          "customs", "policy-1", "2021-09-30T23:00:00Z"))
                                    .as_object();
    const auto write = [&](std::string_view id) {
        json::object event = record;
        event["id"] = id;
        const Verdict verdict =
            admit(ledger.context(), ledger.view(), samples::statement(event, "customs/record"),
                  samples::now_ms + hour_ms, false);
        const auto* error = std::get_if<Error>(&verdict);
        return error == nullptr ? std::string("admitted") : error->reason;
    };
    EXPECT_EQ(write("policy-1"), "right_missing");
    ASSERT_EQ(passed(ledger, "p-1", "quorum_policy", {{"policy", strict.to_string()}}), "passed")
        << ledger.detail();
    EXPECT_EQ(write("policy-1"), "admitted");
    // A quorum that the ledger's nodes cannot reach is never voted on.
    Policy foreign = strict;
    for (PolicyWitness& witness : foreign.witnesses)
        witness.key.key = samples::key_named(witness.name + " elsewhere").key.public_key();
    EXPECT_EQ(ledger.propose("customs", "p-2", "quorum_policy", {{"policy", foreign.to_string()}}),
              "locks_out");
    EXPECT_EQ(ledger.propose("customs", "p-3", "quorum_policy", {{"policy", "nonsense"}}),
              "malformed_policy");
}

TEST(Matters, RightsAndRolesAreGivenByVote) {
    Assembly ledger;
    ASSERT_EQ(passed(ledger, "p-1", "rights",
                     {{"kid", "most/record"}, {"rights", json::array{"historical_import"}}}),
              "passed");
    EXPECT_TRUE(ledger.registry().key("most/record")->has_right("historical_import"));
    ASSERT_EQ(
        passed(ledger, "p-2", "roles", {{"agency", "most"}, {"roles", json::array{"member", "list_owner"}}}),
        "passed");
    EXPECT_TRUE(ledger.registry().agency("most")->has_role("list_owner"));
    EXPECT_EQ(
        ledger.propose("customs", "p-3", "roles", {{"agency", "most"}, {"roles", json::array{"list_owner"}}}),
        "not_governed");
}

// A version that no program has would stop every node for good: who is asked to vote is told.
TEST(Matters, WhatWouldStopTheProgramIsSaid) {
    class Known : public samples::GovernedRules {
        std::optional<std::string> outgrown(const Facts& facts) const override {
            if (facts.get("last/activation") != "v20") return std::nullopt;
            return "The ledger has put 20 in force, and this program knows 2.";
        }
    };
    Assembly ledger;
    ASSERT_EQ(ledger.record("customs/record", "v2", "activation"), "admitted");
    ASSERT_EQ(ledger.record("customs/record", "v20", "activation"), "admitted");
    const Known rules;
    const Context context{ledger.genesis(), rules};
    for (const char* version : {"v2", "v20"}) {
        const std::string id = std::string("to-") + version;
        ASSERT_EQ(ledger.propose("customs", id, "versions", {{"record", json::object{{"source", "customs"}, {"id", version}}}}),
                  "admitted");
        const auto proposal = find_proposal(ledger.facts(), {"customs", id});
        ASSERT_TRUE(proposal);
        const auto told = consequences(context, ledger.registry(), ledger.facts(), *proposal, ledger.size());
        ASSERT_TRUE(told);
        const bool warned = std::ranges::any_of(*told, [](const std::string& each) { return each.find("stops at that leaf") != std::string::npos; });
        EXPECT_EQ(warned, std::string_view(version) == "v20");
    }
}

TEST(Matters, RecoveryNeedsMoreThanHalf) {
    Assembly ledger;
    EXPECT_EQ(recovery_quorum(ledger.registry(), ledger.facts()), 3u);
    EXPECT_EQ(ledger.propose("customs", "p-1", "recovery", {{"agencies", 2}}), "locks_out");
    ASSERT_EQ(passed(ledger, "p-2", "recovery", {{"agencies", 4}}), "passed");
    EXPECT_EQ(recovery_quorum(ledger.registry(), ledger.facts()), 4u);
}

// A number that was voted for other members neither locks out nor lets a minority decide.
TEST(Matters, RecoveryKeepsToTheMembersOfNow) {
    Assembly fewer;
    ASSERT_EQ(passed(fewer, "p-1", "recovery", {{"agencies", 4}}), "passed");
    ASSERT_EQ(passed(fewer, "p-2", "nodes", {{"add", json::array{}}, {"remove", json::array{"moit-1"}}}), "passed");
    ASSERT_EQ(passed(fewer, "p-3", "member_removal", {{"agency", "moit"}}), "passed");
    EXPECT_EQ(recovery_quorum(fewer.registry(), fewer.facts()), 3u);

    Assembly more;
    ASSERT_EQ(passed(more, "p-1", "recovery", {{"agencies", 3}}), "passed");
    ASSERT_EQ(passed(more, "p-2", "member_addition", new_member("moh")), "passed");
    ASSERT_EQ(passed(more, "p-3", "member_addition", new_member("moc"), {"customs", "most", "mard", "moit"}), "passed");
    ASSERT_EQ(passed(more, "p-4", "member_addition", new_member("mot"), {"customs", "most", "mard", "moit"}), "passed");
    EXPECT_EQ(more.registry().members().size(), 7u);
    EXPECT_EQ(recovery_quorum(more.registry(), more.facts()), 4u);
}

TEST(Matters, TheSameLeavesGiveTheSameFacts) {
    Assembly ledger;
    ASSERT_EQ(passed(ledger, "p-1", "member_addition", new_member("moh")), "passed");
    ASSERT_EQ(passed(ledger, "p-2", "hold", {{"agency", "moh"}, {"held", true}},
                     {"customs", "most", "mard", "moit"}),
              "passed");
    samples::MapView again;
    for (const Admitted& leaf : ledger.leaves()) {
        Verdict verdict = admit(ledger.context(), again, leaf.statement, leaf.time_ms, false);
        ASSERT_TRUE(std::holds_alternative<Admitted>(verdict));
        EXPECT_EQ(std::get<Admitted>(verdict).changes, leaf.changes);
        again.add(std::get<Admitted>(verdict));
    }
}

}  // namespace
}  // namespace socai::ledger
