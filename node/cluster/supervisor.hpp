// The processes of one local cluster: its nodes and the proxy between them. Every command opens it anew;
// what it knows is in the folder. Callers that change anything hold the folder's lock.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/recovery_leaf.hpp"
#include "node/client/endpoint.hpp"
#include "node/cluster/cluster_file.hpp"
#include "node/cluster/folder.hpp"
#include "node/cluster/process.hpp"
#include "node/cluster/proxy_control.hpp"
#include "node/cluster/settings.hpp"
#include "node/error.hpp"

namespace socai::node::cluster {

// What commands say while they work; one sentence a call.
using Tell = std::function<void(const std::string&)>;

struct NodeProcess {
    NodeSettings node;
    ProcessState state = ProcessState::gone;
    std::optional<ProcessId> process;  // unless gone
};

class Supervisor {
  public:
    // `program` is what runs a node: "<program> node run --config F", "<program> cluster proxy --dir D".
    Supervisor(Folder folder, Settings settings, std::string program);
    // The cluster in `dir`. Errors: not_a_cluster.
    static Result<Supervisor> open(const std::string& dir, std::string program);

    const Folder& folder() const { return folder_; }
    const Settings& settings() const { return settings_; }
    // The ledger's name in the latest epoch that one of the nodes' folders was opened for (node/opened_epoch.hpp).
    std::string origin() const;
    // The file that opened it; nothing: it is the first.
    std::optional<std::string> recovery_file() const;
    // How many nodes the ledger counts on: without those that were removed, or given up by a recovery.
    Result<std::size_t> counted_nodes() const;
    // Of a node's API, with whom to believe there.
    client::Endpoint endpoint(const NodeSettings& node) const;
    // Changes what the cluster is made of, on disk too.
    Result<void> resettle(Settings settings);

    // The nodes named, in the order of the settings; all when `names` is empty. Not those that were removed, or that
    // still lack a configuration. Error: unknown_node (says
    // which there are), run_file_damaged.
    Result<std::vector<NodeProcess>> nodes(const std::vector<std::string>& names = {}) const;
    Result<std::optional<ProcessId>> proxy() const;  // nothing when it does not run

    // Starts the proxy unless it runs, and waits until it listens; true when it was started. Errors:
    // port_in_use, cannot_start, proxy_failed (the end of its log is told).
    Result<bool> start_proxy(const Tell& tell) const;
    // Ends the proxy if it runs. Error: not_stopped.
    Result<void> end_proxy() const;
    // Starts one node that does not run. Errors: port_in_use, cannot_start.
    Result<ProcessId> start_node(const NodeSettings& node) const;

    // SIGTERM to all (paused ones are woken for it), then waits for all. Error: not_stopped, naming who is
    // left.
    Result<void> stop(const std::vector<NodeProcess>& nodes, std::chrono::milliseconds patience) const;
    // SIGKILL, then waits until they are gone.
    Result<void> kill(const std::vector<NodeProcess>& nodes) const;
    // Ends everything, by SIGKILL what does not end by itself; forgets cut and slowed links.
    Result<void> down(std::chrono::milliseconds patience, const Tell& tell) const;

    // Makes the running proxy listen for the links of the settings that have `node` at an end, or stop to.
    Result<void> join_links(std::string_view node) const;
    Result<void> drop_links(std::string_view node) const;
    // Carries out the orders at the proxy, and remembers them for a proxy that is started later.
    Result<void> disturb(const std::vector<LinkOrder>& orders) const;
    Result<void> heal_all() const;

    // Writes D/cluster.json as things are now. `keys`: kid -> path; without it the keys are those of the
    // file that is there.
    Result<void> write_cluster_file(const std::optional<std::map<std::string, std::string>>& keys = {}) const;

    // The same, for a caller without the lock that only looks: brings the file up to date, so that it does not
    // name a node that died by itself, if nobody works in the folder and it can be written; else leaves it.
    void refresh_cluster_file() const;

  private:
    struct FoundRecovery {
        std::string file;
        ledger::RecoveryPlan plan;
    };
    std::optional<FoundRecovery> latest_recovery() const;
    Folder folder_;
    Settings settings_;
    std::string program_;
};

}  // namespace socai::node::cluster
