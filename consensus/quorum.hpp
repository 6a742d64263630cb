// Quorums of a configuration, majority and joint (thesis §4.3), as pure functions. A joint configuration
// needs a majority of the incoming voters AND a majority of the outgoing ones, each counted over its own
// members only: counting over their union elects two leaders (CCF #3837). Learners never count.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "consensus/types.hpp"

namespace socai::consensus {

// True when `id` votes in the incoming or the outgoing half.
bool is_voter(const Configuration& configuration, NodeId id);
// Everyone who is sent entries: voters of both halves and learners; sorted, without repeats.
std::vector<NodeId> members(const Configuration& configuration);

// What each node has reached: an index it holds, a read it confirmed, a time it was heard from. 0: nothing.
using Reached = std::function<std::uint64_t(NodeId)>;
// The highest value that a quorum has reached. A half without voters places no limit; both empty: 0.
std::uint64_t quorum_reached(const Configuration& configuration, const Reached& reached);

enum class Tally : std::uint8_t { pending, won, lost };
using Votes = std::map<NodeId, bool>;  // those who answered, and how
Tally tally(const Configuration& configuration, const Votes& votes);

}  // namespace socai::consensus
