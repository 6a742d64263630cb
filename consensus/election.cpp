// Elections: PreVote (thesis §9.6), votes (Raft §5.2, §5.4.1), the lease that protects a live leader
// (thesis §4.2.3), and the changes of role.
#include <algorithm>
#include <cassert>
#include <utility>

#include "consensus/chain.hpp"
#include "consensus/core_impl.hpp"

namespace socai::consensus {

// The election timeout fired.
void Core::Impl::on(const Campaign&) {
    if (std::holds_alternative<Leader>(role_)) return;
    if (!may_campaign() && !is_last_resort()) {
        forget_leader();
        return reset_election_timer();
    }
    if (options_.prevote) {
        pre_campaign();
    } else {
        start_election(false);
    }
}

// Asks without changing anything, anywhere: neither the term here nor term, vote or timers at the peers.
void Core::Impl::pre_campaign() {
    abandon_reads();
    role_ = PreCandidate{.votes = {{self_, true}}};  // binds nobody, so it need not be durable
    reset_election_timer();
    for (const NodeId peer : members(configuration())) {
        if (peer == self_ || !is_voter(configuration(), peer)) continue;
        send(peer, PreVoteRequest{.term = {hard_.term.value + 1}, .last = log_.last()});
    }
    count_pre_votes();
}

// The requests leave only when our own vote is durable. Else a crash could make us campaign a second time in
// this term, win it a second time with the same votes, and lead it with another log.
void Core::Impl::start_election(bool transfer) {
    abandon_reads();
    ++hard_.term.value;
    hard_.vote = self_;
    term_leader_ = {};
    distrust_ = renounced_ = false;
    open_job();
    role_ = Candidate{.votes = {}, .ticket = job_->ticket, .vote_stored = false};
    reset_election_timer();
    for (const NodeId peer : members(configuration())) {
        if (peer == self_ || !is_voter(configuration(), peer)) continue;
        send_when_durable(peer, VoteRequest{.term = hard_.term, .last = log_.last(), .transfer = transfer});
    }
}

void Core::Impl::handle(NodeId from, const PreVoteRequest& request) {
    assert(request.term >= hard_.term);
    // In a term already begun the answer is the one a real vote would get.
    const bool free_to_vote = request.term > hard_.term || hard_.vote == from ||
                              (hard_.vote == NodeId{} && term_leader_ == NodeId{});
    const bool up_to_date = is_up_to_date(request.last);
    if (!up_to_date) note_shorter(from);
    const bool granted = free_to_vote && up_to_date;
    // A grant carries the term asked for: the voter may be a term behind, and a candidate drops what is older
    // than itself (raft.md §3.4, case 4).
    send(from, PreVoteReply{.term = granted ? request.term : hard_.term, .granted = granted});
}

void Core::Impl::handle(NodeId from, const PreVoteReply& reply) {
    auto* candidate = std::get_if<PreCandidate>(&role_);
    if (candidate == nullptr || !is_voter(configuration(), from)) return;
    if (reply.granted && reply.term.value != hard_.term.value + 1) return;  // of an earlier campaign
    candidate->votes.insert_or_assign(from, reply.granted);
    count_pre_votes();
}

void Core::Impl::count_pre_votes() {
    switch (tally(configuration(), std::get<PreCandidate>(role_).votes)) {
        case Tally::won:
            return start_election(false);
        case Tally::lost:
            return become_follower(hard_.term, {});
        case Tally::pending:
            return;
    }
}

void Core::Impl::handle(NodeId from, const VoteRequest& request) {
    assert(request.term == hard_.term);
    // One vote a term. The vote is cleared by a higher term alone, never by a change of role (CCF #8091).
    const bool free_to_vote = hard_.vote == from || (hard_.vote == NodeId{} && term_leader_ == NodeId{});
    const bool up_to_date = is_up_to_date(request.last);
    if (!up_to_date) note_shorter(from);
    if (!free_to_vote || !up_to_date) {
        send(from, VoteReply{.term = hard_.term});
        if (std::holds_alternative<Candidate>(role_)) retry_soon();
        return;
    }
    if (std::holds_alternative<PreCandidate>(role_)) become_follower(hard_.term, {});
    assert(std::holds_alternative<Follower>(role_));
    hard_.vote = from;
    reset_election_timer();
    send_when_durable(from, VoteReply{.term = hard_.term, .granted = true});
}

void Core::Impl::handle(NodeId from, const VoteReply& reply) {
    assert(reply.term == hard_.term);
    auto* candidate = std::get_if<Candidate>(&role_);
    if (candidate == nullptr || !is_voter(configuration(), from)) return;
    candidate->votes.emplace(from, reply.granted);
    count_votes();
}

void Core::Impl::own_vote_stored(std::uint64_t ticket) {
    auto* candidate = std::get_if<Candidate>(&role_);
    if (candidate == nullptr || candidate->ticket != ticket) return;  // of a campaign long over
    assert(hard_.vote == self_);
    candidate->vote_stored = true;
    candidate->votes.emplace(self_, true);
    count_votes();
}

void Core::Impl::count_votes() {
    const Candidate& candidate = std::get<Candidate>(role_);
    switch (tally(configuration(), candidate.votes)) {
        case Tally::won:
            if (candidate.vote_stored) become_leader();
            return;
        case Tally::lost:
            return become_follower(hard_.term, {});
        case Tally::pending:
            return;
    }
}

// Thesis §3.10: the leader hands over. Only the leader of this very term may ask.
void Core::Impl::handle(NodeId from, const TimeoutNow& timeout) {
    assert(timeout.term == hard_.term);
    const auto* follower = std::get_if<Follower>(&role_);
    if (follower == nullptr || follower->leader != from || !may_campaign()) return;
    start_election(true);
}

bool Core::Impl::may_campaign() const {
    return fitness_.may_lead && fitness_.may_append && is_electable();
}

// An unfit node refused a candidate for what only its own log holds, and nobody was elected since, with time to be:
// the others may be no majority without its vote. It stands, brings them what they lack, and hands over (relieve()).
bool Core::Impl::is_last_resort() const {
    const auto* follower = std::get_if<Follower>(&role_);
    return follower != nullptr && follower->refused_shorter &&
           now_ - *follower->refused_shorter >= options_.election_timeout && is_electable();
}

void Core::Impl::note_shorter(NodeId candidate) {
    auto* follower = std::get_if<Follower>(&role_);
    if (follower == nullptr || follower->refused_shorter || !is_voter(configuration(), candidate)) return;
    follower->refused_shorter = now_;
}

// Whom it followed is silent: nobody leads, as far as this node knows.
void Core::Impl::forget_leader() {
    auto* follower = std::get_if<Follower>(&role_);
    if (follower == nullptr) return become_follower(hard_.term, {});
    if (follower->validating) return;  // the answer has to go somewhere
    abandon_reads();
    follower->leader = {};
}

// A voter whose log is whole. Also one whose removal is not known to be committed: its log may be the only one that
// the others can elect from (thesis §4.2.2).
bool Core::Impl::is_electable() const {
    if (recovering() || !damaged_.empty()) return false;
    // (The commit index may be a low bound: but at most one configuration of a log is not committed.)
    const ConfigurationEntry* before = memberships_.before();
    const bool settled = before == nullptr || memberships_.current().id.index <= commit_;
    return is_voter(configuration(), self_) || (!settled && is_voter(before->configuration, self_));
}

// Ends a campaign under way that this node may no longer win.
void Core::Impl::withdraw() {
    const bool campaigns =
        std::holds_alternative<Candidate>(role_) || std::holds_alternative<PreCandidate>(role_);
    if (campaigns && !may_campaign()) become_follower(hard_.term, {});
}

bool Core::Impl::lease_holds() const {
    if (!options_.checkquorum) return false;
    if (std::holds_alternative<Leader>(role_)) return now_ - quorum_contact(now_) < options_.election_timeout;
    const auto* follower = std::get_if<Follower>(&role_);
    return follower != nullptr && follower->leader != NodeId{} && follower->leader_contact &&
           now_ - *follower->leader_contact < options_.election_timeout;
}

// Raft §5.4.1. What is not yet durable counts: a vote becomes durable after it. What was acknowledged and lost
// counts too.
bool Core::Impl::is_up_to_date(const EntryId& last) const {
    return !is_behind(last, last_acknowledged());
}

// In the same term the vote and what is known of the term's leader stay.
void Core::Impl::become_follower(Term term, NodeId leader) {
    assert(term >= hard_.term);
    abandon_reads();
    if (term > hard_.term) {
        hard_.term = term;
        hard_.vote = {};
        term_leader_ = {};
        distrust_ = renounced_ = false;
    }
    // Only a leader runs without an election timer. The others keep theirs: a refused candidate must not be
    // able to put off the election of a better one (thesis §3.4).
    if (std::holds_alternative<Leader>(role_)) {
        end_handover(TransferEnded::Outcome::handed_over);
        reset_election_timer();
    }
    role_ = Follower{.leader = leader,
                     .leader_contact = std::nullopt,
                     .refused_shorter = std::nullopt,
                     .proven = {},
                     .validating = std::nullopt,
                     .queue = {},
                     .queue_bytes = 0,
                     .reads = {}};
}

void Core::Impl::become_leader() {
    assert(std::holds_alternative<Candidate>(role_));
    assert(hard_.vote == self_ && hard_ == hard_written_);
    assert(term_leader_ == NodeId{} && "two leaders in one term");
    term_leader_ = self_;
    Leader leading;
    leading.first = log_.last().index + 1;
    leading.heartbeat_due = now_ + options_.heartbeat_interval;
    leading.next_try = now_ + relief_interval();
    role_ = std::move(leading);
    update_peers();
    if (memberships_.before() != nullptr) keep_removed();
    // Entries of earlier terms are committed by this one (Raft §5.4.2), and reads wait for it (thesis §6.4).
    append_as_leader(make_noop(log_.last(), hard_.term));
    send_appends();
}

// Two candidates share the votes of this term: no need to wait a whole timeout for the next one. A draw of its own
// for each keeps them from meeting again.
void Core::Impl::retry_soon() {
    const auto spread = static_cast<std::uint64_t>(options_.election_timeout / 2);
    election_deadline_ = std::min(election_deadline_, now_ + 1 + static_cast<Micros>(random_.below(spread)));
}

void Core::Impl::reset_election_timer() {
    const auto spread = static_cast<std::uint64_t>(options_.election_timeout);
    election_deadline_ = now_ + options_.election_timeout + static_cast<Micros>(random_.below(spread));
}

}  // namespace socai::consensus
