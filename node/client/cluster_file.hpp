// What a client needs of `cluster.json`, which `socai cluster up` writes (design/interfaces.md, "Program").
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "node/error.hpp"

namespace socai::node::client {

struct ClusterFile {
    struct Node {
        std::string agency;
        std::string node;
        std::string api;  // URL
    };
    std::string origin;
    std::vector<Node> nodes;
    std::map<std::string, std::string> keys;  // kid -> path of the private JWK
};

// `text` is the file's content, `path` its name for messages; relative key paths are relative to its folder.
// Errors: bad_cluster_file.
Result<ClusterFile> parse_cluster_file(std::string_view text, const std::string& path);
// `path` is the file, or the folder that holds a cluster.json. Errors as above, cannot_read, too_large.
Result<ClusterFile> read_cluster_file(const std::string& path);

}  // namespace socai::node::client
