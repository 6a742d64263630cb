// A model of storage/: what one node has on its disk. The log is synced apart from the side file (term, vote and
// what was acknowledged), in parallel; a stop between leaves either, both or none. An entry's id stands apart from
// its content, so that content can be lost while the id is known.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "consensus/core.hpp"
#include "tests/simulation/dice.hpp"

namespace socai::simulation {

class Disk {
  public:
    // A founded node's: the genesis entry, and who the first members are.
    Disk(consensus::EntryPtr genesis, consensus::Configuration first);

    // --- what is durable
    const consensus::HardState& hard() const { return hard_; }
    const consensus::EntryId& base() const { return base_; }
    const std::vector<consensus::EntryPtr>& log() const { return log_; }  // after base
    const std::set<consensus::Index>& damaged() const { return damaged_; }
    const consensus::EntryId& promised() const { return promised_; }
    consensus::Index commit() const { return commit_; }
    consensus::EntryId last() const { return log_.empty() ? base_ : log_.back()->id; }
    // The id at this index; nothing where the log does not reach.
    std::optional<consensus::EntryId> id_at(consensus::Index index) const;
    // Null where the log does not reach, or the content is lost.
    consensus::EntryPtr intact(consensus::Index index) const;
    bool holds(const consensus::EntryId& id) const { return id_at(id.index) == id; }
    // Nothing that this node once acknowledged is missing or damaged.
    bool sound() const { return damaged_.empty() && promised_.index.value == 0; }

    // --- what storage tells the core at start. Hard state whose configuration the log does not hold is mended
    // as storage mends it: the newest one in the log counts.
    consensus::HardState start_hard() const;
    consensus::LogSummary summary() const;
    std::vector<consensus::ConfigurationEntry> configurations() const;

    // --- writes. A job is durable when both parts are.
    void write_log(const consensus::StorageJob& job);
    void write_side(const consensus::StorageJob& job);
    // The log's part of `job`, torn: only the first `entries` of it.
    void write_torn(consensus::StorageJob job, std::size_t entries);
    void note_commit(consensus::Index commit) { commit_ = std::max(commit_, commit); }
    void prune(const consensus::EntryId& base, const consensus::ConfigurationEntry& configuration);
    void repair(const consensus::Entry& entry);

    // --- faults of the medium
    void damage(consensus::Index index);
    // The last `count` entries go: this disk knows that they were acknowledged.
    void lose_tail(std::size_t count);

  private:
    std::size_t at(consensus::Index index) const { return index.value - base_.index.value - 1; }
    void keep_promise();

    consensus::HardState hard_;
    consensus::EntryId base_;
    consensus::ConfigurationEntry base_configuration_;
    std::vector<consensus::EntryPtr> log_;
    std::set<consensus::Index> damaged_;
    consensus::EntryId promised_;
    consensus::Index commit_;
};

}  // namespace socai::simulation
