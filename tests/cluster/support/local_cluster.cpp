#include "local_cluster.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <stdexcept>

#include "node/client/key_ring.hpp"
#include "node/cluster/cluster_file.hpp"
#include "node/cluster/probe.hpp"
#include "node/cluster/process.hpp"
#include "node/key_file.hpp"

namespace socai::cluster_tests {
namespace {

// A node that is paused costs this much in every question to all.
constexpr milliseconds probe_patience{1'500};
constexpr std::size_t shown_log_lines = 25;

Names joined(Names first, const Names& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

NodeView view_of(const node::cluster::NodeAnswer& answer) {
    NodeView view;
    view.reached = answer.reached && answer.status.has_value();
    view.ready = answer.ready;
    view.why = answer.why;
    if (!view.reached) return view;
    view.role = node::cluster::role_of(answer);
    view.term = node::cluster::figure_of(answer, "term");
    view.applied_size = node::cluster::figure_of(answer, "applied_size");
    view.final_size = node::cluster::figure_of(answer, "final_size");
    if (const auto* root = answer.status->if_contains("root"); root != nullptr && root->is_string())
        view.root = std::string(root->get_string());
    view.lacks_something = answer.status->at("recovery").at("recovering").as_bool();
    for (const auto& reason : answer.status->at("unfit").as_array())
        view.unfit.emplace_back(reason.as_string());
    return view;
}

}  // namespace

bool NodeView::is_unfit(const std::string& reason) const {
    return std::find(unfit.begin(), unfit.end(), reason) != unfit.end();
}

std::string program() {
    return SOCAI_PROGRAM;
}

LocalCluster::LocalCluster(const Names& agencies, const Names& options, std::string by)
    : program_(by.empty() ? program() : std::move(by)), dir_(folder_ / "cluster") {
    std::string list;
    for (const std::string& agency : agencies) list += (list.empty() ? "" : ",") + agency;
    Names words{"--agencies", list, "--timeout", "60"};
    words.insert(words.end(), options.begin(), options.end());
    const ProgramResult up = verb("up", words);
    if (up.exit_status != 0) {
        const std::string said = up.output;
        end_leftovers();
        throw std::runtime_error("cluster up: exit status " + std::to_string(up.exit_status) + "\n" + said);
    }
    read_cluster_file();
}

LocalCluster::~LocalCluster() {
    if (::testing::Test::HasFailure()) {
        std::cerr << describe();
        for (const std::string& name : names_)
            std::cerr << "--- the end of the log of " << name << "\n"
                      << last_lines(log(name), shown_log_lines);
    }
    const bool keep = std::getenv("SOCAI_TEST_KEEP") != nullptr;
    try {
        verb("down", keep ? Names{} : Names{"--purge"});
    } catch (const std::exception& error) {
        std::cerr << "cluster down: " << error.what() << "\n";
    }
    end_leftovers();
    if (!keep) return;
    folder_.keep();
    std::cerr << "the cluster's folder stays in " << dir_ << "\n";
}

// Whatever `down` left running, by the numbers that the cluster's folder holds.
void LocalCluster::end_leftovers() const {
    std::error_code missing;
    for (const auto& file : std::filesystem::directory_iterator(dir_ + "/run", missing)) {
        if (file.path().filename() == "links.json") continue;
        const auto process = node::cluster::recall_process(file.path().string());
        if (process && *process) node::cluster::send_signal(**process, SIGKILL);
    }
}

void LocalCluster::read_cluster_file() {
    const std::string path = dir_ + "/cluster.json";
    const auto file = node::cluster::parse_cluster_file(read_text(path), path);
    if (!file) throw std::runtime_error(file.error().detail);
    if (origin_.empty()) origin_ = file->origin;
    policy_ = file->policy;
    names_.clear();
    endpoints_.clear();
    std::shared_ptr<const node::client::Trust> trust;
    if (file->ca) trust = node::client::Trust::make(*file->ca, {}).value();
    for (const auto& node : file->nodes) {
        names_.push_back(node.node);
        endpoints_.emplace(node.node, node::client::parse_endpoint(node.api, trust).value());
    }
    // Keys and origin stay as they are, and are read by writers meanwhile.
    if (!keys_.empty()) return;
    for (const auto& [kid, key_path] : file->keys)
        if (node::client::is_named_for_records(kid))
            keys_.emplace(node::client::agency_of(kid), node::read_key_file(key_path).value());
}

Names LocalCluster::others(const Names& than) const {
    Names rest;
    std::copy_if(names_.begin(), names_.end(), std::back_inserter(rest), [&](const std::string& name) {
        return std::find(than.begin(), than.end(), name) == than.end();
    });
    return rest;
}

const ledger::Jwk& LocalCluster::key(const std::string& agency) const {
    return keys_.at(agency);
}

Endpoint LocalCluster::endpoint(const std::string& node) const {
    return endpoints_.at(node);
}

std::uint64_t LocalCluster::logged_bytes(const std::string& node) const {
    return std::filesystem::file_size(log(node));
}

std::string LocalCluster::logged_since(const std::string& node, std::uint64_t already) const {
    return read_text(log(node)).substr(already);
}

bool LocalCluster::signal(const std::string& node, int signal) const {
    const auto process = node::cluster::recall_process(dir_ + "/run/" + node + ".json");
    return process && *process && node::cluster::send_signal(**process, signal);
}

bool LocalCluster::is_running(const std::string& node) const {
    const auto process = node::cluster::recall_process(dir_ + "/run/" + node + ".json");
    return process && *process && node::cluster::state_of(**process) != node::cluster::ProcessState::gone;
}

bool LocalCluster::await_gone(const std::string& node) const {
    const auto process = node::cluster::recall_process(dir_ + "/run/" + node + ".json");
    return process && (!*process || node::cluster::wait_gone(**process, patience));
}

std::vector<Endpoint> LocalCluster::endpoints_from(const std::string& first) const {
    std::vector<Endpoint> endpoints = {endpoint(first)};
    for (const std::string& name : others({first})) endpoints.push_back(endpoint(name));
    return endpoints;
}

ProgramResult LocalCluster::verb(const std::string& verb, const Names& words) const {
    return run_program(joined({program_, "cluster", verb, "--dir", dir_}, words), 2 * patience);
}

void LocalCluster::must(const std::string& name, const Names& words) const {
    const ProgramResult result = verb(name, words);
    EXPECT_EQ(result.exit_status, 0) << "socai cluster " << name << "\n" << result.output;
}

std::map<std::string, NodeView> LocalCluster::views() const {
    std::vector<Endpoint> endpoints;
    for (const std::string& name : names_) endpoints.push_back(endpoints_.at(name));
    const auto answers = node::cluster::probe(endpoints, probe_patience);
    std::map<std::string, NodeView> views;
    for (std::size_t i = 0; i < names_.size(); ++i) views.emplace(names_[i], view_of(answers[i]));
    return views;
}

NodeView LocalCluster::view(const std::string& node) const {
    return view_of(node::cluster::probe({endpoints_.at(node)}, probe_patience).front());
}

boost::json::object LocalCluster::status(const std::string& node) const {
    const auto answer = node::cluster::probe({endpoints_.at(node)}, probe_patience).front();
    return answer.reached && answer.status ? *answer.status : boost::json::object();
}

std::optional<std::string> LocalCluster::leader() const {
    std::optional<std::string> leader;
    std::uint64_t term = 0;
    for (const auto& [name, view] : views()) {
        if (!view.reached || view.role != "leader" || view.term < term) continue;
        term = view.term;
        leader = name;
    }
    return leader;
}

std::string LocalCluster::await_leader() const {
    std::optional<std::string> found;
    if (!wait_until([&] { return (found = leader()).has_value(); }))
        throw std::runtime_error("no node leads\n" + describe());
    return *found;
}

bool LocalCluster::await_ready(const Names& nodes) const {
    const Names& asked = nodes.empty() ? names_ : nodes;
    return wait_until([&] {
        const auto now = views();
        return std::all_of(asked.begin(), asked.end(), [&](const auto& name) { return now.at(name).ready; });
    });
}

bool LocalCluster::await_not_ready(const Names& nodes, milliseconds deadline) const {
    return wait_until(
        [&] {
            const auto now = views();
            return std::none_of(nodes.begin(), nodes.end(),
                                [&](const auto& name) { return now.at(name).ready; });
        },
        deadline);
}

bool LocalCluster::await_whole(const std::string& node) const {
    std::uint64_t size = 0;
    for (const auto& [name, view] : views()) size = std::max(size, view.applied_size);
    return wait_until([&] {
        const NodeView now = view(node);
        return now.ready && !now.lacks_something && now.applied_size >= size;
    });
}

std::optional<int> LocalCluster::await_reviving(const std::string& node,
                                                const std::function<bool()>& condition) const {
    int starts = 0;
    const bool held = wait_until([&] {
        if (!is_running(node)) {
            ++starts;
            must("start", {node, "--no-wait"});
        }
        return condition();
    });
    return held ? std::optional(starts) : std::nullopt;
}

bool LocalCluster::await_agreement() const {
    return wait_until([&] {
        const auto now = views();
        const NodeView& first = now.begin()->second;
        return std::all_of(now.begin(), now.end(), [&](const auto& item) {
            const NodeView& view = item.second;
            return view.ready && view.applied_size == first.applied_size && view.root == first.root &&
                   view.final_size == view.applied_size;
        });
    });
}

std::string LocalCluster::describe() const {
    std::string text;
    if (names_.empty()) return text;
    for (const auto& [name, view] : views()) {
        text += name + ": ";
        text += view.reached ? view.role + " of term " + std::to_string(view.term) + ", " +
                                   std::to_string(view.applied_size) + " leaves, " +
                                   std::to_string(view.final_size) + " final, root " + view.root
                             : "not reached";
        text += view.ready ? ", ready\n" : ", not ready (" + view.why + ")\n";
    }
    return text;
}

}  // namespace socai::cluster_tests
