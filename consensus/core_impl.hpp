// The state of the core and the parts it is made of; each group of functions below lives in the file named
// above it. Private to this module.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "consensus/core.hpp"
#include "consensus/durability.hpp"
#include "consensus/log_view.hpp"
#include "consensus/membership.hpp"
#include "consensus/random.hpp"
#include "consensus/roles.hpp"

namespace socai::consensus {

class Core::Impl {
  public:
    explicit Impl(Options options);
    Output step(Micros now, Event event);
    Status status() const;
    std::optional<Term> term_at(Index index) const { return log_.term_at(index); }

  private:
    // --- core.cpp: dispatch, outputs
    void on(Start& start);
    void on(const Tick& tick);
    void on(Receive& receive);
    void on(const Stored& stored);
    void on(const Applied& applied);
    void on(const Fitness& fitness);
    void open_job();                                     // there is something to write in this step
    void send(NodeId to, Message message);               // leaves now
    void send_when_durable(NodeId to, Message message);  // leaves when all that was decided so far is durable
    void commit_to(Index index);
    Output finish();
    Micros next_timeout() const;
    NodeId leader() const;
    const Configuration& configuration() const { return memberships_.current().configuration; }

    // --- election.cpp: roles, terms, votes
    void on(const Campaign& campaign);
    void handle(NodeId from, const PreVoteRequest& request);
    void handle(NodeId from, const PreVoteReply& reply);
    void handle(NodeId from, const VoteRequest& request);
    void handle(NodeId from, const VoteReply& reply);
    void handle(NodeId from, const TimeoutNow& timeout);
    bool lease_holds() const;
    bool may_campaign() const;
    bool is_electable() const;
    bool is_last_resort() const;
    void note_shorter(NodeId candidate);
    void forget_leader();
    void withdraw();
    bool is_up_to_date(const EntryId& last) const;
    void pre_campaign();
    void start_election(bool transfer);
    void count_pre_votes();
    void count_votes();
    void own_vote_stored(std::uint64_t ticket);
    void become_follower(Term term, NodeId leader);
    void become_leader();
    void reset_election_timer();
    void retry_soon();

    // --- replication.cpp: the leader's side
    void on(Propose& propose);
    void on(const EntriesRead& read);
    void on(const Unreachable& unreachable);
    void handle(NodeId from, const AppendReply& reply);
    void handle(NodeId from, const HeartbeatReply& reply);
    void append_as_leader(EntryPtr entry);
    void send_appends();
    void send_appends(NodeId to, Progress& peer);
    void send_append(NodeId to, Progress& peer, const EntryId& previous, std::vector<EntryPtr> entries);
    void send_empty_append(NodeId to, Progress& peer);
    void read_for(NodeId to, Progress& peer);
    void pace_catch_up(std::size_t bytes);
    Micros catch_up_due() const;
    std::optional<EntryId> previous_of(const Progress& peer) const;
    void tell_commit(NodeId to, Progress& peer);
    void advance_commit();
    void send_heartbeats();
    void check_quorum();
    Micros quorum_contact(Micros own) const;

    // --- members.cpp: changes of configuration
    void on(ChangeMembership& change);
    void on(const LeaveJoint& leave);
    MembershipAnswer::Outcome change_membership(ChangeMembership& change);
    void append_configuration(const Configuration& next, const std::string& note);
    void adopt_configuration(const Entry& entry);
    void configuration_changed();
    void update_peers();
    void keep_removed();
    void configuration_committed();
    void let_go(NodeId id, Index commit_known);

    // --- transfer.cpp: handing leadership over
    void on(const Transfer& transfer);
    NodeId best_successor() const;
    void hand_over(NodeId to);
    void urge(NodeId to, const Progress& peer);
    void check_handover();
    void relieve();
    void try_relief();
    bool others_suffice() const;
    Micros relief_interval() const { return 2 * options_.election_timeout; }
    void end_handover(TransferEnded::Outcome outcome);

    // --- recovery.cpp: what this disk lost
    void on(const Damaged& damaged);
    void on(const Repaired& repaired);
    void handle(NodeId from, const FetchRequest& request);
    void handle(NodeId from, const FetchReply& reply);
    bool recovering() const { return promised_.index != Index{}; }
    void ask_for_content();
    void forget_damaged(Index first, Index last);
    EntryId last_acknowledged() const;

    // --- bases.cpp: logs that do not begin at the beginning
    void on(const Pruned& pruned);
    void handle(NodeId from, const InstallBase& install);
    void send_base(NodeId to, Progress& peer);

    // --- follower.cpp: appends and their validation
    void on(const Validated& validated);
    void handle(NodeId from, AppendRequest& request);
    void handle(NodeId from, const Heartbeat& heartbeat);
    bool follow(NodeId from);
    void note_contact();
    void tell_lost(NodeId leader);
    void process(AppendRequest request);
    bool may_change_so(std::span<const EntryPtr> entries) const;
    void process_queue();
    void append_as_follower(const Validation& validation);
    void acknowledge(const AppendRequest& request);
    void refuse(const AppendRequest& request, const LogView::Point& hint);
    bool is_conflict(const EntryId& ours, const EntryId& theirs, Term leader_term);
    void disbelieve(NodeId from, Accusation::Why why);

    // --- reads.cpp: linearizable reads
    void on(const Read& read);
    void handle(NodeId from, const ReadIndexRequest& request);
    void handle(NodeId from, const ReadIndexReply& reply);
    void start_read_round();
    void count_read_round();
    void answer(const LeaderReads::Origin& origin, std::optional<Index> index);
    void ask_leader();
    void expire_forwarded_reads();
    void abandon_reads();

    // --- state
    Options options_;
    bool started_ = false;
    NodeId self_;
    Micros now_ = 0;
    Random random_;
    HardState hard_;          // decided; durable once the job that carries it is
    HardState hard_written_;  // as in the newest job issued
    Memberships memberships_;
    LogView log_;
    Index commit_;
    Index applicable_;  // committed, durable and intact up to here: what is told as Output::applicable
    Durability durability_;
    RoleData role_;
    NodeId term_leader_;      // the first leader heard of in this term; there can be no other
    bool distrust_ = false;   // this term's leader was proven wrong: its heartbeats are no contact
    bool renounced_ = false;  // it would replace what is committed: it is not answered any more
    Micros election_deadline_ = 0;
    std::uint64_t last_validation_ = 0;
    std::uint64_t last_forwarded_read_ = 0;
    Fitness fitness_;
    EntryId promised_;  // acknowledged and lost: the log is behind it; zero: nothing was lost
    std::map<Index, DamagedEntry> damaged_;
    Micros content_due_ = 0;      // when to ask for the content of damaged entries again
    std::size_t asked_last_ = 0;  // whom: a position among the members

    // --- of the step under way
    Output out_;
    std::optional<StorageJob> job_;
    std::vector<Send> when_durable_;
};

}  // namespace socai::consensus
