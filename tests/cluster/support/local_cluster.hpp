// A cluster of real processes for one test, worked with as an operator would: through `socai cluster`. Ends
// with everything stopped and its folder deleted, whatever happened in between.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/hash.hpp"
#include "ledger/jwk.hpp"
#include "node/client/endpoint.hpp"
#include "process.hpp"

namespace socai::cluster_tests {

using node::client::Endpoint;
using Names = std::vector<std::string>;

// What a node says of itself (node.status); reached is false for one that does not answer.
struct NodeView {
    bool reached = false;
    bool ready = false;
    std::string why;  // it is not reached or not ready
    std::string role;
    std::uint64_t term = 0;
    std::uint64_t applied_size = 0;
    std::string root;  // base64
};

class LocalCluster {
  public:
    // `socai cluster up` with one node for each of `agencies`. Throws when it does not come up.
    explicit LocalCluster(const Names& agencies = {"customs", "most", "mard", "moit"});
    ~LocalCluster();
    LocalCluster(const LocalCluster&) = delete;
    LocalCluster& operator=(const LocalCluster&) = delete;

    // After nodes came or went: nodes() and their addresses as cluster.json has them now. Only for the test's own
    // thread.
    void reread() { read_cluster_file(); }

    const std::string& dir() const { return dir_; }
    const std::string& origin() const { return origin_; }
    const std::string& policy() const { return policy_; }  // path
    const Names& nodes() const { return names_; }
    Names others(const Names& than) const;  // the remaining nodes, in their order
    // The record key that signs for `agency`. Throws when the cluster holds none.
    const ledger::Jwk& key(const std::string& agency) const;

    Endpoint endpoint(const std::string& node) const;
    // Of all nodes, beginning with `first`.
    std::vector<Endpoint> endpoints_from(const std::string& first) const;
    std::string config(const std::string& node) const { return dir_ + "/nodes/" + node + "/node.toml"; }
    std::string log(const std::string& node) const { return dir_ + "/nodes/" + node + "/log"; }

    // `socai cluster VERB --dir D WORDS...`
    ProgramResult verb(const std::string& verb, const Names& words = {}) const;
    // The same; a failure of the command is one of the test.
    void must(const std::string& verb, const Names& words = {}) const;

    NodeView view(const std::string& node) const;
    std::map<std::string, NodeView> views() const;  // all asked at once
    // The node that leads: among those that say so, the one of the highest term.
    std::optional<std::string> leader() const;
    // Waits until there is one; throws when none comes.
    std::string await_leader() const;
    // Waits until each of `nodes` (all when empty) is ready, or none of them is.
    bool await_ready(const Names& nodes = {}) const;
    bool await_not_ready(const Names& nodes, milliseconds deadline = patience) const;
    // Waits until all nodes are ready and agree on size and root.
    bool await_agreement() const;
    // One line a node, for the message of a failed expectation.
    std::string describe() const;

  private:
    void read_cluster_file();
    void end_leftovers() const;

    TemporaryFolder folder_;
    std::string dir_;
    std::string origin_;
    std::string policy_;
    Names names_;
    std::map<std::string, Endpoint> endpoints_;
    std::map<std::string, ledger::Jwk> keys_;  // by agency
};

// The program under test.
std::string program();

}  // namespace socai::cluster_tests
