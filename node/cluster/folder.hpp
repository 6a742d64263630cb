// The folder of a local cluster, D in design/interfaces.md:
//
//   D/cluster.json          what other tools read (cluster_file.hpp)
//   D/settings.json         what `cluster up` was asked the first time, and the ports (settings.hpp)
//   D/genesis, D/policy     leaf 0's bytes; the verifiers' policy
//   D/keys/<agency>/<name>.jwk         record keys, mode 0600
//   D/nodes/<node>/node.toml, *.jwk, data/, log
//   D/run/<name>.json       the process last started for a node or the proxy (process.hpp)
//   D/run/links.json        links that are cut or slowed
//   D/proxy.log, D/lock
#pragma once

#include <string>
#include <string_view>

#include "node/error.hpp"

namespace socai::node::cluster {

class Folder {
  public:
    // Made absolute, so that what is written into files holds from anywhere.
    explicit Folder(const std::string& dir);

    const std::string& dir() const { return dir_; }
    std::string cluster_json() const { return dir_ + "/cluster.json"; }
    std::string settings() const { return dir_ + "/settings.json"; }
    std::string genesis() const { return dir_ + "/genesis"; }
    std::string ca() const { return dir_ + "/ca.pem"; }
    std::string policy() const { return dir_ + "/policy"; }
    std::string lock() const { return dir_ + "/lock"; }
    std::string proxy_log() const { return dir_ + "/proxy.log"; }
    std::string links() const { return dir_ + "/run/links.json"; }
    std::string run_file(std::string_view process) const;
    // `kid` is <agency>/<key name>, both checked by the caller to be plain names.
    std::string record_key(std::string_view kid) const;
    std::string node(std::string_view node) const;
    std::string config(std::string_view node) const;
    std::string data(std::string_view node) const;
    std::string log(std::string_view node) const;
    std::string node_key(std::string_view node, std::string_view purpose) const;

    // Makes the folder (mode 0700) unless it is there. Error: not_a_cluster when it holds something else.
    Result<void> claim() const;
    // Error: not_a_cluster when there is no cluster in it.
    Result<void> require() const;
    // Deletes what this program made, and the folder if nothing else is in it; what is left is named in the
    // error (folder_not_empty). Nothing of the cluster may run.
    Result<void> purge() const;

  private:
    std::string dir_;
};

// The proxy's name among processes; no node can be called so.
inline constexpr std::string_view proxy_name = "_proxy";

}  // namespace socai::node::cluster
