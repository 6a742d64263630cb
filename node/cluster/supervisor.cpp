#include "node/cluster/supervisor.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <thread>

#include "ledger/statement.hpp"
#include "node/cluster/anchors.hpp"
#include "node/cluster/lock.hpp"
#include "node/cluster/log_tail.hpp"
#include "node/files.hpp"
#include "node/opened_epoch.hpp"
#include "node/ports.hpp"

namespace socai::node::cluster {

namespace {

using namespace std::chrono_literals;

constexpr const char* loopback = "127.0.0.1";
// The ports are in the configurations of all nodes.
constexpr const char* fixed_ports =
    "make another cluster in another folder, because the ports of this one are fixed";
constexpr auto proxy_patience = 10s;
constexpr auto kill_patience = 10s;

std::string named(const NodeProcess& node) {
    return node.node.node + " (pid " + std::to_string(node.process->pid) + ")";
}

// The process that a run file names, if it still is.
Result<std::optional<ProcessId>> alive(const std::string& run_file) {
    Result<std::optional<ProcessId>> process = recall_process(run_file);
    if (process && *process && state_of(**process) == ProcessState::gone) return std::optional<ProcessId>();
    return process;
}

}  // namespace

Supervisor::Supervisor(Folder folder, Settings settings, std::string program)
    : folder_(std::move(folder)), settings_(std::move(settings)), program_(std::move(program)) {}

Result<Supervisor> Supervisor::open(const std::string& dir, std::string program) {
    Folder folder(dir);
    if (const auto there = folder.require(); !there) return there.error();
    Result<Settings> settings = load_settings(folder);
    if (!settings) return settings.error();
    return Supervisor(std::move(folder), std::move(*settings), std::move(program));
}

client::Endpoint Supervisor::endpoint(const NodeSettings& node) const {
    client::Endpoint endpoint{.host = loopback, .port = std::to_string(node.api_port)};
    endpoint.trust = trust_of(folder_, settings_);
    return endpoint;
}

Result<std::vector<NodeProcess>> Supervisor::nodes(const std::vector<std::string>& names) const {
    const auto is_there = [this](const NodeSettings& node) {
        std::error_code error;
        return !node.removed && (!node.joined || std::filesystem::exists(folder_.config(node.node), error));
    };
    for (const std::string& name : names)
        if (const NodeSettings* node = settings_.node(name); node == nullptr || !is_there(*node))
            return Error{Exit::usage, "unknown_node",
                         "this cluster has no node `" + name + "`; its nodes are " + settings_.node_names()};
    std::vector<NodeProcess> found;
    for (const NodeSettings& node : settings_.nodes) {
        if (!is_there(node)) continue;
        if (!names.empty() && std::find(names.begin(), names.end(), node.node) == names.end()) continue;
        Result<std::optional<ProcessId>> process = alive(folder_.run_file(node.node));
        if (!process) return process.error();
        const ProcessState state = *process ? state_of(**process) : ProcessState::gone;
        found.push_back({node, state, state == ProcessState::gone ? std::nullopt : *process});
    }
    return found;
}

Result<std::optional<ProcessId>> Supervisor::proxy() const {
    return alive(folder_.run_file(proxy_name));
}

Result<bool> Supervisor::start_proxy(const Tell& tell) const {
    const Result<std::optional<ProcessId>> running = proxy();
    if (!running) return running.error();
    if (*running) {
        send_signal(**running, SIGCONT);  // in case somebody paused it
        return false;
    }
    if (const auto free = check_port(loopback, settings_.control_port, "the proxy's control", fixed_ports);
        !free)
        return free.error();
    for (const LinkSettings& link : settings_.links)
        if (const auto free =
                check_port(loopback, link.port, "the link from " + link.from + " to " + link.to, fixed_ports);
            !free)
            return free.error();
    if (const auto made = make_folder(folder_.dir() + "/run", 0700); !made) return made.error();
    const Result<ProcessId> process =
        start_process({program_, "cluster", "proxy", "--dir", folder_.dir()}, folder_.proxy_log());
    if (!process) return process.error();
    if (const auto kept = remember_process(folder_.run_file(proxy_name), *process); !kept)
        return kept.error();
    const auto deadline = std::chrono::steady_clock::now() + proxy_patience;
    while (state_of(*process) != ProcessState::gone && std::chrono::steady_clock::now() < deadline) {
        if (ask_proxy(settings_.control_port, {{"do", "list"}})) return true;
        std::this_thread::sleep_for(10ms);
    }
    send_signal(*process, SIGKILL);
    tell(log_excerpt(folder_.proxy_log(), 10));
    return Error{Exit::unreachable, "proxy_failed",
                 "the cluster's proxy did not start; what it said last is in " + folder_.proxy_log()};
}

Result<ProcessId> Supervisor::start_node(const NodeSettings& node) const {
    for (const auto& [port, what] :
         {std::pair{node.api_port, "[api] of "}, std::pair{node.peer_port, "[peer] of "}})
        if (const auto free = check_port(loopback, port, what + node.node, fixed_ports); !free)
            return free.error();
    if (const auto made = make_folder(folder_.dir() + "/run", 0700); !made) return made.error();
    Result<ProcessId> process = start_process(
        {program_, "node", "run", "--config", folder_.config(node.node)}, folder_.log(node.node));
    if (!process) return process.error();
    if (const auto kept = remember_process(folder_.run_file(node.node), *process); !kept) {
        send_signal(*process, SIGKILL);  // nobody would find it again
        return kept.error();
    }
    return process;
}

Result<void> Supervisor::stop(const std::vector<NodeProcess>& nodes,
                              std::chrono::milliseconds patience) const {
    for (const NodeProcess& node : nodes) {
        if (!node.process) continue;
        send_signal(*node.process, SIGTERM);
        send_signal(*node.process, SIGCONT);
    }
    const auto deadline = std::chrono::steady_clock::now() + patience;
    std::string left;
    for (const NodeProcess& node : nodes) {
        if (!node.process) continue;
        const auto remaining =
            std::max<std::chrono::nanoseconds>(deadline - std::chrono::steady_clock::now(), 0ns);
        if (!wait_gone(*node.process, std::chrono::duration_cast<std::chrono::milliseconds>(remaining)))
            left += (left.empty() ? "" : ", ") + named(node);
    }
    if (left.empty()) return {};
    return Error{Exit::unreachable, "not_stopped",
                 left + " did not end within " + std::to_string(patience.count() / 1000) +
                     " s of SIGTERM; look at its log, `socai cluster kill` ends it at once"};
}

Result<void> Supervisor::kill(const std::vector<NodeProcess>& nodes) const {
    for (const NodeProcess& node : nodes)
        if (node.process) send_signal(*node.process, SIGKILL);
    for (const NodeProcess& node : nodes)
        if (node.process && !wait_gone(*node.process, kill_patience))
            return Error{
                Exit::unreachable, "not_stopped",
                named(node) + " is still there after SIGKILL; the system may be waiting for its disk"};
    return {};
}

Result<void> Supervisor::end_proxy() const {
    const Result<std::optional<ProcessId>> running = proxy();
    if (!running) return running.error();
    if (!*running) return {};
    send_signal(**running, SIGTERM);
    send_signal(**running, SIGCONT);
    if (wait_gone(**running, proxy_patience)) return {};
    send_signal(**running, SIGKILL);
    if (wait_gone(**running, kill_patience)) return {};
    return Error{Exit::unreachable, "not_stopped",
                 "the proxy (pid " + std::to_string((*running)->pid) + ") is still there after SIGKILL"};
}

Result<void> Supervisor::down(std::chrono::milliseconds patience, const Tell& tell) const {
    const Result<std::vector<NodeProcess>> running = nodes();
    if (!running) return running.error();
    if (const auto stopped = stop(*running, patience); !stopped) {
        tell(stopped.error().detail + ": killing it");
        if (const auto killed = kill(*running); !killed) return killed.error();
    }
    if (const auto ended = end_proxy(); !ended) return ended.error();
    std::error_code ignored;
    std::filesystem::remove(folder_.links(), ignored);
    return {};
}

Result<void> Supervisor::resettle(Settings settings) {
    if (const auto saved = save_settings(folder_, settings); !saved) return saved;
    settings_ = std::move(settings);
    return {};
}

Result<void> Supervisor::join_links(std::string_view node) const {
    for (const LinkSettings& link : settings_.links) {
        if (link.from != node && link.to != node) continue;
        const auto done =
            ask_proxy(settings_.control_port, {{"do", "add"},
                                               {"from", link.from},
                                               {"to", link.to},
                                               {"listen_port", link.port},
                                               {"target_port", settings_.node(link.to)->peer_port}});
        if (!done) return done.error();
    }
    return {};
}

Result<void> Supervisor::drop_links(std::string_view node) const {
    Result<std::vector<Disturbance>> known = load_disturbances(folder_);
    if (!known) return known.error();
    std::erase_if(*known, [&](const Disturbance& link) { return link.from == node || link.to == node; });
    if (const auto saved = save_disturbances(folder_, *known); !saved) return saved;
    for (const LinkSettings& link : settings_.links) {
        if (link.from != node && link.to != node) continue;
        // Refused where an earlier try got so far: it is gone then.
        const auto done =
            ask_proxy(settings_.control_port, {{"do", "remove"}, {"from", link.from}, {"to", link.to}});
        if (!done && done.error().reason != "proxy_refused") return done.error();
    }
    return {};
}

Result<void> Supervisor::disturb(const std::vector<LinkOrder>& orders) const {
    Result<std::vector<Disturbance>> known = load_disturbances(folder_);
    if (!known) return known.error();
    for (const LinkOrder& order : orders) {
        if (const auto done = ask_proxy(settings_.control_port, order.to_json()); !done) return done.error();
        remember(*known, order);
        if (const auto saved = save_disturbances(folder_, *known); !saved) return saved.error();
    }
    return {};
}

Result<void> Supervisor::heal_all() const {
    if (const auto done = ask_proxy(settings_.control_port, {{"do", "heal"}}); !done) return done.error();
    return save_disturbances(folder_, {});
}

// What the nodes' folders say of the latest recovery; nothing: there was none.
std::optional<Supervisor::FoundRecovery> Supervisor::latest_recovery() const {
    std::optional<FoundRecovery> latest;
    for (const NodeSettings& node : settings_.nodes) {
        const std::string file = folder_.data(node.node) + "/" + std::string(opened_epoch_file);
        const auto entry = read_file(file, ledger::max_entry_bytes);
        if (!entry) continue;
        auto leaf = ledger::parse_recovery_entry(*entry);
        if (leaf && (!latest || latest->plan.epoch < leaf->plan.epoch))
            latest = FoundRecovery{file, std::move(leaf->plan)};
    }
    return latest;
}

std::string Supervisor::origin() const {
    const auto recovery = latest_recovery();
    return recovery ? recovery->plan.origin : settings_.origin;
}

std::optional<std::string> Supervisor::recovery_file() const {
    const auto recovery = latest_recovery();
    return recovery ? std::optional(recovery->file) : std::nullopt;
}

Result<std::size_t> Supervisor::counted_nodes() const {
    const auto all = nodes();
    if (!all) return all.error();
    const auto recovery = latest_recovery();
    return static_cast<std::size_t>(std::ranges::count_if(*all, [&](const NodeProcess& node) {
        return !recovery || !std::ranges::binary_search(recovery->plan.lost, node.node.node);
    }));
}

Result<void> Supervisor::write_cluster_file(
    const std::optional<std::map<std::string, std::string>>& keys) const {
    ClusterFile file;
    if (keys) {
        file.keys = *keys;
    } else {
        const Result<std::string> text = read_file(folder_.cluster_json(), 16 * 1024 * 1024);
        if (!text) return text.error();
        Result<ClusterFile> before = parse_cluster_file(*text, folder_.cluster_json());
        if (!before) return before.error();
        file.keys = std::move(before->keys);
    }
    file.origin = origin();
    file.policy = folder_.policy();
    if (settings_.tls) file.ca = folder_.ca();
    const Result<std::vector<NodeProcess>> processes = nodes();
    if (!processes) return processes.error();
    for (const NodeProcess& entry : *processes) {
        const NodeSettings& node = entry.node;
        file.nodes.push_back({node.agency, node.node,
                              entry.process ? std::optional(entry.process->pid) : std::nullopt,
                              endpoint(node).url(), "127.0.0.1:" + std::to_string(node.peer_port),
                              folder_.data(node.node), folder_.log(node.node)});
    }
    return write_file(folder_.cluster_json(), cluster_file_text(file), 0644);
}

void Supervisor::refresh_cluster_file() const {
    const Result<FolderLock> lock = FolderLock::take(folder_.lock(), std::chrono::milliseconds(0), [] {});
    if (!lock) return;
    if (const auto written = write_cluster_file(); !written) return;  // the next command that may will do it
}

}  // namespace socai::node::cluster
