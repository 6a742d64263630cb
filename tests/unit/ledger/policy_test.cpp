#include "ledger/policy.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <string_view>

#include "ledger/jwk.hpp"

namespace socai::ledger {
namespace {

VerifierKey key_of(std::uint8_t number, NoteKeyType type) {
    std::array<std::uint8_t, 32> seed{};
    seed[0] = number;
    return {"key-" + std::to_string(number), type, KeyPair::from_seed(seed).public_key()};
}

std::string log_key(std::uint8_t number) {
    return key_of(number, NoteKeyType::ed25519).to_string();
}
std::string witness_key(std::uint8_t number) {
    return key_of(number, NoteKeyType::cosignature).to_string();
}

TEST(Policy, OfLogsAloneNeedsNoQuorum) {
    const std::string text =
        "log " + log_key(1) + "\nlog " + log_key(2) + " https://ledger.example.vn\nquorum none\n";
    const auto policy = parse_policy(text);
    ASSERT_TRUE(policy);
    ASSERT_EQ(policy->logs.size(), 2U);
    EXPECT_EQ(policy->logs[0].key.to_string(), log_key(1));
    EXPECT_EQ(policy->logs[1].url, "https://ledger.example.vn");
    EXPECT_EQ(policy->quorum, "none");
    EXPECT_EQ(policy->to_string(), text);
}

TEST(Policy, CountsAgenciesByGroups) {
    const std::string text =
        "log " + log_key(1) + "\nwitness customs-1 " + witness_key(2) + "\nwitness customs-2 " +
        witness_key(3) + "\nwitness most-1 " + witness_key(4) + " https://most.example.vn\n" +
        "group customs any customs-1 customs-2\ngroup agencies all customs most-1\n" + "quorum agencies\n";
    const auto policy = parse_policy(text);
    ASSERT_TRUE(policy) << policy.error().detail;
    ASSERT_EQ(policy->witnesses.size(), 3U);
    EXPECT_EQ(policy->witnesses[2].url, "https://most.example.vn");
    ASSERT_EQ(policy->groups.size(), 2U);
    EXPECT_EQ(policy->groups[0], (PolicyGroup{"customs", 1, {"customs-1", "customs-2"}}));
    EXPECT_EQ(policy->groups[1], (PolicyGroup{"agencies", 2, {"customs", "most-1"}}));
    EXPECT_EQ(policy->quorum, "agencies");
    EXPECT_EQ(policy->to_string(), text);
}

TEST(Policy, IgnoresCommentsAndSpareWhiteSpace) {
    const auto policy = parse_policy("# who may speak\n\n \t\n\t log \t" + log_key(1) +
                                     "  \n   # and who must agree: h\xe1\xba\xa3i quan \xff\nquorum\tnone\n");
    ASSERT_TRUE(policy) << policy.error().detail;
    EXPECT_EQ(policy->logs.size(), 1U);
}

RC_GTEST_PROP(Policy, ComesBackFromItsText, ()) {
    Policy policy;
    std::uint8_t number = 0;
    const auto logs = *rc::gen::inRange(0, 4);
    for (int i = 0; i < logs; ++i) {
        policy.logs.push_back({key_of(number++, NoteKeyType::ed25519), *rc::gen::element("", "https://a")});
    }
    const auto groups = *rc::gen::inRange(0, 5);
    std::vector<std::string> names;
    for (int i = 0; i < groups; ++i) {
        PolicyGroup group{"agency-" + std::to_string(i), 1, {}};
        const auto members = *rc::gen::inRange<std::uint32_t>(1, 5);
        for (std::uint32_t j = 0; j < members; ++j) {
            const std::string name = group.name + "-" + std::to_string(j);
            policy.witnesses.push_back({name, key_of(number++, NoteKeyType::cosignature), ""});
            group.members.push_back(name);
        }
        group.threshold = *rc::gen::inRange<std::uint32_t>(1, members + 1);
        names.push_back(group.name);
        policy.groups.push_back(group);
    }
    if (!names.empty()) {
        const auto threshold =
            *rc::gen::inRange<std::uint32_t>(1, static_cast<std::uint32_t>(names.size()) + 1);
        policy.groups.push_back({"all-agencies", threshold, names});
        policy.quorum = "all-agencies";
    }
    const auto parsed = parse_policy(policy.to_string());
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == policy);
}

TEST(Policy, RefusesOtherTextsAndNamesTheLine) {
    const std::string log = "log " + log_key(1) + "\n";
    const std::string witnesses = "witness a " + witness_key(2) + "\nwitness b " + witness_key(3) + "\n";
    struct Case {
        std::string text;
        const char* says;
    };
    for (const Case& test : {
             Case{"", "no quorum line"},
             Case{log, "no quorum line"},
             Case{log + "quorum none", "line 2: must end in a newline"},
             Case{"quorum none\nquorum none\n", "line 2: there is a quorum line already"},
             Case{"quorum\n", "line 1: must be: quorum"},
             Case{"quorum none none\n", "line 1: must be: quorum"},
             Case{"quorum a\n" + witnesses, "line 1: the quorum is not defined"},
             Case{"quroum none\n", "line 1: unknown keyword"},
             Case{"Log " + log_key(1) + "\n", "line 1: unknown keyword"},
             Case{"quorum none\r\n", "line 1: holds a control character"},
             Case{std::string("quorum none\0\n", 13), "line 1: holds a control character"},
             Case{"quorum none\x7f\n", "line 1: holds a control character"},
             Case{"log\n", "line 1: must be: log"},
             Case{"log " + log_key(1) + " https://a b\n", "line 1: must be: log"},
             Case{"log key\n", "line 1: verifier key"},
             Case{"log " + witness_key(1) + "\n", "line 1: a log needs a key of type 1"},
             Case{log + log, "line 2: this log's key"},
             Case{"witness a\n", "line 1: must be: witness"},
             Case{"witness a " + log_key(1) + "\n", "line 1: a witness needs a key of type 4"},
             Case{"witness none " + witness_key(1) + "\n", "line 1: the name none is reserved"},
             Case{witnesses + "witness a " + witness_key(4) + "\n", "line 3: this name is defined"},
             Case{witnesses + "witness c " + witness_key(3) + "\n", "line 3: this witness's key"},
             Case{witnesses + "group g any\n", "line 3: must be: group"},
             Case{witnesses + "group g any c\n", "line 3: a member is not defined"},
             Case{witnesses + "group g any none\n", "line 3: a member is not defined"},
             Case{witnesses + "group g any g\n", "line 3: a member is not defined"},
             Case{witnesses + "group g any a a\n", "line 3: a member is in a group already"},
             Case{witnesses + "group g any a\ngroup h any a\n", "line 4: a member is in a group already"},
             Case{witnesses + "group a any b\n", "line 3: this name is defined"},
             Case{witnesses + "group none any b\n", "line 3: the name none is reserved"},
             Case{witnesses + "group g 0 a b\n", "line 3: the threshold"},
             Case{witnesses + "group g 01 a b\n", "line 3: the threshold"},
             Case{witnesses + "group g 3 a b\n", "line 3: the threshold"},
             Case{witnesses + "group g -1 a b\n", "line 3: the threshold"},
             Case{witnesses + "group g 1x a b\n", "line 3: the threshold"},
             Case{witnesses + "group g 4294967297 a b\n", "line 3: the threshold"},
             Case{std::string(max_policy_bytes + 1, '\n'), "256 KiB"},
         }) {
        const auto policy = parse_policy(test.text);
        ASSERT_FALSE(policy) << test.text;
        EXPECT_EQ(policy.error().reason, "malformed_policy");
        EXPECT_NE(policy.error().detail.find(test.says), std::string::npos) << policy.error().detail;
    }
}

TEST(Policy, HasABoundOnItsItems) {
    std::string text;
    for (std::uint32_t i = 0; i < max_policy_items; ++i) {
        std::array<std::uint8_t, 32> key{};
        key[0] = static_cast<std::uint8_t>(i);
        key[1] = static_cast<std::uint8_t>(i >> 8);
        text += "log " + VerifierKey{"log", NoteKeyType::ed25519, key}.to_string() + "\n";
    }
    EXPECT_TRUE(parse_policy(text + "quorum none\n"));
    const auto policy = parse_policy(text + "log " + log_key(1) + "\nquorum none\n");
    ASSERT_FALSE(policy);
    EXPECT_NE(policy.error().detail.find("1,024"), std::string::npos);
}

}  // namespace
}  // namespace socai::ledger
