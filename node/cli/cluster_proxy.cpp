// `socai cluster proxy`: the background process through which the nodes of a local cluster reach each other.
// Started by `up` and `start`; not for people.
#include <sys/resource.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <iostream>

#include "network/proxy.hpp"
#include "node/cli/cluster_verbs.hpp"
#include "node/cluster/process.hpp"

namespace socai::node::cli {

namespace {

// n nodes have n(n-1) links, each with a listener and two connections: more than the usual 1,024.
void allow_many_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

Exit run_proxy(const std::string& dir) {
    const Result<cluster::Supervisor> supervisor = cluster::Supervisor::open(dir, cluster::own_program());
    if (!supervisor) return report(supervisor.error());
    const Result<std::vector<cluster::Disturbance>> links = cluster::load_disturbances(supervisor->folder());
    if (!links) return report(links.error());
    allow_many_descriptors();
    boost::asio::io_context io(1);
    network::Proxy proxy(io, supervisor->settings().control_port,
                         cluster::proxy_links(supervisor->settings(), *links));
    if (const auto fault = proxy.start()) return report({Exit::unreachable, "proxy_failed", *fault});
    boost::asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code&, int) {
        proxy.stop();
        io.stop();
    });
    tell("ready control=127.0.0.1:" + std::to_string(proxy.control_port()));
    io.run();
    return Exit::done;
}

}  // namespace

void add_cluster_proxy(CLI::App& cluster, Chosen& chosen) {
    const auto dir = std::make_shared<std::string>();
    CLI::App* verb = cluster.add_subcommand("proxy", "The process between the nodes; started by `up`");
    verb->group("");  // hidden
    add_dir_option(*verb, *dir);
    verb->callback([dir, &chosen] { chosen.run = [dir] { return run_proxy(*dir); }; });
}

}  // namespace socai::node::cli
