// `socai cluster up`.
#include <algorithm>
#include <iostream>

#include "node/cli/cluster_verbs.hpp"
#include "node/cluster/process.hpp"
#include "node/cluster/up.hpp"

namespace socai::node::cli {

namespace {

struct UpOptions {
    std::string dir;
    cluster::Wishes wishes;
    std::vector<std::string> agencies;
    bool foreground = false;
    unsigned timeout_s = 60;
};

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

void print_summary(const cluster::Supervisor& supervisor, const cluster::UpReport& report) {
    const cluster::Settings& settings = supervisor.settings();
    if (report.started.empty() && !report.proxy_started)
        std::cout << "the cluster in " << supervisor.folder().dir() << " is running already\n";
    else if (report.started.empty())
        std::cout << "the cluster in " << supervisor.folder().dir() << " is up again: started its proxy\n";
    else
        std::cout << "the cluster in " << supervisor.folder().dir() << " is up: started "
                  << joined(report.started) << "\n";
    if (!report.paused.empty())
        std::cout << "paused: " << joined(report.paused) << " (`socai cluster resume` wakes them)\n";
    std::cout << "ledger " << settings.origin << "\n";
    for (const cluster::NodeSettings& node : settings.nodes)
        if (!node.removed) std::cout << "  " << node.node << "  " << supervisor.endpoint(node).url() << "\n";
    std::cout << "described in " << supervisor.folder().cluster_json() << std::endl;
}

// Stays until a signal comes or somebody else brought the cluster down; tells when a node ends meanwhile.
Exit stay(const std::string& dir, cluster::Interrupt& interrupt) {
    std::cout << "Ctrl-C stops the cluster" << std::endl;
    std::vector<std::string> known;  // nodes that ran at the last look
    do {
        const Result<cluster::Supervisor> supervisor = cluster::Supervisor::open(dir, cluster::own_program());
        if (!supervisor) return Exit::done;  // purged
        const Result<std::vector<cluster::NodeProcess>> nodes = supervisor->nodes();
        if (!nodes) return report(nodes.error());
        std::vector<std::string> running;
        for (const cluster::NodeProcess& node : *nodes)
            if (node.process) running.push_back(node.node.node);
        for (const std::string& name : known)
            if (std::find(running.begin(), running.end(), name) == running.end())
                tell(name + " ended; `socai cluster start " + name + " --dir " + supervisor->folder().dir() +
                     "` starts it again");
        known = std::move(running);
        const auto proxy = supervisor->proxy();
        if (known.empty() && proxy && !*proxy) {
            std::cout << "the cluster was brought down" << std::endl;
            return Exit::done;
        }
    } while (!interrupt.wait(std::chrono::milliseconds(200)));
    const Result<OpenCluster> open = open_cluster(dir);
    if (!open) return report(open.error());
    tell("stopping the cluster");
    if (const auto ended = open->supervisor.down(std::chrono::seconds(10), tell); !ended)
        return report(ended.error());
    if (const auto written = open->supervisor.write_cluster_file(); !written) return report(written.error());
    std::cout << "stopped; `socai cluster up --dir " << dir << "` starts it again with the same ledger"
              << std::endl;
    return Exit::done;
}

Exit run_up(const UpOptions& options) {
    cluster::Interrupt interrupt;
    const Result<cluster::UpReport> done = cluster::up(options.dir, options.wishes, cluster::own_program(),
                                                       surroundings(interrupt, options.timeout_s));
    if (!done) return report(done.error());
    const Result<cluster::Supervisor> supervisor =
        cluster::Supervisor::open(options.dir, cluster::own_program());
    if (!supervisor) return report(supervisor.error());
    print_summary(*supervisor, *done);
    return options.foreground ? stay(options.dir, interrupt) : Exit::done;
}

}  // namespace

void add_cluster_up(CLI::App& cluster, Chosen& chosen) {
    const auto options = std::make_shared<UpOptions>();
    CLI::App* verb = cluster.add_subcommand(
        "up",
        "Make a cluster, or start the one that is there; safe to repeat. Options hold for its whole life");
    add_dir_option(*verb, options->dir);
    CLI::Option* agencies = verb->add_option("--agencies", options->agencies,
                                             "Member agencies that host nodes (customs,most,mard,moit)");
    agencies->delimiter(',');
    verb->add_option("--registry", options->wishes.registry,
                     "JSON file of agencies (the project's sample registry)");
    verb->add_option("--nodes", options->wishes.nodes, "Nodes in all, dealt over the agencies (one each)");
    verb->add_option("--base-port", options->wishes.base_port,
                     "First of the ports, taken in a row (chosen among free ones)");
    verb->add_option("--origin", options->wishes.origin, "The ledger's name (ledger.example.vn/ktcn)");
    verb->add_flag_callback(
        "--historical-import", [options] { options->wishes.historical_import = true; },
        "Let the agencies' keys enter records of long ago");
    verb->add_flag_callback(
        "--open-bundles", [options] { options->wishes.open_bundles = true; },
        "Anybody may read the records (default)");
    verb->add_flag_callback(
        "--closed-bundles", [options] { options->wishes.open_bundles = false; },
        "Only members and auditors may read the records in bulk");
    verb->add_flag_callback(
        "--no-tls", [options] { options->wishes.tls = false; },
        "Nodes and clients speak without TLS, for measuring and for looking at what passes");
    verb->add_flag("--foreground", options->foreground, "Stay, and stop the cluster on Ctrl-C");
    verb->add_option("--timeout", options->timeout_s, "Seconds to wait until it serves")
        ->check(CLI::Range(1U, 3600U))
        ->capture_default_str();
    verb->callback([options, agencies, &chosen] {
        if (agencies->count() > 0) options->wishes.agencies = options->agencies;
        chosen.run = [options] { return run_up(*options); };
    });
}

}  // namespace socai::node::cli
