// `socai cluster`: what its verbs share.
#include <iostream>

#include "node/cli/cluster_verbs.hpp"
#include "node/cluster/process.hpp"

namespace socai::node::cli {

void register_cluster(CLI::App& app, Chosen& chosen) {
    CLI::App* cluster = app.add_subcommand("cluster", "A local cluster: make it, break it, watch it heal");
    cluster->require_subcommand(1);
    add_cluster_up(*cluster, chosen);
    add_cluster_control(*cluster, chosen);
    add_cluster_links(*cluster, chosen);
    add_cluster_members(*cluster, chosen);
    add_cluster_reads(*cluster, chosen);
    add_cluster_proxy(*cluster, chosen);
}

void add_dir_option(CLI::App& verb, std::string& dir) {
    verb.add_option("--dir", dir, "Folder of the cluster")->required()->check([](const std::string& given) {
        return given.empty() ? "name a folder" : std::string();
    });
}

void tell(const std::string& sentence) {
    std::cerr << sentence << std::endl;
}

Result<OpenCluster> open_cluster(const std::string& dir) {
    Result<cluster::Supervisor> supervisor = cluster::Supervisor::open(dir, cluster::own_program());
    if (!supervisor) return supervisor.error();
    Result<cluster::FolderLock> lock = cluster::FolderLock::take(
        supervisor->folder().lock(), std::chrono::seconds(120),
        [&] { tell("waiting for another `socai cluster` command on " + supervisor->folder().dir()); });
    if (!lock) return lock.error();
    return OpenCluster{std::move(*supervisor), std::move(*lock)};
}

cluster::Surroundings surroundings(cluster::Interrupt& interrupt, unsigned timeout_seconds) {
    return {tell, [&interrupt] { return interrupt.requested(); }, std::chrono::seconds(timeout_seconds)};
}

}  // namespace socai::node::cli
