#include "node/cluster/leader.hpp"

#include <chrono>
#include <thread>
#include <vector>

#include "node/client/rpc_client.hpp"
#include "node/cluster/probe.hpp"

namespace socai::node::cluster {

namespace {

using namespace std::chrono_literals;

constexpr auto probe_patience = 1s;
constexpr auto pause = 100ms;

client::RpcResult<boost::json::value> call(const client::Endpoint& node, std::string_view method,
                                           const boost::json::object& params) {
    client::RpcClient client({node});
    return client.call(method, params);
}

Result<boost::json::object> object_of(const client::RpcResult<boost::json::value>& answer) {
    if (!answer) return client::to_error(answer.error());
    if (answer->is_object()) return answer->get_object();
    return Error{Exit::unreachable, "bad_answer", "the node's answer is not understood"};
}

}  // namespace

std::optional<NodeProcess> find_leader(const Supervisor& supervisor) {
    const Result<std::vector<NodeProcess>> nodes = supervisor.nodes();
    if (!nodes) return std::nullopt;
    std::vector<NodeProcess> running;
    std::vector<client::Endpoint> endpoints;
    for (const NodeProcess& node : *nodes) {
        if (node.state != ProcessState::running) continue;
        running.push_back(node);
        endpoints.push_back(supervisor.endpoint(node.node));
    }
    const std::vector<NodeAnswer> answers = probe(endpoints, probe_patience);
    std::optional<NodeProcess> leader;
    std::uint64_t term = 0;
    for (std::size_t i = 0; i < running.size(); ++i) {
        if (role_of(answers[i]) != "leader" || figure_of(answers[i], "term") < term) continue;
        term = figure_of(answers[i], "term");
        leader = running[i];
    }
    return leader;
}

Result<boost::json::object> ask_leader(const Supervisor& supervisor, std::string_view method,
                                       const boost::json::object& params, const Surroundings& around) {
    const auto deadline = std::chrono::steady_clock::now() + around.patience;
    Error last{
        Exit::unreachable, "no_leader",
        "no node of the cluster leads; `socai cluster status` tells why: a majority of the voters must run"};
    for (std::string told;;) {
        if (around.interrupted()) return Error{Exit::no, "interrupted", "stopped by a signal"};
        if (const auto leader = find_leader(supervisor)) {
            const auto answer = call(supervisor.endpoint(leader->node), method, params);
            if (answer || !answer.error().retryable) return object_of(answer);
            last = client::to_error(answer.error());
        }
        if (std::chrono::steady_clock::now() >= deadline) return last;
        if (last.detail != told) around.tell("waiting: " + last.detail);
        told = last.detail;
        std::this_thread::sleep_for(pause);
    }
}

}  // namespace socai::node::cluster
