// The leader's side of the log: proposals, appends to peers, commit, heartbeats, and the check that a quorum
// still listens.
#include <algorithm>
#include <cassert>
#include <utility>

#include "consensus/chain.hpp"
#include "consensus/core_impl.hpp"

namespace socai::consensus {

void Core::Impl::on(Propose& propose) {
    auto* leading = std::get_if<Leader>(&role_);
    if (leading == nullptr || propose.term != hard_.term) {
        out_.refused.push_back({propose.first_position, propose.term, ProposalRefused::Why::not_leader});
        return;
    }
    if (propose.items.empty()) return;
    const bool hands_over = leading->handover || !fitness_.may_lead;
    if (hands_over || !fitness_.may_append) {
        using Why = ProposalRefused::Why;
        out_.refused.push_back(
            {propose.first_position, propose.term, hands_over ? Why::transferring : Why::no_space});
        return;
    }
    std::size_t bytes = 0;
    for (const Propose::Item& item : propose.items) bytes += item.payload.size();
    // What is not committed is not applied either, so one limit serves for both.
    if (!leading->unapplied.has_room(bytes, options_.max_uncommitted_bytes)) {
        out_.refused.push_back({propose.first_position, propose.term, ProposalRefused::Why::overloaded});
        return;
    }
    for (std::size_t i = 0; i < propose.items.size(); ++i) {
        Propose::Item& item = propose.items[i];
        const bool is_last = i + 1 == propose.items.size();
        append_as_leader(make_entry(log_.last(), hard_.term, EntryKind::payload, item.digest,
                                    is_last ? std::optional(propose.mark) : std::nullopt,
                                    std::move(item.payload)));
    }
    leading->uncommitted.add(log_.last().index, bytes);
    leading->unapplied.add(log_.last().index, bytes);
    leading->catch_up.busy_until = now_ + options_.election_timeout;
    send_appends();
}

// The write goes to disk while the entry goes to the peers (thesis §10.2.1): a quorum of others may commit it
// before our own disk has it.
void Core::Impl::append_as_leader(EntryPtr entry) {
    assert(std::holds_alternative<Leader>(role_));
    assert(entry->id.term == hard_.term);
    open_job();
    job_->append.push_back(entry);
    log_.append(entry);
    if (entry->kind == EntryKind::configuration) adopt_configuration(*entry);
}

void Core::Impl::send_appends() {
    auto& leading = std::get<Leader>(role_);
    leading.catch_up.waiting = false;
    for (auto& [id, peer] : leading.peers) send_appends(id, peer);
}

// Sends whatever the window allows; a probe also when there is nothing to send.
void Core::Impl::send_appends(NodeId to, Progress& peer) {
    while (peer.may_send()) {
        if (peer.needs_base() || peer.next() <= log_.base().index) return send_base(to, peer);
        const Index end = peer.departing.value_or(log_.last().index);
        const bool up_to_date = peer.next() > end;
        if (up_to_date && !peer.probing()) return;
        const auto previous = previous_of(peer);
        if (!previous || (!up_to_date && peer.next() < log_.cached_from())) return read_for(to, peer);
        std::vector<EntryPtr> entries;
        if (!up_to_date) {
            const std::size_t wanted = end.value - peer.next().value + 1;
            entries = log_.entries(peer.next(), std::min(wanted, options_.max_append_entries),
                                   options_.max_append_bytes);
        }
        send_append(to, peer, *previous, std::move(entries));
    }
}

void Core::Impl::send_append(NodeId to, Progress& peer, const EntryId& previous,
                             std::vector<EntryPtr> entries) {
    assert(previous.index + 1 == peer.next());
    assert(log_.holds(previous.index, previous.term));
    const EntryId last = entries.empty() ? previous : entries.back()->id;
    std::size_t bytes = 0;
    for (const EntryPtr& entry : entries) bytes += entry->payload.size();
    peer.sent(last, bytes, now_);
    peer.commit_told = std::max(peer.commit_told, std::min(commit_, last.index));
    send(to, AppendRequest{
                 .term = hard_.term, .previous = previous, .entries = std::move(entries), .commit = commit_});
}

void Core::Impl::send_empty_append(NodeId to, Progress& peer) {
    if (peer.next() <= log_.base().index) return send_base(to, peer);
    if (const auto previous = previous_of(peer)) send_append(to, peer, *previous, {});
}

std::optional<EntryId> Core::Impl::previous_of(const Progress& peer) const {
    assert(peer.next() > log_.base().index);
    if (const auto previous = peer.previous()) return previous;
    return log_.id_at(peer.next() - 1);
}

// The entries (or the id of the one before them) are no longer in memory. One read a peer at a time, and while
// there are proposals all of them together within their share.
void Core::Impl::read_for(NodeId to, Progress& peer) {
    assert(!peer.reading);
    CatchUp& catch_up = std::get<Leader>(role_).catch_up;
    if (now_ < catch_up_due()) {
        catch_up.waiting = true;
        return;
    }
    const Index first = previous_of(peer) ? peer.next() : peer.next() - 1;
    const Index end = peer.departing.value_or(log_.last().index);
    const Index last = std::min(end, peer.next() + (options_.max_append_entries - 1));
    assert(first > log_.base().index);
    peer.reading = first;
    out_.reads_from_log.push_back({to, first, std::max(first, last), options_.max_append_bytes});
}

// When the next read may be made.
Micros Core::Impl::catch_up_due() const {
    return std::get<Leader>(role_).catch_up.allowed_at - options_.heartbeat_interval;
}

void Core::Impl::pace_catch_up(std::size_t bytes) {
    CatchUp& catch_up = std::get<Leader>(role_).catch_up;
    if (options_.catch_up_bytes_per_second == 0 || now_ >= catch_up.busy_until) return;
    const std::uint64_t pause = bytes * 1'000'000 / options_.catch_up_bytes_per_second;
    catch_up.allowed_at = std::max(catch_up.allowed_at, now_) + static_cast<Micros>(pause);
}

void Core::Impl::on(const EntriesRead& read) {
    auto* leading = std::get_if<Leader>(&role_);
    if (leading == nullptr) return;
    const auto found = leading->peers.find(read.peer);
    if (found == leading->peers.end() || found->second.reading != read.first) return;
    Progress& peer = found->second;
    peer.reading.reset();
    if (peer.next() <= log_.base().index) return send_appends(read.peer, peer);  // pruned meanwhile
    // Asked for in an earlier leadership, the entries may since have been replaced; and none at all means
    // that the range is gone. The next answered heartbeat tries again.
    Index expected = read.first;
    for (const EntryPtr& entry : read.entries) {
        if (!entry || entry->id.index != expected || !log_.holds(expected, entry->id.term)) return;
        expected = expected + 1;
    }
    if (read.entries.empty()) return;
    std::size_t read_bytes = 0;
    for (const EntryPtr& read_entry : read.entries) read_bytes += read_entry->payload.size();
    pace_catch_up(read_bytes);
    auto entry = read.entries.begin();
    if ((*entry)->id.index + 1 == peer.next()) peer.set_previous((*entry++)->id);
    while (entry != read.entries.end() && peer.may_send() && (*entry)->id.index == peer.next()) {
        const auto previous = previous_of(peer);
        if (!previous) break;
        std::vector<EntryPtr> entries;
        std::size_t bytes = 0;
        while (entry != read.entries.end() && entries.size() < options_.max_append_entries) {
            bytes += (*entry)->payload.size();
            if (!entries.empty() && bytes > options_.max_append_bytes) break;
            entries.push_back(*entry++);
        }
        send_append(read.peer, peer, *previous, std::move(entries));
    }
    send_appends(read.peer, peer);
}

void Core::Impl::on(const Unreachable& unreachable) {
    auto* leading = std::get_if<Leader>(&role_);
    if (leading == nullptr) return;
    const auto found = leading->peers.find(unreachable.peer);
    if (found != leading->peers.end()) found->second.unreachable();
}

void Core::Impl::handle(NodeId from, const AppendReply& reply) {
    assert(reply.term == hard_.term);
    auto* leading = std::get_if<Leader>(&role_);
    if (leading == nullptr) return;
    const auto found = leading->peers.find(from);
    if (found == leading->peers.end()) return;
    Progress& peer = found->second;
    peer.contact = now_;  // also a refusal: during a long repair the peer is there (CCF #7620)
    if (reply.lost) {
        if (peer.lost(reply.index, now_)) send_appends(from, peer);
        return;
    }
    if (reply.index > log_.last().index) return;  // we never sent that
    if (reply.accepted) {
        if (peer.accepted(reply.index, now_)) {
            if (commit_ < leading->first) leading->next_try = now_ + relief_interval();
            advance_commit();
        }
        // Committing may have ended this leadership, or with it a peer's membership.
        if (!std::holds_alternative<Leader>(role_)) return;
        send_appends(from, peer);
        tell_commit(from, peer);
        urge(from, peer);
        return;
    }
    if (reply.index <= log_.base().index) {
        // It lacks even our base, unless the answer is an old one.
        if (reply.index > peer.match() && peer.require_base()) send_appends(from, peer);
        return;
    }
    const Index agreement = log_.agreement(reply.hint, reply.hint_term).index;
    if (peer.refused(reply.index, agreement, now_)) send_appends(from, peer);
}

// A peer that is idle learns of a commit at once rather than by the next heartbeat; under load the appends
// that follow carry it.
void Core::Impl::tell_commit(NodeId to, Progress& peer) {
    if (peer.probing() || peer.reading || peer.inflight_appends() > 0) return;
    if (peer.commit_told < std::min(commit_, peer.match())) send_empty_append(to, peer);
}

void Core::Impl::advance_commit() {
    auto& leading = std::get<Leader>(role_);
    const Index held{quorum_reached(configuration(), [&](NodeId id) {
        if (id == self_) return durability_.durable().value;
        return leading.peers.at(id).match().value;
    })};
    assert(held <= log_.last().index);
    // Only an entry of our own term is committed by counting; those before it go with it (Raft §5.4.2).
    if (held <= commit_ || log_.term_at(held) != hard_.term) return;
    const bool first = commit_ < leading.first;
    commit_to(held);
    for (auto& [id, peer] : leading.peers) tell_commit(id, peer);
    start_read_round();
    configuration_committed();
    if (first && !fitness_.may_lead && std::holds_alternative<Leader>(role_)) try_relief();
}

// Flow whatever the state of the appends.
void Core::Impl::send_heartbeats() {
    auto& leading = std::get<Leader>(role_);
    leading.heartbeat_due = now_ + options_.heartbeat_interval;
    const ReadId read = leading.reads.round ? leading.reads.round->id : ReadId{};
    for (auto& [id, peer] : leading.peers) {
        const Index commit = std::min(commit_, peer.match());
        peer.commit_told = std::max(peer.commit_told, commit);
        send(id, Heartbeat{.term = hard_.term, .commit = commit, .read = read});
    }
}

void Core::Impl::handle(NodeId from, const HeartbeatReply& reply) {
    assert(reply.term == hard_.term);
    auto* leading = std::get_if<Leader>(&role_);
    if (leading == nullptr) return;
    const auto found = leading->peers.find(from);
    if (found == leading->peers.end()) return;
    Progress& peer = found->second;
    peer.contact = now_;
    if (peer.heartbeat_answered(now_, options_.heartbeat_interval) && !peer.reading) {
        send_empty_append(from,
                          peer);  // refused if what went before it was lost, also when the window is full
    }
    send_appends(from, peer);
    urge(from, peer);
    peer.confirmed = std::max(peer.confirmed, std::min(reply.read, leading->reads.last));
    let_go(from, reply.commit);
    count_read_round();
}

// CheckQuorum (thesis §6.2): a leader that a quorum no longer answers steps aside, so that its clients go
// elsewhere and its lease ends.
void Core::Impl::check_quorum() {
    assert(std::holds_alternative<Leader>(role_));
    if (!options_.checkquorum || now_ - quorum_contact(now_) < options_.election_timeout) return;
    become_follower(hard_.term, {});
}

// When a quorum was last all in contact; we ourselves at `own`: now, or 0 to do without us.
Micros Core::Impl::quorum_contact(Micros own) const {
    const auto& leading = std::get<Leader>(role_);
    return static_cast<Micros>(quorum_reached(configuration(), [&](NodeId id) {
        return static_cast<std::uint64_t>(id == self_ ? own : leading.peers.at(id).contact);
    }));
}

}  // namespace socai::consensus
