#include "node/leader_refusals.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "ledger/policy_leaf.hpp"
#include "tests/unit/ledger/consortium.hpp"
#include "tests/unit/ledger/small_ledger.hpp"

namespace socai::node {
namespace {

namespace json = boost::json;
namespace samples = ledger::samples;

class LeaderRefusals : public ::testing::Test {
  protected:
    void vote_for(std::string_view id, std::string_view matter, json::object change) {
        ASSERT_EQ(ledger_.propose("customs", id, matter, std::move(change)), "admitted") << ledger_.detail();
        for (const char* member : {"customs", "most", "mard"}) ASSERT_EQ(ledger_.vote(member, id), "admitted");
    }
    std::string judge(const std::shared_ptr<const ledger::Statement>& statement) const {
        const ledger::Verdict verdict =
            as_leader(ledger_.context(), ledger_.facts(), *statement,
                      ledger::admit(ledger_.context(), ledger_.view(), statement, samples::now_ms + 3'600'000, false));
        const auto* error = std::get_if<ledger::Error>(&verdict);
        return error == nullptr ? "admitted" : error->reason;
    }
    // What a leader makes of the policy that asks for all four agencies: "admitted", or the reason of a refusal.
    std::string write_policy() const {
        const std::string record = ledger::policy_record({ledger_.genesis().nodes, strict_}, samples::origin, "customs", "policy-1",
                                                         "2021-09-30T23:00:00Z");
        return judge(samples::statement(json::parse(record).as_object(), "customs/record"));
    }
    // And of a proposal.
    std::string propose(const char* matter, json::object change) const {
        return judge(samples::statement(
            {{"specversion", "1.0"},
             {"id", "p-9"},
             {"source", "customs"},
             {"type", "vn.socai.proposal.v1"},
             {"subject", "p-9"},
             {"time", "2021-09-30T23:00:00Z"},
             {"datacontenttype", "application/json"},
             {"data",
              {{"title", "keys"},
               {"matter", matter},
               {"change", std::move(change)},
               {"closes", "2021-10-20T00:00:00Z"},
               {"refs", json::array()}}}},
            "customs/registrar"));
    }
    std::string propose_keys(json::array keys) const {
        return propose("root_keys", {{"agency", "moit"}, {"keys", std::move(keys)}});
    }
    std::string propose_member(const char* code, json::array keys) const {
        return propose("member_addition",
                       {{"member", {{"code", code}, {"name_vi", "Bộ"}, {"name_en", "Ministry"}}}, {"keys", std::move(keys)}});
    }

    samples::Assembly ledger_;
    const ledger::Policy strict_ = ledger::consortium_policy(samples::origin, ledger_.genesis().nodes, 4);
};

// The members voted a policy, and then out a node that it needs.
TEST_F(LeaderRefusals, APolicyThatNobodyCanMeetAnyMore) {
    vote_for("p-1", "quorum_policy", {{"policy", strict_.to_string()}});
    EXPECT_EQ(write_policy(), "admitted");
    vote_for("p-2", "nodes", {{"add", json::array()}, {"remove", json::array{"moit-1"}}});
    EXPECT_EQ(write_policy(), "locks_out");
}

// Until a key counts its agency cannot act. Every follower takes such a proposal: its program may be older.
TEST_F(LeaderRefusals, KeysThatCountOnlyLater) {
    const auto key = [](const char* kid, const char* purpose, json::value from = nullptr) {
        json::object made = samples::key_json(kid, purpose);
        made["valid_from"] = std::move(from);
        return made;
    };
    const json::object root = key("moit/root-2", "root");
    const json::object registrar = key("moit/registrar-2", "registrar");
    const json::object late_root = key("moit/root-3", "root", 1'000'000);
    const json::object late_registrar = key("moit/registrar-3", "registrar", 1'000'000);
    EXPECT_EQ(propose_keys({root, registrar}), "admitted");
    EXPECT_EQ(propose_keys({root, registrar, late_root, late_registrar}), "admitted");
    EXPECT_EQ(propose_keys({late_root, registrar}), "locks_out");
    EXPECT_EQ(propose_keys({root, late_registrar}), "locks_out");
    EXPECT_EQ(propose_member("moh", {key("moh/root", "root"), key("moh/registrar", "registrar")}), "admitted");
    EXPECT_EQ(propose_member("moh", {key("moh/root", "root", 1'000'000), key("moh/registrar", "registrar")}), "locks_out");
    // Who was a member before has its keys still.
    vote_for("p-1", "nodes", {{"add", json::array()}, {"remove", json::array{"moit-1"}}});
    vote_for("p-2", "member_removal", {{"agency", "moit"}});
    EXPECT_EQ(propose_member("moit", {key("moit/registrar-2", "registrar")}), "admitted");
    EXPECT_EQ(propose_member("moit", {key("moit/registrar-2", "registrar", 1'000'000)}), "admitted");
}

TEST_F(LeaderRefusals, WhatDependsOnTheProgramIsKnownByItsKind) {
    ASSERT_EQ(ledger_.propose("customs", "p-1", "limits", {{"limits", json::object{{"max_backdate_ms", 86'400'000}}}}), "admitted");
    ASSERT_EQ(ledger_.vote("most", "p-1"), "admitted");
    ASSERT_EQ(ledger_.record("customs/record", "v-1", "activation"), "admitted");
    ASSERT_EQ(ledger_.record("customs/record", "c-1"), "admitted");
    std::vector<bool> depends;
    for (const ledger::Admitted& leaf : ledger_.leaves())
        depends.push_back(depends_on_program(ledger_.context().rules, *leaf.statement));
    EXPECT_EQ(depends, (std::vector<bool>{true, true, true, false}));
}

}  // namespace
}  // namespace socai::node
