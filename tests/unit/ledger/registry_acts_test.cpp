#include "ledger/governance/registry_acts.hpp"

#include <gtest/gtest.h>

#include "ledger/governance/registry_facts.hpp"
#include "tests/unit/ledger/consortium.hpp"

namespace socai::ledger {
namespace {

namespace json = boost::json;
using samples::Assembly;
using samples::key_json;

json::object revocation(std::string_view kid, json::value from = nullptr) {
    return {{"kid", kid}, {"from", std::move(from)}, {"reason", "a card was lost"}};
}
json::object agency(std::string_view code, std::string_view parent, json::array roles) {
    return {{"code", code},
            {"parent", parent},
            {"roles", std::move(roles)},
            {"name_vi", "Tên"},
            {"name_en", "Name"}};
}

TEST(RegistryActs, AKeySignsFromTheNextLeafOn) {
    Assembly ledger;
    EXPECT_EQ(ledger.record("customs/second", "r-0"), "unknown_kid");
    ASSERT_EQ(ledger.act("customs/registrar", "agency_key", "k-1", key_json("customs/second", "record")),
              "admitted")
        << ledger.detail();
    EXPECT_EQ(ledger.registry().key("customs/second")->valid_from, 2u);
    // Both for a while: the old key and the new one.
    EXPECT_EQ(ledger.record("customs/second", "r-1"), "admitted");
    EXPECT_EQ(ledger.record("customs/record", "r-2"), "admitted");
}

TEST(RegistryActs, ARevokedKeySignsNothingMoreAndWhatItSignedStands) {
    Assembly ledger;
    ASSERT_EQ(ledger.record("customs.haiphong/record", "r-1"), "admitted");
    ASSERT_EQ(ledger.act("customs/registrar", "key_revocation", "v-1", revocation("customs.haiphong/record")),
              "admitted")
        << ledger.detail();
    EXPECT_EQ(ledger.record("customs.haiphong/record", "r-2"), "key_not_valid");
    EXPECT_TRUE(ledger.registry().key("customs.haiphong/record")->valid_at(1));
    EXPECT_TRUE(ledger.view().find("customs.haiphong", "r-1"));
    EXPECT_EQ(ledger.act("customs/registrar", "key_revocation", "v-2", revocation("customs.haiphong/record")),
              "key_ended");
    // A kid is never given to another key.
    EXPECT_EQ(
        ledger.act("customs/registrar", "agency_key", "k-2", key_json("customs.haiphong/record", "record")),
        "key_in_use");
}

TEST(RegistryActs, ARevocationMayNameALaterLeaf) {
    Assembly ledger;
    ASSERT_EQ(ledger.act("customs/registrar", "key_revocation", "v-1", revocation("customs/record", 4)),
              "admitted");
    EXPECT_EQ(ledger.record("customs/record", "r-1"), "admitted");  // leaf 2
    EXPECT_EQ(ledger.record("customs/record", "r-2"), "admitted");  // leaf 3
    EXPECT_EQ(ledger.record("customs/record", "r-3"), "key_not_valid");
    // Sooner is possible, later is not.
    EXPECT_EQ(ledger.act("customs/registrar", "key_revocation", "v-2", revocation("customs/record", 9)),
              "key_ended");
}

TEST(RegistryActs, AFutureKeyThatIsRevokedSignsNothing) {
    Assembly ledger;
    json::object key = key_json("customs/next", "record");
    key["valid_from"] = 5;
    ASSERT_EQ(ledger.act("customs/registrar", "agency_key", "k-1", key), "admitted");
    EXPECT_EQ(ledger.record("customs/next", "r-1"), "key_not_valid");
    ASSERT_EQ(ledger.act("customs/registrar", "key_revocation", "v-1", revocation("customs/next")),
              "admitted");
    for (int i = 0; i < 4; ++i)
        ASSERT_EQ(ledger.record("customs/record", "f-" + std::to_string(i)), "admitted");
    EXPECT_EQ(ledger.record("customs/next", "r-2"), "key_not_valid");
    // And so it stands after a restart.
    const auto again = registry_in_facts(ledger.genesis().registry, ledger.facts());
    EXPECT_FALSE(again->key("customs/next")->valid_at(5));
}

TEST(RegistryActs, OnlyRootKeysChangeRootAndRegistrarKeys) {
    Assembly ledger;
    EXPECT_EQ(ledger.act("customs/registrar", "agency_key", "k-1", key_json("customs/reg-2", "registrar")),
              "root_key_needed");
    EXPECT_EQ(ledger.act("customs/registrar", "agency_key", "k-2", key_json("customs/root-2", "root")),
              "root_key_needed");
    EXPECT_EQ(ledger.act("customs/registrar", "key_revocation", "v-1", revocation("customs/registrar")),
              "root_key_needed");
    EXPECT_EQ(ledger.act("customs/root", "agency_key", "k-3", key_json("customs/reg-2", "registrar")),
              "admitted");
    EXPECT_EQ(ledger.act("customs/root", "key_revocation", "v-2", revocation("customs/registrar")),
              "admitted");
    EXPECT_EQ(ledger.act("customs/registrar", "agency_key", "k-4", key_json("customs/x", "record")),
              "key_not_valid");
    EXPECT_EQ(ledger.act("customs/reg-2", "agency_key", "k-4", key_json("customs/x", "record")), "admitted");
}

TEST(RegistryActs, TheLastRootKeyStays) {
    Assembly ledger;
    EXPECT_EQ(ledger.act("customs/root", "key_revocation", "v-1", revocation("customs/root")), "locks_out");
    ASSERT_EQ(ledger.act("customs/root", "agency_key", "k-1", key_json("customs/root-2", "root")),
              "admitted");
    EXPECT_EQ(ledger.act("customs/root-2", "key_revocation", "v-2", revocation("customs/root")), "admitted");
    EXPECT_EQ(ledger.act("customs/root-2", "key_revocation", "v-3", revocation("customs/root-2")),
              "locks_out");
}

TEST(RegistryActs, NobodyActsForAnotherMember) {
    Assembly ledger;
    EXPECT_EQ(ledger.act("most/registrar", "agency_key", "k-1", key_json("customs/x", "record")),
              "not_below");
    EXPECT_EQ(ledger.act("most/root", "key_revocation", "v-1", revocation("customs/record")), "not_below");
    EXPECT_EQ(ledger.act("most/registrar", "agency_registration", "a-1",
                         agency("customs.hue", "customs", {"customs_office"})),
              "not_below");
    EXPECT_EQ(ledger.act("most/registrar", "delegation", "d-1",
                         {{"delegate", "most"}, {"source", "customs.haiphong"}, {"status", "granted"}}),
              "not_below");
    EXPECT_EQ(ledger.act("most/registrar", "agency_key", "k-2", key_json("customs/x", "record"), "customs"),
              "source_not_allowed");
}

TEST(RegistryActs, KeysHaveTheirPurpose) {
    Assembly ledger;
    EXPECT_EQ(ledger.record("customs/registrar", "r-1"), "wrong_purpose");
    EXPECT_EQ(ledger.record("customs/root", "r-2"), "wrong_purpose");
    EXPECT_EQ(ledger.act("customs/record", "agency_key", "k-1", key_json("customs/x", "record")),
              "wrong_purpose");
    ASSERT_EQ(ledger.act("customs/registrar", "agency_key", "k-2", key_json("customs/reader", "auditor")),
              "admitted");
    EXPECT_EQ(ledger.record("customs/reader", "r-3"), "wrong_purpose");
    EXPECT_EQ(ledger.act("customs/reader", "agency_key", "k-3", key_json("customs/x", "record")),
              "wrong_purpose");
}

TEST(RegistryActs, AnOfficeIsRegisteredAndGivenAKey) {
    Assembly ledger;
    ASSERT_EQ(ledger.act("customs/registrar", "agency_registration", "a-1",
                         agency("customs.hue", "customs", {"customs_office"})),
              "admitted")
        << ledger.detail();
    ASSERT_EQ(ledger.act("customs/registrar", "agency_key", "k-1", key_json("customs.hue/record", "record")),
              "admitted");
    EXPECT_EQ(ledger.record("customs.hue/record", "r-1"), "admitted");
    // New names, the same code.
    json::object renamed = agency("customs.hue", "customs", {"customs_office"});
    renamed["name_vi"] = "Chi cục Hải quan khu vực IX";
    ASSERT_EQ(ledger.act("customs/registrar", "agency_registration", "a-2", renamed), "admitted");
    EXPECT_EQ(ledger.registry().agency("customs.hue")->name_vi, "Chi cục Hải quan khu vực IX");
}

TEST(RegistryActs, ATraderIsSignedForByItsParent) {
    Assembly ledger;
    ASSERT_EQ(ledger.act("customs/registrar", "agency_registration", "a-1",
                         agency("importer.9900000024", "customs.nsw", {"trader"})),
              "admitted")
        << ledger.detail();
    EXPECT_TRUE(ledger.registry().may_speak_for("customs.nsw", "importer.9900000024"));
    EXPECT_EQ(
        ledger.act("customs/registrar", "agency_key", "k-1", key_json("importer.9900000024/x", "record")),
        "trader_key");
    EXPECT_EQ(ledger.act("customs.nsw/record", "clearance_decision", "r-1", {}, "importer.9900000024"),
              "admitted");
    ASSERT_EQ(
        ledger.act("customs/registrar", "delegation", "d-1",
                   {{"delegate", "customs.nsw"}, {"source", "importer.9900000024"}, {"status", "ended"}}),
        "admitted");
    EXPECT_EQ(ledger.act("customs.nsw/record", "clearance_decision", "r-2", {}, "importer.9900000024"),
              "source_not_allowed");
}

TEST(RegistryActs, NewPowersNeedAVote) {
    Assembly ledger;
    EXPECT_EQ(ledger.act("most/registrar", "agency_registration", "a-1",
                         agency("most.port", "most", {"customs_office"})),
              "role_needs_vote");
    EXPECT_EQ(
        ledger.act("most/registrar", "agency_registration", "a-2", agency("most.x", "most", {"member"})),
        "role_needs_vote");
    EXPECT_EQ(ledger.act("most/registrar", "agency_registration", "a-3",
                         {{"code", "moj"},
                          {"parent", nullptr},
                          {"roles", json::array{"member"}},
                          {"name_vi", ""},
                          {"name_en", ""}}),
              "role_needs_vote");
    EXPECT_EQ(ledger.act("most/registrar", "agency_registration", "a-4",
                         agency("most.cab", "most", {"conformity_body"})),
              "admitted");
}

TEST(RegistryActs, AnAgencyNeverStandsBelowItself) {
    Assembly ledger;
    ASSERT_EQ(ledger.act("customs/registrar", "agency_registration", "a-1",
                         agency("customs.a", "customs", {"customs_office"})),
              "admitted");
    ASSERT_EQ(ledger.act("customs/registrar", "agency_registration", "a-2",
                         agency("customs.b", "customs.a", {"customs_office"})),
              "admitted");
    EXPECT_EQ(ledger.act("customs/registrar", "agency_registration", "a-3",
                         agency("customs.a", "customs.b", {"customs_office"})),
              "circular_agency");
}

TEST(RegistryActs, ActsAreReadStrictly) {
    Assembly ledger;
    json::object extra = key_json("customs/x", "record");
    extra["rights"] = json::array{"historical_import"};
    EXPECT_EQ(ledger.act("customs/registrar", "agency_key", "k-1", extra), "malformed_act");
    json::object purpose = key_json("customs/x", "admin");
    EXPECT_EQ(ledger.act("customs/registrar", "agency_key", "k-2", purpose), "malformed_act");
    json::object backwards = key_json("customs/x", "record");
    backwards["valid_from"] = 9;
    backwards["valid_to"] = 9;
    EXPECT_EQ(ledger.act("customs/registrar", "agency_key", "k-3", backwards), "malformed_act");
    json::object past = key_json("customs/x", "record");
    past["valid_from"] = 1;
    EXPECT_EQ(ledger.act("customs/registrar", "agency_key", "k-4", past), "malformed_act");
    json::object zero = key_json("customs/x", "record");
    zero["x"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    EXPECT_EQ(ledger.act("customs/registrar", "agency_key", "k-5", zero), "malformed_key");
    json::object borrowed = key_json("customs/x", "record");
    borrowed["x"] = key_json("most/record", "record")["x"];
    EXPECT_EQ(ledger.act("customs/registrar", "agency_key", "k-6", borrowed), "key_in_use");
    EXPECT_EQ(ledger.act("customs/registrar", "key_revocation", "v-1",
                         {{"kid", "customs/record"}, {"from", nullptr}, {"reason", ""}}),
              "malformed_act");
    EXPECT_EQ(ledger.size(), 1u);
}

TEST(RegistryActs, TheFactsGiveTheSameRegistryAgain) {
    Assembly ledger;
    // A parent that comes after its child in the order of the codes.
    ASSERT_EQ(ledger.act("customs/registrar", "agency_registration", "a-1",
                         agency("zz.office", "customs", {"customs_office"})),
              "admitted");
    ASSERT_EQ(ledger.act("customs/registrar", "agency_registration", "a-2",
                         agency("aa.office", "zz.office", {"customs_office"})),
              "admitted");
    ASSERT_EQ(ledger.act("customs/registrar", "agency_key", "k-1", key_json("aa.office/record", "record")),
              "admitted");
    ASSERT_EQ(ledger.act("customs/registrar", "key_revocation", "v-1", revocation("customs/record")),
              "admitted");
    const auto again = registry_in_facts(ledger.genesis().registry, ledger.facts());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->agencies().size(), ledger.registry().agencies().size());
    EXPECT_EQ(again->agency("aa.office")->parent, "zz.office");
    ASSERT_EQ(again->keys().size(), ledger.registry().keys().size());
    for (const auto& [kid, key] : ledger.registry().keys()) {
        const RegisteredKey* other = again->key(kid);
        ASSERT_NE(other, nullptr) << kid;
        EXPECT_EQ(other->valid_from, key.valid_from) << kid;
        EXPECT_EQ(other->valid_to, key.valid_to) << kid;
        EXPECT_EQ(other->key, key.key) << kid;
        EXPECT_EQ(other->purpose, key.purpose) << kid;
    }
    EXPECT_EQ(again->delegations(), ledger.registry().delegations());
}

TEST(RegistryActs, AnOverlayThatIsCutShortForgetsTheKey) {
    Assembly ledger;
    Frontier frontier;
    frontier.append(leaf_hash("genesis"));
    Tail tail(ledger.view(), frontier);
    const auto admit_to_tail = [&](std::string_view kid, std::string_view kind, json::object data,
                                   std::string_view id) {
        data["refs"] = json::array();
        json::object event = samples::record(id, kid.substr(0, kid.find('/')));
        event["type"] = "vn.socai." + std::string(kind) + ".v1";
        event["data"] = std::move(data);
        Verdict verdict =
            admit(ledger.context(), tail, samples::statement(event, kid), samples::now_ms, false);
        if (auto* error = std::get_if<Error>(&verdict)) return error->reason;
        tail.push(std::get<Admitted>(std::move(verdict)));
        return std::string("admitted");
    };
    ASSERT_EQ(admit_to_tail("customs/registrar", "agency_key", key_json("customs/second", "record"), "k-1"),
              "admitted");
    ASSERT_EQ(admit_to_tail("customs/second", "clearance_decision", {}, "r-1"), "admitted");
    tail.truncate(1);
    EXPECT_EQ(admit_to_tail("customs/second", "clearance_decision", {}, "r-1"), "unknown_kid");
    ASSERT_EQ(admit_to_tail("customs/record", "clearance_decision", {}, "r-1"), "admitted");
}

}  // namespace
}  // namespace socai::ledger
