// One run of one seed: a cluster of whole nodes under a random mix of faults (the safety phase), then healed, when it
// must converge (the liveness phase). The same seed and choices give the same run, byte for byte.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

#include "tests/simulation/faults.hpp"
#include "tests/simulation/world.hpp"

namespace socai::simulation {

struct RunOptions {
    std::uint64_t seed = 0;
    Micros length = 60'000'000;  // of the safety phase, virtual
    FaultChoice faults;
    Sabotage sabotage = Sabotage::none;
    std::ostream* trace = nullptr;  // one line an event
};

struct RunResult {
    std::optional<std::string> failure;  // what, and when
    std::uint64_t digest = 0;            // of the whole history
    Micros time = 0;                     // virtual
    Counts counts;
};

RunResult run(const RunOptions& options, Statements& statements);

}  // namespace socai::simulation
