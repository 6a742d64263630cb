// A node around the core without any I/O: a disk that keeps what was finished, a queue of storage jobs, a
// queue of validations, and a clock that only moves when told. Used by the scenario runner and by the
// randomised tests.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "consensus/core.hpp"
#include "consensus/invariants.hpp"

namespace socai::scenario {

// What survives a crash.
struct Disk {
    consensus::HardState hard;
    consensus::EntryId base;
    std::vector<consensus::EntryPtr> log;  // after base
    consensus::Index commit;               // a lower bound, noted with each write
    bool lost = false;
};

class Host {
  public:
    Host(consensus::NodeId id, consensus::Options options, consensus::Configuration configuration, Disk disk,
         std::uint64_t seed);

    consensus::NodeId id() const { return id_; }
    bool running() const { return core_.has_value(); }
    void start();
    void crash();      // loses whatever is not on the disk
    void lose_disk();  // and the disk; only while stopped
    void set_options(const consensus::Options& options) { options_ = options; }
    const consensus::Options& options() const { return options_; }

    void step(consensus::Event event);
    void advance(consensus::Micros by) { now_ += by; }
    consensus::Micros now() const { return now_; }
    consensus::Micros next_timeout() const { return next_timeout_; }
    void propose(const std::vector<std::string>& payloads);

    // Held: finished one by one; else at once.
    bool hold_storage = false;
    bool hold_validation = false;
    bool finish_job();                          // the oldest; false when there is none
    bool end_validation(consensus::Verdict v);  // the oldest; false when there is none

    std::vector<consensus::Send> take_outbox();
    consensus::NodeSnapshot snapshot() const;
    consensus::Status status() const { return core_->status(); }
    const Disk& disk() const { return disk_; }
    const std::vector<consensus::EntryPtr>& log() const { return log_; }
    std::size_t jobs() const { return jobs_.size(); }
    std::size_t validations() const { return validations_.size(); }
    std::size_t applied() const { return applied_; }

    // Gathered until taken or cleared by the owner.
    std::vector<consensus::ReadAnswer> read_answers;
    std::vector<consensus::ProposalRefused> refused;
    std::vector<consensus::Accusation> accusations;
    std::optional<std::string> breach;  // a message left too early, or outputs that contradict each other

  private:
    void handle(consensus::Output output);
    void take(const consensus::StorageJob& job);
    void write(const consensus::StorageJob& job);
    void leave(const consensus::Send& message);
    consensus::EntriesRead read(const consensus::ReadEntries& wanted) const;

    consensus::NodeId id_;
    consensus::Options options_;
    consensus::Configuration configuration_;
    Disk disk_;
    std::uint64_t seed_;
    std::uint64_t life_ = 0;
    consensus::Micros now_ = 0;
    consensus::Micros next_timeout_ = 0;
    std::optional<consensus::Core> core_;
    std::vector<consensus::EntryPtr> log_;  // as the core decided it
    std::size_t applied_ = 0;               // so many entries of log_
    std::deque<consensus::StorageJob> jobs_;
    std::deque<consensus::ValidateJob> validations_;
    std::deque<consensus::Event> due_;
    std::vector<consensus::Send> outbox_;
    bool stepping_ = false;
};

}  // namespace socai::scenario
