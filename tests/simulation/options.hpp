// The command line of socai_sim.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tests/simulation/faults.hpp"
#include "tests/simulation/sabotage.hpp"

namespace socai::simulation {

struct CommandLine {
    std::uint64_t seed = 1;
    std::uint64_t seeds = 1;     // how many, counted up from `seed`
    std::uint64_t seconds = 60;  // of the safety phase, virtual
    std::uint64_t jobs = 1;
    bool trace = false;
    bool json = false;
    bool keep_going = false;
    bool help = false;
    FaultChoice faults;
    Sabotage sabotage = Sabotage::none;
};

// Errors: a sentence for the user.
struct Parsed {
    CommandLine line;
    std::optional<std::string> error;
};
Parsed parse_command_line(std::span<const std::string_view> arguments);
std::string help_text();
// What repeats a seed of this run.
std::string command_for(const CommandLine& line, std::uint64_t seed);

}  // namespace socai::simulation
