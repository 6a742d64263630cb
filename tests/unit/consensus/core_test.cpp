// Tables over single cores, after etcd's raft_paper_test and raft_test (TestHandleMsgApp, TestVoter,
// TestFastLogRejection), and what a core does with events out of the ordinary.
#include "consensus/core.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/consensus/core_fixture.hpp"

namespace socai::consensus::test {
namespace {

struct AppendRow {
    Terms prefix;  // the log up to and including the request's previous entry
    std::uint64_t commit;
    Terms entries;
    bool accepted;
    std::uint64_t last, committed;
};

TEST(Core, HandlesAppends) {
    const std::vector<AppendRow> rows = {
        // the entry before does not match, or is not there
        {{1, 3}, 3, {}, false, 2, 0},
        {{1, 3, 3}, 3, {}, false, 2, 0},
        // it does: append, replace, commit
        {{1}, 1, {}, true, 2, 1},
        {{}, 1, {3}, true, 1, 1},
        {{1, 2}, 3, {3, 3}, true, 4, 3},
        {{1, 2}, 4, {3}, true, 3, 3},
        {{1}, 4, {2}, true, 2, 2},
        // commit what the request proves, not what the log holds
        {{1}, 3, {}, true, 2, 1},
        {{1}, 3, {2}, true, 2, 2},
        {{1, 2}, 3, {}, true, 2, 2},
        {{1, 2}, 4, {}, true, 2, 2},
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        SCOPED_TRACE(i);
        const AppendRow& row = rows[i];
        Core core = start({.term = 3, .log = {1, 2}});
        Terms whole = row.prefix;
        whole.insert(whole.end(), row.entries.begin(), row.entries.end());
        const auto log = make_log(whole);
        AppendRequest request{
            .term = {3}, .previous = last_id(make_log(row.prefix)), .entries = {}, .commit = {row.commit}};
        request.entries.assign(log.begin() + static_cast<std::ptrdiff_t>(row.prefix.size()), log.end());
        const auto replies = sent<AppendReply>(deliver(core, {2}, request), {2});
        ASSERT_EQ(replies.size(), 1u);
        EXPECT_EQ(replies[0].accepted, row.accepted);
        EXPECT_EQ(core.status().last.index.value, row.last);
        EXPECT_EQ(core.status().commit.value, row.committed);
        if (row.accepted) {
            EXPECT_EQ(replies[0].index.value, whole.size());
        }
    }
}

struct VoterRow {
    Terms log;
    std::uint64_t last_term, last_index;
    bool granted;
};

TEST(Core, VotesForAnUpToDateLogOnly) {
    const std::vector<VoterRow> rows = {
        {{1}, 1, 1, true},     {{1}, 1, 2, true},  {{1, 1}, 1, 1, false},  // same term: the longer
        {{1}, 2, 1, true},     {{1}, 2, 2, true},  {{1, 1}, 2, 1, true},   // newer term: whatever length
        {{2}, 1, 1, false},    {{2}, 1, 2, false}, {{1, 2}, 1, 1, false},  // older term: never
        {{1, 2}, 1, 9, false}, {{}, 0, 0, true},
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        SCOPED_TRACE(i);
        const VoterRow& row = rows[i];
        const EntryId last{{row.last_term}, {row.last_index}, {}};
        Core voter = start({.term = 2, .log = row.log});
        auto vote = sent<VoteReply>(voter.step(0, Receive{{2}, VoteRequest{.term = {3}, .last = last}}), {2});
        ASSERT_EQ(vote.size(), 1u);
        EXPECT_EQ(vote[0].granted, row.granted);
        EXPECT_EQ(voter.status().vote.value, row.granted ? 2u : 0u);

        Core asked = start({.term = 2, .log = row.log});
        auto pre =
            sent<PreVoteReply>(asked.step(0, Receive{{2}, PreVoteRequest{.term = {3}, .last = last}}), {2});
        ASSERT_EQ(pre.size(), 1u);
        EXPECT_EQ(pre[0].granted, row.granted);
        EXPECT_EQ(pre[0].term.value, row.granted ? 3u : 2u);
        EXPECT_EQ(asked.status().term.value, 2u);
    }
}

struct VoteOnceRow {
    std::uint64_t vote, candidate;
    bool granted;
};

TEST(Core, VotesOnceATerm) {
    for (const VoteOnceRow& row : std::vector<VoteOnceRow>{
             {0, 2, true}, {0, 3, true}, {2, 2, true}, {3, 3, true}, {2, 3, false}, {3, 2, false}}) {
        Core core = start({.term = 5, .vote = row.vote});
        const auto reply = sent<VoteReply>(
            core.step(0, Receive{{row.candidate}, VoteRequest{.term = {5}, .last = {}}}), {row.candidate});
        ASSERT_EQ(reply.size(), 1u);
        EXPECT_EQ(reply[0].granted, row.granted) << row.vote << " " << row.candidate;
    }
}

struct RepairRow {
    Terms leader, follower;
    std::uint64_t hint, hint_term, next_previous;
};

// Leader and follower step back whole terms (etcd's TestFastLogRejection: the logs are its).
TEST(Core, RepairsInStepsOfTerms) {
    const std::vector<RepairRow> rows = {
        {{1, 2, 2, 4, 4, 4, 4}, {1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3}, 7, 3, 3},
        {{1, 2, 2, 3, 4, 4, 4, 5}, {1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3}, 8, 3, 4},
        {{1, 1, 1, 1}, {1, 2, 2, 4}, 1, 1, 1},
        {{1, 1, 1, 1, 1, 1}, {1, 2, 2, 4}, 1, 1, 1},
        {{1, 1, 1, 1}, {1, 2, 2, 4, 4, 4}, 1, 1, 1},
        {{1, 1, 1, 4, 5}, {1, 1, 1, 4}, 4, 4, 4},
        {{1, 1, 1, 4, 5}, {1, 1, 1, 4, 6}, 4, 4, 4},
        {{2, 2, 4, 4, 4}, {2, 2, 3, 3, 3, 3, 3}, 5, 3, 2},
        {{2, 2, 2, 5, 5}, {2, 3, 3, 3, 3, 4}, 5, 3, 3},
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        SCOPED_TRACE(i);
        const RepairRow& row = rows[i];
        Core leader = start({.term = 9, .log = row.leader});
        Core follower = start({.term = 9, .log = row.follower, .self = 2});
        auto appends = sent<AppendRequest>(lead(leader), {2});
        ASSERT_EQ(appends.size(), 1u);
        ASSERT_EQ(appends[0].previous, last_id(make_log(row.leader)));
        auto replies = sent<AppendReply>(deliver(follower, {1}, appends[0]), {1});
        ASSERT_EQ(replies.size(), 1u);
        ASSERT_FALSE(replies[0].accepted);
        EXPECT_EQ(replies[0].hint.value, row.hint);
        EXPECT_EQ(replies[0].hint_term.value, row.hint_term);

        // The older entries are on disk only: the leader reads before it sends.
        const auto disk = make_log(row.leader);
        Output output = leader.step(0, Receive{{2}, replies[0]});
        std::size_t rounds = 0;
        bool first = true;
        while (follower.status().last != leader.status().last) {
            ASSERT_LT(++rounds, 10u);
            for (const ReadEntries& wanted : output.reads_from_log) {
                EntriesRead read{.peer = wanted.peer, .first = wanted.first, .entries = {}};
                for (Index k = wanted.first; k <= wanted.last && k.value <= disk.size(); k = k + 1) {
                    read.entries.push_back(disk[k.value - 1]);
                }
                output = leader.step(0, read);
            }
            appends = sent<AppendRequest>(output, {2});
            ASSERT_FALSE(appends.empty());
            if (std::exchange(first, false)) {
                EXPECT_EQ(appends[0].previous.index.value, row.next_previous);
            }
            replies.clear();
            for (const AppendRequest& append : appends) {
                for (const auto& reply : sent<AppendReply>(deliver(follower, {1}, append), {1})) {
                    replies.push_back(reply);
                }
            }
            for (const AppendReply& reply : replies) output = leader.step(0, Receive{{2}, reply});
        }
        EXPECT_TRUE(follower.step(0, Tick{}).accusations.empty());
    }
}

TEST(Core, StartsWithATermOnlyInItsLog) {
    // The log was synced, the side file was not.
    Core core = start({.term = 3, .vote = 2, .log = {1, 4}});
    EXPECT_EQ(core.status().term, Term{4});
    EXPECT_EQ(core.status().vote, NodeId{});
}

TEST(Core, ANodeThatIsNoVoterSleepsAndNeverCampaigns) {
    Core core(plain_options());
    Output output = core.step(0, Start{.self = {9},
                                       .seed = 1,
                                       .hard = {},
                                       .log = {},
                                       .commit = {},
                                       .configurations = {{{}, voters(3), {}}}});
    for (int i = 0; i < 100; ++i) {
        const Micros now = output.next_timeout;
        output = core.step(now, Tick{});
        ASSERT_GT(output.next_timeout, now);
        ASSERT_TRUE(output.messages.empty());
    }
    EXPECT_EQ(core.status().term, Term{0});
}

TEST(Core, SpreadsElectionTimeouts) {
    const Options options = plain_options();
    std::vector<Micros> timeouts;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        Core core(options);
        const Output output = core.step(0, Start{.self = {1},
                                                 .seed = seed,
                                                 .hard = {},
                                                 .log = {},
                                                 .commit = {},
                                                 .configurations = {{{}, voters(3), {}}}});
        EXPECT_GE(output.next_timeout, options.election_timeout);
        EXPECT_LT(output.next_timeout, 2 * options.election_timeout);
        timeouts.push_back(output.next_timeout);
    }
    std::sort(timeouts.begin(), timeouts.end());
    EXPECT_LT(timeouts[10], options.election_timeout * 13 / 10);
    EXPECT_GT(timeouts[90], options.election_timeout * 17 / 10);
}

TEST(Core, ProposalsAreRefusedElsewhereAndInOtherTerms) {
    const Propose propose{.term = {4}, .first_position = 42, .items = {{"x", {}}}, .mark = {}};
    Core follower = start({.term = 4});
    const Output no = follower.step(0, propose);
    ASSERT_EQ(no.refused.size(), 1u);
    EXPECT_EQ(no.refused[0].first_position, 42u);
    EXPECT_EQ(no.refused[0].why, ProposalRefused::Why::not_leader);

    Core leader = start({.term = 4});
    lead(leader);
    ASSERT_EQ(leader.status().role, Role::leader);
    EXPECT_EQ(leader.step(0, propose).refused.size(), 1u);  // admitted under term 4, this is 5
    Propose fitting = propose;
    fitting.term = {5};
    fitting.items.push_back({"y", {}});
    fitting.mark.fill(7);
    const Output yes = leader.step(0, fitting);
    EXPECT_TRUE(yes.refused.empty());
    ASSERT_EQ(yes.storage.size(), 1u);
    ASSERT_EQ(yes.storage[0].append.size(), 2u);
    EXPECT_FALSE(yes.storage[0].append[0]->mark);  // the mark stands on the last of the batch
    EXPECT_EQ(yes.storage[0].append[1]->mark, fitting.mark);
}

TEST(Core, UnappliedBytesHoldBackProposals) {
    Options options = plain_options();
    options.max_uncommitted_bytes = 100;
    Core leader = start({.term = 1, .nodes = 1}, options);
    Output output = leader.step(0, Campaign{});
    output = leader.step(0, Stored{output.storage.at(0).ticket});
    output = leader.step(0, Stored{output.storage.at(0).ticket});
    const Propose propose{
        .term = {2}, .first_position = 0, .items = {{std::string(60, 'x'), {}}}, .mark = {}};
    output = leader.step(0, propose);
    output = leader.step(0, Stored{output.storage.at(0).ticket});
    ASSERT_EQ(output.committed, Index{2});
    EXPECT_EQ(leader.status().uncommitted_bytes, 0u);
    EXPECT_EQ(leader.step(0, propose).refused.at(0).why, ProposalRefused::Why::overloaded);
    leader.step(0, Applied{{2}});
    EXPECT_TRUE(leader.step(0, propose).refused.empty());
}

TEST(Core, WaitsForAHostThatNoLongerHasTheEntries) {
    Core leader = start({.term = 4, .log = {1, 2, 3}});
    lead(leader);
    const AppendReply refusal{.term = {5}, .accepted = false, .index = {3}, .hint = {1}, .hint_term = {1}};
    Output output = leader.step(0, Receive{{2}, refusal});
    ASSERT_EQ(output.reads_from_log.size(), 1u);
    EXPECT_EQ(output.reads_from_log[0].first, Index{1});  // the id of the entry before
    output = leader.step(0, EntriesRead{.peer = {2}, .first = {1}, .entries = {}});
    EXPECT_TRUE(output.reads_from_log.empty());  // not in a circle
    output = leader.step(0, Receive{{2}, HeartbeatReply{.term = {5}}});
    EXPECT_EQ(output.reads_from_log.size(), 1u);
}

TEST(Core, IgnoresEntriesReadInAnotherLeadership) {
    Core leader = start({.term = 4, .log = {1, 2, 3}});
    lead(leader);
    leader.step(0, Receive{{2}, AppendReply{.term = {5}, .index = {3}, .hint = {1}, .hint_term = {1}}});
    const auto other = make_log({1, 1, 1});
    const Output output = leader.step(0, EntriesRead{.peer = {2}, .first = {1}, .entries = other});
    EXPECT_TRUE(sent<AppendRequest>(output, {2}).empty());
}

TEST(Core, RepliesFromStrangersAndBeyondTheLogAreIgnored) {
    Core leader = start({.term = 4});
    lead(leader);
    leader.step(0, Receive{{77}, AppendReply{.term = {5}, .accepted = true, .index = {1}}});
    leader.step(0, Receive{{2}, AppendReply{.term = {5}, .accepted = true, .index = {900}}});
    leader.step(0, Receive{{77}, HeartbeatReply{.term = {5}, .read = {9}}});
    leader.step(0, Receive{{2}, HeartbeatReply{.term = {5}, .read = {9}}});
    EXPECT_EQ(leader.status().commit, Index{0});
    EXPECT_EQ(leader.status().peers.at(0).match, Index{0});
}

TEST(Core, APeerWhoseLogEndsBeforeOursBeginsIsSentTheBase) {
    Core leader(plain_options());
    const EntryId base{{2}, {50}, {}};
    leader.step(0, Start{.self = {1},
                         .seed = 1,
                         .hard = {.term = {2}, .vote = {}, .configuration = {}},
                         .log = {.base = base, .last = base, .runs = {}},
                         .commit = base.index,
                         .configurations = {{{}, voters(3), {}}}});
    lead(leader);
    const Output output =
        leader.step(0, Receive{{2}, AppendReply{.term = {3}, .index = {50}, .hint = {7}, .hint_term = {1}}});
    ASSERT_EQ(sent<InstallBase>(output, {2}).size(), 1u);
    EXPECT_EQ(sent<InstallBase>(output, {2})[0].base, base);
    EXPECT_TRUE(output.reads_from_log.empty());
}

TEST(Core, AVerdictOfAnEarlierJobAppendsNothing) {
    const auto log = make_log({1, 3});
    const AppendRequest request{.term = {3}, .previous = log[0]->id, .entries = {log[1]}, .commit = {}};
    // Within the term it becomes a pre-candidate and a follower again: the job is another one.
    Options options = plain_options();
    options.prevote = true;
    Core other = start({.term = 3, .log = {1}}, options);
    const std::uint64_t old_job = other.step(0, Receive{{2}, request}).validate.at(0).job;
    other.step(0, Campaign{});
    ASSERT_EQ(other.status().role, Role::pre_candidate);
    const std::uint64_t new_job = other.step(0, Receive{{2}, request}).validate.at(0).job;
    ASSERT_EQ(other.status().role, Role::follower);
    other.step(0, Validated{old_job, {3}, Verdict::valid});
    EXPECT_EQ(other.status().last.index, Index{1});
    other.step(0, Validated{new_job, {2}, Verdict::valid});
    EXPECT_EQ(other.status().last.index, Index{1});
    other.step(0, Validated{new_job, {3}, Verdict::valid});
    EXPECT_EQ(other.status().last.index, Index{2});
}

TEST(Core, TwoContentsForOneTermAndIndexAreNoticed) {
    Core follower = start({.term = 3, .log = {1}});
    const auto log = make_log({1});
    const auto append = [&](const std::string& content) {
        Digest digest{};
        digest[0] = static_cast<std::uint8_t>(content.size());
        const auto entry = make_entry(log[0]->id, {3}, EntryKind::payload, digest, {}, content);
        return deliver(follower, {2},
                       AppendRequest{.term = {3}, .previous = log[0]->id, .entries = {entry}, .commit = {}});
    };
    EXPECT_TRUE(append("one").accusations.empty());
    const Output again = append("another");
    ASSERT_EQ(again.accusations.size(), 1u);
    EXPECT_EQ(again.accusations[0].why, Accusation::Why::broken_chain);
    EXPECT_TRUE(sent<AppendReply>(again, {2}).empty());
}

// A leader before this one sent two contents; the present one must be able to replace what is not committed.
TEST(Core, AnotherHashOfAnEarlierTermIsAConflict) {
    Core follower = start({.term = 3, .log = {1}});
    const auto log = make_log({1});
    const auto mine = make_entry(log[0]->id, {2}, EntryKind::payload, {1}, {}, "mine");
    const auto other = make_entry(log[0]->id, {2}, EntryKind::payload, {2}, {}, "other");
    const auto next = make_noop(other->id, {3});
    deliver(follower, {2},
            AppendRequest{.term = {3}, .previous = log[0]->id, .entries = {mine}, .commit = {}});
    const Output output = deliver(
        follower, {2}, AppendRequest{.term = {3}, .previous = other->id, .entries = {next}, .commit = {}});
    ASSERT_EQ(output.accusations.size(), 1u);
    EXPECT_EQ(output.accusations[0].why, Accusation::Why::two_contents);
    EXPECT_EQ(output.accusations[0].term, Term{2});
    const auto refusals = sent<AppendReply>(output, {2});
    ASSERT_EQ(refusals.size(), 1u);
    EXPECT_FALSE(refusals[0].accepted);
    EXPECT_EQ(refusals[0].hint, Index{0});  // the commit index: the terms do not tell where the contents part
    deliver(follower, {2},
            AppendRequest{.term = {3}, .previous = log[0]->id, .entries = {other, next}, .commit = {}});
    EXPECT_EQ(follower.status().last, next->id);
}

TEST(Core, AForgedHashIsNotBelieved) {
    Core follower = start({.term = 3, .commit = 2, .log = {1, 2}});
    EntryId previous = last_id(make_log({1, 2}));
    previous.hash[0] ^= 1;
    const Output output = follower.step(
        0, Receive{{2}, AppendRequest{.term = {3}, .previous = previous, .entries = {}, .commit = {2}}});
    ASSERT_EQ(output.accusations.size(), 1u);
    EXPECT_EQ(output.accusations[0].why, Accusation::Why::broken_chain);
    EXPECT_TRUE(sent<AppendReply>(output, {2}).empty());
}

TEST(Core, WhatIsCommittedIsNeverReplaced) {
    Core follower = start({.term = 3, .commit = 2, .log = {1, 2}});
    const auto other = make_log({1, 3});
    const Output output = follower.step(
        0,
        Receive{{2},
                AppendRequest{.term = {3}, .previous = other[0]->id, .entries = {other[1]}, .commit = {2}}});
    ASSERT_EQ(output.accusations.size(), 1u);
    EXPECT_EQ(output.accusations[0].why, Accusation::Why::contradicts_commit);
    EXPECT_EQ(follower.status().last.term, Term{2});

    // Nor does a rightful leader follow another entry where ours is committed.
    const Output after = follower.step(
        0, Receive{{2}, AppendRequest{.term = {3}, .previous = other[1]->id, .entries = {}, .commit = {2}}});
    ASSERT_EQ(after.accusations.size(), 1u);
    EXPECT_TRUE(sent<AppendReply>(after, {2}).empty());
}

TEST(CoreDeathTest, TheHostsMistakesAbort) {
    Core core = start({.term = 3});
    core.step(100, Tick{});
    EXPECT_DEATH(core.step(99, Tick{}), "time never falls");
    EXPECT_DEATH(core.step(100, Start{}), "Start");
    EXPECT_DEATH(core.step(100, Stored{7}), "never issued");
    EXPECT_DEATH(Core(plain_options()).step(0, Tick{}), "Start");
}

struct ReceiveVoteRow {
    Role role;
    std::uint64_t last_index, last_term, voted;
    bool granted;
};

// The rows of etcd's TestRecvMsgVote; the log is 1(2) 2(2), the request is of our own term.
TEST(Core, AnswersVotesInEveryRole) {
    const std::vector<ReceiveVoteRow> rows = {
        {Role::follower, 0, 0, 0, false},      {Role::follower, 0, 1, 0, false},
        {Role::follower, 0, 2, 0, false},      {Role::follower, 0, 3, 0, true},
        {Role::follower, 1, 0, 0, false},      {Role::follower, 1, 1, 0, false},
        {Role::follower, 1, 2, 0, false},      {Role::follower, 1, 3, 0, true},
        {Role::follower, 2, 0, 0, false},      {Role::follower, 2, 1, 0, false},
        {Role::follower, 2, 2, 0, true},       {Role::follower, 2, 3, 0, true},
        {Role::follower, 3, 0, 0, false},      {Role::follower, 3, 1, 0, false},
        {Role::follower, 3, 2, 0, true},       {Role::follower, 3, 3, 0, true},
        {Role::follower, 3, 2, 2, true},       {Role::follower, 3, 2, 3, false},
        {Role::leader, 3, 3, 1, false},        {Role::pre_candidate, 3, 3, 0, true},
        {Role::pre_candidate, 3, 3, 3, false}, {Role::candidate, 3, 3, 1, false},
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        SCOPED_TRACE(i);
        const ReceiveVoteRow& row = rows[i];
        Options options = plain_options();
        options.prevote = row.role == Role::pre_candidate;
        Core core = start(
            {.term = 3, .vote = row.role == Role::follower || options.prevote ? row.voted : 0, .log = {2, 2}},
            options);
        if (row.role == Role::leader) lead(core);
        if (row.role == Role::candidate || row.role == Role::pre_candidate) core.step(0, Campaign{});
        ASSERT_EQ(core.status().role, row.role);
        const EntryId last{{row.last_term}, {row.last_index}, {}};
        const Output output =
            core.step(0, Receive{{2}, VoteRequest{.term = core.status().term, .last = last}});
        const auto replies = sent<VoteReply>(output, {2});
        ASSERT_EQ(replies.size(), 1u);
        EXPECT_EQ(replies[0].granted, row.granted);
        if (row.granted) {
            EXPECT_EQ(core.status().role, Role::follower);
        }
    }
}

struct MaybeAppendRow {
    Terms leader;            // its log up to the end of the request
    std::uint64_t previous;  // the request begins after this index
    std::uint64_t commit;    // that it tells
    std::optional<std::uint64_t> acknowledged;
    std::uint64_t last, committed;
};

// The rows of etcd's TestLogMaybeAppend; the log is 1(1) 2(2) 3(3), of which 1 is committed.
TEST(Core, AppendsWhatFollowsAndNothingElse) {
    const std::vector<MaybeAppendRow> rows = {
        // the entry before is of another term, or not there
        {{1, 2, 2, 4}, 3, 3, std::nullopt, 3, 1},
        {{1, 2, 3, 4, 4}, 4, 3, std::nullopt, 3, 1},
        // it is the last of ours
        {{1, 2, 3}, 3, 3, 3, 3, 3},
        {{1, 2, 3}, 3, 4, 3, 3, 3},  // commit no more than is proven
        {{1, 2, 3}, 3, 2, 3, 3, 2},
        {{1, 2, 3}, 3, 0, 3, 3, 1},  // and never less than before
        {{}, 0, 3, 0, 3, 1},
        {{1, 2, 3, 4}, 3, 3, 4, 4, 3},
        {{1, 2, 3, 4}, 3, 4, 4, 4, 4},
        {{1, 2, 3, 4}, 3, 5, 4, 4, 4},
        {{1, 2, 3, 4, 4}, 3, 5, 5, 5, 5},
        // it is in the middle of ours
        {{1, 2, 4}, 2, 3, 3, 3, 3},
        {{1, 4}, 1, 3, 2, 2, 2},
        {{1, 4, 4}, 1, 3, 3, 3, 3},
        {{1, 2}, 1, 3, 2, 3, 2},  // part of ours: the rest stays
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        SCOPED_TRACE(i);
        const MaybeAppendRow& row = rows[i];
        Core core = start({.term = 4, .commit = 1, .log = {1, 2, 3}});
        const auto log = make_log(row.leader);
        AppendRequest request{.term = {4},
                              .previous = row.previous == 0 ? EntryId{} : log[row.previous - 1]->id,
                              .entries = {log.begin() + static_cast<std::ptrdiff_t>(row.previous), log.end()},
                              .commit = {row.commit}};
        const auto replies = sent<AppendReply>(deliver(core, {2}, request), {2});
        ASSERT_EQ(replies.size(), 1u);
        EXPECT_EQ(replies[0].accepted, row.acknowledged.has_value());
        if (row.acknowledged) {
            EXPECT_EQ(replies[0].index.value, *row.acknowledged);
        }
        EXPECT_EQ(core.status().last.index.value, row.last);
        EXPECT_EQ(core.status().commit.value, row.committed);
    }
    // Where it is committed, nothing is replaced: etcd panics, here its sender is accused.
    Core core = start({.term = 4, .commit = 1, .log = {1, 2, 3}});
    const auto other = make_log({4});
    const Output output =
        deliver(core, {2}, AppendRequest{.term = {4}, .previous = {}, .entries = {other[0]}, .commit = {1}});
    EXPECT_TRUE(sent<AppendReply>(output, {2}).empty());
    EXPECT_EQ(core.status().last.index, Index{3});
}

}  // namespace
}  // namespace socai::consensus::test
