// socai_sim: the whole-node simulator (tests/simulation/README.md).
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/simulation/options.hpp"
#include "tests/simulation/report.hpp"
#include "tests/simulation/simulation.hpp"

namespace {

using namespace socai::simulation;

// An assertion of the core ends the process: the seed must be known all the same. Written before each run, read in
// the signal handler.
thread_local char last_words[1'024];

void on_abort(int) {
    [[maybe_unused]] const auto written = write(STDERR_FILENO, last_words, std::strlen(last_words));
    _exit(1);
}

RunResult run_seed(const CommandLine& line, std::uint64_t seed, Statements& statements) {
    const std::string words =
        "seed " + std::to_string(seed) +
        " FAILED: an assertion (above) does not hold\n  repeat: " + command_for(line, seed) + "\n";
    std::strncpy(last_words, words.c_str(), sizeof last_words - 1);
    return run({.seed = seed,
                .length = static_cast<Micros>(line.seconds) * 1'000'000,
                .faults = line.faults,
                .sabotage = line.sabotage,
                .trace = line.trace ? &std::cout : nullptr},
               statements);
}

// Of all threads; what other programs take of the machine does not count.
double processor_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// What liars made up in earlier runs serves no later one: a long run would keep it all.
constexpr std::uint64_t runs_a_cache = 2'000;

// On a terminal, so that a long run can be watched.
void show_progress(std::uint64_t done, std::uint64_t of) {
    if (done % 500 != 0 || isatty(STDERR_FILENO) == 0) return;
    std::cerr << "\r" + std::to_string(done) + " of " + std::to_string(of) + " seeds" << std::flush;
    if (done + 500 > of) std::cerr << "\n";
}

// Seeds are handed out one by one and reported in their order.
std::vector<RunResult> run_all(const CommandLine& line) {
    std::vector<RunResult> results(line.seeds);
    std::atomic<std::uint64_t> next{0};
    std::atomic<std::uint64_t> done{0};
    std::atomic<std::uint64_t> first_failed{line.seeds};
    const auto work = [&] {
        auto statements = std::make_unique<Statements>();
        for (std::uint64_t runs = 1;; ++runs) {
            const std::uint64_t at = next++;
            if (at >= line.seeds || (at > first_failed && !line.keep_going)) return;
            results[at] = run_seed(line, line.seed + at, *statements);
            if (runs % runs_a_cache == 0) statements = std::make_unique<Statements>();
            show_progress(++done, line.seeds);
            if (results[at].failure) {
                std::uint64_t known = first_failed;
                while (at < known && !first_failed.compare_exchange_weak(known, at)) {
                }
            }
        }
    };
    std::vector<std::thread> threads;
    for (std::uint64_t i = 1; i < line.jobs; ++i) threads.emplace_back(work);
    work();
    for (std::thread& thread : threads) thread.join();
    if (!line.keep_going) results.resize(std::min(line.seeds, first_failed + 1));
    return results;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string_view> arguments(argv + 1, argv + argc);
    const auto [line, error] = parse_command_line(arguments);
    if (error) {
        std::cerr << "socai_sim: " << *error << "\n";
        return 2;
    }
    if (line.help) {
        std::cout << help_text();
        return 0;
    }
    std::signal(SIGABRT, on_abort);
    if (line.trace) std::cout << std::unitbuf;  // to the last line before an assertion
    const auto began = std::chrono::steady_clock::now();
    const std::vector<RunResult> results = run_all(line);
    Summary summary;
    std::ostream& words = line.json ? std::cerr : std::cout;
    for (std::size_t i = 0; i < results.size(); ++i) {
        summary.add(results[i]);
        if (!results[i].failure) continue;
        words << "seed " << line.seed + i << " FAILED " << *results[i].failure
              << "\n  repeat: " << command_for(line, line.seed + i) << "\n";
    }
    summary.wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    summary.processor_seconds = processor_seconds();
    std::cout << (line.json ? as_json(line, summary) : as_text(line, summary));
    return summary.failed == 0 ? 0 : 1;
}
