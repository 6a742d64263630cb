// Nodes that join a running ledger one by one while clients write through all founders: how long each takes until it counts, and
// whether any submission failed. Prints one JSON object: {"joined", "by_votes", "seconds": [...], "statements", "failed", "retries", "size",
// "p50_s", "max_s"}. "failed" are statements that got no answer, a wrong one, or a refusal that they did not earn; "retries" are calls that a
// client made again because the answer was lost or "not now". Exit status 1 when a submission failed, or when some ledger lacks,
// doubles or changes what was acknowledged.
//
// usage: joining_bench [NODES] [--votes]      (14)
// With --votes each node is its agency's own: its keys are made, a proposal over it passes, it is configured and started, as
// docs/governance.md has it, and takes its place when it votes. Without, `socai cluster add-node` brings it up.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>

#include "ledger/governance/matters.hpp"
#include "support/assembly.hpp"
#include "support/clients.hpp"
#include "support/local_cluster.hpp"
#include "support/own_node.hpp"
#include "support/writers.hpp"

namespace socai::cluster_tests {
namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned writing_clients = 4;
constexpr milliseconds pace{20};

// Until the node votes. Throws when it does not come to that.
void join_by_vote(const Assembly& members, OwnNode& node, std::uint64_t raft_id, const std::vector<const OwnNode*>& others) {
    std::string wrong = members.pass("join-" + node.name(), "nodes", node.change(), {"customs", "most", "mard"});
    if (wrong.empty()) wrong = node.configure(raft_id, others);
    if (!wrong.empty()) throw std::runtime_error(node.name() + ": " + wrong);
    node.start();
    if (!wait_until([&] { return members.role_of(node.name()) == "voter"; }))
        throw std::runtime_error(node.name() + " does not vote: " + last_lines(node.log(), 20));
}

// One root, one ledger.
bool holds_the_same(const OwnNode& node, const NodeView& view) {
    const auto status = NodeClient(node.endpoint()).call("node.status");
    return status && view.reached && status->at("applied_size").to_number<std::uint64_t>() == view.applied_size &&
           status->at("root").as_string() == view.root;
}

int run(unsigned nodes, bool by_votes) {
    const Names agencies{"customs", "most", "mard", "moit"};
    LocalCluster cluster(agencies, by_votes ? Names{"--votes"} : Names{});
    const Assembly members(cluster);
    std::vector<std::unique_ptr<OwnNode>> joined_nodes;
    Writers writers(cluster, writing_clients, "joining", 1, pace);
    boost::json::array seconds;
    std::vector<double> took;
    for (unsigned i = 0; i < nodes; ++i) {
        const std::uint64_t before = writers.answered();
        const auto begin = Clock::now();
        const std::string& agency = agencies[i % agencies.size()];
        if (by_votes) {
            std::vector<const OwnNode*> others;
            for (const auto& other : joined_nodes) others.push_back(other.get());
            joined_nodes.push_back(
                std::make_unique<OwnNode>(cluster, agency + "-" + std::to_string(i / agencies.size() + 2), agency));
            join_by_vote(members, *joined_nodes.back(), ledger::first_voted_raft_id + 1 + i, others);
        } else {
            const ProgramResult joined = cluster.verb("add-node", {"--agency", agency});
            if (joined.exit_status != 0) throw std::runtime_error("a node did not join: " + joined.output);
        }
        took.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
        if (!wait_until([&] { return writers.answered() > before; })) throw std::runtime_error("the writes stand still");
        seconds.emplace_back(took.back());
        std::cerr << i + 1 << " of " << nodes << ": " << took.back() << " s" << std::endl;
    }
    cluster.reread();
    const Journal journal = writers.finish();
    const std::uint64_t size = expect_ledgers_keep(cluster, journal);
    for (const auto& node : joined_nodes)
        if (!wait_until([&] { return holds_the_same(*node, cluster.view(cluster.nodes().front())); }))
            throw std::runtime_error(node->name() + " holds another ledger: " + last_lines(node->log(), 20));
    for (const std::string& complaint : journal.complaints) std::cerr << complaint << std::endl;
    std::ranges::sort(took);
    std::cout << boost::json::serialize(boost::json::object{{"joined", nodes},
                                                            {"by_votes", by_votes},
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
        std::vector<std::string> words(argv + 1, argv + argc);
        const bool by_votes = std::erase(words, "--votes") != 0;
        const int nodes = words.empty() ? 14 : std::stoi(words.front());
        if (nodes < 1 || words.size() > 1) throw std::runtime_error("usage: joining_bench [NODES] [--votes]");
        return socai::cluster_tests::run(static_cast<unsigned>(nodes), by_votes);
    } catch (const std::exception& error) {
        std::cerr << "joining_bench: " << error.what() << std::endl;
        return 1;
    }
}
