// Logs that begin late: pruning, and beginning anew after a leader's base.
#include <gtest/gtest.h>

#include "consensus/chain.hpp"
#include "tests/unit/consensus/core_fixture.hpp"

namespace socai::consensus::test {
namespace {

constexpr NodeId leader_id{2};

Options with_bases() {
    Options options = plain_options();
    options.install_bases = true;
    return options;
}

Core follower_with(const Terms& log, std::uint64_t commit, std::uint64_t term = 5) {
    return start({.term = term, .commit = commit, .log = log}, with_bases());
}

InstallBase base_of(const EntryId& id, const Configuration& configuration = voters(3)) {
    return {.term = {5}, .base = id, .configuration = {{}, configuration, "note"}};
}

Output install(Core& core, const InstallBase& message) {
    return core.step(0, Receive{leader_id, message});
}

TEST(Bases, ALogThatLacksTheBaseBeginsAnew) {
    Core core = follower_with({1, 2, 2}, 1);
    const EntryId base{{4}, {9}, {}};
    const Output output = install(core, base_of(base, voters(4)));
    EXPECT_EQ(output.installed, base);
    ASSERT_EQ(output.storage.size(), 1u);
    ASSERT_TRUE(output.storage[0].install);
    EXPECT_EQ(output.storage[0].install->id, base);
    EXPECT_EQ(output.storage[0].install->configuration.note, "note");
    EXPECT_EQ(core.status().base, base);
    EXPECT_EQ(core.status().last, base);
    EXPECT_EQ(core.status().commit, base.index);
    EXPECT_EQ(core.status().configuration, voters(4));
    ASSERT_TRUE(output.configuration);
    // Acknowledged when it is durable, applicable from then on.
    EXPECT_LT(core.status().durable, base.index);
    const auto on_disk = output.storage[0].after;
    ASSERT_EQ(on_disk.size(), 1u);
    EXPECT_TRUE(std::get<AppendReply>(on_disk[0].message).accepted);
    EXPECT_EQ(std::get<AppendReply>(on_disk[0].message).index, base.index);
    EXPECT_TRUE(output.messages.empty());
    core.step(0, Stored{output.storage[0].ticket});
    EXPECT_EQ(core.status().durable, base.index);
}

struct KeptRow {
    Terms log;
    std::uint64_t commit, base;
    std::uint64_t committed;  // after
};

TEST(Bases, ALogThatHoldsTheBaseIsKept) {
    const std::vector<KeptRow> rows = {
        {{1, 2, 2}, 3, 2, 3},  // old: below the commit
        {{1, 2, 2}, 2, 2, 2},  // known
        {{1, 2, 2}, 1, 2, 2},  // held: committed now, and what stands behind it stays
        {{1, 2, 2}, 0, 3, 3},  // held: the end
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        SCOPED_TRACE(i);
        const KeptRow& row = rows[i];
        const auto log = make_log(row.log);
        Core core = follower_with(row.log, row.commit);
        const Output output = install(core, base_of(log[row.base - 1]->id));
        EXPECT_FALSE(output.installed);
        EXPECT_EQ(core.status().last, log.back()->id);
        EXPECT_EQ(core.status().base, EntryId{});
        EXPECT_EQ(core.status().commit.value, row.committed);
        const auto replies = sent<AppendReply>(output, leader_id);
        ASSERT_EQ(replies.size(), 1u);
        EXPECT_TRUE(replies[0].accepted);
        EXPECT_EQ(replies[0].index.value, row.base);
    }
}

TEST(Bases, AForgedOneIsNotBelieved) {
    const auto log = make_log({1, 2, 2});
    Core forged_hash = follower_with({1, 2, 2}, 0);
    EntryId last = log[2]->id;
    last.hash[0] ^= 1;
    EXPECT_EQ(install(forged_hash, base_of(last)).accusations.at(0).why, Accusation::Why::broken_chain);

    const EntryId base{{4}, {9}, {}};
    Core nobody_votes = follower_with({1}, 0);
    EXPECT_EQ(install(nobody_votes, base_of(base, {})).accusations.at(0).why,
              Accusation::Why::bad_configuration);
    Core later_configuration = follower_with({1}, 0);
    InstallBase message = base_of(base);
    message.configuration.id.index = {10};
    EXPECT_EQ(install(later_configuration, message).accusations.at(0).why,
              Accusation::Why::bad_configuration);
    Core later_term = follower_with({1}, 0);
    EXPECT_FALSE(install(later_term, base_of({{6}, {9}, {}})).accusations.empty());
    for (const Core* core : {&nobody_votes, &later_configuration, &later_term}) {
        EXPECT_EQ(core->status().last.index, Index{1});
    }
}

TEST(Bases, SwitchedOffItIsIgnored) {
    Core core = start({.term = 5, .log = {1}});
    const Output output = install(core, base_of({{4}, {9}, {}}));
    EXPECT_FALSE(output.installed);
    EXPECT_TRUE(output.messages.empty());
    EXPECT_EQ(core.status().last.index, Index{1});
}

TEST(Bases, WhatWasBeingJudgedOrLostGoes) {
    const auto log = make_log({1, 5});
    Core core = follower_with({1}, 0);
    const AppendRequest request{.term = {5}, .previous = log[0]->id, .entries = {log[1]}, .commit = {}};
    const auto job = core.step(0, Receive{leader_id, request}).validate.at(0);
    const EntryId base{{4}, {9}, {}};
    install(core, base_of(base));
    core.step(0, Validated{job.job, job.term, Verdict::valid});
    EXPECT_EQ(core.status().last, base);
    // An append that follows it goes on from there.
    const EntryPtr next = make_noop(base, {5});
    deliver(core, leader_id, AppendRequest{.term = {5}, .previous = base, .entries = {next}, .commit = {10}});
    EXPECT_EQ(core.status().commit, Index{10});
    // One of earlier entries is acknowledged as far as it goes, and changes nothing.
    const auto old = deliver(core, leader_id, request);
    EXPECT_TRUE(old.accusations.empty());
    EXPECT_EQ(core.status().last, next->id);
}

TEST(Bases, APrunedLogAnswersForWhatIsLeft) {
    const auto log = make_log({1, 2, 2, 2});
    Core core = follower_with({1, 2, 2, 2}, 3);
    core.step(0, Pruned{log[2]->id});
    EXPECT_EQ(core.status().base, log[2]->id);
    EXPECT_EQ(core.status().last, log[3]->id);
    EXPECT_EQ(core.term_at({2}), std::nullopt);
    EXPECT_EQ(core.term_at({3}), Term{2});
    core.step(0, Pruned{log[1]->id});  // less than before: nothing
    EXPECT_EQ(core.status().base, log[2]->id);
    EXPECT_DEATH(core.step(0, Pruned{log[3]->id}), "applied");
}

}  // namespace
}  // namespace socai::consensus::test
