#include "ledger/policy_leaf.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <functional>

#include "ledger/head.hpp"
#include "tests/unit/ledger/small_ledger.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;
using samples::node_named;

PolicyLeaf good_leaf() {
    PolicyLeaf leaf;
    leaf.nodes = {node_named("customs-1", "customs", 1), node_named("most-1", "most", 2),
                  node_named("most-3", "most", 7)};
    leaf.policy = consortium_policy(samples::origin, leaf.nodes);
    return leaf;
}

std::string text_of(const PolicyLeaf& leaf, std::string_view source = "customs") {
    return policy_record(leaf, samples::origin, source, "policy-2", "2021-09-30T23:00:00Z");
}

Result<PolicyLeaf> parse(std::string_view record) {
    return parse_policy_leaf(parse_record(record).value(), samples::origin);
}

std::string reason_of(const Result<PolicyLeaf>& leaf) {
    if (leaf) return "accepted";
    EXPECT_EQ(leaf.error().fault, Fault::invalid_statement);
    EXPECT_FALSE(leaf.error().detail.empty());
    return leaf.error().reason;
}

std::string reason_after(const std::function<void(json::object& record, json::object& data)>& change) {
    json::object record = json::parse(text_of(good_leaf())).as_object();
    change(record, record.at("data").as_object());
    return reason_of(parse(json::serialize(record)));
}

std::string reason_with(const std::function<void(PolicyLeaf&)>& change) {
    PolicyLeaf leaf = good_leaf();
    change(leaf);
    return reason_of(parse(text_of(leaf)));
}

TEST(PolicyLeaf, ComesBackFromItsRecord) {
    const auto leaf = parse(text_of(good_leaf()));
    ASSERT_TRUE(leaf) << leaf.error().detail;
    EXPECT_EQ(*leaf, good_leaf());
}

TEST(PolicyLeaf, RefusesOtherRecords) {
    EXPECT_EQ(reason_after([](json::object&, json::object&) {}), "accepted");
    EXPECT_EQ(reason_after([](json::object& r, json::object&) { r["type"] = "vn.socai.policy.v2"; }),
              "malformed_policy_leaf");
    EXPECT_EQ(reason_after([](json::object& r, json::object&) { r["subject"] = "other.example/log"; }),
              "malformed_policy_leaf");
    for (const char* name : {"nodes", "policy"}) {
        EXPECT_EQ(reason_after([&](json::object&, json::object& d) { d.erase(name); }),
                  "malformed_policy_leaf");
        EXPECT_EQ(reason_after([&](json::object&, json::object& d) { d[name] = 1; }),
                  "malformed_policy_leaf");
        EXPECT_EQ(reason_after([&](json::object&, json::object& d) { d[name] = nullptr; }),
                  "malformed_policy_leaf");
    }
    EXPECT_EQ(reason_after([](json::object&, json::object& d) { d["more"] = 1; }), "malformed_policy_leaf");
    EXPECT_EQ(
        reason_after([](json::object&, json::object& d) {
            d["refs"] = json::array{json::object{{"rel", "supersedes"}, {"source", "customs"}, {"id", "x"}}};
        }),
        "malformed_policy_leaf");
    EXPECT_EQ(reason_after([](json::object&, json::object& d) { d["policy"] = "quorum\n"; }),
              "malformed_policy");
    EXPECT_EQ(reason_after([](json::object&, json::object& d) {
                  d["nodes"].as_array()[0].as_object().erase("agency");
              }),
              "malformed_policy_leaf");
    EXPECT_EQ(reason_after([](json::object&, json::object& d) {
                  d["nodes"].as_array()[0].as_object()["raft_id"] = -1;
              }),
              "malformed_policy_leaf");
    EXPECT_EQ(reason_after([](json::object&, json::object& d) {
                  d["nodes"] = json::array(65, d["nodes"].as_array()[0]);
              }),
              "malformed_policy_leaf");
}

TEST(PolicyLeaf, RefusesNodesAndPoliciesThatDoNotGoTogether) {
    const std::string reason = "malformed_policy_leaf";
    EXPECT_EQ(reason_with([](PolicyLeaf& l) { l.nodes.clear(); }), reason);
    EXPECT_EQ(reason_with([](PolicyLeaf& l) { l.nodes.pop_back(); }), reason);  // a log of no node
    EXPECT_EQ(reason_with([](PolicyLeaf& l) { l.nodes.push_back(node_named("new", "most", 8)); }), reason);
    EXPECT_EQ(reason_with([](PolicyLeaf& l) { std::swap(l.nodes[0], l.nodes[1]); }), reason);
    EXPECT_EQ(reason_with([](PolicyLeaf& l) { l.nodes[0].raft_id = 0; }), reason);
    EXPECT_EQ(reason_with([](PolicyLeaf& l) { l.nodes[0].name = l.nodes[1].name; }), reason);
    EXPECT_EQ(reason_with([](PolicyLeaf& l) { l.nodes[0].name = "A b"; }), reason);
    EXPECT_EQ(reason_with([](PolicyLeaf& l) { l.nodes[0].agency = "A b"; }), reason);
    EXPECT_EQ(reason_with([](PolicyLeaf& l) { l.nodes[0].node_key = {}; }), reason);
    EXPECT_EQ(reason_with([](PolicyLeaf& l) { l.nodes[0].node_key = l.nodes[1].node_key; }), reason);
    EXPECT_EQ(reason_with([](PolicyLeaf& l) { l.nodes[0].agency = "most"; }), reason);  // the cosigner's name
    EXPECT_EQ(reason_with([](PolicyLeaf& l) { l.policy.quorum = "none"; }), reason);
    EXPECT_EQ(reason_with([](PolicyLeaf& l) { l.policy.logs.pop_back(); }), reason);
    EXPECT_EQ(reason_with([](PolicyLeaf& l) { l.policy.logs[0].key.name = "other.example/log"; }), reason);
    EXPECT_EQ(reason_with([](PolicyLeaf& l) {
                  l.policy.witnesses[0].key.key = samples::key_named("else").key.public_key();
              }),
              reason);
}

TEST(PolicyLeaf, TheGenesisHoldsTheFirst) {
    const Genesis genesis = samples::founded();
    const auto leaf = genesis_policy(genesis);
    ASSERT_TRUE(leaf);
    EXPECT_EQ(leaf->nodes, genesis.nodes);
    EXPECT_EQ(leaf->policy.to_string(), genesis.policy);
    EXPECT_TRUE(parse(text_of(*leaf)));
}

TEST(PolicyLeaf, ANameThatIsTakenIsMadeAnother) {
    const std::vector<GenesisNode> nodes{
        node_named("customs", "customs", 1), node_named("agencies", "agencies", 2),
        node_named("none", "customs", 3), node_named("outside", "quorum", 4)};
    const PolicyWitness court{
        "customs",
        {"court.example", NoteKeyType::cosignature, samples::key_named("court").key.public_key()},
        ""};
    const Policy policy = consortium_policy(samples::origin, nodes, 2, {court});
    const auto parsed = parse_policy(policy.to_string());
    ASSERT_TRUE(parsed) << parsed.error().detail;
    EXPECT_EQ(*parsed, policy);
    EXPECT_EQ(policy.witnesses.size(), 5U);
    EXPECT_TRUE(meets_quorum(policy, {0, 1, 2}));
    EXPECT_FALSE(meets_quorum(policy, {1, 2, 4}));  // the court is missing
    EXPECT_FALSE(meets_quorum(policy, {0, 1, 3}));  // customs twice
}

TEST(PolicyLeaf, ATextForAGivenConsortium) {
    const std::vector<GenesisNode> nodes{node_named("customs-1", "customs", 1),
                                         node_named("customs-2", "customs", 2),
                                         node_named("most-1", "most", 3)};
    const std::string text = consortium_policy(samples::origin, nodes).to_string();
    const std::string end = "group customs all customs-1 customs-2\n";
    EXPECT_EQ(text.find(end), std::string::npos);
    EXPECT_NE(text.find("group customs any customs-1 customs-2\ngroup most all most-1\n"
                        "group agencies all customs most\nquorum agencies\n"),
              std::string::npos)
        << text;
    EXPECT_TRUE(text.starts_with("log ledger.example.vn/test+"));
    EXPECT_NE(text.find("witness customs-1 customs.ledger.example.vn/test+"), std::string::npos);
}

// What admission adds: who may write one.
class PolicyAdmission : public testing::Test {
  protected:
    class AllKinds : public Rules {
      public:
        Result<void> check(const Record&, const Registry&) const override { return {}; }
        Result<void> check_reference(const Record&, std::size_t, std::string_view) const override {
            return {};
        }
    };
    std::string reason_of(const std::string& record, std::string_view kid, bool bundle = false) {
        const auto statement = std::make_shared<const Statement>(
            parse_statement(sign_statement(samples::key_named(kid), samples::origin, record, bundle))
                .value());
        const samples::MapView view;
        const Verdict verdict = admit({genesis_, rules_}, view, statement, samples::now_ms, false);
        const Error* error = std::get_if<Error>(&verdict);
        if (error == nullptr) return "admitted";
        fault_ = error->fault;
        return error->reason;
    }
    Genesis genesis_ = samples::founded();
    AllKinds rules_;
    Fault fault_{};
};

TEST_F(PolicyAdmission, NeedsTheRightAndAMember) {
    EXPECT_EQ(reason_of(text_of(good_leaf()), "customs/1"), "admitted");
    EXPECT_EQ(reason_of(text_of(good_leaf(), "most"), "most/1"), "right_missing");
    EXPECT_EQ(fault_, Fault::forbidden);
    EXPECT_EQ(reason_of(text_of(good_leaf(), "customs.haiphong"), "customs.haiphong/1"),
              "source_not_allowed");
    EXPECT_EQ(fault_, Fault::forbidden);
    EXPECT_EQ(reason_of(text_of(good_leaf()), "most/1"), "source_not_allowed");
}

TEST_F(PolicyAdmission, RefusesWhatIsNoPolicy) {
    const std::string other =
        policy_record(good_leaf(), samples::origin, "customs", "policy-3", "2021-09-30T23:00:00Z");
    EXPECT_EQ(reason_of("[" + text_of(good_leaf()) + "," + other + "]", "customs/1", true),
              "malformed_policy_leaf");
    PolicyLeaf leaf = good_leaf();
    leaf.policy.quorum = "none";
    EXPECT_EQ(reason_of(text_of(leaf), "customs/1"), "malformed_policy_leaf");
    // Nodes are of members, and their keys are no record keys.
    leaf = good_leaf();
    leaf.nodes[0].agency = "customs.haiphong";
    leaf.policy = consortium_policy(samples::origin, leaf.nodes);
    EXPECT_EQ(reason_of(text_of(leaf), "customs/1"), "malformed_policy_leaf");
    leaf = good_leaf();
    leaf.nodes[0].node_key = samples::key_named("most/1").key.public_key();
    EXPECT_EQ(reason_of(text_of(leaf), "customs/1"), "malformed_policy_leaf");
    EXPECT_EQ(fault_, Fault::invalid_statement);
}

// Who a node is was settled when it was first named: whoever may write policies cannot make another of it, and so cannot
// have it accused of what it never signed.
TEST_F(PolicyAdmission, ANodeThatStandsKeepsItsKeys) {
    const auto statement_of = [&](const PolicyLeaf& leaf, std::string_view id) {
        const std::string record =
            policy_record(leaf, samples::origin, "customs", id, "2021-09-30T23:00:00Z");
        return std::make_shared<const Statement>(
            parse_statement(sign_statement(samples::key_named("customs/1"), samples::origin, record, false))
                .value());
    };
    const auto with = [](PolicyLeaf leaf, const std::function<void(GenesisNode&)>& change) {
        change(leaf.nodes.back());
        leaf.policy = consortium_policy(samples::origin, leaf.nodes);
        return leaf;
    };
    const PolicyLeaf first = good_leaf();
    const std::vector<std::function<void(GenesisNode&)>> changes{
        [](GenesisNode& node) { node.node_key = samples::key_named("other").key.public_key(); },
        [](GenesisNode& node) { node.tls_key = samples::key_named("other").key.public_key(); },
        [](GenesisNode& node) { node.log_key = samples::key_named("other").key.public_key(); },
        [](GenesisNode& node) { node.cosigner_key = samples::key_named("other").key.public_key(); },
        [](GenesisNode& node) { node.raft_id += 7; },
        [](GenesisNode& node) { node.agency = node.agency == "most" ? "customs" : "most"; }};
    const auto verdict_on = [&](const View& view, const PolicyLeaf& leaf,
                                std::string_view id) -> std::string {
        const Verdict verdict =
            admit({genesis_, rules_}, view, statement_of(leaf, id), samples::now_ms, false);
        const Error* error = std::get_if<Error>(&verdict);
        return error == nullptr ? "admitted" : error->reason;
    };
    samples::MapView view;
    const Verdict admitted =
        admit({genesis_, rules_}, view, statement_of(first, "p-1"), samples::now_ms, false);
    view.add(std::get<Admitted>(admitted));
    for (const auto& change : changes)
        EXPECT_EQ(verdict_on(view, with(first, change), "p-2"), "node_changed");
    EXPECT_EQ(verdict_on(view, first, "p-2"), "admitted");
    // Under a name of its own it may stand.
    PolicyLeaf more = first;
    more.nodes.push_back(node_named("newcomer-1", "most", more.nodes.back().raft_id + 1));
    more.policy = consortium_policy(samples::origin, more.nodes);
    EXPECT_EQ(verdict_on(view, more, "p-2"), "admitted");
}

}  // namespace
}  // namespace socai::ledger
