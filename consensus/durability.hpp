// Which of this node's own entries are on its disk, told from the tickets of storage jobs. Jobs become
// durable in order, so after job k the disk holds the log as it stood when job k was issued.
#pragma once

#include <cstdint>
#include <deque>

#include "consensus/types.hpp"

namespace socai::consensus {

class Durability {
  public:
    Durability() = default;
    explicit Durability(Index durable) : durable_(durable) {}

    // A ticket for the next job.
    std::uint64_t next_ticket() { return ++issued_; }
    // Job `ticket` leaves; the log then ends at `last`.
    void issued(std::uint64_t ticket, Index last);
    // Everything from `first` on was dropped from the log in memory. What jobs under way hold there no longer
    // counts, even when the same indices are written again later: an old completion must not vouch for the
    // new entries (etcd's async_storage_writes_append_aba_race).
    void truncated(Index first);
    // The whole log is replaced by one that begins after an entry beyond `agreed`; up to there what was durable
    // still counts.
    void replaced(Index agreed);
    // Job `ticket`, the oldest under way, is durable.
    void stored(std::uint64_t ticket);

    // This log is durable up to here.
    Index durable() const { return durable_; }
    // Nothing is under way: all that was ever decided is durable.
    bool idle() const { return pending_.empty(); }
    std::size_t under_way() const { return pending_.size(); }

  private:
    struct Job {
        std::uint64_t ticket;
        Index last;  // up to here the job's log and the present one agree
    };
    std::uint64_t issued_ = 0;
    Index durable_;
    std::deque<Job> pending_;
};

}  // namespace socai::consensus
