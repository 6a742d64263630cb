// The follower's side of the log: appends, their validation by the host, heartbeats.
#include <algorithm>
#include <cassert>
#include <limits>
#include <span>
#include <utility>

#include "consensus/chain.hpp"
#include "consensus/core_impl.hpp"

namespace socai::consensus {

// `from` speaks as leader of our term. False when that cannot be.
bool Core::Impl::follow(NodeId from) {
    if (term_leader_ == NodeId{}) term_leader_ = from;
    if (term_leader_ != from) {
        out_.accusations.push_back({from, hard_.term, Accusation::Why::two_leaders_one_term});
        return false;
    }
    assert(!std::holds_alternative<Leader>(role_));
    // A leader proven wrong does not end a campaign against it.
    if (distrust_ && std::holds_alternative<PreCandidate>(role_)) return false;
    if (auto* follower = std::get_if<Follower>(&role_)) {
        follower->leader = from;
    } else {
        become_follower(hard_.term, from);
    }
    return true;
}

// What a leader proven wrong says keeps neither its lease nor our patience (architecture.md 9).
void Core::Impl::note_contact() {
    auto& follower = std::get<Follower>(role_);
    assert(follower.leader != NodeId{});
    if (distrust_) return;
    follower.leader_contact = now_;
    follower.refused_shorter.reset();
    reset_election_timer();
}

void Core::Impl::handle(NodeId from, const Heartbeat& heartbeat) {
    assert(heartbeat.term == hard_.term);
    if (distrust_ && from == term_leader_) {
        // It lacks what is committed and can never make up for it. Answered, it would keep its lease, and with that
        // its own vote from one that could lead.
        if (renounced_) return;
        // It may yet send what is right, and must learn that we listen.
        send(from, HeartbeatReply{.term = hard_.term, .read = heartbeat.read, .commit = commit_});
        return tell_lost(from);
    }
    if (!follow(from)) return;
    note_contact();
    // The leader names at most what we acknowledged. More than we hold means that we lost it: not for us to
    // say that it is committed (Fabric's "tocommit is out of range").
    // Nor what a disk still shows that lost something: it may be older than what we acknowledged. Appends prove it.
    if (!recovering() && heartbeat.commit <= log_.last().index) commit_to(heartbeat.commit);
    send(from, HeartbeatReply{.term = hard_.term, .read = heartbeat.read, .commit = commit_});
    tell_lost(from);
}

// A leader that remembers our old acknowledgements would never send it again. Surely its own is only what is
// committed, and what it has proven since.
void Core::Impl::tell_lost(NodeId leader) {
    if (!recovering()) return;
    const auto* follower = std::get_if<Follower>(&role_);
    const Index proven = std::max(commit_, follower != nullptr ? follower->proven : Index{});
    send(leader,
         AppendReply{.term = hard_.term, .index = std::min(proven, durability_.durable()), .lost = true});
}

void Core::Impl::handle(NodeId from, AppendRequest& request) {
    assert(request.term == hard_.term);
    if (!follow(from)) return;
    auto& follower = std::get<Follower>(role_);
    // What does not fit is dropped like a lost message; the leader finds out and sends again.
    std::size_t bytes = 0;
    for (const EntryPtr& entry : request.entries) bytes += memory_of(*entry);
    if (follower.validating &&
        (follower.queue.size() >= 2 * options_.window_appends ||
         (!follower.queue.empty() && follower.queue_bytes + bytes > 2 * options_.window_bytes))) {
        return;
    }
    if (!is_chained(request)) return disbelieve(from, Accusation::Why::broken_chain);
    // In the order of arrival: answered earlier, a later append would be refused for want of this one.
    if (!follower.validating) return process(std::move(request));
    follower.queue_bytes += bytes;
    follower.queue.push_back(std::move(request));
}

// The consistency check of Raft §5.3. No validation is under way.
void Core::Impl::process(AppendRequest request) {
    auto& follower = std::get<Follower>(role_);
    assert(!follower.validating);
    const EntryId& previous = request.previous;
    if (previous.index > log_.last().index ||
        (previous.index > commit_ && !log_.holds(previous.index, previous.term))) {
        return refuse(request, log_.agreement(previous.index, previous.term));
    }
    if (previous.index >= log_.base().index) {
        if (!log_.holds(previous.index, previous.term)) {
            return disbelieve(follower.leader, Accusation::Why::contradicts_commit);
        }
        const auto ours = log_.id_at(previous.index);
        if (ours && *ours != previous) {
            if (!is_conflict(*ours, previous, request.term))
                return disbelieve(follower.leader, Accusation::Why::broken_chain);
            // Where the contents part the terms do not tell; what is committed is common to both.
            return refuse(request, {commit_, *log_.term_at(commit_)});
        }
    }
    // What the log holds already stays: an old append must not shorten it (CCF #5927). Entries below the base
    // are committed and gone.
    std::size_t known = 0;
    for (const EntryPtr& entry : request.entries) {
        if (entry->id.index >= log_.base().index) {
            if (!log_.holds(entry->id.index, entry->id.term)) break;
            const auto ours = log_.id_at(entry->id.index);
            if (ours && *ours != entry->id) {
                if (is_conflict(*ours, entry->id, request.term)) break;
                return disbelieve(follower.leader, Accusation::Why::broken_chain);
            }
        }
        ++known;
    }
    if (known == request.entries.size()) {
        note_contact();
        return acknowledge(request);
    }
    const EntryPtr& first = request.entries[known];
    if (first->id.index <= commit_) {
        return disbelieve(follower.leader, Accusation::Why::contradicts_commit);
    }
    if (!may_change_so(
            {request.entries.begin() + static_cast<std::ptrdiff_t>(known), request.entries.end()})) {
        return disbelieve(follower.leader, Accusation::Why::bad_configuration);
    }
    if (!fitness_.may_append) return note_contact();  // as if lost; the leader comes again
    out_.validate.push_back(
        {.job = ++last_validation_,
         .term = hard_.term,
         .from = follower.leader,
         .previous = known == 0 ? previous : request.entries[known - 1]->id,
         .entries = {request.entries.begin() + static_cast<std::ptrdiff_t>(known), request.entries.end()}});
    follower.validating = Validation{.job = last_validation_, .request = std::move(request), .known = known};
}

// Two entries of one term and index. Not the present leader's doing when the term is not its own, and then its log
// replaces ours where nothing is committed yet, as with any conflict: an honest leader must not be refused for what a
// liar before it did.
bool Core::Impl::is_conflict(const EntryId& ours, const EntryId& theirs, Term leader_term) {
    assert(ours.term == theirs.term && ours.index == theirs.index && ours != theirs);
    if (ours.index <= commit_ || ours.term == leader_term) return false;
    out_.accusations.push_back({NodeId{}, ours.term, Accusation::Why::two_contents});
    return true;
}

// Could an honest leader have appended these configurations after what stands before the first of `entries`?
bool Core::Impl::may_change_so(std::span<const EntryPtr> entries) const {
    Configuration current = memberships_.at(entries.front()->id.index - 1).configuration;
    for (const EntryPtr& entry : entries) {
        if (entry->kind != EntryKind::configuration) continue;
        auto next = decode_configuration(entry->payload);
        if (!next || entry->digest != sha256(entry->payload) || !may_follow(current, next->configuration)) {
            return false;
        }
        current = std::move(next->configuration);
    }
    return true;
}

void Core::Impl::on(const Validated& validated) {
    auto* follower = std::get_if<Follower>(&role_);
    // A change of role or term since then dropped the job and what it would have appended.
    if (follower == nullptr || !follower->validating) return;
    if (follower->validating->job != validated.job || validated.term != hard_.term) return;
    const Validation validation = *std::exchange(follower->validating, std::nullopt);
    const EntryPtr& first = validation.request.entries[validation.known];
    if (validated.verdict == Verdict::valid && first->id.index <= commit_) {
        // While this was being judged its sender named another entry of that index committed.
        follower->queue.clear();
        follower->queue_bytes = 0;
        return disbelieve(follower->leader, Accusation::Why::contradicts_commit);
    }
    if (validated.verdict == Verdict::valid) {
        distrust_ = false;
        note_contact();
        append_as_follower(validation);
        acknowledge(validation.request);
        process_queue();
        return;
    }
    // What is queued builds on what was not appended. Neither answered nor refused: the leader comes again
    // with the next heartbeat, not in a tight loop.
    follower->queue.clear();
    follower->queue_bytes = 0;
    if (validated.verdict == Verdict::not_yet) return note_contact();
    distrust_ = true;
    follower->leader_contact.reset();
}

void Core::Impl::process_queue() {
    auto& follower = std::get<Follower>(role_);
    while (!follower.validating && !follower.queue.empty()) {
        AppendRequest request = std::move(follower.queue.front());
        follower.queue.pop_front();
        for (const EntryPtr& entry : request.entries) follower.queue_bytes -= memory_of(*entry);
        process(std::move(request));
    }
    assert(!follower.queue.empty() || follower.queue_bytes == 0);
}

// The log cannot have changed while the host judged: appends wait, and a new role or term drops the
// validation.
void Core::Impl::append_as_follower(const Validation& validation) {
    const auto& entries = validation.request.entries;
    assert(validation.known < entries.size());
    const EntryId previous =
        validation.known == 0 ? validation.request.previous : entries[validation.known - 1]->id;
    assert(log_.holds(previous.index, previous.term));
    assert(previous.index >= commit_ && "what is committed is never replaced");
    open_job();
    if (previous.index < log_.last().index) {
        const Index first = previous.index + 1;
        job_->truncate_from = first;
        out_.truncated_from = first;
        durability_.truncated(first);
        log_.truncate_after(previous);
        forget_damaged(first, {std::numeric_limits<std::uint64_t>::max()});
        if (memberships_.truncate(first)) configuration_changed();
    }
    for (std::size_t i = validation.known; i < entries.size(); ++i) {
        job_->append.push_back(entries[i]);
        log_.append(entries[i]);
        if (entries[i]->kind == EntryKind::configuration) adopt_configuration(*entries[i]);
    }
}

// Speaks for what this very request proved, never for more: beyond it our log may hold what the leader does
// not (CCF #6001 for the acknowledgement, #8172 for the commit).
void Core::Impl::acknowledge(const AppendRequest& request) {
    const Index proven = request.previous.index + request.entries.size();
    assert(proven <= log_.last().index);
    commit_to(std::min(request.commit, proven));
    auto& follower = std::get<Follower>(role_);
    follower.proven = std::max(follower.proven, proven);
    send_when_durable(follower.leader, AppendReply{.term = hard_.term, .accepted = true, .index = proven});
}

// Tells where the logs may still agree: as a rule not above the request's previous entry, and not in a later term
// than its. Towards a leader that holds what is committed, as every rightful one does, this is never below our
// commit.
void Core::Impl::refuse(const AppendRequest& request, const LogView::Point& hint) {
    note_contact();
    send(std::get<Follower>(role_).leader, AppendReply{.term = hard_.term,
                                                       .accepted = false,
                                                       .index = request.previous.index,
                                                       .hint = hint.index,
                                                       .hint_term = hint.term});
}

// No honest leader sent this. It is not answered, and the lease ends.
void Core::Impl::disbelieve(NodeId from, Accusation::Why why) {
    out_.accusations.push_back({from, hard_.term, why});
    distrust_ = true;
    renounced_ = renounced_ || why == Accusation::Why::contradicts_commit;
    std::get<Follower>(role_).leader_contact.reset();
}

}  // namespace socai::consensus
