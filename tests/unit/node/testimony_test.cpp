#include "node/testimony.hpp"

#include <gtest/gtest.h>

#include "consensus/chain.hpp"

namespace socai::node {
namespace {

using consensus::AppendRequest;
using consensus::EntryPtr;
using consensus::Message;
using consensus::NodeId;
using consensus::VoteReply;

constexpr const char* origin = "ledger.example.vn/test";

ledger::KeyPair key_of(std::uint64_t node) {
    std::array<std::uint8_t, 32> seed{};
    seed[0] = static_cast<std::uint8_t>(node);
    return ledger::KeyPair::from_seed(seed);
}

Member member_of(std::uint64_t id) {
    Member member;
    member.id = {id};
    member.name = "node-" + std::to_string(id);
    member.node_key = key_of(id).public_key();
    return member;
}

// Three nodes, of which one is under test; what it sends and what it finds.
struct Node {
    explicit Node(std::uint64_t id)
        : testimony(origin, member_of(id), key_of(id),
                    {[](NodeId other) {
                         return other.value <= 3 ? std::optional(member_of(other.value)) : std::nullopt;
                     },
                     [] {
                         return std::vector<NodeId>{{2}, {3}};
                     },
                     [this](NodeId, network::Parcel parcel) { sent.push_back(std::move(parcel)); },
                     [this](const std::string&, ledger::Evidence evidence, const std::string&) {
                         found.push_back(std::move(evidence));
                     }}) {}
    std::vector<network::Parcel> sent;
    std::vector<ledger::Evidence> found;
    Testimony testimony;
};

const consensus::EntryId start{{4}, {10}, consensus::sha256("start")};

std::vector<EntryPtr> entries(const std::string& name, int count) {
    std::vector<EntryPtr> made;
    for (int i = 0; i < count; ++i)
        made.push_back(consensus::make_entry(made.empty() ? start : made.back()->id, {5},
                                             consensus::EntryKind::payload, consensus::sha256(name),
                                             std::nullopt, name));
    return made;
}

bool tell(Node& from, std::uint64_t from_id, Node& to, std::uint64_t to_id, const Message& message) {
    return to.testimony.check({from_id}, message, from.testimony.sign({to_id}, message));
}

TEST(Testimony, SignsWhatTheOthersCheck) {
    Node one(1), two(2);
    EXPECT_TRUE(tell(one, 1, two, 2, VoteReply{{5}, true}));
    EXPECT_TRUE(tell(one, 1, two, 2, AppendRequest{{5}, start, entries("a", 2), {}}));
    EXPECT_TRUE(two.found.empty());
}

TEST(Testimony, RefusesWhatIsNotSigned) {
    Node one(1), two(2), three(3);
    const Message vote = VoteReply{{5}, true};
    EXPECT_FALSE(two.testimony.check({1}, vote, {}));
    // Another node's word, a vote for another, another term.
    EXPECT_FALSE(two.testimony.check({1}, vote, three.testimony.sign({2}, vote)));
    EXPECT_FALSE(two.testimony.check({1}, vote, one.testimony.sign({3}, vote)));
    EXPECT_FALSE(two.testimony.check({1}, VoteReply{{6}, true}, one.testimony.sign({2}, vote)));
    const Message append = AppendRequest{{5}, start, entries("a", 2), {}};
    EXPECT_FALSE(two.testimony.check({1}, AppendRequest{{5}, start, entries("b", 2), {}},
                                     one.testimony.sign({2}, append)));
    // A node that the log does not describe yet.
    EXPECT_TRUE(two.testimony.check({9}, vote, {}));
}

TEST(Testimony, TwoVotesOfOneTermMeet) {
    Node voter(1), two(2), three(3);
    EXPECT_TRUE(tell(voter, 1, two, 2, VoteReply{{5}, true}));
    EXPECT_TRUE(tell(voter, 1, three, 3, VoteReply{{5}, true}));
    EXPECT_TRUE(two.found.empty() && three.found.empty());
    two.testimony.leads({5});
    ASSERT_FALSE(two.sent.empty());
    EXPECT_TRUE(three.testimony.on_parcel({2}, two.sent.front()));
    ASSERT_EQ(three.found.size(), 1U);
    EXPECT_EQ(ledger::kind_name(three.found[0]), "double_vote");
    // The same votes again, and those of an honest term, show nothing more.
    Node other(3);
    EXPECT_TRUE(other.testimony.on_parcel({2}, two.sent.front()));
    EXPECT_TRUE(other.testimony.on_parcel({2}, two.sent.front()));
    EXPECT_TRUE(other.found.empty());
    EXPECT_TRUE(other.testimony.on_parcel({2}, {two.sent.front().kind, "nonsense"}));
}

// Who votes in terms that nobody reaches pushes out no votes but its own.
TEST(Testimony, AVotersFarTermsHideNoOthersVotes) {
    Node voter(1), two(2), three(3);
    EXPECT_TRUE(tell(voter, 1, two, 2, VoteReply{{5}, true}));
    EXPECT_TRUE(tell(voter, 1, three, 3, VoteReply{{5}, true}));
    for (std::uint64_t i = 0; i < 2 * Testimony::kept_terms; ++i)
        EXPECT_TRUE(tell(two, 2, three, 3, VoteReply{{(std::uint64_t{1} << 60) + i}, true}));
    two.testimony.leads({5});
    EXPECT_TRUE(three.testimony.on_parcel({2}, two.sent.front()));
    EXPECT_EQ(three.found.size(), 1U);
}

TEST(Testimony, TwoContentsOfOneIndexAreFound) {
    Node leader(1), two(2);
    EXPECT_TRUE(tell(leader, 1, two, 2, AppendRequest{{5}, start, entries("a", 3), {}}));
    // Sent again, in part or with more behind it: the same log.
    EXPECT_TRUE(tell(leader, 1, two, 2, AppendRequest{{5}, start, entries("a", 1), {}}));
    EXPECT_TRUE(tell(leader, 1, two, 2, AppendRequest{{5}, start, entries("a", 5), {}}));
    EXPECT_TRUE(two.found.empty());
    EXPECT_TRUE(tell(leader, 1, two, 2, AppendRequest{{5}, start, entries("b", 2), {}}));
    ASSERT_EQ(two.found.size(), 1U);
    EXPECT_EQ(ledger::kind_name(two.found[0]), "contradicting_appends");
    // In another term it may have another log.
    EXPECT_TRUE(tell(leader, 1, two, 2, AppendRequest{{6}, start, entries("c", 2), {}}));
    EXPECT_EQ(two.found.size(), 1U);
}

TEST(Testimony, WrongEntriesAreKeptWithTheirHeader) {
    Node leader(1), two(2);
    const auto sent = entries("no entry", 2);
    EXPECT_TRUE(tell(leader, 1, two, 2, AppendRequest{{5}, start, sent, {}}));
    two.testimony.judged_wrong({1, {5}, {1}, sent[0]->id, {sent[1]}}, "it is no entry");
    ASSERT_EQ(two.found.size(), 1U);
    const auto& forged = std::get<ledger::ForgedAppend>(two.found[0].what);
    EXPECT_EQ(forged.append.entries.size(), 2U);
    EXPECT_EQ(forged.append.entries[1].payload, "no entry");
    // Entries that came under no header that is still known are nobody's.
    two.testimony.judged_wrong({2, {5}, {3}, sent[0]->id, {sent[1]}}, "it is no entry");
    EXPECT_EQ(two.found.size(), 1U);
}

}  // namespace
}  // namespace socai::node
