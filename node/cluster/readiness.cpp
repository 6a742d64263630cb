#include "node/cluster/readiness.hpp"

#include <algorithm>
#include <cassert>
#include <thread>

#include "node/cluster/log_tail.hpp"
#include "node/cluster/probe.hpp"

namespace socai::node::cluster {

namespace {

using namespace std::chrono_literals;

constexpr auto probe_patience = 1s;
constexpr auto probe_interval = 50ms;
constexpr auto usual_wait = 3s;
constexpr std::size_t log_lines_shown = 15;

struct Look {
    std::size_t ready = 0;
    std::size_t reached = 0;
    bool led = false;
    std::string missing;  // "most-1: no leader yet; …"
};

Look look_at(const Supervisor& supervisor, const std::vector<NodeProcess>& nodes) {
    std::vector<client::Endpoint> endpoints;
    for (const NodeProcess& node : nodes) endpoints.push_back(supervisor.endpoint(node.node));
    const std::vector<NodeAnswer> answers = probe(endpoints, probe_patience);
    Look look;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const NodeAnswer& answer = answers[i];
        look.led |= role_of(answer) == "leader";
        look.reached += answer.reached ? 1 : 0;
        look.ready += answer.ready ? 1 : 0;
        if (!answer.ready)
            look.missing += (look.missing.empty() ? "" : "; ") + nodes[i].node.node + ": " + answer.why;
    }
    return look;
}

Result<void> all_alive(const Supervisor& supervisor, const std::vector<NodeProcess>& nodes,
                       const Tell& tell) {
    for (const NodeProcess& node : nodes) {
        if (state_of(*node.process) != ProcessState::gone) continue;
        const std::string log = supervisor.folder().log(node.node.node);
        tell(log_excerpt(log, log_lines_shown));
        return Error{Exit::unreachable, "node_ended",
                     node.node.node + " ended while it started; what it said last is in " + log};
    }
    return {};
}

std::string links_hint(const Supervisor& supervisor) {
    const auto disturbed = load_disturbances(supervisor.folder());
    if (!disturbed || disturbed->empty()) return {};
    return "; " + std::to_string(disturbed->size()) +
           " links are cut or slow: `socai cluster heal` mends them";
}

}  // namespace

Result<void> await_ready(const Supervisor& supervisor, const std::vector<NodeProcess>& nodes,
                         const Surroundings& around) {
    assert(around.tell && around.interrupted);
    const auto awake = [](const std::vector<NodeProcess>& all) {
        std::vector<NodeProcess> some;
        std::copy_if(all.begin(), all.end(), std::back_inserter(some),
                     [](const NodeProcess& node) { return node.state == ProcessState::running; });
        return some;
    };
    const std::vector<NodeProcess> waited = awake(nodes);
    const Result<std::vector<NodeProcess>> everyone = supervisor.nodes();
    if (!everyone) return everyone.error();
    const auto counted = supervisor.counted_nodes();
    if (!counted) return counted.error();
    const std::size_t total = *counted;
    const std::vector<NodeProcess> running = awake(*everyone);
    const bool majority = running.size() > total / 2;
    if (!majority)
        around.tell(std::to_string(running.size()) + " of " + std::to_string(total) +
                    " nodes run, no majority: none can lead until " + std::to_string(total / 2 + 1) + " do");

    const auto begin = std::chrono::steady_clock::now();
    const auto deadline = begin + around.patience;
    for (std::string told;;) {
        if (around.interrupted())
            return Error{Exit::no, "interrupted", "stopped by a signal before the cluster was ready"};
        const Look look = look_at(supervisor, waited);
        if (!majority && look.reached == waited.size()) return {};
        // The leader may be a node that nobody waits for: readiness of a follower says that it knows one.
        if (look.ready == waited.size() && (look.led || waited.size() < total)) return {};
        if (const auto alive = all_alive(supervisor, waited, around.tell); !alive) return alive;
        if (std::chrono::steady_clock::now() >= deadline)
            return Error{Exit::unreachable, "not_ready",
                         "not ready after " + std::to_string(around.patience.count() / 1000) +
                             " s: " + look.missing + links_hint(supervisor)};
        std::string now =
            std::to_string(look.ready) + " of " + std::to_string(waited.size()) + " nodes ready";
        // Elections take a moment; only a wait that is longer than usual wants reasons.
        if (!look.missing.empty() && std::chrono::steady_clock::now() - begin > usual_wait)
            now += " (" + look.missing + ")";
        if (now != told) around.tell(now);
        told = std::move(now);
        std::this_thread::sleep_for(probe_interval);
    }
}

}  // namespace socai::node::cluster
