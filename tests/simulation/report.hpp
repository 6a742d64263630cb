// The summary of many seeds, for people and as JSON for tables.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulation/options.hpp"
#include "tests/simulation/simulation.hpp"

namespace socai::simulation {

struct Summary {
    std::uint64_t runs = 0;
    std::uint64_t failed = 0;
    std::uint64_t digest = 0;  // of all runs' digests, in the order of the seeds
    Micros virtual_time = 0;
    double wall_seconds = 0;
    double processor_seconds = 0;  // of all threads
    Counts counts;

    void add(const RunResult& result);
};

std::string as_text(const CommandLine& line, const Summary& summary);
std::string as_json(const CommandLine& line, const Summary& summary);
std::string hex(std::uint64_t digest);

}  // namespace socai::simulation
