// `socai cluster status | logs`.
#include <boost/json/array.hpp>
#include <iostream>

#include "node/cli/cluster_verbs.hpp"
#include "node/cli/output.hpp"
#include "node/cluster/log_tail.hpp"
#include "node/cluster/probe.hpp"
#include "node/cluster/process.hpp"

namespace socai::node::cli {

namespace {

namespace json = boost::json;
using cluster::NodeAnswer;
using cluster::NodeProcess;
using cluster::ProcessState;

struct ReadOptions {
    std::string dir;
    bool json = false;
    std::string node;
    bool follow = false;
    std::size_t lines = 50;
};

// All that `status` tells.
struct ClusterView {
    cluster::Supervisor supervisor;
    std::vector<NodeProcess> nodes;
    std::vector<NodeAnswer> answers;  // as nodes
    std::optional<cluster::ProcessId> proxy;
    std::vector<cluster::Disturbance> links;
};

Result<ClusterView> look(const std::string& dir) {
    Result<cluster::Supervisor> supervisor = cluster::Supervisor::open(dir, cluster::own_program());
    if (!supervisor) return supervisor.error();
    Result<std::vector<NodeProcess>> nodes = supervisor->nodes();
    if (!nodes) return nodes.error();
    supervisor->refresh_cluster_file();
    const Result<std::optional<cluster::ProcessId>> proxy = supervisor->proxy();
    if (!proxy) return proxy.error();
    Result<std::vector<cluster::Disturbance>> links = cluster::load_disturbances(supervisor->folder());
    if (!links) return links.error();
    // A port whose node does not run may be somebody else's by now: only running nodes are asked.
    std::vector<client::Endpoint> endpoints;
    for (const NodeProcess& node : *nodes)
        if (node.state == ProcessState::running) endpoints.push_back(supervisor->endpoint(node.node));
    std::vector<NodeAnswer> asked = cluster::probe(endpoints, std::chrono::milliseconds(1'500));
    std::vector<NodeAnswer> answers;
    auto next = asked.begin();
    for (const NodeProcess& node : *nodes)
        answers.push_back(node.state == ProcessState::running ? std::move(*next++) : NodeAnswer{});
    return ClusterView{std::move(*supervisor), std::move(*nodes), std::move(answers), *proxy,
                       std::move(*links)};
}

const char* state_word(const NodeProcess& node, const NodeAnswer& answer) {
    switch (node.state) {
        case ProcessState::gone:
            return "stopped";
        case ProcessState::paused:
            return "paused";
        case ProcessState::running:
            break;
    }
    return !answer.reached ? "silent" : answer.ready ? "ready" : "not ready";
}

std::string member_word(const NodeAnswer& answer) {
    const json::value* word = answer.status ? answer.status->if_contains("member") : nullptr;
    if (word == nullptr || !word->is_string()) return "-";
    return std::string(word->get_string());
}

void print_as_json(const ClusterView& view) {
    json::array nodes;
    for (std::size_t i = 0; i < view.nodes.size(); ++i) {
        const NodeProcess& node = view.nodes[i];
        const NodeAnswer& answer = view.answers[i];
        json::object object = {{"node", node.node.node},
                               {"agency", node.node.agency},
                               {"state", state_word(node, answer)},
                               {"pid", nullptr},
                               {"api", view.supervisor.endpoint(node.node).url()},
                               {"ready", answer.ready},
                               {"why", nullptr},
                               {"status", nullptr}};
        if (node.process) object["pid"] = node.process->pid;
        if (!answer.why.empty()) object["why"] = answer.why;
        if (answer.status) object["status"] = *answer.status;
        nodes.push_back(std::move(object));
    }
    json::array links;
    for (const cluster::Disturbance& link : view.links)
        links.push_back(
            {{"from", link.from}, {"to", link.to}, {"cut", link.cut}, {"delay_ms", link.delay_ms}});
    json::object all = {{"dir", view.supervisor.folder().dir()},
                        {"origin", view.supervisor.origin()},
                        {"proxy_pid", nullptr},
                        {"nodes", std::move(nodes)},
                        {"links", std::move(links)}};
    if (view.proxy) all["proxy_pid"] = view.proxy->pid;
    print_json(all);
}

void print_for_people(const ClusterView& view) {
    std::cout << "ledger " << view.supervisor.origin() << " in " << view.supervisor.folder().dir() << "\n";
    client::TextTable table({"NODE", "AGENCY", "STATE", "PID", "ROLE", "MEMBER", "TERM", "DURABLE",
                             "COMMITTED", "APPLIED", "NOTE"});
    for (std::size_t i = 0; i < view.nodes.size(); ++i) {
        const NodeProcess& node = view.nodes[i];
        const NodeAnswer& answer = view.answers[i];
        const auto figure = [&](std::string_view name) {
            return answer.status ? std::to_string(figure_of(answer, name)) : std::string("-");
        };
        table.add({node.node.node, node.node.agency, state_word(node, answer),
                   node.process ? std::to_string(node.process->pid) : "-",
                   answer.status ? role_of(answer) : "-", member_word(answer), figure("term"),
                   figure("durable_size"), figure("committed_size"), figure("applied_size"), answer.why});
    }
    print_table(table);
    if (!view.proxy)
        std::cout << "the proxy between the nodes does not run; `socai cluster start` starts it\n";
    for (const cluster::Disturbance& link : view.links) {
        std::cout << "link " << link.from << " -> " << link.to << ":";
        if (link.cut) std::cout << " cut";
        if (link.delay_ms > 0) std::cout << " slowed by " << link.delay_ms << " ms";
        std::cout << "\n";
    }
    std::cout << std::flush;
}

Exit run_status(const ReadOptions& options) {
    const Result<ClusterView> view = look(options.dir);
    if (!view) return report(view.error());
    options.json ? print_as_json(*view) : print_for_people(*view);
    return Exit::done;
}

Exit run_logs(const ReadOptions& options) {
    const Result<cluster::Supervisor> supervisor =
        cluster::Supervisor::open(options.dir, cluster::own_program());
    if (!supervisor) return report(supervisor.error());
    if (supervisor->settings().node(options.node) == nullptr)
        return report({Exit::usage, "unknown_node",
                       "this cluster has no node `" + options.node + "`; its nodes are " +
                           supervisor->settings().node_names()});
    cluster::Interrupt interrupt;
    const std::string path = supervisor->folder().log(options.node);
    const Result<std::string> lines = cluster::last_lines(path, options.lines);
    if (!lines) return report(lines.error());
    std::cout << *lines << std::flush;
    if (options.follow)
        cluster::follow(
            path, [](std::string_view bytes) { std::cout << bytes << std::flush; },
            [&] { return interrupt.requested() || !std::cout; });
    return Exit::done;
}

}  // namespace

void add_cluster_reads(CLI::App& cluster, Chosen& chosen) {
    const auto options = std::make_shared<ReadOptions>();
    CLI::App* status = cluster.add_subcommand("status", "How each node and link is");
    add_dir_option(*status, options->dir);
    status->add_flag("--json", options->json, "One JSON object");
    status->callback([options, &chosen] { chosen.run = [options] { return run_status(*options); }; });

    CLI::App* logs = cluster.add_subcommand("logs", "What a node wrote to its log");
    add_dir_option(*logs, options->dir);
    logs->add_option("NODE", options->node, "A node")->required();
    logs->add_option("-n,--lines", options->lines, "How many of the last lines")->capture_default_str();
    logs->add_flag("-f,--follow", options->follow, "Go on with what is added, until Ctrl-C");
    logs->callback([options, &chosen] { chosen.run = [options] { return run_logs(*options); }; });
}

}  // namespace socai::node::cli
