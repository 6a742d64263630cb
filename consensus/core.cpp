// Dispatch of events and the making of outputs; the rules themselves are in election.cpp, replication.cpp,
// follower.cpp and reads.cpp.
#include "consensus/core.hpp"

#include <algorithm>
#include <cassert>
#include <tuple>
#include <utility>

#include "consensus/core_impl.hpp"

namespace socai::consensus {
Core::Core(Options options) : impl_(std::make_unique<Impl>(options)) {}
Core::~Core() = default;
Core::Core(Core&&) noexcept = default;
Core& Core::operator=(Core&&) noexcept = default;

Output Core::step(Micros now, Event event) {
    return impl_->step(now, std::move(event));
}
Status Core::status() const {
    return impl_->status();
}
std::optional<Term> Core::term_at(Index index) const {
    return impl_->term_at(index);
}

Core::Impl::Impl(Options options) : options_(options) {
    assert(options_.heartbeat_interval > 0);
    assert(options_.election_timeout > options_.heartbeat_interval);
    assert(options_.max_append_entries > 0 && options_.window_appends > 0);
}

Output Core::Impl::step(Micros now, Event event) {
    assert(now >= now_ && "time never falls");
    assert(started_ != std::holds_alternative<Start>(event) && "the first event, and no other, is Start");
    now_ = now;
    const auto before = std::tuple(role_.index(), hard_.term, leader());
    std::visit([this](auto& e) { on(e); }, event);
    out_.role_changed = before != std::tuple(role_.index(), hard_.term, leader());
    return finish();
}

void Core::Impl::on(Start& start) {
    assert(start.self.value != 0);
    started_ = true;
    self_ = start.self;
    random_ = Random(start.seed ^ (start.self.value * 0x9e3779b97f4a7c15u));
    last_forwarded_read_ = random_.next() >> 1;  // a late answer to an earlier life must match no new read
    memberships_ = Memberships(std::move(start.configurations));
    log_ = LogView(start.log);
    if (is_behind(log_.last(), start.log.promised)) promised_ = start.log.promised;
    for (const DamagedEntry& entry : start.log.damaged) damaged_.emplace(entry.id.index, entry);
    content_due_ = now_ + options_.heartbeat_interval;  // nobody is connected yet
    durability_ = Durability(log_.last().index);
    assert(start.commit <= log_.last().index && "what is noted as committed was on this disk");
    commit_ = std::max(start.commit, log_.base().index);
    applicable_ = std::clamp(start.applied, log_.base().index, commit_);
    hard_ = hard_written_ = start.hard;
    hard_.configuration = memberships_.current().id;
    if (hard_.term < log_.last().term) {
        // Log and hard state are synced in parallel: after a crash between the two, entries of a term can be
        // there without the term. No vote was given in it, or the term would have been durable first.
        hard_.term = log_.last().term;
        hard_.vote = {};
    }
    reset_election_timer();
}

void Core::Impl::on(const Tick&) {
    if (!damaged_.empty() && now_ >= content_due_) ask_for_content();
    if (std::holds_alternative<Leader>(role_)) check_quorum();
    if (std::holds_alternative<Leader>(role_)) check_handover();
    if (auto* leading = std::get_if<Leader>(&role_)) {
        if (now_ >= leading->heartbeat_due) send_heartbeats();
        if (leading->catch_up.waiting && now_ >= catch_up_due()) send_appends();
        return;
    }
    expire_forwarded_reads();
    if (now_ < election_deadline_) return;
    on(Campaign{});
}

namespace {

bool is_lower_term_answered(const Message& message) {
    return std::holds_alternative<PreVoteRequest>(message) || std::holds_alternative<VoteRequest>(message) ||
           std::holds_alternative<AppendRequest>(message) || std::holds_alternative<Heartbeat>(message) ||
           std::holds_alternative<ReadIndexRequest>(message) || std::holds_alternative<InstallBase>(message);
}

// The answer that tells the sender of an outdated message the present term. Without it a node that fell
// behind, or a leader faced with a candidate of a higher term, would stay stuck for ever (raft.md §3.4, cases
// 2 and 3).
Message answer_to_lower_term(const Message& message, Term present) {
    assert(is_lower_term_answered(message));
    if (std::holds_alternative<PreVoteRequest>(message)) return PreVoteReply{.term = present};
    if (std::holds_alternative<VoteRequest>(message)) return VoteReply{.term = present};
    if (const auto* append = std::get_if<AppendRequest>(&message)) {
        return AppendReply{.term = present, .index = append->previous.index};
    }
    if (std::holds_alternative<Heartbeat>(message)) return HeartbeatReply{.term = present};
    if (const auto* install = std::get_if<InstallBase>(&message)) {
        return AppendReply{.term = present, .index = install->base.index};
    }
    return ReadIndexReply{.term = present, .context = std::get<ReadIndexRequest>(message).context};
}

constexpr std::size_t max_jobs_under_way = 1'024;

// A term is believed this far at once. No honest cluster gains so many between two messages; without a bound one
// message could use up all terms there are, and with them all elections. Nodes that a liar led apart must still find
// each other: so a message beyond the bound leads to it, and is not ignored.
constexpr std::uint64_t max_term_leap = std::uint64_t{1} << 32;

bool is_granted_pre_vote(const Message& message) {
    const auto* reply = std::get_if<PreVoteReply>(&message);
    return reply != nullptr && reply->granted;
}

}  // namespace

// Terms first (Raft §5.1): a higher one is adopted, a lower one answered. The exceptions are those of PreVote
// and CheckQuorum.
void Core::Impl::on(Receive& receive) {
    const NodeId from = receive.from;
    assert(from != self_ && from.value != 0);
    if (auto* fetch = std::get_if<FetchRequest>(&receive.message)) return handle(from, *fetch);
    if (auto* fetched = std::get_if<FetchReply>(&receive.message)) return handle(from, *fetched);
    const Term term = std::visit([](const auto& message) { return message.term; }, receive.message);
    if (term > hard_.term) {
        const auto* vote = std::get_if<VoteRequest>(&receive.message);
        const bool pre_vote = std::holds_alternative<PreVoteRequest>(receive.message);
        // While we hear a leader nobody else may depose it: no answer, no new term (thesis §4.2.3).
        if ((pre_vote || (vote != nullptr && !vote->transfer)) && lease_holds()) return;
        // A pre-vote and its grant speak of a term that nobody is in yet.
        if (!pre_vote && !is_granted_pre_vote(receive.message)) {
            const std::uint64_t leap = std::min(term.value - hard_.term.value, max_term_leap);
            become_follower({hard_.term.value + leap}, {});
            if (hard_.term < term) return;  // as if lost; what comes next leads further
        }
    } else if (term < hard_.term && is_lower_term_answered(receive.message)) {
        send(from, answer_to_lower_term(receive.message, hard_.term));
        return;
    } else if (term < hard_.term && !std::holds_alternative<PreVoteReply>(receive.message)) {
        return;
    }
    std::visit([this, from](auto& message) { handle(from, message); }, receive.message);
}

void Core::Impl::on(const Stored& stored) {
    durability_.stored(stored.ticket);
    own_vote_stored(stored.ticket);
    if (std::holds_alternative<Leader>(role_)) advance_commit();
}

void Core::Impl::on(const Applied& applied) {
    if (auto* leading = std::get_if<Leader>(&role_)) leading->unapplied.done(applied.index);
}

void Core::Impl::open_job() {
    if (!job_) {
        job_.emplace();
        job_->ticket = durability_.next_ticket();
    }
}

void Core::Impl::send(NodeId to, Message message) {
    assert(to != self_ && to.value != 0);
    out_.messages.push_back({to, std::move(message)});
}

void Core::Impl::send_when_durable(NodeId to, Message message) {
    assert(to != self_ && to.value != 0);
    when_durable_.push_back({to, std::move(message)});
}

void Core::Impl::commit_to(Index index) {
    assert(index <= log_.last().index);
    if (index <= commit_) return;
    commit_ = index;
    out_.committed = index;
    if (auto* leading = std::get_if<Leader>(&role_)) leading->uncommitted.done(index);
}

// The one place that decides what may leave before the disk has it. Promises (votes, requests for votes,
// acknowledgements) ride on the newest job under way, also when this step itself writes nothing: a repeated
// request must not be answered earlier than the first.
Output Core::Impl::finish() {
    assert(commit_ >= log_.base().index && commit_ <= log_.last().index);
    assert(hard_.term >= hard_written_.term);
    if (hard_ != hard_written_) open_job();
    // While the disk stalls, peers that repeat themselves must not fill the queue: as if the answer were lost.
    if (!job_ && durability_.under_way() >= max_jobs_under_way) when_durable_.clear();
    if (!when_durable_.empty() && !durability_.idle()) open_job();
    if (job_) {
        if (hard_ != hard_written_) job_->hard = hard_;
        hard_written_ = hard_;
        job_->after = std::exchange(when_durable_, {});
        durability_.issued(job_->ticket, log_.last().index);
        out_.storage.push_back(*std::exchange(job_, std::nullopt));
    }
    for (Send& message : when_durable_) out_.messages.push_back(std::move(message));
    when_durable_.clear();
    log_.trim_cache(options_.cache_bytes, durability_.durable());
    log_.forget_ids(commit_);
    // A quorum of others may commit what this node's disk does not hold yet; who reads what was applied reads
    // it from that disk. Never falls: nothing committed is truncated.
    Index applicable = std::min(commit_, durability_.durable());
    // Content lost after it was applied holds nothing back.
    const auto hole = damaged_.upper_bound(applicable_);
    if (hole != damaged_.end()) applicable = std::min(applicable, hole->first - 1);
    // (While a new base is being written, what is durable is still the log before it.)
    if (applicable > applicable_ && applicable >= log_.base().index)
        out_.applicable = applicable_ = applicable;
    // What was lost is had again, or was replaced by a later leader: the log speaks for itself once more.
    if (recovering() && !is_behind(log_.last(), promised_)) promised_ = {};
    out_.next_timeout = next_timeout();
    return std::exchange(out_, {});
}

Micros Core::Impl::next_timeout() const {
    Micros next = election_deadline_;
    if (const auto* leading = std::get_if<Leader>(&role_)) {
        next = leading->heartbeat_due;
        if (leading->handover) next = std::min(next, leading->handover->deadline);
        if (leading->catch_up.waiting) next = std::min(next, catch_up_due());
    } else if (const auto* follower = std::get_if<Follower>(&role_)) {
        if (follower->reads.id != 0) next = std::min(next, follower->reads.deadline);
    }
    if (!damaged_.empty()) next = std::min(next, content_due_);
    return next;
}

NodeId Core::Impl::leader() const {
    if (std::holds_alternative<Leader>(role_)) return self_;
    const auto* follower = std::get_if<Follower>(&role_);
    return follower != nullptr ? follower->leader : NodeId{};
}

Status Core::Impl::status() const {
    assert(started_);
    Status status{.self = self_,
                  .role = static_cast<Role>(role_.index()),
                  .term = hard_.term,
                  .vote = hard_.vote,
                  .leader = leader(),
                  .last = log_.last(),
                  .durable = durability_.durable(),
                  .commit = commit_,
                  .leader_contact = 0,
                  .configuration = configuration(),
                  .configuration_id = memberships_.current().id,
                  .configuration_committed = memberships_.current().id.index <= commit_,
                  .peers = {},
                  .uncommitted_bytes = 0,
                  .base = log_.base(),
                  .promised = promised_,
                  .damaged = damaged_.size(),
                  .transfer_to = {}};
    static_assert(
        std::is_same_v<std::variant_alternative_t<static_cast<std::size_t>(Role::leader), RoleData>, Leader>);
    if (const auto* follower = std::get_if<Follower>(&role_)) {
        status.leader_contact = follower->leader_contact.value_or(0);
    } else if (const auto* leading = std::get_if<Leader>(&role_)) {
        status.leader_contact = quorum_contact(now_);
        status.uncommitted_bytes = leading->uncommitted.bytes();
        if (leading->handover) status.transfer_to = leading->handover->to;
        for (const auto& [id, peer] : leading->peers) {
            status.peers.push_back({.id = id,
                                    .match = peer.match(),
                                    .next = peer.next(),
                                    .probing = peer.probing(),
                                    .learner = !peer.departing && !is_voter(configuration(), id),
                                    .inflight_appends = peer.inflight_appends(),
                                    .inflight_bytes = peer.inflight_bytes(),
                                    .last_contact = peer.contact,
                                    .departing = peer.departing.has_value()});
        }
    }
    return status;
}

}  // namespace socai::consensus
