// A node that is not of `socai cluster`: made and run by hand, as an agency does that joins a running ledger by vote
// (docs/governance.md). Stopped with the object; its folder is the cluster's.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "local_cluster.hpp"

namespace socai::cluster_tests {

class OwnNode {
  public:
    // Makes its keys in a folder of its own, and finds it free ports. Throws when that fails.
    OwnNode(const LocalCluster& cluster, std::string name, std::string agency);
    ~OwnNode();
    OwnNode(const OwnNode&) = delete;
    OwnNode& operator=(const OwnNode&) = delete;

    // The change over "nodes" that adds it: what `socai node describe` prints.
    std::string change() const;
    // Writes its configuration, with the number that the vote gave it: it is told the ledger's nodes of now, where those of the
    // cluster are, and where `others` are. Checks it. What the commands say when they fail; else nothing.
    std::string configure(std::uint64_t raft_id, const std::vector<const OwnNode*>& others = {}) const;
    void start();

    const std::string& name() const { return name_; }
    std::string log() const { return folder_ + "/log"; }
    Endpoint endpoint() const;

  private:
    class Process;

    const LocalCluster& cluster_;
    std::string name_;
    std::string agency_;
    std::string folder_;
    std::uint16_t port_;
    std::unique_ptr<Process> process_;
};

}  // namespace socai::cluster_tests
