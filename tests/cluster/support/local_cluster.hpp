// A cluster of real processes for one test, worked with as an operator would: through `socai cluster`. Ends
// with everything stopped and its folder deleted, whatever happened in between.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
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
    // Does it know `reason` against itself?
    bool is_unfit(const std::string& reason) const;

    bool reached = false;
    bool ready = false;
    std::string why;  // it is not reached or not ready
    std::string role;
    std::uint64_t term = 0;
    std::uint64_t applied_size = 0;
    std::uint64_t final_size = 0;
    std::string root;              // base64
    bool lacks_something = false;  // of what it acknowledged
    Names unfit;                   // what it knows against itself: "clock_off", "no_space"
};

class LocalCluster {
  public:
    // `socai cluster up` with one node for each of `agencies`, and further options, by the program under test or another
    // version of it. Throws when it does not come up.
    explicit LocalCluster(const Names& agencies = {"customs", "most", "mard", "moit"}, const Names& options = {},
                          std::string by = {});
    ~LocalCluster();
    LocalCluster(const LocalCluster&) = delete;
    LocalCluster& operator=(const LocalCluster&) = delete;

    // From now on its verbs are this program's, and so are the nodes that it starts.
    void run_by(std::string other) { program_ = std::move(other); }
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
    std::string data(const std::string& node) const { return dir_ + "/nodes/" + node + "/data"; }
    std::string log(const std::string& node) const { return dir_ + "/nodes/" + node + "/log"; }
    // What `node` has logged after the first `already` bytes of its log.
    std::uint64_t logged_bytes(const std::string& node) const;
    std::string logged_since(const std::string& node, std::uint64_t already) const;
    // Sends `signal` to the node's process at once; false when there is none.
    bool signal(const std::string& node, int signal) const;
    bool is_running(const std::string& node) const;
    // Waits until the node's process is gone.
    bool await_gone(const std::string& node) const;

    // `socai cluster VERB --dir D WORDS...`
    ProgramResult verb(const std::string& verb, const Names& words = {}) const;
    // The same; a failure of the command is one of the test.
    void must(const std::string& verb, const Names& words = {}) const;

    NodeView view(const std::string& node) const;
    // node.status as the node gives it; empty when it does not answer.
    boost::json::object status(const std::string& node) const;
    std::map<std::string, NodeView> views() const;  // all asked at once
    // The node that leads: among those that say so, the one of the highest term.
    std::optional<std::string> leader() const;
    // Waits until there is one; throws when none comes.
    std::string await_leader() const;
    // Waits until each of `nodes` (all when empty) is ready, or none of them is.
    bool await_ready(const Names& nodes = {}) const;
    bool await_not_ready(const Names& nodes, milliseconds deadline = patience) const;
    // Waits until the node is ready, lacks nothing, and has applied all that any node had applied when this was
    // called.
    bool await_whole(const std::string& node) const;
    // Waits until `condition` holds, and starts `node` again whenever it has ended by itself. Returns how often
    // that was; nothing when the condition never held.
    std::optional<int> await_reviving(const std::string& node, const std::function<bool()>& condition) const;
    // Waits until all nodes are ready, agree on size and root, and all of it is final.
    bool await_agreement() const;
    // One line a node, for the message of a failed expectation.
    std::string describe() const;

  private:
    void read_cluster_file();
    void end_leftovers() const;

    TemporaryFolder folder_;
    std::string program_;
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
