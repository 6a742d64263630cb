// raft_scenario FILE...: runs scenario files against the Raft core (tests/scenarios/README.md).
#include <fstream>
#include <iostream>
#include <string_view>
#include <vector>

#include "tests/scenarios/runner/interpreter.hpp"

namespace {

constexpr std::string_view usage =
    "usage: raft_scenario FILE...\n"
    "Runs scenarios against the Raft core, one line of output a file. Invariants are checked after every "
    "line,\n"
    "and at the end the healed cluster must converge. The language: tests/scenarios/README.md.\n"
    "Exit status: 0 all passed, 1 one failed, 2 wrong use or syntax.\n";

}  // namespace

int main(int argc, char** argv) {
    using socai::scenario::Result;
    const std::vector<std::string_view> arguments(argv + 1, argv + argc);
    for (const std::string_view argument : arguments) {
        if (argument == "--help" || argument == "-h") {
            std::cout << usage;
            return 0;
        }
    }
    if (arguments.empty()) {
        std::cerr << usage;
        return 2;
    }
    std::size_t failed = 0;
    std::size_t unusable = 0;
    for (const std::string_view path : arguments) {
        std::ifstream file{std::string(path)};
        if (!file) {
            std::cerr << path << ": cannot be read\n";
            ++unusable;
            continue;
        }
        const Result result = socai::scenario::Interpreter().run(file);
        if (result.kind == Result::Kind::passed) {
            std::cout << "ok    " << path << "\n";
            continue;
        }
        const bool bad_syntax = result.kind == Result::Kind::bad_syntax;
        ++(bad_syntax ? unusable : failed);
        std::cout << (bad_syntax ? "BAD   " : "FAIL  ") << path << ":" << result.line << ": "
                  << result.message << "\n"
                  << result.states;
    }
    std::cout << arguments.size() << " scenarios, " << failed << " failed, " << unusable
              << " could not be run\n";
    if (unusable > 0) return 2;
    return failed > 0 ? 1 : 0;
}
