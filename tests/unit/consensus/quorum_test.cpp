#include "consensus/quorum.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace socai::consensus {
namespace {

// The dumb twin: for every value, count who has reached it.
std::uint64_t dumb_reached(const Configuration& c, const std::map<NodeId, std::uint64_t>& values) {
    std::uint64_t best = 0;
    for (const auto& candidate : values) {
        const auto majority = [&](const std::vector<NodeId>& half) {
            std::size_t reached = 0;
            for (const NodeId id : half) reached += values.at(id) >= candidate.second ? 1 : 0;
            return half.empty() || 2 * reached > half.size();
        };
        if (majority(c.voters) && majority(c.outgoing)) best = std::max(best, candidate.second);
    }
    return best;
}

// The dumb twin: try all ways in which the silent ones may yet vote.
Tally dumb_tally(const Configuration& c, const Votes& votes) {
    std::vector<NodeId> silent;
    for (const NodeId id : members(c)) {
        if (is_voter(c, id) && !votes.contains(id)) silent.push_back(id);
    }
    bool can_win = false;
    bool can_lose = false;
    for (std::uint64_t way = 0; way < (std::uint64_t{1} << silent.size()); ++way) {
        const auto grants = [&](NodeId id) {
            if (const auto vote = votes.find(id); vote != votes.end()) return vote->second;
            const auto at = std::find(silent.begin(), silent.end(), id) - silent.begin();
            return ((way >> at) & 1) == 1;
        };
        const auto majority = [&](const std::vector<NodeId>& half) {
            const auto granted = std::count_if(half.begin(), half.end(), grants);
            return half.empty() || 2 * static_cast<std::size_t>(granted) > half.size();
        };
        (majority(c.voters) && majority(c.outgoing) ? can_win : can_lose) = true;
    }
    if (can_win && can_lose) return Tally::pending;
    return can_win ? Tally::won : Tally::lost;
}

std::vector<NodeId> some_nodes(bool may_be_empty) {
    const int chosen = *rc::gen::inRange(may_be_empty ? 0 : 1, 128);
    std::vector<NodeId> nodes;
    for (std::uint64_t id = 1; id <= 7; ++id) {
        if ((chosen >> (id - 1) & 1) == 1) nodes.push_back({id});
    }
    return nodes;
}

Configuration some_configuration() {
    return {.voters = some_nodes(false), .outgoing = some_nodes(true), .learners = {}};
}

RC_GTEST_PROP(Quorum, ReachedAgreesWithTheDumbTwin, ()) {
    const Configuration configuration = some_configuration();
    std::map<NodeId, std::uint64_t> values;
    for (std::uint64_t id = 1; id < 8; ++id) values[{id}] = *rc::gen::inRange<std::uint64_t>(0, 6);
    values[{99}] = 0;  // always a candidate
    RC_ASSERT(quorum_reached(configuration, [&](NodeId id) { return values.at(id); }) ==
              dumb_reached(configuration, values));
}

RC_GTEST_PROP(Quorum, TallyAgreesWithTheDumbTwin, ()) {
    const Configuration configuration = some_configuration();
    Votes votes;
    for (std::uint64_t id = 1; id < 10; ++id) {
        const int vote = *rc::gen::inRange(0, 3);
        if (vote > 0) votes[{id}] = vote == 2;
    }
    RC_ASSERT(tally(configuration, votes) == dumb_tally(configuration, votes));
}

TEST(Quorum, LearnersAndStrangersDoNotCount) {
    const Configuration configuration{.voters = {{1}, {2}, {3}}, .outgoing = {}, .learners = {{4}}};
    EXPECT_EQ(tally(configuration, {{{1}, true}, {{4}, true}, {{9}, true}}), Tally::pending);
    EXPECT_TRUE(is_voter(configuration, {3}));
    EXPECT_FALSE(is_voter(configuration, {4}));
    EXPECT_EQ(members(configuration).size(), 4u);
}

TEST(Quorum, NobodyDecidesForAnEmptyConfiguration) {
    EXPECT_EQ(tally({}, {}), Tally::lost);
    EXPECT_EQ(quorum_reached({}, [](NodeId) { return std::uint64_t{7}; }), 0u);
}

TEST(Quorum, TheUnionOfTwoHalvesIsNoQuorum) {
    const Configuration joint{.voters = {{1}, {4}, {5}}, .outgoing = {{1}, {2}, {3}}, .learners = {}};
    EXPECT_EQ(tally(joint, {{{1}, true}, {{4}, true}, {{5}, true}}), Tally::pending);
    EXPECT_EQ(tally(joint, {{{1}, true}, {{4}, true}, {{2}, true}}), Tally::won);
    EXPECT_EQ(tally(joint, {{{2}, false}, {{3}, false}}), Tally::lost);
}

}  // namespace
}  // namespace socai::consensus
