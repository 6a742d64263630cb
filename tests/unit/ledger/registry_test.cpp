#include "ledger/registry.hpp"

#include <gtest/gtest.h>

#include "tests/unit/ledger/samples.hpp"

namespace socai::ledger {
namespace {

std::string reason_of(const Result<void>& result) {
    return result ? "accepted" : result.error().reason;
}

RegisteredKey some_key(std::string_view kid) {
    RegisteredKey key;
    key.kid = kid;
    key.agency = key.kid.substr(0, key.kid.find('/'));
    key.key = samples::key_named(kid).key.public_key();
    return key;
}

TEST(Registry, KnowsAgenciesAndKeys) {
    const Registry registry = samples::genesis().registry;
    ASSERT_NE(registry.agency("most.qlcl"), nullptr);
    EXPECT_EQ(registry.agency("most.qlcl")->parent, "most");
    EXPECT_TRUE(registry.agency("most.qlcl")->has_role("list_owner"));
    EXPECT_FALSE(registry.agency("most.qlcl")->has_role("member"));
    EXPECT_EQ(registry.agency("nobody"), nullptr);
    ASSERT_NE(registry.key("most.qlcl/1"), nullptr);
    EXPECT_TRUE(registry.key("most.qlcl/1")->has_right("historical_import"));
    EXPECT_FALSE(registry.key("customs/1")->has_right("historical_import"));
    EXPECT_EQ(registry.key("most.qlcl"), nullptr);
}

TEST(Registry, KeysAreValidFromOneLeafToAnother) {
    const Registry registry = samples::genesis().registry;
    const RegisteredKey& key = *registry.key("most.qlcl/late");
    EXPECT_FALSE(key.valid_at(9));
    EXPECT_TRUE(key.valid_at(10));
    EXPECT_TRUE(key.valid_at(19));
    EXPECT_FALSE(key.valid_at(20));
    EXPECT_TRUE(registry.key("customs/1")->valid_at(0));
    EXPECT_TRUE(registry.key("customs/1")->valid_at(~std::uint64_t{0}));
}

TEST(Registry, SpeakingForAnotherNeedsADelegation) {
    const Registry registry = samples::genesis().registry;
    EXPECT_TRUE(registry.may_speak_for("customs", "customs"));
    EXPECT_TRUE(registry.may_speak_for("customs.nsw", samples::trader));
    EXPECT_FALSE(registry.may_speak_for("customs", samples::trader));
    EXPECT_FALSE(registry.may_speak_for("customs", "customs.nsw"));  // a parent is no delegate by itself
    EXPECT_FALSE(registry.may_speak_for(samples::trader, "customs.nsw"));
    EXPECT_FALSE(registry.may_speak_for("nobody", "nobody"));
}

TEST(Registry, RefusesFaultyAgencies) {
    Registry registry = samples::genesis().registry;
    EXPECT_EQ(reason_of(registry.add_agency({"moit", std::nullopt, {}, "", ""})), "accepted");
    EXPECT_EQ(reason_of(registry.add_agency({"moit", std::nullopt, {}, "", ""})), "repeated_agency");
    EXPECT_EQ(reason_of(registry.add_agency({"MOIT", std::nullopt, {}, "", ""})), "malformed_agency");
    EXPECT_EQ(reason_of(registry.add_agency({"a", "nobody", {}, "", ""})), "unknown_agency");
    EXPECT_EQ(reason_of(registry.add_agency({"a", std::nullopt, {"Member"}, "", ""})), "malformed_agency");
    EXPECT_EQ(reason_of(registry.add_agency({"a", std::nullopt, {"x", "x"}, "", ""})), "malformed_agency");
    EXPECT_EQ(reason_of(registry.add_agency({"a", std::nullopt, {}, std::string(257, 'x'), ""})),
              "malformed_agency");
    EXPECT_EQ(registry.agency("a"), nullptr);
}

TEST(Registry, RefusesFaultyKeys) {
    Registry registry = samples::genesis().registry;
    EXPECT_EQ(reason_of(registry.add_key(some_key("most/2"))), "accepted");
    EXPECT_EQ(reason_of(registry.add_key(some_key("most/2"))), "repeated_key");
    EXPECT_EQ(reason_of(registry.add_key(some_key("nobody/1"))), "unknown_agency");
    for (const char* kid : {"most", "most/", "most/a b", "most/a/b"}) {
        EXPECT_EQ(reason_of(registry.add_key(some_key(kid))), "malformed_key") << kid;
    }
    RegisteredKey key = some_key("most/3");
    key.agency = "customs";
    EXPECT_EQ(reason_of(registry.add_key(key)), "malformed_key");
    key = some_key("most/3");
    key.algorithm = "ES256";
    EXPECT_EQ(reason_of(registry.add_key(key)), "unsupported_algorithm");
    key = some_key("most/3");
    key.key = {};  // a point of low order
    EXPECT_EQ(reason_of(registry.add_key(key)), "malformed_key");
    key = some_key("most/3");
    key.valid_from = 5;
    key.valid_to = 5;
    EXPECT_EQ(reason_of(registry.add_key(key)), "malformed_key");
    key = some_key("most/3");
    key.rights = {"Everything"};
    EXPECT_EQ(reason_of(registry.add_key(key)), "malformed_key");
    EXPECT_EQ(registry.key("most/3"), nullptr);
}

TEST(Registry, RefusesFaultyDelegations) {
    Registry registry = samples::genesis().registry;
    EXPECT_EQ(reason_of(registry.add_delegation("customs", "most")), "accepted");
    EXPECT_EQ(reason_of(registry.add_delegation("customs", "most")), "repeated_delegation");
    EXPECT_EQ(reason_of(registry.add_delegation("customs", "customs")), "repeated_delegation");
    EXPECT_EQ(reason_of(registry.add_delegation("nobody", "most")), "unknown_agency");
    EXPECT_EQ(reason_of(registry.add_delegation("most", "nobody")), "unknown_agency");
}

}  // namespace
}  // namespace socai::ledger
