// Time, elections, clients, membership, leadership.
#include <algorithm>
#include <array>
#include <limits>

#include "tests/scenarios/runner/verbs.hpp"

namespace socai::scenario {

using namespace consensus;

namespace {

constexpr std::size_t elect_attempts = 5;
constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

void campaign(Cluster& cluster, Words words) {
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        cluster.at(id, [](Host& host) { host.step(Campaign{}); });
    }
}

bool leads_an_old_term(Cluster& cluster, NodeId id) {
    if (!cluster.host(id).running() || cluster.host(id).status().role != Role::leader) return false;
    const std::vector<NodeId> all = cluster.ids();
    return std::any_of(all.begin(), all.end(), [&](NodeId other) {
        const Host& host = cluster.host(other);
        return host.running() && host.status().term > cluster.host(id).status().term;
    });
}

void elect(Cluster& cluster, Words words) {
    const NodeId id = parse_node(cluster, words[0]);
    for (std::size_t i = 0; i < elect_attempts; ++i) {
        if (leads_an_old_term(cluster, id)) {
            cluster.tick(id);  // its heartbeats find that out
        } else {
            cluster.at(id, [](Host& host) { host.step(Campaign{}); });
        }
        cluster.deliver({}, false);
        if (cluster.leader() != nullptr && cluster.leader()->id() == id) return;
    }
    throw Failure("node " + words[0] + " does not win an election");
}

void tick(Cluster& cluster, Words words) {
    const std::uint64_t times = words.size() == 2 ? parse_number(words[1]) : 1;
    const std::vector<NodeId> ids = parse_node_list(cluster, words[0]);
    for (std::uint64_t i = 0; i < times; ++i) {
        for (const NodeId id : ids) {
            if (cluster.host(id).running()) cluster.tick(id);
        }
    }
}

void run_rounds(Cluster& cluster, Words words) {
    for (std::uint64_t i = words.empty() ? 1 : parse_number(words[0]); i > 0; --i) {
        for (const NodeId id : cluster.ids()) {
            if (cluster.host(id).running()) cluster.tick(id);
        }
        cluster.deliver({}, false);
    }
}

void propose(Cluster& cluster, Words words) {
    const NodeId id = parse_node(cluster, words[0]);
    for (const std::string& word : words.subspan(1)) {
        const std::size_t star = word.find('*');
        if (star != std::string::npos) {
            for (std::uint64_t i = 1; i <= parse_number(word.substr(star + 1)); ++i) {
                cluster.at(id, [&](Host& host) { host.propose({word.substr(0, star) + std::to_string(i)}); });
            }
            continue;
        }
        std::vector<std::string> batch;
        for (const std::string& part : split(word, ',')) batch.push_back(parse_payload(part));
        cluster.at(id, [&](Host& host) { host.propose(batch); });
    }
}

void read(Cluster& cluster, Words words) {
    cluster.read(parse_node(cluster, words[0]), words[1]);
}

void unreachable(Cluster& cluster, Words words) {
    const NodeId peer = parse_node(cluster, words[1]);
    cluster.at(parse_node(cluster, words[0]), [&](Host& host) { host.step(Unreachable{peer}); });
}

void change(Cluster& cluster, Words words) {
    ChangeMembership wanted;
    bool voters_named = false;
    for (const std::string& word : words.subspan(1)) {
        if (const auto voters = value_of(word, "voters")) {
            wanted.voters = sorted_nodes(*voters, cluster.ids().size());
            voters_named = true;
        } else if (const auto learners = value_of(word, "learners")) {
            wanted.learners = sorted_nodes(*learners, cluster.ids().size());
        } else if (word == "joint") {
            wanted.joint = true;
        } else if (const auto note = value_of(word, "note")) {
            wanted.note = *note;
        } else {
            throw SyntaxError("'" + word + "' does not belong");
        }
    }
    if (!voters_named) throw SyntaxError("voters= is missing");
    cluster.at(parse_node(cluster, words[0]), [&](Host& host) { host.step(wanted); });
}

void leave(Cluster& cluster, Words words) {
    cluster.at(parse_node(cluster, words[0]), [](Host& host) { host.step(LeaveJoint{}); });
}

void transfer(Cluster& cluster, Words words) {
    const NodeId id = parse_node(cluster, words[0]);
    const bool best = words[1] == "best" || words[1] == "0";
    const NodeId to = best ? NodeId{} : parse_node(cluster, words[1]);
    cluster.forget_transfer(id);
    cluster.at(id, [&](Host& host) { host.step(Transfer{to}); });
}

void fitness(Cluster& cluster, Words words) {
    for (const NodeId id : parse_node_list(cluster, words[0])) {
        cluster.at(id, [&](Host& host) {
            Fitness fitness = host.fitness();
            for (const std::string& word : words.subspan(1)) {
                if (const auto lead = value_of(word, "lead")) {
                    fitness.may_lead = parse_switch(*lead);
                } else if (const auto append = value_of(word, "append")) {
                    fitness.may_append = parse_switch(*append);
                } else {
                    throw SyntaxError("'" + word + "' does not belong");
                }
            }
            host.set_fitness(fitness);
        });
    }
}

constexpr std::array<Verb, 11> verbs = {{
    {"campaign", "NODES", 1, 1, campaign},
    {"elect", "NODE", 1, 1, elect},
    {"tick", "NODES [TIMES]", 1, 2, tick},
    {"run", "[ROUNDS]", 0, 1, run_rounds},
    {"propose", "NODE VALUE...", 2, any_number, propose},
    {"read", "NODE CONTEXT", 2, 2, read},
    {"unreachable", "NODE PEER", 2, 2, unreachable},
    {"change", "NODE voters=LIST [learners=LIST] [joint] [note=WORD]", 2, 5, change},
    {"leave", "NODE", 1, 1, leave},
    {"transfer", "NODE PEER|best", 2, 2, transfer},
    {"fitness", "NODES [lead=on|off] [append=on|off]", 2, 3, fitness},
}};

}  // namespace

std::span<const Verb> event_verbs() {
    return verbs;
}

}  // namespace socai::scenario
