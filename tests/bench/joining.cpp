// Nodes that join a running ledger one by one while clients write through all founders: how long each takes until it counts, and
// whether any submission failed. Prints one JSON object: {"joined", "seconds": [...], "statements", "failed", "retries", "size",
// "p50_s", "max_s"}. "failed" are statements that got no answer, a wrong one, or a refusal that they did not earn; "retries" are calls that a
// client made again because the answer was lost or "not now". Exit status 1 when a submission failed, or when some ledger lacks,
// doubles or changes what was acknowledged.
//
// usage: joining_bench [NODES]      (14)
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <exception>
#include <iostream>
#include <stdexcept>

#include "support/local_cluster.hpp"
#include "support/writers.hpp"

namespace socai::cluster_tests {
namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned writing_clients = 4;
constexpr milliseconds pace{20};

int run(unsigned nodes) {
    const Names agencies{"customs", "most", "mard", "moit"};
    LocalCluster cluster(agencies);
    Writers writers(cluster, writing_clients, "joining", 1, pace);
    boost::json::array seconds;
    std::vector<double> took;
    for (unsigned i = 0; i < nodes; ++i) {
        const std::uint64_t before = writers.answered();
        const auto begin = Clock::now();
        const ProgramResult joined = cluster.verb("add-node", {"--agency", agencies[i % agencies.size()]});
        if (joined.exit_status != 0) throw std::runtime_error("a node did not join: " + joined.output);
        took.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
        if (!wait_until([&] { return writers.answered() > before; })) throw std::runtime_error("the writes stand still");
        seconds.emplace_back(took.back());
        std::cerr << i + 1 << " of " << nodes << ": " << took.back() << " s" << std::endl;
    }
    cluster.reread();
    const Journal journal = writers.finish();
    const std::uint64_t size = expect_ledgers_keep(cluster, journal);
    for (const std::string& complaint : journal.complaints) std::cerr << complaint << std::endl;
    std::ranges::sort(took);
    std::cout << boost::json::serialize(boost::json::object{{"joined", nodes},
                                                            {"seconds", seconds},
                                                            {"p50_s", took[took.size() / 2]},
                                                            {"max_s", took.back()},
                                                            {"statements", journal.promised.size()},
                                                            {"failed", journal.complaints.size()},
                                                            {"retries", journal.retries},
                                                            {"size", size}})
              << std::endl;
    return journal.complaints.empty() && !::testing::Test::HasFailure() ? 0 : 1;
}

}  // namespace
}  // namespace socai::cluster_tests

int main(int argc, char** argv) {
    try {
        const int nodes = argc > 1 ? std::stoi(argv[1]) : 14;
        if (nodes < 1) throw std::runtime_error("usage: joining_bench [NODES]");
        return socai::cluster_tests::run(static_cast<unsigned>(nodes));
    } catch (const std::exception& error) {
        std::cerr << "joining_bench: " << error.what() << std::endl;
        return 1;
    }
}
