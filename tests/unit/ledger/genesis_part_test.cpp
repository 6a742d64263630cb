#include "ledger/genesis_part.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <functional>

#include "ledger/entry.hpp"
#include "ledger/policy_leaf.hpp"
#include "tests/unit/ledger/founders.hpp"
#include "tests/unit/ledger/samples.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;

Jwk root_of(std::string_view agency) {
    return samples::member_key(agency, KeyPurpose::root);
}

// The part of "customs" or "most" in the sample genesis, with an address.
GenesisPart sample_part(const std::string& agency) {
    Consent consent{
        agency, root_of(agency).kid, "2021-01-01T00:00:00Z", {{agency + "-1", "10.0.0.1:7402"}}, {}};
    return part_of(samples::genesis(), consent);
}

std::string reason_of(std::string_view text) {
    const Result<GenesisPart> part = parse_part(text);
    if (part) return "accepted";
    EXPECT_FALSE(part.error().detail.empty());
    return part.error().reason;
}

std::string reason_after(const std::function<void(GenesisPart&)>& change, std::string_view agency = "most") {
    GenesisPart part = sample_part(std::string(agency));
    change(part);
    return reason_of(sign_part(part, root_of(agency).key));
}

RegisteredKey key_of(std::string_view kid, KeyPurpose purpose, std::string_view named) {
    RegisteredKey key;
    key.kid = kid;
    key.agency = key.kid.substr(0, key.kid.find('/'));
    key.purpose = purpose;
    key.key = samples::key_named(named).key.public_key();
    return key;
}

TEST(GenesisPart, ComesBackFromItsText) {
    const GenesisPart made = sample_part("customs");
    const std::string text = sign_part(made, root_of("customs").key);
    const Result<GenesisPart> part = parse_part(text);
    ASSERT_TRUE(part) << part.error().detail;
    EXPECT_EQ(part->origin, samples::origin);
    EXPECT_EQ(part->consent.agency, "customs");
    EXPECT_EQ(part->consent.kid, "customs/root");
    EXPECT_EQ(part->consent.addresses.at("customs-1"), "10.0.0.1:7402");
    EXPECT_EQ(part->registry.agencies().size(), 4u);
    EXPECT_TRUE(part->registry.may_speak_for("customs.nsw", samples::trader));
    EXPECT_EQ(part->registry.keys().size(), 5u);
    EXPECT_EQ(part->nodes, made.nodes);
    EXPECT_EQ(part_text(*part), text);
    EXPECT_EQ(sign_part(*part, root_of("customs").key), text) << "one part has one text";
}

TEST(GenesisPart, MayBringNoNode) {
    EXPECT_EQ(reason_after([](GenesisPart& part) {
                  part.nodes.clear();
                  part.consent.addresses.clear();
              }),
              "accepted");
}

TEST(GenesisPart, IsSignedByTheRootKeyThatItRegisters) {
    const GenesisPart part = sample_part("most");
    EXPECT_EQ(reason_of(sign_part(part, root_of("customs").key)), "bad_signature");
    EXPECT_EQ(reason_after([](GenesisPart& other) { other.consent.kid = "most/1"; }), "unknown_kid");
    EXPECT_EQ(reason_after([](GenesisPart& other) { other.consent.kid = "most/registrar"; }), "unknown_kid");
    EXPECT_EQ(reason_after([](GenesisPart& other) { other.consent.kid = "most/nobody"; }), "unknown_kid");
    EXPECT_EQ(reason_after([](GenesisPart& other) {
                  RegisteredKey later = key_of("most/root-later", KeyPurpose::root, "later");
                  later.valid_from = 1;
                  other.registry.add_key(later).value();
                  other.consent.kid = later.kid;
              }),
              "unknown_kid");
}

TEST(GenesisPart, AlteredIsRefusedAndNamesItsAgency) {
    const std::string text = sign_part(sample_part("most"), root_of("most").key);
    const std::size_t dot = text.find('.');
    std::string payload = *base64url_decode(text.substr(dot + 1, text.rfind('.') - dot - 1));
    const std::size_t place = payload.find("inspection_agency");
    ASSERT_NE(place, std::string::npos);
    payload.replace(place, 17, "conformity_bodies");
    const std::string altered = text.substr(0, dot + 1) + base64url(payload) + text.substr(text.rfind('.'));
    const Result<GenesisPart> part = parse_part(altered);
    ASSERT_FALSE(part);
    EXPECT_EQ(part.error().reason, "bad_signature");
    EXPECT_NE(part.error().detail.find("part of \"most\""), std::string::npos) << part.error().detail;
}

TEST(GenesisPart, HasOneSpelling) {
    const std::string text = sign_part(sample_part("most"), root_of("most").key);
    const std::size_t dot = text.find('.');
    const std::string payload = *base64url_decode(text.substr(dot + 1, text.rfind('.') - dot - 1));
    EXPECT_EQ(reason_of(sign_statement(root_of("most"), samples::origin, payload, false)), "accepted");
    EXPECT_EQ(reason_of(sign_statement(root_of("most"), samples::origin, payload + " ", false)),
              "malformed_part");
    json::value value = json::parse(payload);
    json::array& keys = value.at("data").at("keys").as_array();
    std::swap(keys[0], keys[1]);
    EXPECT_EQ(reason_of(sign_statement(root_of("most"), samples::origin, json::serialize(value), false)),
              "malformed_part");
}

TEST(GenesisPart, HasExactlyItsMembers) {
    const std::string text = sign_part(sample_part("most"), root_of("most").key);
    const std::size_t dot = text.find('.');
    const json::object record =
        json::parse(*base64url_decode(text.substr(dot + 1, text.rfind('.') - dot - 1))).as_object();
    const auto reason_with = [&](const std::function<void(json::object&)>& change) {
        json::object changed = record;
        change(changed);
        return reason_of(sign_statement(root_of("most"), samples::origin, json::serialize(changed), false));
    };
    for (const char* name : {"agencies", "keys", "delegations", "nodes", "addresses"}) {
        EXPECT_EQ(reason_with([&](json::object& changed) { changed["data"].as_object().erase(name); }),
                  "malformed_part")
            << name;
        EXPECT_EQ(reason_with([&](json::object& changed) { changed["data"].as_object()[name] = 7; }),
                  "malformed_part")
            << name;
    }
    EXPECT_EQ(reason_with([](json::object& changed) { changed["data"].as_object()["more"] = 1; }),
              "malformed_part");
    EXPECT_EQ(reason_with([](json::object& changed) { changed["subject"] = "other"; }), "wrong_audience");
    EXPECT_EQ(reason_with([](json::object& changed) { changed["type"] = "vn.socai.alert.v1"; }),
              "malformed_part");
    EXPECT_EQ(reason_with([](json::object& changed) { changed["source"] = "customs"; }), "malformed_part");
}

TEST(GenesisPart, HoldsOneMemberAndWhatIsBelowIt) {
    EXPECT_EQ(reason_after([](GenesisPart& part) {
                  part.registry.add_agency({"moit", std::nullopt, {"member"}, "", ""}).value();
              }),
              "malformed_part");
    EXPECT_EQ(reason_after([](GenesisPart& part) {
                  part.registry.add_agency({"lab.1", std::nullopt, {"conformity_body"}, "", ""}).value();
              }),
              "malformed_part");
    EXPECT_EQ(reason_after([](GenesisPart& part) {
                  part.registry.add_agency({"lab.1", "most.qlcl", {"conformity_body"}, "", ""}).value();
              }),
              "accepted");
    EXPECT_EQ(reason_after([](GenesisPart& part) {
                  part.registry.add_agency({"importer.1", "most", {"trader"}, "", ""}).value();
              }),
              "malformed_part")
        << "nobody may speak for it";
    EXPECT_EQ(reason_after([](GenesisPart& part) { part.nodes.front().agency = "customs"; }),
              "malformed_part");
    EXPECT_EQ(reason_after([](GenesisPart& part) { part.nodes.front().raft_id = 2; }), "malformed_part");
}

TEST(GenesisPart, BringsARootAndARegistrarKeyAndNoKeyTwice) {
    for (const std::string_view lost : {"most/root", "most/registrar"}) {
        EXPECT_EQ(reason_after([&](GenesisPart& part) {
                      Registry registry;
                      for (const char* code : {"most", "most.qlcl"})
                          registry.add_agency(*part.registry.agency(code)).value();
                      for (const auto& [kid, key] : part.registry.keys())
                          if (kid != lost) registry.add_key(key).value();
                      part.registry = registry;
                  }),
                  "malformed_part")
            << lost;
    }
    EXPECT_EQ(reason_after([](GenesisPart& part) {
                  part.registry.add_key(key_of("most/auditor", KeyPurpose::auditor, "most/1")).value();
              }),
              "malformed_part");
    EXPECT_EQ(reason_after(
                  [](GenesisPart& part) { part.nodes.front().node_key = root_of("most").key.public_key(); }),
              "malformed_part");
}

TEST(GenesisPart, ItsAddressesAreOfItsNodes) {
    const auto reason_with = [](const std::string& node, const std::string& address) {
        return reason_after([&](GenesisPart& part) { part.consent.addresses = {{node, address}}; });
    };
    EXPECT_EQ(reason_with("most-1", "[2001:db8::1]:7402"), "accepted");
    EXPECT_EQ(reason_with("most-2", "10.0.0.1:7402"), "malformed_part");
    EXPECT_EQ(reason_with("most-1", "10.0.0.1"), "malformed_part");
}

TEST(GenesisPart, KnowsAnAddress) {
    for (const char* good : {"10.0.0.1:1", "socai.most.gov.vn:65535", "[::1]:7402"})
        EXPECT_TRUE(is_peer_address(good)) << good;
    for (const char* bad : {"", ":", "a:", ":1", "a:0", "a:01", "a:65536", "a:-1", "a b:1", "::1:7402",
                            "a:1 ", "a\n:1", "[]:1"})
        EXPECT_FALSE(is_peer_address(bad)) << bad;
    EXPECT_FALSE(is_peer_address(std::string(300, 'a') + ":1"));
}

// What a coordinator can do to a genesis without a member's root key.
class ConsentTest : public testing::Test {
  protected:
    static std::string entry_of(const Genesis& genesis) {
        return make_entry(samples::now_ms,
                          sign_statement(samples::key_named("customs/1"), samples::origin,
                                         genesis_record(genesis, "customs", "2021-01-01T00:00:00Z"), false));
    }
    // The reason, and that the sentence names `agency` and nobody else.
    static std::string reason_after(const std::function<void(Genesis&)>& change,
                                    std::string_view agency = "most") {
        Genesis genesis = samples::genesis();
        change(genesis);
        const Result<Genesis> parsed = parse_genesis(entry_of(genesis));
        if (parsed) return "accepted";
        EXPECT_NE(parsed.error().detail.find("\"" + std::string(agency) + "\""), std::string::npos)
            << parsed.error().detail;
        return parsed.error().reason;
    }
    // The registry again, with every agency and key changed or (false) dropped as told.
    static void rewrite(Genesis& genesis, const std::function<bool(Agency&)>& agency,
                        const std::function<bool(RegisteredKey&)>& key, bool delegations = true) {
        Registry registry;
        const std::function<void(const std::optional<std::string>&)> copy =
            [&](const std::optional<std::string>& parent) {
                for (const auto& [code, known] : genesis.registry.agencies()) {
                    if (known.parent != parent) continue;
                    Agency changed = known;
                    if (!agency(changed)) continue;
                    registry.add_agency(changed).value();
                    copy(code);
                }
            };
        copy(std::nullopt);
        for (const auto& [kid, known] : genesis.registry.keys()) {
            RegisteredKey changed = known;
            if (registry.agency(changed.agency) != nullptr && key(changed)) registry.add_key(changed).value();
        }
        for (const auto& [delegate, sources] : genesis.registry.delegations())
            for (const std::string& source : sources)
                if (delegations) registry.add_delegation(delegate, source).value();
        genesis.registry = std::move(registry);
    }
    static bool keep_agency(Agency&) { return true; }
    static bool keep_key(RegisteredKey&) { return true; }
};

TEST_F(ConsentTest, TheSampleIsAgreedTo) {
    EXPECT_EQ(reason_after([](Genesis&) {}), "accepted");
}

TEST_F(ConsentTest, NothingUnderAMemberChangesWithoutIt) {
    EXPECT_EQ(reason_after([](Genesis& genesis) {
                  rewrite(
                      genesis,
                      [](Agency& agency) {
                          if (agency.code == "most.qlcl") agency.name_en = "Somebody else";
                          return true;
                      },
                      keep_key);
              }),
              "broken_consent");
    EXPECT_EQ(reason_after([](Genesis& genesis) {
                  rewrite(genesis, keep_agency, [](RegisteredKey& key) {
                      if (key.kid == "most/1")
                          key.key = samples::key_named("the coordinator's").key.public_key();
                      return true;
                  });
              }),
              "broken_consent");
    EXPECT_EQ(reason_after([](Genesis& genesis) {
                  rewrite(genesis, keep_agency, [](RegisteredKey& key) {
                      if (key.kid == "most/1") key.rights = {std::string(policy_right)};
                      return true;
                  });
              }),
              "broken_consent");
    EXPECT_EQ(reason_after([](Genesis& genesis) {
                  rewrite(genesis, keep_agency, [](RegisteredKey& key) {
                      if (key.kid == "most/registrar") key.valid_to = 1'000;
                      return true;
                  });
              }),
              "broken_consent");
    EXPECT_EQ(reason_after([](Genesis& genesis) {
                  genesis.nodes[1].node_key = samples::key_named("the coordinator's").key.public_key();
              }),
              "broken_consent");
    EXPECT_EQ(
        reason_after([](Genesis& genesis) { genesis.consents[1].addresses["most-1"] = "evil.example:1"; }),
        "broken_consent");
    EXPECT_EQ(reason_after([](Genesis& genesis) { genesis.consents[1].time = "2022-01-01T00:00:00Z"; }),
              "broken_consent");
}

TEST_F(ConsentTest, NothingUnderAMemberIsDropped) {
    EXPECT_EQ(reason_after([](Genesis& genesis) {
                  rewrite(
                      genesis, [](Agency& agency) { return agency.code != "most.qlcl"; }, keep_key);
              }),
              "broken_consent");
    EXPECT_EQ(reason_after([](Genesis& genesis) {
                  rewrite(genesis, keep_agency,
                          [](RegisteredKey& key) { return key.kid != "most.qlcl/late"; });
              }),
              "broken_consent");
    EXPECT_EQ(reason_after(
                  [](Genesis& genesis) {
                      rewrite(
                          genesis, [](Agency& agency) { return !agency.has_role("trader"); }, keep_key,
                          false);
                  },
                  "customs"),
              "broken_consent");
    EXPECT_EQ(reason_after([](Genesis& genesis) {
                  genesis.nodes.pop_back();
                  genesis.policy = consortium_policy(genesis.origin, genesis.nodes).to_string();
              }),
              "broken_consent");
}

TEST_F(ConsentTest, NothingUnderAMemberIsAdded) {
    EXPECT_EQ(reason_after([](Genesis& genesis) {
                  genesis.registry.add_agency({"most.spy", "most", {"inspection_agency"}, "", ""}).value();
              }),
              "broken_consent");
    EXPECT_EQ(reason_after([](Genesis& genesis) {
                  genesis.registry.add_key(key_of("most/2", KeyPurpose::record, "the coordinator's")).value();
              }),
              "broken_consent");
    EXPECT_EQ(
        reason_after([](Genesis& genesis) {
            genesis.registry.add_key(key_of("most/root-2", KeyPurpose::root, "the coordinator's")).value();
        }),
        "broken_consent");
    EXPECT_EQ(
        reason_after([](Genesis& genesis) { genesis.registry.add_delegation("most", "most.qlcl").value(); }),
        "broken_consent");
    EXPECT_EQ(reason_after([](Genesis& genesis) {
                  GenesisNode node = samples::genesis().nodes[1];
                  node.name = "most-2";
                  node.raft_id = 3;
                  node.log_key = samples::key_named("x").key.public_key();
                  node.cosigner_key = samples::key_named("y").key.public_key();
                  node.node_key = samples::key_named("z").key.public_key();
                  node.tls_key = samples::key_named("t").key.public_key();
                  genesis.nodes.push_back(node);
                  genesis.policy = consortium_policy(genesis.origin, genesis.nodes).to_string();
              }),
              "broken_consent");
}

TEST_F(ConsentTest, EveryMemberAndNobodyElseAgrees) {
    EXPECT_EQ(reason_after([](Genesis& genesis) { genesis.consents.pop_back(); }), "missing_consent");
    EXPECT_EQ(reason_after([](Genesis& genesis) { genesis.consents.clear(); }, "customs"), "missing_consent");
    EXPECT_EQ(reason_after([](Genesis& genesis) { genesis.consents.push_back(genesis.consents[1]); }),
              "malformed_genesis");
    EXPECT_EQ(reason_after(
                  [](Genesis& genesis) {
                      genesis.consents.push_back(genesis.consents[1]);
                      genesis.consents.back().agency = "most.qlcl";
                  },
                  "most.qlcl"),
              "malformed_genesis");
}

TEST_F(ConsentTest, AMembersOwnRootKeyAgrees) {
    EXPECT_EQ(reason_after([](Genesis& genesis) { genesis.consents[1].kid = "most/1"; }), "broken_consent");
    EXPECT_EQ(reason_after([](Genesis& genesis) { genesis.consents[1].kid = "customs/root"; }),
              "broken_consent");
    EXPECT_EQ(reason_after([](Genesis& genesis) { genesis.consents[1].kid = "most/nobody"; }),
              "broken_consent");
    EXPECT_EQ(
        reason_after([](Genesis& genesis) { genesis.consents[1].signature = genesis.consents[0].signature; }),
        "broken_consent");
    // Agreed to for another ledger.
    EXPECT_EQ(reason_after([](Genesis& genesis) {
                  genesis.origin = "other.example/ledger";
                  samples::let_members_consent(genesis);
                  genesis.origin = samples::origin;
              }),
              "broken_consent");
}

TEST_F(ConsentTest, WhatNoPartCouldSayIsRefusedAlsoWhenItIsSigned) {
    EXPECT_EQ(
        reason_after([](Genesis& genesis) { samples::let_members_consent(genesis, "yesterday"); }, "customs"),
        "malformed_genesis");
    EXPECT_EQ(
        reason_after(
            [](Genesis& genesis) {
                samples::let_members_consent(genesis, "2021-01-01T00:00:00Z", {{"most-1", "10.0.0.1:7402"}});
            },
            "customs"),
        "malformed_genesis")
        << "an address of another's node";
}

TEST_F(ConsentTest, EveryMemberHasARootAndARegistrarKey) {
    for (const std::string_view lost : {"most/root", "most/registrar"}) {
        EXPECT_EQ(reason_after([&](Genesis& genesis) {
                      rewrite(genesis, keep_agency, [&](RegisteredKey& key) { return key.kid != lost; });
                  }),
                  "malformed_genesis")
            << lost;
    }
}

TEST_F(ConsentTest, NoKeyServesTwo) {
    EXPECT_EQ(reason_after(
                  [](Genesis& genesis) {
                      genesis.registry.add_key(key_of("most/2", KeyPurpose::record, "customs/1")).value();
                      samples::let_members_consent(genesis);
                  },
                  "most/2"),
              "malformed_genesis");
}

TEST_F(ConsentTest, MembersStandForThemselvesAndAllOthersBelowOne) {
    EXPECT_EQ(
        reason_after(
            [](Genesis& genesis) {
                genesis.registry.add_agency({"lab.1", std::nullopt, {"conformity_body"}, "", ""}).value();
            },
            "lab.1"),
        "malformed_genesis");
    EXPECT_EQ(reason_after(
                  [](Genesis& genesis) {
                      genesis.registry.add_agency({"moit", "most", {"member"}, "", ""}).value();
                  },
                  "moit"),
              "malformed_genesis");
    EXPECT_EQ(
        reason_after(
            [](Genesis& genesis) { genesis.registry.add_delegation("customs.nsw", "most.qlcl").value(); },
            "most.qlcl"),
        "malformed_genesis");
}

TEST_F(ConsentTest, WhatIsWrongIsToldOfEveryMember) {
    Genesis genesis = samples::genesis();
    genesis.consents[0].time = "x";
    genesis.consents.pop_back();
    const std::vector<Error> faults = consent_faults(genesis);
    ASSERT_EQ(faults.size(), 2u);
    EXPECT_EQ(faults[0].reason, "broken_consent");
    EXPECT_EQ(faults[1].reason, "missing_consent");
    const auto parsed = parse_genesis(entry_of(genesis));
    ASSERT_FALSE(parsed);
    EXPECT_NE(parsed.error().detail.find(faults[1].detail), std::string::npos);
}

}  // namespace
}  // namespace socai::ledger
