// `socai cluster add-node | remove-node | transfer`.
#include <iostream>

#include "node/cli/cluster_verbs.hpp"
#include "node/cluster/membership.hpp"

namespace socai::node::cli {

namespace {

struct MemberOptions {
    std::string dir;
    std::string node;
    std::string agency;
    bool insist = false;
    unsigned timeout_s = 60;
};

Exit run_add(const MemberOptions& options) {
    cluster::Interrupt interrupt;
    Result<OpenCluster> open = open_cluster(options.dir);
    if (!open) return report(open.error());
    const auto added = cluster::add_node(open->supervisor, options.agency, options.node,
                                         surroundings(interrupt, options.timeout_s));
    if (!added) return report(added.error());
    if (added->was_there)
        std::cout << added->node.node << " votes already" << std::endl;
    else
        std::cout << added->node.node << " votes now, at " << open->supervisor.endpoint(added->node).url()
                  << std::endl;
    return Exit::done;
}

Exit run_remove(const MemberOptions& options) {
    cluster::Interrupt interrupt;
    Result<OpenCluster> open = open_cluster(options.dir);
    if (!open) return report(open.error());
    const auto removed = cluster::remove_node(open->supervisor, options.node, options.insist,
                                              surroundings(interrupt, options.timeout_s));
    if (!removed) return report(removed.error());
    std::cout << options.node << " is removed and stopped; its folder is kept" << std::endl;
    return Exit::done;
}

Exit run_transfer(const MemberOptions& options) {
    cluster::Interrupt interrupt;
    const Result<OpenCluster> open = open_cluster(options.dir);
    if (!open) return report(open.error());
    const auto leader =
        cluster::transfer(open->supervisor, options.node, surroundings(interrupt, options.timeout_s));
    if (!leader) return report(leader.error());
    std::cout << *leader << " leads" << std::endl;
    return Exit::done;
}

}  // namespace

void add_cluster_members(CLI::App& cluster, Chosen& chosen) {
    const auto options = std::make_shared<MemberOptions>();
    const auto add = [&](const char* name, const char* description, Exit (*run)(const MemberOptions&)) {
        CLI::App* verb = cluster.add_subcommand(name, description);
        add_dir_option(*verb, options->dir);
        verb->add_option("--timeout", options->timeout_s, "Seconds to wait for a step to make progress")
            ->check(CLI::Range(1U, 3600U))
            ->capture_default_str();
        verb->callback([options, run, &chosen] { chosen.run = [options, run] { return run(*options); }; });
        return verb;
    };
    CLI::App* join = add("add-node", "Make another node, let it catch up, and have it vote", run_add);
    join->add_option("NODE", options->node, "Its name; the next free one of the agency when left out");
    join->add_option("--agency", options->agency, "Its agency; the one with the fewest nodes when left out");
    join->footer(
        "The node joins as a learner, which counts for nothing, and votes once it holds the ledger. "
        "Interrupted, give\n"
        "the same command again. A node that lost its disk comes back so: remove-node, then add-node; it "
        "never\n"
        "returns under its old name. Example:\n"
        "  socai cluster add-node --dir D --agency most");
    CLI::App* leave = add("remove-node", "Take a node out of the cluster for good, and stop it", run_remove);
    leave->add_option("NODE", options->node, "The node")->required();
    leave->add_flag("--insist", options->insist, "Also when those that are left have no majority up");
    leave->footer(
        "If it leads, another takes over first. It is stopped once its removal is committed, when nobody can "
        "need it\n"
        "any more. Its name and its folder are kept, and not used again.");
    add("transfer", "Have another node lead", run_transfer)
        ->add_option("NODE", options->node, "Who shall lead; the voter that is furthest when left out");
}

}  // namespace socai::node::cli
