// The messages between nodes, one struct each; no field changes meaning. Serialised by network/ (versioned
// cereal).
#pragma once

#include <variant>
#include <vector>

#include "consensus/types.hpp"

namespace socai::consensus {

// Raft §5.2 with PreVote (thesis §9.6): would you vote for me in `term`? Changes nothing at the receiver.
struct PreVoteRequest {
    Term term;     // the term the sender would campaign in
    EntryId last;  // of the sender's log
};
struct PreVoteReply {
    Term term;  // granted: the requested term; refused: the receiver's own
    bool granted = false;
};
struct VoteRequest {
    Term term;
    EntryId last;
    bool transfer = false;  // leadership transfer: the lease does not withhold this vote (thesis §3.10)
};
struct VoteReply {
    Term term;
    bool granted = false;
};
struct AppendRequest {
    Term term;
    EntryId previous;               // the entry before the first of `entries`
    std::vector<EntryPtr> entries;  // consecutive from previous.index + 1; empty: a probe
    Index commit;                   // the leader's
};
struct AppendReply {
    Term term;
    bool accepted = false;
    // accepted: the last index this very request proved equal (previous.index + entries.size()), durable
    // here. refused: the request's previous.index, so that a stale refusal is recognised.
    Index index;
    // refused: where the leader should probe next, found by stepping back whole terms (etcd's
    // findConflictByTerm).
    Index hint{};
    Term hint_term{};
    // refused, and more: this node lost entries that it acknowledged. `index` is then what surely is the leader's of
    // what is left; it must count on no more than that and send the rest again.
    bool lost = false;
};
struct Heartbeat {
    Term term;
    Index commit;  // never beyond what this follower is known to hold (min(match, commit))
    ReadId read;   // the newest read the leader wants confirmed; 0: none
};
struct HeartbeatReply {
    Term term;
    ReadId read{};   // echoed
    Index commit{};  // what the follower knows to be committed: a removed node is let go once it knows
};
// A follower asks the leader for a read index (thesis §6.4). `context` is the follower's own, echoed.
struct ReadIndexRequest {
    Term term;
    std::uint64_t context = 0;
};
struct ReadIndexReply {
    Term term;
    std::uint64_t context = 0;
    std::optional<Index> index{};  // nothing: the leader cannot answer; ask again
};
// Campaign at once, without PreVote (thesis §3.10).
struct TimeoutNow {
    Term term;
};
// The follower needs entries that the leader's log no longer holds: begin anew after `base`, which is committed
// (Raft §7, without the state: the host brings that up to `base` by its own means). Answered by an AppendReply
// that accepts `base`.
struct InstallBase {
    Term term;
    EntryId base;
    ConfigurationEntry configuration;  // in force at `base`
};
// Content of entries that the sender holds by id alone (DamagedEntry). Any node may answer with those that it
// has; the ids prove them. These two speak of no term: `term` is always 0 and is not looked at.
struct FetchRequest {
    Term term;
    std::vector<EntryId> ids;
};
struct FetchReply {
    Term term;
    std::vector<EntryPtr> entries;
};

using Message = std::variant<PreVoteRequest, PreVoteReply, VoteRequest, VoteReply, AppendRequest, AppendReply,
                             Heartbeat, HeartbeatReply, ReadIndexRequest, ReadIndexReply, TimeoutNow,
                             InstallBase, FetchRequest, FetchReply>;

}  // namespace socai::consensus
