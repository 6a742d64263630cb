// `socai cluster cut | slow | heal`: the links between nodes, through the proxy.
#include <iostream>

#include "node/cli/cluster_verbs.hpp"

namespace socai::node::cli {

namespace {

using cluster::LinkOrder;

struct LinkOptions {
    std::string dir;
    std::string from;
    std::string to;
    bool one_way = false;
    std::uint32_t delay_ms = 0;
};

// The order for A to B and, unless one way, for B to A.
Result<std::vector<LinkOrder>> orders(const cluster::Settings& settings, const LinkOptions& options,
                                      LinkOrder::What what) {
    for (const std::string& name : {options.from, options.to})
        if (settings.node(name) == nullptr)
            return Error{Exit::usage, "unknown_node",
                         "this cluster has no node `" + name + "`; its nodes are " + settings.node_names()};
    if (options.from == options.to)
        return Error{Exit::usage, "unknown_node", "a node has no link to itself; name two nodes"};
    std::vector<LinkOrder> list = {{what, options.from, options.to, options.delay_ms}};
    if (!options.one_way) list.push_back({what, options.to, options.from, options.delay_ms});
    return list;
}

Exit run_order(const LinkOptions& options, LinkOrder::What what) {
    const Result<OpenCluster> open = open_cluster(options.dir);
    if (!open) return report(open.error());
    const Result<std::vector<LinkOrder>> list = orders(open->supervisor.settings(), options, what);
    if (!list) return report(list.error());
    if (const auto done = open->supervisor.disturb(*list); !done) return report(done.error());
    for (const LinkOrder& order : *list) {
        std::cout << order.from << " -> " << order.to << " ";
        switch (what) {
            case LinkOrder::What::cut:
                std::cout << "cut";
                break;
            case LinkOrder::What::slow:
                std::cout << "slowed by " << order.delay_ms << " ms";
                break;
            case LinkOrder::What::heal:
                std::cout << "healed";
                break;
        }
        std::cout << std::endl;
    }
    return Exit::done;
}

Exit run_heal(const LinkOptions& options) {
    if (!options.from.empty()) return run_order(options, LinkOrder::What::heal);
    const Result<OpenCluster> open = open_cluster(options.dir);
    if (!open) return report(open.error());
    if (const auto done = open->supervisor.heal_all(); !done) return report(done.error());
    std::cout << "all links healed" << std::endl;
    return Exit::done;
}

}  // namespace

void add_cluster_links(CLI::App& cluster, Chosen& chosen) {
    const auto options = std::make_shared<LinkOptions>();
    const auto add = [&](const char* name, const char* description,
                         std::function<Exit(const LinkOptions&)> run) {
        CLI::App* verb = cluster.add_subcommand(name, description);
        add_dir_option(*verb, options->dir);
        verb->add_flag("--one-way", options->one_way, "From A to B only");
        verb->callback(
            [options, run = std::move(run), &chosen] { chosen.run = [=] { return run(*options); }; });
        return verb;
    };
    CLI::App* cut = add("cut", "Cut the link between two nodes",
                        [](const LinkOptions& o) { return run_order(o, LinkOrder::What::cut); });
    cut->add_option("A", options->from, "A node")->required();
    cut->add_option("B", options->to, "Another node")->required();
    CLI::App* slow = add("slow", "Delay what two nodes send each other",
                         [](const LinkOptions& o) { return run_order(o, LinkOrder::What::slow); });
    slow->add_option("A", options->from, "A node")->required();
    slow->add_option("B", options->to, "Another node")->required();
    slow->add_option("MS", options->delay_ms, "Milliseconds; 0 ends the delay")
        ->required()
        ->check(CLI::Range(0U, 60'000U));
    CLI::App* heal = add("heal", "Mend the link between two nodes, or all links", run_heal);
    CLI::Option* a = heal->add_option("A", options->from, "A node; all links when none is named");
    CLI::Option* b = heal->add_option("B", options->to, "Another node");
    a->needs(b);
    b->needs(a);
}

}  // namespace socai::node::cli
