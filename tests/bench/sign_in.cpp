// What a sign-in costs the node: the CPU time of one node's process over many connections that sign in and ask one thing, less that
// of as many that ask without account. Prints one JSON object: {"connections", "with_ms", "without_ms", "sign_in_ms"}, of CPU a
// connection; TLS, which both have, is in the first two.
//
// usage: sign_in_bench [CONNECTIONS]      (1000)
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "node/client/rpc_client.hpp"
#include "node/cluster/process.hpp"
#include "support/local_cluster.hpp"

namespace socai::cluster_tests {
namespace {

using node::client::RpcClient;
using node::client::SignIn;

// User and system time, fields 14 and 15 of /proc/PID/stat (proc(5)), in ms.
double cpu_ms(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string skipped;
    for (int field = 3; field < 14; ++field) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) * 1'000 / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

// Of the node's process, a connection.
double cost(const LocalCluster& cluster, pid_t pid, const std::shared_ptr<const SignIn>& who, int connections) {
    const double before = cpu_ms(pid);
    for (int i = 0; i < connections; ++i) {
        RpcClient client({cluster.endpoint("customs-1")}, {}, who);
        if (const auto answer = client.call("node.status", {}); !answer) throw std::runtime_error(answer.error().detail);
    }
    return (cpu_ms(pid) - before) / connections;
}

int run(int connections) {
    const LocalCluster cluster({"customs"});
    if (!cluster.await_ready()) throw std::runtime_error("the node does not come up");
    const auto process = node::cluster::recall_process(cluster.dir() + "/run/customs-1.json");
    if (!process || !*process) throw std::runtime_error("the node's process is not known");
    const pid_t pid = (*process)->pid;
    const auto who = std::make_shared<const SignIn>(SignIn{cluster.key("customs"), cluster.origin(), std::nullopt});
    cost(cluster, pid, who, connections / 10);  // warm
    // In turn, so that what else the machine does falls on both.
    double with = 0;
    double without = 0;
    constexpr int turns = 10;
    for (int turn = 0; turn < turns; ++turn) {
        without += cost(cluster, pid, nullptr, connections / turns) / turns;
        with += cost(cluster, pid, who, connections / turns) / turns;
    }
    std::cout << boost::json::serialize(boost::json::object{{"connections", connections},
                                                            {"with_ms", with},
                                                            {"without_ms", without},
                                                            {"sign_in_ms", with - without}})
              << std::endl;
    return 0;
}

}  // namespace
}  // namespace socai::cluster_tests

int main(int argc, char** argv) {
    try {
        const int connections = argc > 1 ? std::stoi(argv[1]) : 1'000;
        if (connections < 100) throw std::runtime_error("usage: sign_in_bench [CONNECTIONS], at least 100");
        return socai::cluster_tests::run(connections);
    } catch (const std::exception& error) {
        std::cerr << "sign_in_bench: " << error.what() << std::endl;
        return 1;
    }
}
