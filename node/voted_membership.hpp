// From votes to members: which change of the Raft configuration the members' votes over "nodes" allow, and which one is due.
// Where the founders let one member decide over nodes (passage "any": clusters on one machine), nothing is asked and nothing
// is due: node.change_members does it. Pure functions of what they are given; any thread.
#pragma once

#include <optional>
#include <string>

#include "consensus/core.hpp"
#include "ledger/facts.hpp"
#include "ledger/genesis.hpp"
#include "node/member.hpp"
#include "node/policy_book.hpp"

namespace socai::node {

// Do votes decide over nodes in this ledger?
bool votes_decide_over_nodes(const ledger::Genesis& genesis, const ledger::Facts& facts);

// What is wrong with the step from one configuration to the next, as votes up to `facts` stand: a node comes that was not
// voted in, or with other keys, or goes that was not voted out. Nothing: it is allowed. Precondition: both notes decode.
std::optional<std::string> not_voted(const ledger::Genesis& genesis, const ledger::Facts& facts,
                                     const consensus::ConfigurationEntry& before,
                                     const consensus::ConfigurationEntry& after);

// The leader's next step towards what was voted: all new nodes become learners together; those that hold the log then vote,
// and those voted out leave, in one joint change. Nobody leaves while most of those who would stay are out of reach or far
// behind; nor whoever the next head cannot do without. Nothing while a change is under way or when all is as voted.
// `policies`: whose quorums the next head needs (PolicyBook::required).
struct Step {
    std::optional<consensus::ChangeMembership> change;
    bool hand_over = false;  // this node is voted out and leads: another must lead first
};
std::optional<Step> next_step(const ledger::Genesis& genesis, const ledger::Facts& facts,
                              const consensus::ConfigurationEntry& current, const consensus::Status& status,
                              const std::vector<GoverningPolicyPtr>& policies);

}  // namespace socai::node
