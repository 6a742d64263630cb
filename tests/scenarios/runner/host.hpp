// A node around the core without any I/O: a disk that keeps what was finished and can lose some of it, a queue of
// storage jobs, a queue of validations, and a clock that only moves when told. Used by the scenario runner and by
// the randomised tests.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "consensus/core.hpp"
#include "consensus/invariants.hpp"

namespace socai::scenario {

// What the state machine is: the values applied.
using Values = std::set<std::string>;

// Of a payload, as this model of a host defines it.
consensus::Digest digest_of(const std::string& payload);

// What survives a crash.
struct Disk {
    consensus::HardState hard;
    consensus::EntryId base;
    consensus::ConfigurationEntry base_configuration;  // in force at base
    std::vector<consensus::EntryPtr> log;              // after base
    consensus::Index commit;                           // a lower bound, noted with each write
    std::set<consensus::Index> damaged;                // known by id, content lost
    consensus::EntryId promised;  // the end of the log was lost from here back; zero: nothing was
    Values state;                 // as of base
    bool lost = false;
};

class Host {
  public:
    Host(consensus::NodeId id, consensus::Options options, Disk disk, std::uint64_t seed);

    consensus::NodeId id() const { return id_; }
    bool running() const { return core_.has_value(); }
    void start();
    void crash();      // loses whatever is not on the disk
    void lose_disk();  // and the disk; only while stopped
    // The disk loses the content of `index`: a running node finds out at once. False when the disk does not hold
    // it. A configuration cannot be told without its content: the log then ends before it (only while stopped).
    bool damage(consensus::Index index);
    // The disk loses `index` and everything after it; only while stopped. False when it does not hold it.
    bool tear(consensus::Index index);
    // The disk undoes its last `writes` changes of the log, as if they had never reached it, though they were
    // acknowledged: what they replaced is back. Only while stopped. False when it remembers fewer.
    bool revert(std::size_t writes);
    // Drops the log up to `index` from the disk. False unless applied, on disk, and without damage.
    bool prune(consensus::Index index);
    void set_options(const consensus::Options& options) { options_ = options; }
    const consensus::Options& options() const { return options_; }

    void step(consensus::Event event);
    void advance(consensus::Micros by) { now_ += by; }
    consensus::Micros now() const { return now_; }
    consensus::Micros next_timeout() const { return next_timeout_; }
    void propose(const std::vector<std::string>& payloads);
    // Holds until changed, or until the next start.
    void set_fitness(const consensus::Fitness& fitness);
    const consensus::Fitness& fitness() const { return fitness_; }

    // Held: finished one by one; else at once.
    bool hold_storage = false;
    bool hold_validation = false;
    bool finish_job();                          // the oldest; false when there is none
    bool end_validation(consensus::Verdict v);  // the oldest; false when there is none
    // Where a node that begins anew gets its state from.
    std::function<Values(const consensus::EntryId& base)> state_at;

    std::vector<consensus::Send> take_outbox();
    consensus::NodeSnapshot snapshot() const;
    consensus::Status status() const { return core_->status(); }
    const Disk& disk() const { return disk_; }
    // As the core decided it, after log_base().
    const std::vector<consensus::EntryPtr>& log() const { return log_; }
    const consensus::EntryId& log_base() const { return log_base_; }
    std::size_t jobs() const { return jobs_.size(); }
    std::size_t validations() const { return validations_.size(); }
    // What was committed here, whether or not the own disk has it.
    const Values& applied() const { return applied_values_; }
    // What the core allowed to apply so far: committed, on the own disk, and whole.
    consensus::Index applicable() const { return applicable_; }

    // Gathered until taken or cleared by the owner.
    std::vector<consensus::ReadAnswer> read_answers;
    std::vector<consensus::ProposalRefused> refused;
    std::vector<consensus::Accusation> accusations;
    std::vector<consensus::MembershipAnswer> membership_answers;
    std::vector<consensus::TransferEnded> transfers_ended;
    std::optional<std::string> breach;  // a message left too early, or outputs that contradict each other

  private:
    void handle(consensus::Output output);
    void take(const consensus::StorageJob& job);
    void write(const consensus::StorageJob& job);
    void commit_to(consensus::Index index);
    void check_applicable(consensus::Index index);
    void leave(const consensus::Send& message);
    void serve(const consensus::ServeFetch& wanted);
    void repair(const std::vector<consensus::EntryPtr>& entries);
    consensus::EntriesRead read(const consensus::ReadEntries& wanted) const;
    const consensus::EntryPtr* on_disk(consensus::Index index) const;
    void promise_all();

    consensus::NodeId id_;
    consensus::Options options_;
    Disk disk_;
    std::uint64_t seed_;
    std::uint64_t life_ = 0;
    consensus::Micros now_ = 0;
    consensus::Micros next_timeout_ = 0;
    std::optional<consensus::Core> core_;
    consensus::Fitness fitness_;
    consensus::EntryId log_base_;
    std::vector<consensus::EntryPtr> log_;
    consensus::Index applied_;     // as committed, whether or not on the disk yet
    consensus::Index applicable_;  // of that, what is on the disk: all that may be noted there as committed
    Values applied_values_;
    struct Undo {
        std::size_t kept = 0;  // so many entries of the disk's log stood before and after
        std::vector<consensus::EntryPtr> replaced;
    };
    std::deque<Undo> undo_;  // of the latest changes to the disk's log
    std::deque<consensus::StorageJob> jobs_;
    std::deque<consensus::ValidateJob> validations_;
    std::deque<consensus::Event> due_;
    std::vector<consensus::Send> outbox_;
    bool stepping_ = false;
};

}  // namespace socai::scenario
