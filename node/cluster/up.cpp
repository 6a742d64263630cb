#include "node/cluster/up.hpp"

#include <chrono>

#include "node/cluster/genesis_maker.hpp"
#include "node/cluster/lock.hpp"

namespace socai::node::cluster {

namespace {

using namespace std::chrono_literals;

constexpr auto lock_patience = 120s;
constexpr auto stop_patience = 10s;

// What one call started, so that it can be ended when the call fails, and what is to be waited for: a node
// that ended right after its start is in both.
struct Started {
    bool proxy = false;
    std::vector<NodeProcess> nodes;
    std::vector<NodeProcess> expected;  // all that were asked for, paused ones included
};

Result<void> start_processes(const Supervisor& supervisor, const std::vector<std::string>& names,
                             const Tell& tell, Started& started) {
    const Result<std::vector<NodeProcess>> nodes = supervisor.nodes(names);
    if (!nodes) return nodes.error();
    const Result<bool> proxy = supervisor.start_proxy(tell);
    if (!proxy) return proxy.error();
    started.proxy = *proxy;
    for (const NodeProcess& node : *nodes) {
        if (node.state != ProcessState::gone) {
            started.expected.push_back(node);
            continue;
        }
        const Result<ProcessId> process = supervisor.start_node(node.node);
        if (!process) return process.error();
        tell("started " + node.node.node + " (pid " + std::to_string(process->pid) + ")");
        started.nodes.push_back({node.node, ProcessState::running, *process});
        started.expected.push_back(started.nodes.back());
    }
    return {};
}

void undo(const Supervisor& supervisor, const Started& started, const Tell& tell) {
    if (started.nodes.empty() && !started.proxy) return;
    tell("stopping what was started");
    if (!supervisor.stop(started.nodes, stop_patience) && !supervisor.kill(started.nodes))
        tell("some of it is still there; `socai cluster status` tells which");
    if (started.proxy)
        if (const auto ended = supervisor.end_proxy(); !ended) tell(ended.error().detail);
}

UpReport report_of(const Started& started) {
    UpReport report;
    for (const NodeProcess& node : started.nodes) report.started.push_back(node.node.node);
    for (const NodeProcess& node : started.expected)
        if (node.state == ProcessState::paused) report.paused.push_back(node.node.node);
    report.proxy_started = started.proxy;
    return report;
}

Result<Settings> settle(const Folder& folder, const Wishes& wishes, const Tell& tell) {
    if (!folder.require()) {
        Result<Settings> settings = plan(wishes);
        if (!settings) return settings.error();
        tell("making a cluster of " + settings->node_names() + " in " + folder.dir());
        if (const auto saved = save_settings(folder, *settings); !saved) return saved.error();
        return settings;
    }
    Result<Settings> settings = load_settings(folder);
    if (!settings) return settings.error();
    if (const auto agreed = agree(*settings, wishes, folder.dir()); !agreed) return agreed.error();
    return settings;
}

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace

Result<UpReport> up(const std::string& dir, const Wishes& wishes, const std::string& program,
                    const Surroundings& around) {
    const Folder folder(dir);
    // Wishes that cannot be granted are refused before the folder is made: they leave nothing behind.
    if (!folder.require())
        if (const Result<Settings> possible = plan(wishes); !possible) return possible.error();
    if (const auto claimed = folder.claim(); !claimed) return claimed.error();
    const Result<FolderLock> lock = FolderLock::take(folder.lock(), lock_patience, [&] {
        around.tell("waiting for another `socai cluster` command on " + folder.dir());
    });
    if (!lock) return lock.error();
    Result<Settings> settings = settle(folder, wishes, around.tell);
    if (!settings) return settings.error();
    const Result<Materials> materials = make_materials(folder, *settings, now_ms());
    if (!materials) return materials.error();
    const Supervisor supervisor(folder, std::move(*settings), program);
    // Before the start, so that whatever happens the file is there; after it, for the process ids.
    if (const auto written = supervisor.write_cluster_file(materials->keys); !written)
        return written.error();

    Started started;
    Result<void> done = start_processes(supervisor, {}, around.tell, started);
    if (done) done = supervisor.write_cluster_file();
    if (done) done = await_ready(supervisor, started.expected, around);
    if (done) return report_of(started);
    undo(supervisor, started, around.tell);
    if (const auto written = supervisor.write_cluster_file(); !written) around.tell(written.error().detail);
    return done.error();
}

Result<UpReport> start(const Supervisor& supervisor, const std::vector<std::string>& names, bool wait,
                       const Surroundings& around) {
    Started started;
    const Result<void> done = start_processes(supervisor, names, around.tell, started);
    // Also after a failure: what was started runs.
    if (const auto written = supervisor.write_cluster_file(); !written) return written.error();
    if (!done) return done.error();
    if (wait)
        if (const auto ready = await_ready(supervisor, started.expected, around); !ready) {
            // A node may have ended meanwhile.
            if (const auto written = supervisor.write_cluster_file(); !written) return written.error();
            return ready.error();
        }
    return report_of(started);
}

}  // namespace socai::node::cluster
