// Changes of configuration (thesis §4): joint consensus, in force at append, one change at a time.
#include <cassert>
#include <utility>

#include "consensus/core_impl.hpp"

namespace socai::consensus {

void Core::Impl::on(ChangeMembership& change) {
    const MembershipAnswer::Outcome outcome = change_membership(change);
    const bool appended = outcome == MembershipAnswer::Outcome::appended;
    out_.membership_answers.push_back({change.context, outcome, appended ? log_.last().index : Index{}});
}

// One change at a time, and none before an entry of this term is committed: without the latter two leaders in turn
// could each commit a change that the other does not know (Ongaro 2015, the bug of single-server changes).
MembershipAnswer::Outcome Core::Impl::change_membership(ChangeMembership& change) {
    using Outcome = MembershipAnswer::Outcome;
    const auto* leading = std::get_if<Leader>(&role_);
    if (leading == nullptr) return Outcome::not_leader;
    if (leading->handover) return Outcome::transferring;
    if (configuration().joint() || memberships_.current().id.index > commit_) return Outcome::in_progress;
    if (commit_ < leading->first) return Outcome::not_ready;
    const Configuration target{.voters = change.voters, .outgoing = {}, .learners = change.learners};
    if (!is_well_formed(target) || change.note.size() > max_note_bytes) return Outcome::malformed;
    if (target == configuration() && change.note == memberships_.current().note) return Outcome::unchanged;
    append_configuration(
        plan_change(configuration(), std::move(change.voters), std::move(change.learners), change.joint),
        change.note);
    return Outcome::appended;
}

void Core::Impl::on(const LeaveJoint&) {
    if (!std::holds_alternative<Leader>(role_) || !configuration().joint()) return;
    if (memberships_.current().id.index > commit_ || std::get<Leader>(role_).handover) return;
    append_configuration(left(configuration()), memberships_.current().note);
}

void Core::Impl::append_configuration(const Configuration& next, const std::string& note) {
    assert(may_follow(configuration(), next));
    append_as_leader(make_configuration(log_.last(), hard_.term, next, note));
    send_appends();
}

// The entry has been appended: what it says holds from now on.
void Core::Impl::adopt_configuration(const Entry& entry) {
    assert(entry.kind == EntryKind::configuration);
    auto decoded = decode_configuration(entry.payload);
    assert(decoded && "checked before the append");
    decoded->id = entry.id;
    memberships_.append(*std::move(decoded));
    configuration_changed();
}

void Core::Impl::configuration_changed() {
    hard_.configuration = memberships_.current().id;
    out_.configuration = memberships_.current();
    if (std::holds_alternative<Leader>(role_)) update_peers();
}

// Begins to send to new members; those removed are kept until they know.
void Core::Impl::update_peers() {
    auto& leading = std::get<Leader>(role_);
    const Progress::Window window{.appends = options_.window_appends,
                                  .bytes = options_.window_bytes,
                                  .restart_interval = options_.heartbeat_interval};
    const std::vector<NodeId> wanted = members(configuration());
    for (const NodeId id : wanted) {
        if (id == self_) continue;
        // It counts as heard from now: adding a node must not depose its leader (raft.md §3.4, case 9).
        const auto peer = leading.peers.try_emplace(id, log_.last().index + 1, window, now_).first;
        const ConfigurationEntry* before = memberships_.before();
        if (before != nullptr && !is_voter(before->configuration, id)) peer->second.contact = now_;
        peer->second.departing.reset();
    }
    for (auto& [id, peer] : leading.peers) {
        if (std::binary_search(wanted.begin(), wanted.end(), id) || peer.departing) continue;
        peer.departing = memberships_.current().id.index;
    }
    if (leading.handover && !is_voter(configuration(), leading.handover->to)) {
        end_handover(TransferEnded::Outcome::no_target);
    }
}

// A new leader cannot tell whether those that the latest change removed know of it. Who does says so with its first
// answer, and is let go.
void Core::Impl::keep_removed() {
    auto& leading = std::get<Leader>(role_);
    const Progress::Window window{.appends = options_.window_appends,
                                  .bytes = options_.window_bytes,
                                  .restart_interval = options_.heartbeat_interval};
    for (const NodeId id : members(memberships_.before()->configuration)) {
        if (id == self_) continue;
        const auto [peer, inserted] = leading.peers.try_emplace(id, log_.last().index + 1, window, now_);
        if (inserted) peer->second.departing = memberships_.current().id.index;
    }
}

// A commit in our own term has passed the newest configuration.
void Core::Impl::configuration_committed() {
    assert(std::holds_alternative<Leader>(role_));
    if (memberships_.current().id.index > commit_) return;
    if (configuration().joint()) {
        // An entry more would leave the target of a handover behind. check_handover() comes back to it.
        if (std::get<Leader>(role_).handover) return;
        if (options_.leave_joint) append_configuration(left(configuration()), memberships_.current().note);
        return;
    }
    if (is_voter(configuration(), self_)) return;
    // We led our own removal to its end and are no longer needed (thesis §4.2.2).
    if (const NodeId successor = best_successor(); successor != NodeId{}) {
        send(successor, TimeoutNow{.term = hard_.term});
    }
    become_follower(hard_.term, {});
}

void Core::Impl::let_go(NodeId id, Index commit_known) {
    auto& peers = std::get<Leader>(role_).peers;
    const auto peer = peers.find(id);
    if (peer->second.departing && commit_known >= *peer->second.departing) peers.erase(peer);
}

bool may_switch_off(const Status& leader, NodeId node) {
    if (leader.role != Role::leader || !leader.configuration_committed) return false;
    const std::vector<NodeId> needed = members(leader.configuration);
    return !std::binary_search(needed.begin(), needed.end(), node);
}

}  // namespace socai::consensus
