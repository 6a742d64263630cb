// One whole node: the shipped core, admission and apply (Ledger), and models of its disk, clock and processor. It
// carries out the core's outputs in the order in which node/ does, takes virtual time for each, and can stop at
// every boundary between two of them.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "consensus/core.hpp"
#include "consensus/invariants.hpp"
#include "tests/simulation/clock.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/simulation/state.hpp"
#include "tests/simulation/world.hpp"

namespace socai::simulation {

// Between two outputs of one step.
enum class Boundary : std::uint8_t {
    none,
    before_sending,    // the step is made, nothing of it has left
    before_writing,    // messages have left, the write has not begun
    half_written,      // the log is synced and the side file is not, or the reverse
    before_promising,  // all is synced, votes and acknowledgements have not left
    before_reporting,  // they have left, the core does not know
    before_applying,   // committed, not applied
    after_applying,    // applied, the core does not know
};
inline constexpr std::uint8_t boundary_count = 8;

// What a linearizable read saw.
struct Seen {
    consensus::Index index;
    std::uint64_t size = 0;
    ledger::Hash root{};
};

class Node {
  public:
    Node(World& world, consensus::NodeId id, consensus::Configuration first);
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    consensus::NodeId id() const { return id_; }
    bool running() const { return core_.has_value(); }
    bool gone() const { return gone_; }  // for good: its disk is lost, or it was switched off
    bool paused() const { return paused_until_ > world_.now(); }
    bool lies() const { return lies_; }
    void set_liar(bool lies) { lies_ = lies; }

    void start();
    // Starts again by itself, after a while.
    void crash();
    // While stopped, after the log's end was lost: the state goes back to where the log ends now.
    void rewind_state();
    // Never to come back.
    void end();
    void crash_at(Boundary boundary) { crash_at_ = boundary; }
    void pause(Micros until) { paused_until_ = std::max(paused_until_, until); }
    void slow_down(std::int64_t factor) { slowness_ = factor; }
    void set_fit_disk(bool fit);
    void fail_next_sync() { sync_fails_ = true; }
    void heal();

    // The node's own time, or nothing when it is stopped: `action` runs then, if this life still lasts.
    template <class F>
    void later(Micros delay, F action) {
        world_.events.after(delay, [this, life = life_, action = std::move(action)]() mutable {
            if (life != life_ || !core_ || stopping_) return;
            if (paused()) return later(paused_until_ - world_.now(), std::move(action));
            action(*this);
        });
    }
    void step(consensus::Event event);
    void receive(consensus::NodeId from, consensus::Message message);
    void submit(const std::vector<std::pair<StatementPtr, Done>>& batch);
    // `done` with nothing: no answer, ask again.
    void read(std::function<void(std::optional<Seen>)> done);
    void prune(consensus::Index up_to);
    // Some of the disk's damage comes to notice.
    void scrub();

    Disk& disk() { return disk_; }
    const Disk& disk() const { return disk_; }
    Clock& clock() { return clock_; }
    const State& state() const { return state_; }
    const consensus::EntryId& log_base() const { return log_base_; }
    // As the core decided it; after log_base.
    const std::vector<consensus::EntryPtr>& log() const { return log_; }
    std::optional<consensus::EntryId> id_at(consensus::Index index) const;
    std::uint64_t life() const { return life_; }
    bool writing() const { return writing_; }
    consensus::Status status() const { return core_->status(); }
    consensus::NodeSnapshot snapshot() const;
    bool leads() const { return leads_; }
    // For the administrator; taken once.
    std::vector<consensus::MembershipAnswer> answers;

  private:
    // --- node.cpp: life, time, the step
    void step_now(consensus::Event event);
    void carry_out(consensus::Output& output);
    bool stop_here(Boundary boundary);
    void schedule_tick();
    void send(const consensus::Send& message);
    Micros work(Micros mean);
    void watch_clock();
    consensus::Fitness fitness_now() const;

    // --- node_disk.cpp: writes, reads, repairs, apply
    void take(const consensus::StorageJob& job);
    void begin_write();
    void part_synced(bool of_log);
    void finish_write();
    void lose_unsynced();
    void install(const consensus::EntryId& base);
    void read_for(const consensus::ReadEntries& wanted);
    void serve(const consensus::ServeFetch& wanted);
    void repair(std::vector<consensus::EntryPtr> entries);
    void apply();
    void applied(const consensus::Entry& entry);
    void answer_reads();

    World& world_;
    const consensus::NodeId id_;
    Disk disk_;
    State state_;
    Clock clock_;
    bool lies_ = false;
    bool gone_ = false;
    bool disk_fit_ = true;
    bool sync_fails_ = false;
    std::int64_t slowness_ = 1;
    Micros paused_until_ = 0;
    Boundary crash_at_ = Boundary::none;
    std::uint64_t life_ = 0;

    // --- of this life
    std::optional<consensus::Core> core_;
    std::optional<Ledger> ledger_;
    consensus::EntryId log_base_;
    std::vector<consensus::EntryPtr> log_;
    std::deque<consensus::Event> due_;
    bool stepping_ = false;
    bool stopping_ = false;
    bool leads_ = false;
    Micros next_timeout_ = 0;
    Micros tick_at_ = 0;  // the earliest tick that is planned; 0: none
    consensus::Fitness fitness_;
    std::deque<consensus::StorageJob> jobs_;
    std::vector<consensus::StorageJob> group_;  // being written
    bool writing_ = false;
    bool log_synced_ = false, side_synced_ = false;
    std::set<consensus::Index> noticed_;  // damage that the core knows
    consensus::Index committed_, apply_to_;
    bool applying_ = false;
    std::uint64_t last_context_ = 0;
    struct PendingRead {
        std::optional<consensus::Index> index;
        std::function<void(std::optional<Seen>)> done;
        bool barrier = false;  // only to confirm leadership: answered at once
    };
    std::map<std::uint64_t, PendingRead> reads_;
};

}  // namespace socai::simulation
