// What the client verbs take from the folder of a local cluster (--dir D): its nodes, keys, origin and
// registry.
#pragma once

#include <string>

#include "ledger/registry.hpp"
#include "node/cluster/cluster_file.hpp"
#include "node/error.hpp"

namespace socai::node::cli {

// D/cluster.json; `place` may also be that file itself. Errors: file_unreadable, bad_cluster_file.
Result<cluster::ClusterFile> read_cluster(const std::string& place);
// The registry of the cluster's genesis, from its file. Errors: file_unreadable, those of parse_genesis.
Result<ledger::Registry> read_cluster_registry(const std::string& place);

}  // namespace socai::node::cli
