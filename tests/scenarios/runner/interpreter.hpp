// Runs one scenario: a verb a line, the invariants after every line, convergence at the end.
#pragma once

#include <istream>
#include <memory>
#include <string>

#include "tests/scenarios/runner/cluster.hpp"

namespace socai::scenario {

struct Result {
    enum class Kind { passed, failed, bad_syntax };
    Kind kind = Kind::passed;
    std::size_t line = 0;  // where it ended; past the last line: during the final convergence
    std::string message;
    std::string states;  // of all nodes, when it failed
};

class Interpreter {
  public:
    Result run(std::istream& scenario);

  private:
    void execute(const std::vector<std::string>& words);

    std::unique_ptr<Cluster> cluster_;
    bool stood_still_ = false;  // the last line said that this cluster cannot converge
};

}  // namespace socai::scenario
