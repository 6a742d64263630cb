// What a node keeps for the role it is in, and for no other: the core holds exactly one of these in a
// variant.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "consensus/message.hpp"
#include "consensus/progress.hpp"
#include "consensus/quorum.hpp"
#include "consensus/types.hpp"

namespace socai::consensus {

// An append whose new entries the host is judging.
struct Validation {
    std::uint64_t job = 0;
    AppendRequest request;
    std::size_t known = 0;  // so many of its entries the log already holds
};

// Linearizable reads wanted here, asked of the leader. One request is under way at a time and stands for all
// reads that waited when it left.
struct ForwardedReads {
    std::uint64_t id = 0;  // of the request under way: made here, never the caller's context; 0: none
    Micros deadline = 0;   // the request or its answer is given up as lost
    std::vector<std::uint64_t> asked;    // callers' contexts that the request under way stands for
    std::vector<std::uint64_t> waiting;  // callers' contexts that the next one will
};

struct Follower {
    NodeId leader;                         // 0: unknown
    std::optional<Micros> leader_contact;  // nothing: no lease
    // Since a leader was last heard: when a candidate was first refused for what its log lacks.
    std::optional<Micros> refused_shorter;
    Index proven;  // up to here this leader's appends have shown our log to be its own
    std::optional<Validation> validating;
    std::deque<AppendRequest> queue;  // came while one was being judged
    std::size_t queue_bytes = 0;
    ForwardedReads reads;
};

struct PreCandidate {
    Votes votes;
};

struct Candidate {
    Votes votes;
    std::uint64_t ticket = 0;  // the storage job of our own vote
    bool vote_stored = false;  // before that we neither count ourselves nor lead
};

// Linearizable reads at the leader (thesis §6.4): the commit index at the start of a round of heartbeats is
// the answer once a quorum has answered that round or a later one.
struct LeaderReads {
    struct Origin {
        NodeId node;  // self or the follower that asked
        std::uint64_t context = 0;
    };
    struct Round {
        ReadId id;
        Index index;
        std::vector<Origin> reads;
    };
    ReadId last;                  // newest id made; strictly rising within the term
    std::vector<Origin> waiting;  // for the next round
    std::optional<Round> round;   // under way
};

// Payload bytes appended and not yet gone on (committed, or applied), oldest first: what back-pressure rests
// on.
class Backlog {
  public:
    void add(Index last, std::size_t bytes) {
        batches_.push_back({last, bytes});
        bytes_ += bytes;
    }
    void done(Index index) {
        while (!batches_.empty() && batches_.front().last <= index) {
            bytes_ -= batches_.front().bytes;
            batches_.pop_front();
        }
    }
    std::size_t bytes() const { return bytes_; }
    // A single batch may exceed the limit, else one larger than the limit could never pass.
    bool has_room(std::size_t bytes, std::size_t limit) const {
        return bytes_ == 0 || bytes_ + bytes <= limit;
    }

  private:
    struct Batch {
        Index last;
        std::size_t bytes;
    };
    std::deque<Batch> batches_;
    std::size_t bytes_ = 0;
};

// Leadership being handed over (thesis §3.10): proposals wait, and the target is told to campaign once it holds
// everything.
struct Handover {
    NodeId to;
    Micros deadline = 0;  // then it is given up
};

// How fast nodes that are far behind may be fed from the disk while there is other work.
struct CatchUp {
    Micros busy_until = 0;  // proposals came a moment ago
    Micros allowed_at = 0;  // when what was read is paid for; reads may run a heartbeat interval ahead
    bool waiting = false;   // some node waits for it
};

struct Leader {
    std::map<NodeId, Progress> peers;  // members, and removed ones that do not know it yet
    Index first;  // the no-op of this term: nothing is known committed before it is (Raft §5.4.2, §8)
    Micros heartbeat_due = 0;
    LeaderReads reads;
    Backlog uncommitted;
    Backlog unapplied;
    std::optional<Handover> handover;
    Micros next_try = 0;  // an unfit leader: when to try to hand over
    CatchUp catch_up;
};

using RoleData = std::variant<Follower, PreCandidate, Candidate, Leader>;

}  // namespace socai::consensus
