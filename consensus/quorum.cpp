#include "consensus/quorum.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <limits>

namespace socai::consensus {
namespace {

constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

// Sorted downwards, the value at position n/2 is reached by n/2 + 1 nodes: a majority, odd or even.
std::uint64_t majority_reached(const std::vector<NodeId>& voters, const Reached& reached) {
    if (voters.empty()) return no_limit;
    std::vector<std::uint64_t> values;
    values.reserve(voters.size());
    for (const NodeId voter : voters) values.push_back(reached(voter));
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end(), std::greater<>());
    return *middle;
}

Tally majority_tally(const std::vector<NodeId>& voters, const Votes& votes) {
    if (voters.empty()) return Tally::won;
    std::size_t granted = 0;
    std::size_t silent = 0;
    for (const NodeId voter : voters) {
        const auto vote = votes.find(voter);
        if (vote == votes.end()) {
            ++silent;
        } else if (vote->second) {
            ++granted;
        }
    }
    const std::size_t needed = voters.size() / 2 + 1;
    assert(granted + silent <= voters.size());
    if (granted >= needed) return Tally::won;
    return granted + silent >= needed ? Tally::pending : Tally::lost;
}

}  // namespace

bool is_voter(const Configuration& configuration, NodeId id) {
    assert(std::is_sorted(configuration.voters.begin(), configuration.voters.end()));
    assert(std::is_sorted(configuration.outgoing.begin(), configuration.outgoing.end()));
    return std::binary_search(configuration.voters.begin(), configuration.voters.end(), id) ||
           std::binary_search(configuration.outgoing.begin(), configuration.outgoing.end(), id);
}

std::vector<NodeId> members(const Configuration& configuration) {
    std::vector<NodeId> all = configuration.voters;
    all.insert(all.end(), configuration.outgoing.begin(), configuration.outgoing.end());
    all.insert(all.end(), configuration.learners.begin(), configuration.learners.end());
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

std::uint64_t quorum_reached(const Configuration& configuration, const Reached& reached) {
    if (configuration.voters.empty() && configuration.outgoing.empty()) return 0;
    return std::min(majority_reached(configuration.voters, reached),
                    majority_reached(configuration.outgoing, reached));
}

Tally tally(const Configuration& configuration, const Votes& votes) {
    if (configuration.voters.empty() && configuration.outgoing.empty()) return Tally::lost;
    const Tally incoming = majority_tally(configuration.voters, votes);
    const Tally outgoing = majority_tally(configuration.outgoing, votes);
    if (incoming == Tally::lost || outgoing == Tally::lost) return Tally::lost;
    if (incoming == Tally::won && outgoing == Tally::won) return Tally::won;
    return Tally::pending;
}

}  // namespace socai::consensus
