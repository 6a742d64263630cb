// Expectations about roles, logs, state machines, reads, and what a leader keeps about its peers.
#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include "tests/scenarios/runner/verbs.hpp"

namespace socai::scenario {

using namespace consensus;

namespace {

void expect_leader(Cluster& cluster, Words words) {
    std::vector<NodeId> leaders;
    for (const NodeId id : cluster.ids()) {
        if (cluster.host(id).running() && cluster.host(id).status().role == Role::leader)
            leaders.push_back(id);
    }
    if (words[0] == "none") {
        if (!leaders.empty()) throw Failure("leading: " + text(leaders) + ", expected none");
        return;
    }
    if (words[0] == "one") {
        if (leaders.size() != 1) throw Failure("leading: " + text(leaders) + ", expected one");
        return;
    }
    // A deposed leader that has not heard yet does not count.
    const NodeId wanted = parse_node(cluster, words[0]);
    const Host* newest = cluster.leader();
    if (newest == nullptr || newest->id() != wanted) {
        throw Failure("node " + words[0] + " does not lead in the newest term");
    }
}

void expect_role(Cluster& cluster, Words words) {
    static const std::map<std::string, Role> roles = {{"follower", Role::follower},
                                                      {"pre-candidate", Role::pre_candidate},
                                                      {"candidate", Role::candidate},
                                                      {"leader", Role::leader}};
    const bool negated = words[1].starts_with('!');
    const auto wanted = roles.find(words[1].substr(negated ? 1 : 0));
    if (wanted == roles.end()) throw SyntaxError("'" + words[1] + "' is not a role");
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        if ((running(cluster, id).status().role == wanted->second) == negated) {
            throw Failure("node " + std::to_string(id.value) + " is " + (negated ? "" : "not ") +
                          wanted->first);
        }
    }
}

// The log from the first named index to its end.
void expect_log(Cluster& cluster, Words words) {
    std::string wanted;
    for (const std::string& word : words.subspan(1)) {
        const IndexTerm entry = parse_index_term(word);
        wanted += " " + std::to_string(entry.index.value) + "(" + std::to_string(entry.term.value) + ")";
    }
    const Index first = parse_index_term(words[1]).index;
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        const Host& host = running(cluster, id);
        std::string actual;
        for (const EntryPtr& entry : host.log()) {
            if (entry->id.index >= first) actual += " " + text(entry->id);
        }
        if (actual != wanted) {
            throw Failure("log of node " + std::to_string(id.value) + " from " + std::to_string(first.value) +
                          " is" + actual + ", expected" + wanted);
        }
    }
}

// An entry, "none", or a comparison with an index.
void compare_entry(const std::string& what, NodeId id, const EntryId& actual, const std::string& wanted) {
    const auto entry = try_index_term(wanted);
    if (!entry) return compare("index of the " + what, id, actual.index.value, wanted);
    if (actual.index != entry->index || actual.term != entry->term) {
        throw Failure(what + " of node " + std::to_string(id.value) + " is " + text(actual) + ", expected " +
                      wanted);
    }
}

void expect_last(Cluster& cluster, Words words) {
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        compare_entry("last entry", id, running(cluster, id).status().last, words[1]);
    }
}

void expect_base(Cluster& cluster, Words words) {
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        compare_entry("base", id, running(cluster, id).status().base, words[1]);
    }
}

void expect_promised(Cluster& cluster, Words words) {
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        compare_entry("promised entry", id, running(cluster, id).status().promised, words[1]);
    }
}

void expect_equal_logs(Cluster& cluster, Words words) {
    const std::vector<NodeId> ids = parse_node_list(cluster, words[0]);
    for (const NodeId id : ids) {
        if (running(cluster, id).status().last != running(cluster, ids.front()).status().last) {
            throw Failure("the logs of nodes " + std::to_string(ids.front().value) + " and " +
                          std::to_string(id.value) + " differ");
        }
    }
}

// expect applied NODES [!]VALUE...
void expect_applied(Cluster& cluster, Words words) {
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        const Host& host = running(cluster, id);
        for (const std::string& word : words.subspan(1)) {
            const bool negated = word.starts_with('!');
            const std::string value = parse_payload(word.substr(negated ? 1 : 0));
            const bool found = host.applied().contains(value);
            if (found == negated) {
                throw Failure("node " + std::to_string(id.value) +
                              (negated ? " applied " : " did not apply ") + value);
            }
        }
    }
}

void expect_read(Cluster& cluster, Words words) {
    const NodeId id = parse_node(cluster, words[0]);
    const Cluster::ReadState state = cluster.read_state(id, words[1]);
    if (words[2] == "none") {
        if (state.answers > 0) throw Failure("the read was answered: " + std::to_string(state.index.value));
        return;
    }
    if (words[2] == "refused") {
        if (state.refusals == 0) throw Failure("the read was not refused");
        return;
    }
    if (state.answers == 0) throw Failure("the read was not answered");
    compare("read answer", id, state.index.value, words[2]);
}

// expect match|next|inflight|state LEADER PEER …
void expect_peer(Cluster& cluster, const std::string& what, Words words) {
    const NodeId leader = parse_node(cluster, words[0]);
    const NodeId wanted = parse_node(cluster, words[1]);
    for (const PeerStatus& peer : running(cluster, leader).status().peers) {
        if (peer.id != wanted) continue;
        if (what == "match") return compare("match", wanted, peer.match.value, words[2]);
        if (what == "next") return compare("next", wanted, peer.next.value, words[2]);
        if (what == "inflight") return compare("inflight", wanted, peer.inflight_appends, words[2]);
        if (words[2] != "probe" && words[2] != "replicate")
            throw SyntaxError("'" + words[2] + "' is neither probe nor replicate");
        if (peer.probing != (words[2] == "probe"))
            throw Failure("node " + words[1] + " is not in " + words[2]);
        return;
    }
    throw Failure("node " + words[0] + " does not lead node " + words[1]);
}

constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

constexpr std::array<Expectation, 13> expectations = {{
    {"leader", "NODE|none|one", 1, 1, expect_leader},
    {"role", "NODES [!]follower|pre-candidate|candidate|leader", 2, 2, expect_role},
    {"log", "NODES INDEX(TERM)...", 2, any_number, expect_log},
    {"last", "NODES INDEX(TERM), or NODES COMPARISON", 2, 2, expect_last},
    {"base", "NODES INDEX(TERM), or NODES COMPARISON", 2, 2, expect_base},
    {"promised", "NODES INDEX(TERM)|none, or NODES COMPARISON", 2, 2, expect_promised},
    {"equal-logs", "NODES", 1, 1, expect_equal_logs},
    {"applied", "NODES [!]VALUE...", 2, any_number, expect_applied},
    {"read", "NODE CONTEXT none|refused|COMPARISON", 3, 3, expect_read},
    {"match", "LEADER PEER COMPARISON", 3, 3, [](Cluster& c, Words w) { expect_peer(c, "match", w); }},
    {"next", "LEADER PEER COMPARISON", 3, 3, [](Cluster& c, Words w) { expect_peer(c, "next", w); }},
    {"inflight", "LEADER PEER COMPARISON", 3, 3, [](Cluster& c, Words w) { expect_peer(c, "inflight", w); }},
    {"state", "LEADER PEER probe|replicate", 3, 3, [](Cluster& c, Words w) { expect_peer(c, "state", w); }},
}};

}  // namespace

std::span<const Expectation> log_expectations() {
    return expectations;
}

}  // namespace socai::scenario
