#include <algorithm>
#include <map>

#include "tests/scenarios/runner/interpreter.hpp"

namespace socai::scenario {

using namespace consensus;

namespace {

void require(Words words, std::size_t least, std::size_t most, const char* usage) {
    if (words.size() < least || words.size() > most) throw SyntaxError(std::string("usage: expect ") + usage);
}

std::string text(const EntryId& id) {
    return std::to_string(id.index.value) + "(" + std::to_string(id.term.value) + ")";
}

Host& running(Cluster& cluster, NodeId id) {
    Host& host = cluster.host(id);
    if (!host.running()) throw Failure("node " + std::to_string(id.value) + " is not running");
    return host;
}

void compare(const std::string& what, NodeId id, std::uint64_t actual, const std::string& wanted) {
    if (parse_comparison(wanted).holds(actual)) return;
    throw Failure(what + " of node " + std::to_string(id.value) + " is " + std::to_string(actual) +
                  ", expected " + wanted);
}

// expect term|commit|vote|durable|jobs|validations|refused|accused|peers-leader NODES COMPARISON
using Measure = std::uint64_t (*)(Cluster&, NodeId);
const std::map<std::string, Measure> measures = {
    {"term", [](Cluster& c, NodeId id) { return running(c, id).status().term.value; }},
    {"commit", [](Cluster& c, NodeId id) { return running(c, id).status().commit.value; }},
    {"vote", [](Cluster& c, NodeId id) { return running(c, id).status().vote.value; }},
    {"follows", [](Cluster& c, NodeId id) { return running(c, id).status().leader.value; }},
    {"durable", [](Cluster& c, NodeId id) { return running(c, id).status().durable.value; }},
    {"jobs", [](Cluster& c, NodeId id) -> std::uint64_t { return running(c, id).jobs(); }},
    {"validations", [](Cluster& c, NodeId id) -> std::uint64_t { return running(c, id).validations(); }},
    {"refused", [](Cluster& c, NodeId id) -> std::uint64_t { return c.count_refused(id); }},
    {"accused", [](Cluster& c, NodeId id) -> std::uint64_t { return c.count_accused(id); }},
    {"disk-term", [](Cluster& c, NodeId id) { return c.host(id).disk().hard.term.value; }},
    {"disk-vote", [](Cluster& c, NodeId id) { return c.host(id).disk().hard.vote.value; }},
};

void expect_leader(Cluster& cluster, Words words) {
    require(words, 1, 1, "leader NODE|none|one");
    std::vector<Status> leaders;
    for (const NodeId id : cluster.ids()) {
        if (cluster.host(id).running() && cluster.host(id).status().role == Role::leader) {
            leaders.push_back(cluster.host(id).status());
        }
    }
    if (words[0] == "none") {
        if (!leaders.empty()) throw Failure("node " + std::to_string(leaders[0].self.value) + " leads");
        return;
    }
    if (words[0] == "one") {
        if (leaders.size() != 1) throw Failure(std::to_string(leaders.size()) + " nodes lead");
        return;
    }
    // A deposed leader that has not heard yet does not count.
    const auto newest = std::max_element(leaders.begin(), leaders.end(),
                                         [](const Status& a, const Status& b) { return a.term < b.term; });
    const NodeId wanted{parse_number(words[0])};
    cluster.host(wanted);
    if (newest == leaders.end() || newest->self != wanted) {
        throw Failure("node " + words[0] + " does not lead in the newest term");
    }
}

void expect_role(Cluster& cluster, Words words) {
    require(words, 2, 2, "role NODES [!]follower|pre-candidate|candidate|leader");
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
    require(words, 2, 1'000, "log NODES INDEX(TERM)...");
    const IndexTerm first = parse_index_term(words[1]);
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        const Host& host = running(cluster, id);
        std::string actual;
        for (const EntryPtr& entry : host.log()) {
            if (entry->id.index >= first.index) actual += " " + text(entry->id);
        }
        std::string wanted;
        for (const std::string& word : words.subspan(1)) {
            const IndexTerm entry = parse_index_term(word);
            wanted += " " + std::to_string(entry.index.value) + "(" + std::to_string(entry.term.value) + ")";
        }
        if (actual != wanted) {
            throw Failure("log of node " + std::to_string(id.value) + " from " +
                          std::to_string(first.index.value) + " is" + actual + ", expected" + wanted);
        }
    }
}

void expect_last(Cluster& cluster, Words words) {
    require(words, 2, 2, "last NODES INDEX(TERM) or a comparison with an index");
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        const EntryId last = running(cluster, id).status().last;
        if (const auto wanted = try_index_term(words[1])) {
            if (last.index != wanted->index || last.term != wanted->term) {
                throw Failure("last entry of node " + std::to_string(id.value) + " is " + text(last) +
                              ", expected " + words[1]);
            }
        } else {
            compare("last index", id, last.index.value, words[1]);
        }
    }
}

void expect_equal_logs(Cluster& cluster, Words words) {
    require(words, 1, 1, "equal-logs NODES");
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
    require(words, 2, 1'000, "applied NODES [!]VALUE...");
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        const Host& host = running(cluster, id);
        for (const std::string& word : words.subspan(1)) {
            const bool negated = word.starts_with('!');
            const std::string value = word.substr(negated ? 1 : 0);
            const bool found = host.applied().contains(value);
            if (found == negated) {
                throw Failure("node " + std::to_string(id.value) +
                              (negated ? " applied " : " did not apply ") + value);
            }
        }
    }
}

void expect_read(Cluster& cluster, Words words) {
    require(words, 3, 3, "read NODE CONTEXT none|refused|COMPARISON");
    const NodeId id{parse_number(words[0])};
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

// expect sent|under-way FILTER... COMPARISON
void expect_count(Cluster& cluster, const std::string& what, Words words) {
    if (words.empty()) throw SyntaxError("usage: expect sent|under-way FILTER... COMPARISON");
    const Comparison wanted = parse_comparison(words.back());
    const Filter filter = Filter::parse(words.subspan(0, words.size() - 1));
    const std::size_t count =
        what == "sent" ? cluster.network().count_sent(filter) : cluster.network().count_under_way(filter);
    if (!wanted.holds(count)) {
        throw Failure(std::to_string(count) + " such messages " +
                      (what == "sent" ? "were sent" : "are under way") + ", expected " + words.back());
    }
}

// expect match|next|inflight|state LEADER PEER …
void expect_peer(Cluster& cluster, const std::string& what, Words words) {
    require(words, 3, 3, "match|next|inflight|state LEADER PEER VALUE");
    const NodeId leader{parse_number(words[0])};
    const NodeId wanted{parse_number(words[1])};
    for (const PeerStatus& peer : running(cluster, leader).status().peers) {
        if (peer.id != wanted) continue;
        if (what == "match") return compare("match", wanted, peer.match.value, words[2]);
        if (what == "next") return compare("next", wanted, peer.next.value, words[2]);
        if (what == "inflight") return compare("inflight", wanted, peer.inflight_appends, words[2]);
        if (words[2] != "probe" && words[2] != "replicate") throw SyntaxError("state is probe or replicate");
        if (peer.probing != (words[2] == "probe"))
            throw Failure("node " + words[1] + " is not in " + words[2]);
        return;
    }
    throw Failure("node " + words[0] + " does not lead node " + words[1]);
}

}  // namespace

void expect(Cluster& cluster, Words words) {
    if (words.empty()) throw SyntaxError("expect: what?");
    const std::string& what = words.front();
    const Words rest = words.subspan(1);
    if (const auto measure = measures.find(what); measure != measures.end()) {
        if (rest.size() != 2) throw SyntaxError("usage: expect " + what + " NODES COMPARISON");
        for (const NodeId id : parse_node_list(cluster, rest[0])) {
            compare(what, id, measure->second(cluster, id), rest[1]);
        }
        return;
    }
    if (what == "leader") return expect_leader(cluster, rest);
    if (what == "role") return expect_role(cluster, rest);
    if (what == "log") return expect_log(cluster, rest);
    if (what == "last") return expect_last(cluster, rest);
    if (what == "equal-logs") return expect_equal_logs(cluster, rest);
    if (what == "applied") return expect_applied(cluster, rest);
    if (what == "read") return expect_read(cluster, rest);
    if (what == "sent" || what == "under-way") return expect_count(cluster, what, rest);
    if (what == "match" || what == "next" || what == "inflight" || what == "state") {
        return expect_peer(cluster, what, rest);
    }
    throw SyntaxError("expect: unknown '" + what + "'");
}

}  // namespace socai::scenario
