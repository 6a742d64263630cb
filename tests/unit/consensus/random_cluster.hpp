// A small simulation: a cluster of real cores under a random mix of faults, checked after every step, then
// healed and made to converge. The same seed gives the same run.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "consensus/invariants.hpp"
#include "consensus/random.hpp"
#include "tests/scenarios/runner/host.hpp"

namespace socai::consensus::test {

class RandomCluster {
  public:
    explicit RandomCluster(std::uint64_t seed);

    // Nothing, or what went wrong, with the step at which it did.
    std::optional<std::string> run(std::size_t steps);

    struct Counts {
        std::size_t elections = 0, commits = 0, reads = 0, crashes = 0, refused = 0;
        std::size_t changes = 0, transfers = 0, losses = 0, bases = 0;
    };
    const Counts& counts() const { return counts_; }

  private:
    // How often each thing happens, drawn once a seed (swarm testing: a run that never crashes finds what a
    // run that always crashes hides).
    struct Mix {
        std::uint64_t loss, duplication, reorder, crash, cut, propose, read, campaign, unreachable,
            slow_storage, slow_validation, not_yet, change, transfer, unfit, damage, prune;
    };
    struct Flight {
        NodeId from, to;
        Message message;
    };
    struct PendingRead {
        NodeId node;
        std::uint64_t life;
        Index committed;
        bool answered = false;
    };

    void act();
    void deliver();
    void tick();
    void toggle_links();
    void crash_or_start();
    void change_members(scenario::Host& leader);
    void lose_content();
    scenario::Host* a_leader();
    void step(scenario::Host& host, Event event);
    void collect(scenario::Host& host);
    std::optional<std::string> check();
    std::optional<std::string> heal();
    bool converged() const;
    std::string states() const;
    bool all_reads_answered() const;
    scenario::Host& any();
    bool chance(std::uint64_t in_ten_thousand) { return random_.below(10'000) < in_ten_thousand; }

    Random random_;
    Mix mix_{};
    Options options_;
    Configuration configuration_;
    std::vector<std::unique_ptr<scenario::Host>> hosts_;
    std::vector<std::uint64_t> lives_;
    NodeId frail_;  // whose disk loses things: one node a run, so that what is committed has a whole copy
    std::vector<Flight> flights_;
    std::set<std::pair<NodeId, NodeId>> cuts_;
    std::vector<PendingRead> reads_;
    Invariants invariants_;
    std::optional<std::string> breach_;
    std::uint64_t proposed_ = 0;
    Counts counts_;
};

}  // namespace socai::consensus::test
