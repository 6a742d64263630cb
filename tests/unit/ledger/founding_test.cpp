#include "ledger/founding.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "ledger/policy_leaf.hpp"
#include "tests/unit/ledger/founders.hpp"
#include "tests/unit/ledger/samples.hpp"

namespace socai::ledger {
namespace {

constexpr std::string_view agencies[] = {"customs", "most", "moit"};

// A part of `agency` with `nodes` nodes; every key follows from its name.
GenesisPart part(
    const std::string& agency, std::size_t nodes = 1, std::string_view origin = samples::origin,
    const std::function<void(GenesisPart&)>& change = [](GenesisPart&) {}) {
    GenesisPart made;
    made.origin = origin;
    made.consent = {agency, agency + "/root", "2021-01-01T00:00:00Z", {}, {}};
    made.registry.add_agency({agency, std::nullopt, {"member"}, "Cơ quan", "Agency"}).value();
    for (const KeyPurpose purpose : {KeyPurpose::root, KeyPurpose::registrar, KeyPurpose::record}) {
        RegisteredKey key;
        key.kid = agency + "/" + std::string(word_of(purpose));
        key.agency = agency;
        key.purpose = purpose;
        key.key = samples::key_named(key.kid).key.public_key();
        made.registry.add_key(key).value();
    }
    for (std::size_t i = 1; i <= nodes; ++i) made.nodes.push_back(samples::genesis().nodes.front());
    for (std::size_t i = 0; i < nodes; ++i) {
        GenesisNode& node = made.nodes[i];
        node.name = agency + "-" + std::to_string(i + 1);
        node.agency = agency;
        node.raft_id = i + 1;
        node.log_key = samples::key_named(node.name + " log").key.public_key();
        node.cosigner_key = samples::key_named(node.name + " cosigner").key.public_key();
        node.node_key = samples::key_named(node.name + " node").key.public_key();
        node.tls_key = samples::key_named(node.name + " tls").key.public_key();
    }
    change(made);
    return parse_part(sign_part(made, samples::member_key(agency, KeyPurpose::root).key)).value();
}

std::string reason_of(const std::vector<GenesisPart>& parts, const FoundingTerms& terms = {},
                      const std::vector<std::string>& named = {}) {
    const Result<Genesis> genesis = found(parts, terms);
    if (genesis) return "accepted";
    for (const std::string& name : named)
        EXPECT_NE(genesis.error().detail.find("\"" + name + "\""), std::string::npos)
            << genesis.error().detail;
    return genesis.error().reason;
}

TEST(Founding, JoinsTheParts) {
    std::vector<GenesisPart> parts;
    for (const std::string_view agency : agencies)
        parts.push_back(part(std::string(agency), agency == "most" ? 1 : 2));
    FoundingTerms terms;
    terms.parameters.passage = {{"limits", "all"}};
    const Genesis genesis = found(parts, terms).value();
    std::vector<std::string> names;
    for (const GenesisNode& node : genesis.nodes) {
        names.push_back(node.name);
        EXPECT_EQ(node.raft_id, names.size());
    }
    EXPECT_EQ(names, (std::vector<std::string>{"customs-1", "most-1", "moit-1", "customs-2", "moit-2"}));
    EXPECT_EQ(genesis.policy, consortium_policy(genesis.origin, genesis.nodes).to_string());

    const Jwk signer = samples::key_named("most/record");
    const std::string entry = founding_entry(genesis, signer, samples::now_ms).value();
    const Result<Genesis> parsed = parse_genesis(entry);
    ASSERT_TRUE(parsed) << parsed.error().detail;
    EXPECT_EQ(parsed->parameters.passage.at("limits"), "all");
    // Each part comes back, byte by byte.
    for (const Consent& consent : parsed->consents) {
        const auto same = std::ranges::find_if(
            parts, [&](const GenesisPart& one) { return one.consent.agency == consent.agency; });
        ASSERT_NE(same, parts.end());
        EXPECT_EQ(part_text(part_of(*parsed, consent)), part_text(*same));
    }
    EXPECT_EQ(founding_entry(genesis, samples::key_named("most/registrar"), samples::now_ms).error().reason,
              "source_not_allowed");
    EXPECT_EQ(founding_entry(genesis, samples::key_named("mard/record"), samples::now_ms).error().reason,
              "unknown_kid");
}

TEST(Founding, RefusesPartsThatDoNotGoTogether) {
    EXPECT_EQ(reason_of({}), "no_parts");
    EXPECT_EQ(
        reason_of({part("most"), part("customs", 1, "other.example/x")}, {}, {"customs", "other.example/x"}),
        "other_origin");
    EXPECT_EQ(reason_of({part("most"), part("customs"), part("most")}, {}, {"most"}), "repeated_part");
    EXPECT_EQ(reason_of({part("most", 0), part("customs", 0)}), "no_nodes");
}

TEST(Founding, RefusesWhatTwoPartsHold) {
    const auto with_office = [](GenesisPart& made) {
        made.registry.add_agency({"lab.1", made.consent.agency, {"conformity_body"}, "", ""}).value();
    };
    EXPECT_EQ(reason_of({part("most", 1, samples::origin, with_office),
                         part("customs", 1, samples::origin, with_office)},
                        {}, {"lab.1", "most", "customs"}),
              "overlapping_parts");
    const auto same_key = [](GenesisPart& made) {
        RegisteredKey key;
        key.kid = made.consent.agency + "/shared";
        key.agency = made.consent.agency;
        key.key = samples::key_named("shared").key.public_key();
        made.registry.add_key(key).value();
    };
    EXPECT_EQ(
        reason_of({part("most", 1, samples::origin, same_key), part("customs", 1, samples::origin, same_key)},
                  {}, {"customs/shared", "most", "customs"}),
        "overlapping_parts");
    const auto same_node = [](GenesisPart& made) { made.nodes.front().name = "node-1"; };
    EXPECT_EQ(reason_of({part("most", 1, samples::origin, same_node),
                         part("customs", 1, samples::origin, same_node)},
                        {}, {"node-1", "most", "customs"}),
              "overlapping_parts");
    // A node's key that is another agency's record key.
    const auto stolen = [](GenesisPart& made) {
        made.nodes.front().node_key = samples::key_named("most/record").key.public_key();
    };
    EXPECT_EQ(
        reason_of({part("most"), part("customs", 1, samples::origin, stolen)}, {}, {"customs-1", "most"}),
        "overlapping_parts");
}

TEST(Founding, TheQuorumCanBeMet) {
    const std::vector<GenesisPart> parts{part("customs", 2), part("most", 1), part("moit", 0)};
    for (const auto& [quorum, reason] :
         {std::pair{0u, "bad_quorum"}, {1u, "accepted"}, {2u, "accepted"}, {3u, "bad_quorum"}})
        EXPECT_EQ(reason_of(parts, {{}, quorum}), reason) << quorum;
}

}  // namespace
}  // namespace socai::ledger
