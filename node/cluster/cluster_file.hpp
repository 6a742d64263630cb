// D/cluster.json: what other tools read about a local cluster (design/interfaces.md). A contract: exactly
// these members. Written whole, so that a reader never sees half of it.
#pragma once

#include <sys/types.h>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "node/error.hpp"

namespace socai::node::cluster {

struct ClusterNode {
    std::string agency;
    std::string node;
    std::optional<pid_t> pid;  // null when it is stopped
    std::string api;           // wss://127.0.0.1:PORT/rpc, ws without TLS
    std::string peer;          // 127.0.0.1:PORT, its own, not the proxy's
    std::string data;          // absolute paths
    std::string log;
    bool operator==(const ClusterNode&) const = default;
};

struct ClusterFile {
    std::string origin;
    std::string policy;             // path
    std::optional<std::string> ca;  // path of the nodes' anchors; not of a cluster without TLS
    std::vector<ClusterNode> nodes;
    std::map<std::string, std::string> keys;  // kid -> path of the private JWK
    bool operator==(const ClusterFile&) const = default;
};

std::string cluster_file_text(const ClusterFile& file);
// Errors: bad_cluster_file.
Result<ClusterFile> parse_cluster_file(std::string_view text, const std::string& path);

}  // namespace socai::node::cluster
