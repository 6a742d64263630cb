#include "node/voted_membership.hpp"

#include <algorithm>
#include <set>

#include "ledger/governance/matters.hpp"
#include "ledger/governance/passage.hpp"

namespace socai::node {
namespace {

// A learner this close behind has what was committed a moment ago.
constexpr std::uint64_t close_behind = 1'000;

Member member_of(const ledger::VotedNode& voted) {
    return {.id = {voted.node.raft_id},
            .name = voted.node.name,
            .agency = voted.node.agency,
            .host = voted.host,
            .port = voted.port,
            .log_key = voted.node.log_key,
            .cosigner_key = voted.node.cosigner_key,
            .node_key = voted.node.node_key,
            .tls_key = voted.node.tls_key};
}

std::set<consensus::NodeId> voters_of(const consensus::Configuration& configuration) {
    std::set<consensus::NodeId> ids(configuration.voters.begin(), configuration.voters.end());
    ids.insert(configuration.outgoing.begin(), configuration.outgoing.end());
    return ids;
}

// This much longer silent than the last that was heard of, a node cannot be counted on to sign.
constexpr consensus::Micros silence = 5'000'000;

// The names of those who are voted out and stay all the same, until a policy is in force that needs them no more: without
// their signatures no head would be final again, and so no policy either. Only who is heard of is counted on; where they do not
// suffice, everybody stays.
std::set<std::string> needed_still(const MemberNote& note, const std::vector<std::string>& wanted,
                                   const consensus::Status& status, const std::vector<GoverningPolicyPtr>& policies) {
    consensus::Micros latest = 0;
    for (const consensus::PeerStatus& peer : status.peers) latest = std::max(latest, peer.last_contact);
    const auto is_heard = [&](consensus::NodeId id) {
        if (id == status.self) return true;
        const auto peer = std::ranges::find(status.peers, id, &consensus::PeerStatus::id);
        return peer != status.peers.end() && peer->last_contact + silence >= latest;
    };
    std::set<ledger::PublicKey> keys;
    for (const Member& member : note.members)
        if (is_heard(member.id)) keys.insert(member.cosigner_key);
    for (const GoverningPolicyPtr& policy : policies)  // nobody votes over witnesses from outside: they are taken to be there
        for (const ledger::VerifierKey& key : outside_keys(*policy)) keys.insert(key.key);
    const auto all_within_reach = [&] {
        return std::ranges::all_of(policies, [&](const GoverningPolicyPtr& policy) {
            return ledger::within_reach(policy->value.policy, keys);
        });
    };
    const bool suffice = all_within_reach();
    std::set<std::string> needed;
    for (const Member& member : note.members) {
        if (std::ranges::binary_search(wanted, member.name) || (suffice && !is_heard(member.id))) continue;
        keys.erase(member.cosigner_key);
        if (suffice && all_within_reach()) continue;
        keys.insert(member.cosigner_key);
        needed.insert(member.name);
    }
    return needed;
}

}  // namespace

bool votes_decide_over_nodes(const ledger::Genesis& genesis, const ledger::Facts& facts) {
    return ledger::passage_of(genesis, facts, "nodes") != ledger::Passage::any;
}

std::optional<std::string> not_voted(const ledger::Genesis& genesis, const ledger::Facts& facts,
                                     const consensus::ConfigurationEntry& before,
                                     const consensus::ConfigurationEntry& after) {
    if (!votes_decide_over_nodes(genesis, facts)) return std::nullopt;
    const MemberNote old_note = *decode_note(before.note);
    const MemberNote new_note = *decode_note(after.note);
    for (const Member& member : new_note.members) {
        const Member* known = old_note.find(member.name);
        if (known != nullptr && *known == member) continue;
        const auto voted = ledger::voted_node(facts, member.name);
        if (!voted || !(member_of(*voted) == member))
            return "node " + member.name + " comes with what no vote over \"nodes\" has passed";
    }
    const auto voted_out = [&](const std::string& name) {
        const auto voted = ledger::voted_node(facts, name);
        return voted && !voted->stands;
    };
    for (const Member& member : old_note.members) {
        if (new_note.find(member.name) == nullptr && !voted_out(member.name))
            return "node " + member.name + " goes, and no vote over \"nodes\" has passed that";
    }
    const std::set<consensus::NodeId> voters = voters_of(after.configuration);
    for (const consensus::NodeId id : voters_of(before.configuration)) {
        const Member* member = old_note.find(id);
        if (!voters.contains(id) && member != nullptr && !voted_out(member->name))
            return "node " + member->name + " loses its vote, and no vote over \"nodes\" has passed that";
    }
    return std::nullopt;
}

std::optional<Step> next_step(const ledger::Genesis& genesis, const ledger::Facts& facts,
                              const consensus::ConfigurationEntry& current, const consensus::Status& status,
                              const std::vector<GoverningPolicyPtr>& policies) {
    if (status.role != consensus::Role::leader || !votes_decide_over_nodes(genesis, facts))
        return std::nullopt;
    if (!status.configuration_committed || current.configuration.joint() || status.transfer_to.value != 0)
        return std::nullopt;
    MemberNote note = *decode_note(current.note);
    const std::vector<std::string> wanted = ledger::wanted_nodes(genesis, facts);
    const auto is_wanted = [&](const std::string& name) { return std::ranges::binary_search(wanted, name); };

    consensus::ChangeMembership change;
    change.voters = current.configuration.voters;
    change.learners = current.configuration.learners;
    bool comes = false;
    for (const std::string& name : wanted) {
        if (note.find(name) != nullptr) continue;
        const auto voted = ledger::voted_node(facts, name);
        if (!voted || note.members.size() >= max_note_members) continue;
        const Member member = member_of(*voted);
        if (note.find(member.id) != nullptr) continue;
        note.members.push_back(member);
        note.last_id = std::max(note.last_id, member.id.value);
        change.learners.push_back(member.id);
        comes = true;
    }
    std::ranges::sort(note.members, {}, &Member::id);
    std::ranges::sort(change.learners);
    if (comes) {
        change.note = encode_note(note);
        return Step{std::move(change), false};
    }

    const auto holds_the_log = [&](consensus::NodeId id) {
        const auto peer = std::ranges::find(status.peers, id, &consensus::PeerStatus::id);
        return peer != status.peers.end() && peer->match.value + close_behind >= status.commit.value;
    };
    const std::set<std::string> needed = needed_still(note, wanted, status, policies);
    const auto stays = [&](const std::string& name) { return is_wanted(name) || needed.contains(name); };
    std::vector<consensus::NodeId> voters;
    std::vector<consensus::NodeId> learners;
    std::size_t able = 0;  // of those who would stay
    for (const Member& member : note.members) {
        const bool votes = std::ranges::binary_search(current.configuration.voters, member.id);
        if (!stays(member.name)) continue;
        const bool ready = member.id == status.self || holds_the_log(member.id);
        able += ready ? 1 : 0;
        (votes || (ready && is_wanted(member.name)) ? voters : learners).push_back(member.id);
    }
    if (voters.empty() || 2 * able <= voters.size()) return std::nullopt;
    if (voters == current.configuration.voters && learners == current.configuration.learners)
        return std::nullopt;
    if (std::ranges::find(voters, status.self) == voters.end()) return Step{std::nullopt, true};
    std::erase_if(note.members, [&](const Member& member) { return !stays(member.name); });
    change.voters = std::move(voters);
    change.learners = std::move(learners);
    change.note = encode_note(note);
    return Step{std::move(change), false};
}

}  // namespace socai::node
