#include "node/cluster/membership.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <chrono>
#include <filesystem>
#include <optional>
#include <thread>

#include "ledger/base64.hpp"
#include "node/cluster/anchors.hpp"
#include "node/cluster/genesis_maker.hpp"
#include "node/cluster/leader.hpp"
#include "node/cluster/log_tail.hpp"
#include "node/cluster/policy_change.hpp"
#include "node/cluster/probe.hpp"
#include "node/config.hpp"
#include "node/recover/opening.hpp"

namespace socai::node::cluster {

namespace json = boost::json;

namespace {

using namespace std::chrono_literals;

constexpr auto pause = 100ms;
constexpr auto stop_patience = 10s;
constexpr auto probe_patience = 1s;
constexpr std::size_t log_lines_shown = 15;

Error interrupted() {
    return {Exit::no, "interrupted", "stopped by a signal; give the same command again to go on"};
}

std::string text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// The leader's word about one node: "voter", "learner", "removed", or nothing when it knows of none.
struct Standing {
    std::string role;
    bool may_switch_off = false;
};
struct Membership {
    std::map<std::string, Standing> nodes;
    std::vector<std::string> voters;
    bool committed = false;
};

Result<Membership> membership(const Supervisor& supervisor, const Surroundings& around) {
    const auto answer = ask_leader(supervisor, "cluster.members", {}, around);
    if (!answer) return answer.error();
    Membership members;
    const json::value* nodes = answer->if_contains("nodes");
    if (nodes == nullptr || !nodes->is_array())
        return Error{Exit::unreachable, "bad_answer", "the leader's answer is not understood"};
    for (const json::value& value : nodes->get_array()) {
        const json::object& node = value.as_object();
        const json::value* may = node.if_contains("may_switch_off");
        const Standing standing{text_of(node, "role"), may != nullptr && may->is_bool() && may->get_bool()};
        if (standing.role == "voter") members.voters.push_back(text_of(node, "node"));
        members.nodes.emplace(text_of(node, "node"), standing);
    }
    const json::value* configuration = answer->if_contains("configuration");
    const json::value* committed = configuration != nullptr && configuration->is_object()
                                       ? configuration->get_object().if_contains("committed")
                                       : nullptr;
    members.committed = committed != nullptr && committed->is_bool() && committed->get_bool();
    return members;
}

std::string key_text(const ledger::PublicKey& key) {
    return ledger::base64url({reinterpret_cast<const char*>(key.data()), key.size()});
}

Result<void> store(Supervisor& supervisor, const NodeSettings& node) {
    Settings settings = supervisor.settings();
    for (NodeSettings& entry : settings.nodes)
        if (entry.node == node.node) entry = node;
    return supervisor.resettle(std::move(settings));
}

// The node to go on with, or a new one.
Result<NodeSettings> choose(Supervisor& supervisor, const std::string& agency, const std::string& name,
                            const Membership& members) {
    const Settings& settings = supervisor.settings();
    for (const NodeSettings& node : settings.nodes) {
        if (!name.empty() && node.node != name) continue;
        if (!name.empty() && node.removed)
            return Error{Exit::usage, "node_removed",
                         name + " was removed from this cluster; names are not used twice: choose another"};
        const auto standing = members.nodes.find(node.node);
        const bool votes = standing != members.nodes.end() && standing->second.role == "voter";
        if (!name.empty() && (node.joined || votes)) return node;
        const bool fits = agency.empty() || node.agency == agency;
        if (name.empty() && node.joined && !node.removed && !votes && fits) return node;
    }
    Settings wider = settings;
    const Result<NodeSettings> planned = plan_node(wider, agency, name);
    if (!planned) return planned;
    if (const auto saved = supervisor.resettle(std::move(wider)); !saved) return saved.error();
    return planned;
}

// Everything between the node and the others that must be there before it is a member.
Result<void> connect(const Supervisor& supervisor, const NodeSettings& node, const Tell& tell) {
    const Result<bool> started = supervisor.start_proxy(tell);
    if (!started) return started.error();
    if (!*started)
        if (const auto joined = supervisor.join_links(node.node); !joined) return joined;
    for (const LinkSettings& link : supervisor.settings().links)
        if (link.to == node.node)
            if (const auto told = add_peer_table(supervisor.folder(), link.from, node.node, link.port); !told)
                return told;
    return {};
}

Result<void> enlist(Supervisor& supervisor, NodeSettings& node, const Surroundings& around) {
    const Result<ledger::GenesisNode> keys = make_node_keys(supervisor.folder(), node);
    if (!keys) return keys.error();
    const auto answer = ask_leader(supervisor, "node.change_members",
                                   {{"change", "add"},
                                    {"node", node.node},
                                    {"agency", node.agency},
                                    {"host", "127.0.0.1"},
                                    {"port", node.peer_port},
                                    {"log_key", key_text(keys->log_key)},
                                    {"cosigner_key", key_text(keys->cosigner_key)},
                                    {"node_key", key_text(keys->node_key)},
                                    {"tls_key", key_text(keys->tls_key)}},
                                   around);
    if (!answer) return answer.error();
    const json::value* raft_id = answer->if_contains("raft_id");
    json::error_code error;
    node.raft_id = raft_id == nullptr ? 0 : raft_id->to_number<std::uint64_t>(error);
    if (error || node.raft_id == 0)
        return Error{Exit::unreachable, "bad_answer", "the leader's answer is not understood"};
    const Settings& settings = supervisor.settings();
    if (const auto trusted = trust_log_key(supervisor.folder(), settings.origin, keys->log_key); !trusted)
        return trusted;
    if (const auto written = write_anchors(supervisor.folder(), settings); !written) return written;
    return store(supervisor, node);
}

// A ledger that was recovered is joined in its present epoch.
Result<void> tell_epoch(const Supervisor& supervisor, const NodeSettings& node) {
    const auto recovery = supervisor.recovery_file();
    if (!recovery) return {};
    const Result<Config> config = load_config(supervisor.folder().config(node.node));
    if (!config) return config.error();
    const auto opened = recover::open_epoch(*config, {*recovery, {}});
    return opened ? Result<void>() : opened.error();
}

Result<void> run(const Supervisor& supervisor, const NodeSettings& node, const Tell& tell) {
    const Result<std::vector<NodeProcess>> found = supervisor.nodes({node.node});
    if (!found) return found.error();
    if (found->front().state != ProcessState::gone) return {};
    const Result<ProcessId> process = supervisor.start_node(node);
    if (!process) return process.error();
    tell("started " + node.node + " (pid " + std::to_string(process->pid) + ")");
    return supervisor.write_cluster_file();
}

// Until the node has everything that was committed a moment ago.
Result<void> catch_up(const Supervisor& supervisor, const NodeSettings& node, const Surroundings& around) {
    const auto begin = std::chrono::steady_clock::now();
    auto moved = begin;  // patience is for a standstill: a long ledger takes its time
    std::uint64_t seen = 0;
    std::string told;
    while (true) {
        if (around.interrupted()) return interrupted();
        const Result<std::vector<NodeProcess>> processes = supervisor.nodes({node.node});
        if (!processes) return processes.error();
        if (processes->front().state == ProcessState::gone) {
            const std::string log = supervisor.folder().log(node.node);
            around.tell(log_excerpt(log, log_lines_shown));
            return Error{Exit::unreachable, "node_ended",
                         node.node + " ended while it caught up; what it said last is in " + log};
        }
        const auto leader = find_leader(supervisor);
        std::vector<client::Endpoint> endpoints{supervisor.endpoint(node)};
        if (leader) endpoints.push_back(supervisor.endpoint(leader->node));
        const std::vector<NodeAnswer> answers = probe(endpoints, probe_patience);
        const std::uint64_t has = figure_of(answers.front(), "applied_size");
        const std::uint64_t of = leader ? figure_of(answers.back(), "committed_size") : 0;
        // The leader was asked at the same moment: what is missing is no more than a moment's work.
        if (leader && answers.front().ready && has + has / 1'000 + 100 >= of) return {};
        if (has != seen) moved = std::chrono::steady_clock::now();
        seen = has;
        if (std::chrono::steady_clock::now() - moved >= around.patience)
            return Error{Exit::unreachable, "not_caught_up",
                         node.node + " does not catch up: it has " + std::to_string(has) + " of " +
                             std::to_string(of) +
                             " leaves. It stays a learner, which harms nobody; look at its log, "
                             "then give the same command again"};
        const std::string now =
            node.node + " has " + std::to_string(has) + " of " + std::to_string(of) + " leaves";
        if (now != told && leader) around.tell(now);
        told = now;
        std::this_thread::sleep_for(pause);
    }
}

}  // namespace

Result<AddedNode> add_node(Supervisor& supervisor, const std::string& agency, const std::string& name,
                           const Surroundings& around, const AddManner& manner) {
    const Result<Membership> members = membership(supervisor, around);
    if (!members) return members.error();
    Result<NodeSettings> node = choose(supervisor, agency, name, *members);
    if (!node) return node.error();
    const auto standing = members->nodes.find(node->node);
    const bool voted = standing != members->nodes.end() && standing->second.role == "voter";
    if (!node->joined) return AddedNode{*node, true};
    if (const auto connected = connect(supervisor, *node, around.tell); !connected) return connected.error();
    if (!voted) {
        around.tell("adding " + node->node + " as a learner");
        if (const auto enlisted = enlist(supervisor, *node, around); !enlisted) return enlisted.error();
    }
    if (const auto made = make_node_config(supervisor.folder(), supervisor.settings(), *node); !made)
        return made.error();
    if (manner.prepare)
        if (const auto prepared = manner.prepare(*node); !prepared) return prepared.error();
    if (const auto told = tell_epoch(supervisor, *node); !told) return told.error();
    if (const auto running = run(supervisor, *node, around.tell); !running) return running.error();
    if (voted) {
        if (const auto agreed = renew_policy(supervisor, around); !agreed) return agreed.error();
        return AddedNode{*node, true};
    }
    if (const auto caught = catch_up(supervisor, *node, around); !caught) return caught.error();
    if (!manner.promote) {
        if (const auto written = supervisor.write_cluster_file(); !written) return written.error();
        return AddedNode{*node, false};
    }
    around.tell(node->node + " has caught up; it becomes a voter");
    const auto promoted =
        ask_leader(supervisor, "node.change_members", {{"change", "promote"}, {"node", node->node}}, around);
    if (!promoted) return promoted.error();
    if (const auto written = supervisor.write_cluster_file(); !written) return written.error();
    if (const auto agreed = renew_policy(supervisor, around); !agreed) return agreed.error();
    return AddedNode{*node, false};
}

namespace {

// Would those that vote afterwards still be able to decide?
Result<void> majority_stays(const Supervisor& supervisor, const Membership& members,
                            const std::string& leaving) {
    const Result<std::vector<NodeProcess>> processes = supervisor.nodes();
    if (!processes) return processes.error();
    std::vector<std::string> left = members.voters;
    std::erase(left, leaving);
    std::vector<client::Endpoint> endpoints;
    for (const NodeProcess& node : *processes)
        if (node.state == ProcessState::running && std::ranges::find(left, node.node.node) != left.end())
            endpoints.push_back(supervisor.endpoint(node.node));
    std::size_t alive = 0;
    for (const NodeAnswer& answer : probe(endpoints, probe_patience)) alive += answer.reached ? 1 : 0;
    if (alive > left.size() / 2) return {};
    return Error{
        Exit::no, "no_majority_left",
        "without " + leaving + " only " + std::to_string(alive) + " of the " + std::to_string(left.size()) +
            " voters left are up, no majority: the cluster would stand still. Start the others first, or "
            "add --insist"};
}

Result<void> wait_for(const Surroundings& around, const std::function<Result<bool>()>& condition,
                      const std::string& what) {
    const auto deadline = std::chrono::steady_clock::now() + around.patience;
    while (true) {
        const Result<bool> now = condition();
        if (!now) return now.error();
        if (*now) return {};
        if (around.interrupted()) return interrupted();
        if (std::chrono::steady_clock::now() >= deadline)
            return Error{Exit::unreachable, "not_ready",
                         what + " not within " + std::to_string(around.patience.count() / 1000) +
                             " s; give the same command again to go on"};
        std::this_thread::sleep_for(pause);
    }
}

// The node's process, its links and what the others' configurations say of it.
Result<void> dismiss(Supervisor& supervisor, const std::string& name, const Tell& tell) {
    const Result<std::vector<NodeProcess>> nodes = supervisor.nodes();
    if (!nodes) return nodes.error();
    std::vector<NodeProcess> leaving;
    for (const NodeProcess& node : *nodes)
        if (node.node.node == name) leaving.push_back(node);
    if (!supervisor.stop(leaving, stop_patience)) {
        tell(name + " does not end by itself: killing it");
        if (const auto killed = supervisor.kill(leaving); !killed) return killed;
    }
    if (const auto dropped = supervisor.drop_links(name); !dropped) return dropped;
    for (const LinkSettings& link : supervisor.settings().links)
        if (link.to == name && std::filesystem::exists(supervisor.folder().config(link.from)))
            if (const auto forgot = remove_peer_table(supervisor.folder(), link.from, name, link.port);
                !forgot)
                return forgot;
    Settings settings = supervisor.settings();
    retire_node(settings, name);
    if (const auto saved = supervisor.resettle(std::move(settings)); !saved) return saved;
    return supervisor.write_cluster_file();
}

}  // namespace

Result<void> remove_node(Supervisor& supervisor, const std::string& name, bool insist,
                         const Surroundings& around) {
    const NodeSettings* node = supervisor.settings().node(name);
    if (node == nullptr)
        return Error{
            Exit::usage, "unknown_node",
            "this cluster has no node `" + name + "`; its nodes are " + supervisor.settings().node_names()};
    if (node->removed) return {};
    const Result<Membership> members = membership(supervisor, around);
    if (!members) return members.error();
    const bool votes = std::ranges::find(members->voters, name) != members->voters.end();
    if (votes && !insist)
        if (const auto stays = majority_stays(supervisor, *members, name); !stays) return stays;
    if (const auto leader = find_leader(supervisor);
        leader && leader->node.node == name && members->voters.size() > 1) {
        around.tell(name + " leads; another takes over first");
        if (const auto moved = transfer(supervisor, "", around); !moved) return moved.error();
    }
    around.tell("removing " + name);
    const auto removed =
        ask_leader(supervisor, "node.change_members", {{"change", "remove"}, {"node", name}}, around);
    if (!removed) return removed.error();
    const auto free = wait_for(
        around,
        [&]() -> Result<bool> {
            const Result<Membership> now = membership(supervisor, around);
            if (!now) return now.error();
            const auto found = now->nodes.find(name);
            return now->committed && (found == now->nodes.end() || found->second.may_switch_off);
        },
        name + " may be switched off");
    if (!free) return free;
    if (const auto agreed = renew_policy(supervisor, around); !agreed) return agreed;
    around.tell(name + " may be switched off; stopping it");
    return dismiss(supervisor, name, around.tell);
}

Result<std::string> transfer(const Supervisor& supervisor, const std::string& to,
                             const Surroundings& around) {
    json::object params;
    if (!to.empty()) params["to"] = to;
    const auto answer = ask_leader(supervisor, "node.transfer", params, around);
    if (!answer) return answer.error();
    const std::string wanted = text_of(*answer, "leader");
    const auto led = wait_for(
        around,
        [&]() -> Result<bool> {
            const auto leader = find_leader(supervisor);
            return leader && leader->node.node == wanted;
        },
        wanted + " leads");
    if (!led) return led.error();
    return wanted;
}

}  // namespace socai::node::cluster
