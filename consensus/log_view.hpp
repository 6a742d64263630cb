// What the core keeps of the log in memory: runs of terms for the whole of it, and the newest entries
// themselves (those not yet durable, and a cache for sending). The log itself stays on disk.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "consensus/types.hpp"

namespace socai::consensus {

class LogView {
  public:
    LogView() = default;
    // Aborts when the summary contradicts itself (storage checked it).
    explicit LogView(const LogSummary& summary);

    const EntryId& base() const { return base_; }
    const EntryId& last() const { return last_; }

    // Nothing outside base..last.
    std::optional<Term> term_at(Index index) const;
    // The whole id where memory holds it: the base, the entry before the cache, the cache, and every entry that was
    // not committed when forget_ids was last called, up to max_recent_ids.
    std::optional<EntryId> id_at(Index index) const;
    // True when the log holds an entry (or the base) of this index and term.
    bool holds(Index index, Term term) const { return term_at(index) == term; }

    // The largest index <= `at` whose term is <= `term`: where two logs may still agree, found in one step a
    // term instead of one an entry (Raft §5.3, etcd's findConflictByTerm). `at` beyond the end counts as the
    // end; never below the base.
    struct Point {
        Index index;
        Term term;
        bool operator==(const Point&) const = default;
    };
    Point agreement(Index at, Term term) const;

    // `entry` must follow last().
    void append(EntryPtr entry);
    // Drops everything after `previous`, which must be in the log.
    void truncate_after(const EntryId& previous);

    // Entries up to `commit` need not be told apart by hash any more: their ids may be forgotten.
    void forget_ids(Index commit);
    // Forgets everything up to and including `base`, which must be in the log.
    void prune(const EntryId& base);

    // First index held as an entry; last().index + 1 when none is.
    Index cached_from() const { return cache_previous_.index + 1; }
    // Cached entries from `first` (cached_from() <= first) within both limits, at least one where there is
    // any.
    std::vector<EntryPtr> entries(Index first, std::size_t max_entries, std::size_t max_bytes) const;
    // Forgets the oldest entries until those left take at most `max_bytes` of memory, but none after
    // `durable`: those are nowhere else.
    void trim_cache(std::size_t max_bytes, Index durable);

    const std::vector<TermRun>& runs() const { return runs_; }
    std::size_t cached_bytes() const { return cached_bytes_; }

  private:
    void check() const;

    EntryId base_;
    EntryId last_;
    std::vector<TermRun> runs_;
    EntryId cache_previous_;      // id of the entry before the first cached one; last_ when none is cached
    std::deque<EntryPtr> cache_;  // consecutive, ends at last_
    std::size_t cached_bytes_ = 0;
    std::deque<EntryId> ids_;  // consecutive, ends at last_
};

}  // namespace socai::consensus
