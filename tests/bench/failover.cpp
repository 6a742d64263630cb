// How long a cluster is without a leader: three nodes at default timeouts, a steady stream of writes, and the leader
// killed again and again. Measured from the kill to the first acknowledgement of a statement that was submitted
// after it, by whichever survivor answers first. Prints one JSON object:
// {"kills","p50_ms","p99_ms","max_ms"}. Exit status 1 when the cluster lost, doubled or changed anything on the
// way, or did not come back.
//
// usage: failover_bench [KILLS]      (200)
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <exception>
#include <future>
#include <iostream>
#include <memory>
#include <stdexcept>

#include "support/clients.hpp"
#include "support/local_cluster.hpp"
#include "support/writers.hpp"

namespace socai::cluster_tests {
namespace {

using Clock = std::chrono::steady_clock;

// A stream that a node catches up with at once, so that the ledger's length does not decide.
constexpr unsigned writing_clients = 2;
constexpr milliseconds pace{10};
// Answers that show that the stream flows again before the next kill.
constexpr std::uint64_t flowing = 20;

void demand(bool condition, const std::string& what) {
    if (!condition) throw std::runtime_error(what);
}

class Failover {
  public:
    Failover() {
        for (const std::string& name : cluster_.nodes())
            clients_.emplace(name, std::make_unique<NodeClient>(cluster_.endpoint(name)));
    }

    std::vector<double> run(unsigned kills) {
        Writers writers(cluster_, writing_clients, "stream", 1, pace);
        std::vector<double> gaps_ms;
        for (unsigned i = 0; i < kills; ++i) {
            const std::uint64_t before = writers.answered();
            demand(wait_until([&] { return writers.answered() >= before + flowing; }), "no stream of writes");
            gaps_ms.push_back(kill_once(i));
        }
        const Journal journal = writers.finish();
        expect_ledgers_keep(cluster_, journal);
        demand(!::testing::Test::HasFailure(), "the ledger is not what was promised");
        return gaps_ms;
    }

  private:
    double kill_once(unsigned round) {
        const std::string leader = cluster_.await_leader();
        const Names survivors = cluster_.others({leader});
        std::vector<std::string> statements;  // signed before the clock starts
        for (const std::string& name : survivors) {
            // Connected before the clock starts, also to a node that was killed before.
            demand(wait_until([&] { return clients_.at(name)->call("node.status").has_value(); }),
                   name + " does not answer");
            statements.push_back(
                statement_of(cluster_, source_,
                             risk_signal(source_, "after-kill-" + std::to_string(round) + "-by-" + name)));
        }
        demand(cluster_.signal(leader, SIGKILL), leader + " does not run");
        const auto killed = Clock::now();
        std::vector<std::future<double>> answers;
        for (std::size_t i = 0; i < survivors.size(); ++i)
            answers.push_back(std::async(std::launch::async, [&, i] {
                const auto answer = clients_.at(survivors[i])->submit(statements[i]);
                demand(answer.has_value(), survivors[i] + " never acknowledged a statement");
                return std::chrono::duration<double, std::milli>(Clock::now() - killed).count();
            }));
        double gap = answers.front().get();
        for (std::size_t i = 1; i < answers.size(); ++i) gap = std::min(gap, answers[i].get());
        cluster_.must("start", {leader});
        demand(cluster_.await_ready(), "the killed node does not come back\n" + cluster_.describe());
        return gap;
    }

    const std::string source_ = "mard";
    LocalCluster cluster_{{"customs", "most", "mard"}};
    std::map<std::string, std::unique_ptr<NodeClient>> clients_;
};

// The value below which `share` of the sorted `values` lie (nearest rank).
double quantile(const std::vector<double>& values, double share) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    return values[std::max<std::size_t>(rank, 1) - 1];
}

int run(unsigned kills) {
    std::vector<double> gaps_ms = Failover().run(kills);
    std::sort(gaps_ms.begin(), gaps_ms.end());
    std::cout << R"({"kills":)" << kills << R"(,"p50_ms":)" << quantile(gaps_ms, 0.5) << R"(,"p99_ms":)"
              << quantile(gaps_ms, 0.99) << R"(,"max_ms":)" << gaps_ms.back() << "}" << std::endl;
    return 0;
}

}  // namespace
}  // namespace socai::cluster_tests

int main(int argc, char** argv) {
    try {
        const int kills = argc > 1 ? std::stoi(argv[1]) : 200;
        if (kills < 1) throw std::runtime_error("usage: failover_bench [KILLS]");
        return socai::cluster_tests::run(static_cast<unsigned>(kills));
    } catch (const std::exception& error) {
        std::cerr << "failover_bench: " << error.what() << std::endl;
        return 1;
    }
}
