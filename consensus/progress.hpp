// Flow control towards one peer, kept by the leader: what the peer is known to hold, what is sent next, and
// how much may be under way. Two states, as in etcd's tracker:
//   probe      we do not know where the logs agree: one append at a time, and after it wait for an answer to
//              it or to a heartbeat. `next` stays where it is.
//   replicate  we know: appends follow each other without waiting, within a window of count and bytes. `next`
//              runs ahead of what is acknowledged.
// Invariant: match < next. `match` rests on acknowledgements alone; a refusal only moves `next` (one variable for
// both let CCF commit on refusals, #5324). Within a leadership `match` falls in one case: the peer itself says that
// its disk lost what it had acknowledged.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>

#include "consensus/types.hpp"

namespace socai::consensus {

class Progress {
  public:
    struct Window {
        std::size_t appends = 1;
        std::size_t bytes = 0;  // full at or beyond; one append may exceed it
        // A peer may make sending begin anew `restarts` times in so long. Each time may cost a window of appends that
        // were under way already: a peer that lies about what it lost would be sent ever more, each answer
        // calling for another window. 0: as often as it likes.
        Micros restart_interval = 0;
    };
    static constexpr unsigned restarts = 4;

    // A new leader hopes that the peer's log ends where its own does.
    Progress(Index next, Window window, Micros now);

    Index match() const { return match_; }
    Index next() const { return next_; }
    bool probing() const { return probing_; }
    std::size_t inflight_appends() const { return inflight_.size(); }
    std::size_t inflight_bytes() const { return inflight_bytes_; }

    // An append carrying entries may leave now.
    bool may_send() const;
    // An append with entries up to `last`, or a probe without (bytes 0, last = next - 1), has left.
    void sent(const EntryId& last, std::size_t bytes, Micros now);

    // The peer acknowledged everything to `index`. True when that is news.
    bool accepted(Index index, Micros now);
    // The peer refused an append that followed `previous`; the logs can agree at `agreement` at best. True
    // when the answer is not stale and the next probe may leave; in replicate, one refusal too many is as if lost.
    bool refused(Index previous, Index agreement, Micros now);
    // A heartbeat was answered, so the peer listens: a waiting probe may be repeated. True when something is
    // under way and nothing was acknowledged for `patience`: it may be lost, and an empty append will find
    // out. Asked once a `patience`, however many heartbeats reads may cause.
    bool heartbeat_answered(Micros now, Micros patience);
    // The peer's disk holds nothing beyond `held` of what it acknowledged. True when that is news: sending begins
    // again from there: at once, or, once too often, one append after each answered heartbeat for a while.
    bool lost(Index held, Micros now);
    // The connection broke: what was under way is lost. Waits for the next answered heartbeat.
    void unreachable();

    // The peer refused even what follows the leader's base: its log must begin anew there. True when that is news.
    bool require_base();
    bool needs_base() const { return needs_base_; }
    // InstallBase has left: waits for an answer to it or to a heartbeat.
    void base_sent();

    // A read from disk is under way for this peer, starting at this index.
    std::optional<Index> reading;
    // Id of the entry before `next`, where it is known from what was sent or read last.
    std::optional<EntryId> previous() const;
    void set_previous(const EntryId& id) { previous_ = id; }

    Micros contact = 0;   // the last message from the peer in this term
    Micros declined = 0;  // when a handover to the peer was last given up; 0: never
    ReadId confirmed;     // newest read that the peer confirmed
    Index commit_told;    // commit index the peer was last told, as far as it could use it
    // The configuration entry that removed this node. It is sent nothing beyond, and let go once it knows that
    // this is committed: a node that does not know would campaign for ever (CCF #5919).
    std::optional<Index> departing;

  private:
    void probe_from(Index next);
    bool may_restart(Micros now);
    bool restarts_too_often(Micros now) const;
    void check() const;

    Window window_;
    Index match_;
    Index next_;
    bool probing_ = true;
    bool waiting_ = false;  // probe: an append is out, or the peer is gone
    bool needs_base_ = false;
    Micros restarts_since_ = 0;   // the interval in which restarts are counted began
    unsigned restarts_seen_ = 0;  // in it
    Micros quiet_since_;  // replicate: of the last acknowledgement, suspicion, or sending after a pause
    struct Flight {
        Index last;
        std::size_t bytes;
    };
    std::deque<Flight> inflight_;
    std::size_t inflight_bytes_ = 0;
    std::optional<EntryId> previous_;
};

}  // namespace socai::consensus
