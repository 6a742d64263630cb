// The parts of `socai cluster`, one function a file.
#pragma once

#include <memory>
#include <string>

#include "node/cli/command.hpp"
#include "node/cluster/interrupt.hpp"
#include "node/cluster/lock.hpp"
#include "node/cluster/readiness.hpp"
#include "node/cluster/supervisor.hpp"

namespace socai::node::cli {

void add_cluster_up(CLI::App& cluster, Chosen& chosen);       // up
void add_cluster_control(CLI::App& cluster, Chosen& chosen);  // start | stop | kill | pause | resume | down
void add_cluster_links(CLI::App& cluster, Chosen& chosen);    // cut | slow | heal
void add_cluster_members(CLI::App& cluster, Chosen& chosen);  // add-node | remove-node | transfer
void add_cluster_reads(CLI::App& cluster, Chosen& chosen);    // status | logs
void add_cluster_proxy(CLI::App& cluster, Chosen& chosen);    // proxy: the background process of a cluster

// --dir, which every verb needs.
void add_dir_option(CLI::App& verb, std::string& dir);

// Progress goes to standard error, answers to standard output.
void tell(const std::string& sentence);

// An existing cluster with its lock held, for a verb that changes something.
struct OpenCluster {
    cluster::Supervisor supervisor;
    cluster::FolderLock lock;
};
Result<OpenCluster> open_cluster(const std::string& dir);

// Progress to standard error, ended by Ctrl-C.
cluster::Surroundings surroundings(cluster::Interrupt& interrupt, unsigned timeout_seconds);

}  // namespace socai::node::cli
