// The kinds of fault, and the mix of one seed: which are on and how strongly. Drawing the mix anew for each seed
// is swarm testing (Groce et al., ISSTA 2012): a run that never crashes finds what a run that always crashes
// hides. To add a fault: a row here and in faults.cpp, and the code that injects it (nemesis.cpp, or the model
// that it belongs to).
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tests/simulation/dice.hpp"

namespace socai::simulation {

enum class Fault : std::uint8_t {
    delay,
    loss,
    duplicate,
    reorder,
    cut,
    partition,
    clog,
    crash,
    boundary_crash,
    power_loss,
    pause,
    slow_node,
    fsync_error,
    full_disk,
    lost_write,
    bit_flip,
    misdirected_write,
    lost_tail,
    lost_disk,
    clock,
    membership,
    transfer,
    campaign,
    prune,
    lying_leader,
    lying_follower,
};
inline constexpr std::size_t fault_count = static_cast<std::size_t>(Fault::lying_follower) + 1;

std::string_view name_of(Fault fault);
std::string_view meaning_of(Fault fault);
std::optional<Fault> fault_named(std::string_view name);

using FaultSet = std::bitset<fault_count>;
using FaultCounts = std::array<std::uint64_t, fault_count>;

// What the command line says about single faults; the rest is drawn.
struct FaultChoice {
    FaultSet forced_on;
    FaultSet forced_off;
};

// Probabilities are per million; times in microseconds.
struct Mix {
    FaultSet on;
    std::uint64_t loss = 0;        // of each message
    std::uint64_t duplicate = 0;   // of each message
    std::uint64_t reorder = 0;     // of each message: it may overtake those before it
    Micros delay = 0;              // mean of what a message takes beyond the minimum
    Micros sync = 0;               // mean of what a write to disk takes
    std::uint64_t lost_write = 0;  // of each unsynced part at a crash: it is lost, wholly or in part
    Micros between_faults = 0;     // mean time between the nemesis's acts
    bool has(Fault fault) const { return on[static_cast<std::size_t>(fault)]; }
    bool has_liar() const { return has(Fault::lying_leader) || has(Fault::lying_follower); }
};
Mix draw_mix(Dice& dice, const FaultChoice& choice);

}  // namespace socai::simulation
