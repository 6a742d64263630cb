// What all parts of one run share. Owned by Simulation; single-threaded.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "consensus/core.hpp"
#include "tests/simulation/dice.hpp"
#include "tests/simulation/event_queue.hpp"
#include "tests/simulation/faults.hpp"
#include "tests/simulation/sabotage.hpp"
#include "tests/simulation/statements.hpp"
#include "tests/simulation/trace.hpp"

namespace socai::simulation {

class Node;
class Network;
class Checks;
class History;
class Liar;

// What the run did; adds up over runs.
struct Counts {
    FaultCounts faults{};
    std::uint64_t events = 0;
    std::uint64_t steps = 0;  // of a core
    std::uint64_t messages = 0;
    std::uint64_t commits = 0;  // entries of the history
    std::uint64_t leaves = 0;
    std::uint64_t elections = 0;
    std::uint64_t checks = 0;         // single comparisons made by the checks
    std::uint64_t commit_checks = 0;  // commits and applies of single nodes compared with the history
    std::uint64_t acknowledged = 0, refused = 0, unknown = 0, reads = 0;
    std::uint64_t changes = 0;       // memberships appended
    std::uint64_t bases = 0;         // installed
    std::uint64_t repairs = 0;       // entries written again
    std::uint64_t switched_off = 0;  // removed nodes that were let go
    std::uint64_t splits = 0;        // a liar split what was committed and not final: detected
    std::uint64_t accusations = 0;
    std::uint64_t refusals = 0;  // batches judged wrong

    Counts& operator+=(const Counts& other);
};

struct World {
    Dice dice;
    Mix mix;
    Trace trace;
    Statements& statements;
    EventQueue events{};
    Counts counts{};
    consensus::Options options{};
    std::vector<std::unique_ptr<Node>> nodes{};  // node id n at position n - 1; never removed
    Network* network = nullptr;
    Checks* checks = nullptr;
    History* history = nullptr;
    Liar* liar = nullptr;  // null: nobody lies
    Sabotage sabotage = Sabotage::none;
    std::optional<std::string> failure{};
    bool split = false;  // the run ends: a split was made by a liar and found
    bool healing = false;

    consensus::Micros now() const { return events.now(); }
    Node& node(consensus::NodeId id) { return *nodes.at(id.value - 1); }
    // The first one counts.
    void fail(std::string what) {
        if (!failure) failure = std::move(what);
    }
    void count(Fault fault) { ++counts.faults[static_cast<std::size_t>(fault)]; }
};

}  // namespace socai::simulation
