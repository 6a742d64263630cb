// `socai cluster start | stop | kill | pause | resume | down`.
#include <csignal>
#include <filesystem>
#include <iostream>

#include "node/cli/cluster_verbs.hpp"
#include "node/cluster/up.hpp"

namespace socai::node::cli {

namespace {

using cluster::NodeProcess;
using cluster::ProcessState;

struct ControlOptions {
    std::string dir;
    std::vector<std::string> nodes;
    bool no_wait = false;
    bool purge = false;
    unsigned timeout_s = 60;
};

constexpr auto stop_patience = std::chrono::seconds(10);

// Does `act` on the nodes named, under the lock, then brings cluster.json up to date whatever came of it.
Exit on_nodes(
    const ControlOptions& options,
    const std::function<Result<void>(const cluster::Supervisor&, const std::vector<NodeProcess>&)>& act) {
    const Result<OpenCluster> open = open_cluster(options.dir);
    if (!open) return report(open.error());
    const Result<std::vector<NodeProcess>> nodes = open->supervisor.nodes(options.nodes);
    if (!nodes) return report(nodes.error());
    const Result<void> done = act(open->supervisor, *nodes);
    const Result<void> written = open->supervisor.write_cluster_file();
    if (!done) return report(done.error());
    if (!written) return report(written.error());
    return Exit::done;
}

void say(const NodeProcess& node, const std::string& what) {
    std::cout << node.node.node << " " << what << std::endl;
}

Exit run_start(const ControlOptions& options) {
    cluster::Interrupt interrupt;
    const Result<OpenCluster> open = open_cluster(options.dir);
    if (!open) return report(open.error());
    const Result<cluster::UpReport> done = cluster::start(open->supervisor, options.nodes, !options.no_wait,
                                                          surroundings(interrupt, options.timeout_s));
    if (!done) return report(done.error());
    for (const std::string& name : done->started) std::cout << name << " started" << std::endl;
    for (const std::string& name : done->paused)
        std::cout << name << " is paused; `socai cluster resume " << name << "` wakes it" << std::endl;
    if (done->proxy_started) std::cout << "the proxy between the nodes started" << std::endl;
    if (done->started.empty() && done->paused.empty() && !done->proxy_started)
        std::cout << "running already" << std::endl;
    return Exit::done;
}

Exit run_stop(const ControlOptions& options) {
    return on_nodes(options,
                    [](const cluster::Supervisor& supervisor, const std::vector<NodeProcess>& nodes) {
                        Result<void> done = supervisor.stop(nodes, stop_patience);
                        if (done)
                            for (const NodeProcess& node : nodes)
                                say(node, node.process ? "stopped" : "was not running");
                        return done;
                    });
}

Exit run_kill(const ControlOptions& options) {
    return on_nodes(options,
                    [](const cluster::Supervisor& supervisor, const std::vector<NodeProcess>& nodes) {
                        Result<void> done = supervisor.kill(nodes);
                        if (done)
                            for (const NodeProcess& node : nodes)
                                say(node, node.process ? "killed" : "was not running");
                        return done;
                    });
}

Exit run_pause(const ControlOptions& options) {
    return on_nodes(options,
                    [](const cluster::Supervisor&, const std::vector<NodeProcess>& nodes) -> Result<void> {
                        for (const NodeProcess& node : nodes)
                            if (!node.process)
                                say(node, "is not running");
                            else if (send_signal(*node.process, SIGSTOP))
                                say(node, "paused");
                        return {};
                    });
}

Exit run_resume(const ControlOptions& options) {
    return on_nodes(
        options, [](const cluster::Supervisor&, const std::vector<NodeProcess>& nodes) -> Result<void> {
            for (const NodeProcess& node : nodes)
                if (!node.process)
                    say(node, "is not running; `socai cluster start " + node.node.node + "` starts it");
                else if (send_signal(*node.process, SIGCONT))
                    say(node, node.state == ProcessState::paused ? "resumed" : "was not paused");
            return {};
        });
}

Exit run_down(const ControlOptions& options) {
    const Result<OpenCluster> open = open_cluster(options.dir);
    if (!open) return report(open.error());
    const cluster::Supervisor& supervisor = open->supervisor;
    if (const auto ended = supervisor.down(stop_patience, tell); !ended) return report(ended.error());
    if (options.purge) {
        if (const auto purged = supervisor.folder().purge(); !purged) return report(purged.error());
        std::cout << "stopped and deleted" << std::endl;
        return Exit::done;
    }
    // A half-made cluster has none yet.
    if (std::filesystem::exists(supervisor.folder().cluster_json()))
        if (const auto written = supervisor.write_cluster_file(); !written) return report(written.error());
    std::cout << "stopped; " << supervisor.folder().dir() << " is kept (--purge deletes it)" << std::endl;
    return Exit::done;
}

}  // namespace

void add_cluster_control(CLI::App& cluster, Chosen& chosen) {
    const auto options = std::make_shared<ControlOptions>();
    const auto add = [&](const char* name, const char* description, Exit (*run)(const ControlOptions&)) {
        CLI::App* verb = cluster.add_subcommand(name, description);
        add_dir_option(*verb, options->dir);
        verb->callback([options, run, &chosen] { chosen.run = [options, run] { return run(*options); }; });
        return verb;
    };
    const auto add_nodes = [&](CLI::App* verb, const char* description) {
        return verb->add_option("NODE", options->nodes, description);
    };
    CLI::App* start = add("start", "Start nodes that do not run, and wait until they serve", run_start);
    add_nodes(start, "Nodes; all when none is named");
    start->add_flag("--no-wait", options->no_wait, "Do not wait until they serve");
    start->add_option("--timeout", options->timeout_s, "Seconds to wait")
        ->check(CLI::Range(1U, 3600U))
        ->capture_default_str();
    add_nodes(add("stop", "End nodes in good order (SIGTERM)", run_stop), "Nodes; all when none is named");
    add_nodes(add("kill", "End nodes at once (SIGKILL), as a crash would", run_kill), "Nodes")->required();
    add_nodes(add("pause", "Freeze nodes (SIGSTOP)", run_pause), "Nodes; all when none is named");
    add_nodes(add("resume", "Wake paused nodes (SIGCONT)", run_resume), "Nodes; all when none is named");
    add("down", "Stop everything and keep the folder", run_down)
        ->add_flag("--purge", options->purge, "Delete the cluster's folder, its keys and its ledger");
}

}  // namespace socai::node::cli
