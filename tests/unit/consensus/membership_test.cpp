#include "consensus/membership.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "consensus/chain.hpp"
#include "consensus/quorum.hpp"
#include "tests/unit/consensus/core_fixture.hpp"

namespace socai::consensus::test {
namespace {

std::vector<NodeId> ids(const std::vector<std::uint64_t>& values) {
    std::vector<NodeId> nodes;
    for (const std::uint64_t value : values) nodes.push_back({value});
    return nodes;
}

Configuration simple(const std::vector<std::uint64_t>& voting,
                     const std::vector<std::uint64_t>& learning = {}) {
    return {.voters = ids(voting), .outgoing = {}, .learners = ids(learning)};
}

Configuration joint(const std::vector<std::uint64_t>& incoming, const std::vector<std::uint64_t>& outgoing,
                    const std::vector<std::uint64_t>& learning = {}) {
    return {.voters = ids(incoming), .outgoing = ids(outgoing), .learners = ids(learning)};
}

TEST(Membership, WellFormedIsSortedWithoutRepeatsAndSomebodyVotes) {
    EXPECT_TRUE(is_well_formed(simple({1})));
    EXPECT_TRUE(is_well_formed(simple({1, 2, 3}, {4, 5})));
    EXPECT_TRUE(is_well_formed(joint({1, 2}, {2, 3}, {3})));  // a voter that becomes a learner
    EXPECT_FALSE(is_well_formed(simple({})));
    EXPECT_FALSE(is_well_formed(joint({}, {1, 2})));
    EXPECT_FALSE(is_well_formed(simple({2, 1})));
    EXPECT_FALSE(is_well_formed(simple({1, 1})));
    EXPECT_FALSE(is_well_formed(simple({0, 1})));
    EXPECT_FALSE(is_well_formed(simple({1, 2}, {2})));
    EXPECT_FALSE(is_well_formed(simple({1}, {3, 2})));
    EXPECT_FALSE(is_well_formed(joint({1}, {3, 2})));
    Configuration huge = simple({1});
    for (std::uint64_t id = 2; id <= max_members; ++id) huge.voters.push_back({id});
    EXPECT_TRUE(is_well_formed(huge));
    huge.voters.push_back({max_members + 1});
    EXPECT_FALSE(is_well_formed(huge));
}

struct PlanRow {
    Configuration current;
    std::vector<std::uint64_t> voters, learners;
    bool asks_for_joint;
    Configuration next;
};

TEST(Membership, PlansAJointStepWhereMoreThanOneVoterChanges) {
    const std::vector<PlanRow> rows = {
        {simple({1, 2, 3}), {1, 2, 3, 4}, {}, false, simple({1, 2, 3, 4})},
        {simple({1, 2, 3}), {1, 2}, {}, false, simple({1, 2})},
        {simple({1, 2, 3}), {1, 2, 3}, {4, 5}, false, simple({1, 2, 3}, {4, 5})},
        {simple({1, 2, 3}, {4}), {1, 2, 3, 4}, {}, false, simple({1, 2, 3, 4})},
        {simple({1, 2, 3}), {1, 2}, {3}, false, simple({1, 2}, {3})},
        {simple({1, 2, 3}), {1, 2, 4}, {}, false, joint({1, 2, 4}, {1, 2, 3})},
        {simple({1, 2, 3}), {1, 4, 5}, {2}, false, joint({1, 4, 5}, {1, 2, 3}, {2})},
        {simple({1, 2, 3}), {1, 2, 3, 4, 5}, {}, false, joint({1, 2, 3, 4, 5}, {1, 2, 3})},
        {simple({1, 2, 3}), {1}, {}, false, joint({1}, {1, 2, 3})},
        {simple({1, 2, 3}), {1, 2, 3, 4}, {}, true, joint({1, 2, 3, 4}, {1, 2, 3})},
        {simple({1, 2, 3}), {1, 2, 3}, {}, true, joint({1, 2, 3}, {1, 2, 3})},
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        SCOPED_TRACE(i);
        const PlanRow& row = rows[i];
        const Configuration planned =
            plan_change(row.current, ids(row.voters), ids(row.learners), row.asks_for_joint);
        EXPECT_EQ(planned, row.next);
        EXPECT_TRUE(may_follow(row.current, planned));
        if (!planned.joint()) continue;
        EXPECT_EQ(left(planned), (Configuration{ids(row.voters), {}, ids(row.learners)}));
        EXPECT_TRUE(may_follow(planned, left(planned)));
    }
}

TEST(Membership, NothingElseMayFollow) {
    EXPECT_FALSE(may_follow(simple({1, 2, 3}), simple({1})));              // two voters fewer
    EXPECT_FALSE(may_follow(simple({1, 2, 3}), simple({1, 2, 4})));        // one for another
    EXPECT_FALSE(may_follow(simple({1, 2, 3}), simple({})));               // nobody votes
    EXPECT_FALSE(may_follow(simple({1, 2, 3}), joint({4}, {1, 2})));       // not from what is in force
    EXPECT_FALSE(may_follow(joint({1, 4}, {1, 2}), simple({1, 2})));       // back
    EXPECT_FALSE(may_follow(joint({1, 4}, {1, 2}), simple({1})));          // elsewhere
    EXPECT_FALSE(may_follow(joint({1, 4}, {1, 2}), joint({5}, {1, 4})));   // on while joint
    EXPECT_FALSE(may_follow(joint({1, 4}, {1, 2}, {3}), simple({1, 4})));  // learners are part of it
    EXPECT_TRUE(may_follow(joint({1, 4}, {1, 2}, {3}), simple({1, 4}, {3})));
}

std::vector<NodeId> some_nodes() {
    auto nodes = *rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(1, 9));
    std::sort(nodes.begin(), nodes.end());
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
    return ids(nodes);
}

// What the rules are for: wherever one configuration may follow another, no two quorums of them are apart.
RC_GTEST_PROP(Membership, ConsecutiveConfigurationsShareANodeInAnyTwoQuorums, ()) {
    const std::vector<NodeId> old_voters = some_nodes();
    const std::vector<NodeId> new_voters = some_nodes();
    RC_PRE(!old_voters.empty() && !new_voters.empty());
    const Configuration current{.voters = old_voters, .outgoing = {}, .learners = {}};
    const Configuration next = plan_change(current, new_voters, {}, *rc::gen::arbitrary<bool>());
    RC_ASSERT(may_follow(current, next));
    std::vector<std::pair<Configuration, Configuration>> steps = {{current, next}};
    if (next.joint()) steps.emplace_back(next, left(next));
    // Whoever is not in the one quorum can be no quorum of the other.
    const std::uint64_t mask = *rc::gen::inRange<std::uint64_t>(0, 512);
    for (const auto& [before, after] : steps) {
        Votes ones;
        Votes others;
        for (std::uint64_t id = 1; id < 9; ++id) {
            ones[{id}] = (mask >> id & 1u) != 0;
            others[{id}] = !ones[{id}];
        }
        RC_ASSERT(tally(before, ones) != Tally::won || tally(after, others) != Tally::won);
    }
}

RC_GTEST_PROP(Membership, EncodingGoesThereAndBack, ()) {
    Configuration configuration{.voters = some_nodes(), .outgoing = some_nodes(), .learners = some_nodes()};
    const auto note = *rc::gen::arbitrary<std::string>();
    const std::string bytes = encode_configuration(configuration, note);
    const auto decoded = decode_configuration(bytes);
    RC_ASSERT(decoded.has_value() == is_well_formed(configuration));
    if (!decoded) return;
    RC_ASSERT(decoded->configuration == configuration);
    RC_ASSERT(decoded->note == note);
    // Nothing shorter, and nothing longer, is one.
    RC_ASSERT(!decode_configuration(bytes.substr(0, *rc::gen::inRange<std::size_t>(0, bytes.size()))));
    RC_ASSERT(!decode_configuration(bytes + "x"));
}

TEST(Membership, RefusesWhatClaimsToBeLargerThanItIs) {
    EXPECT_FALSE(decode_configuration(""));
    EXPECT_FALSE(decode_configuration("\x02"));
    const std::string bytes = encode_configuration(simple({1}), {});
    std::string many = bytes;
    many[1] = many[2] = many[3] = many[4] = '\xff';  // voters: 2^32 - 1
    EXPECT_FALSE(decode_configuration(many));
    EXPECT_FALSE(
        decode_configuration(encode_configuration(simple({1}), std::string(max_note_bytes + 1, 'x'))));
    EXPECT_TRUE(decode_configuration(encode_configuration(simple({1}), std::string(max_note_bytes, 'x'))));
}

ConfigurationEntry entry_at(std::uint64_t index, const Configuration& configuration) {
    return {{{1}, {index}, {}}, configuration, {}};
}

TEST(Memberships, KnowWhatIsInForceWhere) {
    Memberships memberships({entry_at(10, simple({1}))});
    EXPECT_EQ(memberships.before(), nullptr);
    memberships.append(entry_at(12, joint({2, 3}, {1})));
    memberships.append(entry_at(15, simple({2, 3})));
    EXPECT_EQ(memberships.current().id.index, Index{15});
    ASSERT_NE(memberships.before(), nullptr);
    EXPECT_EQ(memberships.before()->id.index, Index{12});
    EXPECT_EQ(memberships.at({9}).id.index, Index{10});  // nothing earlier is known
    EXPECT_EQ(memberships.at({11}).id.index, Index{10});
    EXPECT_EQ(memberships.at({12}).id.index, Index{12});
    EXPECT_EQ(memberships.at({14}).id.index, Index{12});
    EXPECT_EQ(memberships.at({99}).id.index, Index{15});

    EXPECT_FALSE(memberships.truncate({16}));
    EXPECT_TRUE(memberships.truncate({15}));
    EXPECT_EQ(memberships.current().id.index, Index{12});
    memberships.append(entry_at(16, simple({2, 3})));
    EXPECT_TRUE(memberships.truncate({11}));  // two at once
    EXPECT_EQ(memberships.current().id.index, Index{10});
    EXPECT_FALSE(memberships.truncate({5}));  // the first stays
}

TEST(Memberships, PruningKeepsTheOneInForceAtTheBase) {
    const auto three = [] {
        Memberships memberships({entry_at(10, simple({1}))});
        memberships.append(entry_at(12, simple({1, 2})));
        memberships.append(entry_at(15, simple({1, 2, 3})));
        return memberships;
    };
    Memberships before = three();
    before.prune({11});
    EXPECT_EQ(before.at({0}).id.index, Index{10});
    Memberships at = three();
    at.prune({12});
    EXPECT_EQ(at.at({0}).id.index, Index{12});
    EXPECT_EQ(at.current().id.index, Index{15});
    Memberships after = three();
    after.prune({20});
    EXPECT_EQ(after.at({0}).id.index, Index{15});
    EXPECT_EQ(after.before(), nullptr);
}

// A leader of term 2 in a cluster of three that has committed its no-op.
Core settled_leader(const Options& options = plain_options()) {
    Core leader = start({.term = 1}, options);
    const Output first = lead(leader);
    for (const StorageJob& job : first.storage) leader.step(0, Stored{job.ticket});
    leader.step(0, Receive{{2}, AppendReply{.term = {2}, .accepted = true, .index = {1}}});
    return leader;
}

MembershipAnswer change(Core& core, const std::vector<std::uint64_t>& voting,
                        const std::vector<std::uint64_t>& learning = {}, const std::string& note = {}) {
    const Output output = core.step(
        0, ChangeMembership{
               .voters = ids(voting), .learners = ids(learning), .note = note, .joint = false, .context = 7});
    EXPECT_EQ(output.membership_answers.size(), 1u);
    EXPECT_EQ(output.membership_answers.at(0).context, 7u);
    return output.membership_answers.at(0);
}

TEST(ChangeOfMembership, IsAnsweredByTheFirstReasonThatApplies) {
    using Outcome = MembershipAnswer::Outcome;
    Core follower = start({.term = 1});
    EXPECT_EQ(change(follower, {1, 2}).outcome, Outcome::not_leader);
    Core fresh = start({.term = 1});
    lead(fresh);
    EXPECT_EQ(change(fresh, {1, 2}).outcome, Outcome::not_ready);
    Core leader = settled_leader();
    EXPECT_EQ(change(leader, {}).outcome, Outcome::malformed);
    EXPECT_EQ(change(leader, {2, 1}).outcome, Outcome::malformed);
    EXPECT_EQ(change(leader, {1, 2}, {}, std::string(max_note_bytes + 1, 'x')).outcome, Outcome::malformed);
    EXPECT_EQ(change(leader, {1, 2, 3}).outcome, Outcome::unchanged);
    const MembershipAnswer appended = change(leader, {1, 2, 3, 4});
    EXPECT_EQ(appended.outcome, Outcome::appended);
    EXPECT_EQ(appended.index, Index{2});
    EXPECT_EQ(change(leader, {1, 2}).outcome, Outcome::in_progress);
    EXPECT_EQ(leader.status().configuration, simple({1, 2, 3, 4}));
    EXPECT_FALSE(leader.status().configuration_committed);
}

TEST(ChangeOfMembership, IsPutOutAndWrittenWithTheHardState) {
    Core leader = settled_leader();
    const Output output =
        leader.step(0, ChangeMembership{.voters = ids({1, 2, 3, 4}), .learners = {}, .note = "where"});
    ASSERT_TRUE(output.configuration);
    EXPECT_EQ(output.configuration->configuration, simple({1, 2, 3, 4}));
    EXPECT_EQ(output.configuration->note, "where");
    EXPECT_EQ(output.configuration->id.index, Index{2});
    ASSERT_EQ(output.storage.size(), 1u);
    ASSERT_TRUE(output.storage[0].hard);
    EXPECT_EQ(output.storage[0].hard->configuration, output.configuration->id);
    EXPECT_FALSE(sent<AppendRequest>(output, {4}).empty());  // the new one is sent to at once
}

TEST(ChangeOfMembership, AFollowerActsByItFromTheAppendAndBackFromTheTruncation) {
    Core follower = start({.term = 2, .log = {1}});
    const EntryId last = last_id(make_log({1}));
    const EntryPtr entry = make_configuration(last, {2}, simple({1, 2, 3, 4}), "note");
    Output output = deliver(follower, {2},
                            AppendRequest{.term = {2}, .previous = last, .entries = {entry}, .commit = {}});
    EXPECT_EQ(follower.status().configuration_id, entry->id);
    ASSERT_TRUE(output.storage.at(0).hard);
    EXPECT_EQ(output.storage[0].hard->configuration, entry->id);

    const EntryPtr other = make_noop(last, {3});
    output = deliver(follower, {3},
                     AppendRequest{.term = {3}, .previous = last, .entries = {other}, .commit = {}});
    EXPECT_EQ(follower.status().configuration, voters(3));
    ASSERT_FALSE(output.storage.empty());
    EXPECT_EQ(output.storage.back().hard->configuration, EntryId{});
}

TEST(ChangeOfMembership, WhoMayBeSwitchedOff) {
    Status leader{.self = {1}, .role = Role::leader};
    leader.configuration = joint({1, 2}, {2, 3}, {4});
    leader.configuration_committed = true;
    for (const std::uint64_t needed : {1, 2, 3, 4}) EXPECT_FALSE(may_switch_off(leader, {needed}));
    EXPECT_TRUE(may_switch_off(leader, {5}));
    leader.configuration_committed = false;
    EXPECT_FALSE(may_switch_off(leader, {5}));
    leader.configuration_committed = true;
    leader.role = Role::follower;
    EXPECT_FALSE(may_switch_off(leader, {5}));
}

}  // namespace
}  // namespace socai::consensus::test
