#include "node/member.hpp"

#include <gtest/gtest.h>

#include "node/members.hpp"
#include "small_ledger.hpp"

namespace socai::node {
namespace {

ledger::PublicKey key(std::uint8_t fill) {
    ledger::PublicKey key{};
    key.fill(fill);
    return key;
}

Member member(std::uint64_t id, const std::string& name, const std::string& host = "10.0.0.1") {
    return {{id}, name, "most", host, 7'000, key(1), key(2), key(3), key(4)};
}

MemberNote note_of(std::vector<Member> members) {
    MemberNote note;
    note.members = std::move(members);
    note.last_id = note.members.back().id.value;
    return note;
}

consensus::ConfigurationEntry entry(std::uint64_t index, std::vector<consensus::NodeId> voters,
                                    const MemberNote& note) {
    consensus::ConfigurationEntry entry;
    entry.id.index = {index};
    entry.configuration.voters = std::move(voters);
    entry.note = encode_note(note);
    return entry;
}

TEST(MemberNote, SurvivesTheRoundTrip) {
    MemberNote note = note_of({member(1, "customs-1", ""), member(4, "most-2")});
    note.last_id = 9;
    EXPECT_EQ(decode_note(encode_note(note)), note);
}

TEST(MemberNote, TheGenesisNodesVoteAndAreDescribed) {
    const test::SmallLedger small;
    const consensus::ConfigurationEntry first = genesis_configuration(small.genesis);
    EXPECT_EQ(first.id, consensus::EntryId{});
    EXPECT_EQ(first.configuration.voters, (std::vector<consensus::NodeId>{{1}}));
    const auto note = decode_note(first.note);
    ASSERT_TRUE(note);
    EXPECT_TRUE(describes(*note, first.configuration));
    EXPECT_EQ(note->last_id, 1u);
    EXPECT_EQ(note->find("customs-1")->log_key, small.genesis.nodes.front().log_key);
}

TEST(MemberNote, ANoteHasOneText) {
    const std::string good = encode_note(note_of({member(1, "customs-1"), member(4, "most-2")}));
    ASSERT_TRUE(decode_note(good));
    EXPECT_FALSE(decode_note(" " + good));
    EXPECT_FALSE(decode_note(good.substr(0, good.size() - 1)));
    EXPECT_FALSE(decode_note(""));
    EXPECT_FALSE(decode_note("[]"));
    EXPECT_FALSE(decode_note(std::string(consensus::max_note_bytes + 1, ' ')));
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        text.replace(text.find(from), from.size(), to);
        return text;
    };
    EXPECT_FALSE(decode_note(with("\"version\":2", "\"version\":1")));
    EXPECT_FALSE(decode_note(with("\"last_id\":4", "\"last_id\":3"))) << "an id that was never given out";
    EXPECT_FALSE(decode_note(with("\"id\":4", "\"id\":1"))) << "an id twice";
    EXPECT_FALSE(decode_note(with("most-2", "customs-1"))) << "a name twice";
    EXPECT_FALSE(decode_note(with("most-2", "../../etc")));
    EXPECT_FALSE(decode_note(with("\"port\":7000", "\"port\":70000")));
}

TEST(MemberNote, DescribesOnlyWhomItNames) {
    const MemberNote note = note_of({member(1, "customs-1"), member(4, "most-2")});
    EXPECT_TRUE(describes(note, {.voters = {{1}}, .outgoing = {}, .learners = {{4}}}));
    EXPECT_FALSE(describes(note, {.voters = {{1}}, .outgoing = {{2}}, .learners = {}}));
}

std::vector<std::string> names(const std::vector<Member>& members) {
    std::vector<std::string> names;
    for (const Member& member : members) names.push_back(member.name);
    return names;
}

TEST(Members, FollowsTheLog) {
    const MemberNote old = note_of({member(1, "a"), member(2, "b")});
    const MemberNote wide = note_of({member(1, "a"), member(2, "b"), member(3, "c")});
    Members members({1}, {entry(0, {{1}, {2}}, old)}, {});
    EXPECT_EQ(names(members.reachable({})), (std::vector<std::string>{"b"}));
    members.changed(entry(5, {{1}, {2}, {3}}, wide));
    EXPECT_EQ(names(members.reachable({})), (std::vector<std::string>{"b", "c"}));
    EXPECT_EQ(members.name({3}), "c");
    members.changed(entry(0, {{1}, {2}}, old));  // truncated
    EXPECT_EQ(names(members.reachable({})), (std::vector<std::string>{"b"}));
    EXPECT_EQ(members.name({3}), "c") << "still known by name";
    EXPECT_EQ(members.name({9}), "node 9");
}

TEST(Members, WhoIsRemovedStaysReachableUntilThatIsCommittedAndKnown) {
    const MemberNote wide = note_of({member(1, "a"), member(2, "b"), member(3, "c")});
    const MemberNote narrow = note_of({member(1, "a"), member(2, "b")});
    Members members({1}, {entry(0, {{1}, {2}, {3}}, wide)}, {});
    members.changed(entry(5, {{1}, {2}}, narrow));
    EXPECT_EQ(names(members.reachable({})), (std::vector<std::string>{"b", "c"}));
    members.committed({5});
    consensus::Status leader;
    leader.peers.push_back({.id = {3}, .departing = true});
    EXPECT_EQ(names(members.reachable(leader)), (std::vector<std::string>{"b", "c"}));
    EXPECT_EQ(names(members.reachable({})), (std::vector<std::string>{"b"}));
}

TEST(Members, WhoJoinsTalksToItsContactsUntilTheLogKnowsIt) {
    const MemberNote founders = note_of({member(1, "a"), member(2, "b")});
    const MemberNote later = note_of({member(1, "a"), member(2, "b"), member(5, "e")});
    Members members({5}, {entry(0, {{1}, {2}}, founders)}, {member(4, "d")});
    EXPECT_EQ(names(members.reachable({})), (std::vector<std::string>{"a", "b", "d"}));
    members.changed(entry(7, {{1}, {2}, {5}}, later));
    members.committed({7});
    EXPECT_EQ(names(members.reachable({})), (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace socai::node
