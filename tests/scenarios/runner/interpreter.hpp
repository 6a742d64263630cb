// Runs one scenario: a verb a line, the invariants after every line, convergence at the end.
#pragma once

#include <istream>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tests/scenarios/runner/cluster.hpp"

namespace socai::scenario {

using Words = std::span<const std::string>;

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

    // interpreter.cpp: one function a verb
    void nodes(Words words);
    void campaign(Words words);
    void elect(Words words);
    void tick(Words words);
    void run_rounds(Words words);
    void propose(Words words);
    void deliver(Words words);
    void isolate(Words words);
    void cut(Words words);
    void heal(Words words);
    void crash(Words words);
    void restart(Words words);
    void storage(Words words);
    void finish(Words words);
    void verdict(Words words);
    void inject(Words words);
    std::vector<consensus::NodeId> node_list(const std::string& word);
    consensus::NodeId node(const std::string& word);

    std::unique_ptr<Cluster> cluster_;
};

// expectations.cpp. Throws Failure when what `words` say is not so.
void expect(Cluster& cluster, Words words);

// "all" or "1,2,3".
std::vector<consensus::NodeId> parse_node_list(const Cluster& cluster, const std::string& word);

// forge.cpp: the message that the words after "inject" describe.
Flight forge(const Cluster& cluster, Words words);

// options.cpp: what stands after "nodes", and what "restart" may change.
ClusterOptions parse_cluster_options(Words words);
bool apply_core_option(consensus::Options& options, const std::string& word);

}  // namespace socai::scenario
