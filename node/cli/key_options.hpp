// The options by which a verb is told which private keys sign: --key, --keys, --registry.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "node/client/key_ring.hpp"
#include "node/error.hpp"

namespace socai::node::cli {

struct KeyOptions {
    std::vector<std::string> key;  // JWK files
    std::string keys;              // a folder of JWK files, or a cluster.json
    std::string registry;          // a registry file, for delegations

    void add_to(CLI::App& verb);
    bool given() const { return !key.empty() || !keys.empty(); }
    // Reads them; warns on standard error of key files that others can read. `cluster_dir`, when not empty,
    // is used where no key was given. Errors: no_keys, those of read_key_file, read_cluster_file and the
    // registry file.
    Result<client::KeyRing> read(const std::string& cluster_dir) const;
};

}  // namespace socai::node::cli
